package zone

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// One record at the apex, one SPFM, and the SPF record afterwards.
func TestPlanSPFMerge(t *testing.T) {
	for _, c := range []struct{ name, old, rules, want string }{
		{"none yet", "", "include:x.test", "v=spf1 include:x.test ~all"},
		{"order kept, old before new", "v=spf1 mx a ~all", "include:x.test ip4:192.0.2.1", "v=spf1 mx a include:x.test ip4:192.0.2.1 ~all"},
		{"no substring test", "v=spf1 include:ya.test ~all", "include:a.test a", "v=spf1 include:ya.test include:a.test a ~all"},
		{"equal terms once", "v=spf1 a:Mail.test ip4:192.0.2.1 ~all", "+a:mail.TEST ip4:192.0.2.1/32 mx", "v=spf1 a:Mail.test ip4:192.0.2.1 mx ~all"},
		{"nothing new, nothing changed", "v=spf1 a  include:x.test -all", "include:x.test", "v=spf1 a  include:x.test -all"},
		{"nothing new, with exp behind all", "v=spf1 a -all exp=e.test", "a", "v=spf1 a -all exp=e.test"},
		{"least restrictive: ~ before -", "v=spf1 -include:x.test ~all", "~include:x.test", "v=spf1 ~include:x.test ~all"},
		{"least restrictive: ? before ~", "v=spf1 ~include:x.test ~all", "?include:x.test", "v=spf1 ?include:x.test ~all"},
		{"least restrictive: ? before -", "v=spf1 -include:x.test ~all", "?include:x.test", "v=spf1 ?include:x.test ~all"},
		{"least restrictive: + before ?", "v=spf1 ?include:x.test ~all", "include:x.test", "v=spf1 include:x.test ~all"},
		{"least restrictive: written +", "v=spf1 -mx ~all", "+mx", "v=spf1 +mx ~all"},
		{"the old is less restrictive", "v=spf1 ?include:x.test ~all", "-include:x.test a", "v=spf1 ?include:x.test a ~all"},
		{"policy of the old: -", "v=spf1 a -all", "mx", "v=spf1 a mx ~all"},
		{"policy of the old: ?", "v=spf1 a ?all", "mx", "v=spf1 a mx ?all"},
		{"policy of the old: +", "v=spf1 a all", "mx", "v=spf1 a mx +all"},
		{"no policy", "v=spf1 a", "a", "v=spf1 a ~all"},
		{"policy only", "v=spf1 -all", "a", "v=spf1 a ~all"},
		{"version only", "v=spf1", "a", "v=spf1 a ~all"},
		{"version in capitals", "V=SPF1 a -all", "mx", "v=spf1 a mx ~all"},
		{"version in capitals, nothing new", "V=SPF1 a -all", "a", "V=SPF1 a -all"},
		{"all in the middle", "v=spf1 a ~all mx", "a", "v=spf1 a mx ~all"},
		{"all twice", "v=spf1 a ~all -all", "a", "v=spf1 a ~all"},
		{"repeated term", "v=spf1 a +a -a ~all", "a", "v=spf1 a ~all"},
		{"modifiers go before all", "v=spf1 a ~all exp=e.test x=y", "mx", "v=spf1 a exp=e.test x=y mx ~all"},
		{"the same exp", "v=spf1 a exp=E.test ~all", "exp=e.test mx", "v=spf1 a exp=E.test mx ~all"},
		{"macros", "v=spf1 exists:%{i}._spf.%{d} ~all", "exists:%{i}._spf.%{d} exists:%{I}._spf.%{d}", "v=spf1 exists:%{i}._spf.%{d} exists:%{I}._spf.%{d} ~all"},
		{"signs as in real templates", "", "+a +mx +a:mail.test", "v=spf1 +a +mx +a:mail.test ~all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, want := "", []string{`@ 3600 IN TXT "` + c.want + `"`}
			if c.old != "" {
				zone = `@ 900 TXT "` + c.old + `"`
				want = []string{`@ 900 IN TXT "` + c.want + `"`}
			}
			planCase{zone: zone, new: []string{"@ 0 SPFM " + c.rules}, after: want}.run(t)
		})
	}
}

