package reports

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
)

// SummaryOptions say how a summary looks.
type SummaryOptions struct {
	// Color allows ANSI colours; leave it out when NO_COLOR is set or the
	// output is no terminal.
	Color bool
	// Width and Height are those of the screen, 80 and 24 when 0. The summary
	// fits both; what does not fit is counted and left to the report.
	Width, Height int
	// Report is the folder of the report, as the user would type it.
	Report string
	// Strict is what ExitCode was called with.
	Strict bool
}

// WriteSummary writes what a person wants to know at the end of a run, on one
// screen: the verdict, the counts, what to mend first with one example each,
// what else went wrong, where the report is, and the next thing to do.
func WriteSummary(w io.Writer, r *Run, o SummaryOptions) error {
	o.Width = cmp.Or(o.Width, 80)
	o.Height = cmp.Or(o.Height, 24)
	p := page{width: o.Width, color: o.Color}
	p.head(r)
	tail := page{width: o.Width, color: o.Color}
	tail.rest(r)
	tail.foot(r, o)
	p.table(r)
	p.failures(r, p.left(o.Height, &tail))
	p.lines = append(p.lines, tail.lines...)
	_, err := io.WriteString(w, strings.Join(p.lines, "\n")+"\n")
	return err
}

// page collects lines that fit a width.
type page struct {
	width int
	color bool
	lines []string
}

// rows is how many lines of the screen p takes: a line that must stay whole may
// be wider than the screen.
func (p *page) rows() int {
	n := 0
	for _, line := range p.lines {
		n += max(1, (runewidth.StringWidth(stripStyle(line))+p.width-1)/p.width)
	}
	return n
}

// left is how many lines p may still take when tail comes after it. The last
// line of the screen stays free for the prompt.
func (p *page) left(height int, tail *page) int { return height - 1 - p.rows() - tail.rows() }

// add adds a line and cuts it to the width.
func (p *page) add(style, text string) {
	text = runewidth.Truncate(strings.TrimRight(printableLine(text), " "), p.width, "…")
	p.lines = append(p.lines, p.paint(style, text))
}

// whole adds a line that people copy, such as a command: it is never cut.
func (p *page) whole(style, text string) {
	p.lines = append(p.lines, p.paint(style, printableLine(text)))
}

func stripStyle(line string) string {
	if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
		_, rest, _ = strings.Cut(rest, "m")
		return strings.TrimSuffix(rest, "\x1b[0m")
	}
	return line
}

func (p *page) paint(style, text string) string {
	if !p.color || style == "" || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// printableLine keeps a foreign text from moving the cursor or colouring the
// screen. Runs of spaces stay, since tables are made of them.
func printableLine(s string) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(printable(s))
}

const (
	bold   = "1"
	red    = "1;31"
	green  = "1;32"
	yellow = "1;33"
	faint  = "2"
)

func verdictStyle(v Verdict) string {
	switch v {
	case Conformant:
		return green
	case NonConformant:
		return red
	}
	return yellow
}

func (p *page) head(r *Run) {
	word := strings.ToUpper(string(r.Verdict))
	switch {
	case r.Why == "":
		p.add(verdictStyle(r.Verdict), word)
	case runewidth.StringWidth(word)+2+runewidth.StringWidth(r.Why) <= p.width:
		p.add(verdictStyle(r.Verdict), word+"  "+r.Why)
	default:
		p.add(verdictStyle(r.Verdict), word)
		p.add(bold, r.Why)
	}
	facts := []string{cases(r.Planned)}
	if n := len(r.Templates); n > 0 {
		facts = []string{count(n, "template", "templates"), cases(r.Planned)}
	}
	if r.Target != nil {
		facts = []string{"target " + r.Target.Name, cases(r.Planned)}
	}
	facts = append(facts, r.Edition)
	if r.Profile != "" {
		facts = append(facts, "profile "+r.Profile)
	}
	if r.Consent != "" {
		facts = append(facts, "consent by "+r.Consent)
	}
	facts = append(facts, fmt.Sprintf("seed %d", r.Seed))
	if r.Scope == ScopeFiltered {
		facts = append(facts, "filtered: not the whole plan")
	}
	if took := r.Finished.Sub(r.Started); !r.Finished.IsZero() && took > 0 {
		unit := time.Second
		if took < 10*time.Second {
			unit = 100 * time.Millisecond
		}
		facts = append(facts, took.Round(unit).String())
	}
	p.add(faint, strings.Join(facts, ", "))
}

