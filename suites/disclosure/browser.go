package disclosure

import (
	"regexp"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.1 and 8.3.5: what the pages do in a browser.
var browser = []trial.Case{
	{Key: "disclosure-logo", Title: "a logo that cannot be loaded does not break the consent page",
		Requirements: []string{"DC-CONS-LOGO"}, Templates: []string{"logo", "plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-LOGO"
			consentPage(t, t.Look(t.Request("plain")))
			e := t.Approve(t.Request("logo"))
			t.Permits(id, e.Asked() && e.Succeeded(), about(e, "the user is asked and can approve, with or without a logo"))
			for _, u := range e.Outcome.Requests {
				t.Permits(id, !strings.HasPrefix(strings.ToLower(u), "http:"), check.About{Sent: "GET " + e.Link,
					Expected: []string{"pictures by https alone"}, Actual: "the page asked for " + u})
			}
		}},
	{Key: "disclosure-tab-close", Title: "the last page closes its window where no redirect follows",
		Requirements: []string{"DC-CONS-TAB-CLOSE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain").Without("redirect_uri")
			done := t.Approve(r)
			if !done.Outcome.Pressed {
				t.Inconclusive("control-twin", "a request that has to be asked about was not: "+done.String())
			}
			closes(t, done)
			if t.World.Edition == register.IETF05 {
				closes(t, t.Approve(r.Without("text")))
			}
		}},
}

var (
	// closing is a script that closes its window, or a control for it.
	closing = regexp.MustCompile(`(?is)\b(window|self|top)\.close\(|<(button|a)\b[^>]*>[^<]*\bclose\b`)
	// remote is a script that does not stand on the page.
	remote = regexp.MustCompile(`(?i)<script[^>]*\ssrc=`)
)

// closes states that the window was closed, or that the page tries to, or has
// a control for it.
func closes(t *trial.Trial, e *trial.Ending) {
	last, _ := e.Outcome.Last()
	if !e.Outcome.Closed && (last.Status >= 500 || strings.TrimSpace(last.Text) == "") {
		t.Inconclusive("no-page", "the flow ends on no page that could close its window: "+e.String())
	}
	closed := e.Outcome.Closed || closing.MatchString(last.HTML)
	if !closed && remote.MatchString(last.HTML) && t.ReadsForms() {
		t.Inconclusive("no-browser", "the last page has scripts of its own, which only a browser runs: use the browser driver")
	}
	expected := about(e, "the window is closed by window.close(), where it was opened by a script", "a control that closes it")
	t.Require("DC-CONS-TAB-CLOSE", closed, gomega.BeTrue(), expected)
}
