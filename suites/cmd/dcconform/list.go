package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/catalogue"
)

func newListCommand() *cobra.Command {
	var filter catalogue.Filter
	var format string
	c := &cobra.Command{
		Use:   "list requirements|cases|faults|rules [flags] [TEXT...]",
		Short: "List requirements, cases, faults and rules",
		Long: `list shows what there is: the requirements of the specifications, the cases
that judge them, the faults of the mock provider that prove the cases, and the
static rules for templates.

TEXT has to stand in the id or the text of what is listed. The flags are about
requirements; of cases, faults and rules those are listed that name such a one.

dcconform explain ID says everything about one of them.

Exit codes: 0, 2 usage, 5 nothing fits.`,
		Example: `  dcconform list requirements --area signature --level MUST --edition ietf-05
  dcconform list requirements --untested --check provider-blackbox
  dcconform list cases redirect
  dcconform list faults --format json`,
		Args:      wants(1, -1, "what to list: "+strings.Join(catalogue.Kinds(), ", ")),
		ValidArgs: catalogue.Kinds(),
		RunE: func(c *cobra.Command, args []string) error {
			if err := catalogue.CheckFormat(format); err != nil {
				return err
			}
			all, err := catalogue.Load()
			if err != nil {
				return err
			}
			filter.Text = args[1:]
			list, err := all.Select(args[0], filter)
			if err != nil {
				return err
			}
			if list.Len() == 0 {
				_, _ = fmt.Fprintf(c.ErrOrStderr(), "dcconform list: none of %d %s fits\n", list.Of, list.Kind)
				return exitError(reports.ExitNothing)
			}
			return all.WriteList(c.OutOrStdout(), list, format)
		},
	}
	f := c.Flags()
	f.StringVar(&filter.Area, "area", "", "chapter of the requirement: signature, redirect, consent and so on")
	f.StringVar(&filter.Role, "role", "", "who is asked: dns-provider, service-provider or template")
	f.StringVar(&filter.Level, "level", "", "MUST, SHOULD or MAY")
	f.StringVar(&filter.Edition, "edition", "", "ietf-05, dcspec-2.3 or async-00")
	f.StringVar(&filter.Check, "check", "", "how it is checked: provider-blackbox, template-static, client-observed or untestable")
	f.BoolVar(&filter.Untested, "untested", false, "requirements that nothing judges, cases without a fault, faults without a case")
	addFormatFlag(c, &format)
	return c
}

func addFormatFlag(c *cobra.Command, format *string) {
	c.Flags().StringVar(format, "format", "text", "one of "+strings.Join(catalogue.Formats(), ", "))
}
