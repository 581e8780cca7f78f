package redirect

import (
	"net/http"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.5: the end after success.
var success = []trial.Case{
	{Key: "redirect-success", Title: "after success the user is sent to the listed redirect_uri",
		Requirements: []string{"DC-REDIR-SUCCESS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			uri := t.Callback(home(t)) + "/back?order=17"
			e := approved(t, t.Request("plain").With("redirect_uri", uri))
			about := about(e, "the user is sent to "+uri)
			about.Mend = "answer the approval with a redirect (303), not with a page that has a link"
			hit, ok := e.Back()
			t.Require("DC-REDIR-SUCCESS", ok, gomega.BeTrue(), about)
			t.Require("DC-REDIR-SUCCESS", hit.Method, gomega.Equal(http.MethodGet), about)
			t.Require("DC-REDIR-SUCCESS", leadsTo(hit.URL, uri), gomega.BeTrue(), about)
		}},
	{Key: "redirect-success-no-error", Title: "the redirect after success has no error parameter",
		Requirements: []string{"DC-REDIR-SUCCESS-HAS-NO-ERROR"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			e := confirmed(t, r)
			redirected(t, e)
			hit, _ := e.Back()
			t.Require("DC-REDIR-SUCCESS-HAS-NO-ERROR", count(hit.RawQuery, "error"), gomega.BeZero(), about(e, "no error parameter, not even an empty one"))
			twin := cancelled(t, r)
			redirected(t, twin)
			t.Require("DC-REDIR-SUCCESS-HAS-NO-ERROR", twin.ErrorCode(), gomega.Not(gomega.BeEmpty()),
				about(twin, "a redirect that is not that of success: it has an error"))
		}},
	{Key: "redirect-none", Title: "without redirect_uri the flow ends on a page, and the records are written",
		Requirements: []string{"DC-REDIR-NONE-ENDS-GRACEFULLY"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REDIR-NONE-ENDS-GRACEFULLY"
			r := t.Request("plain")
			e := confirmed(t, r.Without("redirect_uri"))
			expected := about(e, "a page with a good status", "the window is closed")
			t.Require(id, e.SentTo(), gomega.BeEmpty(), expected)
			t.Require(id, ends(e, 400), gomega.BeTrue(), expected)
			t.Holds(id, expected, r.Records()...)
			redirected(t, approved(t, r))
		}},
}

// ends reports whether the user was left on a page that says something, with a
// status below the limit, or his window was closed.
func ends(e *trial.Ending, limit int) bool {
	last, ok := e.Outcome.Last()
	return e.Outcome.Closed || ok && last.Kind == consent.Result && last.Status >= 200 && last.Status < limit && strings.TrimSpace(last.Text) != ""
}
