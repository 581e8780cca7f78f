package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// conduct is a planned run that leaves a report.
type conduct struct {
	kind     kind
	flags    Flags
	plan     []reports.Planned
	redactor *reports.Redactor
	run      reports.Run

	// handed holds what is noted at results of a case that waited in a child
	// that died, by id.
	handed map[string]reports.Note
}

// execute runs the plan and leaves the report. An error means that nothing was
// run.
func (c *conduct) execute(ctx context.Context) (int, error) {
	temp, err := os.MkdirTemp("", "dcconform-run-")
	if err != nil {
		return 0, fmt.Errorf("a temporary folder cannot be made: %w", err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	jobs, err := c.jobs()
	if err != nil {
		return 0, err
	}
	c.run.Begin(c.plan, c.flags.Now())
	dir, err := c.open()
	if err != nil {
		return 0, usageError{err}
	}
	writeErr := c.collect(ctx, dir, jobs, temp)
	c.run.Next = c.kind.next(&c.run)
	c.run.Finish(c.flags.Now())
	err = errors.Join(writeErr, dir.Finish(&c.run))
	if err == nil && c.flags.create == nil {
		err = seal(dir.Path(), &c.run, c.flags.signer)
	}
	if err != nil {
		c.say(err.Error())
		return reports.Exit{Unsure: true, Failed: c.run.Verdict == reports.NonConformant}.Code(), nil
	}
	return c.tell(dir)
}

// tell prints what a person wants to know, and writes the baseline that was
// asked for. The code is that of the run; a baseline that could not be written
// hides no failure.
func (c *conduct) tell(dir folder) (int, error) {
	out := c.flags.Stdout
	if c.flags.Baseline.Write == toStdout {
		out = c.flags.Stderr
	}
	err := reports.WriteSummary(out, &c.run, reports.SummaryOptions{
		Report: dir.Path(), Color: !c.flags.NoColor && isTerminal(out), Strict: c.flags.Strict})
	code := reports.ExitCode(&c.run, c.flags.Strict)
	if err := c.writeBaseline(); err != nil {
		c.say(err.Error())
		code = reports.Exit{Unsure: true, Failed: code == reports.ExitNonConformant}.Code()
	}
	return code, err
}

func (c *conduct) open() (folder, error) {
	if c.flags.create != nil {
		return c.flags.create(c.flags.Out, &c.run, c.redactor)
	}
	return reports.Create(c.flags.Out, &c.run, c.redactor, also...)
}

// jobs has the kind deal, and adds what all jobs have in common.
func (c *conduct) jobs() ([]job, error) {
	jobs, err := c.kind.deal(c.plan, c.flags.Jobs)
	if err != nil {
		return nil, err
	}
	var exemplars []string
	for _, p := range c.plan {
		if p.Exemplar {
			exemplars = append(exemplars, p.ID)
		}
	}
	for i := range jobs {
		j := &jobs[i]
		j.Kind, j.Edition, j.Seed = c.kind.word(), c.kind.edition(), c.flags.Seed
		j.Exemplars, j.Out = exemplars, c.flags.Out
	}
	return jobs, nil
}

// collect runs the children and takes their results. A report that cannot be
// written ends the run, since going on would only lose more.
func (c *conduct) collect(ctx context.Context, dir folder, jobs []job, temp string) error {
	progress := reports.NewProgress(c.flags.Stderr, reports.ProgressOptions{Label: c.kind.word()})
	progress.Start(len(c.plan))
	defer progress.Stop()
	runCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var writeErr error
	var losses []loss
	c.handed = map[string]reports.Note{}
	p := &pool{start: childOf(c.flags.Child, temp), jobs: c.flags.Jobs, finished: func(r reports.Result) {
		if n, ok := c.handed[r.ID]; ok {
			r.Notes = append(r.Notes, n)
		}
		r = c.unblocked(r)
		r.Rerun = c.kind.rerun(&c.run, r)
		r = c.redactor.Result(r)
		c.run.Results = append(c.run.Results, r)
		progress.Case(r)
		if err := dir.Append(r); err != nil && writeErr == nil {
			writeErr = err
			cancel()
		}
	}, lost: func(l loss) {
		losses = append(losses, l)
		c.note(l)
	}}
	if p.answers = c.person(); p.answers != nil {
		p.say = func(text string) { _, _ = io.WriteString(c.flags.Stderr, text) }
	}
	p.run(runCtx, jobs)
	progress.Stop()
	if runCtx.Err() == nil {
		for _, l := range losses {
			c.say(l.String())
		}
	}
	if ctx.Err() != nil {
		c.run.Interrupt()
	}
	c.settle(ctx, losses)
	return writeErr
}

// unblocked is a result whose root --case has left out: that says why nothing is
// known of the case, but a block needs a root in the report.
func (c *conduct) unblocked(r reports.Result) reports.Result {
	if r.Outcome != reports.Blocked || len(c.flags.Cases) == 0 ||
		slices.ContainsFunc(c.plan, func(p reports.Planned) bool { return p.ID == r.BlockedBy }) {
		return r
	}
	r.Outcome, r.Message = reports.Inconclusive, fmt.Sprintf("not tried, because what %s judges does not hold, and --case leaves that out: run it as well, with --case %s", r.BlockedBy, r.BlockedBy)
	r.BlockedBy = ""
	return r
}

// person leads to whoever operates the provider's pages by hand; nil when
// nobody is asked to.
func (c *conduct) person() *relay {
	if c.run.Consent != consentManual {
		return nil
	}
	r := &relay{}
	if c.flags.Stdin != nil {
		go r.from(c.flags.Stdin) // it ends with the input, or the program
	}
	return r
}

func (c *conduct) say(text string) {
	fmt.Fprintf(c.flags.Stderr, "dcconform %s: %s\n", c.kind.word(), text)
}

// note remembers to say in the report that cases waited in a child that died:
// at the case that died with it, or else at the first that had to wait.
func (c *conduct) note(l loss) {
	if len(l.handed) > 0 && len(l.ids) == 0 {
		c.handed[l.handed[0]] = l.note()
	}
}

// settle gives every case without a result the reason why it has none.
func (c *conduct) settle(ctx context.Context, losses []loss) {
	byID := map[string]reports.Planned{}
	for _, p := range c.plan {
		byID[p.ID] = p
	}
	for _, l := range losses {
		owed := make([]reports.Planned, 0, len(l.ids))
		for _, id := range l.ids {
			owed = append(owed, byID[id])
		}
		from := len(c.run.Results)
		if ctx.Err() != nil {
			// Nobody's error, and not judged.
			c.run.Owe(owed, "the run was interrupted before this case")
		} else {
			c.run.Owe(owed, l.err.Error())
		}
		for i := range c.run.Results[from:] {
			r := &c.run.Results[from+i]
			if ctx.Err() != nil {
				r.Outcome = reports.Inconclusive
			} else if len(l.handed) > 0 {
				r.Notes = append(r.Notes, l.note())
			}
		}
	}
}

// again is what to do after an interrupt.
const again = "Run it again: it was interrupted."

// childOf starts this program again, or what start starts, with a temporary
// folder of its own: what a child that was killed leaves there, such as a
// browser's profile, goes with the run.
func childOf(start command, temp string) command {
	if start == nil {
		start = func(ctx context.Context) *exec.Cmd {
			exe, err := os.Executable()
			if err != nil {
				exe = os.Args[0]
			}
			return exec.CommandContext(ctx, exe, ChildCommand)
		}
	}
	return func(ctx context.Context) *exec.Cmd {
		cmd := start(ctx)
		if cmd.Env == nil {
			cmd.Env = os.Environ()
		}
		for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
			cmd.Env = append(cmd.Env, name+"="+temp)
		}
		return cmd
	}
}

// firstLine is a text up to its first line break.
func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}
