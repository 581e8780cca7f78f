// Package recordtypes judges which types of records a DNS provider takes from
// templates, and what it makes of their data (ietf-05 sections 3, 6.2, 9.1.2
// and 13.2; dcspec-2.3, Template Record and its extensions).
package recordtypes

import (
	"slices"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "recordtypes", Title: "Record types", Cases: slices.Concat(core, data, optional, generic, refused, extensions)}
}

// applied is the case of a request that leads to exactly its records.
func applied(key, title, id, template string, values map[string]string, records ...string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{id}, Templates: []string{template},
		Body: func(t *trial.Trial) {
			r := t.Request(template)
			for name, value := range values {
				r = r.With(name, value)
			}
			t.Applies(id, r, records...)
		}}
}

// sent words what was done, for a statement about what came of it.
func sent(e *trial.Ending) check.About { return check.About{Sent: "GET " + e.Link + ", then Confirm"} }
