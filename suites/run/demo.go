package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// DemoOptions are the flags of demo.
type DemoOptions struct {
	// Format of what is printed is text or json; empty is text.
	Format string
	// Out is the folder for the report of the first part; "" leaves none.
	Out string

	Stdout, Stderr io.Writer
	ToolVersion    string
	// Child starts a child process; nil starts this program again.
	Child command
	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// template, fault and cases are replaced by tests, for a harness that is
	// wrong in its green or blind in its red.
	template *fixtures.TemplateFile
	fault    string
	cases    []string
}

// What the demo shows.
const (
	demoTemplate = "birch.example.net.mailbox.json"
	demoFault    = "mismatch-only-logged"
	demoEdition  = register.IETF05
)

// demoCases are a handful that anybody understands: that the provider is found,
// that what is sound goes through, and that what was tampered with does not.
var demoCases = []string{
	"discovery-txt-form", "settings-sync-works", "signature-rs256", "signature-missing",
	"signature-tampered-variable", "signature-tampered-place",
}

// Demo is what a demo saw.
type Demo struct {
	Tool        string `json:"tool"`
	ToolVersion string `json:"toolVersion"`
	// AsExpected is set when every step came out as it had to.
	AsExpected bool `json:"asExpected"`
	// Problems say what did not.
	Problems []string   `json:"problems"`
	Steps    []DemoStep `json:"steps"`
	// Next are commands to go on with.
	Next    []DemoCommand `json:"next"`
	Seconds float64       `json:"seconds"`
}

// DemoStep is one run of the demo.
type DemoStep struct {
	// Name is certify, sound or broken.
	Name string `json:"name"`
	// What was judged, in a sentence or two.
	What string `json:"what"`
	// Fault is what the provider does wrong on purpose; "" is nothing.
	Fault    string          `json:"fault,omitempty"`
	Sentence string          `json:"sentence,omitempty"`
	Expected string          `json:"expected"`
	Verdict  reports.Verdict `json:"verdict"`
	Counts   reports.Counts  `json:"counts"`
	Seconds  float64         `json:"seconds"`
	// Report is the folder of the report, where one was left.
	Report string `json:"report,omitempty"`
	// Results are left out of the first step, which has a report.
	Results []reports.Result `json:"results,omitempty"`
}

// DemoCommand is a command and what it does.
type DemoCommand struct {
	Command string `json:"command"`
	Does    string `json:"does"`
}

// What each step has to end in.
const (
	demoGreen = "green"
	demoRed   = "red"
)

// ShowDemo certifies one embedded template, judges the mock provider by a
// handful of cases, and then the same provider with a fault by the same cases:
// green, green, red. It prints what it did and saw, and returns 0 when all
// came out so, else 3: a harness that cannot tell the two providers apart is
// no harness. An error has been turned into the code already; it is for
// printing.
func ShowDemo(ctx context.Context, o DemoOptions) (int, error) {
	d := &demo{o: o}
	if err := d.prepare(); err != nil {
		return exitOf(err), err
	}
	begun := d.o.Now()
	shown, err := d.show(ctx)
	if err != nil {
		return exitOf(err), err
	}
	shown.Seconds = seconds(d.o.Now().Sub(begun))
	if err := shown.write(d.o.Stdout, d.o.Format); err != nil {
		return exitOf(err), err
	}
	return reports.Exit{Unsure: !shown.AsExpected}.Code(), nil
}

// demo is a demo on its way.
type demo struct {
	o     DemoOptions
	fault selftest.Fault
	plan  []reports.Planned
}

func (d *demo) prepare() error {
	if d.o.Now == nil {
		d.o.Now = time.Now
	}
	if d.o.Format == "" {
		d.o.Format = "text"
	}
	if d.o.Format != "text" && d.o.Format != "json" {
		return usageError{fmt.Errorf("--format %s: there are text and json", d.o.Format)}
	}
	if d.o.fault == "" {
		d.o.fault = demoFault
	}
	if d.o.cases == nil {
		d.o.cases = demoCases
	}
	faults, err := selectFaults(selftest.Faults(), []string{d.o.fault})
	if err != nil {
		return err
	}
	d.fault = faults[0]
	return d.makePlan()
}

