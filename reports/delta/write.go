package delta

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// Formats lists the forms in which Write writes.
func Formats() []string { return []string{"text", "markdown", "json"} }

// Write writes d in one of Formats; another one is an error.
func (d *Delta) Write(w io.Writer, format string) error {
	switch format {
	case "text":
		_, err := io.WriteString(w, d.text())
		return err
	case "markdown":
		_, err := io.WriteString(w, d.markdown())
		return err
	case "json":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(d)
	}
	return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(Formats(), ", "))
}

// headings say what the changes of a kind mean.
var headings = map[Kind]string{
	NewFailure:      "New failures",
	NotExecuted:     "No longer executed",
	NotApplicable:   "Newly not applicable",
	NewWarning:      "New warnings",
	OtherFailure:    "Fails for another reason",
	ChangedEvidence: "Same outcome, other evidence",
	NewCase:         "New cases",
	Judged:          "Newly judged",
	Fixed:           "Fixed",
}

// conclusion is what a pipeline acts on, in a sentence.
func (d *Delta) conclusion() string {
	var parts []string
	if d.Regressions == 1 {
		parts = append(parts, "1 regression")
	} else if d.Regressions > 1 {
		parts = append(parts, fmt.Sprintf("%d regressions", d.Regressions))
	}
	if d.Worse {
		parts = append(parts, fmt.Sprintf("the verdict was %s and is %s", d.Old.Verdict, d.New.Verdict))
	}
	switch {
	case len(parts) > 0:
		return "Worse: " + strings.Join(parts, "; ") + "."
	case len(d.Changes)+len(d.Judgements) == 0:
		return "No regression: nothing has changed."
	}
	return "No regression."
}

// counts are the numbers of a report by outcome, in the order of reports.
func counts(s Side) string {
	var parts []string
	for _, o := range reports.Outcomes() {
		if n := s.Counts[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return strings.Join(parts, ", ")
}

func (d *Delta) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", d.conclusion())
	for _, s := range []struct {
		label string
		side  Side
	}{{"old", d.Old}, {"new", d.New}} {
		fmt.Fprintf(&b, "%s  %s: %s (%s)\n", s.label, reports.Line(s.side.Name), s.side.Verdict, counts(s.side))
	}
	if len(d.Differences) > 0 {
		b.WriteString("\nNOT THE SAME CIRCUMSTANCES:\n")
		for _, x := range d.Differences {
			fmt.Fprintf(&b, "  %s: %s before, %s now\n", reports.Line(x.What), reports.Line(x.Old), reports.Line(x.New))
		}
	}
	d.judgementText(&b)
	for _, k := range Kinds() {
		list := d.Of(k)
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s (%d)\n", headings[k], len(list))
		for _, c := range list {
			fmt.Fprintf(&b, "  %s%s%s: %s\n", mark(c.Regression), reports.Line(c.ID), knownText(c), c.way())
			if k != ChangedEvidence && k != Fixed && k != NewCase && k != Judged {
				fmt.Fprintf(&b, "      %s\n", reports.Line(reports.Abridged(c.Text, 300)))
				if c.Rerun != "" && c.New != "" {
					fmt.Fprintf(&b, "      again: %s\n", reports.Line(c.Rerun))
				}
			}
		}
	}
	b.WriteString(d.same())
	return b.String()
}

// mark tells a regression from what is only different.
func mark(regression bool) string {
	if regression {
		return "! "
	}
	return "  "
}

func knownText(c Change) string {
	if c.Known {
		return " (known to the baseline)"
	}
	return ""
}

// way is how the outcome has changed.
func (c *Change) way() string {
	switch {
	case c.Old == "":
		return fmt.Sprintf("not there before, %s now", c.New)
	case c.New == "":
		return fmt.Sprintf("%s before, not there now", c.Old)
	case c.Old == c.New:
		return fmt.Sprintf("%s, as before", c.New)
	}
	return fmt.Sprintf("%s before, %s now", c.Old, c.New)
}

// markdownMost is how many changes of a kind Markdown lists: a comment on a
// pull request holds 65,536 characters.
const markdownMost = 50

func (d *Delta) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Conformance, compared\n\n**%s**\n\n| | report | verdict | cases |\n|---|---|---|---|\n", reports.Markdown(d.conclusion()))
	for _, s := range []struct {
		label string
		side  Side
	}{{"old", d.Old}, {"new", d.New}} {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.label, cell(reports.MarkdownCode(s.side.Name)), s.side.Verdict, counts(s.side))
	}
	if len(d.Differences) > 0 {
		b.WriteString("\n**The circumstances are not the same:**\n\n| | before | now |\n|---|---|---|\n")
		for _, x := range d.Differences {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(reports.Markdown(x.What)), cell(reports.Markdown(x.Old)), cell(reports.Markdown(x.New)))
		}
	}
	d.judgementMarkdown(&b)
	for _, k := range Kinds() {
		list := d.Of(k)
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s (%d)\n\n", headings[k], len(list))
		for i, c := range list {
			if i == markdownMost {
				fmt.Fprintf(&b, "- and %d more\n", len(list)-i)
				break
			}
			text := ""
			if slices.Contains([]Kind{NewFailure, NotExecuted, NotApplicable, NewWarning, OtherFailure}, k) {
				text = ". " + reports.Markdown(reports.Abridged(c.Text, 300))
			}
			fmt.Fprintf(&b, "- %s%s: %s%s\n", reports.MarkdownCode(c.ID), knownText(c), c.way(), text)
		}
	}
	b.WriteString(d.same())
	return b.String()
}

// cell keeps a text inside a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
