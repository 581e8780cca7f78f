package zone

import (
	"errors"
	"slices"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// planCase is one apply: what is in the zone beside its apex, what comes, what
// conflicts, and what is there afterwards.
type planCase struct {
	name      string
	zone      string
	new       []string
	conflicts []string
	after     []string
}

func (c planCase) run(t *testing.T) {
	t.Helper()
	before := zoneOf(t, apex+c.zone)
	old := slices.Collect(before.Records())
	records := template(t, c.new...)
	change, conflicts := plan(t, before, records)
	same(t, "conflicts", complaints(conflicts), c.conflicts)
	after := apply(t, before, change)
	same(t, "zone after", text(after.Records()), c.after)
	same(t, "zone before, afterwards", slices.Collect(before.Records()), old)
	if again, conflicts := plan(t, after, records); !again.Empty() || len(conflicts) > 0 {
		t.Errorf("applied once more: %+v, conflicts %v; want nothing", again, conflicts)
	}
}

func runPlans(t *testing.T, cases []planCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, c.run)
	}
}

// The examples of ietf-05 A.6 and A.7, and of dcspec-2.3 with the same names.
func TestPlanSpecificationExamples(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "A.6",
			zone: `
@ A 192.0.2.1
@ A 192.0.2.2
@ AAAA 2001:db8:1234::
@ AAAA 2001:db8:1234::1
@ MX 10 mx1.example.net.
@ MX 10 mx2.example.net.
@ TXT "v=spf1 a include:spf.example.org ~all"
www CNAME other.host.example.
`,
			new: []string{"@ 1800 A 203.0.113.2", "www 1800 A 203.0.113.2", "@ 0 SPFM a include:spf.hoster.example"},
			conflicts: []string{
				"@ A 192.0.2.1: address", "@ A 192.0.2.2: address",
				"@ AAAA 2001:db8:1234::: address", "@ AAAA 2001:db8:1234::1: address",
				"www CNAME other.host.example.: cname",
			},
			after: []string{
				"@ 1800 IN A 203.0.113.2",
				"@ 3600 IN MX 10 mx1.example.net.",
				"@ 3600 IN MX 10 mx2.example.net.",
				`@ 3600 IN TXT "v=spf1 a include:spf.example.org include:spf.hoster.example ~all"`,
				"www 1800 IN A 203.0.113.2",
			},
		},
		{
			name: "A.7 step 1",
			new:  []string{"@ 1800 MX 10 mx1.example.net.", "www 1800 MX 10 mx2.example.net.", "@ 0 SPFM a include:spf.example.net"},
			after: []string{
				"@ 1800 IN MX 10 mx1.example.net.",
				`@ 3600 IN TXT "v=spf1 a include:spf.example.net ~all"`,
				"www 1800 IN MX 10 mx2.example.net.",
			},
		},
		{
			name:  "A.7 step 2",
			zone:  `@ TXT "v=spf1 a include:spf.example.net ~all"`,
			new:   []string{"@ 0 SPFM include:_spf.newsletter.example"},
			after: []string{`@ 3600 IN TXT "v=spf1 a include:spf.example.net include:_spf.newsletter.example ~all"`},
		},
	})
}

