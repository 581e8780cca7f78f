package reports

import (
	"fmt"
	"strings"
)

// chapterRow is a chapter of a target in one line: how many of its cases ended
// how.
type chapterRow struct {
	Name string
	// Anchor is where the page tells of it.
	Anchor string
	// N is in the order of chapterColumns.
	N []int
	// Tone is bad, warn or good, as for a template.
	Tone string
}

// chapterColumns are the columns of the matrix. What came to no verdict is one
// of them, and with it what the run lacked the means for: why it did not stands
// with the case.
var chapterColumns = []struct {
	title    string
	outcomes []Outcome
}{
	{"passed", []Outcome{Pass}},
	{"failed", []Outcome{Fail}},
	{"warnings", []Outcome{Warning}},
	{"no verdict", []Outcome{Inconclusive, Blocked, HarnessError}},
	{"not applicable", []Outcome{NotApplicable}},
}

// chapterTitles are the heads of the columns.
func chapterTitles() []string {
	var titles []string
	for _, c := range chapterColumns {
		titles = append(titles, c.title)
	}
	return titles
}

// chapterRows lists the chapters of a target in the order of the run; nil for
// a run about templates.
func (r *Run) chapterRows() []chapterRow {
	if r.Target == nil {
		return nil
	}
	var rows []chapterRow
	at := map[string]int{}
	counts, knowns := []Counts{}, []Counts{}
	for i := range r.Results {
		res := &r.Results[i]
		name := r.group(res)
		n, ok := at[name]
		if !ok {
			n = len(rows)
			at[name] = n
			rows, counts, knowns = append(rows, chapterRow{Name: name}), append(counts, Counts{}), append(knowns, Counts{})
		}
		outcome := res.Outcome
		if outcome == NotApplicable && res.Owed {
			outcome = Inconclusive // nothing is known of it, as long as the means are missing
		}
		counts[n][outcome]++
		if res.known() {
			knowns[n][res.Outcome]++
		}
	}
	for i := range rows {
		rows[i].Tone = tone(counts[i], knowns[i])
		for _, c := range chapterColumns {
			n := 0
			for _, o := range c.outcomes {
				n += counts[i][o]
			}
			rows[i].N = append(rows[i].N, n)
		}
	}
	return rows
}

// chapterTable is the matrix in Markdown; an empty cell is none, so that the
// eye finds what is there.
func (r *Run) chapterTable() string {
	rows := r.chapterRows()
	if len(rows) == 0 {
		return ""
	}
	var md strings.Builder
	fmt.Fprintf(&md, "\n| chapter | %s |\n|---|%s\n", strings.Join(chapterTitles(), " | "), strings.Repeat("---:|", len(chapterColumns)))
	for _, row := range rows {
		fmt.Fprintf(&md, "| %s |", mdCell(row.Name))
		for _, n := range row.N {
			if n == 0 {
				md.WriteString(" |")
				continue
			}
			fmt.Fprintf(&md, " %d |", n)
		}
		md.WriteString("\n")
	}
	return md.String()
}