// grid shows the outcomes: on the left what has a verdict, on the right what
// has none.
var grid = [][2]Outcome{
	{Pass, Inconclusive}, {Fail, Blocked}, {Warning, HarnessError}, {"", NotApplicable},
}

func (p *page) table(r *Run) {
	if len(r.Results) == 0 {
		return
	}
	p.add("", "")
	for _, row := range grid {
		left, right := row[0], row[1]
		if r.Counts[right] == 0 {
			right = ""
		}
		if left == Warning && r.Counts[left] == 0 {
			left = ""
		}
		if left == "" && right == "" {
			continue
		}
		line := p.cell(left, r.Counts)
		if right != "" {
			line += "      " + p.cell(right, r.Counts)
		}
		p.lines = append(p.lines, strings.TrimRight(line, " "))
	}
}

func (p *page) cell(o Outcome, counts Counts) string {
	if o == "" {
		return fmt.Sprintf("%22s", "")
	}
	style := ""
	switch {
	case counts[o] == 0 || o == Pass || o == NotApplicable:
	case o == Fail || o == HarnessError:
		style = red
	default:
		style = yellow
	}
	return p.paint(style, fmt.Sprintf("  %-14s%6d", o, counts[o]))
}

// finding is what results have in common that fail, or warn, for one reason.
type finding struct {
	id        string
	level     Level
	cases     int
	templates map[string]bool
	example   *Result
}

// findings groups the results with this outcome by rule or first requirement:
// what touches most templates comes first. What the baseline knows is left to
// knownFindings.
func findings(r *Run, o Outcome) []*finding {
	return findingsOf(r, func(res *Result) bool { return res.Outcome == o && !res.known() })
}

// knownFindings are the failures and warnings that the baseline covers.
func knownFindings(r *Run, o Outcome) []*finding {
	return findingsOf(r, func(res *Result) bool { return res.Outcome == o && res.known() })
}

func findingsOf(r *Run, wanted func(*Result) bool) []*finding {
	by := map[string]*finding{}
	var all []*finding
	for i := range r.Results {
		res := &r.Results[i]
		if !wanted(res) {
			continue
		}
		id := Missed(res)
		f := by[id]
		if f == nil {
			f = &finding{id: id, level: res.Level, templates: map[string]bool{}, example: res}
			by[id] = f
			all = append(all, f)
		}
		f.cases++
		f.templates[res.Template] = true
		if slices.Index(levels, res.Level) < slices.Index(levels, f.level) {
			f.level = res.Level
		}
	}
	slices.SortStableFunc(all, func(a, b *finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(levels, a.level), slices.Index(levels, b.level)),
			cmp.Compare(len(b.templates), len(a.templates)), cmp.Compare(b.cases, a.cases), cmp.Compare(a.id, b.id))
	})
	return all
}

func (f *finding) size() string {
	if f.templates[""] {
		return cases(f.cases)
	}
	return count(len(f.templates), "template", "templates")
}

func (p *page) failures(r *Run, room int) {
	all := findings(r, Fail)
	if len(all) == 0 || room < 3 {
		return
	}
	p.add("", "")
	p.add(bold, "To mend first")
	room -= 2
	for i, f := range all {
		left := len(all) - i
		if room < 2 || left > 1 && room < 3 {
			p.add(faint, fmt.Sprintf("  and %d more; all of them are in the report", left))
			return
		}
		text := fmt.Sprintf("  %s  %s, %s", f.id, f.level, f.size())
		if f.example.Failure != nil {
			text += ": " + oneLine(f.example.Failure.Clause)
		}
		p.add(red, text)
		p.add("", "    e.g. "+example(f.example))
		room -= 2
	}
}

