package security

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 10.2 step 7 and 10.6: pages of other sites.
var forgery = []trial.Case{
	{Key: "security-forged-approval", Title: "a page of another site cannot approve in the user's name",
		Requirements: []string{"DC-SEC-CSRF-APPROVAL"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			open := t.Stand(r)
			other := t.StandAs(trial.Visitor{Session: &consent.Session{}, Who: t.User()}, r)
			form := withoutSecrets(open.Form(), other.Form())
			if zone := t.Zone(); len(zone) > 0 {
				t.Inconclusive("control-twin", "the zone has changed before anything was approved: "+strings.Join(zone, ", "))
			}
			ex := t.Send(form, consent.Sender{Session: t.World.Session, Origin: "https://stranger.example"})
			leaves(t, "DC-SEC-CSRF-APPROVAL", check.About{Sent: ex.String() + ", from https://stranger.example, with the cookies that browsers let go along, without what only the user's page has",
				Mend: "put a token into the form that belongs to the session, and mark the cookie SameSite"})
			// The same form, from the provider's own page.
			works(t, open.Confirm(), r.Records()...)
		}},
	{Key: "security-not-framed", Title: "the consent page cannot be framed by other sites",
		Requirements: []string{"DC-SEC-CLICKJACKING"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			e := t.Look(t.Request("plain"))
			shown(t, e)
			if len(e.Outcome.Exchanges) == 0 {
				t.Inconclusive("no-exchange", "the driver keeps no requests, so the header of the consent page is not known")
			}
			last := e.Outcome.Exchanges[len(e.Outcome.Exchanges)-1]
			policy := strings.Join(last.Header.Values("Content-Security-Policy"), ",")
			options := last.Header.Get("X-Frame-Options")
			expected := about(e, "Content-Security-Policy with frame-ancestors 'none', 'self' or some sites", "X-Frame-Options: DENY or SAMEORIGIN")
			expected.Actual = fmt.Sprintf("%s: Content-Security-Policy %q, X-Frame-Options %q", last, policy, options)
			t.Require("DC-SEC-CLICKJACKING", guarded(policy, options), gomega.BeTrue(), expected)
		}},
}

// guarded reports whether a page with these fields can be framed by some sites
// at most. Where there is a frame-ancestors it is what browsers look at.
func guarded(policy, options string) bool {
	found := false
	for directive := range strings.FieldsFuncSeq(strings.ToLower(policy), func(c rune) bool { return c == ';' || c == ',' }) {
		words := strings.Fields(directive)
		if len(words) == 0 || words[0] != "frame-ancestors" {
			continue
		}
		found = true
		open := false
		for _, source := range words[1:] {
			open = open || source == "*" || source == "https:" || source == "http:"
		}
		if !open {
			return true
		}
	}
	return !found && (strings.EqualFold(options, "DENY") || strings.EqualFold(options, "SAMEORIGIN"))
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
