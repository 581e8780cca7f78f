package reports

import (
	"fmt"
	"strings"
)

// target is what a run says about a DNS provider: who was judged, and every
// case that is not good, as long as there is room. The gravest come first.
func (b *markdownBook) target() string {
	var md strings.Builder
	b.head(&md)
	t := b.run.Target
	md.WriteString("\n| target | |\n|---|---|\n")
	for _, row := range [][2]string{
		{"name", t.Name}, {"settings", t.Settings},
		{"domains", strings.Join(t.Domains, ", ")}, {"name servers", strings.Join(t.Servers, ", ")},
	} {
		if row[1] != "" {
			fmt.Fprintf(&md, "| %s | %s |\n", row[0], strings.ReplaceAll(mdCode(row[1]), "|", `\|`))
		}
	}
	md.WriteString(b.run.chapterTable())
	tail := b.tail()
	for _, part := range []struct {
		title   string
		outcome Outcome
	}{
		{"Failures", Fail}, {"Warnings", Warning}, {"Harness errors", HarnessError},
		{"Inconclusive", Inconclusive}, {"Blocked", Blocked}, {"Not applicable", NotApplicable},
	} {
		b.outcomes(&md, part.title, part.outcome, markdownLimit-len(tail))
	}
	md.WriteString(tail)
	return md.String()
}

// outcomes lists the cases that ended in one outcome.
func (b *markdownBook) outcomes(md *strings.Builder, title string, o Outcome, limit int) {
	total := b.run.Counts[o]
	head := fmt.Sprintf("\n## %s (%d)\n\n", title, total)
	more := func(n int) string {
		return fmt.Sprintf("- and %d more; all of them are in %s\n", n, HTMLFile)
	}
	if total == 0 || md.Len()+len(head)+len(more(total)) > limit {
		return // the counts at the head tell of them
	}
	md.WriteString(head)
	done := 0
	for i := range b.run.Results {
		res := &b.run.Results[i]
		if res.Outcome != o {
			continue
		}
		line := caseLine(res)
		if md.Len()+len(line)+len(more(total)) > limit {
			md.WriteString(more(total - done))
			return
		}
		md.WriteString(line)
		done++
	}
}

// caseLine is a case with what came of it, and how to run it again.
func caseLine(res *Result) string {
	var s strings.Builder
	fmt.Fprintf(&s, "- %s", mdCode(res.ID))
	if res.Outcome == Fail || res.Outcome == Warning {
		fmt.Fprintf(&s, " %s, %s", mdCode(Missed(res)), res.Level)
	}
	if res.known() {
		s.WriteString(" (known)")
	}
	fmt.Fprintf(&s, ": %s\n", mdText(shorten(Headline(res), 300)))
	if judgedBad(res.Outcome) {
		for _, note := range res.Notes {
			fmt.Fprintf(&s, "  %s\n", mdText(shorten(oneLine(note.Text), longestNote)))
		}
	}
	if res.Outcome == Fail && res.Rerun != "" {
		fmt.Fprintf(&s, "  Again: %s\n", mdCode(res.Rerun))
	}
	return s.String()
}

// longestNote is how many characters of a note a line takes: why a signature
// does not verify has to fit.
const longestNote = 600

// judgedBad reports whether a reader wants to know more of a case than that.
func judgedBad(o Outcome) bool { return o == Fail || o == Warning || o == Inconclusive }
