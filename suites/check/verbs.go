package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/dcconform/dcconform/reports"
)

// About says what a statement is about, so that its failure reads without the
// source. Every field may be empty.
type About struct {
	// Sent is what the harness did, in one line.
	Sent string
	// Expected lists every acceptable outcome; without it the matcher's own
	// words stand.
	Expected []string
	// Actual is what came back; without it the matcher's own words stand.
	Actual string
	// Mend says what to change.
	Mend string
}

// Require states that actual satisfies the matcher, as the requirement id
// asks. When it does not, the requirement's level in the run's edition
// decides: a MUST fails and ends the case, a SHOULD warns and goes on, a MAY
// (or an edition without the rule) leaves a note. For a check whose subject is
// the harness every mismatch is a harness-error.
func (c *Case) Require(id string, actual any, m types.GomegaMatcher, about About) bool {
	c.judge(id)
	if !slices.Contains(c.result.Requirements, id) {
		c.Broken(fmt.Errorf("case %s judges %s without naming it among its requirements", c.result.Case, id))
	}
	ok, err := m.Match(actual)
	if err != nil {
		c.Broken(fmt.Errorf("%s cannot be judged: %w", id, err))
	}
	if ok {
		return true
	}
	c.mismatch(id, c.failure(id, actual, m, about))
	return false
}

// Control states something about the harness itself. A mismatch is a
// harness-error whatever the subject of the check: the template is not to
// blame for what the mock or the reference got wrong.
func (c *Case) Control(id string, actual any, m types.GomegaMatcher, about About) {
	c.judge(id)
	ok, err := m.Match(actual)
	if err != nil {
		c.Broken(fmt.Errorf("%s cannot be judged: %w", id, err))
	}
	if !ok {
		c.end(reports.HarnessError, "control-failed", "a control of the harness failed", c.failure(id, actual, m, about))
	}
}

// judge counts a statement about a requirement.
func (c *Case) judge(id string) {
	c.result.Assertions++
	c.judged[id] = true
}

func (c *Case) failure(id string, actual any, m types.GomegaMatcher, about About) *reports.Failure {
	f := &reports.Failure{Requirement: id, Clause: c.clause(id), Sent: about.Sent,
		Expected: about.Expected, Actual: about.Actual, Mend: about.Mend}
	if f.Actual == "" {
		f.Actual = m.FailureMessage(actual)
	}
	return f
}

// clause is what the register says and where: "All records are there. Missing
// one violates section 10.7 of ietf-05 (MUST)".
func (c *Case) clause(id string) string {
	q, ok := c.register.Get(id)
	if !ok {
		return id
	}
	if breach := c.register.Breach(id, c.edition); breach != "" {
		return q.Text + " A miss " + breach + "."
	}
	return q.Text + fmt.Sprintf(" (%s has no such rule.)", c.edition)
}

func (c *Case) mismatch(id string, f *reports.Failure) {
	if c.result.Subject == reports.SubjectHarness {
		c.end(reports.HarnessError, "control-failed", "a control of the harness failed", f)
	}
	level, _ := c.register.Level(id, c.edition)
	switch reports.Level(level) {
	case reports.MUST:
		c.end(reports.Fail, "", f.Actual, f)
	case reports.SHOULD:
		if c.result.Outcome == reports.Pass {
			c.result.Outcome, c.result.Message, c.result.Failure = reports.Warning, f.Actual, f
			return
		}
		c.Note("also", f.Clause+": "+f.Actual)
	default:
		c.Note("not-required", f.Clause+": "+f.Actual)
	}
}

// Abuse states that a permission of level MAY was not abused: using it and not
// using it both pass, and only the abuse is reported, as a warning.
func (c *Case) Abuse(id string, abused bool, about About) {
	c.judge(id)
	if !abused || c.result.Outcome != reports.Pass {
		return
	}
	c.result.Outcome, c.result.Message = reports.Warning, about.Actual
	c.result.Failure = &reports.Failure{Requirement: id, Clause: c.clause(id),
		Sent: about.Sent, Expected: about.Expected, Actual: about.Actual, Mend: about.Mend}
}

// Fail ends the case as failed against the requirement.
func (c *Case) Fail(id string, about About) {
	c.judge(id)
	c.end(reports.Fail, "", about.Actual, &reports.Failure{Requirement: id, Clause: c.clause(id),
		Sent: about.Sent, Expected: about.Expected, Actual: about.Actual, Mend: about.Mend})
}

