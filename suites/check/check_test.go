package check_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
)

// The ids stand for one requirement of each level in ietf-05.
const (
	must   = "DC-APPLY-ALL-WRITTEN"
	should = "DC-TMPL-PROVIDERID-DOMAIN"
	may    = "DC-SET-DISPLAYNAME-PER-DOMAIN"
)

func run(t *testing.T, subject reports.Subject, body func(*check.Case)) reports.Result {
	t.Helper()
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := reports.Planned{ID: "x/y/z", Case: "z", Subject: subject, Requirements: []string{must, should, may}}
	c := check.New(context.Background(), p, "ietf-05", reg, nil)
	var broke error
	func() {
		defer func() {
			switch v := recover().(type) {
			case nil, check.Stop:
			case error:
				broke = v
			}
		}()
		body(c)
	}()
	return c.Close(broke)
}

func TestOutcomes(t *testing.T) {
	equal := func(c *check.Case, id string, got int) { c.Require(id, got, gomega.Equal(1), check.About{}) }
	for _, c := range []struct {
		name    string
		subject reports.Subject
		body    func(*check.Case)
		want    reports.Outcome
		reason  string
	}{
		{"a met MUST", reports.SubjectTemplate, func(c *check.Case) { equal(c, must, 1) }, reports.Pass, ""},
		{"a missed MUST", reports.SubjectTemplate, func(c *check.Case) { equal(c, must, 2) }, reports.Fail, ""},
		{"a missed SHOULD", reports.SubjectTemplate, func(c *check.Case) { equal(c, should, 2) }, reports.Warning, ""},
		{"a missed MAY", reports.SubjectTemplate, func(c *check.Case) { equal(c, may, 2) }, reports.Pass, ""},
		{"a missed SHOULD before a missed MUST", reports.SubjectTemplate,
			func(c *check.Case) { equal(c, should, 2); equal(c, must, 2) }, reports.Fail, ""},
		{"no statement", reports.SubjectTemplate, func(*check.Case) {}, reports.HarnessError, "no-assertion"},
		{"a control of the harness", reports.SubjectHarness, func(c *check.Case) { equal(c, should, 2) }, reports.HarnessError, "control-failed"},
		{"a control beside another subject", reports.SubjectTemplate,
			func(c *check.Case) { c.Control(must, 2, gomega.Equal(1), check.About{}) }, reports.HarnessError, "control-failed"},
		{"an id that was not announced", reports.SubjectTemplate,
			func(c *check.Case) { equal(c, "DC-SIG-REQUIRED", 1) }, reports.HarnessError, "harness"},
		{"not applicable", reports.SubjectTemplate, func(c *check.Case) { c.NotApplicable("r", "t") }, reports.NotApplicable, "r"},
		{"inconclusive", reports.SubjectTemplate, func(c *check.Case) { c.Inconclusive("r", "t") }, reports.Inconclusive, "r"},
		{"blocked", reports.SubjectTemplate, func(c *check.Case) { c.Blocked("a/b") }, reports.Blocked, "prerequisite"},
		{"a panic", reports.SubjectTemplate, func(c *check.Case) { equal(c, must, 1); panic(errors.New("boom")) }, reports.HarnessError, "panic"},
	} {
		r := run(t, c.subject, c.body)
		if r.Outcome != c.want || r.Reason != c.reason {
			t.Errorf("%s: %s (%s) %s, want %s (%s)", c.name, r.Outcome, r.Reason, r.Message, c.want, c.reason)
		}
	}
}

func TestFailureReadsWithoutTheSource(t *testing.T) {
	r := run(t, reports.SubjectTemplate, func(c *check.Case) {
		c.Require(must, 2, gomega.Equal(1), check.About{Sent: "GET /", Expected: []string{"1"}, Actual: "2", Mend: "write 1"})
	})
	reg, _ := register.Load()
	q, _ := reg.Get(must)
	want := reports.Failure{Requirement: must, Clause: q.Text + " A miss " + reg.Breach(must, "ietf-05") + ".", Sent: "GET /", Actual: "2", Mend: "write 1"}
	if r.Failure == nil || r.Failure.Requirement != want.Requirement || r.Failure.Clause != want.Clause || r.Failure.Sent != want.Sent ||
		r.Failure.Actual != want.Actual || r.Failure.Mend != want.Mend || r.Message != "2" {
		t.Errorf("failure %+v (%s), want %+v", r.Failure, r.Message, want)
	}
}

func TestAMissedMayIsNoted(t *testing.T) {
	r := run(t, reports.SubjectTemplate, func(c *check.Case) { c.Require(may, 2, gomega.Equal(1), check.About{Actual: "two"}) })
	if len(r.Notes) != 1 || r.Notes[0].Code != "not-required" {
		t.Errorf("notes %+v", r.Notes)
	}
}

func TestPlannedLevelIsTheStrongest(t *testing.T) {
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	sc := check.Scenario{Name: "apex", Template: "t", Checks: []check.Check{
		{Key: "a", Requirements: []string{may, should}}, {Key: "b", Requirements: []string{should, must}}, {Key: "c", Requirements: []string{may}}}}
	p := sc.Planned("ietf-05", reg)
	if p[0].Level != reports.SHOULD || p[1].Level != reports.MUST || p[2].Level != reports.MAY {
		t.Errorf("levels %s %s %s", p[0].Level, p[1].Level, p[2].Level)
	}
	if p[0].ID != "t/apex/a" {
		t.Errorf("id %s", p[0].ID)
	}
}

// Only what statements were made about counts as judged.
func TestJudged(t *testing.T) {
	about := func(ids ...string) []string {
		return run(t, reports.SubjectTemplate, func(c *check.Case) {
			for _, id := range ids {
				c.Require(id, 1, gomega.Equal(1), check.About{})
			}
		}).Judged
	}
	if got := about(may, must); !slices.Equal(got, []string{must, may}) {
		t.Errorf("judged %q", got)
	}
	if got := about(must, should, may); got != nil {
		t.Errorf("all were judged, and it lists %q", got)
	}
}
