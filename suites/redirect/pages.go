package redirect

import (
	"regexp"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.6: the page where an error leads nobody back. One case for each
// provocation, without a redirect_uri and with one that is not listed.
var pages = func() []trial.Case {
	var cases []trial.Case
	for _, p := range provocations {
		cases = append(cases, trial.Case{
			Key: "redirect-page-" + p.key, Title: "a page tells the user when " + p.what + " and no redirect is permitted",
			Requirements: []string{"DC-REDIR-ERROR-PAGE", "DC-REDIR-ERROR-PAGE-TELLS"}, Templates: templates(p, "plain"),
			Body: func(t *trial.Trial) {
				done := approved(t, t.Request("plain").Without("redirect_uri"))
				redirected(t, p.end(t, asIs))
				for _, request := range []func(trial.Request) trial.Request{
					func(r trial.Request) trial.Request { return r.Without("redirect_uri") },
					func(r trial.Request) trial.Request { return r.With("redirect_uri", t.Callback(stranger)) },
				} {
					tells(t, p.end(t, request), done)
				}
			},
		})
	}
	return cases
}()

// trouble are words of which a page about an error has one.
var trouble = regexp.MustCompile(`(?i)\b(error|fail\w*|wrong|can ?not|can't|could ?n[o']t|unable|not|invalid|denied|refused|reject\w*|sorry|missing|problem|unknown|unsupported|cancel\w*|abort\w*|oops|trust\w*)\b`)

// tells states that the user was left on a page that says what went wrong.
func tells(t *trial.Trial, e, done *trial.Ending) {
	expected := about(e, "a page with a status below 500 and a text, and no redirect", "the window is closed")
	t.Require("DC-REDIR-ERROR-PAGE", e.SentTo(), gomega.BeEmpty(), expected)
	t.Require("DC-REDIR-ERROR-PAGE", ends(e, 500), gomega.BeTrue(), expected)
	if e.Outcome.Closed {
		return
	}
	last, _ := e.Outcome.Last()
	expected = about(e, "a page that says that something went wrong, and that differs from the one after success")
	expected.Actual = "the page says: " + last.Text
	success, _ := done.Outcome.Last()
	t.Require("DC-REDIR-ERROR-PAGE-TELLS", last.Text != success.Text && (len(last.Alerts) > 0 || trouble.MatchString(last.Text)), gomega.BeTrue(), expected)
}
