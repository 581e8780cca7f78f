package reports

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Tool is the name that every report carries.
const Tool = "dcconform"

// The reason codes that this package itself puts on results.
const (
	// ReasonNoResult: the run ended and nothing was heard of the case.
	ReasonNoResult = "no-result"
	// ReasonUnplanned: a result came for a case that the plan does not hold.
	ReasonUnplanned = "unplanned"
	// ReasonDuplicate: one case came with more than one result, or stands
	// more than once in the plan.
	ReasonDuplicate = "duplicate"
	// ReasonNoAssertion: a pass or warning that stated nothing about its subject.
	ReasonNoAssertion = "no-assertion"
	// ReasonFailedControl: a check of the harness itself failed.
	ReasonFailedControl = "failed-control"
	// ReasonNotAsked: the subject had not answered several times in a row, and
	// was not asked again for this case. The cases themselves say so.
	ReasonNotAsked = "not-asked"
	// ReasonBadRecord: the record contradicts the model, such as an unknown
	// outcome, a not-applicable without a reason or a block without a root.
	ReasonBadRecord = "bad-record"
)

// Begin writes the plan into r before anything has run: the state is running
// and the verdict inconclusive until Finish says otherwise, so that a run that
// dies is not taken for a good one. Results that r already has are dropped.
func (r *Run) Begin(plan []Planned, now time.Time) {
	r.Schema = SchemaVersion
	r.Tool = Tool
	r.State = StateRunning
	r.Verdict = VerdictInconclusive
	r.Why = "The run has not ended."
	r.Started = now
	r.Finished = time.Time{}
	r.Plan = slices.Clone(plan)
	r.Planned = len(plan)
	r.Results = nil
	r.total()
}

// MarkExemplars sets Exemplar on the first planned case of every Case, and
// clears it on the others. The choice depends on the plan alone, so that it is
// the same for any number of jobs.
func MarkExemplars(plan []Planned) {
	seen := map[string]bool{}
	for i := range plan {
		plan[i].Exemplar = !seen[plan[i].Case]
		seen[plan[i].Case] = true
	}
}

// Owe gives each of the planned cases that has no result yet a harness-error
// with this reason, in a sentence such as "the child ended with exit status 2
// before this case". It may be called once for each child. It returns how many
// were owed.
func (r *Run) Owe(planned []Planned, reason string) int {
	have := make(map[string]bool, len(r.Results))
	for _, res := range r.Results {
		have[res.ID] = true
	}
	owed := 0
	for _, p := range planned {
		if have[p.ID] {
			continue
		}
		have[p.ID] = true
		owed++
		r.Results = append(r.Results, Result{
			Planned: p, Outcome: HarnessError, Reason: ReasonNoResult, Message: reason,
		})
	}
	return owed
}

// Interrupt marks the run as ended early on request. Call it before Finish;
// the cases that have no result are then owed for this reason.
func (r *Run) Interrupt() { r.State = StateInterrupted }

// Finish settles the books and computes every total and the verdict. After it
// each planned case has exactly one result: a missing one is a harness-error,
// and so is one that came twice, was not planned, or passed without having
// stated anything about its subject. A fail of the run's own subject stays a
// fail whatever is wrong with its record.
//
// Results are put in the order of the plan. Finish may be called again, for
// instance after results were merged.
func (r *Run) Finish(now time.Time) {
	r.Schema = SchemaVersion
	r.Tool = Tool
	if r.State != StateInterrupted {
		r.State = StateFinished
	}
	r.Finished = now
	r.joinDuplicates()
	r.followPlan()
	for i := range r.Results {
		r.check(&r.Results[i])
	}
	r.checkBlocks()
	r.settleBaseline()
	r.total()
	r.Verdict, r.Why = r.judge()
	r.Plan = nil
}

// spoil makes a result a harness-error. A fail of the run's own subject is
// never hidden in this way: it stays, and a note says what is wrong.
func (r *Run) spoil(res *Result, reason, text string) {
	was := res.Outcome
	res.Reason = reason
	if was == Fail && res.Subject == r.Subject {
		res.Notes = append(res.Notes, Note{Code: reason, Text: text})
		return
	}
	res.Outcome = HarnessError
	if res.Message != "" {
		text += " It had said: " + res.Message
	}
	res.Message = text
}

// joinDuplicates leaves one result for each id, the worst one, and spoils it.
func (r *Run) joinDuplicates() {
	at := make(map[string]int, len(r.Results))
	outcomes := map[string][]string{}
	kept := make([]Result, 0, len(r.Results))
	for _, res := range r.Results {
		i, twice := at[res.ID]
		if !twice {
			at[res.ID] = len(kept)
			kept = append(kept, res)
			continue
		}
		if outcomes[res.ID] == nil {
			outcomes[res.ID] = []string{string(kept[i].Outcome)}
		}
		outcomes[res.ID] = append(outcomes[res.ID], string(res.Outcome))
		if res.Outcome == Fail && res.Subject == r.Subject && kept[i].Outcome != Fail {
			kept[i] = res
		}
	}
	for id, all := range outcomes {
		r.spoil(&kept[at[id]], ReasonDuplicate,
			fmt.Sprintf("The case has %d results where one is due: %s.", len(all), strings.Join(all, ", ")))
	}
	r.Results = kept
}

