package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func only(t *testing.T, r *Run, id string) Result {
	t.Helper()
	var found []Result
	for _, res := range r.Results {
		if res.ID == id {
			found = append(found, res)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d results for %s", len(found), id)
	}
	return found[0]
}

// What is wrong with a record, what it becomes, and what is said of it.
func TestSpoiltRecords(t *testing.T) {
	must := planned("m", SubjectTemplate, MUST)
	with := func(res Result, change func(*Result)) Result { change(&res); return res }
	for _, tc := range []struct {
		name    string
		res     Result
		outcome Outcome
		reason  string
		text    string
	}{
		{"pass without assertion", with(result(must, Pass), func(r *Result) { r.Assertions = 0 }), HarnessError, "no-assertion",
			`The case ended in "pass" without having stated anything about its subject.`},
		{"warning without assertion", with(result(must, Warning), func(r *Result) { r.Assertions = 0; r.Message = "Slow." }), HarnessError, "no-assertion",
			`The case ended in "warning" without having stated anything about its subject. It had said: Slow.`},
		{"unknown outcome", with(result(must, Pass), func(r *Result) { r.Outcome = "passed" }), HarnessError, "bad-record",
			`The record has the unknown outcome "passed".`},
		{"no outcome", with(result(must, Pass), func(r *Result) { r.Outcome = "" }), HarnessError, "bad-record",
			`The record has the unknown outcome "".`},
		{"not applicable without reason", with(result(must, NotApplicable), func(r *Result) { r.Reason = "" }), HarnessError, "bad-record",
			"The case is not-applicable and gives no reason."},
		{"blocked by nothing", with(result(must, Blocked), func(r *Result) { r.BlockedBy = "" }), HarnessError, "bad-record",
			"The case is blocked and does not say by what."},
		{"blocked by an unknown case", with(result(must, Blocked), func(r *Result) { r.BlockedBy = "zebra" }), HarnessError, "bad-record",
			`The case is blocked by "zebra", of which this run has no result.`},
		{"blocked by a pass", with(result(must, Blocked), func(r *Result) { r.BlockedBy = "good" }), HarnessError, "bad-record",
			`The case is blocked by "good", which ended in "pass".`},
		{"blocked by itself", with(result(must, Blocked), func(r *Result) { r.BlockedBy = "m" }), HarnessError, "bad-record",
			`The case is blocked by "m", which ended in "blocked".`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := finish(result(planned("good", SubjectTemplate, MUST), Pass), tc.res)
			got := only(t, r, "m")
			if got.Outcome != tc.outcome || got.Reason != tc.reason || got.Message != tc.text {
				t.Errorf("%s, %s, %q; want %s, %s, %q", got.Outcome, got.Reason, got.Message, tc.outcome, tc.reason, tc.text)
			}
			if r.Verdict != Partial || ExitCode(r, false) != 3 {
				t.Errorf("verdict %s, exit %d", r.Verdict, ExitCode(r, false))
			}
		})
	}
}

// The plan itself may be wrong; a fail survives that, a pass does not.
func TestPlanWithoutLevelSubjectOrRequirement(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Planned)
		text   string
	}{
		{"level", func(p *Planned) { p.Level = "SHALL" }, `The record has the unknown level "SHALL".`},
		{"subject", func(p *Planned) { p.Subject = "templates" }, `The record has the unknown subject "templates".`},
		{"requirement", func(p *Planned) { p.Requirements = nil }, "The record names no requirement."},
	} {
		p := planned("m", SubjectTemplate, MUST)
		tc.change(&p)
		r := finish(result(p, Pass))
		if got := only(t, r, "m"); got.Outcome != HarnessError || got.Message != tc.text || got.Level != MUST || got.Subject != SubjectTemplate {
			t.Errorf("%s: a pass became %+v", tc.name, got)
		}
		r = finish(result(p, Fail))
		if got := only(t, r, "m"); got.Outcome != Fail || len(got.Notes) != 1 || got.Notes[0].Text != tc.text || r.Verdict != NonConformant {
			t.Errorf("%s: a fail became %+v, verdict %s", tc.name, got, r.Verdict)
		}
	}
}