func TestPlanAddresses(t *testing.T) {
	neighbours := "@ A 192.0.2.1\n@ A 192.0.2.2\n@ AAAA 2001:db8::1\n@ AAAA 2001:db8::2\n@ MX 10 mx.example.net.\n@ TXT x\nb A 192.0.2.9\n"
	all := []string{"@ A 192.0.2.1: address", "@ A 192.0.2.2: address", "@ AAAA 2001:db8::1: address", "@ AAAA 2001:db8::2: address"}
	runPlans(t, []planCase{
		{
			name: "A takes the place of every address", zone: neighbours, new: []string{"@ 600 A 203.0.113.1"}, conflicts: all,
			after: []string{"@ 600 IN A 203.0.113.1", "@ 3600 IN MX 10 mx.example.net.", `@ 3600 IN TXT "x"`, "b 3600 IN A 192.0.2.9"},
		},
		{
			name: "AAAA takes the place of every address", zone: neighbours, new: []string{"@ 600 AAAA 2001:db8::9"}, conflicts: all,
			after: []string{"@ 3600 IN MX 10 mx.example.net.", `@ 3600 IN TXT "x"`, "@ 600 IN AAAA 2001:db8::9", "b 3600 IN A 192.0.2.9"},
		},
		{
			name: "identical A stays, the AAAA goes", zone: "@ A 203.0.113.2\n@ AAAA 2001:db8::1\n", new: []string{"@ 3600 A 203.0.113.2"},
			conflicts: []string{"@ AAAA 2001:db8::1: address"}, after: []string{"@ 3600 IN A 203.0.113.2"},
		},
		{
			name: "IPv6 is compared as an address", zone: "@ AAAA 2001:0DB8:0:0:0:0:0:1\n", new: []string{"@ 3600 AAAA 2001:db8::1"},
			after: []string{"@ 3600 IN AAAA 2001:db8::1"},
		},
		{
			name: "owners compare without case", zone: "WWW CNAME x.example.net.\n", new: []string{"www 600 A 192.0.2.1"},
			conflicts: []string{"www CNAME x.example.net.: cname"}, after: []string{"www 600 IN A 192.0.2.1"},
		},
		{
			name: "records of one template get along", new: []string{"@ 600 A 192.0.2.1", "@ 600 A 192.0.2.2", "@ 600 AAAA 2001:db8::1"},
			after: []string{"@ 600 IN A 192.0.2.1", "@ 600 IN A 192.0.2.2", "@ 600 IN AAAA 2001:db8::1"},
		},
		{
			name: "equal records of one template are one", new: []string{"@ 600 A 192.0.2.1", "@ 300 A 192.0.2.1"},
			after: []string{"@ 300 IN A 192.0.2.1"},
		},
	})
}

func TestPlanMailAndService(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "MX takes the place of MX whatever the preference", zone: "@ A 192.0.2.1\n@ MX 10 a.example.net.\n@ MX 20 b.example.net.\n@ TXT x\nw MX 10 c.example.net.\n",
			new:       []string{"@ 600 MX 5 n.example.net."},
			conflicts: []string{"@ MX 10 a.example.net.: same-type", "@ MX 20 b.example.net.: same-type"},
			after:     []string{"@ 3600 IN A 192.0.2.1", "@ 600 IN MX 5 n.example.net.", `@ 3600 IN TXT "x"`, "w 3600 IN MX 10 c.example.net."},
		},
		{
			name: "identical MX stays alone", zone: "@ MX 10 MX1.example.net.\n@ MX 20 old.example.net.\n", new: []string{"@ 3600 MX 10 mx1.Example.net."},
			conflicts: []string{"@ MX 20 old.example.net.: same-type"}, after: []string{"@ 3600 IN MX 10 MX1.example.net."},
		},
		{
			name: "SRV by full owner", zone: "_sip._tcp SRV 1 1 5060 a.example.net.\n_xmpp._tcp SRV 1 1 5222 a.example.net.\n_sip._tcp.voip SRV 1 1 5060 a.example.net.\n",
			new:       []string{"_sip._tcp 600 SRV 0 0 443 n.example.net."},
			conflicts: []string{"_sip._tcp SRV 1 1 5060 a.example.net.: same-type"},
			after:     []string{"_sip._tcp 600 IN SRV 0 0 443 n.example.net.", "_xmpp._tcp 3600 IN SRV 1 1 5222 a.example.net.", "_sip._tcp.voip 3600 IN SRV 1 1 5060 a.example.net."},
		},
		{
			name: "CAA beside CAA (A.4)", zone: `@ CAA 0 issue "old.example"`,
			new:   []string{`@ 1800 CAA 0 issue "ca1.example.net"`, `@ 1800 TYPE257 \# 23 0009697373756577696c646361322e6578616d706c652e`},
			after: []string{`@ 1800 IN CAA 0 issue "ca1.example.net"`, `@ 1800 IN CAA 0 issue "old.example"`, `@ 1800 IN CAA 0 issuewild "ca2.example."`},
		},
	})
}

