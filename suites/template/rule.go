// Package template holds the static rules: what can be said about a template
// by reading it. Each rule or small family is one file, which registers its
// rules by itself, so that a new rule is one new file.
//
// The rules stand for the template requirements of the register, for the
// rules of the public template repository, and for the official linter's
// codes that need no network. Where the linter is wrong or stops short, a
// rule says in Differs what it does instead.
package template

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Level is how much a finding matters.
type Level uint8

// The levels. Error: providers refuse the template, apply it wrongly, or an
// edition forbids it. Warning: it works and should not be so. Info: good to
// know.
const (
	Info Level = iota + 1
	Warning
	Error
)

// String is the level in one lower-case word.
func (l Level) String() string {
	switch l {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return fmt.Sprintf("level(%d)", uint8(l))
}

// MarshalText writes the level's word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// ProfileCloudflare adds what Cloudflare ignores or demands.
const ProfileCloudflare = "cloudflare"

// Profiles lists the profiles that have rules of their own.
func Profiles() []string { return []string{ProfileCloudflare} }

// Rule is one static check.
type Rule struct {
	// ID is a word id; it never changes and counts as a requirement id.
	ID string
	// Title is the finding's kind in a few words.
	Title string
	// Level is how much a finding matters unless the rule says less or more
	// of a certain case; Why tells when.
	Level Level
	// DCTL are the official linter's codes for the same matter; empty when
	// the linter has none. The first is that of a finding which names none.
	DCTL []string
	// Requirements are ids of the register that the rule stands for.
	Requirements []string
	// Editions are those in which the rule applies; nil is all.
	Editions []dc.Edition
	// Profile is set on rules of one provider; they apply only when it is
	// asked for.
	Profile string
	// Why says what goes wrong, Mend what to do.
	Why, Mend string
	// Differs says where the rule departs from the official linter, and why.
	// It is empty when it does not, or when the linter has no such rule.
	Differs string

	// check looks at a template; nil for rules that are found while reading
	// a file or by comparing several.
	check func(p *pass)
	// lastResort runs after all others, since it is silent where they spoke.
	lastResort bool
}

// Applies reports whether the rule is asked for.
func (r *Rule) Applies(o Options) bool {
	return (r.Profile == "" || r.Profile == o.Profile) && (r.Editions == nil || slices.Contains(r.Editions, o.Edition))
}

var (
	ietf   = []dc.Edition{dc.IETF05}
	dcspec = []dc.Edition{dc.DCSpec23}
)

var registry []*Rule

// declare adds a rule while the program starts. A test holds that no id
// stands twice.
func declare(r Rule) *Rule {
	registry = append(registry, &r)
	return &r
}

// Rules lists all rules, by id.
func Rules() []Rule {
	rules := make([]Rule, 0, len(registry))
	for _, r := range registry {
		rules = append(rules, *r)
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}

// Find returns the rule of an id.
func Find(id string) (Rule, bool) {
	for _, r := range registry {
		if r.ID == id {
			return *r, true
		}
	}
	return Rule{}, false
}

// Finding is what a rule has against a place in a template.
type Finding struct {
	// Rule is the rule's id.
	Rule  string `json:"rule"`
	Level Level  `json:"level"`
	// DCTL is the official linter's code, empty when it has none.
	DCTL string `json:"dctl,omitempty"`
	// File is the name as given; Line and Column count from 1, the column in
	// bytes.
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	// Record counts from 1; 0 when no record is meant.
	Record int `json:"record,omitempty"`
	// Field is the JSON name of the member, if one is meant.
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Mend    string `json:"mend"`
}
