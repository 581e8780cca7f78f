// Package catalogue joins what is declared in different rooms into one index:
// the requirements of the register, the cases that judge them, the faults of
// the mock provider that break them, and the static rules. It runs nothing.
//
// The commands list and explain read it, and the page suites/COVERAGE.md is
// written from it.
package catalogue

import (
	"fmt"
	"slices"

	"github.com/dcconform/dcconform/suites/register"
)

// Case is one case of a chapter, or one check of certify.
type Case struct {
	// Key is the word id; unique.
	Key   string `json:"key"`
	Title string `json:"title"`
	// Chapter is the package; Suite the command that runs it: provider or
	// certify.
	Chapter string `json:"chapter"`
	Suite   string `json:"suite"`
	// Requirements are ids of the register; never empty.
	Requirements []string `json:"requirements"`
	// Needs are capabilities that the case asks for beyond those of its
	// requirements.
	Needs []register.Need `json:"needs,omitempty"`
	// Editions limits the case; empty is every edition that has one of its
	// requirements.
	Editions []register.Edition `json:"editions,omitempty"`
	// Templates are the conformance templates that it applies.
	Templates []string `json:"templates,omitempty"`
}

// The suites that cases belong to.
const (
	SuiteProvider = "provider"
	SuiteCertify  = "certify"
)

// Fault is one deliberate misbehaviour of the mock provider.
type Fault struct {
	Name string `json:"name"`
	// Sentence says what the provider then does.
	Sentence string `json:"sentence"`
	// Requirements are those that it breaks; never empty.
	Requirements []string `json:"requirements"`
}

// Rule is one static rule for templates.
type Rule struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Level is error, warning or info.
	Level string `json:"level"`
	// DCTL are the official linter's codes for the same.
	DCTL         []string `json:"dctl,omitempty"`
	Requirements []string `json:"requirements,omitempty"`
	// Editions are those in which it applies; empty is all.
	Editions []register.Edition `json:"editions,omitempty"`
	// Profile is set on rules of one provider.
	Profile string `json:"profile,omitempty"`
	Why     string `json:"why"`
	Mend    string `json:"mend"`
	// Differs says where the rule departs from the official linter.
	Differs string `json:"differs,omitempty"`
}

// Catalogue is the index. It does not change and may be used by several
// goroutines.
type Catalogue struct {
	register *register.Register
	cases    []Case
	faults   []Fault
	rules    []Rule

	casesOf, faultsOf, rulesOf map[string][]string // by requirement
}

// New joins the parts. A name that stands twice, and a requirement that is
// missing or unknown, are errors that name the culprit: what cannot be traced
// to the specifications must not run.
func New(reg *register.Register, cases []Case, faults []Fault, rules []Rule) (*Catalogue, error) {
	c := &Catalogue{register: reg, cases: slices.Clone(cases), faults: slices.Clone(faults), rules: slices.Clone(rules),
		casesOf: map[string][]string{}, faultsOf: map[string][]string{}, rulesOf: map[string][]string{}}
	seen := map[string]bool{}
	join := func(kind, name string, ids []string, by map[string][]string) error {
		if seen[kind+name] {
			return fmt.Errorf("%s %s stands twice: names are unique", kind, name)
		}
		seen[kind+name] = true
		if err := reg.Known(ids...); err != nil {
			return fmt.Errorf("%s %s: %w", kind, name, err)
		}
		for _, id := range ids {
			by[id] = append(by[id], name)
		}
		return nil
	}
	for _, x := range cases {
		if err := join("case", x.Key, x.Requirements, c.casesOf); err != nil {
			return nil, err
		}
	}
	for _, x := range faults {
		if err := join("fault", x.Name, x.Requirements, c.faultsOf); err != nil {
			return nil, err
		}
	}
	for _, x := range rules {
		if len(x.Requirements) == 0 { // a rule may be the only place that asks for something
			continue
		}
		if err := join("rule", x.ID, x.Requirements, c.rulesOf); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Register is the register that the catalogue was made with.
func (c *Catalogue) Register() *register.Register { return c.register }

// CasesOf are the keys of the cases that judge a requirement.
func (c *Catalogue) CasesOf(id string) []string { return slices.Clone(c.casesOf[id]) }

// FaultsOf are the names of the faults that break a requirement.
func (c *Catalogue) FaultsOf(id string) []string { return slices.Clone(c.faultsOf[id]) }

// RulesOf are the ids of the static rules that stand for a requirement.
func (c *Catalogue) RulesOf(id string) []string { return slices.Clone(c.rulesOf[id]) }

// CasesAgainst are the provider cases that have to catch a fault: those that
// judge one of the requirements that it breaks.
func (c *Catalogue) CasesAgainst(f Fault) []string {
	return c.keys(func(x Case) bool { return x.Suite == SuiteProvider && meet(x.Requirements, f.Requirements) })
}

// FaultsFor are the faults that a case has to catch.
func (c *Catalogue) FaultsFor(x Case) []string {
	var names []string
	for _, f := range c.faults {
		if x.Suite == SuiteProvider && meet(x.Requirements, f.Requirements) {
			names = append(names, f.Name)
		}
	}
	return names
}

func (c *Catalogue) keys(wanted func(Case) bool) []string {
	var keys []string
	for _, x := range c.cases {
		if wanted(x) {
			keys = append(keys, x.Key)
		}
	}
	return keys
}

// testedIn reports whether a requirement is judged where it has to be: by a
// case of the provider suite when it is about what a provider does, by a rule
// or a check of certify when it is about what stands in a template.
func (c *Catalogue) testedIn(q *register.Requirement, e register.Edition) bool {
	for _, key := range c.casesOf[q.ID] {
		x, _ := c.Case(key)
		if (q.Check == register.ProviderBlackbox) == (x.Suite == SuiteProvider) && within(x.Editions, e) {
			return true
		}
	}
	return q.Check == register.TemplateStatic && slices.ContainsFunc(c.rulesOf[q.ID], func(id string) bool {
		r, _ := c.Rule(id)
		return within(r.Editions, e)
	})
}

// within reports whether a list of editions, empty for all, has an edition; ""
// is in every list.
func within(list []register.Edition, e register.Edition) bool {
	return e == "" || len(list) == 0 || slices.Contains(list, e)
}

// Case finds a case by its key.
func (c *Catalogue) Case(key string) (Case, bool) {
	return find(c.cases, func(x Case) bool { return x.Key == key })
}

// Fault finds a fault by its name.
func (c *Catalogue) Fault(name string) (Fault, bool) {
	return find(c.faults, func(x Fault) bool { return x.Name == name })
}

// Rule finds a static rule by its id.
func (c *Catalogue) Rule(id string) (Rule, bool) {
	return find(c.rules, func(x Rule) bool { return x.ID == id })
}

func find[T any](list []T, wanted func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, wanted); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
