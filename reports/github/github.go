// Package github tells a run to GitHub Actions: as annotations beside the lines
// of a change, and as the summary of a step.
package github

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// Annotation is one workflow command.
type Annotation struct {
	// Level is error, warning or notice.
	Level string
	// File, Line and Column place it; without File it belongs to the job.
	File         string
	Line, Column int
	// Title and Text may hold anything.
	Title, Text string
}

// Workflow commands escape what would end them.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// String is the command with its line break.
func (a Annotation) String() string {
	at := ""
	if a.File != "" {
		at = fmt.Sprintf("file=%s,line=%d,col=%d,", property.Replace(a.File), a.Line, a.Column)
	}
	return fmt.Sprintf("::%s %stitle=%s::%s\n", a.Level, at, property.Replace(a.Title), data.Replace(a.Text))
}

// MaxAnnotations is how many annotations are written at the most; GitHub shows
// fewer for a step, and counts the rest.
const MaxAnnotations = 50

// Annotate writes failures, then warnings, as annotations: those with a line
// first, since that is what annotations are for. What a baseline knows is a
// notice. A verdict that is not green for another reason is one, too.
func Annotate(w io.Writer, r *reports.Run) error {
	var b strings.Builder
	list := findings(r)
	for i, res := range list {
		if i == MaxAnnotations {
			b.WriteString(Annotation{Level: "notice", Title: "dcconform", Text: fmt.Sprintf("%d more findings are in the report.", len(list)-i)}.String())
			break
		}
		b.WriteString(annotationOf(r, res).String())
	}
	for i, a := range refusals(r) {
		if len(list)+i >= MaxAnnotations {
			break // the verdict counts them
		}
		b.WriteString(a.String())
	}
	if !r.Verdict.Green() {
		b.WriteString(Annotation{Level: "error", Title: "dcconform: " + string(r.Verdict), Text: cmp.Or(r.Why, "See the report.")}.String())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// refusals are why the profile that the run was asked about refuses templates.
// Where it was asked about several, none of them speaks for it.
func refusals(r *reports.Run) []Annotation {
	files := map[string]string{}
	for _, t := range r.Templates {
		files[t.Key] = filepath.ToSlash(t.File)
	}
	var list []Annotation
	for _, j := range r.Judgements {
		if j.Profile != r.Profile {
			continue
		}
		for _, reason := range j.Reasons {
			if reason.Kind == reports.ReasonRefuses {
				list = append(list, Annotation{Level: "error", File: files[j.Template], Line: max(1, reason.Line), Column: 1,
					Title: "refused by " + j.Profile, Text: reason.Text})
			}
		}
	}
	return list
}

func findings(r *reports.Run) []*reports.Result {
	var list []*reports.Result
	for _, want := range []struct {
		outcome reports.Outcome
		placed  bool
	}{{reports.Fail, true}, {reports.Fail, false}, {reports.Warning, true}, {reports.Warning, false}} {
		for i := range r.Results {
			if res := &r.Results[i]; res.Outcome == want.outcome && (res.Line > 0) == want.placed {
				list = append(list, res)
			}
		}
	}
	return list
}

func annotationOf(r *reports.Run, res *reports.Result) Annotation {
	a := Annotation{Level: "error", File: res.File, Line: max(1, res.Line), Column: max(1, res.Column), Title: reports.Missed(res), Text: reports.Headline(res)}
	if res.DCTL != "" {
		a.Title += " (" + res.DCTL + ")"
	}
	if res.Outcome == reports.Warning {
		a.Level = "warning"
	}
	if res.Known != nil && res.Known.Lapsed == "" {
		a.Level = "notice"
	}
	if a.File == "" {
		for _, t := range r.Templates {
			if t.Key == res.Template {
				a.File = t.File
			}
		}
	}
	a.File = filepath.ToSlash(a.File)
	if res.Line == 0 {
		a.Text = res.ID + ": " + a.Text
	}
	if f := res.Failure; f != nil && f.Mend != "" {
		a.Text += "\n" + f.Mend
	}
	if res.Rerun != "" {
		a.Text += "\nAgain: " + res.Rerun
	}
	return a
}

// SummaryLimit is how many bytes the summary of a step may have; GitHub shows
// nothing of a longer one.
const SummaryLimit = 1 << 20

// Summarize adds the Markdown of a run to the file that GitHub shows as the
// summary of the step. Where that would grow past SummaryLimit it is cut at a
// line and says so; where no room is left nothing is written, and that is an
// error.
func Summarize(file string, r *reports.Run) error {
	room := SummaryLimit
	switch info, err := os.Stat(file); {
	case err == nil:
		room -= int(min(info.Size(), SummaryLimit))
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("the summary of the step: %w", err)
	}
	var b strings.Builder
	if err := reports.WriteMarkdown(&b, r); err != nil {
		return err
	}
	text, err := bounded(b.String()+"\n", room)
	if err != nil {
		return fmt.Errorf("the summary of the step %s: %w", file, err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("the summary of the step: %w", err)
	}
	_, err = io.WriteString(f, text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("the summary of the step: %w", err)
	}
	return nil
}

const cut = "\n\nThe rest is in the report: the summary of a step has room for 1 MB.\n"

// bounded is a text that fits into room, cut after a whole line.
func bounded(text string, room int) (string, error) {
	if len(text) <= room {
		return text, nil
	}
	if room < len(cut) {
		return "", errors.New("it is full: GitHub shows 1 MB of it")
	}
	end := strings.LastIndexByte(text[:room-len(cut)], '\n')
	return text[:max(end, 0)] + cut, nil
}
