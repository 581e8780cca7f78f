package conflict

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 10.4: only records at the same owner name conflict, unless a rule
// says otherwise.
var names = []trial.Case{
	{Key: "conflict-same-host-only", Title: "a record at another name is in nobody's way",
		Requirements: []string{"DC-CONFLICT-SAME-HOST-ONLY"}, Templates: []string{"address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-SAME-HOST-ONLY", template: "address", new: []string{"@ 600 A 192.0.2.10"},
				gone:  []string{"@ 300 A 203.0.113.1"},
				stays: []string{"other 300 A 203.0.113.2", "www.other 300 A 203.0.113.3"}}.judge(t)
		}},
	// Owner names and types are compared as DNS does.
	{Key: "conflict-owner-case", Title: "an owner in other letter case is the same owner",
		Requirements: []string{"DC-CONFLICT-NORMALISED-COMPARE"}, Templates: []string{"address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			t.Seed("@ 300 CNAME old.service.example.")
			e := t.Confirms("DC-CONFLICT-NORMALISED-COMPARE", t.Request("address").With("host", strings.ToUpper(t.Host())))
			t.Holds("DC-CONFLICT-NORMALISED-COMPARE", sent(e), "@ 600 A 192.0.2.10")
		}},
	{Key: "conflict-address-spelling", Title: "one IPv6 address in two spellings is one address",
		Requirements: []string{"DC-CONFLICT-NORMALISED-COMPARE"}, Templates: []string{"address6"}, Seeds: true,
		Body: func(t *trial.Trial) {
			// The other address, which has to give way, shows that there was a change.
			t.Seed("@ 300 AAAA 2001:db8::10", "@ 300 AAAA 2001:db8::99")
			e := t.Confirms("DC-CONFLICT-NORMALISED-COMPARE", t.Request("address6").With("ip", "2001:0DB8:0000:0:0:0:0:0010"))
			t.Holds("DC-CONFLICT-NORMALISED-COMPARE", sent(e), "@ 600 AAAA 2001:db8::10")
		}},
	{Key: "conflict-numeric-type", Title: "a type by its number falls under the rules of its name, or is refused",
		Requirements: []string{"DC-CONFLICT-NORMALISED-COMPARE"}, Templates: []string{"numeric-types", "address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			const old = "@ 300 CNAME old.service.example."
			t.Seed(old)
			e := t.Approve(t.Request("numeric-types"))
			if !e.Asked() {
				t.Note("reading", "a type by its number is refused where it has a name")
				about := sent(e)
				about.Expected, about.Actual = []string{"an error page or an error redirect"}, e.String()
				t.Require("DC-CONFLICT-NORMALISED-COMPARE", e.Refused(), gomega.BeTrue(), about)
				t.Holds("DC-CONFLICT-NORMALISED-COMPARE", sent(e), old)
				// The twin: by its name the type takes the alias's place.
				t.Given(t.Request("address"), "@ 600 A 192.0.2.10")
				return
			}
			t.Note("reading", "a type by its number is the type of that name")
			t.Holds("DC-CONFLICT-NORMALISED-COMPARE", sent(e), "@ 600 A 192.0.2.41")
		}},
	// Section 10.4: the zone's own NS and SOA never take part.
	{Key: "conflict-apex-ns-exempt", Title: "the zone's own name servers are no conflict",
		Requirements: []string{"DC-CONFLICT-APEX-NS-EXEMPT"}, Templates: []string{"address"}, Where: trial.AtApex,
		Body: func(t *trial.Trial) { apexStays(t) }},
	{Key: "conflict-apex-ns-exempt-below", Title: "nor are they for a record below the apex",
		Requirements: []string{"DC-CONFLICT-APEX-NS-EXEMPT"}, Templates: []string{"address"},
		Body: func(t *trial.Trial) { apexStays(t) }},
}
