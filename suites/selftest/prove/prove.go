// Package prove is for the tests of chapters: it shows that every case of a
// chapter passes at the mock as it should be, and fails for the faults that
// break its requirements.
package prove

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter proves a chapter. Where a fault makes a case fail for a requirement
// that it does not name, the list of collateral has to say so.
func Chapter(t *testing.T, ch trial.Chapter) {
	t.Helper()
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	plan, known := planned(reg)
	collateral, err := selftest.LoadCollateral(known)
	if err != nil {
		t.Fatal(err)
	}
	bench, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	p := &proof{bench: bench, chapter: ch, columns: plan.Columns(), collateral: collateral, failed: map[string]bool{}}
	for _, edition := range editions {
		t.Run(string(edition), func(t *testing.T) { p.sound(t, selftest.Options{Edition: edition}) })
	}
	t.Run("below a path", func(t *testing.T) { p.sound(t, selftest.Options{Edition: register.IETF05, Below: "dc"}) })
	for i, f := range fault.All() {
		if p.concerns(f) && i%every == 0 {
			t.Run(f.Name, func(t *testing.T) { p.faulty(t, f) })
		}
	}
	if every > 1 {
		t.Logf("under the race detector one fault in %d is tried; the selftest command tries them all", every)
		return
	}
	t.Run("every case has failed", func(t *testing.T) {
		for _, c := range ch.Cases {
			if !p.failed[c.Key] {
				t.Errorf("no fault makes case %s fail", c.Key)
			}
		}
	})
}

type proof struct {
	bench      *selftest.Bench
	chapter    trial.Chapter
	columns    []selftest.Column
	collateral *selftest.Collateral
	failed     map[string]bool
}

func (p *proof) concerns(f fault.Fault) bool {
	return slices.ContainsFunc(p.chapter.Cases, func(c trial.Case) bool { return overlap(c.Requirements, f.Requirements) })
}

// elsewhere reports whether another chapter has cases about what a fault
// breaks, so that it may be theirs to catch: whether anybody does is for the
// selftest to say, which runs all chapters.
func (p *proof) elsewhere(f fault.Fault) bool {
	return slices.ContainsFunc(provider.Chapters(), func(other trial.Chapter) bool {
		return other.Name != p.chapter.Name && slices.ContainsFunc(other.Cases, func(c trial.Case) bool { return overlap(c.Requirements, f.Requirements) })
	})
}

var editions = []register.Edition{register.IETF05, register.DCSpec23}

// planned is what the selftest runs, and the ids of all cases.
func planned(reg *register.Register) (plan *selftest.Plan, ids []string) {
	cases := map[register.Edition][]reports.Planned{}
	for _, ch := range provider.Chapters() {
		for _, c := range ch.Cases {
			ids = append(ids, ch.Name+"/"+c.Key)
			for _, e := range editions {
				if c.Judges(e, reg) {
					cases[e] = append(cases[e], reports.Planned{ID: ch.Name + "/" + c.Key, Requirements: c.Requirements})
				}
			}
		}
	}
	return selftest.NewPlan(reg, editions, cases, fault.All()), ids
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// results runs cases of the chapter at a mock: those that are for mocks of its
// kind, or all.
func (p *proof) results(t *testing.T, o selftest.Options, all bool) []reports.Result {
	t.Helper()
	w, closeWorld, err := p.bench.World(o)
	if err != nil {
		t.Fatal(err)
	}
	defer closeWorld()
	var results []reports.Result
	for i := range p.chapter.Cases {
		c := &p.chapter.Cases[i]
		if c.Judges(o.Edition, w.Register) && (all || selftest.KindOf(c.AllNeeds(w.Register)) == o.Kind) {
			results = append(results, selftest.Judge(t.Context(), w, c.Scenario(p.chapter.Name, i, w))...)
		}
	}
	return results
}

// sound has every case pass at a mock of the kind that it is for, and at those
// of other kinds, too, unless their claims say that it does not apply.
func (p *proof) sound(t *testing.T, o selftest.Options) {
	for _, o.Kind = range selftest.Kinds() {
		passed := map[string]bool{}
		for _, r := range p.results(t, o, true) {
			passed[r.ID] = r.Outcome == reports.Pass
			if r.Outcome != reports.Pass && r.Reason != "not-claimed" && r.Reason != "claimed" {
				t.Errorf("%s: %s", r.ID, story(r))
			}
		}
		for _, column := range p.columns {
			for _, id := range column.Cases {
				if ran, ours := passed[id]; ours && !ran && column.Kind == o.Kind && column.Edition == o.Edition && column.Fault == "" {
					t.Errorf("%s: does not pass at the mock of its own kind, %q", id, o.Kind)
				}
			}
		}
	}
}

func (p *proof) faulty(t *testing.T, f fault.Fault) {
	killed := false
	for _, column := range p.columns {
		if column.Fault != f.Name {
			continue
		}
		for _, r := range p.results(t, selftest.Options{Edition: column.Edition, Kind: column.Kind, Faults: []string{f.Name}}, false) {
			switch r.Outcome {
			case reports.Fail, reports.Warning:
			case reports.HarnessError:
				t.Errorf("%s (%s): %s", r.ID, column.Edition, story(r))
				continue
			default:
				continue
			}
			p.failed[r.Case] = true
			switch {
			case slices.Contains(f.Requirements, r.Failure.Requirement):
				killed = true
			case slices.Contains(column.Cases, r.ID) && !p.collateral.Justifies(f.Name, r.ID):
				t.Errorf("%s (%s) fails too, for none of %s: %s", r.ID, column.Edition, strings.Join(f.Requirements, ", "), story(r))
			}
		}
	}
	if !killed && !p.elsewhere(f) {
		t.Errorf("the fault survives: no case failed for %s", strings.Join(f.Requirements, ", "))
	}
}

func story(r reports.Result) string {
	s := fmt.Sprintf("%s %s %s", r.Outcome, r.Reason, r.Message)
	if r.Failure != nil {
		s += fmt.Sprintf("\n\t%s\n\tsent: %s\n\texpected: %s\n\tactual: %s", r.Failure.Clause, r.Failure.Sent, strings.Join(r.Failure.Expected, " | "), r.Failure.Actual)
	}
	return s
}