func (d *demo) makePlan() error {
	reg, err := register.Load()
	if err != nil {
		return err
	}
	scenarios := provider.Scenarios(demoEdition, reg, nil)
	all, err := planned(scenarios, demoEdition, reg)
	if err != nil {
		return err
	}
	wanted, err := selectCases(scenarios, d.o.cases)
	if err != nil {
		return err
	}
	d.plan = slices.DeleteFunc(all, func(p reports.Planned) bool { return !wanted[p.ID] })
	return nil
}

func (d *demo) show(ctx context.Context) (*Demo, error) {
	temp, err := os.MkdirTemp("", "dcconform-demo-")
	if err != nil {
		return nil, fmt.Errorf("a temporary folder cannot be made: %w", err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	first, err := d.certify(ctx, temp)
	if err != nil {
		return nil, err
	}
	sound, broken, err := d.judge(ctx, temp)
	if err != nil {
		return nil, err
	}
	shown := &Demo{Tool: reports.Tool, ToolVersion: d.o.ToolVersion, Steps: []DemoStep{*first, *sound, *broken}, Next: d.next(), Problems: []string{}}
	for _, s := range shown.Steps {
		if p := d.problem(s); p != "" {
			shown.Problems = append(shown.Problems, p)
		}
	}
	shown.AsExpected = len(shown.Problems) == 0
	return shown, nil
}

// certify takes the template through everything that certify does.
func (d *demo) certify(ctx context.Context, temp string) (*DemoStep, error) {
	file := d.o.template
	if file == nil {
		all, err := fixtures.Templates()
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(f fixtures.TemplateFile) bool { return f.Name == demoTemplate })
		if i < 0 {
			return nil, fmt.Errorf("the template %s is not among the embedded ones", demoTemplate)
		}
		file = &all[i]
	}
	path := filepath.Join(temp, file.Name)
	if err := os.WriteFile(path, file.Data, 0o600); err != nil {
		return nil, err
	}
	step := &DemoStep{Name: "certify", Expected: demoGreen, Report: d.o.Out,
		What: "A template, " + strings.TrimSuffix(file.Name, ".json") + ", at a mock DNS provider that does everything right: discovery over DNS, settings, a signed link, sign-in, consent, the redirect, every record read back, and six attacks."}
	out := d.o.Out
	if out == "" {
		out = filepath.Join(temp, "report")
	}
	code, err := Certify(ctx, CertifyOptions{Paths: []string{path}, Flags: Flags{
		Out: out, Consent: consentForm, Seed: 1, Stdout: io.Discard, Stderr: io.Discard,
		ToolVersion: d.o.ToolVersion, Command: []string{reports.Tool, "demo"}, Child: d.o.Child, Now: d.o.Now,
	}})
	if err != nil {
		return nil, fmt.Errorf("the template could not be certified (exit code %d): %w", code, err)
	}
	r, err := reports.Open(out)
	if err != nil {
		return nil, err
	}
	step.take(r)
	return step, nil
}

// judge has a child judge the mock without its fault and with it.
func (d *demo) judge(ctx context.Context, temp string) (sound, broken *DemoStep, err error) {
	sound = &DemoStep{Name: "sound", Expected: demoGreen, What: fmt.Sprintf("The mock itself, judged as a DNS provider by %d of the provider cases.", len(d.plan))}
	broken = &DemoStep{Name: "broken", Expected: demoRed, Fault: d.fault.Name, Sentence: d.fault.Sentence, What: "The same cases at the same provider, which now has a fault."}
	j, runs, err := d.columns()
	if err != nil {
		return nil, nil, err
	}
	var lost []error
	p := &pool{start: childOf(d.o.Child, temp), jobs: 1, finished: func(r reports.Result) {
		for prefix, run := range runs {
			if id, mine := strings.CutPrefix(r.ID, prefix); mine {
				r.ID = id
				run.Results = append(run.Results, r)
				return
			}
		}
	}, lost: func(l loss) { lost = append(lost, l.err) }}
	p.run(ctx, []job{j})
	if ctx.Err() != nil {
		return nil, nil, errors.New("the demo was interrupted")
	}
	if len(lost) > 0 {
		return nil, nil, fmt.Errorf("the child process that judges was lost: %w", errors.Join(lost...))
	}
	for i, step := range []*DemoStep{sound, broken} {
		r := runs[j.Shares[i].Prefix]
		r.Finish(d.o.Now())
		step.take(r)
		step.Results = r.Results
	}
	return sound, broken, nil
}

// columns is the job for the mock without the fault and with it, and a run by
// prefix for the results of each.
func (d *demo) columns() (job, map[string]*reports.Run, error) {
	j := job{Kind: kindSelftest, Edition: demoEdition, Seed: 1, CaseSeconds: selftestCeiling.Seconds()}
	runs := map[string]*reports.Run{}
	for _, c := range []selftest.Column{{Edition: demoEdition}, {Edition: demoEdition, Fault: d.fault.Name}} {
		world, err := json.Marshal(c)
		if err != nil {
			return j, nil, err
		}
		s := share{World: world, Edition: c.Edition, Prefix: prefixOf(c)}
		for _, p := range d.plan {
			s.Owes = append(s.Owes, p.ID)
		}
		j.Shares = append(j.Shares, s)
		r := &reports.Run{ToolVersion: d.o.ToolVersion, Subject: reports.SubjectProvider, Edition: string(demoEdition),
			Consent: consentForm, Seed: 1, Scope: reports.ScopeFiltered}
		r.Begin(d.plan, d.o.Now())
		runs[s.Prefix] = r
	}
	return j, runs, nil
}

// take enters what a run came to.
func (s *DemoStep) take(r *reports.Run) {
	s.Verdict, s.Counts = r.Verdict, r.Counts
	s.Seconds = seconds(r.Finished.Sub(r.Started))
}

// green reports whether a step ended well; nothing else is green.
func (s *DemoStep) green() bool {
	return s.Verdict == reports.Conformant && s.Counts[reports.Pass] > 0
}

// problem says what a step did not end in that it had to; "" is nothing. Red
// for another reason than the fault is not the red that was to be shown.
func (d *demo) problem(s DemoStep) string {
	switch {
	case s.Expected == demoGreen && !s.green():
		return fmt.Sprintf("step %s had to be green and is %s", s.Name, s.Verdict)
	case s.Expected == demoGreen:
		return ""
	case s.Verdict != reports.NonConformant:
		return fmt.Sprintf("step %s had to be red and is %s: these cases do not see the fault %s", s.Name, s.Verdict, s.Fault)
	case s.failure(d.fault.Requirements) == nil:
		return fmt.Sprintf("step %s is red, and not for what the fault %s breaks", s.Name, s.Fault)
	case s.Counts[reports.Pass] == 0:
		return fmt.Sprintf("step %s is red in every case: that is no judgement of one fault", s.Name)
	}
	return ""
}

// failure is the first failed case that is about one of the requirements; nil
// is any requirement.
func (s *DemoStep) failure(about []string) *reports.Result {
	for i, r := range s.Results {
		if r.Outcome == reports.Fail && r.Failure != nil && (about == nil || slices.Contains(about, r.Failure.Requirement)) {
			return &s.Results[i]
		}
	}
	return nil
}

// next are the commands that go on from here.
func (d *demo) next() []DemoCommand {
	return []DemoCommand{
		{"dcconform certify my.template.json", "the same for a template of yours, with a browser"},
		{"dcconform provider --init target.yaml", "the first step to judging a DNS provider of yours"},
		{"dcconform serve --fault " + d.fault.Name, "this broken provider, to try your own client at"},
		{"dcconform explain " + d.fault.Requirements[0], "what the failed case is about, in which section"},
		{"dcconform selftest --fault " + d.fault.Name, "all provider cases at this fault"},
	}
}

// seconds is a duration to the millisecond.
func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
