package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/suites/run"
)

func newReportMergeCommand() *cobra.Command {
	var o run.MergeOptions
	c := &cobra.Command{
		Use:   "merge --out DIR [flags] SHARD...",
		Short: "Join the reports of runs with --shard into one",
		Long: `merge joins the reports that certify or provider left with --shard 1/n to n/n,
and settles totals, baseline and verdict anew. Every shard knows the whole plan:
the cases of one that is missing or died are harness errors. Shards of different
templates, editions, seeds or versions are refused, and so are two reports that
say different things of one case.

Exit codes: those of the run itself, had it not been cut; 2 also when the shards
do not belong together.`,
		Example: `  dcconform certify --shard 1/2 --out one templates
  dcconform certify --shard 2/2 --out two templates
  dcconform report merge --out conformance-report one two`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("report merge takes the --out folders of the shards; none given")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.Dirs, o.Stdout, o.Stderr = args, c.OutOrStdout(), c.ErrOrStderr()
			o.Command = append([]string{"dcconform"}, os.Args[1:]...)
			o.NoColor = os.Getenv("NO_COLOR") != ""
			code, err := run.Merge(o)
			if err != nil {
				c.PrintErrf("dcconform report merge: %v\n", err)
			}
			if code != 0 {
				return exitError(code)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&o.Out, "out", "conformance-report", "`folder` for the joined report; an earlier report there is replaced")
	f.StringVar(&o.Baseline, "baseline", "", "`file` of known failures (YAML); the one that the shards were held against, if they were")
	f.StringVar(&o.Sign, "sign", "", "`file` with a private key (Ed25519 or RSA, PKCS #8 PEM) that signs the joined report")
	f.BoolVar(&o.Strict, "strict", false, "warnings make the exit code 1")
	return c
}
