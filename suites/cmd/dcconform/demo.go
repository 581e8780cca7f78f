package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/suites/run"
)

func newDemoCommand() *cobra.Command {
	var o run.DemoOptions
	c := &cobra.Command{
		Use:   "demo [flags]",
		Short: "Show a green run and a red one, in a few seconds",
		Long: `demo certifies an embedded template at the mock DNS provider, judges the mock by
a handful of provider cases, switches a fault on, and judges it by the same
cases again: green, green, red. It says what it did, what the failing case found,
and how to go on. It needs no browser, and nothing leaves the machine.

Nothing of it is scripted: these are the runs of certify and of selftest, and a
demo that does not come out so says that this build is not to be trusted.

Exit codes: 0 all came out as it had to, 2 usage, 3 it did not.`,
		Example: `  dcconform demo
  dcconform demo --out demo-report
  dcconform demo --format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.Stdout, o.Stderr, o.ToolVersion = c.OutOrStdout(), c.ErrOrStderr(), toolVersion()
			code, err := run.ShowDemo(c.Context(), o)
			if err != nil {
				fmt.Fprintf(o.Stderr, "dcconform demo: %v\n", err)
			}
			if code != 0 {
				return exitError(code)
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.Format, "format", "text", "what is printed: text or json")
	c.Flags().StringVar(&o.Out, "out", "", "`folder` that takes the report of the template; without it none is left")
	return c
}
