// Package delta compares two reports: what fails now, what is mended, and what
// is no longer judged at all, which is how a failure hides.
package delta

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// SchemaVersion is the version of the JSON form of a Delta.
const SchemaVersion = 1

// Kind says how a case has changed.
type Kind string

// The kinds, in the order in which they are shown.
const (
	// NewFailure: it fails, and did not fail before.
	NewFailure Kind = "new-failure"
	// NotExecuted: it came to a verdict before and comes to none now; the case
	// is gone, or ended blocked, inconclusive or in a harness error.
	NotExecuted Kind = "no-longer-executed"
	// NotApplicable: it came to a verdict before and does not apply now.
	NotApplicable Kind = "newly-not-applicable"
	// NewWarning: it passed and is a warning now.
	NewWarning Kind = "new-warning"
	// OtherFailure: it fails as before, for another reason.
	OtherFailure Kind = "fails-otherwise"
	// ChangedEvidence: it ends as before, but what it saw is not the same.
	ChangedEvidence Kind = "changed-evidence"
	// NewCase: it has no result in the old report and does not fail.
	NewCase Kind = "new-case"
	// Judged: it came to no verdict before, and comes to one now.
	Judged Kind = "newly-judged"
	// Fixed: it failed or was a warning, and is better now.
	Fixed Kind = "fixed"
)

// Kinds lists the kinds in the order in which they are shown.
func Kinds() []Kind {
	return []Kind{NewFailure, NotExecuted, NotApplicable, NewWarning, OtherFailure, ChangedEvidence, NewCase, Judged, Fixed}
}

// Side is what a Delta says of one of its two reports.
type Side struct {
	// Name is what the caller calls the report, a path.
	Name    string          `json:"name"`
	Verdict reports.Verdict `json:"verdict"`
	Counts  reports.Counts  `json:"counts"`
	Planned int             `json:"planned"`
}

// Change is one case that is not as it was.
type Change struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
	// Title is one line for people.
	Title string        `json:"title,omitempty"`
	Level reports.Level `json:"level,omitempty"`
	// Old and New are the outcomes; "" where a report has no such case.
	Old reports.Outcome `json:"old,omitempty"`
	New reports.Outcome `json:"new,omitempty"`
	// Text says what the new report says of the case, or the old one of a
	// case that is gone, in one line.
	Text string `json:"text,omitempty"`
	// Rerun is the command that runs the case again.
	Rerun string `json:"rerun,omitempty"`
	// Regression: it was better before.
	Regression bool `json:"regression"`
	// Known: a baseline covers it, and so it is no regression.
	Known bool `json:"known,omitempty"`
}

