package reports

import (
	"fmt"
	"slices"
	"strings"
)

// The closed lists of the model, in the order in which people read them.
var (
	outcomes = []Outcome{Pass, Fail, Warning, Inconclusive, NotApplicable, Blocked, HarnessError}
	subjects = []Subject{SubjectTemplate, SubjectProvider, SubjectClient, SubjectHarness}
	levels   = []Level{MUST, SHOULD, MAY}
	scopes   = []Scope{ScopeFull, ScopeFiltered}
	states   = []State{StateRunning, StateFinished, StateInterrupted}
	verdicts = []Verdict{Conformant, ConformantWithWarnings, Partial, NonConformant, VerdictInconclusive}
)

func known[T comparable](list []T, v T) bool { return slices.Contains(list, v) }

// Outcomes lists the outcomes in the order in which reports show them.
func Outcomes() []Outcome { return slices.Clone(outcomes) }

// Green reports whether v is a verdict that a pipeline may go on with.
func (v Verdict) Green() bool { return v == Conformant || v == ConformantWithWarnings }

// bill is what the verdict is computed from.
type bill struct {
	own                 int // results about the run's own subject
	pass, fail, warning int // of these
	openMust, openOther int // of these: without a verdict of their own
	controls            int // checks of the harness itself without a good end
	harnessErrors       int // of any subject
	recorded            int // results of planned cases

	knownFail, knownWarning int // of fail and warning: covered by the baseline
	lapsedFail              int // of fail: an entry names them that no longer fits
	behindKnown             int // blocked by what is known, and not in openMust or openOther
}

// unknownFail is what fails without a word of the baseline.
func (b *bill) unknownFail() int { return b.fail - b.knownFail - b.lapsedFail }

func (r *Run) bill() bill {
	var b bill
	behind := r.behindKnown()
	for _, res := range r.Results {
		if res.Reason != ReasonUnplanned {
			b.recorded++
		}
		if res.Outcome == HarnessError {
			b.harnessErrors++
		}
		if res.Subject != r.Subject {
			if res.Subject == SubjectHarness && !behind[res.ID] && res.Outcome != Pass && res.Outcome != Warning && res.Outcome != NotApplicable {
				b.controls++
			}
			continue
		}
		b.own++
		switch res.Outcome {
		case Pass:
			b.pass++
		case Fail:
			b.fail++
			switch {
			case res.known():
				b.knownFail++
			case res.Known != nil:
				b.lapsedFail++
			}
		case Warning:
			b.warning++
			if res.known() {
				b.knownWarning++
			}
		case NotApplicable:
			// The reason stands in the result. Where the target has not what is
			// checked nothing is owed; where the run had not the means it is.
			switch {
			case res.Owed && res.Level != SHOULD && res.Level != MAY:
				b.openMust++
			case res.Owed:
				b.openOther++
			}
		default:
			switch {
			case behind[res.ID]:
				b.behindKnown++
			case res.Level == SHOULD || res.Level == MAY:
				b.openOther++
			default:
				b.openMust++
			}
		}
	}
	return b
}

// nothingSelected reports whether the run had nothing to do at all.
func (r *Run) nothingSelected() bool {
	return r.Planned == 0 && len(r.Plan) == 0 && len(r.Results) == 0
}

// judge computes the verdict, relative to the plan, and the sentence that
// explains it. A failure that the baseline knows is a failure: whether the
// pipeline may go on with it is for the exit code to say.
func (r *Run) judge() (Verdict, string) {
	b := r.bill()
	if b.fail > 0 {
		return NonConformant, r.failedWhy(b)
	}
	if why := r.refusedWhy(); why != "" {
		return NonConformant, why
	}
	return r.judgeOthers(b)
}

