package recordtypes

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// dcspec-2.3, APEXCNAME and Redirection; ietf-05 sections 3 and 13.2 reserve
// the names.
var extensions = []trial.Case{
	{Key: "recordtypes-redirects", Title: "REDIR301 and REDIR302 lead to their targets, whose letters are kept",
		Requirements: []string{"DC-RT-REDIR"}, Templates: []string{"forwarding"}, Body: forwarding},
	{Key: "recordtypes-apexcname", Title: "an APEXCNAME has the addresses of its target, and leaves mail where it is",
		Requirements: []string{"DC-RT-APEXCNAME"}, Templates: []string{"apex-cname", "address", "address6", "mail"},
		Body: func(t *trial.Trial) {
			const id = "DC-RT-APEXCNAME"
			t.Settled(t.Request("address").With("ip", "192.0.2.92"), "@ 600 A 192.0.2.92")
			t.Settled(t.Request("mail"), "@ 600 MX 5 mx.service.example.")
			t.Settled(t.Request("address").With("host", "pool.{host}").With("ip", "192.0.2.91"), "pool 600 A 192.0.2.91")
			e := t.Confirms(id, t.Request("apex-cname").With("target", "pool.{root}"))
			t.Holds(id, sent(e), "pool 600 A 192.0.2.91", "@ 600 MX 5 mx.service.example.", "@ 600 A 192.0.2.91")
		}},
	{Key: "recordtypes-apexcname-at-apex", Title: "an APEXCNAME at the apex leaves the zone's own records alone",
		Requirements: []string{"DC-RT-APEXCNAME"}, Templates: []string{"apex-cname", "address"}, Where: trial.AtApex,
		Body: func(t *trial.Trial) {
			const id = "DC-RT-APEXCNAME"
			before := t.NameServers()
			// What comes later shows when the twin's own record is seen.
			const twin = "twin 600 A 192.0.2.10"
			t.Watch("twin")
			t.ResetHost()
			if len(t.Present(twin)) > 0 {
				t.Inconclusive("dirty-zone", "the record of the control twin is there already, and no hook removes it: "+twin)
			}
			e := t.Confirms(id, t.Request("apex-cname"))
			t.Settled(t.Request("address").With("host", "twin"), twin)
			about := sent(e)
			about.Expected = []string{"the zone's own name servers as before, and a SOA"}
			about.Actual = "they have changed"
			t.Require(id, slices.Equal(t.NameServers(), before), gomega.BeTrue(), about)
			for _, a := range t.Answers("@ 0 SOA . . 0 0 0 0 0") {
				t.Require(id, a.Of(a.Type), gomega.HaveLen(1), check.About{Sent: about.Sent, Expected: about.Expected, Actual: a.Observation().String()})
			}
			for _, a := range t.Answers("@ 0 CNAME .") {
				t.Require(id, a.Of(a.Type), gomega.BeEmpty(), check.About{Sent: about.Sent, Expected: []string{"no CNAME at the apex"}, Actual: a.Observation().String()})
			}
		}},
}

func forwarding(t *trial.Trial) {
	const id = "DC-RT-REDIR"
	e := t.Confirms(id, t.Request("forwarding"))
	for _, want := range []struct {
		name, to string
		status   int
	}{
		{"@", "https://www.service.example/Path/To?Query=Upper", http.StatusMovedPermanently},
		{"temporary", "https://www.service.example/Elsewhere", http.StatusFound},
	} {
		reply, ok := t.Forwarded(want.name, "/", func(r trial.Reply) bool { return r.Status == want.status })
		about := check.About{Sent: sent(e).Sent + ", then GET / of " + want.name + " by HTTP",
			Expected: []string{fmt.Sprintf("status %d to %s", want.status, want.to)}, Actual: "the name has no address"}
		t.Require(id, ok, gomega.BeTrue(), about)
		about.Actual = reply.String()
		t.Require(id, reply.Status, gomega.Equal(want.status), about)
		t.Require(id, reply.Header.Get("Location"), gomega.Equal(want.to), about)
	}
}
