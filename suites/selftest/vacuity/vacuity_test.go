package vacuity

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/target"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ways is how many ways of asking there are: single requests, calls with a
// token, questions to name servers, and flows to approve, to cancel, to look, to read and leave
// open, and to answer a page left open in two ways.
const ways = 9

// Each is judged rightly, and costs as many limits as patience has, not as many
// as there are cases. That it ends at all is seen to by a ceiling.
func TestNoDegenerateTargetIsGreen(t *testing.T) {
	all, err := Judge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(Targets()) || len(all) < 24 {
		t.Fatalf("%d targets", len(all))
	}
	for _, d := range all {
		cases := 0
		for _, n := range d.Counts {
			cases += n
		}
		t.Logf("%s: %s (%s) %v, %d in vain, %d spared", d.Name, d.Verdict, d.Why, d.Counts, d.InVain, d.Spared)
		if d.Verdict.Green() || !d.Right {
			t.Errorf("%s: %s, want %s: %s %q", d.Name, d.Verdict, d.Want, d.Because, d.Wrong)
		}
		if most := ways * MostInVain(cases); cases == 0 || d.InVain > most {
			t.Errorf("%s: %d of %d cases ran into a limit, want at most %d", d.Name, d.InVain, cases, most)
		}
	}
}

// The control twins: mocks that do everything right are green when they are
// judged in the same way, the plain one with the limits that are the default.
func TestTheSoundMocksAreGreen(t *testing.T) {
	for _, kind := range selftest.Kinds() {
		t.Run("kind "+string(kind), func(t *testing.T) {
			sound := Target{Name: "sound", Want: reports.Conformant, Kind: kind, limit: func(l *target.Limits) { *l = target.Limits{} }}
			if kind != selftest.Plain {
				sound.limit = nil // The default has a run wait for minutes until a token expires.
			}
			d, run, err := sound.Judge(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			passed := map[string]int{}
			for _, r := range run.Results {
				chapter, _, _ := strings.Cut(r.ID, "/")
				if r.Outcome == reports.Pass {
					passed[chapter]++
				}
			}
			if !d.Right || d.Spared > 0 {
				t.Errorf("%s (%s), %v, %d spared, %v", d.Verdict, d.Why, d.Counts, d.Spared, d.Wrong)
				for _, r := range run.Results {
					if r.Outcome != reports.Pass {
						t.Logf("%s %s %s %s", r.Outcome, r.ID, r.Reason, r.Message)
					}
				}
			}
			// What is not judged is not green.
			if passed["settings"] == 0 || (kind != selftest.Plain) != (passed["async"] > 40) || (kind == selftest.Stateful) != (passed["state"] > 10 && passed["revert"] > 8) {
				t.Errorf("%v passed", passed)
			}
		})
	}
}

// A target that recovers is judged again, and the run does not forget what it
// has left out.
func TestATargetThatRecoversIsJudgedAgain(t *testing.T) {
	var asked atomic.Int32
	recovering := Target{Name: "recovers", Want: reports.VerdictInconclusive,
		prepare: tenant(func(c *store.TenantConfig) {
			c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if asked.Add(1) <= 5 {
						panic(http.ErrAbortHandler) // closes the connection
					}
					next.ServeHTTP(w, r)
				})
			})
		})}
	d, run, err := recovering.Judge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !d.Right || d.Counts[reports.Fail] > 0 || d.InVain != 5 {
		t.Errorf("%s (%s), %v, %d in vain", d.Verdict, d.Why, d.Counts, d.InVain)
	}
	last := 0
	for i, r := range run.Results {
		if r.Reason == reports.ReasonNotAsked {
			last = i
		}
	}
	if well := len(run.Results) - last; well < len(run.Results)/2 || d.Counts[reports.Pass] < well/2 {
		t.Errorf("the last %d of %d cases were judged, and %d passed", well, len(run.Results), d.Counts[reports.Pass])
	}
}

// A harness that takes what it did not see for good is seen by the same
// checks.
func TestWhatWouldBeWrong(t *testing.T) {
	nobody := Target{Want: reports.NonConformant, vain: flows, misses: []string{"DC-SIG-REQUIRED", "DC-SET-JSON-OBJECT"}}
	run := &reports.Run{Verdict: reports.Conformant, Results: []reports.Result{
		{Planned: reports.Planned{ID: "signature/a"}, Outcome: reports.Pass},
		{Planned: reports.Planned{ID: "settings/a"}, Outcome: reports.Pass},
		{Planned: reports.Planned{ID: "settings/b"}, Outcome: reports.HarnessError, Message: "broken"},
		{Planned: reports.Planned{ID: "settings/c"}, Outcome: reports.Fail, Failure: &reports.Failure{Requirement: "DC-SET-JSON-OBJECT"}},
	}}
	d := selftest.Degenerate{Name: "x", Want: nobody.Want}
	nobody.settle(&d, run)
	want := []string{"signature/a passes, though the target tells nothing about it", "settings/b is a harness-error: broken",
		"no case says that it misses DC-SIG-REQUIRED"}
	if d.Right || !slices.Equal(d.Wrong, want) {
		t.Errorf("right %v, %q", d.Right, d.Wrong)
	}
	silent := Target{Want: reports.VerdictInconclusive}
	run = &reports.Run{Verdict: reports.VerdictInconclusive, Results: []reports.Result{
		{Planned: reports.Planned{ID: "writing/a"}, Outcome: reports.Warning, Failure: &reports.Failure{Requirement: "DC-SIG-REQUIRED"}},
	}}
	d = selftest.Degenerate{Name: "y", Want: silent.Want}
	silent.settle(&d, run)
	if want := []string{"writing/a ends with warning, though nothing can be told"}; d.Right || !slices.Equal(d.Wrong, want) {
		t.Errorf("right %v, %q", d.Right, d.Wrong)
	}
}

func TestAnInterruptIsNoVerdict(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if all, err := Judge(ctx); err == nil {
		t.Errorf("%+v", all)
	}
}

func TestMostInVain(t *testing.T) {
	for n, want := range map[int]int{3: 3, 10: 3, 11: 4, 30: 4, 31: 5, 358: 8} {
		if got := MostInVain(n); got != want {
			t.Errorf("of %d cases: %d, want %d", n, got, want)
		}
	}
}
