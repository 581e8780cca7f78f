package run

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dcconform/dcconform/reports"
)

// sample are the templates of a folder that are tried.
func sample(t *testing.T, dir string) []string {
	t.Helper()
	if everyTemplate == 1 {
		return []string{dir}
	}
	all, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(all) < everyTemplate {
		t.Fatalf("%s: %d templates, %v", dir, len(all), err)
	}
	var some []string
	for i := 0; i < len(all); i += everyTemplate {
		some = append(some, all[i])
	}
	t.Logf("under the race detector: %d of %d templates", len(some), len(all))
	return some
}

// Every template of a checkout goes through the whole flow, and whatever is
// said about it, the harness itself is never at a loss.
func TestTheHarnessHoldsOnTheCorpus(t *testing.T) {
	dir := os.Getenv("DC_TEMPLATES")
	if dir == "" {
		t.Skip("DC_TEMPLATES is not set: no real template is certified")
	}
	o := options(t, sample(t, dir)...)
	o.Jobs = 0
	code, r, err := certifies(t.Context(), t, o)
	if err != nil || code != reports.ExitConformant && code != reports.ExitNonConformant {
		t.Fatalf("exit %d, %v", code, err)
	}
	if len(r.Results) != r.Planned || r.Planned < 10*len(r.Templates) {
		t.Errorf("%d results for %d planned cases on %d templates", len(r.Results), r.Planned, len(r.Templates))
	}
	for _, o := range []reports.Outcome{reports.HarnessError, reports.Inconclusive} {
		if n := r.Counts[o]; n > 0 {
			i := slices.IndexFunc(r.Results, func(res reports.Result) bool { return res.Outcome == o })
			t.Errorf("%d cases are %s, the first is %s: %s", n, o, r.Results[i].ID, r.Results[i].Message)
		}
	}
	t.Logf("%d templates, %d cases: %v", len(r.Templates), r.Planned, r.Counts)
	for _, res := range r.Results {
		if res.Outcome == reports.Fail || res.Outcome == reports.Warning {
			t.Logf("%s: %s: %s", res.Outcome, res.ID, res.Message)
		}
	}
}
