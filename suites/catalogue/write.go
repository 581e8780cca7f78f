package catalogue

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/dcconform/dcconform/suites/register"
)

// Formats lists the formats of lists and explanations.
func Formats() []string { return []string{"text", "json", "markdown"} }

// CheckFormat refuses a format that is none.
func CheckFormat(format string) error {
	if slices.Contains(Formats(), format) {
		return nil
	}
	return fmt.Errorf("--format %q: did you mean %s? There are %s", format, register.Closest(format, Formats()), strings.Join(Formats(), ", "))
}

// Width is how wide text is written: that of a small terminal.
const Width = 80

// WriteList writes a list in a format of Formats.
func (c *Catalogue) WriteList(w io.Writer, l *List, format string) error {
	switch format {
	case "json":
		return writeJSON(w, l)
	case "markdown":
		return writeAll(w, l.markdown())
	}
	return writeAll(w, l.text())
}

// WriteExplanations writes explanations in a format of Formats.
func (c *Catalogue) WriteExplanations(w io.Writer, list []Explanation, format string) error {
	if format == "json" {
		return writeJSON(w, list)
	}
	var b strings.Builder
	for i := range list {
		if i > 0 {
			b.WriteString("\n")
		}
		if p := c.pageOf(&list[i]); format == "markdown" {
			p.markdown(&b)
		} else {
			p.text(&b)
		}
	}
	return writeAll(w, b.String())
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func writeAll(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// entry is what all kinds show in a list.
type entry struct {
	name, about, text string
}

func (l *List) entries() []entry {
	var all []entry
	for i := range l.Requirements {
		q := &l.Requirements[i]
		var demands []string
		for _, d := range q.Editions {
			demands = append(demands, string(d.Edition)+" "+string(d.Level))
		}
		about := strings.Join(demands, ", ") + "; " + string(q.State)
		if n := len(q.Cases); n > 0 {
			about += ", " + count(n, "case", "cases")
		}
		all = append(all, entry{q.ID, about, q.Text})
	}
	for _, x := range l.Cases {
		all = append(all, entry{x.Key, x.Suite + "; " + strings.Join(x.Requirements, ", "), x.Title})
	}
	for _, x := range l.Faults {
		all = append(all, entry{x.Name, count(len(x.Cases), "case", "cases") + "; " + strings.Join(x.Requirements, ", "), x.Sentence})
	}
	for _, x := range l.Rules {
		all = append(all, entry{x.ID, strings.Join(append([]string{x.Level}, x.DCTL...), ", "), x.Title})
	}
	return all
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (l *List) text() string {
	var b strings.Builder
	for _, e := range l.entries() {
		b.WriteString(e.name + "\n")
		wrap(&b, "    ", "    ", e.text)
		wrap(&b, "    ", "    ", "("+e.about+")")
	}
	fmt.Fprintf(&b, "%d of %d %s\n", l.Len(), l.Of, l.Kind)
	return b.String()
}

func (l *List) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s (%d of %d) | | |\n|---|---|---|\n", l.Kind, l.Len(), l.Of)
	for _, e := range l.entries() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.name, cell(e.text), cell(e.about))
	}
	return b.String()
}

// cell escapes what a table's cell cannot hold.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ", "*", `\*`, "_", `\_`, "`", "\\`").Replace(s)
}

func (p *page) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s\n", p.title)
	wrap(b, "", "", p.kind)
	b.WriteString("\n")
	wrap(b, "  ", "  ", p.lead)
	for _, part := range p.parts {
		fmt.Fprintf(b, "\n%s\n", part.heading)
		for _, text := range part.paragraphs {
			wrap(b, "  ", "  ", text)
		}
		for _, text := range part.items {
			wrap(b, "  - ", "    ", text)
		}
		for _, text := range part.code {
			fmt.Fprintf(b, "  %s\n", text)
		}
	}
}

func (p *page) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "# %s\n\n%s\n\n%s\n", p.title, cell(p.kind), cell(p.lead))
	for _, part := range p.parts {
		fmt.Fprintf(b, "\n## %s\n\n", part.heading)
		for _, text := range part.paragraphs {
			fmt.Fprintf(b, "%s\n", cell(text))
		}
		for _, text := range part.items {
			fmt.Fprintf(b, "- %s\n", cell(text))
		}
		for _, text := range part.code {
			fmt.Fprintf(b, "    %s\n", text)
		}
	}
}

// wrap writes a text in lines that fit the width, the first after one
// indentation and the others after another. A word that is longer than a line,
// such as a command's URL, stays whole.
func wrap(b *strings.Builder, first, rest, text string) {
	line, empty := first, true
	for word := range strings.FieldsSeq(text) {
		if !empty && runewidth.StringWidth(line)+1+runewidth.StringWidth(word) > Width {
			b.WriteString(line + "\n")
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	if !empty {
		b.WriteString(line + "\n")
	}
}
