package claims_test

import (
	"strings"
	"testing"

	"github.com/dcconform/dcconform/suites/claims"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/target"
)

// judge runs one case at the mock with faults; change prepares the target.
func judge(t *testing.T, bench *selftest.Bench, key string, change func(*selftest.World), faults ...string) (outcome, message string) {
	t.Helper()
	return judgeWith(t, bench, key, change, selftest.Options{Edition: register.IETF05, Faults: faults})
}

func judgeWith(t *testing.T, bench *selftest.Bench, key string, change func(*selftest.World), o selftest.Options) (outcome, message string) {
	t.Helper()
	w, closeWorld, err := bench.World(o)
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
		"apexcname-denied":         "claims-apexcname",
		"caa-denied":               "claims-caa",
		"srv-denied":               "claims-srv",
		"control-panel-withheld":   "claims-control-panel",
		"name-servers-withheld":    "claims-name-servers",
		"window-size-withheld":     "claims-window-size",
		"height-withheld":          "claims-window-size",
		"async-url-without-flow":   "claims-async",
	} {
		if outcome, message := judge(t, bench, key, nil); outcome != "pass" {
			t.Errorf("%s at the sound mock: %s %s", key, outcome, message)
		}
		if outcome, message := judge(t, bench, key, nil, fault); outcome != "fail" {
			t.Errorf("%s with %s: %s %s, want fail", key, fault, outcome, message)
		}
	}
}

// TestDenied shows that a claim of "no" is probed, whether or not anybody tried
// to onboard the template: neither a query nor an application may say otherwise.
func TestDenied(t *testing.T) {
	bench := newBench(t)
	denied := func(w *selftest.World) { w.Target.Claims[register.NeedSPFM] = false }
	gone := func(w *selftest.World) {
		denied(w)
		spf := w.Templates["spf"]
		spf.Service = "no-such-template"
		w.Templates["spf"] = spf
		w.Target.Templates.Missing = []string{"spf"}
	}
	for name, c := range map[string]struct {
		change           func(*selftest.World)
		faults           []string
		outcome, message string
	}{
		"the query says that it is supported": {denied, nil, "fail", "status 200"},
		"it can be applied all the same":      {denied, []string{"spfm-denied"}, "fail", "the user was asked for consent and came back to https://callback.dcconform.example/"},
		"it is not there":                     {gone, nil, "pass", ""},
		"everything is said to be not there":  {gone, []string{"query-needs-token"}, "blocked", ""},
		"it is claimed and not there": {func(w *selftest.World) { w.Target.Templates.Missing = []string{"spf"} }, nil,
			"not-applicable", "the target does not have the conformance template spf"},
		"nothing is said": {func(w *selftest.World) { delete(w.Target.Claims, register.NeedSPFM) }, nil,
			"not-applicable", "the target does not say whether it has spfm: state it under claims"},
	} {
		outcome, message := judge(t, bench, "claims-spfm", c.change, c.faults...)
		if outcome != c.outcome || !strings.Contains(message, c.message) {
			t.Errorf("%s: %s %q, want %s with %q", name, outcome, message, c.outcome, c.message)
		}
	}
}

// TestDeniedNames shows that a provider may support a shared template and leave
// the names of requests out, and must not show what it denies.
func TestDeniedNames(t *testing.T) {
	bench := newBench(t)
	denied := func(w *selftest.World) { w.Target.Claims[register.NeedSharedNames] = false }
	if outcome, message := judge(t, bench, "claims-shared-names", denied, "shared-name-dropped"); outcome != "pass" {
		t.Errorf("names are left out: %s %q", outcome, message)
	}
	if outcome, message := judge(t, bench, "claims-shared-names", denied); outcome != "fail" || !strings.Contains(message, "Quillfeather Resale") {
		t.Errorf("names are shown: %s %q", outcome, message)
	}
}

// TestDeniedMembers shows claims of "no", and of "yes" to the asynchronous flow,
// held against the settings.
func TestDeniedMembers(t *testing.T) {
	bench := newBench(t)
	claim := func(claimed bool, needs ...register.Need) func(*selftest.World) {
		return func(w *selftest.World) {
			for _, need := range needs {
				w.Target.Claims[need] = claimed
			}
		}
	}
	for _, c := range []struct {
		key     string
		change  func(*selftest.World)
		faults  []string
		outcome string
		message string
	}{
		{"claims-control-panel", claim(false, target.ClaimControlPanel), nil, "fail", "urlControlPanel is there: true"},
		{"claims-window-size", claim(false, target.ClaimWindowSize), nil, "fail", "width is there: true; height is there: true"},
		{"claims-async", claim(true, register.NeedAsync), nil, "fail", "claimed: true; urlAsyncUX is there: false"},
		{"claims-async", claim(true, register.NeedAsync), []string{"async-url-without-flow"}, "pass", ""},
		{"claims-async", claim(true, register.NeedAsync), []string{"async-url-without-flow", "missing-url-api"}, "fail", "claimed: true; urlAPI is there: false"},
		{"claims-async", claim(true, register.NeedRevert), nil, "fail", "claimed: true; urlAsyncUX is there: false"},
		{"claims-async", func(w *selftest.World) {
			delete(w.Target.Claims, register.NeedAsync)
			delete(w.Target.Claims, register.NeedRevert)
		}, nil, "not-applicable", "the target does not say whether it has async"},
	} {
		if outcome, message := judge(t, bench, c.key, c.change, c.faults...); outcome != c.outcome || !strings.Contains(message, c.message) {
			t.Errorf("%s with %s: %s %q, want %s with %q", c.key, c.faults, outcome, message, c.outcome, c.message)
		}
	}
}
