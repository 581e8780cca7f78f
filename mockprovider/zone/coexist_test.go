package zone

import (
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// impossible are applies that DNS cannot hold, whatever would be removed.
var impossible = []struct {
	name    string
	zone    string
	new     []string
	message string
}{
	{"CNAME at the apex", "", []string{"@ 600 CNAME t.example.net."},
		"record 1: a CNAME cannot stand at example.com., the zone apex, beside SOA and NS; apply to a host below it"},
	{"NS at the apex", "", []string{"@ 600 NS n.example.net."},
		"record 1: an NS cannot be applied to example.com., the zone apex, whose name servers are the provider's"},
	{"SOA", "", []string{"w 600 SOA a. b. 1 2 3 4 5"}, "record 1: a SOA cannot be applied: the zone has its own"},
	{"CNAME and A", "", []string{"w 600 A 192.0.2.1", "w 600 CNAME t.example.net."},
		"record 2: a CNAME cannot stand beside A at w.example.com. (RFC 1034 section 3.6.2)"},
	{"CNAME and SPFM", "", []string{"w 0 SPFM a", "w 600 CNAME t.example.net."},
		"record 2: a CNAME cannot stand beside SPFM at w.example.com. (RFC 1034 section 3.6.2)"},
	{"CNAME and redirect", "", []string{"w 600 CNAME t.example.net.", "w 600 REDIR301 https://r.example/"},
		"record 1: a CNAME cannot stand beside REDIR301 at w.example.com. (RFC 1034 section 3.6.2)"},
	{"two CNAMEs", "", []string{"w 600 CNAME b.example.net.", "w 600 CNAME a.example.net."},
		"record 2: two CNAMEs at w.example.com.: a name has one canonical name"},
	{"APEXCNAME and A", "", []string{"@ 600 APEXCNAME t.example.net.", "@ 600 A 192.0.2.1"},
		"record 1: APEXCNAME at example.com. cannot stand beside A there: both say where the host's traffic goes"},
	{"two redirects", "", []string{"@ 600 REDIR301 https://b.example/", "@ 600 REDIR301 https://a.example/"},
		"record 2: REDIR301 at example.com. cannot stand beside REDIR301 there: both say where the host's traffic goes"},
	{"TXT at a new NS", "", []string{"f 600 NS n.example.net.", "f 600 TXT x"},
		"record 2: f.example.com. TXT would be hidden by the new delegation of f.example.com.; only the addresses of its name servers may stand there"},
	{"MX below a new NS", "", []string{"x.f 600 MX 1 m.example.net.", "f 600 NS n.example.net."},
		"record 1: x.f.example.com. MX would be hidden by the new delegation of f.example.com.; only the addresses of its name servers may stand there"},
	{"NS below a new NS", "", []string{"f 600 NS n.example.net.", "x.f 600 NS n.example.net."},
		"record 2: x.f.example.com. NS would be hidden by the new delegation of f.example.com.; only the addresses of its name servers may stand there"},
	{"DS below a new NS", "", []string{"f 600 NS n.example.net.", "x.f 600 DS 1 8 2 00"},
		"record 2: x.f.example.com. DS would be hidden by the new delegation of f.example.com.; only the addresses of its name servers may stand there"},
	{"two DNAMEs", "", []string{"d 600 DNAME a.example.net.", "d 600 DNAME b.example.net."},
		"record 1: two DNAMEs at d.example.com.: a name has one (RFC 6672 section 2.4)"},
	{"A below a new DNAME", "", []string{"d 600 DNAME a.example.net.", "w.d 600 A 192.0.2.1"},
		"record 2: w.d.example.com. A would be hidden by the new DNAME of d.example.com. (RFC 6672 section 2.4)"},
	{"A below an old DNAME", "d DNAME a.example.net.\n", []string{"w.d 600 A 192.0.2.1"},
		"record 1: w.d.example.com. A would be hidden by the DNAME of d.example.com. (RFC 6672 section 2.4); remove that first"},
	{"A below a DNAME at the apex", "@ DNAME a.example.net.\n", []string{"w 600 A 192.0.2.1"},
		"record 1: w.example.com. A would be hidden by the DNAME of example.com. (RFC 6672 section 2.4); remove that first"},
	{"new DNAME above an old A", "d TXT x\na.d TXT x\nw.e A 192.0.2.1\n", []string{"d 600 DNAME a.example.net."},
		"record 1: a DNAME at d.example.com. would hide a.d.example.com. TXT (RFC 6672 section 2.4); remove that first"},
	{"second DNAME", "d DNAME b.example.net.\n", []string{"d 600 DNAME a.example.net."},
		"record 1: d.example.com. has a DNAME to b.example.net. already, and can have only one (RFC 6672 section 2.4); remove that first"},
}

func TestPlanCannotCoexist(t *testing.T) {
	for _, c := range impossible {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Plan(zoneOf(t, apex+c.zone), template(t, c.new...), nil, dc.Rules{})
			refused(t, err, dc.ErrCoexist, c.message)
		})
	}
	runPlans(t, []planCase{
		{name: "DNAME beside a TXT", zone: "d TXT x\nd2 A 192.0.2.1\n", new: []string{"d 600 DNAME a.example.net."},
			after: []string{"d 3600 IN TXT \"x\"", "d 600 IN DNAME a.example.net.", "d2 3600 IN A 192.0.2.1"}},
		{name: "identical DNAME", zone: "d DNAME a.example.net.\n", new: []string{"d 3600 DNAME A.example.net."},
			after: []string{"d 3600 IN DNAME a.example.net."}},
		{name: "a DNAME that goes hides nothing", zone: "d DNAME a.example.net.\nd NS n.example.net.\n", new: []string{"d 600 NS n2.example.net.", "x.d 600 A 192.0.2.1"},
			conflicts: []string{"d NS n.example.net.: ns-below", "d DNAME a.example.net.: ns-below"},
			after:     []string{"d 600 IN NS n2.example.net.", "x.d 600 IN A 192.0.2.1"}},
		{name: "equal CNAMEs are one", new: []string{"w 600 CNAME t.example.net.", "w 300 CNAME T.example.net."},
			after: []string{"w 300 IN CNAME t.example.net."}},
	})
}
