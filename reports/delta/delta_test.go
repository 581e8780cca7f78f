package delta

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
)

var update = flag.Bool("update", false, "write the golden files of this package anew")

var day = time.Date(2026, 10, 7, 12, 0, 0, 0, time.UTC)

// saw is a digest that a test can tell from another by its letter.
func saw(letter string) string { return strings.Repeat(letter, 64) }

// runOf is a finished run in which each case ends as the map says; an outcome
// with a plus has seen something else, and fail:ID missed another requirement.
func runOf(outcomes [][2]string) *reports.Run {
	r := &reports.Run{ToolVersion: "1.0.0", Subject: reports.SubjectTemplate, Edition: "ietf-05", Consent: "form", Seed: 1, Scope: reports.ScopeFull}
	var plan []reports.Planned
	var results []reports.Result
	for _, pair := range outcomes {
		p := reports.Planned{ID: "t/apex/" + pair[0], Case: pair[0], Title: "Title of " + pair[0], Requirements: []string{"DC-A", "DC-B"}, Subject: reports.SubjectTemplate, Level: reports.MUST, Template: "t"}
		plan = append(plan, p)
		word, requirement, _ := strings.Cut(pair[1], ":")
		res := reports.Result{Planned: p, Outcome: reports.Outcome(strings.TrimSuffix(word, "+")), Assertions: 1, SawSHA256: saw("a"), Rerun: "dcconform certify --case " + p.ID}
		if strings.HasSuffix(word, "+") {
			res.SawSHA256 = saw("b")
		}
		switch res.Outcome {
		case reports.Fail, reports.Warning:
			if requirement == "" {
				requirement = "DC-A"
			}
			res.Failure = &reports.Failure{Requirement: requirement, Clause: "It must hold (section 5).", Actual: "it does | not <b>"}
		case reports.NotApplicable:
			res.Reason = "no-groups"
		case reports.Blocked:
			res.BlockedBy = "t/apex/root"
		case reports.HarnessError, reports.Inconclusive:
			res.Message = "The name server did not answer."
		}
		results = append(results, res)
	}
	r.Begin(plan, day)
	r.Results = results
	r.Finish(day.Add(time.Second))
	return r
}

// every pair of old and new that means something, and what it is.
var pairs = []struct {
	id, old, now string
	kind         Kind // "" is no change
	regression   bool
}{
	{"root", "fail", "fail", "", false},
	{"pass-fail", "pass", "fail", NewFailure, true},
	{"warning-fail", "warning", "fail", NewFailure, true},
	{"na-fail", "not-applicable", "fail", NewFailure, true},
	{"blocked-fail", "blocked", "fail", NewFailure, true},
	{"none-fail", "", "fail", NewFailure, true},
	{"pass-none", "pass", "", NotExecuted, true},
	{"pass-blocked", "pass", "blocked", NotExecuted, true},
	{"pass-inconclusive", "pass", "inconclusive", NotExecuted, true},
	{"pass-harness", "pass", "harness-error", NotExecuted, true},
	{"warning-none", "warning", "", NotExecuted, true},
	{"fail-none", "fail", "", NotExecuted, false},
	{"fail-blocked", "fail", "blocked", NotExecuted, false},
	{"na-none", "not-applicable", "", "", false},
	{"pass-na", "pass", "not-applicable", NotApplicable, true},
	{"fail-na", "fail", "not-applicable", NotApplicable, false},
	{"pass-warning", "pass", "warning", NewWarning, false},
	{"fail-otherwise", "fail", "fail:DC-B", OtherFailure, false},
	{"pass-otherwise", "pass", "pass+", ChangedEvidence, false},
	{"blocked-otherwise", "blocked", "blocked+", "", false},
	{"none-pass", "", "pass", NewCase, false},
	{"none-na", "", "not-applicable", NewCase, false},
	{"inconclusive-pass", "inconclusive", "pass", Judged, false},
	{"na-warning", "not-applicable", "warning", Judged, false},
	{"fail-pass", "fail", "pass", Fixed, false},
	{"fail-warning", "fail", "warning", Fixed, false},
	{"warning-pass", "warning", "pass", Fixed, false},
	{"na-blocked", "not-applicable", "blocked", "", false},
}

func both() (old, now *reports.Run) {
	var a, b [][2]string
	for _, p := range pairs {
		if p.old != "" {
			a = append(a, [2]string{p.id, p.old})
		}
		if p.now != "" {
			b = append(b, [2]string{p.id, p.now})
		}
	}
	return runOf(a), runOf(b)
}

