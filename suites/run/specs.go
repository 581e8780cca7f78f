package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	rules "github.com/dcconform/dcconform/suites/template"
)

// entryName is the report entry that carries a case's result through Ginkgo,
// so that parallel Ginkgo processes lose none.
const entryName = "dcconform-result"

// Specs registers scenarios with Ginkgo and hands each result on.
type Specs struct {
	// Edition and Register judge levels.
	Edition  register.Edition
	Register *register.Register
	// Keep puts a finished case's evidence away and its references into the
	// result; nil keeps none.
	Keep func(*reports.Result, []reports.Item) error
	// Exemplars are the cases whose evidence is kept in full on a pass, too.
	Exemplars map[string]bool
	// Started and Finished are told of each case; either may be nil.
	Started  func(id string)
	Finished func(reports.Result)
	// Timeout is the ceiling of one case; 0 is a minute.
	Timeout time.Duration
}

// items collects the evidence of one case.
type items []reports.Item

// Record implements check.Recorder.
func (l *items) Record(kind, title string, content []byte) {
	*l = append(*l, reports.Item{Kind: kind, Title: title, Content: content})
}

// Add registers one container per scenario to Ginkgo's tree. It refuses a
// check that names no requirement or an unknown one.
func (s *Specs) Add(scenarios []*check.Scenario) error {
	for _, sc := range scenarios {
		if err := Validate(sc, s.Register); err != nil {
			return err
		}
	}
	for first := 0; first < len(scenarios); {
		last := first + 1
		for last < len(scenarios) && scenarios[last].Template == scenarios[first].Template {
			last++
		}
		// One top-level container per template: Ginkgo shuffles those, and
		// later scenarios of a template lean on what earlier ones found.
		together := scenarios[first:last]
		ginkgo.Describe(together[0].Template, func() {
			for _, sc := range together {
				s.describe(sc)
			}
		})
		first = last
	}
	ginkgo.ReportAfterEach(func(r ginkgo.SpecReport) { s.report(r) })
	return nil
}

// Validate refuses a scenario that could be green without saying why.
func Validate(sc *check.Scenario, reg *register.Register) error {
	if len(sc.Checks) == 0 {
		return fmt.Errorf("scenario %s has no checks", sc.Name)
	}
	seen := map[string]bool{}
	for i := range sc.Checks {
		c := &sc.Checks[i]
		id := sc.ID(c)
		switch {
		case c.Key == "" || c.Body == nil || c.Subject == "":
			return fmt.Errorf("case %s lacks its key, its subject or its body", id)
		case seen[c.Key]:
			return fmt.Errorf("case %s stands twice in its scenario", id)
		case len(c.Requirements) == 0:
			return fmt.Errorf("case %s names no requirement of the register", id)
		}
		if err := known(c.Requirements, reg); err != nil {
			return fmt.Errorf("case %s: %w", id, err)
		}
		for i, named := range c.Requirements {
			if slices.Contains(c.Requirements[:i], named) {
				return fmt.Errorf("case %s names %s twice", id, named)
			}
		}
		for _, need := range c.Needs {
			if !seen[need] {
				return fmt.Errorf("case %s needs %q, which is no earlier check of its scenario", id, need)
			}
		}
		seen[c.Key] = true
	}
	return nil
}

// known refuses ids that are neither in the register nor those of a rule.
func known(ids []string, reg *register.Register) error {
	inRegister := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, ok := rules.Find(id)
		return ok
	})
	if len(inRegister) == 0 {
		return nil
	}
	return reg.Known(inRegister...)
}

// progress is what a scenario in progress knows of itself.
type progress struct {
	setUp    bool
	setupErr error
	ended    map[string]reports.Outcome
}

func (s *Specs) describe(sc *check.Scenario) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	ginkgo.Describe(sc.Name, ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		p := &progress{ended: map[string]reports.Outcome{}}
		planned := sc.Planned(s.Edition, s.Register)
		for i := range planned {
			planned[i].Exemplar = s.Exemplars[planned[i].ID]
		}
		for i := range sc.Checks {
			c := &sc.Checks[i]
			ginkgo.It(planned[i].ID, ginkgo.Label(c.Requirements...),
				ginkgo.SpecTimeout(timeout), func(ctx ginkgo.SpecContext) {
					s.spec(ctx, sc, c, planned[i], p)
				})
		}
		ginkgo.AfterAll(func() {
			if p.setUp && sc.Teardown != nil {
				sc.Teardown()
			}
		})
	})
}

