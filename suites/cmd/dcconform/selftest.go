package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/suites/run"
)

func newSelftestCommand() *cobra.Command {
	var o run.SelftestOptions
	c := &cobra.Command{
		Use:   "selftest [flags]",
		Short: "Prove the provider cases by the faults of the mock",
		Long: `selftest runs the provider cases against the mock provider as it should be, and
then once with each of its faults. Without faults every case has to pass, by
each edition; each fault has to make a case fail that is about what it breaks,
and none that is about something else, unless that is justified in
suites/selftest/collateral.yaml. A case that no fault makes fail is unproven.
Then it judges targets that are none: one that refuses everything, one that
accepts everything, one that hangs, and so on. None may come out green.

With --fault or --case less is run, and nothing is said about the rest.

Exit codes: 0 proven, 1 a fault survives, a case is unproven or fails without
cause, a degenerate target is judged wrongly, 2 usage or configuration, 3 a child process was lost, 5 nothing
selected.`,
		Example: `  dcconform selftest
  dcconform selftest --fault 'redirect-*' --case 'redirect/*'
  dcconform selftest --format json --jobs 4`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.Stdout, o.Stderr, o.ToolVersion = c.OutOrStdout(), c.ErrOrStderr(), toolVersion()
			code, err := run.Selftest(c.Context(), o)
			if err != nil {
				fmt.Fprintf(o.Stderr, "dcconform selftest: %v\n", err)
			}
			if code != 0 {
				return exitError(code)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.Faults, "fault", nil, "only faults whose name matches this `pattern` (* and ?); repeatable")
	f.StringArrayVar(&o.Cases, "case", nil, "only cases whose id or key matches this `pattern` (* and ?); repeatable")
	f.StringArrayVar(&o.Editions, "edition", nil, "`edition` to judge by, ietf-05 or dcspec-2.3; repeatable, default both")
	f.StringVar(&o.Format, "format", "text", "what is printed: text or json")
	f.StringVar(&o.Out, "out", "", "`file` that takes the matrix as JSON as well")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the order of the cases")
	f.IntVar(&o.Jobs, "jobs", 0, "child processes at a time; 0 is one per processor")
	return c
}