func TestPlanCNAME(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "new CNAME pushes every type out", zone: "www A 192.0.2.1\nwww AAAA 2001:db8::1\nwww TXT t\nwww MX 1 m.example.net.\nwww SRV 1 1 1 s.example.net.\nwww CAA 0 issue \"c\"\nwww REDIR301 https://r.example/\nx.www A 192.0.2.2\n",
			new: []string{"www 600 CNAME t.example.net."},
			conflicts: []string{
				"www A 192.0.2.1: cname", "www MX 1 m.example.net.: cname", `www TXT "t": cname`, "www AAAA 2001:db8::1: cname",
				"www SRV 1 1 1 s.example.net.: cname", `www CAA 0 issue "c": cname`, "www REDIR301 https://r.example/: cname",
			},
			after: []string{"www 600 IN CNAME t.example.net.", "x.www 3600 IN A 192.0.2.2"},
		},
		{
			name: "CNAME pushes another CNAME out", zone: "www CNAME o.example.net.\nw2 CNAME o.example.net.\n", new: []string{"www 600 CNAME t.example.net."},
			conflicts: []string{"www CNAME o.example.net.: cname"}, after: []string{"w2 3600 IN CNAME o.example.net.", "www 600 IN CNAME t.example.net."},
		},
		{
			name: "identical CNAME is none, whatever its case", zone: "www CNAME T.Example.NET.\n", new: []string{"www 3600 CNAME t.example.net."},
			after: []string{"www 3600 IN CNAME T.Example.NET."},
		},
		{
			name: "numeric type does not slip through", zone: "www A 192.0.2.1\n", new: []string{`www 600 TYPE5 \# 3 016100`},
			conflicts: []string{"www A 192.0.2.1: cname"}, after: []string{"www 600 IN CNAME a."},
		},
	})
	for _, line := range []string{
		"www 600 A 192.0.2.1", "www 600 AAAA 2001:db8::1", "www 600 TXT x", "www 600 MX 1 m.example.net.", `www 600 CAA 0 issue "c"`,
		"www 600 SRV 1 1 1 s.example.net.", "www 0 SPFM a", "www 600 APEXCNAME t.example.net.", "www 600 REDIR302 https://r.example/", "www 600 NS n.example.net.",
		`www 600 TYPE65280 \# 1 00`,
	} {
		_, conflicts := plan(t, zoneOf(t, apex+"www CNAME o.example.net.\nw2 CNAME o.example.net.\n"), template(t, line))
		want := ReasonCNAME
		if template(t, line)[0].Type == "NS" {
			want = ReasonNSBelow
		}
		same(t, line+" beside a CNAME", complaints(conflicts), []string{"www CNAME o.example.net.: " + string(want)})
	}
}

