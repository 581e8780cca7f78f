// Package run plans a run, executes it in child processes with Ginkgo, and
// turns what comes back into a report. It is the only place that knows both
// Ginkgo and reports.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/browser"
	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/register"
)

// ChildCommand is the hidden command that a run starts its children with.
const ChildCommand = "run-child"

// caseCeiling bounds one case. It is a limit, not a wait: a flow at the mock
// takes milliseconds, in a browser a second.
const caseCeiling = time.Minute

// CertifyOptions are the flags of certify.
type CertifyOptions struct {
	// Paths are template files, folders, or "-"; empty is the embedded ones.
	Paths []string
	// Out is the folder of the report.
	Out string
	// Edition is ietf-05 or dcspec-2.3; empty is ietf-05.
	Edition string
	// Consent is browser or form; empty is browser.
	Consent string
	// Browser is the path of a browser; empty searches.
	Browser string
	// Cases are patterns that select cases; empty is all.
	Cases []string
	// Seed makes everything that is invented.
	Seed uint64
	// Jobs is the number of child processes; 0 is one per processor.
	Jobs int
	// Strict makes warnings count for the exit code.
	Strict bool
	// Values and Key are files; empty is none.
	Values, Key string
	// KeyHost is the label of the published key.
	KeyHost string
	// NoColor keeps colours out of the summary.
	NoColor bool

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	ToolVersion    string
	// Command is the command line, for the report.
	Command []string
	// Child starts a child process; nil starts this program again.
	Child command
	// FindBrowser searches for a browser; nil is browser.Find.
	FindBrowser func(explicit string) (string, error)
	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// create makes the report's folder; tests replace it with one that breaks.
	create func(string, *reports.Run, *reports.Redactor) (folder, error)
}

// folder is what a run needs of a reports.Dir.
type folder interface {
	Path() string
	Append(reports.Result) error
	Finish(*reports.Run) error
}

// usageError is what exit code 2 is for.
type usageError struct{ error }

// errNothing is what exit code 5 is for.
type nothingError struct{ error }

// Certify runs the certification and returns the exit code of DESIGN section
// 7. An error has been turned into the code already; it is for printing.
func Certify(ctx context.Context, o CertifyOptions) (int, error) {
	c, err := prepare(o)
	if err == nil {
		var code int
		code, err = c.execute(ctx)
		if err == nil {
			return code, nil
		}
	}
	var usage usageError
	var nothing nothingError
	return reports.Exit{Usage: errors.As(err, &usage), Nothing: errors.As(err, &nothing), Unsure: true}.Code(), err
}

// certification is a prepared run.
type certification struct {
	o        CertifyOptions
	register *register.Register
	world    certify.Options
	sources  []certify.Source
	plan     []reports.Planned
	redactor *reports.Redactor
	run      reports.Run
}

// prepare reads and checks everything that the run depends on, so that what
// can be wrong on the command line is said before anything happens.
func prepare(o CertifyOptions) (*certification, error) {
	c := &certification{o: o}
	if c.o.Now == nil {
		c.o.Now = time.Now
	}
	if err := c.settings(); err != nil {
		return nil, usageError{err}
	}
	var err error
	if c.register, err = register.Load(); err != nil {
		return nil, err
	}
	if err := c.readSources(); err != nil {
		return nil, err
	}
	if err := c.readValues(); err != nil {
		return nil, usageError{err}
	}
	return c, c.makePlan()
}

func (c *certification) settings() error {
	edition, err := dc.ParseEdition(c.o.Edition)
	if err != nil {
		return err
	}
	if c.o.Consent == "" {
		c.o.Consent = certify.ConsentBrowser
	}
	if c.o.Consent != certify.ConsentBrowser && c.o.Consent != certify.ConsentForm {
		return fmt.Errorf("--consent %s: there are browser and form", c.o.Consent)
	}
	if c.o.Jobs < 0 {
		return fmt.Errorf("--jobs %d: a number from 1, or 0 for one per processor", c.o.Jobs)
	}
	if c.o.Jobs == 0 {
		c.o.Jobs = runtime.NumCPU()
	}
	c.world = certify.Options{Edition: register.Edition(edition.String()), Consent: c.o.Consent,
		Seed: c.o.Seed, KeyHost: c.o.KeyHost}
	c.redactor = &reports.Redactor{}
	if c.o.Key != "" {
		if c.world.KeyPEM, err = os.ReadFile(c.o.Key); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
		if err := c.redactor.Add(string(c.world.KeyPEM)); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
	}
	if err := c.world.CheckKey(c.o.Key); err != nil {
		return err
	}
	if err := c.redactor.Add(certify.Password(c.o.Seed)); err != nil {
		return err
	}
	if c.o.Consent == certify.ConsentBrowser {
		return c.findBrowser()
	}
	return nil
}

// findBrowser leaves a missing browser to the cases that need one: they are
// inconclusive and say how to install it. A path that the user gave and that
// is not there is a mistake on the command line.
func (c *certification) findBrowser() error {
	find := c.o.FindBrowser
	if find == nil {
		find = func(explicit string) (string, error) {
			p, err := browser.Find(explicit)
			return string(p), err
		}
	}
	found, err := find(c.o.Browser)
	if err != nil && c.o.Browser != "" {
		return fmt.Errorf("--browser: %w", err)
	}
	if err != nil {
		c.world.NoBrowser = err.Error()
		return nil
	}
	c.world.Browser = found
	return nil
}

func (c *certification) readSources() error {
	var err error
	if len(c.o.Paths) == 0 {
		embedded, err := fixtures.Templates()
		if err != nil {
			return err
		}
		for _, f := range embedded {
			c.sources = append(c.sources, certify.Source{File: f.Name, Data: f.Data})
		}
	} else if c.sources, err = certify.Read(c.o.Paths, c.o.Stdin); errors.Is(err, certify.ErrNoTemplates) {
		return nothingError{err}
	} else if err != nil {
		return usageError{err}
	}
	certify.Name(c.sources)
	return nil
}

func (c *certification) readValues() error {
	if c.o.Values == "" {
		return nil
	}
	data, err := os.ReadFile(c.o.Values)
	if err != nil {
		return fmt.Errorf("--values: %w", err)
	}
	c.world.ValuesFile, c.world.Values = c.o.Values, data
	if err := c.world.CheckValues(c.sources); err != nil {
		return fmt.Errorf("--values: %w", err)
	}
	return nil
}

// makePlan lists what the run owes, and what of it was asked for.
func (c *certification) makePlan() error {
	scenarios := certify.Scenarios(c.world, c.sources, nil)
	var all []reports.Planned
	for _, sc := range scenarios {
		if err := Validate(sc, c.register); err != nil {
			return err
		}
		all = append(all, sc.Planned(c.world.Edition, c.register)...)
	}
	scope := reports.ScopeFull
	c.plan = all
	if len(c.o.Cases) > 0 {
		ids, err := selectCases(scenarios, c.o.Cases)
		if err != nil {
			return err
		}
		c.plan = slices.DeleteFunc(slices.Clone(all), func(p reports.Planned) bool { return !ids[p.ID] })
		scope = reports.ScopeFiltered
	}
	if len(c.plan) == 0 {
		return nothingError{errors.New("nothing is selected: the plan is empty")}
	}
	reports.MarkExemplars(c.plan)
	c.run = reports.Run{ToolVersion: c.o.ToolVersion, Command: c.o.Command, Subject: reports.SubjectTemplate,
		Edition: string(c.world.Edition), Consent: c.o.Consent, Seed: c.o.Seed, Scope: scope,
		Templates: certify.Templates(c.sources)}
	return nil
}

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
