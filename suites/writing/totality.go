package writing

import (
	"fmt"
	"slices"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

var office = []string{"office"}

// Section 10.7: all records of the active set, or none.
var totality = []trial.Case{
	{Key: "writing-all", Title: "every record of a template is written",
		Requirements: []string{"DC-APPLY-ALL-WRITTEN"}, Templates: office,
		Body: func(t *trial.Trial) {
			r := t.Request("office")
			e := t.Confirms("DC-APPLY-ALL-WRITTEN", r)
			// A mixture may be seen for a moment, and must not last.
			if n := len(t.Missing(r.Records()...)); n > 0 && n < len(r.Records()) {
				t.Note("mixture", "for a moment some of the records are there and some are not")
			}
			t.Holds("DC-APPLY-ALL-WRITTEN", sent(e), r.Records()...)
		}},
	{Key: "writing-all-over-conflicts", Title: "records are written where others have to give way",
		Requirements: []string{"DC-APPLY-ALL-WRITTEN"}, Templates: office, Seeds: true,
		Body: func(t *trial.Trial) {
			const id = "DC-APPLY-ALL-WRITTEN"
			t.Seed(inTheWay...)
			r := t.Request("office")
			e := t.Confirms(id, r)
			t.Settle(r.Records()...)
			missing := t.Missing(r.Records()...)
			t.Require(id, missing, gomega.BeEmpty(), check.About{Sent: sent(e).Sent, Expected: t.Records(r.Records()...),
				Actual: "these records of the template are not there: " + words(missing)})
		}},
	{Key: "writing-conflicts-go", Title: "what has to give way is gone when the new records are there, and nothing else is",
		Requirements: []string{"DC-APPLY-CONFLICTS-REMOVED"}, Templates: office, Seeds: true,
		Body: func(t *trial.Trial) {
			const id = "DC-APPLY-CONFLICTS-REMOVED"
			neighbours := []string{"beside 300 AAAA 2001:db8::99", `beside 300 CAA 0 issue "ca.old.example"`}
			t.Seed(inTheWay...)
			t.Seed(neighbours...)
			r := t.Request("office")
			e := t.Confirms(id, r)
			t.Settle(r.Records()...)
			t.Gone(id, sent(e), inTheWay...)
			t.Stays(id, sent(e), neighbours...)
		}},
	{Key: "writing-atomic", Title: "when one record cannot be written none is",
		Requirements: []string{"DC-APPLY-ATOMIC"}, Templates: office,
		Body: func(t *trial.Trial) {
			r := t.Request("office")
			t.Refuses("DC-APPLY-ATOMIC", r.With("ip", "192.0.2.999"), r, r.Records()...)
		}},
	// Policies are the provider's own affair. A likely one is probed: whether it
	// is there or not, the records come together or not at all.
	{Key: "writing-policy-first", Title: "policies are looked at before anything is written",
		Requirements: []string{"DC-APPLY-LOCAL-POLICY"}, Templates: office,
		Body: func(t *trial.Trial) {
			const id = "DC-APPLY-LOCAL-POLICY"
			r := t.Request("office")
			t.Given(r, r.Records()...)
			e := t.Approve(r.With("ip", "127.0.0.1"))
			if e.Succeeded() {
				t.Note("reading", "an address of the local machine is written")
				t.Holds(id, sent(e), slices.Concat(r.Records()[:len(r.Records())-1], []string{"portal 600 A 127.0.0.1"})...)
				return
			}
			t.Note("reading", "an address of the local machine is refused")
			about := sent(e)
			about.Expected, about.Actual = []string{"a refusal before the user confirms"}, e.String()
			t.Require(id, e.Refused(), gomega.BeTrue(), about)
			t.Holds(id, about, r.Records()...)
		}},
	// 10.1 and 10.4.1.3.
	{Key: "writing-twice", Title: "the same template with the same values leaves the same zone",
		Requirements: []string{"DC-APPLY-REAPPLY-SAME-ZONE"}, Templates: []string{"office", "address6"},
		Body: func(t *trial.Trial) {
			const id = "DC-APPLY-REAPPLY-SAME-ZONE"
			r := t.Request("office")
			t.Given(r, r.Records()...)
			once := counts(t, r.Records())
			e := t.Confirms(id, r)
			about := sent(e)
			about.Sent = "twice " + about.Sent
			// What the second time has done is seen with what comes after it.
			t.Settled(t.Request("address6"), "@ 600 AAAA 2001:db8::10")
			t.Holds(id, about, slices.Concat(r.Records(), []string{"@ 600 AAAA 2001:db8::10"})...)
			twice := counts(t, r.Records())
			about.Expected = []string{"as many records in each answer as after the first time"}
			about.Actual = fmt.Sprintf("the answers had %v records after the first time, and have %v", once, twice)
			t.Require(id, twice, gomega.Equal(once), about)
		}},
}

// inTheWay are records that the office's take the place of.
var inTheWay = []string{"@ 300 MX 20 mx.old.example.", "autodiscover 300 A 203.0.113.3"}

// counts are how many records the answers hold, for each record's question at
// each name server.
func counts(t *trial.Trial, records []string) []int {
	var n []int
	for _, r := range records {
		for _, a := range t.Answers(r) {
			n = append(n, len(a.Of(a.Type)))
		}
	}
	return n
}

// words joins records for a message.
func words(records []string) string {
	if len(records) == 0 {
		return "none"
	}
	s := records[0]
	for _, r := range records[1:] {
		s += ", " + r
	}
	return s
}