func TestPlanNS(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "new NS takes its name and all below, at label boundaries", zone: "foo A 192.0.2.1\nwww.foo A 192.0.2.2\na.b.foo TXT x\nbarfoo A 192.0.2.3\nfo A 192.0.2.4\nfoo REDIR301 https://r.example/\nfoo2 A 192.0.2.5\n",
			new: []string{"foo 600 NS n.example.net."},
			conflicts: []string{
				"foo A 192.0.2.1: ns-below", "foo REDIR301 https://r.example/: ns-below",
				`a.b.foo TXT "x": ns-below`, "www.foo A 192.0.2.2: ns-below",
			},
			after: []string{"barfoo 3600 IN A 192.0.2.3", "fo 3600 IN A 192.0.2.4", "foo 600 IN NS n.example.net.", "foo2 3600 IN A 192.0.2.5"},
		},
		{
			name: "existing NS at the name", zone: "foo NS n.example.net.\n", new: []string{"foo 600 A 192.0.2.1"},
			conflicts: []string{"foo NS n.example.net.: ns-above"}, after: []string{"foo 600 IN A 192.0.2.1"},
		},
		{
			name: "existing NS far above", zone: "foo NS n.example.net.\nbarfoo NS n.example.net.\n", new: []string{"x.www.foo 600 A 192.0.2.1"},
			conflicts: []string{"foo NS n.example.net.: ns-above"}, after: []string{"barfoo 3600 IN NS n.example.net.", "x.www.foo 600 IN A 192.0.2.1"},
		},
		{
			name: "NS beside a barfoo is left alone", zone: "foo NS n.example.net.\n", new: []string{"barfoo 600 A 192.0.2.1"},
			after: []string{"barfoo 600 IN A 192.0.2.1", "foo 3600 IN NS n.example.net."},
		},
		{
			name: "NS against NS", zone: "foo NS o.example.net.\nx.foo NS o.example.net.\n", new: []string{"foo 600 NS n.example.net."},
			conflicts: []string{"foo NS o.example.net.: ns-below", "x.foo NS o.example.net.: ns-below"}, after: []string{"foo 600 IN NS n.example.net."},
		},
		{
			name: "two NS with glue below", zone: "ns1.foo A 192.0.2.9\n",
			new:       []string{"foo 600 NS ns1.foo.example.com.", "foo 600 NS ns2.foo.example.com.", "ns1.foo 600 A 192.0.2.1", "ns2.foo 600 AAAA 2001:db8::2"},
			conflicts: []string{"ns1.foo A 192.0.2.9: ns-below"},
			after: []string{"foo 600 IN NS ns1.foo.example.com.", "foo 600 IN NS ns2.foo.example.com.", "ns1.foo 600 IN A 192.0.2.1",
				"ns2.foo 600 IN AAAA 2001:db8::2"},
		},
		{
			name: "identical NS stays, what it hides goes", zone: "foo NS n.example.net.\nfoo NS o.example.net.\nx.foo TXT x\n", new: []string{"foo 3600 NS N.example.net."},
			conflicts: []string{"foo NS o.example.net.: ns-below", `x.foo TXT "x": ns-below`}, after: []string{"foo 3600 IN NS n.example.net."},
		},
		{
			name: "apex NS and SOA never take part", zone: "@ MX 1 m.example.net.\n", new: []string{"@ 600 A 192.0.2.1", "www 600 A 192.0.2.1"},
			after: []string{"@ 600 IN A 192.0.2.1", "@ 3600 IN MX 1 m.example.net.", "www 600 IN A 192.0.2.1"},
		},
		{
			name: "DS beside its new NS", new: []string{"foo 600 NS n.example.net.", "foo 600 DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000"},
			after: []string{"foo 600 IN NS n.example.net.", "foo 600 IN DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000"},
		},
	})
}

