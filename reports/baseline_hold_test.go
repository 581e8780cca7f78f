package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// knownEntry is an entry of a baseline for one case, as it stands in a file.
func knownEntry(id, more string) string {
	return "- case: " + id + "\n  outcome: fail\n  reason: {requirement: DC-" + id + ", actual: NXDOMAIN}\n  owner: dns-team\n  expires: 2026-12-31\n" + more
}

// held runs results through the books against a baseline.
func held(t testing.TB, entries string, results ...Result) *Run {
	t.Helper()
	text := "version: 1\nknown:\n" + entries
	if entries == "" {
		text = "version: 1\nknown: []\n"
	}
	var plan []Planned
	for _, res := range results {
		plan = append(plan, res.Planned)
	}
	r := newRun(plan...)
	r.Results = results
	r.HoldAgainst(readBaseline(t, text), plan, baselineDay)
	r.Finish(finished)
	return r
}

func must(id string) Planned { return planned(id, SubjectTemplate, MUST) }

func TestKnownFailure(t *testing.T) {
	r := held(t, knownEntry("a", ""), result(must("a"), Fail), result(must("b"), Pass))
	if r.Verdict != NonConformant || r.Why != "1 of 2 checks failed, known to known.yaml." {
		t.Errorf("%s: %s", r.Verdict, r.Why)
	}
	if r.Counts[Fail] != 1 || r.Counts[Pass] != 1 || r.Baseline.Known[Fail] != 1 {
		t.Errorf("counts %v, known %v: a known failure is a failure and no pass", r.Counts, r.Baseline.Known)
	}
	if want := (Known{Line: 3, Owner: "dns-team", Expires: "2026-12-31"}); *r.Results[0].Known != want {
		t.Errorf("%+v", r.Results[0].Known)
	}
	if r.Results[1].Known != nil || len(r.StaleBaseline) != 0 {
		t.Errorf("%+v %q", r.Results[1].Known, r.StaleBaseline)
	}
	if code, meaning := ExitCode(r, false), r.Meaning(false); code != 0 || meaning != "nothing failed that the baseline does not know" {
		t.Errorf("exit %d: %s", code, meaning)
	}
}

// What the baseline does not know decides, as it does without a baseline.
func TestExitBesideKnownFailures(t *testing.T) {
	warned := knownEntry("w", "")
	warned = strings.Replace(strings.Replace(warned, "outcome: fail", "outcome: warning", 1), ", actual: NXDOMAIN", "", 1)
	interrupted := func(r *Run) *Run { r.Interrupt(); r.Finish(finished); return r }
	for _, tc := range []struct {
		name         string
		run          *Run
		code, strict int
		why          string
	}{
		{"another failure", held(t, knownEntry("a", ""), result(must("a"), Fail), result(must("b"), Fail)), 1, 1,
			"2 of 2 checks failed, 1 of them known to known.yaml."},
		{"two known ones", held(t, knownEntry("a", "")+knownEntry("b", ""), result(must("a"), Fail), result(must("b"), Fail)), 0, 0,
			"2 of 2 checks failed, all of them known to known.yaml."},
		{"a MUST without a verdict", held(t, knownEntry("a", ""), result(must("a"), Fail), result(must("b"), Inconclusive)), 3, 3,
			"1 of 2 checks failed, known to known.yaml; 1 ended without a verdict."},
		{"a harness error", held(t, knownEntry("a", ""), result(must("a"), Fail), result(must("b"), HarnessError)), 3, 3,
			"1 of 2 checks failed, known to known.yaml; 1 ended without a verdict; 1 harness error."},
		{"a SHOULD without a verdict", held(t, knownEntry("a", ""), result(must("a"), Fail), result(planned("b", SubjectTemplate, SHOULD), Inconclusive)), 0, 3,
			"1 of 2 checks failed, known to known.yaml; 1 ended without a verdict."},
		{"an unknown warning", held(t, knownEntry("a", ""), result(must("a"), Fail), result(planned("w", SubjectTemplate, SHOULD), Warning)), 0, 1,
			"1 of 2 checks failed, known to known.yaml."},
		{"a known warning", held(t, warned, result(must("a"), Pass), result(planned("w", SubjectTemplate, SHOULD), Warning)), 0, 0,
			"1 warning, known to known.yaml."},
		{"an interrupt", interrupted(held(t, knownEntry("a", ""), result(must("a"), Fail), result(must("b"), Pass))), 3, 3,
			"1 of 2 checks failed, known to known.yaml."},
		{"an empty baseline", held(t, "", result(must("a"), Fail)), 1, 1, "1 of 1 check failed."},
		{"an empty baseline, all pass", held(t, "", result(must("a"), Pass)), 0, 0, ""},
	} {
		if code := ExitCode(tc.run, false); code != tc.code {
			t.Errorf("%s: exit %d, want %d", tc.name, code, tc.code)
		}
		if code := ExitCode(tc.run, true); code != tc.strict {
			t.Errorf("%s: strict exit %d, want %d", tc.name, code, tc.strict)
		}
		if tc.run.Why != tc.why {
			t.Errorf("%s: %s", tc.name, tc.run.Why)
		}
		if len(tc.run.StaleBaseline) != 0 {
			t.Errorf("%s: stale %q", tc.name, tc.run.StaleBaseline)
		}
	}
}

