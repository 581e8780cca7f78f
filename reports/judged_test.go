package reports

import (
	"slices"
	"testing"
	"time"
)

// A requirement counts as covered when a statement was made about it, and not
// because a case announced it.
func TestOnlyWhatWasJudgedIsCovered(t *testing.T) {
	p := Planned{ID: "a", Case: "a", Title: "a", Requirements: []string{"X", "Y"}, Subject: SubjectTemplate, Level: MUST}
	r := Run{Subject: SubjectTemplate, Scope: ScopeFull}
	r.Begin([]Planned{p}, time.Unix(0, 0))
	r.Results = []Result{{Planned: p, Outcome: Pass, Assertions: 1, Judged: []string{"X"}}}
	r.Finish(time.Unix(1, 0))
	if !slices.Equal(r.Covered, []string{"X"}) || !slices.Equal(r.NotCovered, []string{"Y"}) {
		t.Errorf("covered %q, not covered %q", r.Covered, r.NotCovered)
	}
	r.Begin([]Planned{p}, time.Unix(0, 0))
	r.Results = []Result{{Planned: p, Outcome: Pass, Assertions: 2}}
	r.Finish(time.Unix(1, 0))
	if !slices.Equal(r.Covered, []string{"X", "Y"}) || len(r.NotCovered) != 0 {
		t.Errorf("without a list all are judged: covered %q, not covered %q", r.Covered, r.NotCovered)
	}
}
