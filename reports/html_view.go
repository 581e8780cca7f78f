package reports

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
)

// htmlPage is what the page's template is filled with.
type htmlPage struct {
	Run                         *Run
	Policy                      string
	Style                       template.CSS
	Script                      template.JS
	Heading, Word, Symbol, Tone string
	One, Many                   string // what the cases are grouped by
	Machine                     string
	Facts                       string
	Next                        []string
	Counts                      []htmlCount
	Outcomes                    []Outcome
	Groups                      []htmlGroup
	Exposed                     []htmlExposed
	ExposedText                 string
	Parts                       []htmlPart
	Checks                      []htmlCheck
	MoreChecks                  string
	About                       []htmlLine
	Matrix                      []htmlRow
	Profiles                    *htmlProfiles
	Chapters                    []chapterRow
	ChapterTitles               []string
	Data                        htmlData
}

type htmlCount struct {
	Outcome Outcome
	Symbol  string
	N       int
}

type htmlRow struct {
	Name string
	N    []int
}

// htmlLine is a name with a value, which is shown as code or as text.
type htmlLine struct {
	Name, Value string
	Code        bool
}

// htmlPart is a list of templates under a heading of its own.
type htmlPart struct {
	ID, Title string
	Templates []*htmlTemplate
}

func newHTMLPage(r *Run, kept Kept) *htmlPage {
	b := newHTMLBook(r, kept)
	p := &htmlPage{
		Run: r, Policy: htmlPolicy, Style: template.CSS(htmlStyle), Script: template.JS(htmlScript),
		Heading: "Conformance report", Machine: ReportFile,
		Word: strings.ToUpper(string(r.Verdict)), Symbol: "!", Tone: "warn",
		Next: nextSteps(r), Outcomes: outcomes,
		Parts: b.parts(), Groups: b.groups(), Checks: b.checks, Data: b.data,
		About: about(r), Matrix: matrix(r), One: "template", Many: "templates",
	}
	if len(r.Templates) == 1 {
		p.Heading += ": " + show(r.Templates[0].Key)
	}
	switch {
	case r.Verdict == Conformant:
		p.Symbol, p.Tone = symbols[Pass], "good"
	case r.Verdict == NonConformant:
		p.Symbol, p.Tone = symbols[Fail], "bad"
	}
	for _, o := range outcomes {
		p.Counts = append(p.Counts, htmlCount{o, symbols[o], r.Counts[o]})
	}
	of := count(len(r.Templates), "template", "templates")
	if r.Target != nil {
		of = "target " + r.Target.Name
		p.Heading += ": " + show(r.Target.Name)
		p.One, p.Many = "chapter", "chapters"
	}
	p.Facts = fmt.Sprintf("Planned: %s of %s. Requirements with a verdict: %d, without one: %d.",
		cases(r.Planned), of, len(r.Covered), len(r.NotCovered))
	if r.Scope == ScopeFiltered {
		p.Facts += " The run was filtered: this is not the whole plan."
	}
	if more := len(p.Checks) - htmlChecks; more > 0 {
		p.Checks, p.MoreChecks = p.Checks[:htmlChecks], fmt.Sprintf("And %d more; all of them are in %s.", more, ReportFile)
	}
	p.Exposed, p.ExposedText = b.exposed()
	p.Profiles = profilesOf(r)
	p.Chapters, p.ChapterTitles = b.chapters(), chapterTitles()
	return p
}

func about(r *Run) []htmlLine {
	lines := []htmlLine{
		{Name: "Command", Value: strings.Join(r.Command, " "), Code: true},
		{Name: "Verdict about", Value: "the " + string(r.Subject)},
		{Name: "Edition", Value: r.Edition}, {Name: "Profile", Value: r.Profile}, {Name: "Consent by", Value: r.Consent},
		{Name: "Baseline", Value: baselineFacts(r)},
		{Name: "Seed", Value: strconv.FormatUint(r.Seed, 10)}, {Name: "Scope", Value: string(r.Scope)}, {Name: "State", Value: string(r.State)},
		{Name: "Started", Value: r.Started.UTC().Format(time.RFC3339)},
		{Name: "Took", Value: took(r)},
		{Name: "Cases", Value: strconv.Itoa(r.Planned)}, {Name: "Templates", Value: templatesFact(r)},
		{Name: "Target", Value: r.Target.name()}, {Name: "Settings", Value: r.Target.settings(), Code: true},
		{Name: "Domains", Value: strings.Join(r.Target.domains(), ", "), Code: true},
		{Name: "Name servers", Value: strings.Join(r.Target.servers(), ", "), Code: true},
		{Name: "Tool", Value: strings.TrimSpace(r.Tool + " " + r.ToolVersion)},
		{Name: "Fault matrix", Value: r.Selftest.String()},
	}
	return slices.DeleteFunc(lines, func(l htmlLine) bool { return l.Value == "" })
}

// baselineFacts says what the run was held against, or "".
func baselineFacts(r *Run) string {
	if r.Baseline == nil {
		return ""
	}
	return fmt.Sprintf("%s (SHA-256 %s): %s, %d of them stale; known are %s", r.Baseline.File, r.Baseline.SHA256,
		count(r.Baseline.Entries, "entry", "entries"), len(r.StaleBaseline), cmp.Or(inWords(r.Baseline.Known), "none"))
}