// judgeOthers computes the verdict as if nothing had failed, which is what is
// left when the baseline knows every failure. The order of its cases is the
// order of precedence.
func (r *Run) judgeOthers(b bill) (Verdict, string) {
	switch {
	case r.nothingSelected():
		return VerdictInconclusive, "No case was selected, so nothing was judged."
	case r.State == StateInterrupted:
		return VerdictInconclusive, fmt.Sprintf("The run was interrupted after %d of %s.", b.recorded-r.reasons(ReasonNoResult), cases(r.Planned))
	case r.State != StateFinished:
		return VerdictInconclusive, "The run has not ended."
	case b.recorded != r.Planned:
		return VerdictInconclusive, fmt.Sprintf("%s planned, but results for %d.", cases(r.Planned), b.recorded)
	case b.controls > 0:
		return VerdictInconclusive, fmt.Sprintf("%s of the harness itself did not hold, so what passed proves nothing.", checks(b.controls))
	case r.reasons(ReasonNotAsked) > 0:
		// It ended in the middle, as an interrupted run does.
		return VerdictInconclusive, fmt.Sprintf("The %s stopped answering, so %s not tried.", r.Subject, count(r.reasons(ReasonNotAsked), "case was", "cases were"))
	case b.pass+b.warning+b.fail == 0:
		return VerdictInconclusive, fmt.Sprintf("No case came to a verdict about the %s.", r.Subject)
	case b.openMust > 0:
		return Partial, fmt.Sprintf("%s of a MUST ended without a verdict.", checks(b.openMust))
	case b.harnessErrors > 0:
		return Partial, fmt.Sprintf("%s ended in a harness error.", checks(b.harnessErrors))
	case b.warning > 0 && b.openOther > 0:
		return ConformantWithWarnings, fmt.Sprintf("%s; %s of a SHOULD or MAY ended without a verdict.", r.warned(b), checks(b.openOther))
	case b.warning > 0:
		return ConformantWithWarnings, r.warned(b) + "."
	case b.openOther > 0:
		return ConformantWithWarnings, fmt.Sprintf("%s of a SHOULD or MAY ended without a verdict.", checks(b.openOther))
	}
	return Conformant, ""
}

// failedWhy says how many failed, and does not let that hide what else went
// wrong.
func (r *Run) failedWhy(b bill) string {
	parts := []string{fmt.Sprintf("%d of %s failed%s", b.fail, checks(b.own), r.knownOf(b.fail, b.knownFail))}
	if b.behindKnown > 0 {
		parts = append(parts, fmt.Sprintf("%d blocked by what is known", b.behindKnown))
	}
	if open := b.openMust + b.openOther; open > 0 {
		parts = append(parts, fmt.Sprintf("%d ended without a verdict", open))
	}
	if b.harnessErrors > 0 {
		parts = append(parts, count(b.harnessErrors, "harness error", "harness errors"))
	}
	if why := r.refusedWhy(); why != "" {
		parts = append(parts, strings.TrimSuffix(why, "."))
	}
	return strings.Join(parts, "; ") + "."
}

// refusedWhy says that the run's profile refuses templates, or "".
func (r *Run) refusedWhy() string {
	n := r.refusals()
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("The profile %s refuses %s.", r.Profile, count(n, "template", "templates"))
}

func (r *Run) warned(b bill) string {
	return warnings(b.warning) + r.knownOf(b.warning, b.knownWarning)
}

// knownOf says how many of n the baseline knows, or "".
func (r *Run) knownOf(n, known int) string {
	switch {
	case known == 0 || r.Baseline == nil:
		return ""
	case known == n && n == 1:
		return ", known to " + r.Baseline.File
	case known == n:
		return ", all of them known to " + r.Baseline.File
	}
	return fmt.Sprintf(", %d of them known to %s", known, r.Baseline.File)
}

func (r *Run) reasons(code string) int {
	n := 0
	for _, res := range r.Results {
		if res.Reason == code {
			n++
		}
	}
	return n
}

func checks(n int) string   { return count(n, "check", "checks") }
func cases(n int) string    { return count(n, "case", "cases") }
func warnings(n int) string { return count(n, "warning", "warnings") }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