func TestMissingResultsAreOwed(t *testing.T) {
	a, b, c := planned("a", SubjectTemplate, MUST), planned("b", SubjectTemplate, MUST), planned("c", SubjectTemplate, MUST)
	r := newRun(a, b, c)
	r.Results = []Result{result(a, Pass)}
	if n := r.Owe([]Planned{a, b}, "The child ended with exit status 2."); n != 1 {
		t.Errorf("%d owed, want 1", n)
	}
	if n := r.Owe([]Planned{a, b}, "The child ended again."); n != 0 {
		t.Errorf("%d owed the second time, want 0", n)
	}
	r.Finish(finished)
	for id, want := range map[string]string{
		"a": "", "b": "The child ended with exit status 2.", "c": "The run ended without a word about this case.",
	} {
		got := only(t, r, id)
		if got.Message != want || want != "" && (got.Outcome != HarnessError || got.Reason != "no-result" || got.Title == "") {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if r.Verdict != Partial || r.Planned != 3 || len(r.Results) != 3 || r.Plan != nil {
		t.Errorf("%s, %d planned, %d results, plan %v", r.Verdict, r.Planned, len(r.Results), r.Plan)
	}
}

func TestTwoResultsForOneCase(t *testing.T) {
	must := planned("m", SubjectTemplate, MUST)
	good := result(planned("good", SubjectTemplate, MUST), Pass)
	for _, tc := range []struct {
		name    string
		results []Result
		outcome Outcome
		text    string
		verdict Verdict
	}{
		{"pass twice", []Result{result(must, Pass), result(must, Pass)}, HarnessError, "The case has 2 results where one is due: pass, pass.", Partial},
		{"three", []Result{result(must, Pass), result(must, Warning), result(must, Pass)}, HarnessError, "The case has 3 results where one is due: pass, warning, pass.", Partial},
		{"pass then fail", []Result{result(must, Pass), result(must, Fail)}, Fail, "The case has 2 results where one is due: pass, fail.", NonConformant},
		{"fail then pass", []Result{result(must, Fail), result(must, Pass)}, Fail, "The case has 2 results where one is due: fail, pass.", NonConformant},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRun(must, good.Planned)
			r.Results = append(clone(tc.results), good)
			r.Finish(finished)
			got := only(t, r, "m")
			text := got.Message
			if got.Outcome == Fail {
				text = got.Notes[0].Text
				if got.Failure == nil {
					t.Error("the failure is lost")
				}
			}
			if got.Outcome != tc.outcome || got.Reason != "duplicate" || text != tc.text || r.Verdict != tc.verdict {
				t.Errorf("%s, %s, %q, verdict %s", got.Outcome, got.Reason, text, r.Verdict)
			}
		})
	}
}

func TestPlannedTwice(t *testing.T) {
	must := planned("m", SubjectTemplate, MUST)
	r := newRun(must, must)
	r.Results = []Result{result(must, Pass)}
	r.Finish(finished)
	if got := only(t, r, "m"); got.Outcome != HarnessError || got.Message != "The case stands more than once in the plan." || r.Verdict != VerdictInconclusive {
		t.Errorf("%+v, verdict %s", got, r.Verdict)
	}
}

func TestUnplannedResults(t *testing.T) {
	must, other := planned("m", SubjectTemplate, MUST), planned("a-stranger", SubjectTemplate, MUST)
	r := newRun(must)
	r.Results = []Result{result(other, Pass), result(must, Pass)}
	r.Finish(finished)
	got := only(t, r, "a-stranger")
	if got.Outcome != HarnessError || got.Reason != "unplanned" || got.Message != `The result "pass" came for a case that was not planned.` {
		t.Errorf("%+v", got)
	}
	if r.Verdict != Partial || r.Planned != 1 || r.Results[0].ID != "m" {
		t.Errorf("verdict %s, %d planned, %s first", r.Verdict, r.Planned, r.Results[0].ID)
	}
	r = newRun(must)
	r.Results = []Result{result(other, Fail), result(must, Pass)}
	r.Finish(finished)
	if got := only(t, r, "a-stranger"); got.Outcome != Fail || got.Reason != "unplanned" || r.Verdict != NonConformant {
		t.Errorf("unplanned fail: %+v, verdict %s", got, r.Verdict)
	}
	// An unplanned result does not stand in for one that is missing.
	back := &Run{Subject: SubjectTemplate, Planned: 2, Results: []Result{result(must, Pass), {Planned: other, Outcome: HarnessError, Reason: ReasonUnplanned}}}
	back.Finish(finished)
	if back.Verdict != VerdictInconclusive || back.Why != "2 cases planned, but results for 1." {
		t.Errorf("verdict %s, why %q", back.Verdict, back.Why)
	}
	// Results without any plan prove nothing.
	loose := &Run{Subject: SubjectTemplate, Results: []Result{result(must, Pass)}}
	loose.Finish(finished)
	if loose.Verdict != VerdictInconclusive || ExitCode(loose, false) != 3 {
		t.Errorf("without a plan: verdict %s, exit %d", loose.Verdict, ExitCode(loose, false))
	}
}

