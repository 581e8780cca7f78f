package disclosure

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"
	"golang.org/x/net/html"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/trial"
)

// Web security of the consent page, as far as consent rests on it (sections
// 10.2 step 7 and 10.6).
var forgery = []trial.Case{
	{Key: "disclosure-forged-approval", Title: "a page of another site cannot approve in the user's name",
		Requirements: []string{"DC-SEC-CSRF-APPROVAL"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			open := t.Stand(r)
			other := t.StandAs(trial.Visitor{Session: &consent.Session{}, Who: t.User()}, r)
			form := withoutSecrets(open.Form(), other.Form())
			untouched(t)
			ex := t.Send(form, consent.Sender{Session: t.World.Session, Origin: "https://stranger.example"})
			leaves(t, "DC-SEC-CSRF-APPROVAL", check.About{Sent: ex.String() + ", from https://stranger.example, with the cookies that browsers let go along, without what only the user's page has",
				Mend: "put a token into the form that belongs to the session, and mark the cookie SameSite"})
			// The same form, from the provider's own page.
			works(t, open.Confirm(), r.Records()...)
		}},
	{Key: "disclosure-text-is-inert", Title: "text from a request is text on the pages",
		Requirements: []string{"DC-SEC-ESCAPED-OUTPUT"}, Templates: []string{"shared-provider"},
		Body: func(t *trial.Trial) {
			const id = "DC-SEC-ESCAPED-OUTPUT"
			const markup = `"'><dcconform-tag data-dcconform="1">`
			r := t.Request("shared-provider")
			consentPage(t, t.Look(r.With("providerName", added)))
			for _, name := range []string{"providerName", "text", "ip", "host", "state"} {
				e := t.Look(r.With(name, markup))
				for _, p := range e.Outcome.Pages {
					if p.Kind == consent.Returned {
						continue
					}
					expected := about(e, "the markup of "+name+" as text, or not at all")
					expected.Actual = fmt.Sprintf("the markup is an element of the %s page", p.Kind)
					t.Require(id, hasElement(p.HTML, "dcconform-tag"), gomega.BeFalse(), expected)
				}
			}
		}},
	{Key: "disclosure-not-framed", Title: "the consent page cannot be framed by other sites",
		Requirements: []string{"DC-SEC-CLICKJACKING"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			e := t.Look(t.Request("plain"))
			consentPage(t, e)
			if len(e.Outcome.Exchanges) == 0 {
				t.Inconclusive("no-exchange", "the driver keeps no requests, so the header of the consent page is not known")
			}
			last := e.Outcome.Exchanges[len(e.Outcome.Exchanges)-1]
			policy := strings.ToLower(strings.Join(last.Header.Values("Content-Security-Policy"), ","))
			expected := about(e, "Content-Security-Policy with frame-ancestors", "X-Frame-Options: DENY or SAMEORIGIN")
			expected.Actual = fmt.Sprintf("%s: Content-Security-Policy %q, X-Frame-Options %q", last, policy, last.Header.Get("X-Frame-Options"))
			t.Require("DC-SEC-CLICKJACKING", strings.Contains(policy, "frame-ancestors") || last.Header.Get("X-Frame-Options") != "", gomega.BeTrue(), expected)
		}},
	{Key: "disclosure-header-intact", Title: "line breaks in state do not reach the header of the redirect",
		Requirements: []string{"DC-SEC-CONTROL-CHARACTERS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			for _, state := range []string{"s\r\nX-Dcconform: split", "s\nX-Dcconform: split", "s"} {
				e := t.CancelAs(t.Forms(), r.With("state", state))
				for _, x := range e.Outcome.Exchanges {
					expected := about(e, "an error", "state percent-encoded")
					expected.Actual = fmt.Sprintf("%s: a header field X-Dcconform of the request's making", x)
					t.Require("DC-SEC-CONTROL-CHARACTERS", x.Header.Get("X-Dcconform"), gomega.BeEmpty(), expected)
				}
			}
		}},
}

// withoutSecrets is a form without the fields that another site cannot know:
// those that differ between two sessions and are not in the page's address.
func withoutSecrets(form, other consent.Submission) consent.Submission {
	elsewhere := map[string]string{}
	for _, f := range other.Fields {
		elsewhere[f.Name] = f.Value
	}
	return form.Without(func(f consent.Field) bool {
		return f.Hidden && f.Value != elsewhere[f.Name] && !strings.Contains(form.Page, f.Value)
	})
}

// hasElement reports whether a document has an element of a name.
func hasElement(document, name string) bool {
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		return false
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			return true
		}
	}
	return false
}
