package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/register"
)

func (c *certification) execute(ctx context.Context) (int, error) {
	c.run.Begin(c.plan, c.o.Now())
	create := c.o.create
	if create == nil {
		create = func(path string, r *reports.Run, redactor *reports.Redactor) (folder, error) {
			return reports.Create(path, r, redactor)
		}
	}
	dir, err := create(c.o.Out, &c.run, c.redactor)
	if err != nil {
		return 0, usageError{err}
	}
	progress := reports.NewProgress(c.o.Stderr, reports.ProgressOptions{Label: "certify"})
	progress.Start(len(c.plan))
	var writeErr error
	runCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &pool{start: c.child(), finished: func(r reports.Result) {
		r.Rerun = c.rerun(r)
		c.run.Results = append(c.run.Results, r)
		progress.Case(r)
		// A report that cannot be written ends the run: going on would only
		// lose more.
		if err := dir.Append(r); err != nil && writeErr == nil {
			writeErr = err
			cancel()
		}
	}}
	jobs := c.jobs()
	errs := p.run(runCtx, jobs)
	progress.Stop()
	c.settle(ctx, jobs, errs)
	c.run.Next = c.next()
	c.run.Finish(c.o.Now())
	if err := errors.Join(writeErr, dir.Finish(&c.run)); err != nil {
		fmt.Fprintf(c.o.Stderr, "dcconform certify: %v\n", err)
		return max(reports.ExitCode(&c.run, c.o.Strict), reports.ExitInconclusive), nil
	}
	err = reports.WriteSummary(c.o.Stdout, &c.run, reports.SummaryOptions{
		Report: dir.Path(), Color: !c.o.NoColor && isTerminal(c.o.Stdout), Strict: c.o.Strict})
	return reports.ExitCode(&c.run, c.o.Strict), err
}

// settle gives every case without a result the reason why it has none.
func (c *certification) settle(ctx context.Context, jobs []job, errs []error) {
	if ctx.Err() != nil {
		c.run.Interrupt()
	}
	byID := map[string]reports.Planned{}
	for _, p := range c.plan {
		byID[p.ID] = p
	}
	for i, err := range errs {
		if err == nil {
			continue
		}
		owed := make([]reports.Planned, 0, len(jobs[i].Owes))
		for _, id := range jobs[i].Owes {
			owed = append(owed, byID[id])
		}
		reason := err.Error()
		if ctx.Err() != nil {
			reason = "the run was interrupted before this case"
		}
		c.run.Owe(owed, reason)
	}
}

// jobs deals the templates out to the children, whole templates each.
func (c *certification) jobs() []job {
	owes := map[string][]string{}
	var exemplars []string
	for _, p := range c.plan {
		owes[p.Template] = append(owes[p.Template], p.ID)
		if p.Exemplar {
			exemplars = append(exemplars, p.ID)
		}
	}
	n := min(c.o.Jobs, len(c.sources))
	jobs := make([]job, n)
	for i := range jobs {
		jobs[i] = job{Certify: c.world, Exemplars: exemplars, Out: c.o.Out, CaseSeconds: caseCeiling.Seconds()}
	}
	for i, s := range c.sources {
		if len(owes[s.Key]) == 0 {
			continue
		}
		j := &jobs[i%n]
		j.Sources = append(j.Sources, s)
		j.Owes = append(j.Owes, owes[s.Key]...)
	}
	return slices.DeleteFunc(jobs, func(j job) bool { return len(j.Owes) == 0 })
}

func (c *certification) child() command {
	if c.o.Child != nil {
		return c.o.Child
	}
	return func(ctx context.Context) *exec.Cmd {
		exe, err := os.Executable()
		if err != nil {
			exe = os.Args[0]
		}
		return exec.CommandContext(ctx, exe, ChildCommand)
	}
}

// rerun is one command that runs this case, and what it needs, again.
func (c *certification) rerun(r reports.Result) string {
	args := []string{"dcconform", "certify"}
	if c.o.Seed != 1 {
		args = append(args, "--seed", strconv.FormatUint(c.o.Seed, 10))
	}
	if c.world.Edition != register.IETF05 {
		args = append(args, "--edition", string(c.world.Edition))
	}
	if c.o.Consent != certify.ConsentBrowser {
		args = append(args, "--consent", c.o.Consent)
	}
	for _, flag := range [][2]string{{"--values", c.o.Values}, {"--key", c.o.Key}} {
		if flag[1] != "" {
			args = append(args, flag[0], flag[1])
		}
	}
	args = append(args, "--case", r.ID)
	if len(c.o.Paths) > 0 {
		for _, t := range c.run.Templates {
			if t.Key == r.Template {
				args = append(args, t.File)
			}
		}
	}
	return shellLine(args)
}

// next says what to do now.
func (c *certification) next() []string {
	if c.world.NoBrowser != "" {
		return []string{"Install a browser (dcconform browser --install), or run with --consent form."}
	}
	return nil
}
