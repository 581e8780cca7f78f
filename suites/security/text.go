package security

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"
	"golang.org/x/net/html"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 10.6: text on pages is text.
var markup = []trial.Case{
	{Key: "security-text-is-inert", Title: "text from a request is text on the pages",
		Requirements: []string{"DC-SEC-ESCAPED-OUTPUT"}, Templates: []string{"shared-provider"},
		Body: func(t *trial.Trial) {
			r := t.Request("shared-provider")
			const plain = "Marker Orchid 7731"
			if page := shown(t, t.Look(r.With("providerName", plain))); !strings.Contains(page, plain) {
				t.Note("reading", "a providerName that the template lets a request add is not shown")
			}
			for _, name := range []string{"providerName", "text", "ip", "host", "state"} {
				for _, text := range []string{`"'><dcconform-tag data-dcconform="1">`, `</script><dcconform-tag>`} {
					inert(t, t.Look(r.With(name, text)), name, "dcconform-tag")
				}
			}
		}},
	{Key: "security-names-are-inert", Title: "names of a template are text on the pages",
		Requirements: []string{"DC-SEC-ESCAPED-OUTPUT"}, Templates: []string{"markup", "plain"},
		Body: func(t *trial.Trial) {
			// The names of another template are on its page as they stand.
			twin := shown(t, t.Look(t.Request("plain")))
			e := t.Look(t.Request("markup"))
			page := shown(t, e)
			inert(t, e, "serviceName", "token")
			inert(t, e, "providerName", "b")
			if strings.Contains(twin, "Conformance Plain Service") && !strings.Contains(page, "Conformance <token> & Service") {
				t.Note("reading", "a serviceName with <token> in it is shown without it")
			}
		}},
}

// inert states that markup of a field has not become an element of a page.
func inert(t *trial.Trial, e *trial.Ending, field, element string) {
	for _, p := range e.Outcome.Pages {
		if p.Kind == consent.Returned {
			continue
		}
		expected := about(e, "the markup of "+field+" as text, or not at all")
		expected.Actual = fmt.Sprintf("<%s> of %s is an element of the %s page", element, field, p.Kind)
		expected.Mend = "escape text from templates and requests where it is put into a page"
		t.Require("DC-SEC-ESCAPED-OUTPUT", hasElement(p.HTML, element, field), gomega.BeFalse(), expected)
	}
}

// hasElement reports whether a document has an element of a name. What may be
// the page's own as well counts with the fixture's text in it alone.
func hasElement(document, name, field string) bool {
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		return false
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != name {
			continue
		}
		if field != "providerName" || name != "b" || n.FirstChild != nil && n.FirstChild.Data == "Bold" {
			return true
		}
	}
	return false
}

// Sections 3 and 8.3.2: control characters come from nobody who means well.
var controls = []trial.Case{
	{Key: "security-header-intact", Title: "line breaks in state do not reach the header of the redirect",
		Requirements: []string{"DC-SEC-CONTROL-CHARACTERS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			for _, state := range []string{"s\r\nX-Dcconform: split", "s\nX-Dcconform: split", "s\rX-Dcconform: split", "s\x00\x7f\t"} {
				intact(t, t.CancelAs(t.Forms(), r.With("state", state)))
			}
			e := t.CancelAs(t.Forms(), r.With("state", "s"))
			if _, back := e.Back(); !back {
				t.Inconclusive("control-twin", "the same request with a printable state did not lead back: "+e.String())
			}
		}},
	{Key: "security-zone-intact", Title: "line breaks in values and names add no record to the zone",
		Requirements: []string{"DC-SEC-CONTROL-CHARACTERS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			line := "evil." + t.Root() + ". 600 IN A 192.0.2.66"
			for _, end := range []string{"\r\n", "\n", "\x00\x7f\t"} {
				for _, bad := range []trial.Request{
					below(r, "value").With("text", "x\""+end+line+end+";"),
					below(r, "value").With("ip", "192.0.2.1"+end+line),
					r.With("host", "name.{host}"+end+line),
					r.With("domain", "{domain}"+end+line),
				} {
					intact(t, t.ApproveAs(t.Forms(), bad))
				}
			}
			e := t.Approve(below(r, "twin"))
			works(t, e, "twin 600 A 192.0.2.1", `note.twin 600 TXT "v=plain"`)
			came := t.Present("evil 600 A 192.0.2.66")
			t.Require("DC-SEC-CONTROL-CHARACTERS", came, gomega.BeEmpty(), check.About{
				Sent:     "apply links with control characters and " + line + " in text, ip, host or domain; then the control twin " + e.Link,
				Expected: []string{"an error", "the value of one record, with its control characters escaped"},
				Actual:   "a record of the request's making: " + strings.Join(came, ", "),
				Mend:     "refuse control characters, and never make records by writing lines of text"})
		}},
}

// intact states that no response on the way has a header field that the
// request made up.
func intact(t *trial.Trial, e *trial.Ending) {
	for _, x := range e.Outcome.Exchanges {
		expected := about(e, "an error", "control characters percent-encoded")
		expected.Actual = fmt.Sprintf("%s: a header field X-Dcconform of the request's making", x)
		t.Require("DC-SEC-CONTROL-CHARACTERS", x.Header.Get("X-Dcconform"), gomega.BeEmpty(), expected)
	}
}