// followPlan holds the results against the plan and orders them by it. Without
// a plan (a report that was read back) only the number can be compared, which
// judge does.
func (r *Run) followPlan() {
	if r.Plan == nil {
		return
	}
	order := make(map[string]int, len(r.Plan))
	twice := map[string]bool{}
	for i, p := range r.Plan {
		if _, ok := order[p.ID]; ok {
			twice[p.ID] = true
			continue
		}
		order[p.ID] = i
	}
	r.Planned = len(r.Plan)
	reason := "The run ended without a word about this case."
	if r.State == StateInterrupted {
		reason = "The run was interrupted before this case."
	}
	r.Owe(r.Plan, reason)
	for i := range r.Results {
		res := &r.Results[i]
		n, ok := order[res.ID]
		switch {
		case !ok:
			r.spoil(res, ReasonUnplanned, fmt.Sprintf("The result %q came for a case that was not planned.", res.Outcome))
		case twice[res.ID]:
			res.Planned = r.Plan[n]
			r.spoil(res, ReasonDuplicate, "The case stands more than once in the plan.")
		default:
			res.Planned = r.Plan[n] // the plan is the authority on subject and level
		}
	}
	slices.SortStableFunc(r.Results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(place(order, a.ID), place(order, b.ID)), strings.Compare(a.ID, b.ID))
	})
}

func place(order map[string]int, id string) int {
	if n, ok := order[id]; ok {
		return n
	}
	return math.MaxInt
}

// check holds one result against the model.
func (r *Run) check(res *Result) {
	if !known(levels, res.Level) {
		r.spoil(res, ReasonBadRecord, fmt.Sprintf("The record has the unknown level %q.", res.Level))
		res.Level = MUST
	}
	if !known(subjects, res.Subject) {
		text := fmt.Sprintf("The record has the unknown subject %q.", res.Subject)
		res.Subject = r.Subject // so that a fail is not lost with its subject
		r.spoil(res, ReasonBadRecord, text)
	}
	switch {
	case len(res.Requirements) == 0 && res.Outcome != HarnessError:
		r.spoil(res, ReasonBadRecord, "The record names no requirement.")
	case !known(outcomes, res.Outcome):
		r.spoil(res, ReasonBadRecord, fmt.Sprintf("The record has the unknown outcome %q.", res.Outcome))
	case (res.Outcome == Pass || res.Outcome == Warning) && res.Assertions <= 0:
		r.spoil(res, ReasonNoAssertion, fmt.Sprintf("The case ended in %q without having stated anything about its subject.", res.Outcome))
	case res.Outcome == NotApplicable && res.Reason == "":
		r.spoil(res, ReasonBadRecord, "The case is not-applicable and gives no reason.")
	case res.Outcome == Fail && res.Subject == SubjectHarness && r.Subject != SubjectHarness:
		r.spoil(res, ReasonFailedControl, "A check of the harness itself failed.")
	}
	if math.IsNaN(res.Seconds) || math.IsInf(res.Seconds, 0) || res.Seconds < 0 {
		res.Seconds = 0
	}
	res.Seconds = math.Round(res.Seconds*1e3) / 1e3
}

// checkBlocks wants a root for every block: a result of this run without a
// good end. A block by a case that passed is the harness's mistake.
func (r *Run) checkBlocks() {
	by := make(map[string]Outcome, len(r.Results))
	for _, res := range r.Results {
		by[res.ID] = res.Outcome
	}
	for i := range r.Results {
		res := &r.Results[i]
		if res.Outcome != Blocked {
			continue
		}
		root, ok := by[res.BlockedBy]
		switch {
		case res.BlockedBy == "":
			r.spoil(res, ReasonBadRecord, "The case is blocked and does not say by what.")
		case !ok:
			r.spoil(res, ReasonBadRecord, fmt.Sprintf("The case is blocked by %q, of which this run has no result.", res.BlockedBy))
		case res.BlockedBy == res.ID || root == Pass || root == Warning:
			r.spoil(res, ReasonBadRecord, fmt.Sprintf("The case is blocked by %q, which ended in %q.", res.BlockedBy, root))
		}
	}
}

// total computes the counts and the coverage from the results.
func (r *Run) total() {
	r.Counts, r.CountsBy, r.CountsByLevel = countResults(r.Results)
	covered, open := map[string]bool{}, map[string]bool{}
	for _, id := range r.NotCovered {
		open[id] = true
	}
	for _, p := range r.Plan {
		for _, id := range p.Requirements {
			open[id] = true
		}
	}
	for _, res := range r.Results {
		for _, id := range res.Requirements {
			open[id] = true
		}
		if res.Outcome != Pass && res.Outcome != Fail && res.Outcome != Warning {
			continue
		}
		judged := res.Judged
		if judged == nil {
			judged = res.Requirements
		}
		for _, id := range judged {
			covered[id] = true
		}
	}
	for id := range covered {
		delete(open, id)
	}
	r.Covered = sortedKeys(covered)
	r.NotCovered = sortedKeys(open)
}

func countResults(results []Result) (Counts, map[Subject]Counts, map[Level]Counts) {
	all, bySubject, byLevel := Counts{}, map[Subject]Counts{}, map[Level]Counts{}
	for _, res := range results {
		all[res.Outcome]++
		if bySubject[res.Subject] == nil {
			bySubject[res.Subject] = Counts{}
		}
		bySubject[res.Subject][res.Outcome]++
		if byLevel[res.Level] == nil {
			byLevel[res.Level] = Counts{}
		}
		byLevel[res.Level][res.Outcome]++
	}
	return all, bySubject, byLevel
}

func sortedKeys(set map[string]bool) []string {
	keys := slices.AppendSeq(make([]string, 0, len(set)), maps.Keys(set))
	slices.Sort(keys)
	return keys
}
