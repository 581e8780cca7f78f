package async

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// atOnce applies a template at two names one after the other, and then at three
// more at the same time. Each call that is answered with success has to be
// there whole; one that is refused, because another has the zone, has to have
// written nothing, and to work when it comes alone.
func atOnce(t *trial.Trial) {
	const id = "DC-ASYNC-APPLY-ENDPOINT"
	alone, at := []string{"twin", "later"}, []string{"one", "two", "three"}
	g := t.Granted(t.Authorization("plain").With("host", t.Hosts(slices.Concat(alone, at)...)))
	for _, name := range slices.Concat(alone, at) {
		t.Watch(name, "note."+name)
	}
	var want []string
	for _, name := range alone {
		want = append(want, plain(name)...)
		t.Wrote(g.Apply("plain").Below(name), want...)
	}
	calls := make([]trial.Call, len(at))
	for i, name := range at {
		calls[i] = g.Apply("plain").Below(name)
	}
	var sent, said []string
	var refused []int
	for i, r := range t.Together(calls...) {
		sent, said = append(sent, r.Sent()), append(said, r.String())
		switch {
		case r.Good():
			want = append(want, plain(at[i])...)
		case r.Status >= 400:
			refused = append(refused, i)
		default:
			t.Fail(id, check.About{Sent: r.Sent(), Expected: []string{"a status of 2xx, or of 4xx or 5xx where another call is in progress"}, Actual: r.String()})
		}
	}
	if len(refused) == len(at) {
		// Whether they get in each other's way nobody has seen.
		t.Inconclusive("not-at-once", "of calls that come at the same time none is carried out: "+strings.Join(said, "; "))
	}
	about := check.About{Sent: "at the same time: " + strings.Join(sent, " and ") + "; answered: " + strings.Join(said, "; ")}
	t.Holds(id, about, want...)
	t.Note("reading", fmt.Sprintf("of %d calls at the same time %d are carried out", len(at), len(at)-len(refused)))
	for _, i := range refused {
		want = append(want, plain(at[i])...)
		t.Writes(id, calls[i], want...)
	}
}
