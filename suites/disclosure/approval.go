package disclosure

import (
	"net/http"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/trial"
)

// Steps 6 to 8 of section 10.2: nothing is written but what was shown, and
// nothing before it was approved.
var approval = []trial.Case{
	{Key: "disclosure-get-is-safe", Title: "opening the link changes nothing, however often and by whatever",
		Requirements: []string{"DC-CONS-EXPLICIT-APPROVAL"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-EXPLICIT-APPROVAL"
			r := t.Request("plain").With("text", "opened")
			consentPage(t, t.Look(r))
			prefetch := t.Forms()
			prefetch.Header = http.Header{"Sec-Purpose": {"prefetch;prerender"}, "Purpose": {"prefetch"}}
			t.LookAs(prefetch, r)
			e := t.LookAs(prefetch, r)
			leaves(t, id, check.About{Sent: "three times GET " + e.Link + ", and nothing pressed"})
			works(t, t.Approve(r), "@ 600 A 192.0.2.1", `note 600 TXT "v=opened"`)
		}},
	{Key: "disclosure-no-approval", Title: "a flow that is cancelled, left or out of session changes nothing",
		Requirements: []string{"DC-CONS-NO-APPROVAL-NO-CHANGE"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-NO-APPROVAL-NO-CHANGE"
			r := t.Request("plain")
			cancelled := t.Cancel(r.With("text", "cancelled"))
			if !cancelled.Outcome.Pressed {
				t.Inconclusive("control-twin", "a request that has to be asked about was not: "+cancelled.String())
			}
			left := t.Look(r.With("text", "left"))
			late := t.Send(t.Stand(r.With("text", "late")).Form(), consent.Sender{})
			leaves(t, id, check.About{Sent: "GET " + cancelled.Link + ", then Cancel; GET " + left.Link + ", and the window closed; " + late.String() + ", after the session is gone"})
			works(t, t.Approve(r), r.Records()...)
		}},
	{Key: "disclosure-two-windows", Title: "what is approved in one window is what that window shows",
		Requirements: []string{"DC-CONS-SHOWN-IS-WRITTEN"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-SHOWN-IS-WRITTEN"
			want := []string{"@ 600 A 192.0.2.1", `note 600 TXT "v=first"`}
			r := t.Request("plain").With("text", "first")
			first := t.Stand(r)
			second := t.Stand(r.With("text", "second").With("ip", "192.0.2.99"))
			e := first.Confirm()
			sent := check.About{Sent: "GET " + first.Link + ", then GET " + second.Link + " in another window, then Confirm in the first",
				Mend: "keep what was asked for with the page or under an id of its own, not once for a session"}
			if !e.Succeeded() {
				t.Note("reading", "an approval is refused after another request was opened: "+e.String())
				leaves(t, id, sent)
				works(t, t.Approve(r), want...)
				return
			}
			t.Note("reading", "the approval holds for the request of its own window")
			t.Holds(id, sent, want...)
		}},
	{Key: "disclosure-shows-all", Title: "a consent page that shows records shows all that will be written",
		Requirements: []string{"DC-CONS-SHOWN-IS-WRITTEN"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-SHOWN-IS-WRITTEN"
			r := t.Request("plain")
			e := t.Approve(r)
			page := consentPage(t, e)
			t.Holds(id, about(e), r.Records()...)
			address, text := strings.Contains(page, "192.0.2.1"), strings.Contains(page, "v=plain")
			if !address && !text {
				t.Note("reading", "the consent page shows no records")
			}
			t.Require(id, address, gomega.Equal(text), check.About{Sent: "GET " + e.Link,
				Expected: []string{"both 192.0.2.1 and v=plain, which were written", "neither"}, Actual: "the consent page says: " + page})
		}},
}