// spec runs one check and leaves its result in the Ginkgo report.
func (s *Specs) spec(ctx context.Context, sc *check.Scenario, c *check.Check, planned reports.Planned, p *progress) {
	if s.Started != nil {
		s.Started(planned.ID)
	}
	var evidence items
	var recorder check.Recorder
	if s.Keep != nil {
		recorder = &evidence
	}
	cs := check.New(ctx, planned, s.Edition, s.Register, recorder)
	result := cs.Close(guard(func() { s.body(cs, sc, c, p) }))
	if c.Reference {
		result.ExpectedBy = "reference"
	}
	s.keep(&result, evidence)
	p.ended[c.Key] = result.Outcome
	ginkgo.AddReportEntry(entryName, &result, types.ReportEntryVisibilityNever)
	switch result.Outcome {
	case reports.Pass, reports.Warning:
	case reports.NotApplicable, reports.Blocked:
		ginkgo.Skip(result.Message)
	default:
		ginkgo.Fail(string(result.Outcome) + ": " + result.Message)
	}
}

// keep puts evidence away. What cannot be kept is an error of the harness, but
// never hides a failure of the subject.
func (s *Specs) keep(result *reports.Result, evidence items) {
	if s.Keep == nil {
		return
	}
	err := s.Keep(result, evidence)
	if err != nil && result.Outcome != reports.Fail {
		result.Outcome, result.Reason, result.Message = reports.HarnessError, "evidence", err.Error()
	}
}

func (s *Specs) body(cs *check.Case, sc *check.Scenario, c *check.Check, p *progress) {
	if !p.setUp && sc.Setup != nil {
		p.setUp = true
		p.setupErr = sc.Setup(cs)
	}
	if p.setupErr != nil {
		cs.Interrupted(p.setupErr)
		cs.Broken(fmt.Errorf("the scenario's world could not be built: %w", p.setupErr))
	}
	for _, need := range c.Needs {
		switch p.ended[need] {
		case reports.Pass, reports.Warning:
		case reports.NotApplicable:
			cs.NotApplicable("prerequisite", sc.ID(&check.Check{Key: need})+" does not apply")
		default:
			cs.Blocked(sc.ID(&check.Check{Key: need}))
		}
	}
	c.Body(cs)
}

// guard runs f and returns what it panicked with, unless that is a Case's own
// way of ending.
func guard(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil, check.Stop:
		case error:
			err = fmt.Errorf("panic: %w\n%s", v, debug.Stack())
		default:
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	f()
	return nil
}

// report hands a finished spec on. A spec without a result, or whose end
// Ginkgo saw differently, is a harness-error: it timed out or was interrupted.
func (s *Specs) report(r ginkgo.SpecReport) {
	if s.Finished == nil || r.LeafNodeType != types.NodeTypeIt {
		return
	}
	for _, e := range r.ReportEntries {
		if e.Name != entryName {
			continue
		}
		if result, ok := e.Value.GetRawValue().(*reports.Result); ok {
			result.Seconds = r.RunTime.Seconds()
			s.Finished(overrule(*result, r))
			return
		}
	}
}

// overrule lets a time-out or an interrupt stand above what the case itself
// concluded on its way out.
func overrule(result reports.Result, r ginkgo.SpecReport) reports.Result {
	switch {
	case r.State.Is(types.SpecStateTimedout):
		result.Outcome, result.Reason = reports.HarnessError, "timeout"
		result.Message = "the case did not end within its time limit"
		result.Failure = nil
	case r.State.Is(types.SpecStateInterrupted | types.SpecStateAborted):
		result.Outcome, result.Reason = reports.Inconclusive, "interrupted"
		result.Message = "the run was interrupted"
		result.Failure = nil
	}
	return result
}

// suite satisfies Ginkgo's idea of a testing.T: the process outlives a failing
// suite.
type suite struct{}

func (suite) Fail() {}

// runGinkgo runs what has been registered and forgets it again, so that the
// next batch starts from an empty tree.
func runGinkgo(seed uint64) error {
	defer globals.Reset()
	sc, rc := ginkgo.GinkgoConfiguration()
	sc.RandomSeed = int64(seed & 0x7fffffff)
	sc.FailOnEmpty = true
	sc.GracePeriod = 5 * time.Second
	sc.PollProgressAfter = 0
	rc.NoColor, rc.Succinct, rc.SilenceSkips = true, true, true
	if !ginkgo.RunSpecs(suite{}, "dcconform", sc, rc) {
		return errSuiteFailed
	}
	return nil
}

// errSuiteFailed says that some spec did not pass; the results say which.
var errSuiteFailed = errors.New("the suite has specs that did not pass")

// Results are the results that a Ginkgo report carries, also one that came
// together from parallel processes, where entries have travelled as JSON.
func Results(r ginkgo.Report) []reports.Result {
	var all []reports.Result
	for _, spec := range r.SpecReports {
		for _, e := range spec.ReportEntries {
			if e.Name != entryName {
				continue
			}
			result, ok := e.Value.GetRawValue().(*reports.Result)
			if !ok {
				result = &reports.Result{}
				if err := json.Unmarshal([]byte(e.Value.AsJSON), result); err != nil {
					result.Outcome, result.Message = reports.HarnessError, err.Error()
				}
			}
			result.Seconds = spec.RunTime.Seconds()
			all = append(all, overrule(*result, spec))
		}
	}
	return all
}
