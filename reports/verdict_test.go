package reports

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	started  = time.Date(2026, 11, 23, 22, 58, 0, 0, time.UTC)
	finished = time.Date(2026, 11, 23, 23, 0, 41, 0, time.UTC)
)

// planned is a case with everything that the model wants of one.
func planned(id string, subject Subject, level Level) Planned {
	return Planned{
		ID: id, Case: "case-" + id, Title: "The case " + id, Requirements: []string{"DC-" + id},
		Subject: subject, Level: level, Template: "example.com.mail", Scenario: "apex",
	}
}

// result is an honest result: it has what its outcome asks for.
func result(p Planned, o Outcome) Result {
	res := Result{Planned: p, Outcome: o}
	switch o {
	case Pass, Warning:
		res.Assertions = 1
	case Fail:
		res.Assertions = 1
		res.Failure = &Failure{Clause: "The record is served (5.2).", Actual: "NXDOMAIN"}
	case NotApplicable, Inconclusive, HarnessError:
		res.Reason = "because"
	case Blocked:
		res.BlockedBy = "root"
	}
	return res
}

// newRun begins a certify run with this plan.
func newRun(plan ...Planned) *Run {
	r := &Run{ToolVersion: "0.1.0", Subject: SubjectTemplate, Edition: "ietf-05", Seed: 1, Scope: ScopeFull}
	r.Begin(plan, started)
	return r
}

// finish runs plan and results through the books.
func finish(results ...Result) *Run {
	var plan []Planned
	for _, res := range results {
		plan = append(plan, res.Planned)
	}
	r := newRun(plan...)
	r.Results = results
	r.Finish(finished)
	return r
}

func TestVerdict(t *testing.T) {
	must := planned("m", SubjectTemplate, MUST)
	should := planned("s", SubjectTemplate, SHOULD)
	may := planned("y", SubjectTemplate, MAY)
	good := result(planned("g", SubjectTemplate, MUST), Pass)
	control := planned("c", SubjectHarness, MUST)
	provider := planned("p", SubjectProvider, MUST)
	root := result(planned("root", SubjectTemplate, SHOULD), Inconclusive)
	spared := result(must, Inconclusive)
	spared.Reason = ReasonNotAsked
	for _, tc := range []struct {
		name         string
		results      []Result
		verdict      Verdict
		why          string
		code, strict int
	}{
		{"gave up beside a pass", []Result{good, spared}, VerdictInconclusive, "The template stopped answering, so 1 case was not tried.", 3, 3},
		{"gave up beside a failure", []Result{result(planned("f", SubjectTemplate, MUST), Fail), spared}, NonConformant, "1 of 2 checks failed; 1 ended without a verdict.", 1, 1},
		{"nothing", nil, VerdictInconclusive, "No case was selected, so nothing was judged.", 5, 5},
		{"pass", []Result{good}, Conformant, "", 0, 0},
		{"MUST fails", []Result{good, result(must, Fail)}, NonConformant, "1 of 2 checks failed.", 1, 1},
		{"SHOULD fails", []Result{good, result(should, Fail)}, NonConformant, "1 of 2 checks failed.", 1, 1},
		{"SHOULD warns", []Result{good, result(should, Warning)}, ConformantWithWarnings, "1 warning.", 0, 1},
		{"only a warning", []Result{result(should, Warning)}, ConformantWithWarnings, "1 warning.", 0, 1},
		{"MUST inconclusive", []Result{good, result(must, Inconclusive)}, Partial, "1 check of a MUST ended without a verdict.", 3, 3},
		{"MUST harness-error", []Result{good, result(must, HarnessError)}, Partial, "1 check of a MUST ended without a verdict.", 3, 3},
		{"MUST blocked", []Result{good, root, result(must, Blocked)}, Partial, "1 check of a MUST ended without a verdict.", 3, 3},
		{"MUST not applicable", []Result{good, result(must, NotApplicable)}, Conformant, "", 0, 0},
		{"only not applicable", []Result{result(must, NotApplicable)}, VerdictInconclusive, "No case came to a verdict about the template.", 3, 3},
		{"only inconclusive", []Result{result(must, Inconclusive)}, VerdictInconclusive, "No case came to a verdict about the template.", 3, 3},
		{"SHOULD inconclusive", []Result{good, result(should, Inconclusive)}, ConformantWithWarnings, "1 check of a SHOULD or MAY ended without a verdict.", 0, 3},
		{"MAY inconclusive", []Result{good, result(may, Inconclusive)}, ConformantWithWarnings, "1 check of a SHOULD or MAY ended without a verdict.", 0, 3},
		{"SHOULD inconclusive and a warning", []Result{good, result(should, Warning), result(may, Inconclusive)}, ConformantWithWarnings, "1 warning; 1 check of a SHOULD or MAY ended without a verdict.", 0, 3},
		{"SHOULD harness-error", []Result{good, result(should, HarnessError)}, Partial, "1 check ended in a harness error.", 3, 3},
		{"control fails", []Result{good, result(control, Fail)}, VerdictInconclusive, "1 check of the harness itself did not hold, so what passed proves nothing.", 3, 3},
		{"control inconclusive", []Result{good, result(control, Inconclusive)}, VerdictInconclusive, "1 check of the harness itself did not hold, so what passed proves nothing.", 3, 3},
		{"control passes", []Result{good, result(control, Pass)}, Conformant, "", 0, 0},
		{"control fails beside a failure", []Result{good, result(must, Fail), result(control, Fail)}, NonConformant, "1 of 2 checks failed; 1 harness error.", 1, 1},
		{"only a control", []Result{result(control, Pass)}, VerdictInconclusive, "No case came to a verdict about the template.", 3, 3},
		{"another subject fails", []Result{good, result(provider, Fail)}, Conformant, "", 0, 0},
		{"another subject's harness-error", []Result{good, result(provider, HarnessError)}, Partial, "1 check ended in a harness error.", 3, 3},
		{"failure, open and harness error", []Result{good, result(must, Fail), result(should, Inconclusive), result(may, HarnessError)}, NonConformant, "1 of 4 checks failed; 2 ended without a verdict; 1 harness error.", 1, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := finish(tc.results...)
			if r.Verdict != tc.verdict || r.Why != tc.why {
				t.Errorf("verdict %q, why %q; want %q, %q", r.Verdict, r.Why, tc.verdict, tc.why)
			}
			if got := ExitCode(r, false); got != tc.code {
				t.Errorf("exit code %d, want %d", got, tc.code)
			}
			if got := ExitCode(r, true); got != tc.strict {
				t.Errorf("exit code with strict %d, want %d", got, tc.strict)
			}
		})
	}
}

