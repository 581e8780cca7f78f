package selftest

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dcconform/dcconform/reports"
)

// WriteJSON writes the matrix for programs.
func (m *Matrix) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(m)
}

// shownCases is how many cases a line of the table names.
const shownCases = 2

// WriteText writes the matrix for people: a line for each fault, then
// everything that is wrong, then the numbers.
func (m *Matrix) WriteText(w io.Writer) error {
	var b strings.Builder
	m.table(&b)
	m.degenerate(&b)
	m.troubles(&b)
	m.baseline(&b)
	b.WriteString(m.String() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *Matrix) table(b *strings.Builder) {
	wide, by := len("FAULT"), len("KILLED BY")
	for _, j := range m.Faults {
		wide, by = max(wide, len(j.Name)), max(by, len(j.caught()))
	}
	if len(m.Faults) > 0 {
		fmt.Fprintf(b, "%-*s  %-*s  %s\n", wide, "FAULT", by, "KILLED BY", "UNEXPECTED")
	}
	for _, j := range m.Faults {
		line := fmt.Sprintf("%-*s  %-*s  %s", wide, j.Name, by, j.caught(), few(j.Unexpected))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if len(m.Faults) > 0 {
		b.WriteString("\n")
	}
}

// caught says who killed the fault.
func (j *Judged) caught() string {
	switch {
	case j.Killed:
		return few(j.By)
	case j.Lost > 0:
		return "UNDECIDED: a child process was lost"
	}
	return "SURVIVES"
}

func few(list []string) string {
	if len(list) <= shownCases {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:shownCases], ", "), len(list)-shownCases)
}

// troubles lists what has to be mended, each with what there is to know.
func (m *Matrix) troubles(b *strings.Builder) {
	section := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(b, "%s (%d)\n", title, len(lines))
		for _, l := range lines {
			b.WriteString("  " + l + "\n")
		}
		b.WriteString("\n")
	}
	var survivors, sound, unexpected, idle []string
	for _, j := range m.Faults {
		if len(j.Idle) > 0 {
			idle = append(idle, fmt.Sprintf("%s: %s: take it out of the fault's list, or have a case see it", j.Name, strings.Join(j.Idle, ", ")))
		}
		if !j.Killed && j.Lost == 0 {
			survivors = append(survivors, fmt.Sprintf("%s (%s): %s No case of %s fails for %s.", j.Name, j.Edition, j.Sentence, j.Edition, strings.Join(j.Requirements, ", ")))
		}
	}
	for _, x := range m.Wrong {
		if x.Fault == "" {
			sound = append(sound, x.String())
		} else {
			unexpected = append(unexpected, x.String())
		}
	}
	var lost []string
	for _, x := range m.Lost {
		lost = append(lost, x.String())
	}
	section("Wrong at the mock without faults", sound)
	section("Survivors", survivors)
	section("Unexpected", unexpected)
	section("Requirements that a fault names and no case fails for", idle)
	section("Cases that no fault makes fail", m.Unproven)
	section("Collateral that did not occur", m.Stale)
	section("Degenerate targets that were judged wrongly", wrong(m.Degenerate))
	section("Lost with a child process", lost)
}

// String tells where a case ended and how.
func (s Seen) String() string {
	where := fmt.Sprintf("%s (%s)", s.Case, s.Edition)
	if s.Fault != "" {
		where = s.Fault + ": " + where
	}
	text := fmt.Sprintf("%s: %s", where, s.Outcome)
	for _, more := range []string{s.Missed, s.Reason} {
		if more != "" {
			text += ", " + more
		}
	}
	if s.Message != "" {
		text += ": " + strings.Join(strings.Fields(s.Message), " ")
	}
	return text
}

func (m *Matrix) baseline(b *strings.Builder) {
	for _, s := range m.Baseline {
		fmt.Fprintf(b, "without faults, %s: %s, %d passed, %d not applicable, %d wrong\n", s.Edition, number(s.Cases, "case"), s.Passed, s.NotApplicable, len(s.Wrong))
	}
}

// String is the matrix in a line.
func (m *Matrix) String() string {
	s := m.Summary
	parts := []string{number(s.Faults, "fault"), fmt.Sprintf("%d killed", s.Killed), number(s.Survivors, "survivor")}
	if s.Undecided > 0 {
		parts = append(parts, fmt.Sprintf("%d undecided", s.Undecided))
	}
	parts = append(parts, fmt.Sprintf("%d unexpected", s.Unexpected))
	if s.Idle > 0 {
		parts = append(parts, fmt.Sprintf("%d idle", s.Idle))
	}
	parts = append(parts, number(s.Cases, "case"))
	if !m.someFaults {
		parts = append(parts, fmt.Sprintf("%d unproven", s.Unproven))
	}
	parts = append(parts, time.Duration(s.Seconds*float64(time.Second)).Round(100*time.Millisecond).String())
	text := strings.Join(parts, ", ")
	if m.Scope == reports.ScopeFiltered {
		text += "; filtered: nothing is said about what was left out"
	}
	return text
}

func number(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