func TestPlanTXT(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "None beside others", zone: "@ TXT a\n@ TXT b\n", new: []string{"@ 3600 TXT c"},
			after: []string{`@ 3600 IN TXT "a"`, `@ 3600 IN TXT "b"`, `@ 3600 IN TXT "c"`},
		},
		{
			name: "All takes every TXT of its owner", zone: "@ TXT a\n@ TXT \"v=spf1 -all\"\nwww TXT w\n@ MX 1 m.example.net.\n", new: []string{"@ 3600 TXT/All c"},
			conflicts: []string{`@ TXT "a": txt-all`, `@ TXT "v=spf1 -all": txt-all`},
			after:     []string{"@ 3600 IN MX 1 m.example.net.", `@ 3600 IN TXT "c"`, `www 3600 IN TXT "w"`},
		},
		{
			name: "Prefix", zone: "@ TXT ms=1\n@ TXT ms2=1\n@ TXT xms=1\n@ TXT \"v=DM\" \"ARC1; p=none\"\n@ TXT \"\\\"ms=2\"\n@ TXT \"MS=1\"\n",
			new:       []string{"@ 3600 TXT/Prefix=ms= ms=9", "@ 3600 TXT/Prefix=v=DMARC1 \"v=DMARC1; p=reject\""},
			conflicts: []string{`@ TXT "ms=1": txt-prefix`, `@ TXT "v=DM" "ARC1; p=none": txt-prefix`},
			after: []string{`@ 3600 IN TXT "MS=1"`, `@ 3600 IN TXT "\"ms=2"`, `@ 3600 IN TXT "ms2=1"`, `@ 3600 IN TXT "ms=9"`,
				`@ 3600 IN TXT "v=DMARC1; p=reject"`, `@ 3600 IN TXT "xms=1"`},
		},
		{
			name: "Prefix is held against decoded octets", zone: `@ TXT "\109s=1"`, new: []string{`@ 3600 TXT/Prefix=ms= "x"`},
			conflicts: []string{`@ TXT "ms=1": txt-prefix`}, after: []string{`@ 3600 IN TXT "x"`},
		},
		{
			name: "two All in one template", zone: "@ TXT old\n", new: []string{"@ 3600 TXT/All a", "@ 3600 TXT/All b"},
			conflicts: []string{`@ TXT "old": txt-all`}, after: []string{`@ 3600 IN TXT "a"`, `@ 3600 IN TXT "b"`},
		},
		{
			name: "identical is shared also with All", zone: "@ TXT same\n@ TXT other\n", new: []string{"@ 3600 TXT/All same"},
			conflicts: []string{`@ TXT "other": txt-all`}, after: []string{`@ 3600 IN TXT "same"`},
		},
		{
			name: "one TTL, the lowest of what is new", zone: "@ 3600 TXT a\n", new: []string{"@ 600 TXT b"},
			after: []string{`@ 600 IN TXT "a"`, `@ 600 IN TXT "b"`},
		},
		{
			name: "one TTL, the lowest of what was there", zone: "@ 300 TXT a\n@ 300 TXT b\n", new: []string{"@ 600 TXT c", "@ 900 TXT d"},
			after: []string{`@ 300 IN TXT "a"`, `@ 300 IN TXT "b"`, `@ 300 IN TXT "c"`, `@ 300 IN TXT "d"`},
		},
		{
			name: "what goes does not count for the TTL", zone: "@ 60 TXT a\n", new: []string{"@ 600 TXT/All b"},
			conflicts: []string{`@ TXT "a": txt-all`}, after: []string{`@ 600 IN TXT "b"`},
		},
		{
			name: "identical with a lower TTL", zone: "@ 3600 TXT a\n@ 3600 TXT b\n", new: []string{"@ 600 TXT a"},
			after: []string{`@ 600 IN TXT "a"`, `@ 600 IN TXT "b"`},
		},
	})
}

// The mode that counts is that of the record that comes, not of the one there.
func TestPlanTXTNewModeCounts(t *testing.T) {
	z := zoneOf(t, apex)
	all, none := template(t, "@ 600 TXT/All all"), template(t, "@ 600 TXT none")
	for _, step := range []struct {
		records []dc.Resolved
		after   []string
	}{
		{all, []string{`@ 600 IN TXT "all"`}},
		{none, []string{`@ 600 IN TXT "all"`, `@ 600 IN TXT "none"`}},
		{all, []string{`@ 600 IN TXT "all"`}},
	} {
		change, _ := plan(t, z, step.records)
		z = apply(t, z, change)
		same(t, "zone after", text(z.Records()), step.after)
	}
}