// NotApplicable ends the case: what it checks does not occur here. reason is a
// code, text one sentence.
func (c *Case) NotApplicable(reason, text string) {
	c.end(reports.NotApplicable, reason, text, nil)
}

// Lacking ends the case: the run has not the means to check it, though it may
// well occur here. A MUST stays owed by it.
func (c *Case) Lacking(reason, text string) {
	c.result.Owed = true
	c.end(reports.NotApplicable, reason, text, nil)
}

// Inconclusive ends the case: the harness could not tell.
func (c *Case) Inconclusive(reason, text string) {
	c.end(reports.Inconclusive, reason, text, nil)
}

// Broken ends the case as a harness-error; nil is no error and goes on.
func (c *Case) Broken(err error) {
	if err == nil {
		return
	}
	c.end(reports.HarnessError, "harness", err.Error(), nil)
}

// Blocked ends the case because of an earlier one.
func (c *Case) Blocked(by string) {
	c.result.BlockedBy = by
	c.end(reports.Blocked, "prerequisite", "not tried, because "+by+" did not pass", nil)
}

// Interrupted ends the case when the error is the end of its context, and
// returns otherwise.
func (c *Case) Interrupted(err error) {
	if c.ctx.Err() != nil && errors.Is(err, c.ctx.Err()) {
		c.Inconclusive("interrupted", "the run was interrupted")
	}
}

func (c *Case) end(o reports.Outcome, reason, message string, f *reports.Failure) {
	c.result.Outcome, c.result.Reason, c.result.Message, c.result.Failure = o, reason, message, f
	panic(Stop{})
}

// Close turns what happened to the body into the final result: err is what it
// panicked with beside Stop, if anything. A pass without a statement about the
// subject is not a pass.
func (c *Case) Close(err error) reports.Result {
	switch {
	case err != nil:
		c.result.Outcome, c.result.Reason, c.result.Message = reports.HarnessError, "panic", err.Error()
	case c.result.Outcome == reports.Pass && c.result.Assertions == 0:
		c.result.Outcome, c.result.Reason = reports.HarnessError, "no-assertion"
		c.result.Message = "the case made no statement about its subject"
	}
	c.result.Judged = c.judgedOnly()
	return c.result
}

// judgedOnly lists the requirements that statements were made about, in their
// order; nil when that is all of them, or when none was meant to be judged.
func (c *Case) judgedOnly() []string {
	var only []string
	for _, id := range c.result.Requirements {
		if c.judged[id] {
			only = append(only, id)
		}
	}
	if len(only) == len(c.result.Requirements) {
		return nil
	}
	return only
}

// At places the case's finding in a file; line and column count from 1, and so
// does record, 0 meaning none.
func (c *Case) At(file string, line, column, record int) {
	c.result.File, c.result.Line, c.result.Column, c.result.Record = file, line, column, record
}

// RuleFinding is what a static rule has against a place in a template.
type RuleFinding struct {
	// Rule is the rule's id, DCTL the official linter's code, if it has one.
	Rule, DCTL string
	// Level MUST fails the case, SHOULD warns, MAY notes.
	Level reports.Level
	File  string
	// Line, Column and Record count from 1; 0 is unknown or none.
	Line, Column, Record int
	// Why says what goes wrong, Message what was found, Mend what to do.
	Why, Message, Mend string
}

// Rule states a finding and ends the case, unless it is only to be noted.
func (c *Case) Rule(f RuleFinding) {
	for _, id := range c.result.Requirements {
		c.judged[id] = true
	}
	c.result.Assertions++
	c.result.Rule, c.result.DCTL = f.Rule, f.DCTL
	c.At(f.File, f.Line, f.Column, f.Record)
	failure := &reports.Failure{Requirement: f.Rule, Clause: f.Why, Actual: f.Message, Mend: f.Mend}
	switch f.Level {
	case reports.MUST:
		c.end(reports.Fail, "", f.Message, failure)
	case reports.SHOULD:
		c.result.Outcome, c.result.Message, c.result.Failure = reports.Warning, f.Message, failure
	default:
		c.Note("info", strings.TrimSuffix(f.Message, ".")+". "+f.Mend)
	}
}
