package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/register"
)

// Explanation is what there is to say of one name; one of the four is set.
type Explanation struct {
	Requirement *RequirementView `json:"requirement,omitempty"`
	Case        *CaseView        `json:"case,omitempty"`
	Fault       *FaultView       `json:"fault,omitempty"`
	Rule        *Rule            `json:"rule,omitempty"`
}

// UnclearError is returned for a name that nothing has, or that is a part of
// several.
type UnclearError struct {
	Name string
	// Parts are the names that it is a part of, sorted; empty when there are
	// none, and Nearest is then what it most resembles.
	Parts   []string
	Nearest string
}

// unclearMost is how many names are told.
const unclearMost = 20

func (e *UnclearError) Error() string {
	if len(e.Parts) == 0 {
		return fmt.Sprintf("nothing is called %q; did you mean %s?", e.Name, e.Nearest)
	}
	list, more := e.Parts, ""
	if len(list) > unclearMost {
		more = fmt.Sprintf("\n  and %d more", len(list)-unclearMost)
		list = list[:unclearMost]
	}
	return fmt.Sprintf("%q stands in several names; give one of them:\n  %s%s", e.Name, strings.Join(list, "\n  "), more)
}

// Explain finds what has a name: a requirement, a case, a fault (also one that
// only the register proposes), a static rule, or the rules of one of the
// official linter's codes. Upper and lower case are alike. A part of exactly
// one name will do; the error is an *UnclearError.
func (c *Catalogue) Explain(name string) ([]Explanation, error) {
	// Reports write a case with its chapter or template, and its key last.
	if key := name[strings.LastIndex(name, "/")+1:]; key != name && key != "" {
		if found := c.exactly(key); len(found) > 0 {
			return found, nil
		}
	}
	if found := c.exactly(name); len(found) > 0 {
		return found, nil
	}
	all := c.names()
	parts := slices.DeleteFunc(slices.Clone(all), func(n string) bool { return !strings.Contains(strings.ToLower(n), strings.ToLower(name)) })
	slices.Sort(parts)
	parts = slices.Compact(parts)
	if len(parts) == 1 && name != "" {
		return c.exactly(parts[0]), nil
	}
	return nil, &UnclearError{Name: name, Parts: parts, Nearest: register.Closest(name, all)}
}

func (c *Catalogue) exactly(name string) []Explanation {
	var found []Explanation
	for _, q := range c.register.All() {
		if strings.EqualFold(q.ID, name) {
			v := c.viewOf(q)
			found = append(found, Explanation{Requirement: &v})
		}
	}
	for _, x := range c.cases {
		if strings.EqualFold(x.Key, name) {
			found = append(found, Explanation{Case: &CaseView{Case: x, Faults: c.FaultsFor(x)}})
		}
	}
	inMock := false
	for _, x := range c.faults {
		if strings.EqualFold(x.Name, name) {
			inMock = true
			found = append(found, Explanation{Fault: &FaultView{Fault: x, Cases: c.CasesAgainst(x)}})
		}
	}
	for _, q := range c.register.All() {
		if !inMock && strings.EqualFold(q.Fault.Name, name) {
			f := Fault{Name: q.Fault.Name, Sentence: q.Fault.Text, Requirements: []string{q.ID}}
			found = append(found, Explanation{Fault: &FaultView{Fault: f, Cases: c.CasesAgainst(f), Proposed: true}})
		}
	}
	for _, x := range c.rules {
		if strings.EqualFold(x.ID, name) || slices.ContainsFunc(x.DCTL, func(code string) bool { return strings.EqualFold(code, name) }) {
			found = append(found, Explanation{Rule: &x})
		}
	}
	return found
}

// Names lists everything that can be explained, sorted.
func (c *Catalogue) Names() []string {
	all := c.names()
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// CasesOfSuite lists the cases of a suite, SuiteProvider or SuiteCertify.
func (c *Catalogue) CasesOfSuite(suite string) []Case {
	return slices.DeleteFunc(slices.Clone(c.cases), func(x Case) bool { return x.Suite != suite })
}

// names is everything that can be explained.
func (c *Catalogue) names() []string {
	var all []string
	for _, q := range c.register.All() {
		all = append(all, q.ID, q.Fault.Name)
	}
	for _, x := range c.cases {
		all = append(all, x.Key)
	}
	for _, x := range c.faults {
		all = append(all, x.Name)
	}
	for _, x := range c.rules {
		all = append(all, x.ID)
		all = append(all, x.DCTL...)
	}
	return all
}
