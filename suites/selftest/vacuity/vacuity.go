// Package vacuity judges DNS providers that are none: one that refuses
// everything, one that accepts everything, one that says nothing. A harness
// that finds one of them conformant proves nothing by what it finds.
package vacuity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/target"
)

// edition is what the targets are judged by.
const edition = register.IETF05

// limits are what the target.yaml of a target says, unless it is about one of
// them: a machine that is slow for a moment is to be no finding.
var limits = target.Limits{Request: 5 * time.Second, Flow: 10 * time.Second, Propagation: time.Second, Case: time.Minute}

// short is a limit that is run into on purpose.
const short = 300 * time.Millisecond

// Target is a provider that is none.
type Target struct {
	Name, Sentence string
	// Want is the right verdict, Because why.
	Want    reports.Verdict
	Because string
	// Kind is what it has beside the synchronous flow, as its target.yaml says:
	// where it is not the plain one, the cases are those that need more than the
	// plain one has, and those of basics.
	Kind selftest.Kind
	// misses are requirements that have to be among those that it misses: the
	// right verdict for another reason is a wrong one.
	misses []string
	// vain reports whether a case cannot pass at this target but by absence;
	// nil is none.
	vain func(r reports.Result) bool
	// limit shortens what is run into; it may be nil.
	limit func(*target.Limits)
	// prepare sets it up; what it starts ends with the context. It may be nil.
	prepare func(ctx context.Context, o *selftest.Options) error
}

// ceiling bounds the judgement of n cases: a target that is asked by every case,
// and answers none, takes longer.
func ceiling(n int, l target.Limits) time.Duration { return time.Duration(n) * l.Flow / 2 }

// beside is how many targets are judged at a time: most of the time they are
// waited for.
const beside = 3

// Judge judges every target. An error is the harness's.
func Judge(ctx context.Context) ([]selftest.Degenerate, error) {
	targets := Targets()
	all, errs := make([]selftest.Degenerate, len(targets)), make([]error, len(targets))
	var group sync.WaitGroup
	free := make(chan struct{}, beside)
	for i := range targets {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			if all[i], _, errs[i] = targets[i].Judge(ctx); errs[i] != nil {
				errs[i] = fmt.Errorf("the degenerate target %s: %w", targets[i].Name, errs[i])
			}
		})
	}
	group.Wait()
	return all, errors.Join(errs...)
}

// Judge judges one target, and returns its run beside what came of it.
func (t *Target) Judge(ctx context.Context) (d selftest.Degenerate, run *reports.Run, err error) {
	bench, err := selftest.NewBench(ctx)
	if err != nil {
		return d, nil, err
	}
	d, run, err = t.judge(ctx, bench)
	return d, run, errors.Join(err, bench.Close())
}