func TestPlanExtensions(t *testing.T) {
	host := "@ A 192.0.2.1\n@ AAAA 2001:db8::1\n@ MX 1 m.example.net.\n@ TXT x\n"
	pushed := []string{"@ A 192.0.2.1: extension", "@ AAAA 2001:db8::1: extension"}
	runPlans(t, []planCase{
		{
			name: "APEXCNAME keeps MX and TXT", zone: host, new: []string{"@ 600 APEXCNAME t.example.net."}, conflicts: pushed,
			after: []string{"@ 3600 IN MX 1 m.example.net.", `@ 3600 IN TXT "x"`, "@ 600 IN APEXCNAME t.example.net."},
		},
		{
			name: "REDIR301 keeps the case of its target", zone: host, new: []string{"@ 600 REDIR301 https://R.example/Path"}, conflicts: pushed,
			after: []string{"@ 3600 IN MX 1 m.example.net.", `@ 3600 IN TXT "x"`, "@ 600 IN REDIR301 https://R.example/Path"},
		},
		{
			name: "REDIR302 against what redirects", zone: "@ REDIR301 https://r.example/\nb REDIR301 https://r.example/\n", new: []string{"@ 600 REDIR302 https://r.example/"},
			conflicts: []string{"@ REDIR301 https://r.example/: extension"}, after: []string{"@ 600 IN REDIR302 https://r.example/", "b 3600 IN REDIR301 https://r.example/"},
		},
		{
			name: "A against APEXCNAME", zone: "@ APEXCNAME t.example.net.\n", new: []string{"@ 600 A 192.0.2.1"},
			conflicts: []string{"@ APEXCNAME t.example.net.: extension"}, after: []string{"@ 600 IN A 192.0.2.1"},
		},
		{
			name: "AAAA against REDIR302", zone: "w REDIR302 https://r.example/\n", new: []string{"w 600 AAAA 2001:db8::1"},
			conflicts: []string{"w REDIR302 https://r.example/: extension"}, after: []string{"w 600 IN AAAA 2001:db8::1"},
		},
		{
			name: "TXT and MX beside APEXCNAME", zone: "@ APEXCNAME t.example.net.\n", new: []string{"@ 600 TXT x", "@ 600 MX 1 m.example.net."},
			after: []string{"@ 600 IN MX 1 m.example.net.", `@ 600 IN TXT "x"`, "@ 3600 IN APEXCNAME t.example.net."},
		},
		{
			name: "redirect below a delegation", zone: "foo NS n.example.net.\n", new: []string{"w.foo 600 REDIR301 https://r.example/"},
			conflicts: []string{"foo NS n.example.net.: ns-above"}, after: []string{"w.foo 600 IN REDIR301 https://r.example/"},
		},
		{
			name: "identical targets", zone: "@ APEXCNAME T.example.net.\nw REDIR301 https://r.example/\n",
			new:   []string{"@ 3600 APEXCNAME t.example.net.", "w 3600 REDIR301 https://r.example/", "w 3600 REDIR301 https://r.example/"},
			after: []string{"@ 3600 IN APEXCNAME T.example.net.", "w 3600 IN REDIR301 https://r.example/"},
		},
	})
	_, _, err := Plan(zoneOf(t, apex), template(t, "@ 600 A 192.0.2.1", "www 600 REDIR301 https://r.example/"), nil, dc.Rules{NoExtensionTypes: true})
	refused(t, err, dc.ErrRecordType, "record 2, type: REDIR301 is not supported here")
	_, _, err = Plan(zoneOf(t, apex), template(t, "@ 0 SPFM a"), nil, dc.Rules{NoExtensionTypes: true})
	if err != nil {
		t.Errorf("SPFM is no extension type of ietf-05: %v", err)
	}
}

func TestPlanRefuses(t *testing.T) {
	z := zoneOf(t, apex)
	_, _, err := Plan(z, nil, nil, dc.Rules{Stateful: true})
	refused(t, err, dc.ErrInput, "state: which templates are applied is not known here; use stateless")

	records := template(t, "@ 600 A 192.0.2.1", "www 600 A 192.0.2.1")
	records[1].Owner = "www.example.net."
	_, _, err = Plan(z, records, nil, dc.Rules{})
	refused(t, err, dc.ErrOutOfZone, "record 2: www.example.net. is outside the zone example.com.")

	records[1].Owner = "notexample.com."
	_, _, err = Plan(z, records, nil, dc.Rules{})
	refused(t, err, dc.ErrOutOfZone, "record 2: notexample.com. is outside the zone example.com.")

	records[1].Owner = "a..example.com."
	_, _, err = Plan(z, records, nil, dc.Rules{})
	refused(t, err, dc.ErrName, `record 2: "a..example.com." is no domain name: labels have 1 to 63 octets, names at most 255`)

	_, _, err = Plan(z, []dc.Resolved{{Owner: "example.com.", Type: "NS1"}}, nil, dc.Rules{})
	refused(t, err, dc.ErrRecordType, "record 1, type: NS1 is no record type that can be written")

	_, _, err = Plan(z, []dc.Resolved{{Owner: "example.com.", Type: dc.TypeREDIR301}}, nil, dc.Rules{})
	refused(t, err, dc.ErrData, `record 1: example.com. REDIR301: "" is no redirect target`)
}

