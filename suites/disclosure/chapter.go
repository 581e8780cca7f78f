// Package disclosure judges what a DNS provider tells the user before he
// approves, and that nothing happens without his approval (ietf-05 sections
// 8.3.3, 10.2 and 10.6).
package disclosure

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "disclosure", Title: "Consent", Cases: slices.Concat(users, approval, names, records, conflicts, warnings, browser)}
}

// about begins the description of a statement about a flow.
func about(e *trial.Ending, expected ...string) check.About {
	return check.About{Sent: "GET " + e.Link, Expected: expected, Actual: e.String()}
}

// shown is what the user reads before he approves, his sign-in included.
func shown(e *trial.Ending) string {
	var b strings.Builder
	for _, p := range e.Outcome.Pages {
		b.WriteString(p.Title + "\n" + p.Text + "\n")
	}
	return b.String()
}

// consentPage is what the consent page says. When the user is not asked there
// is nothing to read, and the case cannot be judged.
func consentPage(t *trial.Trial, e *trial.Ending) string {
	page, ok := e.Page()
	if !ok {
		t.Inconclusive("control-twin", "a request that has to be asked about was not: "+e.String())
	}
	return page.Title + "\n" + page.Text
}

// tells states that the consent page has a text.
func tells(t *trial.Trial, id string, e *trial.Ending, text, what string) {
	page := consentPage(t, e)
	expected := about(e, what+": "+text)
	expected.Actual = "the consent page says: " + page
	t.Require(id, strings.Contains(page, text), gomega.BeTrue(), expected)
}

// twin is a control twin: an ordinary request whose record stands beside those
// of the plain template.
func twin(t *trial.Trial) trial.Request { return t.Request("text").With("text", "twin") }

// leaves states that what was done before has written nothing: the control
// twin is applied, and when its record is seen there is nothing beside it. A
// case does so once, since from then on the record is no sign of time.
func leaves(t *trial.Trial, id string, did check.About) {
	e := t.Approve(twin(t))
	if !e.Succeeded() {
		t.Inconclusive("control-twin", "the control twin, an ordinary request with approval, did not work: "+e.String())
	}
	did.Sent += "; then the control twin " + e.Link
	did.Expected, did.Actual = []string{"nothing but the record of the control twin"}, ""
	t.Holds(id, did, `@ 600 TXT "twin"`)
}

// untouched makes sure that the zone is as it was before the tested step.
func untouched(t *trial.Trial) {
	if zone := t.Zone(); len(zone) > 0 {
		t.Inconclusive("control-twin", "the zone has changed before anything was approved: "+strings.Join(zone, ", "))
	}
}

// works makes sure that a control twin is carried out.
func works(t *trial.Trial, e *trial.Ending, records ...string) {
	if e.Succeeded() {
		t.Settle(records...)
	}
	if missing := t.Missing(records...); len(missing) > 0 {
		t.Inconclusive("control-twin", "the control twin did not work: "+e.String()+"; missing: "+strings.Join(missing, ", "))
	}
}
