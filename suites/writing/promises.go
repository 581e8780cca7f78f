package writing

import (
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 5.2 and 8.4: what success and error say about the zone.
var promises = []trial.Case{
	// Changes may be queued. What is promised comes, up to the limit that the
	// target declares.
	{Key: "writing-queued", Title: "records of which success was reported come",
		Requirements: []string{"DC-APPLY-QUEUED"}, Templates: []string{"text"},
		Body: func(t *trial.Trial) {
			const record = `a.b.c.d.e 600 TXT "plain"`
			e := t.Approve(t.Request("text").With("host", "a.b.c.d.e.{host}"))
			if !e.Succeeded() {
				t.Inconclusive("control-twin", "a request that has to work did not: "+e.String())
			}
			at := "at once"
			if len(t.Missing(record)) > 0 {
				at = "later"
				t.Settle(record)
			}
			about := sent(e)
			about.Expected, about.Actual = t.Records(record), "success was reported, and the record has not come"
			if len(t.Missing(record)) == 0 {
				t.Note("reading", "changes reach the name servers "+at)
			}
			t.Abuse("DC-APPLY-QUEUED", len(t.Missing(record)) > 0, about)
		}},
	// An error does not promise that nothing was written. The user's own cancel
	// does.
	{Key: "writing-cancelled", Title: "nothing is written when the user cancels",
		Requirements: []string{"DC-APPLY-ERROR-NOT-PROOF"}, Templates: []string{"text"},
		Body: func(t *trial.Trial) {
			const id = "DC-APPLY-ERROR-NOT-PROOF"
			r := t.Request("text")
			e := t.Cancel(r.With("text", "cancelled"))
			if !e.Asked() {
				t.Inconclusive("control-twin", "a request that has to be asked about was not: "+e.String())
			}
			// The twin, which is confirmed, is the barrier.
			t.Settled(r.With("text", "confirmed"), `@ 600 TXT "confirmed"`)
			about := check.About{Sent: "GET " + e.Link + ", then Cancel", Expected: []string{"no record of the request that was cancelled"}}
			about.Actual = "written: " + words(t.Present(`@ 600 TXT "cancelled"`))
			t.Abuse(id, len(t.Present(`@ 600 TXT "cancelled"`)) > 0, about)
		}},
}