// The plan says what a result is about, whatever the child believed.
func TestThePlanIsTheAuthority(t *testing.T) {
	must := planned("m", SubjectTemplate, MUST)
	lie := result(must, Inconclusive)
	lie.Level, lie.Subject, lie.Title = MAY, SubjectClient, "Something else"
	r := newRun(must)
	r.Results = []Result{lie}
	r.Finish(finished)
	if diff := cmp.Diff(must, r.Results[0].Planned); diff != "" {
		t.Error(diff)
	}
}

func TestTotals(t *testing.T) {
	a, b, c := planned("a", SubjectTemplate, MUST), planned("b", SubjectTemplate, SHOULD), planned("c", SubjectHarness, MUST)
	d := planned("d", SubjectTemplate, MAY)
	b.Requirements = []string{"DC-a", "DC-b"}
	r := newRun(a, b, c, d)
	r.NotCovered = []string{"DC-elsewhere", "DC-a"}
	r.Results = []Result{result(a, Pass), result(b, Warning), result(c, Pass), result(d, NotApplicable)}
	r.Results[0].Seconds = -1
	r.Results[1].Seconds = 0.12345678
	r.Finish(finished)
	if diff := cmp.Diff(Counts{Pass: 2, Warning: 1, NotApplicable: 1}, r.Counts); diff != "" {
		t.Error("counts", diff)
	}
	if diff := cmp.Diff(map[Subject]Counts{SubjectTemplate: {Pass: 1, Warning: 1, NotApplicable: 1}, SubjectHarness: {Pass: 1}}, r.CountsBy); diff != "" {
		t.Error("by subject", diff)
	}
	if diff := cmp.Diff(map[Level]Counts{MUST: {Pass: 2}, SHOULD: {Warning: 1}, MAY: {NotApplicable: 1}}, r.CountsByLevel); diff != "" {
		t.Error("by level", diff)
	}
	if diff := cmp.Diff([]string{"DC-a", "DC-b", "DC-c"}, r.Covered); diff != "" {
		t.Error("covered", diff)
	}
	if diff := cmp.Diff([]string{"DC-d", "DC-elsewhere"}, r.NotCovered); diff != "" {
		t.Error("not covered", diff)
	}
	if r.Results[0].Seconds != 0 || r.Results[1].Seconds != 0.123 {
		t.Errorf("seconds %v, %v", r.Results[0].Seconds, r.Results[1].Seconds)
	}
	before := newRun(a, d)
	if strings.Join(before.NotCovered, " ") != "DC-a DC-d" || before.Covered == nil {
		t.Errorf("at the start: covered %v, not covered %v", before.Covered, before.NotCovered)
	}
}

func TestFinishTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := finish(anyResults(t)...)
		before := mustJSON(t, r)
		r.Finish(finished)
		if after := mustJSON(t, r); after != before {
			t.Fatalf("the second Finish changed the report:\n%s", cmp.Diff(before, after))
		}
	})
}

func TestMarkExemplars(t *testing.T) {
	a, b, a2 := planned("a", SubjectTemplate, MUST), planned("b", SubjectTemplate, MUST), planned("a2", SubjectTemplate, MUST)
	a2.Case, a2.Exemplar = a.Case, true
	plan := []Planned{a, b, a2}
	MarkExemplars(plan)
	if !plan[0].Exemplar || !plan[1].Exemplar || plan[2].Exemplar {
		t.Errorf("exemplars: %v %v %v", plan[0].Exemplar, plan[1].Exemplar, plan[2].Exemplar)
	}
}
