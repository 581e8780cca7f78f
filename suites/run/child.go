package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
)

// batchSize is how many scenarios one Ginkgo tree holds. Ginkgo keeps every
// spec and its report in memory, so a run of thousands is cut into trees.
const batchSize = 64

// Child is the main function of a child process: it reads its job from in,
// runs it, and writes messages to out. The end of in ends it early. The return
// value is the process's exit code, which the parent looks at only when the
// last message is missing.
func Child(in io.Reader, out io.Writer) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	send := &sender{w: out}
	br := bufio.NewReader(in)
	line, err := br.ReadBytes('\n')
	if err != nil {
		fmt.Fprintf(os.Stderr, "the job cannot be read: %v\n", err)
		return 2
	}
	var j job
	if err := json.Unmarshal(line, &j); err != nil {
		fmt.Fprintf(os.Stderr, "the job cannot be read: %v\n", err)
		return 2
	}
	answers := newLines()
	go func() {
		// The parent closes our input when it stops, and so does its death.
		_, _ = io.Copy(answers, br)
		_ = answers.Close()
		stop()
	}()
	around := &surroundings{redactor: &reports.Redactor{}, out: speaker{send}, in: answers}
	if err := runJob(ctx, &j, send, around); err != nil {
		_ = send.send(message{Fatal: err.Error()})
		return 1
	}
	if err := send.send(message{Done: true}); err != nil {
		return 1
	}
	return 0
}

// stage is a world of one kind with the scenarios to run in it.
type stage struct {
	scenarios []*check.Scenario
	close     func() error
}

// surroundings are what a child has beside its world.
type surroundings struct {
	redactor *reports.Redactor
	// out and in lead to the person at the terminal, through the parent.
	out io.Writer
	in  io.Reader
}

// ground is what the worlds of a job stand on, one after the other.
type ground interface {
	// open builds a world, and tells the redactor of the secrets in it.
	open(ctx context.Context, world json.RawMessage, s *surroundings) (*stage, error)
	close() error
}

// opener is a ground for worlds that have nothing in common.
type opener func(ctx context.Context, world json.RawMessage, s *surroundings) (*stage, error)

func (o opener) open(ctx context.Context, world json.RawMessage, s *surroundings) (*stage, error) {
	return o(ctx, world, s)
}

func (opener) close() error { return nil }

// The kinds of worlds.
const (
	kindCertify  = "certify"
	kindProvider = "provider"
	kindSelftest = "selftest"
)

// grounds makes what the worlds of each kind stand on.
var grounds = map[string]func() ground{
	kindCertify:  func() ground { return opener(openCertify) },
	kindProvider: func() ground { return opener(openProvider) },
	kindSelftest: func() ground { return &benchGround{} },
}

