package run

import (
	"errors"
	"testing"

	"github.com/dcconform/dcconform/reports"
)

// Evidence that cannot be kept is an error of the harness, and never hides a
// failure.
func TestEvidenceThatCannotBeKept(t *testing.T) {
	s := Specs{Keep: func(*reports.Result, []reports.Item) error { return errors.New("no space left on device") }}
	for before, after := range map[reports.Outcome]reports.Outcome{
		reports.Pass: reports.HarnessError, reports.Warning: reports.HarnessError,
		reports.NotApplicable: reports.HarnessError, reports.Fail: reports.Fail,
	} {
		r := reports.Result{Outcome: before}
		s.keep(&r, nil)
		if r.Outcome != after {
			t.Errorf("%s becomes %s, want %s", before, r.Outcome, after)
		}
		if after == reports.HarnessError && (r.Reason != "evidence" || r.Message != "no space left on device") {
			t.Errorf("%s: %s, %s", before, r.Reason, r.Message)
		}
	}
}
