package syncapply

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 4.2, 6.1 and 6.3.2: what the template itself says about being
// applied by a link.
var templates = []trial.Case{
	{Key: "syncapply-sync-block", Title: "a template with syncBlock is refused, and the user is told",
		Requirements: []string{"DC-REQ-SYNCBLOCK"}, Templates: []string{"sync-block", "plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-SYNCBLOCK"
			r := t.Request("plain")
			e := t.Refuses(id, t.Request("sync-block"), r, r.Records()...)
			if code := e.ErrorCode(); code != "" {
				t.Require(id, code, gomega.BeElementOf(errorCodes), about(e, "an error of RFC 6749, section 4.1.2.1"))
			}
		}},
	// The text does not say what a provider does without a host; what it does
	// must not break the zone.
	{Key: "syncapply-host-required", Title: "a template that needs a host changes nothing at the apex",
		Requirements: []string{"DC-REQ-HOSTREQUIRED"}, Templates: []string{"alias"},
		Body: func(t *trial.Trial) {
			r := t.Request("alias")
			apex := "{domain}. 600 CNAME alias.service.example."
			switch {
			case t.World.Target.Claims["cname-flattening"]:
				t.NotApplicable("cname-flattening", "the target claims to flatten a CNAME at the apex")
			case !t.Place().Apex:
				t.NotApplicable("no-apex", "the domain does not permit cases at its apex: set apex: true where it does")
			}
			absent, empty := t.Approve(r.Without("host")), t.Approve(r.With("host", ""))
			t.Settled(r, "@ 600 CNAME alias.service.example.")
			present := t.Present(apex)
			if len(present) > 0 {
				// A CNAME at the apex would be in the way of everything.
				t.ResetHost()
			}
			for _, e := range []*trial.Ending{absent, empty} {
				expected := about(e, "an error", "a zone that DNS permits")
				expected.Sent += ", and Confirm where it was asked for"
				t.Permits("DC-REQ-HOSTREQUIRED", len(present) == 0, check.About{Sent: expected.Sent, Expected: expected.Expected,
					Actual: "there is a CNAME beside SOA and NS: " + strings.Join(present, ", ")})
				t.Require("DC-REQ-HOSTREQUIRED", e.Refused() || e.Asked(), gomega.BeTrue(), expected)
				if e.Asked() {
					t.Note("reading", "a template that needs a host is offered at the apex")
				}
			}
		}},
	{Key: "syncapply-descriptions-hidden", Title: "the description members are shown on no page",
		Requirements: []string{"DC-TMPL-DESCRIPTION-HIDDEN"}, Templates: []string{"described"},
		Body: func(t *trial.Trial) {
			const id = "DC-TMPL-DESCRIPTION-HIDDEN"
			r := t.Request("described").Without("redirect_uri")
			done := t.Approve(r)
			if page, _ := done.Page(); !strings.Contains(page.Title+page.Text, "Conformance Notes Service") {
				t.Inconclusive("control-twin", "the consent page does not show the template's serviceName, which has a case of its own: "+done.String())
			}
			for _, e := range []*trial.Ending{done, t.Cancel(r), t.Approve(r.Without("text"))} {
				for _, p := range e.Outcome.Pages {
					expected := about(e, "neither description nor variableDescription of the template")
					expected.Actual = "the " + string(p.Kind) + " page says: " + p.Text
					t.Require(id, strings.Contains(p.Title+p.Text, "NOT-FOR-USERS"), gomega.BeFalse(), expected)
				}
			}
		}},
	{Key: "syncapply-record-limit", Title: "a template that is supported is applied in full, however large",
		Requirements: []string{"DC-TMPL-PROVIDER-RECORD-LIMIT"}, Templates: []string{"many-records", "plain"},
		Body: func(t *trial.Trial) {
			if !t.Supports("many-records") {
				t.NotApplicable("template-missing", "the target answers the template query for many-records as not supported, which a limit on onboarding may be")
			}
			t.Given(below(t.Request("plain"), "small"), "small 600 A 192.0.2.1", `note.small 600 TXT "v=plain"`)
			r := t.Request("many-records")
			includes(t, "DC-TMPL-PROVIDER-RECORD-LIMIT", r, r.Records()...)
		}},
}

// errorCodes are those of RFC 6749, section 4.1.2.1.
var errorCodes = []string{"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope", "server_error", "temporarily_unavailable"}
