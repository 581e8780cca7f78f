// Package check is the vocabulary that cases are written in: a Scenario has
// Checks, a Check names its requirements and has a body, and the body talks to
// a Case. Who runs them is not its business (see package run), so that a case
// reads as what it judges and nothing else.
//
// It imports the result model of package reports, because outcome, level and
// subject are the same words in a case and in a report.
package check

import (
	"context"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
)

// Check is one check of one or more requirements.
type Check struct {
	// Key is a word that never changes; the case's id ends in it.
	Key string
	// Title is one line for people, in the present tense.
	Title string
	// Requirements are ids of the register. Never empty, and the suite
	// refuses to start when one is unknown.
	Requirements []string
	// Subject is what a failure says something about. A failed check of the
	// harness's own is a control: it becomes a harness-error.
	Subject reports.Subject
	// Level is set where a rule and not the register decides how much is asked;
	// "" asks the register.
	Level reports.Level
	// Needs are keys of earlier checks of the scenario; when one of them did
	// not pass, this check is blocked by it.
	Needs []string
	// Reference is set when the protocol core computed what is expected.
	Reference bool
	// Body judges. It returns normally, or through one of Case's verbs.
	Body func(*Case)
}

// Scenario is a sequence of checks on one world, from discovery to
// verification.
type Scenario struct {
	// Name is unique within the template: apex, host, apex:group, ...
	Name string
	// Template is the key of the template under test, "" when there is none.
	Template string
	// File is the template's file, for messages.
	File string
	// Setup builds the world; an error is a harness-error of every check.
	// The case gives context and evidence only.
	Setup func(*Case) error
	// Teardown takes the world down; it may be nil.
	Teardown func()
	// World is what the bodies share, for tests of the chapter itself.
	World  any
	Checks []Check
}

// ID is the case's id in a run.
func (s *Scenario) ID(c *Check) string {
	id := s.Name + "/" + c.Key
	if s.Template != "" {
		id = s.Template + "/" + id
	}
	return id
}

// Planned lists what the scenario owes, with levels of the given edition.
func (s *Scenario) Planned(edition register.Edition, reg *register.Register) []reports.Planned {
	planned := make([]reports.Planned, 0, len(s.Checks))
	for i := range s.Checks {
		c := &s.Checks[i]
		level := c.Level
		if level == "" {
			level = highest(c.Requirements, edition, reg)
		}
		planned = append(planned, reports.Planned{
			ID: s.ID(c), Case: c.Key, Title: c.Title,
			Requirements: c.Requirements, Subject: c.Subject,
			Level:    level,
			Template: s.Template, Scenario: s.Name,
		})
	}
	return planned
}

// highest is the strongest level among the requirements; an edition that has
// none of them asks nothing, which is MAY.
func highest(ids []string, edition register.Edition, reg *register.Register) reports.Level {
	level := reports.MAY
	for _, id := range ids {
		switch l, _ := reg.Level(id, edition); reports.Level(l) {
		case reports.MUST:
			return reports.MUST
		case reports.SHOULD:
			level = reports.SHOULD
		}
	}
	return level
}

// Recorder keeps evidence; package run provides it.
type Recorder interface {
	// Record keeps one piece of evidence. kind is one of reports.Evidence's.
	Record(kind, title string, content []byte)
}

// Stop is what a Case panics with to leave a body early. Package run recovers
// it; nothing else should.
type Stop struct{}

// Case is a check in progress. It is not safe for concurrent use.
type Case struct {
	ctx      context.Context
	recorder Recorder
	edition  register.Edition
	register *register.Register
	result   reports.Result
	judged   map[string]bool
}

// New makes a case; package run and tests of cases call it. A nil recorder
// keeps no evidence.
func New(ctx context.Context, p reports.Planned, edition register.Edition, reg *register.Register, rec Recorder) *Case {
	return &Case{judged: map[string]bool{}, ctx: ctx, recorder: rec, edition: edition, register: reg,
		result: reports.Result{Planned: p, Outcome: reports.Pass}}
}

// Context ends when the case's time is up or the run is interrupted.
func (c *Case) Context() context.Context { return c.ctx }

// Result is the outcome so far.
func (c *Case) Result() reports.Result { return c.result }

// Keeps reports whether evidence is kept at all. Who has to make it first need
// not where it is not.
func (c *Case) Keeps() bool { return c.recorder != nil }

// Record keeps evidence with the case.
func (c *Case) Record(kind, title string, content []byte) {
	if c.recorder != nil {
		c.recorder.Record(kind, title, content)
	}
}

// Note hangs a remark on the outcome.
func (c *Case) Note(code, text string) {
	for _, n := range c.result.Notes {
		if n.Code == code && n.Text == text {
			return
		}
	}
	c.result.Notes = append(c.result.Notes, reports.Note{Code: code, Text: text})
}
