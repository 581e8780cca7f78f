package run

import (
	"testing"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// A case whose root --case has left out is inconclusive and says why; with its
// root it is blocked by it.
func TestABlockNeedsItsRootInThePlan(t *testing.T) {
	o := selftest.Options{Edition: register.IETF05, Faults: []string{"settings-no-content"}}
	const root = "settings/settings-json-object"
	code, r, _ := stranger(t, o, missing)
	got := r.Results[0]
	want := "not tried, because what settings/settings-json-object judges does not hold, and --case leaves that out: run it as well, with --case settings/settings-json-object"
	if code != reports.ExitInconclusive || r.Verdict != reports.VerdictInconclusive || got.Outcome != reports.Inconclusive ||
		got.Reason != "prerequisite" || got.Message != want || got.BlockedBy != "" {
		t.Errorf("exit %d, %s, %s %s: %s", code, r.Verdict, got.Outcome, got.Reason, got.Message)
	}
	code, r, _ = stranger(t, o, missing, root)
	for _, res := range r.Results {
		if res.ID == missing && (res.Outcome != reports.Blocked || res.BlockedBy != root) {
			t.Errorf("%s: %s by %q", res.ID, res.Outcome, res.BlockedBy)
		}
	}
	if code != reports.ExitNonConformant || r.Counts[reports.Fail] != 1 || r.Counts[reports.Blocked] != 1 {
		t.Errorf("exit %d, %v", code, r.Counts)
	}
}
