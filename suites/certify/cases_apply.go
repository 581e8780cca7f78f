package certify

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
)

var isTrue = gomega.BeTrue()

var applyRequirements = []string{
	"DC-REQ-ENDPOINT", "DC-CONFLICT-ZONE-APPLICABILITY",
	"DC-TMPL-APEX-CNAME-HOSTREQUIRED", "DC-TMPL-APEX-NS-HOSTREQUIRED", "DC-TMPL-SPFRULES-TERMS",
	"DC-REQ-CLIENT-URL-LENGTH", "DC-REQ-SYNCBLOCK", "DC-SIG-QUERY-KEPT-OVER-LOGIN",
}

// maxURL is how long an apply URL providers should accept (ietf-05 8.3.1).
const maxURL = 8000

// apply sends the user to the signed link and has him confirm. What the
// reference refuses the mock must refuse; then the template is to blame.
func (f *flow) apply(c *check.Case) {
	f.want = f.expect(f.before)
	f.request = f.applyRequest(f.token)
	link, err := f.request.Link()
	if err != nil {
		c.Fail("DC-REQ-ENDPOINT", check.About{Sent: "an apply link for " + f.t.ID().String(),
			Expected: []string{"ids and variables that an apply link can carry"}, Actual: err.Error()})
	}
	f.link = link
	c.Record("link", "apply link", []byte(link.URL+"\n"))
	f.outcome = f.drive(c, f.want.err == nil && !f.blocked())
	refusal := f.want.err
	switch {
	case f.blocked():
		c.Control("DC-REQ-SYNCBLOCK", f.outcome.Pressed, gomega.BeFalse(),
			check.About{Sent: "GET " + link.URL, Actual: "the mock took a synchronous request for a template with syncBlock"})
		c.NotApplicable("sync-block", "the template forbids the synchronous flow, and the mock refused it as it must")
	case refusal != nil:
		c.Control("DC-CONFLICT-ZONE-APPLICABILITY", f.outcome.Pressed, gomega.BeFalse(), check.About{Sent: "GET " + link.URL,
			Actual: "the mock applied what the reference refuses: " + refusal.Error()})
		f.refused(c, refusal)
		return
	case !f.outcome.Pressed && f.outcome.Sent != link.URL:
		c.Fail("DC-SIG-QUERY-KEPT-OVER-LOGIN", check.About{Sent: "GET " + link.URL,
			Expected: []string{"a link that reaches the provider as it was signed"},
			Actual:   "the browser sent " + f.outcome.Sent + ", and the provider refused it: " + lastText(f.outcome)})
	}
	c.Control("DC-REQ-ENDPOINT", f.outcome.Pressed, isTrue, check.About{Sent: "GET " + link.URL,
		Expected: []string{"a consent page"}, Actual: "the mock refused what the reference applies: " + lastText(f.outcome)})
	f.applied = true
	// How long a signature is once it is percent-encoded depends on its bits,
	// and so on the token of the redirect: no number for a report.
	beside := len(link.URL) - len(client.Encode(link.Sig))
	c.Require("DC-REQ-CLIENT-URL-LENGTH", len(link.URL), gomega.BeNumerically("<=", maxURL), check.About{
		Sent: "the apply link", Expected: []string{fmt.Sprintf("at most %d octets", maxURL)},
		Actual: fmt.Sprintf("the link has %d octets beside its signature, and more than %d with it", beside, maxURL),
		Mend:   "use fewer or shorter variables, or cut the template into several"})
	f.noteSent(c)
}

// noteSent tells of a link that went out otherwise than it was made.
func (f *flow) noteSent(c *check.Case) {
	if f.outcome.Sent != f.link.URL {
		c.Note("browser-re-encodes", "the browser sent "+f.outcome.Sent)
	}
}

// applyBriefly is apply with values for this place. What the template's first
// flow found wrong with it stands there.
func (f *flow) applyBriefly(c *check.Case) {
	blame := f.key + "/" + f.first.place.name
	switch {
	case f.first.unsupported:
		c.Blocked(blame + "/template-query")
	case f.first.keyErr != nil:
		c.Blocked(blame + "/published-key")
	case f.keyErr != nil:
		c.Broken(f.keyErr)
	}
	f.variables(c)
	f.apply(c)
}

