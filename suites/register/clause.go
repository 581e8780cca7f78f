package register

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Clause cites a requirement: "section 8.3.5 of ietf-05 (MUST)". It is empty
// when the id is unknown or the edition has no such rule.
func (r *Register) Clause(id string, edition Edition) string {
	d, edition, ok := r.demand(id, edition)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%s (%s)", place(edition, d.Section), d.Level)
}

// Breach says what a failure of the requirement is. Only a keyword is
// violated: "violates section 8.3.5 of ietf-05 (MUST)"; the rest "contradicts
// section 8.3.5 of ietf-05", and what is not written down "contradicts what
// follows from section 8.3.5 of ietf-05". It is empty when the id is unknown
// or the edition has no such rule.
func (r *Register) Breach(id string, edition Edition) string {
	d, edition, ok := r.demand(id, edition)
	if !ok {
		return ""
	}
	switch d.Basis {
	case Keyword:
		return "violates " + r.Clause(id, edition)
	case Derived:
		return "contradicts what follows from " + place(edition, d.Section)
	default:
		return "contradicts " + place(edition, d.Section)
	}
}

// place words where a section stands. The community specification is cited by
// heading, since its numbering is switched off part-way.
func place(edition Edition, section string) string {
	if edition == DCSpec23 {
		return fmt.Sprintf("section %q of %s", section, edition)
	}
	if strings.Contains(section, ", ") {
		return fmt.Sprintf("sections %s of %s", section, edition)
	}
	return fmt.Sprintf("section %s of %s", section, edition)
}

// Known returns an error that lists every id that is not in the register,
// each with the id that it most resembles, or nil. No id at all is an error,
// because a case that checks nothing must not pass.
func (r *Register) Known(ids ...string) error {
	if len(ids) == 0 {
		return errors.New("no requirement id given: every case names at least one id of the register")
	}
	var unknown []string
	for _, id := range ids {
		if _, ok := r.byID[id]; ok {
			continue
		}
		unknown = append(unknown, fmt.Sprintf("%q (did you mean %s?)", id, r.Nearest(id)))
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("not in the register: %s", strings.Join(unknown, ", "))
}

// Nearest returns the known id with the smallest edit distance to id, the
// first in alphabetical order of several; "" only when the register is empty.
func (r *Register) Nearest(id string) string {
	known := make([]string, 0, len(r.list))
	for _, q := range r.list {
		known = append(known, q.ID)
	}
	return Closest(id, known)
}

// Closest is the word of a list with the smallest edit distance to word, upper
// and lower case alike, the first in alphabetical order of several; "" only
// when the list is empty.
func Closest(word string, list []string) string {
	list = append([]string(nil), list...)
	sort.Strings(list)
	best, least := "", -1
	for _, k := range list {
		if d := levenshtein.ComputeDistance(strings.ToUpper(word), strings.ToUpper(k)); least < 0 || d < least {
			best, least = k, d
		}
	}
	return best
}