// Difference is a circumstance that two reports do not share, so that they
// cannot be compared case by case without a thought.
type Difference struct {
	What string `json:"what"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Delta is what has changed from one report to another.
type Delta struct {
	Schema int    `json:"schema"`
	Tool   string `json:"tool"`
	Old    Side   `json:"old"`
	New    Side   `json:"new"`
	// Differences are said first: edition, profile, scope and the like.
	Differences []Difference `json:"differences"`
	// Worse: the verdict was one that a pipeline may go on with, and is not.
	Worse bool `json:"verdictWorse"`
	// Regressions is the number of Changes and Judgements that are regressions.
	Regressions int      `json:"regressions"`
	Changes     []Change `json:"changes"`
	// Same is the number of cases that are as they were.
	Same int `json:"same"`
	// Judgements are what profiles say otherwise than before, the regressions
	// first; SameJudgements is the number of those that are as they were.
	Judgements     []Judgement `json:"judgements,omitempty"`
	SameJudgements int         `json:"sameJudgements,omitempty"`
}

// Regressed reports whether anything was better before.
func (d *Delta) Regressed() bool { return d.Regressions > 0 || d.Worse }

// Of lists the changes of a kind, in the order of the new report's plan; those
// of cases that are gone come last.
func (d *Delta) Of(k Kind) []Change {
	var list []Change
	for _, c := range d.Changes {
		if c.Kind == k {
			list = append(list, c)
		}
	}
	return list
}

// SubjectError is returned for reports that judge different things.
type SubjectError struct{ Old, New reports.Subject }

func (e *SubjectError) Error() string {
	return fmt.Sprintf("the old report judges a %s and the new one a %s: there is nothing to compare; give two reports of the same command", e.Old, e.New)
}

// Compare says what has changed. The names stand for the reports in what is
// printed. Reports about different subjects are refused with a *SubjectError.
func Compare(oldName string, old *reports.Run, newName string, now *reports.Run) (*Delta, error) {
	if old.Subject != now.Subject {
		return nil, &SubjectError{old.Subject, now.Subject}
	}
	d := &Delta{Schema: SchemaVersion, Tool: reports.Tool, Old: side(oldName, old), New: side(newName, now),
		Differences: differences(old, now), Worse: old.Verdict.Green() && !now.Verdict.Green(), Changes: []Change{}}
	before := make(map[string]*reports.Result, len(old.Results))
	for i := range old.Results {
		before[old.Results[i].ID] = &old.Results[i]
	}
	seen := make(map[string]bool, len(now.Results))
	for i := range now.Results {
		res := &now.Results[i]
		seen[res.ID] = true
		d.add(before[res.ID], res)
	}
	for i := range old.Results {
		if res := &old.Results[i]; !seen[res.ID] {
			d.add(res, nil)
		}
	}
	d.judgements(old, now)
	for _, c := range d.Changes {
		if c.Regression {
			d.Regressions++
		}
	}
	for _, j := range d.Judgements {
		if j.Regression {
			d.Regressions++
		}
	}
	order := Kinds()
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind))
	})
	return d, nil
}

func side(name string, r *reports.Run) Side {
	return Side{Name: name, Verdict: r.Verdict, Counts: r.Counts, Planned: r.Planned}
}

// add compares one case; one of the two may be nil.
func (d *Delta) add(old, now *reports.Result) {
	kind, changed := kindOf(old, now)
	if !changed {
		d.Same++
		return
	}
	told := now
	if told == nil {
		told = old
	}
	c := Change{Kind: kind, ID: told.ID, Title: told.Title, Level: told.Level, Text: reports.Headline(told), Rerun: told.Rerun}
	if old != nil {
		c.Old = old.Outcome
	}
	if now != nil {
		c.New = now.Outcome
		c.Known = now.Known != nil && now.Known.Lapsed == ""
	}
	switch kind {
	case NewFailure:
		c.Regression = !c.Known
	case NotExecuted, NotApplicable:
		// What failed and is not tried any more is not mended, but nothing was
		// lost, either.
		c.Regression = c.Old != reports.Fail
	}
	d.Changes = append(d.Changes, c)
}

// kindOf tells how a case has changed; false when it has not.
func kindOf(old, now *reports.Result) (Kind, bool) {
	switch {
	case now == nil:
		return NotExecuted, judged(old)
	case old == nil && now.Outcome == reports.Fail:
		return NewFailure, true
	case old == nil:
		return NewCase, true
	case now.Outcome == reports.Fail && old.Outcome != reports.Fail:
		return NewFailure, true
	case judged(old) && now.Outcome == reports.NotApplicable:
		return NotApplicable, true
	case judged(old) && !judged(now):
		return NotExecuted, true
	case judged(old) && rank(now.Outcome) < rank(old.Outcome):
		return Fixed, true
	case old.Outcome == reports.Pass && now.Outcome == reports.Warning:
		return NewWarning, true
	case !judged(old) && judged(now):
		return Judged, true
	case now.Outcome == reports.Fail && reports.Missed(old) != reports.Missed(now):
		return OtherFailure, true
	}
	// Two reports before the digest was there say nothing.
	return ChangedEvidence, judged(now) && old.SawSHA256 != now.SawSHA256 && old.SawSHA256 != "" && now.SawSHA256 != ""
}

// judged reports whether a case came to a verdict about its subject.
func judged(res *reports.Result) bool { return rank(res.Outcome) > 0 }

// rank orders the verdicts from good to bad; 0 is none.
func rank(o reports.Outcome) int {
	return 1 + slices.Index([]reports.Outcome{reports.Pass, reports.Warning, reports.Fail}, o)
}

// differences lists what a reader has to know before the comparison.
func differences(old, now *reports.Run) []Difference {
	all := []Difference{}
	add := func(what, a, b string) {
		if a != b {
			all = append(all, Difference{what, cmp.Or(a, "none"), cmp.Or(b, "none")})
		}
	}
	add("edition", old.Edition, now.Edition)
	add("profile", old.Profile, now.Profile)
	add("profiles asked", profilesOf(old), profilesOf(now))
	add("scope", string(old.Scope), string(now.Scope))
	add("state", string(old.State), string(now.State))
	add("target", targetOf(old), targetOf(now))
	add("consent", old.Consent, now.Consent)
	add("seed", fmt.Sprint(old.Seed), fmt.Sprint(now.Seed))
	add("tool", old.ToolVersion, now.ToolVersion)
	before := map[string]reports.Template{}
	for _, t := range old.Templates {
		before[t.Key] = t
	}
	for _, t := range now.Templates {
		was, ok := before[t.Key]
		delete(before, t.Key)
		if !ok {
			add("template "+t.Key, "", "new")
		} else if was.SHA256 != t.SHA256 {
			add("template "+t.Key, digestOf(was), digestOf(t))
		}
	}
	for _, t := range old.Templates {
		if _, gone := before[t.Key]; gone {
			add("template "+t.Key, digestOf(t), "")
		}
	}
	return all
}

func targetOf(r *reports.Run) string {
	if r.Target == nil {
		return ""
	}
	return strings.Join(append([]string{r.Target.Name}, r.Target.Domains...), " ")
}

// digestOf is enough of a digest to tell two files apart by eye.
func digestOf(t reports.Template) string {
	if len(t.SHA256) < 12 {
		return "without a digest"
	}
	return "version " + fmt.Sprint(t.Version) + ", sha256 " + t.SHA256[:12]
}