// drive goes through sign-in and consent, in the browser where this flow is
// the template's one. Pictures cost more than the rest of a flow, and of most
// only a digest would be kept: the case that stands for its kind has some, and
// so has a flow that did not end as expected: with the button pressed, or not.
func (f *flow) drive(c *check.Case, expected bool) *consent.Outcome {
	if f.inBrowser && f.o.NoBrowser != "" {
		c.Inconclusive("no-browser", f.o.NoBrowser)
	}
	pictures := f.inBrowser && c.Result().Exemplar
	out := f.approve(c, pictures)
	if out.Pressed != expected && f.inBrowser && !pictures {
		return f.approve(c, true)
	}
	return out
}

func (f *flow) approve(c *check.Case, pictures bool) *consent.Outcome {
	out, err := f.w.driver(f.inBrowser).Approve(c.Context(), f.link.URL, f.user(), consent.Options{Screenshots: pictures})
	f.recordOutcome(c, out)
	c.Interrupted(err)
	if errors.Is(err, consent.ErrBrowserGone) {
		c.Inconclusive("browser-gone", err.Error())
	}
	c.Broken(err)
	return out
}

func (f *flow) recordOutcome(c *check.Case, out *consent.Outcome) {
	if out == nil {
		return
	}
	for _, x := range out.Exchanges {
		recordExchange(c, "consent flow", x)
	}
	for _, p := range out.Pages {
		if p.Screenshot != nil {
			c.Record("screenshot", string(p.Kind)+" page", p.Screenshot)
		}
	}
	if len(out.Console) > 0 {
		c.Record("console", "browser console", []byte(strings.Join(out.Console, "\n")+"\n"))
	}
}

// lastText is what the last page says, in one line.
func lastText(out *consent.Outcome) string {
	p, ok := out.Last()
	if !ok {
		return "no page was shown"
	}
	return fmt.Sprintf("status %d, %s", p.Status, strings.Join(strings.Fields(p.Text), " "))
}

// needApplied ends a case that looks at what an apply left when there was
// none, as for a template that does not fit the apex.
func (f *flow) needApplied(c *check.Case) {
	if !f.applied {
		c.NotApplicable("not-applied", "the template was not applied here")
	}
}

var consentRequirements = []string{
	"DC-CONS-SHOWS-TEMPLATE-NAMES", "DC-CONS-RECORDS-AVAILABLE", "DC-CONS-NAMES-SERVICE", "DC-CONS-PHISHING-WARNING",
}

// consentPage reads what the user was shown. It is the mock's page, so that a
// miss is the harness's own.
func (f *flow) consentPage(c *check.Case) {
	f.needApplied(c)
	page, ok := f.outcome.Page(consent.Consent)
	c.Require("DC-CONS-NAMES-SERVICE", ok, isTrue, check.About{Actual: "no consent page was seen"})
	words := strings.Join(strings.Fields(page.Text), " ")
	for _, name := range []string{f.t.ServiceName, f.t.ProviderName, f.fqdn()} {
		c.Require("DC-CONS-SHOWS-TEMPLATE-NAMES", words, gomega.ContainSubstring(strings.Join(strings.Fields(name), " ")),
			check.About{Expected: []string{"a page that shows " + name}, Actual: "the page says: " + words})
	}
	shown := 0
	for _, table := range page.Tables {
		shown += len(table)
	}
	c.Require("DC-CONS-RECORDS-AVAILABLE", shown, gomega.BeNumerically(">=", len(f.want.change.Add)),
		check.About{Actual: fmt.Sprintf("%d rows are shown for %d new records", shown, len(f.want.change.Add))})
	if f.t.SyncPubKeyDomain == "" && f.o.Edition == "ietf-05" {
		c.Require("DC-CONS-PHISHING-WARNING", page.Alerts, gomega.Not(gomega.BeEmpty()),
			check.About{Expected: []string{"a warning about an unsigned request"}, Actual: "the page has no warning"})
		c.Note("unsigned", "links of this template are not signed: every consent page warns of phishing")
	}
}
