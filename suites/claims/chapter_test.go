package claims_test

import (
	"strings"
	"testing"

	"github.com/dcconform/dcconform/suites/claims"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// judge runs one case at the mock with faults; change prepares the target.
func judge(t *testing.T, bench *selftest.Bench, key string, change func(*selftest.World), faults ...string) (outcome, message string) {
	t.Helper()
	w, closeWorld, err := bench.World(selftest.Options{Edition: register.IETF05, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	defer closeWorld()
	if change != nil {
		change(w)
	}
	chapter := claims.Chapter()
	for i := range chapter.Cases {
		if spec := &chapter.Cases[i]; spec.Key == key {
			r := selftest.Judge(t.Context(), w, spec.Scenario(chapter.Name, i, w))[0]
			return string(r.Outcome), r.Message
		}
	}
	t.Fatalf("there is no case %s", key)
	return "", ""
}

func newBench(t *testing.T) *selftest.Bench {
	t.Helper()
	bench, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	return bench
}

// TestContradictions shows that each claim of "yes" is held against what the
// provider says of itself. The requirements are those of other chapters, so
// that their faults do not all strike here.
func TestContradictions(t *testing.T) {
	bench := newBench(t)
	for fault, key := range map[string]string{
		"spfm-denied":              "claims-spfm",
		"ns-denied":                "claims-ns",
		"generic-types-denied":     "claims-generic-types",
		"numeric-variables-denied": "claims-numeric-variables",
		"shared-names-denied":      "claims-shared-names",
		"ext-types-denied":         "claims-ext-types",
		"control-panel-withheld":   "claims-control-panel",
		"name-servers-withheld":    "claims-name-servers",
		"window-size-withheld":     "claims-window-size",
	} {
		if outcome, message := judge(t, bench, key, nil); outcome != "pass" {
			t.Errorf("%s at the sound mock: %s %s", key, outcome, message)
		}
		if outcome, message := judge(t, bench, key, nil, fault); outcome != "fail" {
			t.Errorf("%s with %s: %s %s, want fail", key, fault, outcome, message)
		}
	}
}

// TestDenied shows that a claim of "no" is probed: neither a query nor an
// application may say otherwise.
func TestDenied(t *testing.T) {
	bench := newBench(t)
	denied := func(w *selftest.World) { w.Target.Claims[register.NeedSPFM] = false }
	gone := func(w *selftest.World) {
		denied(w)
		spf := w.Templates["spf"]
		spf.Service = "no-such-template"
		w.Templates["spf"] = spf
	}
	for name, c := range map[string]struct {
		change  func(*selftest.World)
		faults  []string
		outcome string
		message string
	}{
		"the query says that it is supported": {denied, nil, "fail", "the query says that it is"},
		"it can be applied all the same":      {denied, []string{"spfm-denied"}, "fail", "came back to https://callback.dcconform.example/"},
		"it is not there":                     {gone, nil, "pass", ""},
	} {
		outcome, message := judge(t, bench, "claims-spfm", c.change, c.faults...)
		if outcome != c.outcome || !strings.Contains(message, c.message) {
			t.Errorf("%s: %s %q, want %s with %q", name, outcome, message, c.outcome, c.message)
		}
	}
}