func runJob(ctx context.Context, j *job, send *sender, around *surroundings) error {
	reg, err := register.Load()
	if err != nil {
		return err
	}
	newGround, ok := grounds[j.Kind]
	if !ok {
		return fmt.Errorf("this child knows no runs of the kind %q", j.Kind)
	}
	g := newGround()
	defer func() { _ = g.close() }()
	keep := func(*reports.Result, []reports.Item) error { return nil }
	if j.Out != "" {
		evidence, err := reports.OpenStore(j.Out, around.redactor)
		if err != nil {
			return err
		}
		defer evidence.Close()
		keep = func(r *reports.Result, l []reports.Item) error { return evidence.Keep(r, l...) }
	}
	for _, s := range j.Shares {
		w := &worker{job: j, share: s, register: reg, around: around, keep: keep, send: send}
		if err := w.run(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// worker does one share of a job.
type worker struct {
	job      *job
	share    share
	register *register.Register
	around   *surroundings
	keep     func(*reports.Result, []reports.Item) error
	send     *sender
	// silent are cases that are repeated because what is owed needs them;
	// their results are in the report already.
	silent map[string]bool
}

func (w *worker) run(ctx context.Context, g ground) error {
	st, err := g.open(ctx, w.share.World, w.around)
	if err != nil {
		return err
	}
	defer func() { _ = st.close() }()
	owed, err := w.selectOwed(st.scenarios)
	if err != nil {
		return err
	}
	specs := w.specs()
	return inBatches(ctx, owed, func(batch []*check.Scenario) error {
		if err := specs.Add(batch); err != nil {
			return err
		}
		// A failing suite is no error here: the results say what failed.
		_ = runGinkgo(w.job.Seed)
		return nil
	})
}

func (w *worker) specs() *Specs {
	exemplars := map[string]bool{}
	for _, id := range w.job.Exemplars {
		exemplars[id] = true
	}
	edition := w.job.Edition
	if w.share.Edition != "" {
		edition = w.share.Edition
	}
	keep := func(r *reports.Result, l []reports.Item) error {
		if w.silent[r.ID] {
			return nil
		}
		return w.keep(r, l)
	}
	if w.job.Brief {
		keep = nil // A brief result has no room for evidence.
	}
	return &Specs{
		Edition: edition, Register: w.register, Exemplars: exemplars, Keep: keep,
		Timeout: time.Duration(w.job.CaseSeconds * float64(time.Second)),
		Started: func(id string) { _ = w.send.send(message{Started: w.share.Prefix + id}) },
		Finished: func(r reports.Result) {
			if w.silent[r.ID] {
				return
			}
			r.ID = w.share.Prefix + r.ID
			if w.job.Brief {
				r = brief(r)
			}
			_ = w.send.send(message{Result: &r})
		},
	}
}

// inBatches hands scenarios out a few at a time, and forgets those that are
// done: what a flow has seen is in its evidence by then, and large.
func inBatches(ctx context.Context, owed []*check.Scenario, each func([]*check.Scenario) error) error {
	for len(owed) > 0 && ctx.Err() == nil {
		n := min(batchSize, len(owed))
		if err := each(owed[:n]); err != nil {
			return err
		}
		clear(owed[:n])
		owed = owed[n:]
	}
	return ctx.Err()
}

// selectOwed leaves the checks that the parent's plan owes, and those that they
// need. A case that the plan owes and the child cannot find is an error: they
// must plan the same.
func (w *worker) selectOwed(scenarios []*check.Scenario) ([]*check.Scenario, error) {
	wanted := make(map[string]bool, len(w.share.Owes))
	for _, id := range w.share.Owes {
		wanted[id] = true
	}
	lost := map[string]bool{}
	for _, id := range w.share.Lost {
		lost[id] = true
	}
	w.silent = map[string]bool{}
	var kept []*check.Scenario
	for _, sc := range scenarios {
		needed := map[string]bool{}
		for i := range sc.Checks {
			if id := sc.ID(&sc.Checks[i]); wanted[id] {
				delete(wanted, id)
				selectWithNeeds(sc, &sc.Checks[i], needed)
			}
		}
		if len(needed) == 0 {
			continue
		}
		sc.Checks = w.only(sc, needed, lost)
		kept = append(kept, sc)
	}
	for id := range wanted {
		return nil, fmt.Errorf("the plan owes case %s, which this child does not know", id)
	}
	return kept, nil
}

// only leaves the needed checks of a scenario. One that a child died of is not
// tried again: it stands there failed, so that what needs it is blocked.
func (w *worker) only(sc *check.Scenario, needed, lost map[string]bool) []check.Check {
	owed := map[string]bool{}
	for _, id := range w.share.Owes {
		owed[id] = true
	}
	var checks []check.Check
	for _, c := range sc.Checks {
		id := sc.ID(&c)
		if !needed[id] {
			continue
		}
		if !owed[id] {
			w.silent[id] = true
		}
		if lost[id] {
			c.Needs = nil
			c.Body = func(c *check.Case) { c.Broken(errors.New("a child process died of this case")) }
		}
		checks = append(checks, c)
	}
	return checks
}
