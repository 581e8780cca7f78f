package query

import (
	"fmt"
	"slices"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

const agrees = "DC-QRY-AGREES-WITH-APPLY"

// Section 8.2: the query is there so that nobody is sent to an error page.
var agreement = []trial.Case{
	{Key: "query-agrees", Title: "the query says yes where an apply request leads to consent, and no where it does not",
		Requirements: []string{agrees}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			own := t.World.Target.Templates.ProviderID
			r := t.Request("plain")
			if !agree(t, t.QueryURL("plain"), r).Good() {
				// Twice no is agreement, and says nothing of a yes.
				t.Blocked("query/query-supported")
			}
			agree(t, t.QueryURLOf(own, "dcconform-no-such-service"), r.Of(own, "dcconform-no-such-service"))
			if !slices.Contains(t.World.Target.Templates.Missing, "sync-block") {
				blocked := t.Get(t.QueryURLOf(own, "sync-block"))
				t.Note("reading", fmt.Sprintf("a template with syncBlock is answered with status %d", blocked.Status))
			}
		}},
	{Key: "query-agrees-retired", Title: "a template that was switched off is not advertised",
		Requirements: []string{agrees}, Templates: []string{"plain", "retired"},
		Body: func(t *trial.Trial) {
			asked(t)
			t.Twin(t.Request("plain"))
			agree(t, t.QueryURL("retired"), t.Request("retired"))
		}},
	{Key: "query-id-case", Title: "ids compare with case, in the query as in the apply request",
		Requirements: []string{"DC-QRY-ID-CASE", agrees}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			asked(t)
			own := t.World.Target.Templates.ProviderID
			good := t.Request("plain")
			t.Twin(good)
			r := agree(t, t.QueryURLOf(own, "PLAIN"), good.Of(own, "PLAIN"))
			t.Require("DC-QRY-ID-CASE", r.Status, gomega.Equal(404), check.About{Sent: r.Sent(),
				Expected: []string{"status 404, since the template's serviceId is plain"}, Actual: r.String()})
		}},
}

// agree states that a query says yes exactly where an apply request leads to
// consent.
func agree(t *trial.Trial, at string, r trial.Request) trial.Reply {
	reply, e := t.Get(at), t.Look(r)
	expected := "a 2xx status, since the user is asked for consent"
	switch {
	case !e.Asked():
		expected = "status 404, since " + e.String()
	case !reply.Good() && reply.Status != 404:
		t.Blocked("query/query-supported") // That is neither yes nor no.
	}
	t.Require(agrees, reply.Good(), gomega.Equal(e.Asked()), check.About{Sent: reply.Sent() + ", and GET " + e.Link,
		Expected: []string{expected}, Actual: reply.String()})
	return reply
}