func TestStaleEntries(t *testing.T) {
	a := must("a")
	entry := knownEntry("a", "")
	expired := strings.Replace(entry, "2026-12-31", "2026-11-22", 1)
	lastDay := strings.Replace(entry, "2026-12-31", "2026-11-23", 1)
	warning := strings.Replace(entry, "outcome: fail", "outcome: warning", 1)
	pattern := strings.Replace(entry, "actual: NXDOMAIN", "pattern: '^NX'", 1)
	otherPattern := strings.Replace(entry, "actual: NXDOMAIN", "pattern: '^SERV'", 1)
	otherText := strings.Replace(entry, "actual: NXDOMAIN", "actual: SERVFAIL", 1)
	otherRequirement := strings.Replace(entry, "requirement: DC-a", "requirement: DC-z", 1)
	for _, tc := range []struct {
		name, entries string
		outcome       Outcome
		code          int
		want          []string
		lapsed        string
	}{
		{"fits", entry, Fail, 0, nil, ""},
		{"fits by a pattern", pattern, Fail, 0, nil, ""},
		{"on its last day", lastDay, Fail, 0, nil, ""},
		{"passes", entry, Pass, 4, []string{"known.yaml:3: a: passes now; take the entry out"}, ""},
		{"passes and has expired", expired, Pass, 4, []string{"known.yaml:3: a: passes now; take the entry out"}, ""},
		{"has expired", expired, Fail, 4,
			[]string{"known.yaml:3: a: expired on 2026-11-22 and still ends in fail; mend it, or agree on another day with dns-team"}, LapsedExpired},
		{"another text", otherText, Fail, 4,
			[]string{"known.yaml:3: a: ends in fail for another reason, DC-a: NXDOMAIN; mend it, or change reason"}, LapsedReason},
		{"another pattern", otherPattern, Fail, 4,
			[]string{"known.yaml:3: a: ends in fail for another reason, DC-a: NXDOMAIN; mend it, or change reason"}, LapsedReason},
		{"another requirement", otherRequirement, Fail, 4,
			[]string{"known.yaml:3: a: ends in fail for another reason, DC-a: NXDOMAIN; mend it, or change reason"}, LapsedReason},
		{"only warns", entry, Warning, 4,
			[]string{"known.yaml:3: a: is only a warning now; change outcome to warning, or take the entry out"}, ""},
		{"fails where a warning is known", warning, Fail, 1,
			[]string{"known.yaml:3: a: fails now, and the entry knows a warning; mend it (The record is served (5.2). Got: NXDOMAIN)"}, ""},
		{"does not apply", entry, NotApplicable, 4,
			[]string{"known.yaml:3: a: was not judged (not-applicable, because); take the entry out, or make the case apply again"}, ""},
		{"could not be told", entry, Inconclusive, 3,
			[]string{"known.yaml:3: a: was not judged (inconclusive, because); see to it that the case runs"}, ""},
		{"no such case", entry + strings.ReplaceAll(entry, "case: a", "case: z"), Fail, 4,
			[]string{"known.yaml:8: z: the plan has no such case; take the entry out, or correct its name"}, ""},
		{"twice", entry + otherText, Fail, 4,
			[]string{"known.yaml:8: a: the entry in line 3 names this case already; take one of them out"}, ""},
	} {
		r := held(t, tc.entries, result(a, tc.outcome), result(must("b"), Pass))
		if diff := cmp.Diff(tc.want, r.StaleBaseline); diff != "" {
			t.Errorf("%s: -want +got\n%s", tc.name, diff)
		}
		if code := ExitCode(r, false); code != tc.code {
			t.Errorf("%s: exit %d, want %d", tc.name, code, tc.code)
		}
		lapsed := ""
		if r.Results[0].Known != nil {
			lapsed = r.Results[0].Known.Lapsed
		}
		if lapsed != tc.lapsed {
			t.Errorf("%s: lapsed %q, want %q", tc.name, lapsed, tc.lapsed)
		}
		if known := r.Baseline.Known[Fail]; known != 0 && len(tc.want) > 0 && tc.code != 4 || known == 1 && tc.lapsed != "" {
			t.Errorf("%s: %d known", tc.name, known)
		}
	}
}

