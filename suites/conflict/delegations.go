package conflict

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 10.4: NS, new and existing.
var delegations = []trial.Case{
	{Key: "conflict-ns-subtree", Title: "a new NS takes away every record at its name and below, at any depth",
		Requirements: []string{"DC-CONFLICT-NS-SUBTREE"}, Templates: []string{"delegation"}, Seeds: true,
		Body: func(t *trial.Trial) {
			// What lies below a delegation is no longer answered, removed or not:
			// it would show again when the delegation goes.
			gone := []string{"@ 300 A 203.0.113.1", "www 300 A 203.0.113.2", "a.b 300 A 203.0.113.3"}
			e := replaces{id: "DC-CONFLICT-NS-SUBTREE", template: "delegation", new: []string{"@ 600 NS ns1.service.example."},
				gone: gone, stays: []string{"bar{host}.{domain}. 300 A 203.0.113.4"}}.judge(t)
			if err := t.Edit(`@ 300 TXT "own again"`); err != nil {
				t.Inconclusive("not-reset", "the delegation cannot be taken away again: "+err.Error())
			}
			t.Settle(`@ 300 TXT "own again"`)
			if len(t.Missing(`@ 300 TXT "own again"`)) > 0 {
				t.Inconclusive("seed-not-seen", "what was put in the place of the delegation does not show")
			}
			t.Gone("DC-CONFLICT-NS-SUBTREE", sent(e), gone[1:]...)
			page, _ := e.Page()
			var silent []string
			for _, ip := range []string{"203.0.113.1", "203.0.113.2", "203.0.113.3"} {
				if !strings.Contains(page.Text, ip) {
					silent = append(silent, ip)
				}
			}
			if len(silent) == len(gone) {
				t.Note("not-shown", "the consent page shows no conflict, which has a case of its own")
				return
			}
			t.Require("DC-CONFLICT-NS-SUBTREE", silent, gomega.BeEmpty(), check.About{Sent: "GET " + e.Link,
				Expected: []string{"every record at the name and below is shown as a conflict"}, Actual: "the consent page shows some, and not " + strings.Join(silent, ", ")})
		}},
	{Key: "conflict-ns-at-name", Title: "a record at the name of a delegation takes its place",
		Requirements: []string{"DC-CONFLICT-NS-EXISTING"}, Templates: []string{"address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-NS-EXISTING", template: "address", new: []string{"@ 600 A 192.0.2.10"},
				gone:  []string{"@ 300 NS ns1.old.example."},
				stays: []string{"bar{host}.{domain}. 300 NS ns1.old.example."}}.judge(t)
		}},
	{Key: "conflict-ns-above", Title: "a record below a delegation takes its place, for it would be hidden there",
		Requirements: []string{"DC-CONFLICT-NS-EXISTING"}, Templates: []string{"address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			t.Seed("@ 300 NS ns1.old.example.")
			e := t.Confirms("DC-CONFLICT-NS-EXISTING", t.Request("address").With("host", "x.www.{host}"))
			t.Watch("x.www")
			t.Holds("DC-CONFLICT-NS-EXISTING", sent(e), "x.www 600 A 192.0.2.10")
		}},
}
