package profile

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func of(t *testing.T, name string, proxied bool) Behaviour {
	t.Helper()
	p, err := profiles.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return Of(p, Options{Proxied: proxied})
}

func template(t *testing.T, members, records string) *dc.Template {
	t.Helper()
	parsed, err := dc.Parse("t.json", []byte(`{"providerId":"a.example","providerName":"A","serviceId":"s","serviceName":"S",`+members+`"records":[`+records+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestOnboards(t *testing.T) {
	signed := `"syncPubKeyDomain":"a.example",`
	mx := `{"type":"MX","host":"@","pointsTo":"mx.a.example","priority":10,"ttl":300}`
	apex := `{"type":"APEXCNAME","pointsTo":"w.a.example","ttl":300}`
	for _, c := range []struct {
		profile, members, records string
		want                      bool
	}{
		{"cloudflare", signed, mx, true},
		{"cloudflare", "", mx, false},
		{"cloudflare", signed + `"syncBlock":true,`, mx, false},
		{"cloudflare", signed, apex, false},
		{"vercel", "", mx, false},
		{"vercel", signed, mx, false},
		{"vercel", signed + `"syncRedirectDomain":"a.example",`, mx, true},
		{"plesk", "", mx, true},
		{"plesk", signed, apex, false},
		{"ietf-05", "", mx, true},
		{"godaddy", "", apex, true}, // nobody says that it does not
	} {
		if got := of(t, c.profile, false).Onboards(template(t, c.members, c.records)); got != c.want {
			t.Errorf("%s, %s %s: %t", c.profile, c.members, c.records, got)
		}
	}
}

// What a provider leaves out of account is gone from what it reads, and the
// template that others share stays as it is.
func TestTemplate(t *testing.T) {
	whole := template(t, `"syncPubKeyDomain":"a.example","syncRedirectDomain":"a.example","hostRequired":true,"multiInstance":true,"warnPhishing":true,"sharedServiceName":true,`,
		`{"type":"TXT","host":"@","data":"a=1","ttl":300,"essential":"OnApply","txtConflictMatchingMode":"Prefix","txtConflictMatchingPrefix":"a="}`)
	got := of(t, "cloudflare", false).Template(whole)
	if got.HostRequired || got.MultiInstance || got.WarnPhishing || got.SharedService {
		t.Errorf("%+v", got)
	}
	if r := got.Records[0]; r.Essential+r.TXTMode+r.TXTPrefix != "" || r.Data != "a=1" {
		t.Errorf("%+v", r)
	}
	if got.SyncPubKeyDomain != "a.example" || got.SyncRedirectDomain != "a.example" {
		t.Errorf("%+v", got)
	}
	if r := whole.Records[0]; !whole.HostRequired || r.Essential != "OnApply" || r.TXTMode != "Prefix" || r.TXTPrefix != "a=" {
		t.Errorf("the template was changed: %+v", whole)
	}
	if got := of(t, "ietf-05", false).Template(whole); !got.HostRequired || got.Records[0].TXTMode != "Prefix" || got.WarnPhishing {
		t.Errorf("plain ietf-05 reads %+v", got)
	}
}

func TestRecords(t *testing.T) {
	records, err := resolve.Resolve(template(t, "", `{"type":"CNAME","host":"@","pointsTo":"w.a.example","ttl":300},{"type":"CNAME","host":"www","pointsTo":"w.a.example","ttl":300}`),
		resolve.Request{Domain: "example.com"}, dc.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	types := func(list []dc.Resolved) (out []string) {
		for _, r := range list {
			out = append(out, r.Owner+" "+r.Type+" "+r.Value)
		}
		return out
	}
	flat := []string{"example.com. APEXCNAME w.a.example.", "www.example.com. CNAME "}
	if diff := cmp.Diff(flat, types(of(t, "cloudflare", false).Records("example.com", records))); diff != "" {
		t.Error(diff)
	}
	plain := []string{"example.com. CNAME ", "www.example.com. CNAME "}
	if diff := cmp.Diff(plain, types(records)); diff != "" {
		t.Error("the records were changed: ", diff)
	}
	if diff := cmp.Diff(plain, types(of(t, "plesk", false).Records("example.com", records))); diff != "" {
		t.Error(diff)
	}
}

func TestLinks(t *testing.T) {
	for _, c := range []struct{ profile, raw, want string }{
		{"cloudflare", "domain=a.example&key=k&sig=s", ""},
		{"cloudflare", "domain=a.example&sig=s&key=k", errSigLast.Error()},
		{"cloudflare", "domain=a.example&key=k&sig=s&x=1", errSigLast.Error()},
		{"cloudflare", "domain=a.example&xsig=s", errSigLast.Error()},
		{"vercel", "domain=a.example&sig=s&key=k", errNoRedirect.Error()},
		{"vercel", "domain=a.example&xredirect_uri=x&sig=s", errNoRedirect.Error()},
		{"vercel", "redirect_uri=https%3A%2F%2Fa.example&domain=a.example", ""},
		{"vercel", "domain=a.example&redirect_uri=https%3A%2F%2Fa.example&sig=s&key=k", ""},
		{"plesk", "domain=a.example&sig=s&key=k", ""},
	} {
		err := of(t, c.profile, false).checkLink(c.raw)
		if got := ""; err != nil {
			if got = err.Error(); got != c.want {
				t.Errorf("%s %s: %s", c.profile, c.raw, got)
			}
		} else if c.want != "" {
			t.Errorf("%s takes %s", c.profile, c.raw)
		}
	}
	if got := withoutState("a=1&state=x&statement=y&state&b=2"); got != "a=1&statement=y&b=2" {
		t.Error(got)
	}
}

// A foreign redirect_uri is followed by those who look at the signature alone.
func TestRedirects(t *testing.T) {
	for _, c := range []struct {
		profile        string
		signed, follow bool
	}{{"cloudflare", true, true}, {"cloudflare", false, false}, {"powerdns-admin", false, true}, {"ietf-05", false, false}} {
		var config store.TenantConfig
		of(t, c.profile, false).Set(&config)
		r := store.Redirect{URI: "https://elsewhere.example/", Signed: c.signed}
		for _, decide := range config.Hooks.Redirect {
			r.Permitted = decide(r)
		}
		if r.Permitted != c.follow {
			t.Errorf("%s, signed %t: %t", c.profile, c.signed, r.Permitted)
		}
	}
}

const zoneText = `@ 3600 IN SOA ns1.example.net. hostmaster.example.net. 1 7200 900 1209600 60
@ 3600 IN NS ns1.example.net.
`

// What a template wrote is answered from the edge, as long as it is there;
// what stood there before, and what cannot be proxied, is not.
func TestEdge(t *testing.T) {
	var config store.TenantConfig
	of(t, "cloudflare", true).Set(&config)
	z, err := zone.Parse("example.com", strings.NewReader(zoneText), "z")
	if err != nil {
		t.Fatal(err)
	}
	add := func(lines ...string) (records []zone.Record) {
		for _, line := range lines {
			rr, err := dns.NewRR(line)
			if err != nil {
				t.Fatal(err)
			}
			r, err := zone.FromRR(rr)
			if err != nil {
				t.Fatal(err)
			}
			records = append(records, r)
		}
		return records
	}
	write := func(c zone.Change) {
		for _, written := range config.Hooks.Written {
			c = written(z, c)
		}
		after, err := c.Apply(z)
		if err != nil {
			t.Fatal(err)
		}
		z = after
	}
	ask := func(name string, qtype uint16, was ...string) string {
		m := &dns.Msg{Question: []dns.Question{{Name: name, Qtype: qtype, Qclass: dns.ClassINET}}}
		for _, line := range was {
			rr, err := dns.NewRR(line)
			if err != nil {
				t.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		for _, change := range config.Hooks.Answer {
			change(m.Question[0], m)
		}
		var out []string
		for _, rr := range m.Answer {
			out = append(out, strings.ReplaceAll(rr.String(), "\t", " "))
		}
		for _, rr := range m.Ns {
			out = append(out, dns.TypeToString[rr.Header().Rrtype])
		}
		return strings.Join(out, "; ")
	}
	alias := add("www.example.com. 60 IN CNAME w.a.example.", "*.pages.example.com. 60 IN CNAME w.a.example.", "mail.example.com. 60 IN MX 1 mx.a.example.")
	write(zone.Change{Add: alias})
	const four, six = " 300 IN A 198.51.100.53", " 300 IN AAAA 2001:db8:ed9e::53"
	for _, c := range []struct {
		name  string
		qtype uint16
		was   string
		want  string
	}{
		{"www.example.com.", dns.TypeA, "www.example.com. 60 IN CNAME w.a.example.", "www.example.com." + four},
		{"WWW.example.com.", dns.TypeAAAA, "", "WWW.example.com." + six},
		{"www.example.com.", dns.TypeCNAME, "www.example.com. 60 IN CNAME w.a.example.", "SOA"},
		{"www.example.com.", dns.TypeTXT, "www.example.com. 60 IN CNAME w.a.example.", "SOA"},
		{"www.example.com.", dns.TypeANY, "www.example.com. 60 IN CNAME w.a.example.", "www.example.com." + four + "; www.example.com." + six},
		{"x.pages.example.com.", dns.TypeA, "x.pages.example.com. 60 IN CNAME w.a.example.", "x.pages.example.com." + four},
		{"x.pages.example.com.", dns.TypeTXT, "x.pages.example.com. 60 IN TXT t", `x.pages.example.com. 60 IN TXT "t"`},
		{"mail.example.com.", dns.TypeMX, "mail.example.com. 60 IN MX 1 mx.a.example.", "mail.example.com. 60 IN MX 1 mx.a.example."},
		{"other.example.com.", dns.TypeA, "other.example.com. 60 IN A 192.0.2.1", "other.example.com. 60 IN A 192.0.2.1"},
	} {
		var was []string
		if c.was != "" {
			was = append(was, c.was)
		}
		if got := ask(c.name, c.qtype, was...); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.name, dns.TypeToString[c.qtype], got, c.want)
		}
	}
	write(zone.Change{Remove: alias[:1]})
	if got := ask("www.example.com.", dns.TypeA); got != "" {
		t.Errorf("what a template took away is still answered: %s", got)
	}
	// The user edits the zone.
	edited, err := zone.Change{Remove: alias[1:2]}.Apply(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range config.Hooks.Edited {
		if edited, err = edit(z, edited); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask("x.pages.example.com.", dns.TypeA, "x.pages.example.com. 60 IN A 192.0.2.9"); got != "x.pages.example.com. 60 IN A 192.0.2.9" {
		t.Errorf("what the user took away is still answered from the edge: %s", got)
	}
}

// Without the agreement of the service provider only the apex is flattened.
func TestEdgeOfTheApex(t *testing.T) {
	b := of(t, "cloudflare", false)
	if b.Edged("CNAME") || b.Edged("A") || !b.Edged(dc.TypeAPEXCNAME) || !of(t, "cloudflare", true).Edged("AAAA") {
		t.Error("Cloudflare without a proxy by default")
	}
	if b := of(t, "plesk", true); b.Edged("A") || b.Edged(dc.TypeAPEXCNAME) || b.SigLast() || b.DropsState() {
		t.Error("Plesk has no edge")
	}
}

// A provider of which a source says that it keeps template state keeps it.
func TestKeepsState(t *testing.T) {
	text, err := os.ReadFile("../../fixtures/profiles/ietf-05.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]bool{"state: {is: true, source: draft}": true, "state: {is: false, source: draft}": false, "state: null": false} {
		p, err := profiles.Parse("x", []byte(strings.Replace(string(text), "state: null", answer, 1)))
		if err != nil {
			t.Fatal(err)
		}
		var c store.TenantConfig
		if Of(p, Options{}).Set(&c); c.Rules.Stateful != want {
			t.Errorf("%s: %t", answer, c.Rules.Stateful)
		}
	}
}

// The flows and the state of a tenant are those of the provider, as far as
// they are known.
func TestFlows(t *testing.T) {
	for _, c := range []struct {
		profile                                     string
		asynchronous, forgets, kept, stateful, asks bool
	}{
		{"plesk", false, true, true, false, false},
		{"powerdns-admin", false, true, true, false, false},
		{"namesilo", false, false, false, true, false},
		{"godaddy", true, false, false, true, true},
		{"ietf-05", true, false, false, true, true},
	} {
		b := of(t, c.profile, false)
		config := store.TenantConfig{Rules: dc.Rules{Stateful: true}, Clients: []oauth.Client{{ID: "shop.test"}}}
		b.Set(&config)
		got := []bool{b.Asynchronous(), b.Forgets(), b.KeepsApplied(), config.Rules.Stateful, len(config.Clients) == 1}
		want := []bool{c.asynchronous, c.forgets, c.kept, c.stateful, c.asks}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", c.profile, diff)
		}
		var err error
		for _, revert := range config.Hooks.Reverting {
			_, err = revert(store.Snapshot{}, zone.Identity{}, nil, nil)
		}
		if errors.Is(err, store.ErrStateless) != c.kept {
			t.Errorf("%s: reverting is %v", c.profile, err)
		}
	}
}