// What cannot be tried because of a known failure is no reason to stop the
// build, and what cannot be tried for another reason is.
func TestBlockedByWhatIsKnown(t *testing.T) {
	blocked := func(id, by string) Result {
		res := result(must(id), Blocked)
		res.BlockedBy = by
		return res
	}
	r := held(t, knownEntry("a", ""), result(must("a"), Fail), blocked("b", "a"), blocked("c", "b"), result(must("d"), Pass))
	if code := ExitCode(r, true); code != 0 {
		t.Errorf("exit %d", code)
	}
	if r.Why != "1 of 4 checks failed, known to known.yaml; 2 blocked by what is known." || r.Counts[Blocked] != 2 {
		t.Errorf("%s %v", r.Why, r.Counts)
	}
	control := blocked("control", "a")
	control.Subject = SubjectHarness
	if code := ExitCode(held(t, knownEntry("a", ""), result(must("a"), Fail), control), false); code != 0 {
		t.Errorf("a control behind it: exit %d", code)
	}
	doc := consume(t, r)
	if doc.Errors != 0 || doc.Failures != 0 || doc.Skipped != 3 {
		t.Errorf("junit.xml: %d errors, %d failures, %d skipped", doc.Errors, doc.Failures, doc.Skipped)
	}
	back, err := ReadJSON(strings.NewReader(mustJSON(t, r)))
	if err != nil || ExitCode(back, true) != 0 {
		t.Errorf("read back: %v, exit %d", err, ExitCode(back, true))
	}
	for name, r := range map[string]*Run{
		"by an unknown one that is inconclusive": held(t, knownEntry("a", ""), result(must("a"), Fail), result(must("x"), Inconclusive), blocked("b", "x")),
		"by a known case and an unknown one":     held(t, knownEntry("a", ""), result(must("a"), Fail), blocked("b", "a"), result(must("x"), HarnessError), blocked("c", "x")),
		"in a circle":                            held(t, knownEntry("a", ""), result(must("a"), Fail), blocked("b", "c"), blocked("c", "b")),
	} {
		if code := ExitCode(r, false); code != 3 {
			t.Errorf("%s: exit %d, want 3", name, code)
		}
	}
	lapsed := strings.Replace(knownEntry("a", ""), "NXDOMAIN", "SERVFAIL", 1)
	if code := ExitCode(held(t, lapsed, result(must("a"), Fail), blocked("b", "a")), false); code != 4 {
		t.Errorf("behind a lapsed entry: exit %d, want 4", code)
	}
	if code := ExitCode(held(t, "", result(must("a"), Fail), blocked("b", "a")), false); code != 1 {
		t.Errorf("behind an unknown failure: exit %d, want 1", code)
	}
}

