// Package match holds the Gomega matchers that cases compare with: whole
// records in presentation format, and redirects as a client sees them.
package match

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"
)

// Records matches when actual, a []string of records in presentation format,
// holds exactly the wanted records in any order. Records are compared whole:
// owner, TTL, class, type and data.
func Records(want ...string) types.GomegaMatcher { return &records{want: want} }

type records struct {
	want             []string
	missing, surplus []string
}

func (m *records) Match(actual any) (bool, error) {
	got, ok := actual.([]string)
	if !ok {
		return false, fmt.Errorf("match.Records compares []string, not %T", actual)
	}
	m.missing, m.surplus = difference(m.want, got), difference(got, m.want)
	return len(m.missing) == 0 && len(m.surplus) == 0, nil
}

func (m *records) FailureMessage(any) string {
	var b strings.Builder
	list(&b, "missing", m.missing)
	list(&b, "not expected", m.surplus)
	return b.String()
}

func (m *records) NegatedFailureMessage(any) string {
	return "the records are exactly those: " + strings.Join(m.want, ", ")
}

func list(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if b.Len() > 0 {
		b.WriteString("; ")
	}
	b.WriteString(title + ": " + strings.Join(lines, ", "))
}

// difference is a without b, as multisets, sorted.
func difference(a, b []string) []string {
	count := map[string]int{}
	for _, s := range b {
		count[s]++
	}
	var rest []string
	for _, s := range a {
		if count[s] > 0 {
			count[s]--
			continue
		}
		rest = append(rest, s)
	}
	slices.Sort(rest)
	return rest
}

// Missing are the wanted records that got does not hold, sorted.
func Missing(want, got []string) []string { return difference(want, got) }
