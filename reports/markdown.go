package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
)

// MarkdownFile is for a pull request to the public template repository.
const MarkdownFile = "report.md"

var markdownWriter = Writer{Name: "markdown", File: MarkdownFile, Write: plain(WriteMarkdown)}

// markdownLimit is how long a comment on GitHub may be, less some room for
// what people write around it. It counts octets, where GitHub counts
// characters, so that it holds for every text.
const markdownLimit = 65_536 - 1_536

// WriteMarkdown writes r for a pull request. Of a run about a target it tells
// what failed, what warned and what has no verdict. Of templates it has the
// repository's checklist
// answered item by item, with what was seen at the apex and at a sub-domain.
// It fits one comment: of many templates only those with findings get a
// section, and when that is still too long all of them get a line of a table.
func WriteMarkdown(w io.Writer, r *Run) error {
	b := newMarkdownBook(r)
	text := ""
	if r.Target != nil {
		text = b.target()
		if _, err := io.WriteString(w, text); err != nil {
			return fmt.Errorf("%s: %w", MarkdownFile, err)
		}
		return nil
	}
	for _, sections := range []func(*markdownTemplate) bool{
		func(*markdownTemplate) bool { return true },
		func(t *markdownTemplate) bool { return t.bad() },
		func(t *markdownTemplate) bool { return t.counts[Fail] > 0 },
		func(*markdownTemplate) bool { return false },
	} {
		if text = b.render(sections); len(text) <= markdownLimit {
			break
		}
	}
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("%s: %w", MarkdownFile, err)
	}
	return nil
}

type markdownBook struct {
	run       *Run
	templates []*markdownTemplate
}

type markdownTemplate struct {
	Template
	results []*Result
	counts  Counts
	answers []answer
}

func (t *markdownTemplate) bad() bool {
	return t.counts[Pass]+t.counts[NotApplicable] < len(t.results) || len(t.results) == 0
}

// newMarkdownBook puts templates with findings first.
func newMarkdownBook(r *Run) *markdownBook {
	b := &markdownBook{run: r}
	at := map[string]*markdownTemplate{}
	for _, t := range r.Templates {
		if at[t.Key] == nil {
			at[t.Key] = &markdownTemplate{Template: t, counts: Counts{}}
			b.templates = append(b.templates, at[t.Key])
		}
	}
	for i := range r.Results {
		res := &r.Results[i]
		if t := at[res.Template]; t != nil {
			t.results = append(t.results, res)
			t.counts[res.Outcome]++
		}
	}
	for _, t := range b.templates {
		t.answers = answers(t.results)
	}
	slices.SortStableFunc(b.templates, func(x, y *markdownTemplate) int { return grave(x) - grave(y) })
	return b
}

func grave(t *markdownTemplate) int {
	switch {
	case t.counts[Fail] > 0:
		return 0
	case t.counts[Warning] > 0:
		return 1
	case t.bad():
		return 2
	}
	return 3
}

// render writes the templates that section chooses at length, and the others
// as a table, of which it leaves out what no longer fits.
func (b *markdownBook) render(section func(*markdownTemplate) bool) string {
	var md strings.Builder
	b.head(&md)
	var short []*markdownTemplate
	for _, t := range b.templates {
		if !section(t) {
			short = append(short, t)
			continue
		}
		b.section(&md, t)
	}
	tail := b.tail()
	if len(short) > 0 {
		b.table(&md, short, len(short) < len(b.templates), markdownLimit-len(tail))
	}
	md.WriteString(tail)
	return md.String()
}

const editorNotice = "**The links of the repository's online editor are still required.** They are signed by the editor, for the apex and for a sub-domain; this report supplements them and does not replace them."

func (b *markdownBook) head(md *strings.Builder) {
	r := b.run
	title := count(len(b.templates), "template", "templates")
	switch {
	case r.Target != nil:
		title = mdText(r.Target.Name)
	case len(b.templates) == 1:
		title = mdCode(b.templates[0].Key)
	}
	fmt.Fprintf(md, "# Conformance of %s: %s\n\n", title, r.Verdict)
	if r.Why != "" {
		fmt.Fprintf(md, "%s\n\n", mdText(r.Why))
	}
	if r.State != StateFinished {
		md.WriteString("**The run did not come to its end.**\n\n")
	}
	if r.Scope == ScopeFiltered {
		md.WriteString("**The run was filtered: this is not the whole plan.**\n\n")
	}
	b.stale(md)
	facts := []string{cases(r.Planned), inWords(r.Counts), "edition " + mdCode(r.Edition), "consent by " + mdCode(r.Consent), fmt.Sprintf("seed %d", r.Seed),
		mdCode(strings.TrimSpace(r.Tool + " " + r.ToolVersion)), r.Started.UTC().Format(time.DateOnly)}
	if r.Consent == "" {
		facts = slices.Delete(facts, 3, 4)
	}
	fmt.Fprintf(md, "%s.\n", strings.Join(facts, ", "))
	if r.Target == nil {
		fmt.Fprintf(md, "\n> %s\n", editorNotice)
	}
	b.profiles(md)
}

