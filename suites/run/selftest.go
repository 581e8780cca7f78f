package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/selftest/vacuity"
)

// SelftestOptions are the flags of selftest.
type SelftestOptions struct {
	// Faults and Cases are patterns; empty is all. With either the matrix is
	// filtered, and says so.
	Faults, Cases []string
	// Editions to judge by; empty is ietf-05 and dcspec-2.3.
	Editions []string
	// Jobs is the number of child processes at a time; 0 is one per processor.
	Jobs int
	// Seed orders the cases.
	Seed uint64
	// Format of what is printed is text or json; empty is text.
	Format string
	// Out is a file that takes the matrix as JSON; "" is none.
	Out string

	Stdout, Stderr io.Writer
	ToolVersion    string
	// Child starts a child process; nil starts this program again.
	Child command
	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// pool and collateral are replaced by tests.
	grace, silence time.Duration
	// degenerate judges providers that are none; nil is vacuity.Judge.
	degenerate func(context.Context) ([]selftest.Degenerate, error)
}

// selftestCeiling bounds one case at the mock, which answers at once. It is a
// limit for what hangs.
const selftestCeiling = 20 * time.Second

// mostColumns is how many mocks a child sees one after the other at most: it
// starts once and signs equal requests once, but a death costs it more.
const mostColumns = 48

// columnsPerJob makes jobs smaller towards the end, so that the last ones end
// together; a child's start is worth a few columns.
func columnsPerJob(left, jobs int) int {
	const fewest = 4
	return min(mostColumns, left, max(fewest, left/(3*jobs)))
}

// Selftest runs the provider cases against the mock with each of its faults
// and without, prints which cases caught which fault, and returns the exit
// code: 1 when the proof has a gap, 3 when children were lost. An error has
// been turned into the code already; it is for printing.
func Selftest(ctx context.Context, o SelftestOptions) (int, error) {
	m := &matrix{o: o}
	if err := m.prepare(); err != nil {
		return exitOf(err), err
	}
	begun := m.o.Now()
	degenerate, err := m.fill(ctx)
	if err != nil {
		return exitOf(err), err
	}
	result := m.plan.Score(m.seen, m.collateral)
	result.Degenerate = degenerate
	result.Tool, result.ToolVersion, result.Seed = reports.Tool, o.ToolVersion, o.Seed
	result.Summary.Seconds = math.Round(m.o.Now().Sub(begun).Seconds()*1e3) / 1e3
	if err := m.print(result); err != nil {
		return exitOf(err), err
	}
	return result.ExitCode(), nil
}

// matrix is a selftest on its way.
type matrix struct {
	o          SelftestOptions
	register   *register.Register
	plan       *selftest.Plan
	collateral *selftest.Collateral
	seen       []selftest.Seen
}

func (m *matrix) prepare() error {
	if m.o.Now == nil {
		m.o.Now = time.Now
	}
	if m.o.Format == "" {
		m.o.Format = "text"
	}
	var err error
	if m.o.Jobs, err = jobsFlag(m.o.Jobs); err != nil {
		return usageError{err}
	}
	if m.o.Format != "text" && m.o.Format != "json" {
		return usageError{fmt.Errorf("--format %s: there are text and json", m.o.Format)}
	}
	editions, err := m.editions()
	if err != nil {
		return usageError{err}
	}
	if m.register, err = register.Load(); err != nil {
		return err
	}
	return m.makePlan(editions)
}

// matrixEditions are the editions that a selftest can judge by.
var matrixEditions = []register.Edition{register.IETF05, register.DCSpec23}