// took is how long the run took, rounded for people, or "".
func took(r *Run) string {
	d := r.Finished.Sub(r.Started)
	if r.Finished.IsZero() || d <= 0 {
		return ""
	}
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// chapters is the matrix of a target, with the places on the page.
func (b *htmlBook) chapters() []chapterRow {
	rows := b.run.chapterRows()
	for i := range rows {
		for _, t := range b.templates {
			if t.Name == rows[i].Name {
				rows[i].Anchor = t.ID
			}
		}
	}
	return rows
}

// matrix is the number of results by subject and by level.
func matrix(r *Run) []htmlRow {
	row := func(name string, c Counts) htmlRow {
		line := htmlRow{Name: name}
		for _, o := range outcomes {
			line.N = append(line.N, c[o])
		}
		return line
	}
	rows := []htmlRow{row("all", r.Counts)}
	for _, s := range subjects {
		if c := r.CountsBy[s]; c != nil {
			rows = append(rows, row("about the "+string(s), c))
		}
	}
	for _, l := range levels {
		if c := r.CountsByLevel[l]; c != nil {
			rows = append(rows, row(string(l), c))
		}
	}
	return rows
}

// htmlGroup is all findings of one outcome.
type htmlGroup struct {
	Outcome             Outcome
	Symbol, Title, Text string
	N, From             int
	Known               bool
	First, Rest         []htmlFinding
}

type htmlFinding struct {
	ID, Size, Text, Mend string
	Outcome              Outcome
	Examples             []htmlPlace
}

// htmlPlace is a link to a result.
type htmlPlace struct{ Anchor, Where, What string }

const (
	htmlChecks   = 400 // rows of the table of checks
	htmlFindings = 12  // of a group that are shown at once
	htmlExamples = 3   // of a finding
)

// groups lists what has to be mended, and what could not be told, with a few
// examples each.
func (b *htmlBook) groups() []htmlGroup {
	var all []htmlGroup
	for _, g := range []htmlGroup{
		{Outcome: Fail, Title: "Failed"},
		{Outcome: HarnessError, Title: "Errors of the harness", Text: "They say nothing about a template. The run is not complete until they are gone."},
		{Outcome: Inconclusive, Title: "Could not be told"},
		{Outcome: Warning, Title: "Warnings"},
		{Outcome: Fail, Known: true, Title: "Known failures", Text: "The baseline names them, with an owner and a day until which they may stay."},
		{Outcome: Warning, Known: true, Title: "Known warnings"},
	} {
		find := findings
		if g.Known {
			find = knownFindings
		}
		found := find(b.run, g.Outcome)
		if len(found) == 0 {
			continue
		}
		g.Symbol, g.From = symbols[g.Outcome], htmlFindings+1
		for _, f := range found {
			g.N += f.cases
		}
		list := make([]htmlFinding, len(found))
		for i, f := range found {
			list[i] = b.finding(f, findingKey{g.Outcome, f.id, g.Known})
		}
		g.First, g.Rest = list, nil
		if len(list) > htmlFindings+1 { // "1 more" would take the place of the one
			g.First, g.Rest = list[:htmlFindings], list[htmlFindings:]
		}
		all = append(all, g)
	}
	return all
}

func (b *htmlBook) finding(f *finding, key findingKey) htmlFinding {
	v := htmlFinding{ID: f.id, Outcome: key.outcome, Size: fmt.Sprintf("%s, %s", f.level, f.size())}
	if !f.templates[""] && f.cases > len(f.templates) {
		v.Size += ", " + cases(f.cases)
	}
	if e := f.example; e.Failure != nil {
		v.Text, v.Mend = e.Failure.Clause, e.Failure.Mend
	}
	seen := map[string]bool{}
	for _, res := range b.byFinding[key] {
		if len(v.Examples) == htmlExamples {
			break
		}
		if res.Template != "" && seen[res.Template] {
			continue
		}
		seen[res.Template] = true
		what := Headline(res)
		if res.Failure != nil && res.Failure.Actual != "" {
			what = oneLine(res.Failure.Actual)
		}
		v.Examples = append(v.Examples, htmlPlace{b.anchor[res.ID], cmp.Or(res.place(), res.ID), shorten(what, 300)})
	}
	return v
}

// htmlExposed is a template that gives much away.
type htmlExposed struct {
	ID, Key, Size string
	n             int
}

// exposed ranks the templates whose exposure was warned of by the number of
// things that somebody without the key controls.
func (b *htmlBook) exposed() (top []htmlExposed, text string) {
	for _, t := range b.templates {
		n := 0
		for _, res := range t.results {
			if res.Outcome == Pass {
				continue
			}
			for _, note := range res.Notes {
				if note.Code == noteExposure {
					n++
				}
			}
		}
		if n > 0 {
			top = append(top, htmlExposed{t.ID, t.Name, count(n, "value or name", "values or names"), n})
		}
	}
	slices.SortStableFunc(top, func(a, b htmlExposed) int { return cmp.Compare(b.n, a.n) })
	text = count(len(top), "template lets", "templates let") + " whoever makes a link choose values or names."
	if most := 10; len(top) > most {
		top = top[:most]
		text += fmt.Sprintf(" The %d with most of them:", most)
	}
	return top, text
}

// shorten cuts a text for people after n bytes, at a rune.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
