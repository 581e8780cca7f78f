package disclosure

import (
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.3, and step 2 of section 10.2: who may have a template applied.
var users = []trial.Case{
	{Key: "disclosure-sign-in", Title: "a user who is not signed in is asked who he is",
		Requirements: []string{"DC-CONS-USER-AUTHENTICATED"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			// Somebody is signed in, elsewhere.
			consentPage(t, t.Look(twin(t)))
			e := t.ApproveAs(trial.Visitor{}, r)
			expected := about(e, "the user is asked to sign in")
			t.Require("DC-CONS-USER-AUTHENTICATED", e.Asked(), gomega.BeFalse(), expected)
			t.Require("DC-CONS-USER-AUTHENTICATED", e.AskedToSignIn(), gomega.BeTrue(), expected)
			leaves(t, "DC-CONS-USER-AUTHENTICATED", expected)
		}},
	{Key: "disclosure-approval-without-session", Title: "an approval that comes without a session is refused",
		Requirements: []string{"DC-CONS-USER-AUTHENTICATED"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-USER-AUTHENTICATED"
			open := t.Stand(t.Request("plain"))
			untouched(t)
			ex := t.Send(open.Form(), consent.Sender{})
			leaves(t, id, check.About{Sent: ex.String() + ", without cookies", Mend: "check the session where the approval is taken, not only where the page is shown"})
			// The same approval with its session.
			works(t, open.Confirm(), open.Request.Records()...)
		}},
	{Key: "disclosure-session-fixation", Title: "whoever knows the cookies from before the sign-in is not signed in by it",
		Requirements: []string{"DC-CONS-USER-AUTHENTICATED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			user, r := t.User(), t.Request("plain")
			victim := &consent.Session{}
			consentNot(t, t.LookAs(trial.Visitor{Session: victim}, r))
			attacker := victim.Copy()
			consentPage(t, t.LookAs(trial.Visitor{Session: victim, Who: user}, r))
			e := t.LookAs(trial.Visitor{Session: attacker}, r)
			expected := about(e, "the user is asked to sign in")
			expected.Sent += ", with the cookies that somebody had before he signed in"
			expected.Mend = "give the session a new id at sign-in"
			t.Require("DC-CONS-USER-AUTHENTICATED", e.Asked(), gomega.BeFalse(), expected)
		}},
	{Key: "disclosure-zone-ownership", Title: "a zone that is not the user's cannot be changed",
		Requirements: []string{"DC-CONS-ZONE-OWNERSHIP"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-ZONE-OWNERSHIP"
			foreign, absent := t.Other("foreign").Name, t.Other("absent").Name
			t.Watch("{host}."+foreign+".", "note.{host}."+foreign+".")
			r := t.Request("plain")
			for _, domain := range []string{foreign, absent} {
				e := t.Approve(r.With("domain", domain))
				expected := about(e, "an error page", "an error redirect")
				t.Require(id, e.Asked(), gomega.BeFalse(), expected)
				t.Require(id, e.Refused(), gomega.BeTrue(), expected)
			}
			leaves(t, id, check.About{Sent: r.With("domain", foreign).URL()})
		}},
}

// consentNot makes sure that a visitor who has not signed in is not asked.
func consentNot(t *trial.Trial, e *trial.Ending) {
	if e.Asked() {
		t.Inconclusive("control-twin", "a visitor without a session was asked for consent, so a session decides nothing: "+e.String())
	}
}