func TestPlanSPFAround(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "other TXT are not SPF", zone: "@ TXT \"google-site-verification=x\"\n@ TXT \"v=spf10 x\"\n@ TXT \"V=SPF1 a -all\"\nwww TXT \"v=spf1 -all\"\n",
			new: []string{"@ 0 SPFM mx"},
			after: []string{`@ 3600 IN TXT "google-site-verification=x"`, `@ 3600 IN TXT "v=spf1 a mx ~all"`, `@ 3600 IN TXT "v=spf10 x"`,
				`www 3600 IN TXT "v=spf1 -all"`},
		},
		{
			name: "an old record in two strings", zone: `@ TXT "v=sp" "f1 a " "-all"`, new: []string{"@ 0 SPFM mx"},
			after: []string{`@ 3600 IN TXT "v=spf1 a mx ~all"`},
		},
		{
			name: "an old record in two strings that says it all", zone: `@ TXT "v=sp" "f1 a " "-all"`, new: []string{"@ 0 SPFM a"},
			after: []string{`@ 3600 IN TXT "v=sp" "f1 a " "-all"`},
		},
		{
			name: "several SPFM at one host, others elsewhere", new: []string{"@ 0 SPFM a", "bar 0 SPFM mx", "@ 0 SPFM include:x.test a"},
			after: []string{`@ 3600 IN TXT "v=spf1 a include:x.test ~all"`, `bar 3600 IN TXT "v=spf1 mx ~all"`},
		},
		{
			name: "CNAME at the host", zone: "bar CNAME t.test.\n", new: []string{"bar 0 SPFM a"},
			conflicts: []string{"bar CNAME t.test.: cname"}, after: []string{`bar 3600 IN TXT "v=spf1 a ~all"`},
		},
		{
			name: "delegation above the host", zone: "bar NS n.test.\n", new: []string{"x.bar 0 SPFM a"},
			conflicts: []string{"bar NS n.test.: ns-above"}, after: []string{`x.bar 3600 IN TXT "v=spf1 a ~all"`},
		},
		{
			name: "beside a TXT All the old terms survive", zone: "@ TXT \"v=spf1 a -all\"\n@ TXT other\n", new: []string{"@ 600 TXT/All mine", "@ 0 SPFM mx"},
			conflicts: []string{`@ TXT "other": txt-all`}, after: []string{`@ 600 IN TXT "mine"`, `@ 600 IN TXT "v=spf1 a mx ~all"`},
		},
		{
			name: "beside a Prefix on SPF the old terms survive", zone: "@ 600 TXT \"v=spf1 a -all\"\n", new: []string{"@ 0 SPFM mx", "@ 600 TXT/Prefix=v=spf1 x"},
			after: []string{`@ 600 IN TXT "v=spf1 a mx ~all"`, `@ 600 IN TXT "x"`},
		},
		{
			name: "a plain SPF TXT of the template is merged", zone: "@ 600 TXT \"v=spf1 a -all\"\n", new: []string{"@ 0 SPFM mx", `@ 600 TXT "v=spf1 include:p.test ?all"`},
			after: []string{`@ 600 IN TXT "v=spf1 a include:p.test mx ~all"`},
		},
		{
			name: "a plain SPF TXT brings the policy", new: []string{"@ 0 SPFM mx", `@ 600 TXT "v=spf1 include:p.test ?all"`},
			after: []string{`@ 600 IN TXT "v=spf1 include:p.test mx ?all"`},
		},
		{
			name: "a plain SPF TXT and nothing to merge in the zone", zone: "@ TXT \"v=spf1 a redirect=r.test\"\n", new: []string{"@ 0 SPFM mx", `@ 600 TXT "v=spf1 include:p.test -all"`},
			conflicts: []string{`@ TXT "v=spf1 a redirect=r.test": spf-unmergeable`},
			after:     []string{`@ 600 IN TXT "v=spf1 include:p.test mx ~all"`},
		},
		{
			name: "TTL of the texts beside it", zone: "@ 900 TXT x\n", new: []string{"@ 0 SPFM mx"},
			after: []string{`@ 900 IN TXT "v=spf1 mx ~all"`, `@ 900 IN TXT "x"`},
		},
		{
			name: "TTL of the SPFM if it has one", new: []string{"@ 500 SPFM mx", "@ 400 SPFM a"},
			after: []string{`@ 400 IN TXT "v=spf1 mx a ~all"`},
		},
	})
}

// What cannot be merged is a conflict: the user decides, and approval replaces
// it (ietf-05 9.4).
func TestPlanSPFUnmergeable(t *testing.T) {
	for _, old := range [][]string{
		{"v=spf1 a -all", "v=spf1 mx -all"},
		{"v=spf1 redirect=x.test"},
		{"v=spf1 a redirect=x.test -all"},
		{"v=spf1 foo:bar -all"},
		{"v=spf1 ip4:300.1.1.1 -all"},
		{"v=spf1 v=spf1 a -all"},
		{"v=spf1 a include -all"},
		{"v=spf1 exp=a.test exp=b.test -all"},
		{"v=spf1 a\\009-all"},
	} {
		c := planCase{zone: "@ TXT keep\n", new: []string{"@ 0 SPFM include:n.test"}}
		for _, text := range old {
			c.zone += `@ TXT "` + text + "\"\n"
			c.conflicts = append(c.conflicts, `@ TXT "`+text+`": spf-unmergeable`)
		}
		c.after = []string{`@ 3600 IN TXT "keep"`, `@ 3600 IN TXT "v=spf1 include:n.test ~all"`}
		t.Run(strings.Join(old, " + "), c.run)
	}
	runPlans(t, []planCase{
		{
			name: "two explanations", zone: "@ TXT \"v=spf1 exp=a.test -all\"\n", new: []string{"@ 0 SPFM a exp=b.test"},
			conflicts: []string{`@ TXT "v=spf1 exp=a.test -all": spf-unmergeable`}, after: []string{`@ 3600 IN TXT "v=spf1 a exp=b.test ~all"`},
		},
		{
			name: "one of two is what comes out", zone: "@ TXT \"v=spf1 a ~all\"\n@ TXT \"v=spf1 mx ~all\"\n", new: []string{"@ 0 SPFM a"},
			conflicts: []string{`@ TXT "v=spf1 mx ~all": spf-unmergeable`}, after: []string{`@ 3600 IN TXT "v=spf1 a ~all"`},
		},
	})
}

