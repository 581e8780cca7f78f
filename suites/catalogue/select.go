package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/register"
)

// Filter chooses entries; the zero value chooses all. What it says of
// requirements holds for a case, a fault or a rule when it holds for one of
// those that it names.
type Filter struct {
	// Area, Role, Check, Level and Edition are words of the register. Level
	// together with Edition is the level in that edition.
	Area, Role, Check, Level, Edition string
	// Untested leaves requirements that no case or rule judges, cases that no
	// fault proves able to fail, and faults that no case has to catch.
	Untested bool
	// Text has to stand in the id or the text, upper and lower case alike.
	Text []string
}

// Check refuses words that the register does not know.
func (f *Filter) check(reg *register.Register) error {
	for _, word := range []struct {
		flag, value string
		list        []string
	}{
		{"--area", f.Area, reg.Areas()},
		{"--role", f.Role, words(register.DNSProvider, register.ServiceProvider, register.TemplateAuthor)},
		{"--check", f.Check, words(register.ProviderBlackbox, register.TemplateStatic, register.ClientObserved, register.Untestable)},
		{"--level", f.Level, words(register.MUST, register.SHOULD, register.MAY)},
		{"--edition", f.Edition, words(register.IETF05, register.DCSpec23, register.Async00)},
	} {
		if word.value != "" && !slices.Contains(word.list, word.value) {
			return fmt.Errorf("%s %q: did you mean %s? There are %s", word.flag, word.value,
				register.Closest(word.value, word.list), strings.Join(word.list, ", "))
		}
	}
	return nil
}

func words[T ~string](list ...T) []string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = string(w)
	}
	return texts
}

// fits reports whether a requirement is one that the filter means.
func (f *Filter) fits(q *register.Requirement) bool {
	if f.Area != "" && q.Area != f.Area || f.Role != "" && string(q.Role) != f.Role || f.Check != "" && string(q.Check) != f.Check {
		return false
	}
	if f.Level == "" && f.Edition == "" {
		return true
	}
	for e, d := range q.Editions {
		if (f.Edition == "" || string(e) == f.Edition) && (f.Level == "" || string(d.Level) == f.Level) {
			return true
		}
	}
	return false
}

// plain reports whether the filter says nothing of requirements.
func (f *Filter) plain() bool {
	return f.Area == "" && f.Role == "" && f.Check == "" && f.Level == "" && f.Edition == ""
}

// any reports whether one of the requirements fits.
func (f *Filter) any(reg *register.Register, ids []string) bool {
	return f.plain() || slices.ContainsFunc(ids, func(id string) bool {
		q, ok := reg.Get(id)
		return ok && f.fits(q)
	})
}

// says reports whether all words stand in one of the texts.
func (f *Filter) says(texts ...string) bool {
	all := strings.ToLower(strings.Join(texts, "\n"))
	for _, word := range f.Text {
		if !strings.Contains(all, strings.ToLower(word)) {
			return false
		}
	}
	return true
}

// The kinds of entries.
const (
	KindRequirements = "requirements"
	KindCases        = "cases"
	KindFaults       = "faults"
	KindRules        = "rules"
)

// Kinds lists what can be listed.
func Kinds() []string { return []string{KindRequirements, KindCases, KindFaults, KindRules} }

// List is a choice of entries of one kind.
type List struct {
	Kind string `json:"kind"`
	// Of is how many there are without a filter.
	Of int `json:"of"`

	Requirements []RequirementView `json:"requirements,omitempty"`
	Cases        []CaseView        `json:"cases,omitempty"`
	Faults       []FaultView       `json:"faults,omitempty"`
	Rules        []Rule            `json:"rules,omitempty"`
}

// Len counts the chosen entries.
func (l *List) Len() int { return len(l.Requirements) + len(l.Cases) + len(l.Faults) + len(l.Rules) }

// Select lists the entries of a kind that a filter means.
func (c *Catalogue) Select(kind string, f Filter) (*List, error) {
	if err := f.check(c.register); err != nil {
		return nil, err
	}
	l := &List{Kind: kind}
	switch kind {
	case KindRequirements:
		c.selectRequirements(l, &f)
	case KindCases:
		l.Of = len(c.cases)
		for _, x := range c.cases {
			v := CaseView{Case: x, Faults: c.FaultsFor(x)}
			if f.any(c.register, x.Requirements) && f.says(x.Key, x.Title, x.Chapter, strings.Join(x.Requirements, " ")) &&
				(!f.Untested || x.Suite == SuiteProvider && len(v.Faults) == 0) {
				l.Cases = append(l.Cases, v)
			}
		}
	case KindFaults:
		l.Of = len(c.faults)
		for _, x := range c.faults {
			v := FaultView{Fault: x, Cases: c.CasesAgainst(x)}
			if f.any(c.register, x.Requirements) && f.says(x.Name, x.Sentence, strings.Join(x.Requirements, " ")) && (!f.Untested || len(v.Cases) == 0) {
				l.Faults = append(l.Faults, v)
			}
		}
	case KindRules:
		if f.Untested {
			return nil, fmt.Errorf("--untested means nothing for rules: each judges every template")
		}
		l.Of = len(c.rules)
		for _, x := range c.rules {
			if f.any(c.register, x.Requirements) && f.says(x.ID, x.Title, x.Why, strings.Join(x.DCTL, " ")) {
				l.Rules = append(l.Rules, x)
			}
		}
	default:
		return nil, fmt.Errorf("there is no list of %q; did you mean %s? There are %s", kind, register.Closest(kind, Kinds()), strings.Join(Kinds(), ", "))
	}
	return l, nil
}

func (c *Catalogue) selectRequirements(l *List, f *Filter) {
	all := c.register.All()
	l.Of = len(all)
	for _, q := range all {
		if f.fits(q) && f.says(q.ID, q.Text) && (!f.Untested || c.StateIn(q, register.Edition(f.Edition)) == Open) {
			l.Requirements = append(l.Requirements, c.viewOf(q))
		}
	}
}
