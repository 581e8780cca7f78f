// Package run plans a run, executes it in child processes with Ginkgo, and
// turns what comes back into a report. It is the only place that knows both
// Ginkgo and reports.
package run

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/dcconform/dcconform/reports"
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
