package run

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// write prints the demo.
func (d *Demo) write(w io.Writer, format string) error {
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	_, err := io.WriteString(w, d.text())
	return err
}

// demoWidth is where lines of prose end.
const demoWidth = 78

func (d *Demo) text() string {
	var b strings.Builder
	b.WriteString("A template that works, a provider that works, and a provider that does not.\nAll of it on this machine.\n")
	for i, s := range d.Steps {
		fmt.Fprintf(&b, "\n%d  ", i+1)
		b.WriteString(strings.TrimLeft(wrapped(s.What, "   "), " "))
		if s.Fault != "" {
			b.WriteString(wrapped(s.Fault+": "+s.Sentence, "   "))
		}
		s.list(&b)
		fmt.Fprintf(&b, "\n   %s  %s; %s; %.1fs\n", s.colour(), s.Verdict, tally(s.Counts), s.Seconds)
		if s.Report != "" {
			fmt.Fprintf(&b, "   The report is in %s.\n", s.Report)
		}
	}
	if s := &d.Steps[len(d.Steps)-1]; s.failure(nil) != nil {
		s.explain(&b)
	}
	d.end(&b)
	return b.String()
}

// colour is the word for how a step ended.
func (s *DemoStep) colour() string {
	switch {
	case s.green():
		return "GREEN"
	case s.Verdict == reports.NonConformant:
		return "RED"
	}
	return "UNCLEAR"
}

// list has one line for each case.
func (s *DemoStep) list(b *strings.Builder) {
	if len(s.Results) > 0 {
		b.WriteByte('\n')
	}
	for _, r := range s.Results {
		fmt.Fprintf(b, "   %-5s %s\n         %s\n", r.Outcome, r.Case, r.Title)
	}
}

// tally counts the outcomes in words.
func tally(c reports.Counts) string {
	var parts []string
	for _, o := range reports.Outcomes() {
		if n := c[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return strings.Join(parts, ", ")
}

// explain tells the first failure as every report tells it.
func (s *DemoStep) explain(b *strings.Builder) {
	r := s.failure(nil)
	fmt.Fprintf(b, "\nWhat a failure says: %s\n", r.Case)
	row := func(label, text string) {
		if text != "" {
			indent := strings.Repeat(" ", 13)
			fmt.Fprintf(b, "   %-9s %s", label, strings.TrimLeft(wrapped(text, indent), " "))
		}
	}
	f := r.Failure
	row("clause", f.Clause)
	row("sent", f.Sent)
	for i, want := range f.Expected {
		label := "expected"
		if i > 0 {
			label = "or"
		}
		row(label, want)
	}
	row("actual", f.Actual)
	row("mend", f.Mend)
	b.WriteString("   (Links are cut short here; --format json has them whole.)\n")
}

func (d *Demo) end(b *strings.Builder) {
	b.WriteString("\nNext\n")
	for _, n := range d.Next {
		fmt.Fprintf(b, "   %s\n      %s\n", n.Command, n.Does)
	}
	if d.AsExpected {
		fmt.Fprintf(b, "\nAs expected, in %.1fs: steps 2 and 3 differ in the fault alone, and the\ncases about it noticed; the others did not mind.\n", d.Seconds)
		return
	}
	b.WriteString("\nNOT as expected; do not trust this build:\n")
	for _, p := range d.Problems {
		b.WriteString(wrapped(p, "   "))
	}
}

// longestWord is how many octets of a link are shown: what was changed in it
// stands before the signature.
const longestWord = 200

// wrapped breaks a text into lines, each behind the indent and with a line
// break at its end. A word that is longer than a line, such as a URL, stands on
// one of its own.
func wrapped(text, indent string) string {
	var b strings.Builder
	line := indent
	for _, word := range strings.Fields(reports.Line(text)) {
		word = reports.Abridged(word, longestWord)
		if line != indent && len(line)+1+len(word) > demoWidth {
			b.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	return b.String() + line + "\n"
}