// stale lists what to do about baseline entries that no longer fit.
func (b *markdownBook) stale(md *strings.Builder) {
	list := b.run.StaleBaseline
	if len(list) == 0 {
		return
	}
	md.WriteString("**Baseline entries that no longer fit:**\n\n")
	for i, text := range list {
		if i == mdList {
			fmt.Fprintf(md, "- and %d more; all of them are in %s\n", len(list)-i, HTMLFile)
			break
		}
		fmt.Fprintf(md, "- %s\n", mdText(shorten(oneLine(text), 300)))
	}
	md.WriteString("\n")
}

func inWords(c Counts) string {
	var parts []string
	for _, o := range outcomes {
		if c[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c[o], o))
		}
	}
	return strings.Join(parts, ", ")
}

func (b *markdownBook) section(md *strings.Builder, t *markdownTemplate) {
	fmt.Fprintf(md, "\n## %s\n\n", mdCode(t.Key))
	facts := []string{mdCode(t.File)}
	if t.Version != 0 {
		facts = append(facts, fmt.Sprintf("version %d", t.Version))
	}
	if t.SHA256 != "" {
		facts = append(facts, "SHA-256 "+mdCode(t.SHA256))
	}
	fmt.Fprintf(md, "%s. %s.\n\n### Checklist\n\n", strings.Join(facts, ", "), inWordsOrNone(t.counts))
	for _, a := range t.answers {
		md.WriteString(a.markdown() + "\n")
	}
	md.WriteString("- [ ] Links of the online editor, for the apex and for a sub-domain: **still required**; no run of this tool can make them.\n")
	t.tried(md)
	t.findings(md)
	b.judged(md, t.Key)
	t.said(md)
}

func inWordsOrNone(c Counts) string {
	if text := inWords(c); text != "" {
		return text
	}
	return "no results"
}

// tried is the evidence at the apex and at a sub-domain.
func (t *markdownTemplate) tried(md *strings.Builder) {
	type row struct{ apex, host Counts }
	rows := map[string]*row{}
	titles := map[string]string{}
	var order []string
	elsewhere := map[string]Counts{}
	var others []string
	for _, res := range t.results {
		place, _, _ := strings.Cut(res.Scenario, ",")
		if place != "apex" && place != "host" {
			if elsewhere[res.Scenario] == nil {
				elsewhere[res.Scenario] = Counts{}
				others = append(others, res.Scenario)
			}
			elsewhere[res.Scenario][res.Outcome]++
			continue
		}
		if rows[res.Case] == nil {
			rows[res.Case] = &row{Counts{}, Counts{}}
			order = append(order, res.Case)
			titles[res.Case] = res.Title
		}
		if place == "apex" {
			rows[res.Case].apex[res.Outcome]++
		} else {
			rows[res.Case].host[res.Outcome]++
		}
	}
	md.WriteString("\n### Tried at the apex and at a sub-domain\n\n")
	if len(order) == 0 {
		md.WriteString("Neither was tried in this run.\n")
	} else {
		md.WriteString("| | apex | sub-domain |\n|---|---|---|\n")
		for _, name := range order {
			fmt.Fprintf(md, "| %s | %s | %s |\n", mdCell(titles[name]), triedCell(rows[name].apex), triedCell(rows[name].host))
		}
	}
	if len(others) > 0 {
		md.WriteString("\nElsewhere:")
		for i, name := range others {
			if i == 12 {
				fmt.Fprintf(md, " and %d more", len(others)-i)
				break
			}
			fmt.Fprintf(md, "%s %s: %s", map[bool]string{true: ";"}[i > 0], mdCode(name), inWords(elsewhere[name]))
		}
		md.WriteString(".\n")
	}
}

func triedCell(c Counts) string {
	if len(c) == 0 {
		return "not tried"
	}
	if len(c) == 1 {
		for o, n := range c {
			if n == 1 {
				return string(o)
			}
		}
	}
	return inWords(c)
}

const mdList = 10 // entries of a list

// findings tells what failed, warned or could not be told.
func (t *markdownTemplate) findings(md *strings.Builder) {
	seen := map[string]bool{}
	n := 0
	for _, o := range []Outcome{Fail, HarnessError, Inconclusive, Warning} {
		for _, res := range t.results {
			key := sameText(res)
			if res.Outcome != o || seen[key] {
				continue
			}
			seen[key] = true
			if n++; n == 1 {
				md.WriteString("\n### Findings\n\n")
			}
			if n > mdList {
				continue
			}
			word := string(res.Outcome)
			if res.known() {
				word += ", known"
			}
			fmt.Fprintf(md, "- **%s** %s", word, mdFinding(res))
			if res.Known != nil {
				md.WriteString(" Baseline: " + mdText(shorten(oneLine(res.Known.String()), 200)) + ".")
			}
			if res.Rerun != "" {
				md.WriteString(" Again: " + mdCode(res.Rerun))
			}
			md.WriteString("\n")
		}
	}
	if n > mdList {
		fmt.Fprintf(md, "- and %d more; all of them are in %s\n", n-mdList, HTMLFile)
	}
}

