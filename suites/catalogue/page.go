package catalogue

import (
	"fmt"
	"io"
	"strings"

	"github.com/dcconform/dcconform/suites/register"
)

var levels = []register.Level{register.MUST, register.SHOULD, register.MAY}

const pageHead = `# Coverage

Written from the register, the cases, the faults and the static rules; do not edit.
` + "`go test ./suites/catalogue -update`" + ` writes it anew, and a test fails while it is out of date.

A requirement is *tested* when a case judges it (what a provider does) or a static rule (what stands in a template),
*not testable* when no test can, and *open* when one could and there is none yet. What is asked of clients
(` + "`client-observed`" + `) has no suite yet and counts as open.
`

// WriteCoverage writes the page suites/COVERAGE.md: first what falls through,
// then the counts per edition and section, then each requirement with its
// cases and faults.
func (c *Catalogue) WriteCoverage(w io.Writer) error {
	v := c.Coverage()
	var b strings.Builder
	b.WriteString(pageHead)
	c.holes(&b, v)
	for _, e := range v.Editions {
		e.write(&b)
	}
	c.untestable(&b)
	c.traces(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// holes lists what nobody should have to look for.
func (c *Catalogue) holes(b *strings.Builder, v Coverage) {
	b.WriteString("\n## What falls through\n\n")
	for _, hole := range []struct {
		text string
		list []string
	}{
		{"MUSTs of the synchronous protocol that a black box can show and no case judges", v.OpenMusts},
		{"Tested MUSTs of a provider that no fault breaks", v.MustsWithoutFault},
		{"Faults that no case has to catch", v.FaultsWithoutCase},
		{"Provider cases that no fault proves able to fail", v.CasesWithoutFault},
	} {
		if len(hole.list) == 0 {
			fmt.Fprintf(b, "- %s: none.\n", hole.text)
			continue
		}
		fmt.Fprintf(b, "- %s (%d): %s\n", hole.text, len(hole.list), codes(hole.list))
	}
}

func codes(list []string) string { return "`" + strings.Join(list, "`, `") + "`" }

func (e *EditionCoverage) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n", e.Edition)
	table(b, "checked by", append(e.Checks, e.Total))
	b.WriteString("\n")
	table(b, "section", e.Sections)
}

func table(b *strings.Builder, first string, rows []*Row) {
	fmt.Fprintf(b, "| %s | MUST | SHOULD | MAY |\n|---|---|---|---|\n", first)
	for _, r := range rows {
		fmt.Fprintf(b, "| %s |", strings.ReplaceAll(r.Name, "|", `\|`))
		for _, l := range levels {
			fmt.Fprintf(b, " %s |", r.Levels[l].share())
		}
		b.WriteString("\n")
	}
}

func (c *Catalogue) untestable(b *strings.Builder) {
	b.WriteString("\n## Not testable\n\n")
	for _, q := range c.register.All() {
		if q.Check == register.Untestable {
			fmt.Fprintf(b, "- `%s`: %s\n", q.ID, q.Reason)
		}
	}
}

// traces is the table of requirement, cases and faults.
func (c *Catalogue) traces(b *strings.Builder) {
	b.WriteString("\n## Requirements, cases, faults\n")
	area := ""
	for _, q := range c.register.All() {
		if q.Area != area {
			area = q.Area
			fmt.Fprintf(b, "\n### %s\n\n| requirement | levels | cases and rules | faults |\n|---|---|---|---|\n", area)
		}
		cases := append(c.CasesOf(q.ID), c.rulesOf[q.ID]...)
		judged := string(c.State(q))
		if len(cases) > 0 {
			judged = codes(cases)
			if c.State(q) == Open { // by a suite that is about something else
				judged += " (open)"
			}
		}
		faults := "–"
		if names := c.faultsOf[q.ID]; len(names) > 0 {
			faults = codes(names)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", q.ID, levelText(q), judged, faults)
	}
}

// levelText is what each edition asks, in short.
func levelText(q *register.Requirement) string {
	var parts []string
	for _, e := range []register.Edition{register.IETF05, register.DCSpec23, register.Async00} {
		if d, ok := q.Editions[e]; ok {
			parts = append(parts, string(e)+" "+string(d.Level))
		}
	}
	return strings.Join(parts, ", ")
}
