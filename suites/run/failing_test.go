package run

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	rules "github.com/dcconform/dcconform/suites/template"
)

// Every template that is meant to fail does, for the reason that its entry
// names, and for nothing else.
func TestFailingTemplatesFailForTheirReason(t *testing.T) {
	all, err := fixtures.Failing()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range all {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := options(t, dir)
	code, r, err := certifies(t.Context(), t, o)
	if code != reports.ExitNonConformant || err != nil {
		t.Fatalf("exit %d, %v; stderr %s", code, err, o.Stderr)
	}
	files := map[string]string{}
	for _, template := range r.Templates {
		files[template.Key] = filepath.Base(template.File)
	}
	byFile := map[string][]reports.Result{}
	for _, result := range r.Results {
		byFile[files[result.Template]] = append(byFile[files[result.Template]], result)
	}
	for _, f := range all {
		t.Run(f.Name, func(t *testing.T) {
			v := verdict{want: f}
			v.judge(t, byFile[f.Name])
			if f.Case == "static" {
				judgeStatic(t, f)
			}
		})
	}
}

// verdict compares what was said about one template with what should be.
type verdict struct {
	want fixtures.FailingTemplate
}

func (v *verdict) judge(t *testing.T, results []reports.Result) {
	if len(results) == 0 {
		t.Fatal("nothing was said about it")
	}
	scenarios := map[string][]reports.Result{}
	for _, r := range results {
		scenarios[r.Scenario] = append(scenarios[r.Scenario], r)
	}
	told := 0
	for name, in := range scenarios {
		here, excused := false, false
		for _, r := range in {
			switch {
			case v.isNamed(r, in):
				here = true
			case r.Outcome == reports.Blocked && r.Case == v.caseOf(in):
				excused = true
			case v.isHarmless(r):
			default:
				t.Errorf("something else: %s is %s (%s): %s", r.ID, r.Outcome, r.Reason, r.Message)
			}
		}
		if want := v.showsIn(name, in); here && !want {
			t.Errorf("it shows in %s, and should not", name)
		} else if want && !here && !excused {
			t.Errorf("it does not show in %s", name)
		}
		if here {
			told++
		}
	}
	if told == 0 && v.want.Case != "static" {
		t.Errorf("its reason is not stated: %s %s %s, %q", v.want.Case, v.want.Outcome, v.want.Requirement, v.want.Says)
	}
}

// showsIn says whether a scenario has to show the fault: one that has the
// case, or a brief one, whose apply stands for what comes before it.
func (v *verdict) showsIn(scenario string, in []reports.Result) bool {
	if v.want.At == "apex" && scenario != "apex" && !strings.HasSuffix(scenario, "-zone") {
		return false
	}
	has := func(key string) bool {
		return slices.ContainsFunc(in, func(r reports.Result) bool { return r.Case == key })
	}
	brief := has("apply") && !has("variables")
	return has(v.want.Case) || brief && v.want.Case == "variables"
}

// isNamed reports whether the result says what the entry does.
func (v *verdict) isNamed(r reports.Result, in []reports.Result) bool {
	if r.Case != v.caseOf(in) || string(r.Outcome) != v.want.Outcome || r.Reason != v.want.Reason || !strings.Contains(r.Message, v.want.Says) {
		return false
	}
	return v.want.Requirement == "" || r.Failure != nil && r.Failure.Requirement == v.want.Requirement
}

// caseOf is the case that has to say it in a scenario: a brief one has apply
// for everything before it.
func (v *verdict) caseOf(in []reports.Result) string {
	if !slices.ContainsFunc(in, func(r reports.Result) bool { return r.Case == v.want.Case }) {
		return "apply"
	}
	return v.want.Case
}

// isHarmless: passed, skipped, or not tried because of what failed. Findings of
// the static rules are another matter: see judgeStatic.
func (v *verdict) isHarmless(r reports.Result) bool {
	return r.Outcome == reports.Pass || r.Outcome == reports.NotApplicable || r.Outcome == reports.Blocked || r.Rule != ""
}

// judgeStatic: a template that can be applied and should not be published has
// one static error, that of its entry.
func judgeStatic(t *testing.T, f fixtures.FailingTemplate) {
	findings, _ := rules.CheckSource(rules.Source{File: f.Name, Data: f.Data}, rules.Options{})
	var wrong []rules.Finding
	for _, found := range findings {
		if found.Level == rules.Error {
			wrong = append(wrong, found)
		}
	}
	if len(wrong) != 1 || wrong[0].Rule != f.Requirement || !strings.Contains(wrong[0].Message, f.Says) {
		t.Errorf("the static errors are %+v, want one of %s: %s", wrong, f.Requirement, f.Says)
	}
}

// Our own templates have traits that draw warnings, and no errors.
func TestOwnTemplatesHaveNoStaticErrors(t *testing.T) {
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		findings, _ := rules.CheckSource(rules.Source{File: f.Name, Data: f.Data}, rules.Options{})
		for _, found := range findings {
			if found.Level == rules.Error {
				t.Errorf("%s:%d: %s: %s", f.Name, found.Line, found.Rule, found.Message)
			}
		}
	}
}

// A file that is no template has the problems of its entry, in that order, and
// every class that a file can have is among them.
func TestFailingFilesHaveTheirProblems(t *testing.T) {
	all, err := fixtures.Failing()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{dc.ProblemTooLarge: true} // see below
	for _, f := range all {
		_, err := dc.Parse(f.Name, f.Data)
		var problems dc.Problems
		if err != nil && !errors.As(err, &problems) {
			t.Errorf("%s: %v", f.Name, err)
		}
		var classes []string
		for _, p := range problems {
			classes = append(classes, p.Class)
			seen[p.Class] = true
		}
		if !slices.Equal(classes, f.Problems) {
			t.Errorf("%s has the problems %v, not %v", f.Name, classes, f.Problems)
		}
	}
	for _, class := range []string{dc.ProblemEmpty, dc.ProblemTooLarge, dc.ProblemTooDeep, dc.ProblemNotJSON, dc.ProblemTrailing,
		dc.ProblemDuplicate, dc.ProblemType, dc.ProblemMissing, dc.ProblemID, dc.ProblemIDLength, dc.ProblemRange} {
		if !seen[class] {
			t.Errorf("no file fails for %s", class)
		}
	}
}

// One octet more than a template may have.
func TestATemplateThatIsTooLarge(t *testing.T) {
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), files[0].Name)
	size := dc.MaxFileSize + 1 - len(files[0].Data)
	if err := os.WriteFile(path, append(bytes.Clone(files[0].Data), bytes.Repeat([]byte{'\n'}, size)...), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t, path)
	code, r, err := certifies(t.Context(), t, o)
	if code != reports.ExitNonConformant || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	want := "the file is larger than the limit of 1048576 octets for a template"
	if len(r.Results) != 1 || r.Results[0].Case != "parse" || r.Results[0].Outcome != reports.Fail || r.Results[0].Message != want {
		t.Errorf("%+v", r.Results)
	}
}
