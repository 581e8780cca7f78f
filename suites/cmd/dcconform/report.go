package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/reports/delta"
	"github.com/dcconform/dcconform/reports/github"
	"github.com/dcconform/dcconform/suites/run"
)

func newReportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Compare, join, check and rewrite reports of earlier runs",
		Long: `report works on what certify and provider leave in --out. It runs nothing and
dials nothing. A report is named by its folder or by its report.json.

Exit codes: those of its commands.`,
		Example: `  dcconform report diff yesterday/ today/
  dcconform report render --out pages today/report.json`,
		Args: subcommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newReportRenderCommand(), newReportDiffCommand(), newReportMergeCommand(), newReportVerifyCommand())
	return c
}

// openReport reads a report, and says what to name where there is none.
func openReport(path string) (*reports.Run, error) {
	r, err := reports.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return nil, fmt.Errorf("%s: the folder holds no %s; name the --out folder of a run, or its %s", path, reports.ReportFile, reports.ReportFile)
		}
		return nil, fmt.Errorf("%s: there is no such report; name the --out folder of a run, or its %s", path, reports.ReportFile)
	case err != nil:
		return nil, err
	}
	return r, nil
}

// reportFolder is where the evidence of a report is.
func reportFolder(path string) string {
	if strings.HasSuffix(path, ".json") {
		return filepath.Dir(path)
	}
	return path
}

func newReportRenderCommand() *cobra.Command {
	var out string
	var names []string
	c := &cobra.Command{
		Use:   "render [flags] DIR|report.json",
		Short: "Write every format of a report anew, from its report.json alone",
		Long: `render reads a report.json and writes the other formats of it: into the folder
that it stands in, or with --out into another one, together with the evidence.
Where the evidence is not at hand the formats name it without showing it.

The format github is for GitHub Actions and goes into no file of the folder: it
prints findings as annotations, and adds report.md to the summary of the step
when GITHUB_STEP_SUMMARY names its file, cut at the 1 MB that GitHub shows.

Exit codes: 0 written, 2 the report cannot be read or written.`,
		Example: `  dcconform report render conformance-report
  dcconform report render --out pages --format html --format markdown conformance-report/report.json`,
		Args: onePath("render", "a report: the --out folder of a run, or its "+reports.ReportFile),
		RunE: func(c *cobra.Command, args []string) error {
			formats, err := chooseFormats(names)
			if err != nil {
				return err
			}
			return render(c, args[0], out, formats, slices.Contains(names, gitHub))
		},
	}
	f := c.Flags()
	f.StringVar(&out, "out", "", "`folder` to write into; the report's own when not given")
	f.StringArrayVar(&names, "format", nil, "`format` to write: "+strings.Join(formatNames(), ", ")+"; repeatable, all files when not given")
	return c
}

// gitHub is the format that goes to GitHub Actions and into no file of ours.
const gitHub = "github"

func formatNames() []string {
	var names []string
	for _, w := range run.Formats() {
		names = append(names, w.Name)
	}
	return append(names, gitHub)
}

func chooseFormats(names []string) ([]reports.Writer, error) {
	all := run.Formats()
	if len(names) == 0 {
		return all, nil
	}
	for _, name := range names {
		if !slices.Contains(formatNames(), name) {
			return nil, fmt.Errorf("--format %s: the formats are %s", name, strings.Join(formatNames(), ", "))
		}
	}
	return slices.DeleteFunc(all, func(w reports.Writer) bool { return !slices.Contains(names, w.Name) }), nil
}

// tellGitHub writes annotations to standard output, and the summary of the step
// to the file that GitHub has named.
func tellGitHub(c *cobra.Command, r *reports.Run, summary string) error {
	if err := github.Annotate(c.OutOrStdout(), r); err != nil || summary == "" {
		return err
	}
	return github.Summarize(summary, r)
}

func render(c *cobra.Command, path, out string, formats []reports.Writer, actions bool) error {
	r, err := openReport(path)
	if err != nil {
		return err
	}
	if actions {
		if err := tellGitHub(c, r, os.Getenv("GITHUB_STEP_SUMMARY")); err != nil || len(formats) == 0 {
			return err
		}
	}
	from := reportFolder(path)
	if out == "" || samePlace(from, out) {
		// What is read is not written over.
		out = from
		formats = slices.DeleteFunc(formats, func(w reports.Writer) bool { return w.File == reports.ReportFile })
		if len(formats) == 0 {
			return fmt.Errorf("--format json: %s is what is read; name another folder with --out", filepath.Join(from, reports.ReportFile))
		}
	}
	files, err := reports.Render(r, from, out, formats)
	for _, file := range files {
		fmt.Fprintln(c.OutOrStdout(), file)
	}
	return err
}

func samePlace(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(x, y)
}

func newReportDiffCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "diff [flags] OLD NEW",
		Short: "Say what has changed from one report to another",
		Long: `diff compares two reports case by case: what fails now and did not, what is no
longer executed or no longer applies, what is mended, and what ends as before but
saw something else. A case that used to pass and comes to no verdict any more is
a regression like one that fails: nothing passes by absence. So is a template that
a profile took, and refuses or cannot tell or does not judge now. What a baseline
knows is listed and is no regression. Reports of different editions, profiles,
scopes or templates are compared, and that is said first.

Exit codes: 0 no regression, 1 regressions, or the verdict is no longer one to go
on with, 2 a report cannot be read or compared.`,
		Example: `  dcconform report diff yesterday/ today/
  dcconform report diff --format markdown main/report.json conformance-report`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("report diff takes two reports, the old one and the new one; %d given", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(delta.Formats(), format) {
				return fmt.Errorf("--format %s: the formats are %s", format, strings.Join(delta.Formats(), ", "))
			}
			old, err := openReport(args[0])
			if err != nil {
				return err
			}
			now, err := openReport(args[1])
			if err != nil {
				return err
			}
			d, err := delta.Compare(args[0], old, args[1], now)
			if err != nil {
				return fmt.Errorf("report diff: %w", err)
			}
			if err := d.Write(c.OutOrStdout(), format); err != nil {
				return err
			}
			if d.Regressed() {
				return exitError(reports.ExitNonConformant)
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	return c
}

// onePath wants exactly one argument.
func onePath(command, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("report %s takes %s; %d given", command, what, len(args))
		}
		return nil
	}
}
