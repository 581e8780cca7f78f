package main

import (
	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/suites/run"
)

// addBaselineFlags gives a run the flags about known failures.
func addBaselineFlags(c *cobra.Command, b *run.BaselineFlags) {
	f := c.Flags()
	f.StringVar(&b.Read, "baseline", "", "`file` of known failures (YAML): while exactly these fail the exit code is 0; an entry that no longer fits makes it 4")
	f.StringVar(&b.Write, "write-baseline", "", "write what fails as known failures to this `file`; - is standard output")
	f.StringVar(&b.Owner, "baseline-owner", "", "with --write-baseline: `name` of who mends the failures")
	f.StringVar(&b.Link, "baseline-link", "", "with --write-baseline: `URL` where they are discussed")
	f.StringVar(&b.Expires, "baseline-expires", "", "with --write-baseline: last `day` of the entries, at most a year away (default 90 days from today)")
}
