package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/selftest"
)

func selftestOptions() SelftestOptions {
	return SelftestOptions{Jobs: 1, Seed: 1, Format: "json", Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{},
		ToolVersion: "test", Child: as("sound")}
}

// The fault and the cases of these tests.
const (
	unsigned = "unsigned-accepted-with-warning"
	missing  = "signature/signature-missing"
	accepted = "signature/signature-raw-query"
)

func selftests(ctx context.Context, t *testing.T, o SelftestOptions) (int, *selftest.Matrix) {
	t.Helper()
	code, err := Selftest(ctx, o)
	if err != nil {
		t.Fatalf("exit %d: %v", code, err)
	}
	var m selftest.Matrix
	if err := json.Unmarshal([]byte(fmt.Sprint(o.Stdout)), &m); err != nil {
		t.Fatalf("%v\n%s", err, o.Stdout)
	}
	return code, &m
}

// A fault is caught by the case that is there for it, in a child process, and
// the mock without it is sound.
func TestAFaultIsCaught(t *testing.T) {
	o := selftestOptions()
	o.Faults, o.Cases = []string{unsigned}, []string{missing, accepted}
	o.Out = filepath.Join(t.TempDir(), "matrix.json")
	code, m := selftests(t.Context(), t, o)
	if code != 0 || len(m.Faults) != 1 || !m.Faults[0].Killed || strings.Join(m.Faults[0].By, " ") != missing || len(m.Faults[0].Unexpected) != 0 {
		t.Errorf("exit %d, %+v", code, m)
	}
	if m.Scope != reports.ScopeFiltered || m.Tool != "dcconform" || m.ToolVersion != "test" || m.Seed != 1 || m.Summary.Seconds <= 0 {
		t.Errorf("head %+v", m)
	}
	for _, b := range m.Baseline {
		if b.Cases != 2 || b.Passed != 2 {
			t.Errorf("without faults: %+v", b)
		}
	}
	if len(m.Baseline) != 2 || m.Baseline[0].Edition != "ietf-05" || m.Baseline[1].Edition != "dcspec-2.3" {
		t.Errorf("without faults: %+v", m.Baseline)
	}
	file, err := os.ReadFile(o.Out)
	if err != nil || string(file) != fmt.Sprint(o.Stdout) {
		t.Errorf("the file differs from what is printed: %v", err)
	}
	if said := fmt.Sprint(o.Stderr); said != "" {
		t.Errorf("stderr, which is no terminal: %s", said)
	}
}

// With the case that catches it left out, the fault survives and the exit code
// says so.
func TestASurvivorIsRed(t *testing.T) {
	o := selftestOptions()
	o.Faults, o.Cases, o.Editions = []string{unsigned}, []string{accepted}, []string{"ietf-05"}
	code, m := selftests(t.Context(), t, o)
	if code != reports.ExitNonConformant || m.Summary.Survivors != 1 || m.Faults[0].Killed || len(m.Baseline) != 1 {
		t.Errorf("exit %d, %+v", code, m)
	}
	o = selftestOptions()
	o.Faults, o.Cases, o.Editions, o.Format = []string{unsigned}, []string{accepted}, []string{"ietf-05", "ietf-05"}, "text"
	if code, err := Selftest(t.Context(), o); code != 1 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	for _, want := range []string{unsigned + "  SURVIVES\n", "Survivors (1)\n", "; filtered: nothing is said about what was left out\n"} {
		if !strings.Contains(fmt.Sprint(o.Stdout), want) {
			t.Errorf("no %q in\n%s", want, o.Stdout)
		}
	}
}

// A child that dies of a case leaves it lost, not survived, and the others run.
func TestALostChildIsNoProof(t *testing.T) {
	o := selftestOptions()
	o.Faults, o.Cases, o.Editions = []string{unsigned}, []string{missing, accepted}, []string{"ietf-05"}
	o.Child = as("dies-at:" + accepted)
	code, m := selftests(t.Context(), t, o)
	if code != reports.ExitInconclusive || len(m.Lost) == 0 || m.Summary.Survivors != 0 {
		t.Errorf("exit %d, %+v", code, m)
	}
	if lost := m.Lost[0]; lost.Case != accepted || lost.Fault != "" || lost.Edition != "ietf-05" || lost.Reason != selftest.ReasonLost ||
		!strings.HasPrefix(lost.Message, "a child process ended without a complete record while it ran ietf-05  "+accepted+": exit status 7") {
		t.Errorf("lost %+v", lost)
	}
	if said := fmt.Sprint(o.Stderr); !strings.HasPrefix(said, "dcconform selftest: a child process ended ") {
		t.Errorf("stderr %s", said)
	}
}

func TestAnInterruptedSelftestSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := selftestOptions()
	code, err := Selftest(ctx, o)
	if code != reports.ExitInconclusive || err == nil || err.Error() != "the selftest was interrupted: nothing can be said of a part of it" || fmt.Sprint(o.Stdout) != "" {
		t.Errorf("exit %d, %v, %s", code, err, o.Stdout)
	}
}

func TestBadFlagsOfSelftest(t *testing.T) {
	for _, c := range []struct {
		set  func(*SelftestOptions)
		code int
		want string
	}{
		{func(o *SelftestOptions) { o.Faults = []string{"no-such"} }, reports.ExitNothing, `--fault "no-such" matches no fault`},
		{func(o *SelftestOptions) { o.Faults = []string{unsigned, "no-such"} }, reports.ExitUsage, `--fault "no-such" matches no fault`},
		{func(o *SelftestOptions) { o.Faults = []string{""} }, reports.ExitUsage, `--fault "": the pattern is empty`},
		{func(o *SelftestOptions) { o.Cases = []string{"no-such"} }, reports.ExitNothing, `--case "no-such" matches no case`},
		{func(o *SelftestOptions) { o.Cases = []string{missing, "no-such"} }, reports.ExitUsage, `--case "no-such" matches no case`},
		{func(o *SelftestOptions) { o.Editions = []string{"async-00"} }, reports.ExitUsage, "--edition async-00: there are ietf-05 and dcspec-2.3"},
		{func(o *SelftestOptions) { o.Format = "xml" }, reports.ExitUsage, "--format xml: there are text and json"},
		{func(o *SelftestOptions) { o.Jobs = -1 }, reports.ExitUsage, "--jobs -1: a number from 1, or 0 for one per processor"},
		{func(o *SelftestOptions) {
			o.Out = t.TempDir()
			o.Faults, o.Cases = []string{unsigned}, []string{missing}
		}, reports.ExitInconclusive, "--out: open "},
	} {
		o := selftestOptions()
		c.set(&o)
		code, err := Selftest(t.Context(), o)
		if code != c.code || err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("exit %d, %v\nwant %d, %s", code, err, c.code, c.want)
		}
	}
}

// Whatever a child sees of a case, only how it ended and for what travels.
func TestBriefResults(t *testing.T) {
	long := strings.Repeat("ü", 300)
	got := brief(reports.Result{Planned: reports.Planned{ID: "a", Title: "t", Requirements: []string{"x"}}, Outcome: reports.Fail, Reason: "r",
		Message: long + "\nmore", Failure: &reports.Failure{Requirement: "x", Clause: "c", Sent: "s"}, Notes: []reports.Note{{Code: "n"}}, Evidence: []reports.Evidence{{Kind: "dom"}}})
	want := reports.Result{Planned: reports.Planned{ID: "a"}, Outcome: reports.Fail, Reason: "r", Message: strings.Repeat("ü", 150) + "…",
		Failure: &reports.Failure{Requirement: "x"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A child that hangs at a fault does not hold up the matrix for ever.
func TestAHangingChildIsGivenUp(t *testing.T) {
	o := selftestOptions()
	o.Faults, o.Cases, o.Editions = []string{unsigned}, []string{missing}, []string{"ietf-05"}
	o.Child, o.silence = as("silent"), 200*time.Millisecond
	code, m := selftests(t.Context(), t, o)
	if code != reports.ExitInconclusive || len(m.Lost) != 2 || m.Summary.Undecided != 1 {
		t.Errorf("exit %d, %+v", code, m)
	}
}

// The targets that are none belong to a whole selftest, and to no filtered one.
func TestDegenerateTargetsOfASelftest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	down := errors.New("down")
	found := []selftest.Degenerate{{Name: "hangs"}}
	var err error
	m := &matrix{plan: &selftest.Plan{}, o: SelftestOptions{degenerate: func(context.Context) ([]selftest.Degenerate, error) { return found, err }}}
	if got, err := m.degenerate(ctx); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	err = down
	if _, got := m.degenerate(ctx); !errors.Is(got, down) {
		t.Errorf("%v", got)
	}
	for _, filtered := range []*selftest.Plan{{SomeFaults: true}, {SomeCases: true}} {
		m.plan = filtered
		if got, err := m.degenerate(ctx); err != nil || got != nil {
			t.Errorf("filtered: %v, %v", got, err)
		}
	}
	cancel()
	m.plan = &selftest.Plan{}
	if _, got := m.degenerate(ctx); !errors.Is(got, errInterrupted) {
		t.Errorf("interrupted: %v", got)
	}
}