func compare(t *testing.T, old, now *reports.Run) *Delta {
	t.Helper()
	d, err := Compare("old", old, "new/report.json", now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWhatHasChanged(t *testing.T) {
	d := compare(t, func() *reports.Run { o, _ := both(); return o }(), func() *reports.Run { _, n := both(); return n }())
	got := map[string]Change{}
	for _, c := range d.Changes {
		got[strings.TrimPrefix(c.ID, "t/apex/")] = c
	}
	regressions, same := 0, 0
	for _, p := range pairs {
		c, changed := got[p.id]
		if changed != (p.kind != "") || c.Kind != p.kind || c.Regression != p.regression {
			t.Errorf("%s: %q regression %v, want %q %v", p.id, c.Kind, c.Regression, p.kind, p.regression)
		}
		if p.regression {
			regressions++
		}
		if p.kind == "" {
			same++
		}
	}
	if d.Regressions != regressions || d.Same != same || !d.Regressed() {
		t.Errorf("%d regressions, %d the same; want %d and %d", d.Regressions, d.Same, regressions, same)
	}
}

func TestNothingHasChanged(t *testing.T) {
	old, _ := both()
	again, _ := both()
	d := compare(t, old, again)
	if d.Regressed() || len(d.Changes) != 0 || len(d.Differences) != 0 || d.Same != len(old.Results) {
		t.Errorf("%+v", d)
	}
	if text := d.text(); !strings.HasPrefix(text, "No regression: nothing has changed.\n") {
		t.Error(text)
	}
}

// A verdict to go on with that is none any more is a regression by itself.
func TestTheVerdictAlone(t *testing.T) {
	old := runOf([][2]string{{"a", "pass"}, {"b", "not-applicable"}})
	now := runOf([][2]string{{"a", "pass"}, {"b", "inconclusive"}})
	d := compare(t, old, now)
	if d.Regressions != 0 || !d.Worse || !d.Regressed() {
		t.Errorf("%+v", d)
	}
	if text := d.text(); !strings.HasPrefix(text, "Worse: the verdict was conformant and is partial.\n") {
		t.Error(text)
	}
	if back := compare(t, now, old); back.Regressed() {
		t.Errorf("the other way: %+v", back)
	}
}

// A failure that the baseline knows is listed and is no regression; one whose
// entry has lapsed is.
func TestKnownFailures(t *testing.T) {
	for lapsed, regression := range map[string]bool{"": false, reports.LapsedExpired: true} {
		now := runOf([][2]string{{"a", "fail"}})
		now.Results[0].Known = &reports.Known{Line: 3, Owner: "o", Expires: "2026-12-31", Lapsed: lapsed}
		now.Verdict = reports.NonConformant
		old := runOf([][2]string{{"a", "inconclusive"}})
		d := compare(t, old, now)
		if len(d.Changes) != 1 || d.Changes[0].Kind != NewFailure || d.Regressed() != regression || d.Changes[0].Known == regression {
			t.Errorf("lapsed %q: %+v", lapsed, d.Changes)
		}
	}
}

func TestCircumstances(t *testing.T) {
	old, now := runOf([][2]string{{"a", "pass"}}), runOf([][2]string{{"a", "pass"}})
	now.Edition, now.Profile, now.Scope, now.State, now.Consent, now.Seed, now.ToolVersion = "dcspec-2.3", "plesk", reports.ScopeFiltered, reports.StateInterrupted, "browser", 2, "1.1.0"
	now.Target = &reports.Target{Name: "p", Domains: []string{"one.test"}}
	old.Templates = []reports.Template{{Key: "gone", SHA256: saw("a"), Version: 1}, {Key: "changed", SHA256: saw("a"), Version: 1}, {Key: "same", SHA256: saw("a")}}
	now.Templates = []reports.Template{{Key: "changed", SHA256: saw("b"), Version: 2}, {Key: "same", SHA256: saw("a")}, {Key: "added"}}
	want := []Difference{
		{"edition", "ietf-05", "dcspec-2.3"}, {"profile", "none", "plesk"}, {"scope", "full", "filtered"}, {"state", "finished", "interrupted"},
		{"target", "none", "p one.test"}, {"consent", "form", "browser"}, {"seed", "1", "2"}, {"tool", "1.0.0", "1.1.0"},
		{"template changed", "version 1, sha256 aaaaaaaaaaaa", "version 2, sha256 bbbbbbbbbbbb"},
		{"template added", "none", "new"}, {"template gone", "version 1, sha256 aaaaaaaaaaaa", "none"},
	}
	d := compare(t, old, now)
	if diff := cmp.Diff(want, d.Differences); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if text := d.text(); !strings.Contains(text, "\nNOT THE SAME CIRCUMSTANCES:\n  edition: ietf-05 before, dcspec-2.3 now\n") {
		t.Error(text)
	}
}

func TestAnotherSubject(t *testing.T) {
	old, now := runOf(nil), runOf(nil)
	now.Subject = reports.SubjectProvider
	_, err := Compare("a", old, "b", now)
	var subject *SubjectError
	if !errors.As(err, &subject) || err.Error() != "the old report judges a template and the new one a provider: there is nothing to compare; give two reports of the same command" {
		t.Error(err)
	}
}

func TestGolden(t *testing.T) {
	old, now := both()
	now.Edition = "dcspec-2.3"
	d := compare(t, old, now)
	for _, format := range Formats() {
		var b strings.Builder
		if err := d.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "delta."+map[string]string{"text": "txt", "markdown": "md", "json": "json"}[format])
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v; go test ./reports/delta -update writes it", err)
		}
		if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), b.String()); diff != "" {
			t.Errorf("%s: -want +got\n%s", file, diff)
		}
	}
	if err := d.Write(nil, "xml"); err == nil || err.Error() != `unknown format "xml": the formats are text, markdown, json` {
		t.Error(err)
	}
}
