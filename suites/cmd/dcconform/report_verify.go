package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/reports/bundle"
	"github.com/dcconform/dcconform/suites/certify"
)

func newReportVerifyCommand() *cobra.Command {
	var key string
	var o bundle.Options
	c := &cobra.Command{
		Use:   "verify [flags] DIR [TEMPLATE...]",
		Short: "Say whether a report and its templates are as the run left them",
		Long: `verify holds the bundle that a finished run of the whole plan leaves in its
folder (bundle.json) against every file there, and the templates that it names
against the files or folders that are given; each template of the report has to
be among them. One changed byte is found and its file named.

A bundle without a signature, or with one by a key that nobody but the bundle
names, is self-asserted: it shows that nothing was changed, not that it is true.
With --key it has to be signed by that key.

Exit codes: 0 nothing has changed, 1 something has, 2 there is nothing to check.`,
		Example: `  dcconform report verify conformance-report my.template.json
  dcconform report verify --key reviewer.pub.pem conformance-report templates`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("report verify takes the --out folder of a run, and the templates that it was about; none given")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if key != "" {
				data, err := os.ReadFile(key)
				if err != nil {
					return fmt.Errorf("--key: %w", err)
				}
				if o.Key, err = bundle.ReadPublicKey(data); err != nil {
					return fmt.Errorf("--key: %s: %w", key, err)
				}
				o.KeyName = key
			}
			return verifyBundle(c, args[0], args[1:], o)
		},
	}
	f := c.Flags()
	f.StringVar(&key, "key", "", "`file` with the public key (PEM) whose signature is wanted")
	f.BoolVar(&o.Reformatted, "reformatted", false, "accept a template that was only formatted anew: its canonical JSON has not changed")
	return c
}

func verifyBundle(c *cobra.Command, dir string, paths []string, o bundle.Options) error {
	var given []bundle.Given
	if len(paths) > 0 {
		sources, err := certify.Read(paths, c.InOrStdin())
		if err != nil {
			return err
		}
		for _, s := range sources {
			given = append(given, bundle.Given{Name: s.File, Data: s.Data})
		}
	}
	checked, err := bundle.Verify(dir, given, o)
	if err != nil {
		return err
	}
	tellChecked(c.OutOrStdout(), dir, checked, len(given))
	if len(checked.Problems) > 0 {
		return exitError(reports.ExitNonConformant)
	}
	return nil
}

func tellChecked(w io.Writer, dir string, c *bundle.Checked, templates int) {
	m := c.Manifest
	if n := len(c.Problems); n > 0 {
		fmt.Fprintf(w, "NOT VERIFIED  %s is not shown to be as the run left it:\n", dir)
		for _, p := range c.Problems {
			fmt.Fprintf(w, "  %s\n", reports.Line(p))
		}
		return
	}
	fmt.Fprintf(w, "UNCHANGED  %s is as the run left it (files: %d, templates: %d).\n", dir, len(m.Files), templates)
	profile := ""
	if m.Profile != "" {
		profile = ", profile " + m.Profile
	}
	fmt.Fprintf(w, "Verdict  %s, edition %s%s, %s %s\nFaults   %s\n%s\n", m.Verdict, reports.Line(m.Edition), reports.Line(profile), m.Tool, reports.Line(m.ToolVersion), m.Selftest, c.Asserted)
}