// The precedence of DESIGN section 7, over every combination of what may be true.
func TestExitPrecedence(t *testing.T) {
	for bits := range 64 {
		e := Exit{
			Usage: bits&1 != 0, Nothing: bits&2 != 0, Unsure: bits&4 != 0,
			Failed: bits&8 != 0, Warned: bits&16 != 0, Stale: bits&32 != 0,
		}
		want := 0
		for _, rule := range []struct {
			holds bool
			code  int
		}{ // the last one that holds wins
			{e.Stale, 4}, {e.Warned, 1}, {e.Unsure, 3}, {e.Failed, 1}, {e.Nothing, 5}, {e.Usage, 2},
		} {
			if rule.holds {
				want = rule.code
			}
		}
		if got := e.Code(); got != want {
			t.Errorf("%+v: code %d, want %d", e, got, want)
		}
	}
}

func TestStaleBaseline(t *testing.T) {
	must := planned("m", SubjectTemplate, MUST)
	for _, tc := range []struct {
		outcome Outcome
		code    int
	}{{Pass, 4}, {Fail, 1}, {Inconclusive, 3}} {
		r := finish(result(must, tc.outcome))
		r.StaleBaseline = []string{"case-m: expected to fail, passed"}
		if got := ExitCode(r, false); got != tc.code {
			t.Errorf("%s with a stale baseline: exit code %d, want %d", tc.outcome, got, tc.code)
		}
	}
}

func TestRunThatHasNotEnded(t *testing.T) {
	must := planned("m", SubjectTemplate, MUST)
	r := newRun(must)
	if r.Verdict != VerdictInconclusive || r.State != StateRunning || ExitCode(r, false) != 3 {
		t.Errorf("at the start: %s, %s, exit %d", r.Verdict, r.State, ExitCode(r, false))
	}
	r.Results = []Result{result(must, Pass)}
	if got := ExitCode(r, false); got != 3 {
		t.Errorf("running, all passed: exit %d, want 3", got)
	}
	r.Results[0] = result(must, Fail)
	if got := ExitCode(r, false); got != 1 {
		t.Errorf("running, one failed: exit %d, want 1", got)
	}
	if got := ExitCode(&Run{}, false); got != 5 {
		t.Errorf("zero run: exit %d, want 5", got)
	}
}

