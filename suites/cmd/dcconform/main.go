// Command dcconform is a conformance test harness for the Domain Connect
// protocol with a mock DNS provider inside.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/run"
)

// version is set by the linker; a plain go build takes the module's.
var version = ""

// score is what selftest has said of this source, killed/faults, and is set by
// the linker for a release; a plain go build does not know it.
var score = ""

func main() {
	os.Exit(mainExit())
}

func mainExit() int {
	// The second signal ends the process at once: whoever presses Ctrl-C twice
	// means it.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(ctx, os.Args[1:])
}

// exitError carries an exit code through cobra. Its message, if any, has been
// printed already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// exitUsage is a usage or configuration error.
const exitUsage = 2

func execute(ctx context.Context, args []string) int {
	root := newRootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(root.ErrOrStderr(), "dcconform: %v\n", err)
	return exitUsage
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "dcconform",
		Short: "Conformance tests for the Domain Connect protocol",
		Long: `dcconform takes Domain Connect templates through discovery, signature, consent
and record verification at a mock DNS provider, and says whether they work.

Start with:  dcconform demo
then:        dcconform certify my.template.json

Exit codes, of all commands: 0 conformant, or done; 1 not conformant; 2 usage or
configuration; 3 inconclusive, partial, or an error of the harness; 4 a baseline
entry no longer fits; 5 nothing selected.`,
		Example: `  dcconform demo
  dcconform certify my.template.json
  dcconform provider --init target.yaml
  dcconform serve`,
		Version:       toolVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          subcommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true // completion is a command of its own
	root.AddCommand(
		newCertifyCommand(),
		newProviderCommand(),
		newServeCommand(),
		newDemoCommand(),
		newListCommand(),
		newExplainCommand(),
		newPlanCommand(),
		newBrowserCommand(),
		newSelftestCommand(),
		newReportCommand(),
		newProbeCommand(),
		newDoctorCommand(),
		newKeyCommand(),
		newCompletionCommand(),
		newChildCommand(),
	)
	if err := addCompletion(root); err != nil {
		// A flag that has two lists of values; a test sees it.
		root.Long += "\n\n" + err.Error()
	}
	root.SetFlagErrorFunc(flagError)
	return root
}

func toolVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// selftestScore is the score that was linked in, or nil.
func selftestScore() *reports.Score {
	killed, faults, _ := strings.Cut(score, "/")
	k, errK := strconv.Atoi(killed)
	n, errN := strconv.Atoi(faults)
	if errK != nil || errN != nil || k < 0 || n < 1 || k > n {
		return nil
	}
	return &reports.Score{Killed: k, Faults: n}
}

// newChildCommand is what a run starts its child processes with.
func newChildCommand() *cobra.Command {
	return &cobra.Command{
		Use: run.ChildCommand, Hidden: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if code := run.Child(os.Stdin, os.Stdout); code != 0 {
				return exitError(code)
			}
			return nil
		},
	}
}
