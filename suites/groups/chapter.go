// Package groups judges which records of a template with groups a DNS provider
// applies (ietf-05 section 10.3; dcspec-2.3, Parameters/properties).
package groups

import (
	"slices"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "groups", Title: "Groups of records", Cases: slices.Concat(selection, malformed, additive)}
}

// template is applied by all cases.
var template = []string{"groups"}

// The records of the template, each by its own.
const (
	base  = `base 600 TXT "base g"`
	one   = `one 600 TXT "one g"`
	three = `three 600 A 192.0.2.3`
	two   = `two 600 CNAME two.service.example.`
	upper = `upper 600 TXT "upper g"`
	ten   = `ten 600 TXT "ten g"`
)

// watch observes the names of all records, also of those that must not come.
func watch(t *trial.Trial) { t.Watch("base", "one", "two", "three", "upper", "ten") }

// only states that a list of groups leads to exactly the records, beside that
// of no group, which has a case of its own.
func only(t *trial.Trial, id, list string, records ...string) {
	watch(t)
	e := t.Confirms(id, t.Request("groups").With("groupId", list))
	t.Settle(records...)
	if len(t.Missing(base)) == 0 {
		records = append(records, base)
	}
	t.Holds(id, check.About{Sent: "GET " + e.Link + ", then Confirm"}, records...)
}
