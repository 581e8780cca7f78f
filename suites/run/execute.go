package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/register"
)

// execute runs the plan and leaves the report. An error means that nothing was
// run.
func (c *certification) execute(ctx context.Context) (int, error) {
	temp, err := os.MkdirTemp("", "dcconform-run-")
	if err != nil {
		return 0, fmt.Errorf("a temporary folder cannot be made: %w", err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	c.run.Begin(c.plan, c.o.Now())
	dir, err := c.open()
	if err != nil {
		return 0, usageError{err}
	}
	writeErr := c.collect(ctx, dir, temp)
	c.run.Next = c.next()
	c.run.Finish(c.o.Now())
	if err := errors.Join(writeErr, dir.Finish(&c.run)); err != nil {
		fmt.Fprintf(c.o.Stderr, "dcconform certify: %v\n", err)
		return reports.Exit{Unsure: true, Failed: c.run.Verdict == reports.NonConformant}.Code(), nil
	}
	err = reports.WriteSummary(c.o.Stdout, &c.run, reports.SummaryOptions{
		Report: dir.Path(), Color: !c.o.NoColor && isTerminal(c.o.Stdout), Strict: c.o.Strict})
	return reports.ExitCode(&c.run, c.o.Strict), err
}

func (c *certification) open() (folder, error) {
	if c.o.create != nil {
		return c.o.create(c.o.Out, &c.run, c.redactor)
	}
	return reports.Create(c.o.Out, &c.run, c.redactor)
}

// collect runs the children and takes their results. A report that cannot be
// written ends the run, since going on would only lose more.
func (c *certification) collect(ctx context.Context, dir folder, temp string) error {
	progress := reports.NewProgress(c.o.Stderr, reports.ProgressOptions{Label: "certify"})
	progress.Start(len(c.plan))
	defer progress.Stop()
	runCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var writeErr error
	p := &pool{start: c.child(temp), finished: func(r reports.Result) {
		r.Rerun = c.rerun(r)
		r = c.redactor.Result(r)
		c.run.Results = append(c.run.Results, r)
		progress.Case(r)
		if err := dir.Append(r); err != nil && writeErr == nil {
			writeErr = err
			cancel()
		}
	}}
	jobs := c.jobs()
	errs := p.run(runCtx, jobs)
	progress.Stop()
	if runCtx.Err() == nil {
		c.lament(errs)
	}
	c.settle(ctx, jobs, errs)
	return writeErr
}

// lament says at once which children were lost; how many cases went with them
// is in the summary.
func (c *certification) lament(errs []error) {
	for _, err := range errs {
		if err != nil {
			first, _, _ := strings.Cut(err.Error(), "\n")
			fmt.Fprintf(c.o.Stderr, "dcconform certify: %s\n", first)
		}
	}
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
		if ctx.Err() != nil {
			c.leave(owed)
			continue
		}
		c.run.Owe(owed, err.Error())
	}
}

// leave marks what an interrupt left undone: nobody's error, and not judged.
func (c *certification) leave(owed []reports.Planned) {
	from := len(c.run.Results)
	c.run.Owe(owed, "the run was interrupted before this case")
	for i := range c.run.Results[from:] {
		c.run.Results[from+i].Outcome = reports.Inconclusive
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

// child starts this program again, with a temporary folder of its own: what a
// child that was killed leaves there, such as a browser's profile, goes with
// the run.
func (c *certification) child(temp string) command {
	start := c.o.Child
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

// rerun is one command that runs this case, and what it needs, again. What the
// case's id and the command line's other words depend on is part of it.
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
	keyHost := c.o.KeyHost
	if keyHost == keys.Label {
		keyHost = ""
	}
	for _, flag := range [][2]string{{"--browser", c.o.Browser}, {"--values", c.o.Values}, {"--key", c.o.Key}, {"--key-host", keyHost}} {
		if flag[1] != "" {
			args = append(args, flag[0], flag[1])
		}
	}
	args = append(args, "--case", r.ID)
	paths := c.rerunPaths(r.Template)
	if slices.ContainsFunc(paths, func(p string) bool { return p != "-" && strings.HasPrefix(p, "-") }) {
		args = append(args, "--")
	}
	return shellLine(append(args, paths...))
}

// rerunPaths is the file of a template, where that is enough: values are
// refused when a template that they name is not there, and a template with the
// ids of an earlier file is told from it by standing after it.
func (c *certification) rerunPaths(key string) []string {
	if len(c.o.Paths) == 0 || c.o.Values != "" {
		return c.o.Paths
	}
	i := slices.IndexFunc(c.run.Templates, func(t reports.Template) bool { return t.Key == key })
	if i < 0 {
		return c.o.Paths
	}
	var paths []string
	for n, t := range c.run.Templates {
		same := t.ProviderID == c.run.Templates[i].ProviderID && t.ServiceID == c.run.Templates[i].ServiceID
		if n == i || n < i && t.ProviderID != "" && same {
			paths = append(paths, t.File)
		}
	}
	return paths
}

// next says what to do now.
func (c *certification) next() []string {
	if c.run.State == reports.StateInterrupted {
		return []string{"Run it again: it was interrupted."}
	}
	if c.world.NoBrowser != "" {
		return []string{"Install a browser (dcconform browser --install), or run with --consent form."}
	}
	return nil
}