// judge judges the target as a stranger does: by a target.yaml, over its ports.
func (t *Target) judge(ctx context.Context, bench *selftest.Bench) (d selftest.Degenerate, run *reports.Run, err error) {
	d = selftest.Degenerate{Name: t.Name, Sentence: t.Sentence, Edition: edition, Want: t.Want, Because: t.Because}
	dir, err := os.MkdirTemp("", "dcconform-vacuity-")
	if err != nil {
		return d, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o := selftest.Options{Edition: edition, Kind: t.Kind}
	o.Describe = t.describe
	if t.prepare != nil {
		if err := t.prepare(ctx, &o); err != nil {
			return d, nil, err
		}
	}
	file, closeTenant, err := bench.Stranger(ctx, dir, o)
	if err != nil {
		return d, nil, err
	}
	defer closeTenant()
	c, err := target.Load(file)
	if err != nil {
		return d, nil, err
	}
	w, err := provider.Start(ctx, c, provider.Options{Consent: provider.ConsentForm}, c.Redactor())
	if err != nil {
		return d, nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if server, ok := w.Keys.(*client.KeyServer); ok {
		bench.AskKeys(server)
	}
	if t.Kind != selftest.Plain {
		w.Revoke = bench.Revoke
	}
	run, err = judge(ctx, w, t.scenarios(w))
	if err == nil {
		t.settle(&d, run)
	}
	return d, run, err
}

// describe is what every target.yaml says beside the mock's own.
func (t *Target) describe(c *target.Config) {
	c.Limits = limits
	if t.limit != nil {
		t.limit(&c.Limits)
	}
	c.KeyZone.Listen = "127.0.0.1:0"
}

// basics are the chapters that every target is judged by, whatever its kind.
var basics = []string{"discovery", "settings", "query"}

// scenarios are what the target is judged by.
func (t *Target) scenarios(w *provider.World) []*check.Scenario {
	if t.Kind == selftest.Plain {
		return w.Scenarios()
	}
	kinds := selftest.KindsOfCases(w.Register)
	return slices.DeleteFunc(w.Scenarios(), func(sc *check.Scenario) bool {
		return !slices.ContainsFunc(sc.Planned(w.Edition, w.Register), func(p reports.Planned) bool {
			chapter, _, _ := strings.Cut(p.ID, "/")
			return kinds[p.ID] != selftest.Plain || slices.Contains(basics, chapter)
		})
	})
}

// judge runs cases and comes to a verdict as a run does.
func judge(ctx context.Context, w *provider.World, scenarios []*check.Scenario) (*reports.Run, error) {
	run := &reports.Run{Subject: reports.SubjectProvider, Edition: string(w.Edition), Scope: reports.ScopeFull}
	var plan []reports.Planned
	for _, sc := range scenarios {
		plan = append(plan, sc.Planned(w.Edition, w.Register)...)
	}
	most := ceiling(len(plan), w.Target.Limits)
	ctx, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("%d cases did not end within %s", len(plan), most))
	defer cancel()
	run.Begin(plan, time.Now())
	for _, sc := range scenarios {
		run.Results = append(run.Results, judgeCase(ctx, w, sc)...)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	run.Finish(time.Now())
	return run, nil
}

func judgeCase(ctx context.Context, w *provider.World, sc *check.Scenario) []reports.Result {
	ctx, cancel := context.WithTimeout(ctx, w.Target.Limits.Case)
	defer cancel()
	return selftest.Judge(ctx, w.World, sc)
}

// MostInVain bounds how many of n cases run into a limit of a target that
// never answers, by one way of asking: three, and then one after 10, 20, 40 and
// so on that were spared.
func MostInVain(n int) int {
	most := 3
	for spared := 10; spared < n; spared = 2*spared + 10 {
		most++
	}
	return most
}

// settle enters what the run came to.
func (t *Target) settle(d *selftest.Degenerate, run *reports.Run) {
	d.Verdict, d.Why, d.Counts = run.Verdict, run.Why, run.Counts
	missed := map[string]bool{}
	for _, r := range run.Results {
		if r.Failure != nil {
			missed[r.Failure.Requirement] = true
		}
		switch {
		case t.Want == reports.VerdictInconclusive && (r.Outcome == reports.Fail || r.Outcome == reports.Warning):
			d.Wrong = append(d.Wrong, fmt.Sprintf("%s ends with %s, though nothing can be told", r.ID, r.Outcome))
		case r.Outcome == reports.HarnessError:
			d.Wrong = append(d.Wrong, fmt.Sprintf("%s is a harness-error: %s", r.ID, r.Message))
		case r.Reason == reports.ReasonNotAsked:
			d.Spared++
		case slices.Contains([]string{"no-answer", "no-dns", "interrupted"}, r.Reason):
			d.InVain++
		case t.vain != nil && r.Outcome == reports.Pass && t.vain(r):
			d.Wrong = append(d.Wrong, r.ID+" passes, though the target tells nothing about it")
		}
	}
	for _, id := range t.misses {
		if !missed[id] {
			d.Wrong = append(d.Wrong, "no case says that it misses "+id)
		}
	}
	d.Settle()
}
