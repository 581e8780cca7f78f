package delta

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// Judgement is what a profile says to a template, where that has changed.
type Judgement struct {
	// Template is the key of the template, Profile the name of the profile.
	Template string `json:"template"`
	Profile  string `json:"profile"`
	// Old and New are the verdicts; "" where a report has none.
	Old reports.ProfileVerdict `json:"old,omitempty"`
	New reports.ProfileVerdict `json:"new,omitempty"`
	// Text is why, as the new report has it, in one line; "" where the profile
	// accepts the template, or says nothing to it any more.
	Text string `json:"text,omitempty"`
	// Regression: the template is refused now or nobody knows, and it was
	// better before; or it was taken, and is not judged any more.
	Regression bool `json:"regression"`
}

// judgements compares what the profiles say, the regressions first. A template
// that was not judged before has nothing to be worse than.
func (d *Delta) judgements(old, now *reports.Run) {
	type pair struct{ template, profile string }
	before := make(map[pair]reports.Judgement, len(old.Judgements))
	for _, j := range old.Judgements {
		before[pair{j.Template, j.Profile}] = j
	}
	seen := make(map[pair]bool, len(now.Judgements))
	for _, j := range now.Judgements {
		key := pair{j.Template, j.Profile}
		seen[key] = true
		was := before[key].Verdict
		if was == j.Verdict {
			d.SameJudgements++
			continue
		}
		d.Judgements = append(d.Judgements, Judgement{Template: j.Template, Profile: j.Profile, Old: was, New: j.Verdict,
			Text: j.Because(), Regression: was != "" && j.Verdict != reports.ProfileIgnores && standing(j.Verdict) > standing(was)})
	}
	for _, j := range old.Judgements {
		if !seen[pair{j.Template, j.Profile}] {
			d.Judgements = append(d.Judgements, Judgement{Template: j.Template, Profile: j.Profile, Old: j.Verdict,
				Regression: standing(j.Verdict) <= standing(reports.ProfileIgnores)})
		}
	}
	slices.SortStableFunc(d.Judgements, func(a, b Judgement) int {
		return cmp.Compare(unlessRegression(a), unlessRegression(b))
	})
}

func unlessRegression(j Judgement) int {
	if j.Regression {
		return 0
	}
	return 1
}

// standing orders the verdicts of profiles from best to worst.
func standing(v reports.ProfileVerdict) int { return slices.Index(reports.ProfileVerdicts(), v) }

// way is how the verdict has changed.
func (j *Judgement) way() string {
	switch {
	case j.Old == "":
		return fmt.Sprintf("not judged before, %s now", j.New)
	case j.New == "":
		return fmt.Sprintf("%s before, not judged now", j.Old)
	}
	return fmt.Sprintf("%s before, %s now", j.Old, j.New)
}

const judgementHeading = "What providers would say"

func (d *Delta) judgementText(b *strings.Builder) {
	if len(d.Judgements) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s (%d)\n", judgementHeading, len(d.Judgements))
	for _, j := range d.Judgements {
		fmt.Fprintf(b, "  %s%s by %s: %s\n", mark(j.Regression), reports.Line(j.Template), reports.Line(j.Profile), j.way())
		if j.Text != "" {
			fmt.Fprintf(b, "      %s\n", reports.Line(reports.Abridged(j.Text, 300)))
		}
	}
}

func (d *Delta) judgementMarkdown(b *strings.Builder) {
	if len(d.Judgements) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s (%d)\n\n", judgementHeading, len(d.Judgements))
	for i, j := range d.Judgements {
		if i == markdownMost {
			fmt.Fprintf(b, "- and %d more\n", len(d.Judgements)-i)
			break
		}
		text := ""
		if j.Text != "" {
			text = ". " + reports.Markdown(reports.Abridged(j.Text, 300))
		}
		fmt.Fprintf(b, "- %s by %s: %s%s\n", reports.MarkdownCode(j.Template), reports.Markdown(j.Profile), j.way(), text)
	}
}

// same says how much is as it was.
func (d *Delta) same() string {
	text := fmt.Sprintf("\n%d of %d cases are as they were.\n", d.Same, d.Same+len(d.Changes))
	if all := d.SameJudgements + len(d.Judgements); all > 0 {
		text += fmt.Sprintf("%d of %d judgements of providers are as they were.\n", d.SameJudgements, all)
	}
	return text
}

// profilesOf names the profiles that templates were judged for.
func profilesOf(r *reports.Run) string {
	var names []string
	for _, p := range r.Profiles {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}