func (m *matrix) editions() ([]register.Edition, error) {
	if len(m.o.Editions) == 0 {
		return matrixEditions, nil
	}
	var list []register.Edition
	for _, name := range m.o.Editions {
		e := register.Edition(name)
		if !slices.Contains(matrixEditions, e) {
			return nil, fmt.Errorf("--edition %s: there are ietf-05 and dcspec-2.3", name)
		}
		if !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list, nil
}

// makePlan lists faults and cases, and what of them was asked for.
func (m *matrix) makePlan(editions []register.Edition) error {
	cases := map[register.Edition][]reports.Planned{}
	var scenarios []*check.Scenario
	var known []string
	for _, e := range editions {
		of := provider.Scenarios(e, m.register, nil)
		list, err := planned(of, e, m.register)
		if err != nil {
			return err
		}
		cases[e] = list
		scenarios = append(scenarios, of...)
	}
	for _, list := range cases {
		for _, c := range list {
			known = append(known, c.ID)
		}
	}
	faults, err := selectFaults(selftest.Faults(), m.o.Faults)
	if err != nil {
		return err
	}
	if len(m.o.Cases) > 0 {
		wanted, err := selectCases(scenarios, m.o.Cases)
		if err != nil {
			return err
		}
		for e, list := range cases {
			cases[e] = slices.DeleteFunc(list, func(c reports.Planned) bool { return !wanted[c.ID] })
		}
	}
	m.plan = selftest.NewPlan(m.register, editions, cases, faults)
	m.plan.SomeFaults, m.plan.SomeCases = len(m.o.Faults) > 0, len(m.o.Cases) > 0
	m.collateral, err = selftest.LoadCollateral(known)
	return err
}

// selectFaults finds the faults whose name matches one of the patterns.
func selectFaults(all []selftest.Fault, patterns []string) ([]selftest.Fault, error) {
	if len(patterns) == 0 {
		return all, nil
	}
	var unmatched []string
	wanted := map[string]bool{}
	for _, pattern := range patterns {
		re, err := glob(pattern)
		if err != nil {
			return nil, usageError{fmt.Errorf("--fault %q: %w", pattern, err)}
		}
		matched := false
		for _, f := range all {
			if re.MatchString(f.Name) {
				wanted[f.Name], matched = true, true
			}
		}
		if !matched {
			unmatched = append(unmatched, fmt.Sprintf("%q", pattern))
		}
	}
	if len(unmatched) > 0 {
		err := fmt.Errorf("--fault %s matches no fault", strings.Join(unmatched, ", "))
		if len(wanted) == 0 {
			return nil, nothingError{err}
		}
		return nil, usageError{err}
	}
	return slices.DeleteFunc(slices.Clone(all), func(f selftest.Fault) bool { return !wanted[f.Name] }), nil
}

// fill has the children fill the matrix, and judges providers that are none
// beside them: that is mostly waiting.
func (m *matrix) fill(ctx context.Context) (degenerate []selftest.Degenerate, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var beside error
	var wg sync.WaitGroup
	wg.Go(func() { degenerate, beside = m.degenerate(ctx) })
	err = m.run(ctx)
	if err != nil {
		stop()
	}
	wg.Wait()
	if err != nil {
		return nil, err
	}
	return degenerate, beside
}

// run has the children fill the matrix.
func (m *matrix) run(ctx context.Context) error {
	temp, err := os.MkdirTemp("", "dcconform-selftest-")
	if err != nil {
		return fmt.Errorf("a temporary folder cannot be made: %w", err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	jobs, owed, err := m.jobs()
	if err != nil {
		return err
	}
	if owed == 0 {
		return nothingError{errors.New("nothing is selected: the plan is empty")}
	}
	shown := m.o.Stderr
	if !isTerminal(shown) {
		shown = io.Discard
	}
	progress := reports.NewProgress(shown, reports.ProgressOptions{Label: kindSelftest})
	progress.Start(owed)
	defer progress.Stop()
	var losses []loss
	p := &pool{start: childOf(m.o.Child, temp), jobs: m.o.Jobs, grace: m.o.grace, silence: m.o.silence, finished: func(r reports.Result) {
		m.take(r)
		progress.Case(reports.Result{Outcome: reports.Pass}) // a failure is what is wanted
	}, lost: func(l loss) {
		losses = append(losses, l)
		for _, id := range l.ids {
			m.take(reports.Result{Planned: reports.Planned{ID: id}, Outcome: reports.HarnessError,
				Reason: selftest.ReasonLost, Message: firstLine(l.err.Error())})
		}
	}}
	p.run(ctx, jobs)
	progress.Stop()
	if ctx.Err() != nil {
		return errInterrupted
	}
	for _, l := range losses {
		fmt.Fprintf(m.o.Stderr, "dcconform selftest: %s\n", l)
	}
	return nil
}

// degenerate judges providers that are none, unless a filter asks about
// something else.
func (m *matrix) degenerate(ctx context.Context) ([]selftest.Degenerate, error) {
	if m.plan.SomeFaults || m.plan.SomeCases {
		return nil, nil
	}
	judge := m.o.degenerate
	if judge == nil {
		judge = vacuity.Judge
	}
	all, err := judge(ctx)
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	return all, err
}

// errInterrupted says that a selftest was not gone through with.
var errInterrupted = errors.New("the selftest was interrupted: nothing can be said of a part of it")

// jobs deals the columns out to the children.
func (m *matrix) jobs() (jobs []job, owed int, err error) {
	columns := m.plan.Columns()
	for len(columns) > 0 {
		n := columnsPerJob(len(columns), m.o.Jobs)
		j := job{Kind: kindSelftest, Seed: m.o.Seed, Brief: true, CaseSeconds: selftestCeiling.Seconds()}
		for _, c := range columns[:n] {
			s := share{Edition: c.Edition, Prefix: prefixOf(c), Owes: c.Cases}
			if s.World, err = json.Marshal(c); err != nil {
				return nil, 0, err
			}
			j.Shares = append(j.Shares, s)
			owed += len(c.Cases)
		}
		jobs = append(jobs, j)
		columns = columns[n:]
	}
	return jobs, owed, nil
}

// prefixOf stands before the ids of a column's cases; names have no spaces.
func prefixOf(c selftest.Column) string {
	where := string(c.Edition)
	if c.Kind != selftest.Plain {
		where += "/" + string(c.Kind)
	}
	return where + " " + c.Fault + " "
}

// take enters a result into its column.
func (m *matrix) take(r reports.Result) {
	where, rest, _ := strings.Cut(r.ID, " ")
	edition, _, _ := strings.Cut(where, "/")
	name, id, _ := strings.Cut(rest, " ")
	r.ID = id
	m.seen = append(m.seen, selftest.Compact(selftest.Column{Edition: register.Edition(edition), Fault: name}, r))
}

// print shows the matrix, and leaves it in a file when that was asked for.
func (m *matrix) print(result *selftest.Matrix) error {
	if m.o.Out != "" {
		f, err := os.Create(m.o.Out)
		if err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		if err := errors.Join(result.WriteJSON(f), f.Close()); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	if m.o.Format == "json" {
		return result.WriteJSON(m.o.Stdout)
	}
	return result.WriteText(m.o.Stdout)
}

// benchGround is the mock of a child, started when the first world is asked
// for.
type benchGround struct{ bench *selftest.Bench }

func (g *benchGround) open(ctx context.Context, data json.RawMessage, _ *surroundings) (*stage, error) {
	var c selftest.Column
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, err
	}
	if g.bench == nil {
		bench, err := selftest.NewBench(ctx)
		if err != nil {
			return nil, fmt.Errorf("the mock provider does not start: %w", err)
		}
		g.bench = bench
		// Memory is not short here, and time is.
		debug.SetGCPercent(1000)
	}
	o := selftest.Options{Edition: c.Edition, Kind: c.Kind}
	if c.Fault != "" {
		o.Faults = []string{c.Fault}
	}
	w, closeWorld, err := g.bench.World(o)
	if err != nil {
		return nil, fmt.Errorf("a world with the fault %q cannot be made: %w", c.Fault, err)
	}
	return &stage{scenarios: provider.Scenarios(c.Edition, w.Register, w), close: func() error { closeWorld(); return nil }}, nil
}

func (g *benchGround) close() error {
	if g.bench == nil {
		return nil
	}
	return g.bench.Close()
}
