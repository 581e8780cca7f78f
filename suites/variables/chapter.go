// Package variables judges how a DNS provider puts values into a template
// (ietf-05 section 9; dcspec-2.3, Variable Values).
package variables

import (
	"slices"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "variables", Title: "Variables", Cases: slices.Concat(builtins, values, substitution, checked)}
}

// holds applies a request and states which record comes at one of the names
// of its template. Others, which have cases of their own, are not looked at.
func holds(t *trial.Trial, id string, r trial.Request, record string) {
	e := t.Confirms(id, r)
	t.HoldsAt(id, check.About{Sent: "GET " + e.Link + ", then Confirm"}, record)
}
