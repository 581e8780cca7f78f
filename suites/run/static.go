package run

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/certify"
	rules "github.com/dcconform/dcconform/suites/template"
)

// StaticOptions are the flags of certify --static.
type StaticOptions struct {
	// Paths are template files, folders, or "-"; empty is the embedded ones.
	Paths []string
	// Against is an earlier state of the templates, a file or a folder; empty
	// compares with nothing.
	Against string
	// Format is one of rules.Formats; empty is text.
	Format string
	// Edition is ietf-05 or dcspec-2.3; empty is ietf-05.
	Edition string
	// Profile adds the rules of one provider; empty is none.
	Profile string
	// Strict makes warnings count for the exit code.
	Strict bool

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Static judges templates by reading them, prints the findings, and returns
// the exit code of DESIGN section 7: it starts nothing, dials nothing and
// writes no report. An error has been turned into the code already; it is for
// printing.
func Static(o StaticOptions) (int, error) {
	code, err := static(o)
	if err == nil {
		return code, nil
	}
	var nothing nothingError
	exit := reports.Exit{Nothing: errors.As(err, &nothing)}
	exit.Usage = !exit.Nothing
	return exit.Code(), err
}

func static(o StaticOptions) (int, error) {
	if o.Format == "" {
		o.Format = "text"
	}
	judge, err := o.judge()
	if err != nil {
		return 0, err
	}
	sources, err := o.sources()
	if err != nil {
		return 0, err
	}
	findings := rules.CheckAll(sources, judge)
	if o.Against != "" {
		changes, err := o.compare(sources, judge)
		if err != nil {
			return 0, err
		}
		findings = merge(sources, findings, changes)
	}
	if err := rules.Write(o.Stdout, o.Format, len(sources), findings, judge); err != nil {
		return 0, err
	}
	sum := rules.Summarize(len(sources), findings)
	return reports.Exit{Failed: sum.Errors > 0, Warned: o.Strict && sum.Warnings > 0}.Code(), nil
}

// judge checks the words of the options.
func (o StaticOptions) judge() (rules.Options, error) {
	edition, err := dc.ParseEdition(o.Edition)
	if err != nil {
		return rules.Options{}, fmt.Errorf("--edition: %w", err)
	}
	if !slices.Contains(rules.Formats(), o.Format) {
		return rules.Options{}, fmt.Errorf("--format: unknown format %q: the formats are %s", o.Format, strings.Join(rules.Formats(), ", "))
	}
	if o.Profile != "" && !slices.Contains(rules.Profiles(), o.Profile) {
		return rules.Options{}, fmt.Errorf("--profile: no static rules for %q: the profiles are %s", o.Profile, strings.Join(rules.Profiles(), ", "))
	}
	return rules.Options{Edition: edition, Profile: o.Profile}, nil
}

func (o StaticOptions) sources() ([]rules.Source, error) {
	if len(o.Paths) == 0 {
		embedded, err := fixtures.Templates()
		if err != nil {
			return nil, err
		}
		sources := make([]rules.Source, len(embedded))
		for i, f := range embedded {
			sources[i] = rules.Source{File: f.Name, Data: f.Data}
		}
		return sources, nil
	}
	read, err := certify.Read(o.Paths, o.Stdin)
	if errors.Is(err, certify.ErrNoTemplates) {
		return nil, nothingError{err}
	} else if err != nil {
		return nil, err
	}
	sources := make([]rules.Source, len(read))
	for i, s := range read {
		sources[i] = rules.Source{File: s.File, Data: s.Data}
	}
	return sources, nil
}

// compare holds every template against its earlier state, found by its ids.
// What has no earlier state is new, and said so.
func (o StaticOptions) compare(sources []rules.Source, judge rules.Options) ([]rules.Finding, error) {
	earlier, err := o.earlier()
	if err != nil {
		return nil, err
	}
	var findings []rules.Finding
	var fresh []string
	for _, s := range sources {
		t, err := dc.Parse(s.File, s.Data)
		if err != nil {
			continue // the findings say why
		}
		before := earlier[t.ID()]
		if before == nil && len(earlier) == 1 && len(sources) == 1 {
			for _, before = range earlier { // a file against a file: the ids may have changed
			}
		}
		if before == nil {
			fresh = append(fresh, s.File)
			continue
		}
		findings = append(findings, rules.CheckChange(before, t, judge)...)
	}
	if len(fresh) > 0 {
		fmt.Fprintf(o.Stderr, "%d of %d templates are not in %s and so are new: %s\n", len(fresh), len(sources), o.Against, few(fresh))
	}
	return findings, nil
}

// earlier reads the templates that --against names.
func (o StaticOptions) earlier() (map[dc.TemplateID]*dc.Template, error) {
	if o.Against == "-" {
		return nil, errors.New("--against: name a file or a folder; standard input is for the template")
	}
	sources, err := certify.Read([]string{o.Against}, nil)
	if err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	earlier := map[dc.TemplateID]*dc.Template{}
	for _, s := range sources {
		t, err := dc.Parse(s.File, s.Data)
		switch {
		case err == nil:
			earlier[t.ID()] = t
		case len(sources) == 1:
			return nil, fmt.Errorf("--against: %w", err)
		default:
			fmt.Fprintf(o.Stderr, "--against: %s is no template and so is not compared with\n", s.File)
		}
	}
	if len(earlier) == 0 {
		return nil, fmt.Errorf("--against: %s holds no template", o.Against)
	}
	return earlier, nil
}

// few shortens a list of files for one line.
func few(files []string) string {
	const most = 5
	names := make([]string, 0, most)
	for i, f := range files {
		if i == most {
			return strings.Join(names, ", ") + ", …"
		}
		names = append(names, filepath.Base(f))
	}
	return strings.Join(names, ", ")
}

// merge puts more findings behind those of the same file.
func merge(sources []rules.Source, findings, more []rules.Finding) []rules.Finding {
	order := map[string]int{}
	for i, s := range sources {
		if _, seen := order[s.File]; !seen {
			order[s.File] = i
		}
	}
	all := append(findings, more...)
	slices.SortStableFunc(all, func(a, b rules.Finding) int { return order[a.File] - order[b.File] })
	return all
}