// said is what the customer would lose and what an attacker would control.
func (t *markdownTemplate) said(md *strings.Builder) {
	var exposure, losses []string
	for _, res := range t.results {
		for _, note := range res.Notes {
			switch note.Code {
			case noteExposure:
				exposure = appendNew(exposure, mdText(sentence(shorten(oneLine(note.Text), 200))))
			case noteRemoves:
				losses = appendNew(losses, "In "+mdCode(res.Scenario)+": "+mdCode(shorten(oneLine(note.Text), 200)))
			}
		}
	}
	for _, part := range []struct {
		title string
		list  []string
	}{{"What somebody without the key controls", exposure}, {"What a customer would lose in the zones tried", losses}} {
		if len(part.list) == 0 {
			continue
		}
		fmt.Fprintf(md, "\n### %s\n\n", part.title)
		for i, text := range part.list {
			if i == mdList {
				fmt.Fprintf(md, "- and %d more; all of them are in %s\n", len(part.list)-i, HTMLFile)
				break
			}
			fmt.Fprintf(md, "- %s\n", text)
		}
	}
}

// table gives each template a line, as long as there is room.
func (b *markdownBook) table(md *strings.Builder, list []*markdownTemplate, others bool, limit int) {
	if others {
		md.WriteString("\n## The other templates\n")
	}
	md.WriteString("\n| template | outcome | checklist: no, or look at this | not judged |\n|---|---|---|---|\n")
	for i, t := range list {
		var against []string
		unjudged := 0
		for n, a := range t.answers {
			switch a.state() {
			case "no", "warning", "look":
				against = append(against, fmt.Sprint(n+1))
			case "open", "part", "not judged":
				unjudged++
			}
		}
		line := fmt.Sprintf("| %s | %s | %s | %d |\n", strings.ReplaceAll(mdCode(shorten(t.Key, 100)), "|", `\|`), inWordsOrNone(t.counts), strings.Join(against, ", "), unjudged)
		more := fmt.Sprintf("\nAnd %s; all of them are in %s.\n", count(len(list)-i, "more template", "more templates"), HTMLFile)
		legend := b.legend()
		if md.Len()+len(line)+len(more)+len(legend) > limit {
			md.WriteString(more)
			break
		}
		md.WriteString(line)
	}
	md.WriteString(b.legend())
}

// legend numbers the items of the checklist for the table.
func (b *markdownBook) legend() string {
	var s strings.Builder
	s.WriteString("\nThe items of the checklist:\n\n")
	for i := range checklist {
		fmt.Fprintf(&s, "%d. %s\n", i+1, checklist[i].title)
	}
	return s.String()
}

func (b *markdownBook) tail() string {
	var s strings.Builder
	fmt.Fprintf(&s, "\nMade by %s", mdCode(strings.TrimSpace(b.run.Tool+" "+b.run.ToolVersion)))
	if len(b.run.Command) > 0 {
		fmt.Fprintf(&s, " with %s", mdCode(shorten(strings.Join(b.run.Command, " "), 400)))
	}
	fmt.Fprintf(&s, ". %s has the exchanges and the zones.\n", HTMLFile)
	return s.String()
}

// mdCode is a text as code, in which nothing means anything.
func mdCode(s string) string {
	s = oneLine(show(s))
	if s == "" {
		return "–"
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// mdText is a foreign text as prose. Words in which a character could mean
// something (markup, a mention, an issue, a link) stand as code.
func mdText(s string) string {
	words := strings.Fields(show(s))
	for i, word := range words {
		if !mdPlain(word) {
			words[i] = mdCode(word)
		}
	}
	return strings.Join(words, " ")
}

// mdCell is mdText for a cell of a table.
func mdCell(s string) string { return strings.ReplaceAll(mdText(s), "|", `\|`) }

// mdPlain reports whether a word is itself wherever it stands.
func mdPlain(word string) bool {
	if strings.ContainsAny(word, "`*_[]<>#@&|~\\$={}^!+") || strings.Contains(word, "://") || strings.HasPrefix(strings.ToLower(strings.TrimLeft(word, `"'(`)), "www.") ||
		strings.Count(word, ":") > 1 || strings.HasPrefix(word, "-") || strings.HasPrefix(strings.ToUpper(word), "GH-") {
		return false
	}
	hexadecimal := len(word) >= 7 && strings.IndexFunc(word, func(c rune) bool { return !unicode.Is(unicode.ASCII_Hex_Digit, c) }) < 0
	return !hexadecimal || strings.IndexFunc(word, unicode.IsDigit) < 0
}