func TestPlanSPFWithin(t *testing.T) {
	z := zoneOf(t, apex)
	_, _, err := Plan(z, template(t, "@ 0 SPFM a", `@ 600 TXT "v=spf1 redirect=x.test"`), nil, dc.Rules{})
	refused(t, err, dc.ErrSPF, "record 2, data: the SPF record for example.com. cannot be merged with the SPFM for the same name: it has redirect=")
	_, _, err = Plan(z, template(t, "@ 0 SPFM exp=a.test", "@ 0 SPFM exp=b.test"), nil, dc.Rules{})
	refused(t, err, dc.ErrSPF, "record 1, spfRules: the rules for example.com. cannot be merged with each other: both have an exp= of their own")
	records := template(t, "@ 0 SPFM a")
	records[0].Value = manyHosts(1365)
	_, _, err = Plan(z, records, nil, dc.Rules{})
	refused(t, err, dc.ErrSPF, "record 1, spfRules: the rules for example.com. cannot be merged with each other: the merged record has 65788 octets; a record holds 65535")
	records[0].Value = manyHosts(1400)
	_, _, err = Plan(z, records, nil, dc.Rules{})
	refused(t, err, dc.ErrSPF, "record 1, spfRules: spfRules have 67200 characters; a record holds 65535")
}

// manyHosts is n terms of some 40 octets.
func manyHosts(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a:%040d.test ", i)
	}
	return b.String()
}

func TestPlanSPFLimits(t *testing.T) {
	z := zoneOf(t, apex+"@ TXT \"v=spf1 a mx ptr ip4:192.0.2.1 include:one.test ~all\"\n")
	for n, want := range map[int][]string{
		6: nil,
		7: {"The SPF record of example.com. needs at least 11 DNS look-ups; mail receivers stop at 10 and treat it as broken (RFC 7208 section 4.6.4)."},
	} {
		change, _ := plan(t, z, template(t, "@ 0 SPFM "+manyHosts(n)))
		same(t, fmt.Sprintf("warnings for %d hosts", n), change.Warnings, want)
		after := apply(t, z, change)
		value := "v=spf1 a mx ptr ip4:192.0.2.1 include:one.test " + manyHosts(n) + "~all"
		want := `"` + value[:255] + `" "` + value[255:] + `"`
		same(t, "record", text(after.At("example.com")), []string{"@ 3600 IN TXT " + want})
	}
}

// A plain SPF TXT is written as it is, with a warning when it is the second.
func TestPlanSPFAsText(t *testing.T) {
	const warning = "example.com. gets 2 SPF records; mail receivers treat that as an error (RFC 7208 section 4.5)."
	for _, c := range []struct {
		name string
		zone string
		new  []string
		want []string
	}{
		{"first", "", []string{`@ 600 TXT "v=spf1 a -all"`}, nil},
		{"second", "@ TXT \"v=spf1 mx -all\"\n", []string{`@ 600 TXT "v=spf1 a -all"`}, []string{warning}},
		{"two new", "", []string{`@ 600 TXT "v=spf1 a -all"`, `@ 600 TXT "v=spf1 mx -all"`}, []string{warning}},
		{"one twice", "", []string{`@ 600 TXT "v=spf1 a -all"`, `@ 600 TXT "v=spf1 a -all"`}, nil},
		{"identical", "@ TXT \"v=spf1 a -all\"\n", []string{`@ 600 TXT "v=spf1 a -all"`}, nil},
		{"old one goes", "@ TXT \"v=spf1 mx -all\"\n", []string{`@ 600 TXT/Prefix=v=spf1 "v=spf1 a -all"`}, nil},
		{"merged", "@ TXT \"v=spf1 mx -all\"\n", []string{`@ 600 TXT "v=spf1 a -all"`, "@ 0 SPFM ptr"}, nil},
		{"no SPF", "@ TXT \"v=spf1 mx -all\"\n", []string{`@ 600 TXT "v=spf10 a -all"`}, nil},
	} {
		change, _ := plan(t, zoneOf(t, apex+c.zone), template(t, c.new...))
		same(t, c.name, change.Warnings, c.want)
	}
}