// Both editions plan alike (vectors 2, rows 30, 34, 35 and 38 to 40).
func TestPlanEditions(t *testing.T) {
	z := zoneOf(t, apex+"www SRV 1 1 1 s.example.net.\nwww CAA 0 issue \"c\"\nm CNAME t.example.net.\n@ TXT \"v=spf1 a -all\"\n@ TXT \"v=spf1 mx -all\"\n@ MX 10 a.example.net.\n")
	records := template(t, "www 600 CNAME t.example.net.", `m 600 CAA 0 issue "d"`, "@ 0 SPFM a", "@ 600 MX 10 a.example.net.")
	newer, conflicts, err := Plan(z, records, nil, dc.Rules{Edition: dc.IETF05})
	if err != nil {
		t.Fatal(err)
	}
	older, same23, err := Plan(z, records, nil, dc.Rules{Edition: dc.DCSpec23})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "dcspec-2.3", older, newer)
	same(t, "dcspec-2.3 conflicts", same23, conflicts)
	same(t, "conflicts", complaints(conflicts), []string{
		`@ TXT "v=spf1 a -all": spf-unmergeable`, `@ TXT "v=spf1 mx -all": spf-unmergeable`, "m CNAME t.example.net.: cname",
		"www SRV 1 1 1 s.example.net.: cname", `www CAA 0 issue "c": cname`,
	})
	_, _, err = Plan(z, template(t, "@ 0 SPFM foo:bar"), nil, dc.Rules{Edition: dc.DCSpec23})
	if !errors.Is(err, &dc.Error{Class: dc.ErrSPF}) {
		t.Errorf("dcspec-2.3: got %v, want the rules refused", err)
	}
}

// By is the first record of the template that conflicts, whatever the order in
// which the records are given.
func TestConflictBy(t *testing.T) {
	z := zoneOf(t, apex+"foo NS n.example.net.\nw A 192.0.2.9\n")
	records := template(t, "x 600 TXT x", "b.foo 600 A 192.0.2.1", "a.foo 600 A 192.0.2.1", "w 600 AAAA 2001:db8::1")
	slices.Reverse(records)
	_, conflicts := plan(t, z, records)
	same(t, "conflicts", conflicts, []Conflict{
		{Record: Record{"foo.example.com.", "NS", 3600, "n.example.net."}, Reason: ReasonNSAbove, By: 1},
		{Record: Record{"w.example.com.", "A", 3600, "192.0.2.9"}, Reason: ReasonAddress, By: 3},
	})
}

// A change is for the zone that it was planned for.
func TestChangeApplyStale(t *testing.T) {
	z := zoneOf(t, apex+"@ 3600 A 192.0.2.1\n@ 3600 TXT a\n")
	change, _ := plan(t, z, template(t, "@ 600 A 192.0.2.2", "@ 600 TXT b"))
	after := apply(t, z, change)
	const why = "the zone is not the one that the change was planned for, plan again: "
	_, err := change.Apply(after)
	refused(t, err, dc.ErrZone, why+"example.com. 3600 IN A 192.0.2.1")
	_, err = Change{Add: change.Add}.Apply(after)
	refused(t, err, dc.ErrZone, why+"example.com. 600 IN A 192.0.2.2")
	_, err = Change{Retime: []Record{{"example.com.", "TXT", 60, `"c"`}}}.Apply(z)
	refused(t, err, dc.ErrZone, why+`example.com. 60 IN TXT "c"`)
	_, err = Change{Add: []Record{{"example.net.", "A", 60, "192.0.2.1"}}}.Apply(z)
	refused(t, err, dc.ErrZone, "example.net. is outside the zone example.com.")
	_, err = Change{Add: []Record{{"example.com.", "A", 60, "x"}}}.Apply(z)
	refused(t, err, dc.ErrZone, "example.com. A: bad A A: \"x\"")
	if got, err := (Change{}).Apply(z); got != z || err != nil {
		t.Errorf("an empty change gives %p, %v; want the zone itself", got, err)
	}
}
