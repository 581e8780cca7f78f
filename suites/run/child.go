package run

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/certify"
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
	go func() {
		// The parent closes our input when it stops, and so does its death.
		_, _ = io.Copy(io.Discard, br)
		stop()
	}()
	if err := runJob(ctx, &j, send); err != nil {
		_ = send.send(message{Fatal: err.Error()})
		return 1
	}
	if err := send.send(message{Done: true}); err != nil {
		return 1
	}
	return 0
}

func runJob(ctx context.Context, j *job, send *sender) error {
	reg, err := register.Load()
	if err != nil {
		return err
	}
	world, err := certify.Start(ctx, j.Certify)
	if err != nil {
		return fmt.Errorf("the mock provider does not start: %w", err)
	}
	defer world.Close()
	owed, err := selectOwed(world.Scenarios(j.Sources), j.Owes)
	if err != nil {
		return err
	}
	redactor := &reports.Redactor{}
	if err := redactor.Add(certify.Password(j.Certify.Seed)); err != nil {
		return err
	}
	evidence, err := reports.OpenStore(j.Out, redactor)
	if err != nil {
		return err
	}
	defer evidence.Close()
	exemplars := map[string]bool{}
	for _, id := range j.Exemplars {
		exemplars[id] = true
	}
	specs := &Specs{
		Edition: j.Certify.Edition, Register: reg, Exemplars: exemplars,
		Keep:    func(r *reports.Result, l []reports.Item) error { return evidence.Keep(r, l...) },
		Timeout: time.Duration(j.CaseSeconds * float64(time.Second)),
		Started: func(id string) { _ = send.send(message{Started: id}) },
		Finished: func(r reports.Result) {
			_ = send.send(message{Result: &r})
		},
	}
	return inBatches(ctx, owed, func(batch []*check.Scenario) error {
		if err := specs.Add(batch); err != nil {
			return err
		}
		// A failing suite is no error here: the results say what failed.
		_ = runGinkgo(j.Certify.Seed)
		return nil
	})
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

// selectOwed leaves the checks that the parent's plan owes. A case that the
// plan owes and the child cannot find is an error: they must plan the same.
func selectOwed(scenarios []*check.Scenario, owes []string) ([]*check.Scenario, error) {
	wanted := make(map[string]bool, len(owes))
	for _, id := range owes {
		wanted[id] = true
	}
	var kept []*check.Scenario
	for _, sc := range scenarios {
		var checks []check.Check
		for i := range sc.Checks {
			if id := sc.ID(&sc.Checks[i]); wanted[id] {
				checks = append(checks, sc.Checks[i])
				delete(wanted, id)
			}
		}
		if len(checks) > 0 {
			sc.Checks = checks
			kept = append(kept, sc)
		}
	}
	for id := range wanted {
		return nil, fmt.Errorf("the plan owes case %s, which this child does not know", id)
	}
	return kept, nil
}