func TestInterrupted(t *testing.T) {
	a, b := planned("a", SubjectTemplate, MUST), planned("b", SubjectTemplate, MUST)
	r := newRun(a, b)
	r.Results = []Result{result(a, Pass)}
	r.Interrupt()
	r.Finish(finished)
	if r.Verdict != VerdictInconclusive || r.Why != "The run was interrupted after 1 of 2 cases." || ExitCode(r, false) != 3 {
		t.Errorf("%s, %q, exit %d", r.Verdict, r.Why, ExitCode(r, false))
	}
	if got := r.Results[1]; got.Outcome != HarnessError || got.Message != "The run was interrupted before this case." {
		t.Errorf("the case that was not run: %+v", got)
	}
	r = newRun(a, b)
	r.Results = []Result{result(a, Fail)}
	r.Interrupt()
	r.Finish(finished)
	if r.Verdict != NonConformant || ExitCode(r, false) != 1 {
		t.Errorf("interrupted after a failure: %s, exit %d", r.Verdict, ExitCode(r, false))
	}
}

// anyResult draws results that need not be honest: missing assertions, unknown
// words, blocks without a root.
func anyResult(id int) *rapid.Generator[Result] {
	return rapid.Custom(func(t *rapid.T) Result {
		p := planned(fmt.Sprint(id),
			rapid.SampledFrom([]Subject{SubjectTemplate, SubjectTemplate, SubjectTemplate, SubjectProvider, SubjectHarness, "zebra"}).Draw(t, "subject"),
			rapid.SampledFrom([]Level{MUST, MUST, SHOULD, MAY, ""}).Draw(t, "level"))
		res := result(p, rapid.SampledFrom([]Outcome{Pass, Pass, Pass, Fail, Warning, Inconclusive, NotApplicable, Blocked, HarnessError, ""}).Draw(t, "outcome"))
		res.Assertions = rapid.SampledFrom([]int{1, 1, 1, 0}).Draw(t, "assertions")
		res.BlockedBy = fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "blocked by"))
		return res
	})
}

func anyResults(t *rapid.T) []Result {
	var all []Result
	for id := range rapid.IntRange(0, 6).Draw(t, "cases") {
		all = append(all, anyResult(id).Draw(t, "result"))
	}
	return all
}

func clone(results []Result) []Result { return append([]Result(nil), results...) }

func TestGreenMeansEverythingHeld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		results := anyResults(t)
		r := finish(clone(results)...)
		sum := 0
		for _, n := range r.Counts {
			sum += n
		}
		if sum != len(r.Results) || len(r.Results) != len(results) {
			t.Fatalf("%d results of %d, counts %v", len(r.Results), len(results), r.Counts)
		}
		if green, code := r.Verdict.Green(), ExitCode(r, false); green != (code == 0) {
			t.Fatalf("verdict %s and exit code %d", r.Verdict, code)
		}
		if !r.Verdict.Green() {
			return
		}
		passes := 0
		for _, res := range r.Results {
			if res.Outcome == HarnessError || res.Subject == SubjectHarness && res.Outcome == Fail {
				t.Fatalf("green with %+v", res)
			}
			if res.Subject != r.Subject {
				continue
			}
			switch res.Outcome {
			case Pass, Warning:
				passes++
				if res.Assertions == 0 {
					t.Fatalf("green by a case without assertion: %+v", res)
				}
			case NotApplicable:
			default:
				if res.Level == MUST || res.Outcome == Fail {
					t.Fatalf("green with %+v", res)
				}
			}
		}
		if passes == 0 {
			t.Fatal("green by absence")
		}
	})
}

// rank orders verdicts from bad to good.
var rank = map[Verdict]int{NonConformant: 0, VerdictInconclusive: 1, Partial: 2, ConformantWithWarnings: 3, Conformant: 4}

func TestABadResultNeverImproves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		results := anyResults(t)
		before := finish(clone(results)...)
		bad := result(planned("bad", SubjectTemplate, MUST),
			rapid.SampledFrom([]Outcome{Fail, HarnessError, Inconclusive}).Draw(t, "bad"))
		after := finish(append(clone(results), bad)...)
		if len(results) > 0 && rank[after.Verdict] > rank[before.Verdict] {
			t.Fatalf("%s became %s by one more %s", before.Verdict, after.Verdict, bad.Outcome)
		}
		if after.Verdict.Green() {
			t.Fatalf("green with %s", bad.Outcome)
		}
		if bad.Outcome == Fail && ExitCode(after, false) != 1 {
			t.Fatalf("exit code %d with a failed subject", ExitCode(after, false))
		}
	})
}

func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		results := anyResults(t)
		var plan []Planned
		for _, res := range results {
			plan = append(plan, res.Planned)
		}
		one, other := newRun(plan...), newRun(plan...)
		one.Results = clone(results)
		other.Results = rapid.Permutation(clone(results)).Draw(t, "order")
		one.Finish(finished)
		other.Finish(finished)
		if a, b := mustJSON(t, one), mustJSON(t, other); a != b {
			t.Fatalf("reports differ:\n%s\n%s", a, b)
		}
	})
}
