package github

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
)

func finished(results ...reports.Result) *reports.Run {
	r := &reports.Run{Subject: reports.SubjectTemplate, Edition: "ietf-05", Scope: reports.ScopeFull, Templates: []reports.Template{{Key: "t", File: "dir/t.json"}}}
	var plan []reports.Planned
	for i := range results {
		results[i].Assertions, results[i].Subject, results[i].Level, results[i].Requirements = 1, reports.SubjectTemplate, reports.MUST, []string{"DC-A"}
		plan = append(plan, results[i].Planned)
	}
	r.Begin(plan, time.Date(2026, 10, 7, 0, 0, 0, 0, time.UTC))
	r.Results = results
	r.Finish(r.Started)
	return r
}

func result(id string, o reports.Outcome, line int) reports.Result {
	res := reports.Result{Planned: reports.Planned{ID: id, Template: "t", Title: "Title"}, Outcome: o, Line: line,
		Failure: &reports.Failure{Clause: "It holds, always: 100%.", Actual: "no\r\n::error::x", Mend: "Mend it."}, Rerun: "dcconform certify"}
	if line > 0 {
		res.File, res.Column, res.Rule, res.DCTL = "a,b:c%\n.json", 3, "TMPL-X", "DCTL1001"
	}
	return res
}

func TestAnnotations(t *testing.T) {
	known := result("known", reports.Fail, 0)
	r := finished(result("warn", reports.Warning, 2), result("flow", reports.Fail, 0), result("line", reports.Fail, 9), known)
	r.Results[3].Known = &reports.Known{Line: 1, Owner: "o", Expires: "2026-12-31"}
	var b strings.Builder
	if err := Annotate(&b, r); err != nil {
		t.Fatal(err)
	}
	text := "It holds, always: 100%25. Got: no ::error::x%0AMend it.%0AAgain: dcconform certify\n"
	want := "::error file=a%2Cb%3Ac%25%0A.json,line=9,col=3,title=TMPL-X (DCTL1001)::" + text +
		"::error file=dir/t.json,line=1,col=1,title=DC-A::flow: " + text +
		"::notice file=dir/t.json,line=1,col=1,title=DC-A::known: " + text +
		"::warning file=a%2Cb%3Ac%25%0A.json,line=2,col=3,title=TMPL-X (DCTL1001)::" + text +
		"::error title=dcconform%3A non-conformant::3 of 4 checks failed.\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestManyAnnotations(t *testing.T) {
	var results []reports.Result
	for i := range MaxAnnotations + 3 {
		results = append(results, result(fmt.Sprint(i), reports.Fail, 0))
	}
	var b strings.Builder
	if err := Annotate(&b, finished(results...)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != MaxAnnotations+2 || lines[MaxAnnotations] != "::notice title=dcconform::3 more findings are in the report." {
		t.Errorf("%d lines, %s", len(lines), lines[MaxAnnotations])
	}
	b.Reset()
	if err := Annotate(&b, finished(reports.Result{Planned: reports.Planned{ID: "a"}, Outcome: reports.Pass})); err != nil || b.String() != "" {
		t.Errorf("a conformant run: %q, %v", b.String(), err)
	}
}

func TestSummaryOfAStep(t *testing.T) {
	r := finished(result("a", reports.Fail, 0))
	file := filepath.Join(t.TempDir(), "summary.md")
	if err := os.WriteFile(file, []byte("of another step\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Summarize(file, r); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "of another step\n# Conformance of ") || strings.Count(string(text), "# Conformance of ") != 2 {
		t.Errorf("%v %s", err, text)
	}
	// It never grows past what is shown.
	for size, want := range map[int]string{
		SummaryLimit - 500:      "",
		SummaryLimit - len(cut): "",
		SummaryLimit - 3:        "the summary of the step " + file + ": it is full: GitHub shows 1 MB of it",
		SummaryLimit + 10:       "the summary of the step " + file + ": it is full: GitHub shows 1 MB of it",
	} {
		if err := os.WriteFile(file, []byte(strings.Repeat("x", size)), 0o600); err != nil {
			t.Fatal(err)
		}
		err := Summarize(file, r)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%d: %v", size, err)
		}
		text, err := os.ReadFile(file)
		if err != nil || len(text) > max(size, SummaryLimit) {
			t.Errorf("%d: %d bytes, %v", size, len(text), err)
		}
		if want == "" && !strings.HasSuffix(string(text), cut) {
			t.Errorf("%d: does not say that it was cut", size)
		}
	}
	if err := Summarize(filepath.Join(file, "below"), r); err == nil || !strings.HasPrefix(err.Error(), "the summary of the step: ") {
		t.Error(err)
	}
}
