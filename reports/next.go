package reports

import (
	"cmp"
	"fmt"
	"strings"
)

// NextSteps proposes the next thing to do, in one or two lines, from the
// results alone: what stands first under "To mend first", and how to see
// whether it is mended. A caller that knows better sets Run.Next.
func NextSteps(r *Run) []string {
	if r.nothingSelected() {
		return []string{"Check the path and the --case pattern; `" + Tool + " list` shows what there is."}
	}
	verdict, _ := r.judge()
	if !verdict.Green() {
		if all := findings(r, Fail); len(all) > 0 {
			return stepsFor(all[0].example)
		}
		if step := r.refusalStep(); step != "" {
			return []string{step}
		}
		for _, o := range []Outcome{HarnessError, Inconclusive} {
			if example, _ := commonestOf(r, o); example != nil {
				return stepsFor(example)
			}
		}
		if len(r.StaleBaseline) > 0 {
			return []string{mendBaseline + oneLine(r.StaleBaseline[0])}
		}
		if k := r.firstToExpire(); k != nil && verdict == NonConformant {
			return []string{fmt.Sprintf("Mend what the baseline knows before it expires: the entry in %s:%d ends on %s (%s).", r.Baseline.File, k.Line, k.Expires, k.Owner)}
		}
		return []string{"Look at the cases without a verdict in " + HTMLFile + "."}
	}
	switch {
	case len(r.StaleBaseline) > 0:
		return []string{mendBaseline + oneLine(r.StaleBaseline[0])}
	case r.Counts[Warning] > 0:
		return []string{"Look at the warnings in " + HTMLFile + "."}
	case r.Scope == ScopeFiltered:
		return []string{"Run the whole plan: leave the filters out."}
	}
	return []string{"Nothing is left to do."}
}

// refusalStep names the first thing for which the run's profile refuses a
// template; "" where it refuses none.
func (r *Run) refusalStep() string {
	for _, j := range r.Judgements {
		if j.Profile != r.Profile || j.Verdict != ProfileRefused {
			continue
		}
		for _, reason := range j.Reasons {
			if reason.Kind != ReasonRefuses {
				continue
			}
			at := j.Template
			if reason.Line > 0 {
				at = fmt.Sprintf("%s, line %d", at, reason.Line)
			}
			by := j.Profile
			if reason.Fact != "" {
				by += " (" + reason.Fact + ")"
			}
			return fmt.Sprintf("%s is refused by %s: %s", at, by, sentence(reason.Text))
		}
	}
	return ""
}

const mendBaseline = "Mend the baseline: "

// stepsFor says what to do about a result. Where the message itself says what
// is missing, running the case again comes after that, not instead of it.
func stepsFor(res *Result) []string {
	where := cmp.Or(res.Template, res.ID)
	first := fmt.Sprintf("Look at %s in %s.", res.ID, HTMLFile)
	switch {
	case res.Failure != nil && res.Failure.Mend != "":
		first = fmt.Sprintf("%s: %s", where, sentence(res.Failure.Mend))
	case res.Outcome != Fail && res.Reason != ReasonNoResult && res.Message != "":
		first = sentence(res.Message)
	}
	if res.Rerun == "" {
		return []string{first}
	}
	return []string{first, "Then run it again alone: " + res.Rerun}
}

// sentence is a text in one line that begins and ends like a sentence.
func sentence(s string) string {
	s = oneLine(s)
	if s == "" {
		return s
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	if c := s[0]; c >= 'a' && c <= 'z' && !strings.ContainsAny(strings.Fields(s)[0], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

// nextSteps are those of the caller, or what the results suggest. When
// something failed that stands first: what the caller advises, another
// browser for instance, would not mend it. So does what kept the cases of a
// target from a verdict, before what would let more of them be tried.
func nextSteps(r *Run) []string {
	if len(r.Next) == 0 {
		return NextSteps(r)
	}
	if r.Subject == SubjectProvider && r.State != StateInterrupted {
		for _, o := range []Outcome{HarnessError, Inconclusive} {
			if best, _ := commonestOf(r, o); best != nil {
				return append(NextSteps(r), r.Next...)
			}
		}
	}
	if verdict, _ := r.judge(); verdict == NonConformant && (len(findings(r, Fail)) > 0 || r.refusals() > 0) {
		return append(NextSteps(r), r.Next...)
	}
	return r.Next
}