// example is one case in a line: where, and what came of it. What came back
// stands before the clause, since the line may be cut.
func example(res *Result) string {
	where := res.place()
	if place := Place(res); place != "" {
		where = place
	}
	what := Headline(res)
	if res.Failure != nil && res.Failure.Actual != "" {
		what = oneLine(res.Failure.Actual)
		if len(res.Failure.Expected) > 0 {
			what += ", expected " + oneLine(res.Failure.Expected[0])
		}
	}
	if where == "" {
		return what
	}
	return where + ": " + what
}

// rest names what did not fail and is not good, a line each.
func (p *page) rest(r *Run) {
	start := len(p.lines)
	p.add("", "")
	for _, kind := range []struct {
		outcome Outcome
		label   string
		style   string
	}{
		{Warning, "Warnings", yellow}, {Inconclusive, "Inconclusive", yellow},
		{HarnessError, "Harness errors", red},
	} {
		all := findings(r, kind.outcome)
		if len(all) == 0 {
			continue
		}
		if kind.outcome != Warning {
			p.add(kind.style, kind.label+": "+commonest(r, kind.outcome))
			continue
		}
		var names []string
		for _, f := range all {
			names = append(names, fmt.Sprintf("%s (%s)", f.id, f.size()))
		}
		p.add(kind.style, kind.label+": "+strings.Join(names, ", "))
	}
	p.profiles(r)
	if k := r.firstToExpire(); k != nil {
		n := r.Baseline.Known[Fail] + r.Baseline.Known[Warning]
		p.add(yellow, fmt.Sprintf("Known: %s in %s; the first entry ends on %s (%s)", cases(n), r.Baseline.File, k.Expires, k.Owner))
	}
	if n := len(r.StaleBaseline); n > 0 {
		p.add(yellow, fmt.Sprintf("Baseline: %s, such as %s", count(n, "stale entry", "stale entries"), r.StaleBaseline[0]))
	}
	if len(p.lines) == start+1 {
		p.lines = p.lines[:start]
	}
}

// commonestOf is the first result with the message that most results with
// this outcome give, and how many they are; nil where there are none.
func commonestOf(r *Run, o Outcome) (best *Result, times int) {
	count := map[string]int{}
	first := map[string]*Result{}
	for i := range r.Results {
		res := &r.Results[i]
		if res.Outcome != o {
			continue
		}
		text := Headline(res)
		if count[text]++; first[text] == nil {
			first[text] = res
		}
		if count[text] > times {
			best, times = first[text], count[text]
		}
	}
	return best, times
}

// commonest is that message, and how many give it.
func commonest(r *Run, o Outcome) string {
	best, times := commonestOf(r, o)
	text := Headline(best)
	if times > 1 {
		text = fmt.Sprintf("%d times: %s", times, text)
	}
	if rest := r.Counts[o] - times; rest > 0 {
		text += fmt.Sprintf(" (%d more for other reasons)", rest)
	}
	return text
}

func (p *page) foot(r *Run, o SummaryOptions) {
	p.add("", "")
	if o.Report != "" {
		p.whole("", "Report  "+filepath.Join(o.Report, HTMLFile)+" (open it in a browser)")
	}
	code := ExitCode(r, o.Strict)
	next := nextSteps(r)
	for i, line := range next[:min(len(next), 2)] {
		label := "        "
		if i == 0 {
			label = "Next    "
		}
		p.whole(bold, label+line)
	}
	p.add(faint, fmt.Sprintf("Exit    %d: %s", code, r.Meaning(o.Strict)))
}