// Whatever else is wrong, a failure is not hidden: a lapsed one goes before 3,
// an unknown one before 4.
func TestLapsedFailuresInTheOrderOfExitCodes(t *testing.T) {
	expired := strings.Replace(knownEntry("a", ""), "2026-12-31", "2026-11-22", 1)
	if code := ExitCode(held(t, expired, result(must("a"), Fail), result(must("b"), HarnessError)), false); code != 4 {
		t.Errorf("with a harness error: exit %d, want 4", code)
	}
	if code := ExitCode(held(t, expired, result(must("a"), Fail), result(must("b"), Fail)), false); code != 1 {
		t.Errorf("with an unknown failure: exit %d, want 1", code)
	}
}

func TestWildcardEntries(t *testing.T) {
	wild := func(number string) string {
		return "- case: '*/read-back'\n  " + number + "\n  outcome: fail\n  reason: {requirement: DC-READ}\n  owner: dns-team\n  expires: 2026-12-31\n"
	}
	expired := strings.Replace(wild("matches: 2"), "2026-12-31", "2026-11-01", 1)
	one := "- case: x/read-back\n  outcome: fail\n  reason: {requirement: DC-READ}\n  owner: x-team\n  expires: 2026-12-31\n"
	at := func(id string, o Outcome) Result {
		p := must(id)
		p.Requirements = []string{"DC-READ"}
		return result(p, o)
	}
	other := at("z/read-back", Fail)
	other.Requirements = []string{"DC-OTHER"}
	for _, tc := range []struct {
		name, entries string
		results       []Result
		code, known   int
		want          []string
	}{
		{"as many as it says", wild("matches: 2"), []Result{at("x/read-back", Fail), at("y/read-back", Fail), at("z/apply", Pass)}, 0, 2, nil},
		{"one passes, up to two", wild("at-most: 2"), []Result{at("x/read-back", Fail), at("y/read-back", Pass)}, 0, 1, nil},
		{"one passes, two said", wild("matches: 2"), []Result{at("x/read-back", Fail), at("y/read-back", Pass)}, 4, 1,
			[]string{"known.yaml:3: */read-back: covers 1 where matches is 2; set matches to 1"}},
		{"too many", wild("at-most: 1"), []Result{at("x/read-back", Fail), at("y/read-back", Fail)}, 1, 0,
			[]string{"known.yaml:3: */read-back: covers 2 results where 1 is known; nobody can tell which are new, so none of them counts as known: mend the new ones, or write the entries out"}},
		{"another reason beside", wild("matches: 1"), []Result{at("x/read-back", Fail), other}, 1, 1, nil},
		{"all pass", wild("at-most: 2"), []Result{at("x/read-back", Pass), at("y/read-back", Pass)}, 4, 0,
			[]string{"known.yaml:3: */read-back: none of what it names (2 cases, 2 of them passed) ends in fail for this reason; take the entry out"}},
		{"none judged", wild("at-most: 2"), []Result{at("x/read-back", NotApplicable), at("y/apply", Pass)}, 4, 0,
			[]string{"known.yaml:3: */read-back: none of what it names ends in fail for this reason, and 1 of 1 was not judged; see to it that they run"}},
		{"one not judged", wild("matches: 2"), []Result{at("x/read-back", Fail), at("y/read-back", NotApplicable)}, 4, 1,
			[]string{"known.yaml:3: */read-back: covers 1 of 2, and 1 of 2 were not judged; see to it that they run"}},
		{"no such case", wild("at-most: 2"), []Result{at("x/read-back/deeper", Pass)}, 4, 0,
			[]string{"known.yaml:3: */read-back: the plan has no such case; take the entry out, or correct its name"}},
		{"expired", expired, []Result{at("x/read-back", Fail), at("y/read-back", Fail)}, 4, 0,
			[]string{"known.yaml:3: */read-back: expired on 2026-11-01 and 2 results still end in fail; mend it, or agree on another day with dns-team"}},
		{"an id goes first", wild("matches: 1") + one, []Result{at("x/read-back", Fail), at("y/read-back", Fail)}, 0, 2, nil},
	} {
		r := held(t, tc.entries, tc.results...)
		if diff := cmp.Diff(tc.want, r.StaleBaseline); diff != "" {
			t.Errorf("%s: -want +got\n%s", tc.name, diff)
		}
		if code := ExitCode(r, false); code != tc.code {
			t.Errorf("%s: exit %d, want %d", tc.name, code, tc.code)
		}
		if r.Baseline.Known[Fail] != tc.known {
			t.Errorf("%s: %d known, want %d", tc.name, r.Baseline.Known[Fail], tc.known)
		}
		if tc.name == "an id goes first" && r.Results[0].Known.Owner != "x-team" {
			t.Errorf("%+v", r.Results[0].Known)
		}
	}
}

