package conflict

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 10.4.1.3: an existing record with the owner, type and RDATA of a new
// one is no conflict and is shared; its TTL does not count. dcspec-2.3 has no
// such rule.
var identical = []trial.Case{
	same("conflict-identical-a", "A", "address", "192.0.2.10", "@ 300 A 192.0.2.10", "@ 600 A 192.0.2.10", "203.0.113.5", "@ 300 A 203.0.113.5"),
	same("conflict-identical-mx", "MX", "mail", "mx.service.example", "@ 300 MX 5 mx.service.example.", "@ 600 MX 5 mx.service.example.", "mx.old.example", "@ 300 MX 5 mx.old.example."),
	same("conflict-identical-txt", "TXT of mode All", "text-all", "sole-value", `@ 300 TXT "sole-value"`, `@ 600 TXT "sole-value"`, "left over", `@ 300 TXT "left over"`),
	same("conflict-identical-cname", "CNAME", "alias", "alias.service.example", "@ 300 CNAME alias.service.example.", newAlias, "", ""),
}

// ietf is the edition that has the rule.
var ietf = []register.Edition{register.IETF05}

// same is the case of a record that is there already.
func same(key, what, template, value, old, new, twinValue, twin string) trial.Case {
	return trial.Case{Key: key, Title: "a record that is there already is no conflict: " + what,
		Requirements: []string{"DC-CONFLICT-IDENTICAL", "DC-CONFLICT-IDENTICAL-SINGLE-ANSWER"}, Templates: []string{template}, Seeds: true, Editions: ietf,
		Body: func(t *trial.Trial) {
			r := t.Request(template)
			// What the page says of a name where nothing is.
			clean := mentions(t, r, value)
			t.Seed(old)
			if twin != "" {
				// The twin, which is in the way, shows that conflicts are shown.
				t.Seed(twin)
			}
			page, _ := t.Look(r).Page()
			if twin != "" && !strings.Contains(page.Text, twinValue) {
				t.Inconclusive("control-twin", "the consent page does not show the record that is in the way, so that what it leaves out says nothing")
			}
			t.Require("DC-CONFLICT-IDENTICAL", strings.Count(page.Text, value), gomega.BeNumerically("<=", clean), check.About{Sent: "GET " + r.URL(),
				Expected: []string{"the consent page names the record no more often than where nothing is in the way"},
				Actual:   "the record that is there already is shown as a conflict, too"})
			e := t.Confirms("DC-CONFLICT-IDENTICAL", r)
			t.Holds("DC-CONFLICT-IDENTICAL", sent(e), new)
			for _, a := range t.Answers(new) {
				t.Require("DC-CONFLICT-IDENTICAL-SINGLE-ANSWER", len(a.Records), gomega.Equal(1), check.About{Sent: "the question for " + new,
					Expected: []string{"the record once"}, Actual: a.Observation().String()})
			}
		}}
}

// mentions counts how often the consent page says a value.
func mentions(t *trial.Trial, r trial.Request, value string) int {
	e := t.Reaches("DC-CONFLICT-IDENTICAL", r)
	page, _ := e.Page()
	return strings.Count(page.Text, value)
}
