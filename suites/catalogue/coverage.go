package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/register"
)

// State is what is known of a requirement's test.
type State string

// The states.
const (
	// Tested: a case or a static rule judges it.
	Tested State = "tested"
	// NotTestable: no test can; the register says why.
	NotTestable State = "not testable"
	// Open: it could be judged and is not yet.
	Open State = "open"
)

// State says whether a requirement is tested, in any edition.
func (c *Catalogue) State(q *register.Requirement) State { return c.StateIn(q, "") }

// StateIn says whether a requirement is tested when an edition is judged by:
// a case may be limited to another one. The edition "" is any.
func (c *Catalogue) StateIn(q *register.Requirement, e register.Edition) State {
	switch {
	case q.Check == register.Untestable:
		return NotTestable
	case c.testedIn(q, e):
		return Tested
	}
	return Open
}

// Count is how many requirements of one level are in which state.
type Count struct {
	Tested      int `json:"tested"`
	NotTestable int `json:"notTestable"`
	Open        int `json:"open"`
}

func (n *Count) add(s State) {
	switch s {
	case Tested:
		n.Tested++
	case NotTestable:
		n.NotTestable++
	case Open:
		n.Open++
	}
}

// Sum is the number of requirements.
func (n Count) Sum() int { return n.Tested + n.NotTestable + n.Open }

// Row is the counts of one section of an edition, or of one way of checking.
type Row struct {
	// Name is the section, or the way.
	Name string `json:"name"`
	// Levels has an entry for each level that the row has requirements of.
	Levels map[register.Level]*Count `json:"levels"`
}

func (r *Row) add(level register.Level, s State) {
	if r.Levels[level] == nil {
		r.Levels[level] = &Count{}
	}
	r.Levels[level].add(s)
}

// EditionCoverage is the coverage of one edition.
type EditionCoverage struct {
	Edition register.Edition `json:"edition"`
	// Total is the whole edition; Checks part it by the way of checking,
	// Sections by the main section that a requirement cites.
	Total    *Row   `json:"total"`
	Checks   []*Row `json:"checks"`
	Sections []*Row `json:"sections"`
}

// Coverage is what is tested, and what falls through.
type Coverage struct {
	Editions []EditionCoverage `json:"editions"`
	// OpenMusts are the MUSTs of the synchronous protocol that a black box can
	// show and that no case judges.
	OpenMusts []string `json:"openMusts"`
	// FaultsWithoutCase are faults that no provider case has to catch.
	FaultsWithoutCase []string `json:"faultsWithoutCase"`
	// CasesWithoutFault are provider cases that no fault proves able to fail.
	CasesWithoutFault []string `json:"casesWithoutFault"`
	// MustsWithoutFault are tested MUSTs of a provider that no fault breaks.
	MustsWithoutFault []string `json:"mustsWithoutFault"`
	// Proposed are the faults that the register proposes for requirements
	// which a provider case judges and which the mock does not have.
	Proposed []string `json:"proposedFaults"`
}

// Coverage counts.
func (c *Catalogue) Coverage() Coverage {
	var v Coverage
	for _, e := range []register.Edition{register.IETF05, register.DCSpec23, register.Async00} {
		v.Editions = append(v.Editions, c.edition(e))
	}
	for _, f := range c.faults {
		if len(c.CasesAgainst(f)) == 0 {
			v.FaultsWithoutCase = append(v.FaultsWithoutCase, f.Name)
		}
	}
	for _, x := range c.cases {
		if x.Suite == SuiteProvider && len(c.FaultsFor(x)) == 0 {
			v.CasesWithoutFault = append(v.CasesWithoutFault, x.Key)
		}
	}
	for _, q := range c.register.All() {
		if q.Check != register.ProviderBlackbox {
			continue
		}
		state := c.State(q)
		if state == Open && syncMust(q) {
			v.OpenMusts = append(v.OpenMusts, q.ID)
		}
		if state != Tested || len(c.faultsOf[q.ID]) > 0 {
			continue
		}
		v.Proposed = append(v.Proposed, q.Fault.Name)
		if syncMust(q) {
			v.MustsWithoutFault = append(v.MustsWithoutFault, q.ID)
		}
	}
	return v
}

// syncMust reports whether an edition of the synchronous protocol has the
// requirement as a MUST.
func syncMust(q *register.Requirement) bool {
	if slices.Contains(q.Needs, register.NeedAsync) || slices.Contains(q.Needs, register.NeedRevert) {
		return false
	}
	return q.Editions[register.IETF05].Level == register.MUST || q.Editions[register.DCSpec23].Level == register.MUST
}

func (c *Catalogue) edition(e register.Edition) EditionCoverage {
	v := EditionCoverage{Edition: e, Total: newRow("all")}
	checks, sections := map[string]*Row{}, map[string]*Row{}
	for _, q := range c.register.All() {
		d, ok := q.Editions[e]
		if !ok {
			continue
		}
		s := c.StateIn(q, e)
		v.Total.add(d.Level, s)
		row(checks, &v.Checks, string(q.Check)).add(d.Level, s)
		row(sections, &v.Sections, MainSection(e, d.Section)).add(d.Level, s)
	}
	slices.SortStableFunc(v.Sections, func(a, b *Row) int { return compareSections(a.Name, b.Name) })
	return v
}

func newRow(name string) *Row { return &Row{Name: name, Levels: map[register.Level]*Count{}} }

func row(at map[string]*Row, list *[]*Row, name string) *Row {
	if at[name] == nil {
		at[name] = newRow(name)
		*list = append(*list, at[name])
	}
	return at[name]
}

// commaHeading is the one heading of dcspec-2.3 that has commas in it.
const commaHeading = "Apply, Re-apply, and Multi-Instance"

// MainSection is the first of the sections that a requirement cites, without
// what stands in parentheses.
func MainSection(e register.Edition, section string) string {
	if strings.HasPrefix(section, commaHeading) {
		return commaHeading
	}
	main, _, _ := strings.Cut(section, ", ")
	if e != register.DCSpec23 {
		main, _, _ = strings.Cut(main, " ")
	}
	return main
}

// compareSections orders 9.2 before 10.1, and headings by the alphabet.
func compareSections(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		if len(x[i]) != len(y[i]) && digits(x[i]) && digits(y[i]) {
			return len(x[i]) - len(y[i])
		}
		return strings.Compare(x[i], y[i])
	}
	return len(x) - len(y)
}

func digits(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c < '0' || c > '9' }) < 0
}

// share is "12 of 14" or a dash.
func (n *Count) share() string {
	if n == nil || n.Sum() == 0 {
		return "–"
	}
	text := fmt.Sprintf("%d of %d", n.Tested, n.Sum())
	var rest []string
	if n.NotTestable > 0 {
		rest = append(rest, fmt.Sprintf("%d not testable", n.NotTestable))
	}
	if n.Open > 0 {
		rest = append(rest, fmt.Sprintf("%d open", n.Open))
	}
	if len(rest) > 0 {
		text += " (" + strings.Join(rest, ", ") + ")"
	}
	return text
}
