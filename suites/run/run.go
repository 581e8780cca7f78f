// Package run plans a run, executes it in child processes with Ginkgo, and
// turns what comes back into a report. It is the only place that knows both
// Ginkgo and reports.
//
// A run is a plan (scenarios, and the cases that they owe), jobs dealt out to
// child processes, results streamed back, and a report folder. What tells one
// kind of run from another stands in one file each: certify.go, provider.go,
// selftest.go.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/reports/bundle"
	"github.com/dcconform/dcconform/suites/browser"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
)

// ChildCommand is the hidden command that a run starts its children with.
const ChildCommand = "run-child"

// caseCeiling bounds one case at the mock. It is a limit, not a wait: a flow
// there takes milliseconds, in a browser a second.
const caseCeiling = time.Minute

// Who approves.
const (
	consentBrowser = "browser"
	consentForm    = "form"
)

// installBrowser begins what is proposed where no browser was found.
const installBrowser = "Install a browser"

// Flags are what the runs that leave a report have in common.
type Flags struct {
	// Out is the folder of the report.
	Out string
	// Consent is browser or form; empty is browser.
	Consent string
	// Browser is the path of a browser; empty searches.
	Browser string
	// Cases are patterns that select cases; empty is all.
	Cases []string
	// Shard is which part of the plan is run, 2/3; empty is all of it.
	Shard string
	// Seed makes everything that is invented.
	Seed uint64
	// Jobs is the number of child processes at a time; 0 is one per processor.
	Jobs int
	// Strict makes warnings count for the exit code.
	Strict bool
	// Baseline is about known failures.
	Baseline BaselineFlags
	// Sign is the file of a private key that signs the bundle; empty signs
	// nothing.
	Sign string
	// Selftest is the score of this build in the fault matrix; nil is unknown.
	Selftest *reports.Score
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

	// signer is the key in Sign.
	signer *bundle.Key

	// create makes the report's folder; tests replace it with one that breaks.
	create func(string, *reports.Run, *reports.Redactor) (folder, error)
}

// defaults fills in what was left out and refuses what cannot be meant.
func (f *Flags) defaults() error {
	if f.Now == nil {
		f.Now = time.Now
	}
	if f.Consent == "" {
		f.Consent = consentBrowser
	}
	if f.Consent != consentBrowser && f.Consent != consentForm {
		return fmt.Errorf("--consent %s: there are browser and form", f.Consent)
	}
	if _, err := parseShard(f.Shard); err != nil {
		return err
	}
	var err error
	if f.signer, err = readSigner(f.Sign); err != nil {
		return err
	}
	switch {
	case f.Sign != "" && len(f.Cases) > 0:
		return errors.New("--sign with --case: only a run of the whole plan can be signed")
	case f.Sign != "" && f.Shard != "":
		return errors.New("--sign with --shard: only a run of the whole plan can be signed; report merge signs the joined one")
	}
	f.Jobs, err = jobsFlag(f.Jobs)
	return err
}

func jobsFlag(n int) (int, error) {
	switch {
	case n < 0:
		return 0, fmt.Errorf("--jobs %d: a number from 1, or 0 for one per processor", n)
	case n == 0:
		return runtime.NumCPU(), nil
	}
	return n, nil
}

// findBrowser leaves a missing browser to the cases that need one: they are
// inconclusive and say how to install it, which is what missing holds. A path
// that the user gave and that is not there is a mistake on the command line.
func (f *Flags) findBrowser() (path, missing string, err error) {
	if f.Consent != consentBrowser {
		return "", "", nil
	}
	find := f.FindBrowser
	if find == nil {
		find = func(explicit string) (string, error) {
			p, err := browser.Find(explicit)
			return string(p), err
		}
	}
	found, err := find(f.Browser)
	switch {
	case err != nil && f.Browser != "":
		return "", "", err
	case err != nil:
		return "", err.Error(), nil
	}
	return found, "", nil
}

// kind is what tells one kind of run from another.
type kind interface {
	// word is the name of the command, for messages.
	word() string
	// edition is what the cases are judged by.
	edition() register.Edition
	// scenarios plans; they have no world and are not run.
	scenarios() ([]*check.Scenario, error)
	// header fills in what the report says of the run as a whole.
	header(*reports.Run)
	// deal cuts the plan into jobs for at most n children at a time.
	deal(plan []reports.Planned, n int) ([]job, error)
	// rerun is one command that runs this case, and what it needs, again.
	rerun(*reports.Run, reports.Result) string
	// next says what to do now; nil leaves it to the results.
	next(*reports.Run) []string
}

// folder is what a run needs of a reports.Dir.
type folder interface {
	Path() string
	Append(reports.Result) error
	Finish(*reports.Run) error
}

// usageError is what exit code 2 is for.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// nothingError is what exit code 5 is for.
type nothingError struct{ error }

func (e nothingError) Unwrap() error { return e.error }

// exitOf is the exit code of an error that kept a run from happening.
func exitOf(err error) int {
	var usage usageError
	var nothing nothingError
	return reports.Exit{Usage: errors.As(err, &usage), Nothing: errors.As(err, &nothing), Unsure: true}.Code()
}

// start plans and executes a run of a kind that has been prepared.
func start(ctx context.Context, k kind, f Flags, redactor *reports.Redactor) (int, error) {
	c := &conduct{kind: k, flags: f, redactor: redactor}
	if err := c.makePlan(); err != nil {
		return exitOf(err), err
	}
	code, err := c.execute(ctx)
	if err != nil {
		return exitOf(err), err
	}
	return code, nil
}
