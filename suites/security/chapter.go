// Package security judges what a DNS provider does against links and pages
// that mean harm: text that is markup, a line break or a field of a record,
// parameters that come twice, pages of other sites, and names that more depends
// on than on others (ietf-05 sections 8.3.2, 10.2, 10.6 and 12.3; dcspec-2.3,
// Template Integrity).
package security

import (
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "security", Title: "Security", Cases: slices.Concat(forgery, markup, controls, scope, repeats, special)}
}

// about begins the description of a statement about a flow.
func about(e *trial.Ending, expected ...string) check.About {
	return check.About{Sent: "GET " + e.Link, Expected: expected, Actual: e.String()}
}

// shown is what a consent page says. When the user is not asked there is
// nothing to read, and the case cannot be judged.
func shown(t *trial.Trial, e *trial.Ending) string {
	page, ok := e.Page()
	if !ok {
		t.Inconclusive("control-twin", "a request that has to be asked about was not: "+e.String())
	}
	return page.Title + "\n" + page.Text
}

// below is a request at a name below the case's own host.
func below(r trial.Request, name string) trial.Request { return r.With("host", name+".{host}") }

// repeated puts a second pair of a name behind the query.
func repeated(r trial.Request, pair string) trial.Request {
	return r.Raw(func(query string) string { return query + "&" + pair })
}

// leaves states that what was done before has written nothing: a control twin
// with another record at the case's own name is applied, and when that is seen
// there is nothing beside it. A case does so once.
func leaves(t *trial.Trial, id string, did check.About) {
	twin := t.Approve(t.Request("text").With("text", "twin"))
	if !twin.Succeeded() {
		t.Inconclusive("control-twin", "the control twin, an ordinary request with approval, did not work: "+twin.String())
	}
	did.Sent += "; then the control twin " + twin.Link
	did.Expected, did.Actual = []string{"nothing but the record of the control twin"}, ""
	t.Holds(id, did, `@ 600 TXT "twin"`)
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
