package conflict

import (
	"slices"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// sent words what was done, for statements about what came of it.
func sent(e *trial.Ending) check.About { return check.About{Sent: "GET " + e.Link + ", then Confirm"} }

// apexStays applies an address at the case's root, the apex or below it, and
// compares the NS records of the apex before and after.
func apexStays(t *trial.Trial) {
	before := t.NameServers()
	t.Require("DC-CONFLICT-APEX-NS-EXEMPT", len(before), gomega.BeNumerically(">", 0), check.About{Actual: "the zone has no NS records at its apex"})
	e := t.Confirms("DC-CONFLICT-APEX-NS-EXEMPT", t.Request("address"))
	page, _ := e.Page()
	for _, ns := range before {
		t.Require("DC-CONFLICT-APEX-NS-EXEMPT", page.Text, gomega.Not(gomega.ContainSubstring(ns)), check.About{Sent: "GET " + e.Link,
			Expected: []string{"a consent page that does not name the zone's own name servers as a conflict"}, Actual: "the consent page names " + ns})
	}
	t.Settle("@ 600 A 192.0.2.10")
	if len(t.Missing("@ 600 A 192.0.2.10")) > 0 {
		t.Inconclusive("control-twin", "the address was not written, so that what its writing leaves alone does not show: "+e.String())
	}
	after := t.NameServers()
	t.Require("DC-CONFLICT-APEX-NS-EXEMPT", slices.Equal(before, after), gomega.BeTrue(), check.About{Sent: sent(e).Sent,
		Expected: []string{"the NS records at the apex stay as they were"}, Actual: "they have changed"})
}