// A filter leaves out cases that entries name: that makes no entry stale, but
// an entry for a case that does not exist at all is.
func TestFilteredRunsJudgeOnlyWhatTheyRan(t *testing.T) {
	wild := "- case: 'm/*'\n  matches: 3\n  outcome: fail\n  reason: {requirement: DC-READ}\n  owner: me\n  expires: 2026-12-31\n"
	whole := []Planned{must("a"), must("b"), must("m/a"), must("m/b"), must("m/c")}
	whole[2].Requirements = []string{"DC-READ"}
	run := func(entries string, results ...Result) *Run {
		var plan []Planned
		for _, res := range results {
			plan = append(plan, res.Planned)
		}
		r := newRun(plan...)
		r.Scope = ScopeFiltered
		r.Results = results
		r.HoldAgainst(readBaseline(t, "version: 1\nknown:\n"+entries), whole, baselineDay)
		r.Finish(finished)
		return r
	}
	r := run(knownEntry("a", "")+knownEntry("b", "")+knownEntry("z", "")+wild, result(whole[0], Fail), result(whole[2], Fail))
	if want := []string{"known.yaml:13: z: the plan has no such case; take the entry out, or correct its name"}; !cmp.Equal(want, r.StaleBaseline) {
		t.Errorf("%q", r.StaleBaseline)
	}
	if r.Results[0].Known == nil || r.Results[1].Known == nil {
		t.Error("what was run is not held against the baseline")
	}
	r = run(knownEntry("a", ""), result(whole[0], Fail))
	if code := ExitCode(r, false); code != 0 || r.Verdict != NonConformant {
		t.Errorf("exit %d, %s", code, r.Verdict)
	}
}

// Of an interrupted run nobody can say which entries are stale.
func TestAnInterruptMakesNoEntryStale(t *testing.T) {
	plan := []Planned{must("a"), must("b"), must("c")}
	r := newRun(plan...)
	r.Results = []Result{result(plan[1], Fail)}
	wild := "- case: 'n/*'\n  matches: 3\n  outcome: fail\n  reason: {requirement: DC-READ}\n  owner: me\n  expires: 2026-12-31\n"
	r.HoldAgainst(readBaseline(t, "version: 1\nknown:\n"+knownEntry("a", "")+knownEntry("b", "")+wild), append(plan, must("n/a")), baselineDay)
	r.Interrupt()
	r.Finish(finished)
	if len(r.StaleBaseline) != 0 || r.Baseline.Known[Fail] != 1 || ExitCode(r, false) != 3 {
		t.Errorf("%q, %v, exit %d", r.StaleBaseline, r.Baseline.Known, ExitCode(r, false))
	}
}
