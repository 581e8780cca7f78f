package main

import (
	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/suites/catalogue"
)

func newExplainCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "explain ID",
		Short: "Explain a requirement, a case, a fault or a rule",
		Long: `explain says everything about one name that reports and lists show: what it
asks, where it stands in which edition and how firmly, what goes over the wire,
which control twin keeps a target that refuses everything from passing, what the
specifications leave open, what to mend, and which cases and faults belong to
it.

ID is a requirement (DC-SIG-RAW-QUERY), a case as lists or reports write it
(signature-missing, signature/signature-missing), a fault of the mock, a static
rule (TMPL-TTL) or a code of the official linter (DCTL1029). A part of it will
do when nothing else has that part.

Exit codes: 0 explained, 2 usage, or nothing of that name.`,
		Example: `  dcconform explain DC-SIG-RAW-QUERY
  dcconform explain DCTL1029
  dcconform explain --format markdown open-redirector`,
		ValidArgsFunction: lister(everyID).once,
		Args:              wants(1, 1, "an ID: of a requirement, a case, a fault or a rule"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := catalogue.CheckFormat(format); err != nil {
				return err
			}
			all, err := catalogue.Load()
			if err != nil {
				return err
			}
			found, err := all.Explain(args[0])
			if err != nil {
				return err
			}
			return all.WriteExplanations(c.OutOrStdout(), found, format)
		},
	}
	addFormatFlag(c, &format)
	return c
}
