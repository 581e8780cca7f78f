package run

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dcconform/dcconform/suites/check"
)

// selectCases finds the cases whose id or key matches one of the patterns, and
// those that they need. A pattern that matches nothing is an error, since
// whoever wrote it expected something to be run.
func selectCases(scenarios []*check.Scenario, patterns []string) (map[string]bool, error) {
	selected := map[string]bool{}
	var unmatched []string
	for _, pattern := range patterns {
		re, err := glob(pattern)
		if err != nil {
			return nil, usageError{fmt.Errorf("--case %q: %w", pattern, err)}
		}
		matched := false
		for _, sc := range scenarios {
			for i := range sc.Checks {
				c := &sc.Checks[i]
				if re.MatchString(sc.ID(c)) || re.MatchString(c.Key) {
					matched = true
					selectWithNeeds(sc, c, selected)
				}
			}
		}
		if !matched {
			unmatched = append(unmatched, fmt.Sprintf("%q", pattern))
		}
	}
	if len(unmatched) == 0 {
		return selected, nil
	}
	err := fmt.Errorf("--case %s matches no case", strings.Join(unmatched, ", "))
	if len(selected) == 0 {
		return nil, nothingError{err}
	}
	return nil, usageError{err}
}

func selectWithNeeds(sc *check.Scenario, c *check.Check, selected map[string]bool) {
	selected[sc.ID(c)] = true
	for _, need := range c.Needs {
		for i := range sc.Checks {
			if sc.Checks[i].Key == need {
				selectWithNeeds(sc, &sc.Checks[i], selected)
			}
		}
	}
}

// glob is a pattern with * for any text and ? for one character; slashes are
// characters like others, so that */read-back means what it looks like.
func glob(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, fmt.Errorf("the pattern is empty")
	}
	var b strings.Builder
	b.WriteString("^")
	for _, r := range pattern {
		switch r {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return regexp.Compile(b.String() + "$")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

// shellLine joins words so that a POSIX shell reads them back.
func shellLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = w
		if !plainWord.MatchString(w) {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
