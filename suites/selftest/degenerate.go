package selftest

import (
	"fmt"
	"strings"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
)

// Degenerate is a DNS provider that is none, judged by the whole suite: what
// would be green if the harness took absence, or indifference, for conformance.
type Degenerate struct {
	Name string `json:"name"`
	// Sentence says what it does, in the present tense.
	Sentence string           `json:"sentence"`
	Edition  register.Edition `json:"edition"`
	// Want is the only right verdict, and Because says why.
	Want    reports.Verdict `json:"want"`
	Because string          `json:"because"`
	// Verdict is what the run came to, and Why its own sentence about it.
	Verdict reports.Verdict `json:"verdict"`
	Why     string          `json:"why,omitempty"`
	// Right is set when the verdict is the right one and Wrong is empty.
	Right bool `json:"right"`
	// Wrong says what else is not as it should be.
	Wrong []string `json:"wrong,omitempty"`
	// Counts are the outcomes of the cases; InVain counts those that ran into
	// a limit of the target, and Spared those that did not ask again.
	Counts reports.Counts `json:"counts"`
	InVain int            `json:"inVain"`
	Spared int            `json:"spared"`
}

// Settle decides whether it was judged rightly.
func (d *Degenerate) Settle() { d.Right = d.Verdict == d.Want && len(d.Wrong) == 0 }

// wrong are those that were not judged rightly.
func wrong(list []Degenerate) []string {
	var lines []string
	for _, d := range list {
		if d.Verdict != d.Want {
			lines = append(lines, fmt.Sprintf("%s: %s, not %s: %s %s", d.Name, d.Verdict, d.Want, d.Sentence, d.Because))
		}
		for _, w := range d.Wrong {
			lines = append(lines, d.Name+": "+w)
		}
	}
	return lines
}

// degenerate writes the table of the targets that are none.
func (m *Matrix) degenerate(b *strings.Builder) {
	if len(m.Degenerate) == 0 {
		return
	}
	wide, verdicts := len("DEGENERATE TARGET"), len("VERDICT")
	for _, d := range m.Degenerate {
		wide, verdicts = max(wide, len(d.Name)), max(verdicts, len(d.Verdict))
	}
	fmt.Fprintf(b, "%-*s  %-*s  %-5s  %s\n", wide, "DEGENERATE TARGET", verdicts, "VERDICT", "RIGHT", "WHY")
	for _, d := range m.Degenerate {
		right := "wrong"
		if d.Right {
			right = "right"
		}
		line := fmt.Sprintf("%-*s  %-*s  %-5s  %s", wide, d.Name, verdicts, d.Verdict, right, d.Why)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	b.WriteString("\n")
}
