package profile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
)

// judged is what a profile says to a template, as "kind fact line: text".
func judged(t *testing.T, name, text string) (reports.ProfileVerdict, []string) {
	t.Helper()
	p, err := profiles.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := dc.Parse("t.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	j := Judge(tmpl, p)
	if j.Profile != name {
		t.Errorf("the judgement is by %q", j.Profile)
	}
	var lines []string
	for _, r := range j.Reasons {
		if r.Line < 1 {
			t.Errorf("%s stands nowhere", r.Text)
		}
		lines = append(lines, string(r.Kind)+" "+r.Fact+": "+r.Text)
	}
	return j.Verdict, lines
}

// with is a template with members and records.
func with(members, records string) string {
	return `{"providerId":"a.example","providerName":"A","serviceId":"s","serviceName":"S","version":1,` + members + `"records":[` + records + `]}`
}

const (
	signed = `"syncPubKeyDomain":"a.example",`
	mx     = `{"type":"MX","host":"@","pointsTo":"mx.a.example","priority":10,"ttl":300}`
	txt    = `{"type":"TXT","host":"@","data":"a=1","ttl":300}`
)

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		profile, template string
		verdict           reports.ProfileVerdict
		reasons           []string
	}{
		"mail at Cloudflare, MX by the edition": {"cloudflare", with(signed, mx+","+txt), reports.ProfileAccepted,
			[]string{"hint links.sigLast: put sig at the end of every apply link, behind key"}},
		"unsigned at Cloudflare": {"cloudflare", with("", mx), reports.ProfileRefused,
			[]string{"refuses onboarding.signedOnly: the template has no syncPubKeyDomain: Cloudflare onboards only templates with syncPubKeyDomain"}},
		"unsigned at Plesk": {"plesk", with("", mx), reports.ProfileAccepted, nil},
		"unsigned at GoDaddy": {"godaddy", with("", ""), reports.ProfileUnknown,
			[]string{"unknown links.signedAlways: the template has no syncPubKeyDomain: no source says whether GoDaddy wants every apply link signed"}},
		"syncBlock at Cloudflare": {"cloudflare", with(signed+`"syncBlock":true,`, ""), reports.ProfileRefused,
			[]string{"refuses onboarding.syncBlockAbsent: syncBlock is true: Cloudflare wants syncBlock false or absent",
				"hint links.sigLast: put sig at the end of every apply link, behind key"}},
		"syncBlock at Vercel": {"vercel", with(signed+`"syncBlock":true,"syncRedirectDomain":"a.example",`, ""), reports.ProfileRefused,
			[]string{"refuses flows.async: syncBlock is true: Vercel does not have the asynchronous flow"}},
		"syncBlock at IONOS": {"ionos", with(signed+`"syncBlock":true,`, ""), reports.ProfileAccepted,
			[]string{"hint flows.revert: do not count on taking the template back: no source says that IONOS can"}},
		"syncBlock at NameSilo": {"namesilo", with(signed+`"syncBlock":true,`, ""), reports.ProfileRefused,
			[]string{"refuses flows.async: syncBlock is true: NameSilo does not have the asynchronous flow"}},
		"syncBlock where nobody tells": {"ietf-05", with(signed+`"syncBlock":true,`, ""), reports.ProfileUnknown,
			[]string{"unknown flows.async: syncBlock is true: no source says whether Plain ietf-05 has the asynchronous flow"}},
		"syncBlock at Plesk": {"plesk", with(signed+`"syncBlock":true,`, mx), reports.ProfileIgnores,
			[]string{"ignores members.syncBlock: syncBlock is true: Plesk does not take syncBlock into account"}},
		"a type that is refused": {"plesk", with(signed, mx+`,{"type":"CAA","host":"@","data":"0 issue \"a.example\"","ttl":300},{"type":"TYPE52","host":"x","data":"\\# 0","ttl":300}`), reports.ProfileRefused,
			[]string{"refuses types.CAA: CAA in record 2: Plesk does not write CAA", "refuses types.generic: TLSA in record 3: Plesk does not write other types"}},
		"a type that nobody tells of": {"cloudflare", with(signed, `{"type":"NS","host":"x","pointsTo":"ns1.a.example","ttl":300},{"type":"NS","host":"x","pointsTo":"ns2.a.example","ttl":300}`), reports.ProfileUnknown,
			[]string{"unknown types.NS: NS in records 1, 2: no source says whether Cloudflare writes NS",
				"hint links.sigLast: put sig at the end of every apply link, behind key"}},
		"APEXCNAME": {"cloudflare", with(signed, `{"type":"APEXCNAME","pointsTo":"w.a.example","ttl":300}`), reports.ProfileRefused,
			[]string{"refuses types.APEXCNAME: APEXCNAME in record 1: Cloudflare does not write APEXCNAME",
				"hint links.sigLast: put sig at the end of every apply link, behind key"}},
		"what Cloudflare ignores": {"cloudflare", with(signed+`"syncRedirectDomain":"a.example","hostRequired":true,"multiInstance":true,"shared":true,"sharedProviderName":true,"sharedServiceName":true,"warnPhishing":true,`,
			`{"type":"TXT","host":"@","data":"a=1","ttl":0,"essential":"OnApply","txtConflictMatchingMode":"Prefix","txtConflictMatchingPrefix":"a="}`), reports.ProfileIgnores,
			[]string{
				"ignores members.syncRedirectDomain: syncRedirectDomain is given: Cloudflare does not take syncRedirectDomain into account",
				"ignores members.hostRequired: hostRequired is set: Cloudflare does not take hostRequired into account",
				"ignores members.multiInstance: multiInstance is set: Cloudflare does not take multiInstance into account",
				"ignores members.shared: shared is set: Cloudflare does not take shared into account",
				"ignores members.sharedProviderName: sharedProviderName is set: Cloudflare does not take sharedProviderName into account",
				"ignores members.sharedServiceName: sharedServiceName is set: Cloudflare does not take sharedServiceName into account",
				"ignores members.warnPhishing: warnPhishing is set: Cloudflare does not take warnPhishing into account",
				"ignores fields.essential: essential in record 1: Cloudflare does not take essential into account",
				"ignores fields.txtConflictMatchingMode: txtConflictMatchingMode in record 1: Cloudflare does not take txtConflictMatchingMode into account",
				"ignores fields.txtConflictMatchingPrefix: txtConflictMatchingPrefix in record 1: Cloudflare does not take txtConflictMatchingPrefix into account",
				"ignores fields.zeroTTL: a ttl of 0 in record 1: Cloudflare does not write a TTL of 0",
				"hint links.sigLast: put sig at the end of every apply link, behind key",
				"hint links.stateReturned: state does not come back: put what tells requests apart into redirect_uri itself",
			}},
		"mode None says nothing": {"plesk", with(signed, `{"type":"TXT","host":"@","data":"a=1","ttl":300,"txtConflictMatchingMode":"None"}`), reports.ProfileAccepted, nil},
		"edge and apex": {"cloudflare", with(signed, `{"type":"CNAME","host":"@","pointsTo":"w.a.example","ttl":300},{"type":"A","host":"x","pointsTo":"192.0.2.1","ttl":300}`), reports.ProfileAccepted,
			[]string{"hint links.sigLast: put sig at the end of every apply link, behind key",
				"hint zone.proxied: records 1, 2 may be answered with addresses of the provider's edge: a verification that looks for the address or the alias itself fails",
				"hint zone.apexCNAMEFlattened: record 1 at the apex is flattened: resolvers see addresses, and a verification that looks for the CNAME fails"}},
		"no redirect domain at Vercel": {"vercel", with(signed, mx), reports.ProfileRefused,
			[]string{"refuses links.redirectRequired: the template has no syncRedirectDomain: Vercel wants a redirect_uri in every link, and holds redirect_uri against syncRedirectDomain"}},
		"a redirect domain at Vercel": {"vercel", with(signed+`"syncRedirectDomain":"a.example",`, mx), reports.ProfileAccepted, nil},
		"an unsigned list at Plesk": {"plesk", with(`"syncRedirectDomain":"a.example,b.example",`, mx), reports.ProfileIgnores,
			[]string{"ignores links.redirectList: syncRedirectDomain is a list: Plesk does not take several names in syncRedirectDomain"}},
		"a signed list at Plesk": {"plesk", with(signed+`"syncRedirectDomain":"a.example,b.example",`, mx), reports.ProfileAccepted, nil},
		"%fqdn% at GoDaddy": {"godaddy", with(signed, `{"type":"MX","host":"@","pointsTo":"mx.%fqdn%","priority":10,"ttl":300}`), reports.ProfileRefused,
			[]string{"unknown types.MX: MX in record 1: no source says whether GoDaddy writes MX", "refuses variables.fqdn: %fqdn% in record 1: GoDaddy does not know %fqdn%"}},
		"variables": {"ionos", with(signed, `{"type":"MX","host":"%h%","pointsTo":"mx.%long%","priority":"%prio%","ttl":300}`), reports.ProfileUnknown,
			[]string{"unknown types.MX: MX in record 1: no source says whether IONOS writes MX",
				"unknown variables.oneCharacter: a variable with a name of one character in record 1: no source says whether IONOS takes variables with a name of one character",
				"unknown variables.numbers: a variable for a number in record 1: no source says whether IONOS takes variables in ttl, priority, weight and port"}},
		"groups at Plesk": {"plesk", with(signed, `{"type":"TXT","host":"@","data":"a=1","ttl":300,"groupId":"g"},`+mx), reports.ProfileIgnores,
			[]string{"ignores zone.ungroupedKept: record 2 without a group beside others with one: Plesk does not write records without a group beside the groups that are asked for"}},
		"@ in a text at Plesk": {"plesk", with(signed, `{"type":"TXT","host":"@","data":"rua=mailto:x@a.example","ttl":300}`), reports.ProfileRefused,
			[]string{"refuses zone.atInText: an @ in the text of record 1: Plesk does not leave an @ in a text alone"}},
		"plain ietf-05": {"ietf-05", with(signed+`"warnPhishing":true,`, mx+`,{"type":"REDIR301","host":"@","target":"https://a.example/"}`), reports.ProfileUnknown,
			[]string{"unknown types.REDIR301: REDIR301 in record 2: no source says whether Plain ietf-05 serves REDIR301",
				"ignores members.warnPhishing: warnPhishing is set: Plain ietf-05 does not take warnPhishing into account"}},
		"plain dcspec-2.3": {"dcspec-2.3", with(`"warnPhishing":true,"syncRedirectDomain":"a.example,b.example",`, mx), reports.ProfileAccepted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			verdict, reasons := judged(t, c.profile, c.template)
			if verdict != c.verdict {
				t.Errorf("%s, want %s", verdict, c.verdict)
			}
			if diff := cmp.Diff(c.reasons, reasons); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestReasonsHaveLines(t *testing.T) {
	text := strings.ReplaceAll(with(signed+`"hostRequired":true,`, mx), `,"`, ",\n\"")
	tmpl, err := dc.Parse("t.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := profiles.Named("cloudflare")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Judge(tmpl, p).Reasons {
		if r.Fact == "members.hostRequired" && r.Line != 7 {
			t.Errorf("hostRequired stands in line %d", r.Line)
		}
	}
}

func TestManyRecords(t *testing.T) {
	records := strings.TrimSuffix(strings.Repeat(mx+",", 9), ",")
	_, reasons := judged(t, "ionos", with(signed, records))
	want := []string{"unknown types.MX: MX in records 1, 2, 3, 4, 5, 6, and 3 more: no source says whether IONOS writes MX"}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}
}

// A report names the facts that its judgements lean on, and no others.
func TestDescribe(t *testing.T) {
	p, err := profiles.Named("cloudflare")
	if err != nil {
		t.Fatal(err)
	}
	got := Describe(p, []reports.Judgement{
		{Profile: "cloudflare", Reasons: []reports.Reason{{Fact: "types.MX"}, {Fact: "types.NS"}, {Fact: "links.sigLast"}, {Text: "the file is no template"}}},
		{Profile: "plesk", Reasons: []reports.Reason{{Fact: "types.CAA"}}},
	})
	want := reports.Profile{Name: "cloudflare", Title: "Cloudflare", Edition: "dcspec-2.3", Mail: "domain-connect@cloudflare.com",
		Page: "https://developers.cloudflare.com/dns/reference/domain-connect/", Facts: []reports.ProfileFact{
			{Fact: "links.sigLast", Answer: "yes", Source: "Cloudflare documentation, Domain Connect", URL: "https://developers.cloudflare.com/dns/reference/domain-connect/", Date: "2026-11-23"},
			{Fact: "types.MX", Answer: "yes", Source: "Domain Connect specification 2.3, revision 67",
				URL: "https://github.com/Domain-Connect/spec/blob/master/Domain%20Connect%20Spec%20Draft.adoc", Date: "2026-03-01", ByEdition: true},
			{Fact: "types.NS", Answer: "unknown"},
		}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if j := Unreadable(p); j.Verdict != reports.ProfileRefused || j.Reasons[0].Text != "the file is no template" {
		t.Errorf("%+v", j)
	}
}

func TestChoose(t *testing.T) {
	names := func(of []*profiles.Profile) (list []string) {
		for _, p := range of {
			list = append(list, p.Name)
		}
		return list
	}
	for _, c := range []struct {
		given, want []string
		err         string
	}{
		{nil, nil, ""},
		{[]string{"plesk"}, []string{"plesk"}, ""},
		{[]string{"plesk, cloudflare", "plesk", "ietf-05"}, []string{"plesk", "cloudflare", "ietf-05"}, ""},
		{[]string{"vercel,all"}, []string{"vercel", "cloudflare", "dcspec-2.3", "godaddy", "ietf-05", "ionos", "namesilo", "plesk", "powerdns-admin", "squarespace", "wordpress-com"}, ""},
		{[]string{""}, nil, `a name is empty; write names with commas between them, or "all"`},
		{[]string{"plesk,"}, nil, `a name is empty; write names with commas between them, or "all"`},
		{[]string{"all,nobody-at-all-has-this-name"}, nil, `there is no profile "nobody-at-all-has-this-name"; there are cloudflare, dcspec-2.3, godaddy, ietf-05, ionos, namesilo, plesk, powerdns-admin, squarespace, vercel, wordpress-com`},
	} {
		got, err := Choose(c.given)
		if text := ""; err != nil {
			if text = err.Error(); text != c.err {
				t.Errorf("%q: %v\nwant %s", c.given, err, c.err)
			}
			continue
		}
		if c.err != "" {
			t.Errorf("%q is taken", c.given)
		}
		if diff := cmp.Diff(c.want, names(got)); diff != "" {
			t.Errorf("%q: %s", c.given, diff)
		}
	}
}
