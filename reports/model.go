// Package reports holds the result model of a conformance run, its JSON
// Schema, and the writers that turn a run into files. It knows nothing of how
// results come about.
package reports

import (
	"fmt"
	"time"
)

// Outcome is what became of one case.
type Outcome string

// The outcomes. Every planned case ends in exactly one of them.
const (
	Pass          Outcome = "pass"
	Fail          Outcome = "fail"
	Warning       Outcome = "warning"        // a SHOULD is not met
	Inconclusive  Outcome = "inconclusive"   // the harness could not tell
	NotApplicable Outcome = "not-applicable" // with a reason code
	Blocked       Outcome = "blocked"        // by a failed prerequisite
	HarnessError  Outcome = "harness-error"
)

// Subject is what a result says something about.
type Subject string

// The subjects.
const (
	SubjectTemplate Subject = "template"
	SubjectProvider Subject = "provider"
	SubjectClient   Subject = "client"
	SubjectHarness  Subject = "harness"
)

// Level is how much a requirement asks.
type Level string

// The requirement levels.
const (
	MUST   Level = "MUST"
	SHOULD Level = "SHOULD"
	MAY    Level = "MAY"
)

// Scope says whether a run covered its whole plan.
type Scope string

// The scopes.
const (
	ScopeFull     Scope = "full"
	ScopeFiltered Scope = "filtered"
)

// Verdict is the one word of a run, about its own subject.
type Verdict string

// The verdicts.
const (
	Conformant             Verdict = "conformant"
	ConformantWithWarnings Verdict = "conformant-with-warnings"
	Partial                Verdict = "partial"
	NonConformant          Verdict = "non-conformant"
	VerdictInconclusive    Verdict = "inconclusive"
)

// State says how far a run has come.
type State string

// The states.
const (
	StateRunning     State = "running"
	StateFinished    State = "finished"
	StateInterrupted State = "interrupted" // ended early on request; the report is partial
)

// Failure reads without the source of the harness.
type Failure struct {
	// Requirement is the id that was missed, one of the result's own.
	Requirement string `json:"requirement,omitempty"`
	// Clause paraphrases the requirement and cites its section.
	Clause string `json:"clause"`
	// Sent is what the harness did, in one line.
	Sent string `json:"sent,omitempty"`
	// Expected lists every acceptable outcome.
	Expected []string `json:"expected,omitempty"`
	// Actual is what came back.
	Actual string `json:"actual"`
	// Mend says what to change, when that is known.
	Mend string `json:"mend,omitempty"`
}

// Note hangs on an outcome and never changes it.
type Note struct {
	// Code is a word: which reading was taken, a named deviation, another edition.
	Code string `json:"code"`
	Text string `json:"text"`
}

// Evidence points at a file below evidence/ or carries a digest alone.
type Evidence struct {
	// Kind is exchange, observation, screenshot, zone, link, dom or console.
	Kind string `json:"kind"`
	// Title says what it shows.
	Title string `json:"title"`
	// SHA256 is the digest of the content in hexadecimal.
	SHA256 string `json:"sha256"`
	// File is the slash-separated path below the report's folder; empty when
	// only the digest was kept.
	File string `json:"file,omitempty"`
	// Bytes is the size of the content.
	Bytes int `json:"bytes"`
}

// Planned is a case that the run owes an outcome for. The plan is written
// before the run.
type Planned struct {
	// ID names the case in this run; it is unique and stable for a seed:
	// <template id>/<scenario>/<case>.
	ID string `json:"id"`
	// Case is the word id of the check, the same for every template.
	Case string `json:"case"`
	// Title is one line for people.
	Title string `json:"title,omitempty"`
	// Requirements are ids of the register; never empty.
	Requirements []string `json:"requirements"`
	Subject      Subject  `json:"subject"`
	Level        Level    `json:"level,omitempty"`
	// Template is the key of Run.Templates, "" when the case is about none.
	Template string `json:"template,omitempty"`
	// Scenario is the part of the plan the case belongs to: apex, host, a group.
	Scenario string `json:"scenario,omitempty"`
	// Exemplar marks the planned case whose evidence is kept in full even
	// when it passes; see MarkExemplars.
	Exemplar bool `json:"exemplar,omitempty"`
}

// Result is the outcome of one planned case.
type Result struct {
	Planned
	Outcome Outcome `json:"outcome"`
	// Reason is a code for not-applicable, inconclusive and harness-error.
	Reason string `json:"reason,omitempty"`
	// Message is one sentence for people; empty on a plain pass.
	Message string `json:"message,omitempty"`
	// BlockedBy is the id of the failed prerequisite.
	BlockedBy string `json:"blockedBy,omitempty"`
	// Owed is set on a not-applicable case that the run lacked the means for:
	// what it checks may well occur at the target. A MUST among such cases is
	// without a verdict of its own.
	Owed bool `json:"owed,omitempty"`
	// Judged are those of Requirements that statements were made about; nil is
	// all of them. Only these count as covered.
	Judged []string `json:"judged,omitempty"`
	// Assertions counts the statements made about the subject. A pass
	// without any is turned into a harness-error.
	Assertions int        `json:"assertions"`
	Failure    *Failure   `json:"failure,omitempty"`
	Notes      []Note     `json:"notes,omitempty"`
	Evidence   []Evidence `json:"evidence,omitempty"`
	// EvidenceSHA256 stands for evidence of which nothing was kept, in
	// hexadecimal; see Store.Keep.
	EvidenceSHA256 string `json:"evidenceSHA256,omitempty"`
	// SawSHA256 is a digest over what the case saw, without what differs
	// between any two runs: DNS answers and zones, and method and status of
	// each exchange. Two reports are compared by it; "" when nothing was seen.
	SawSHA256 string `json:"sawSHA256,omitempty"`
	// Rerun is one command that runs this case again. report.json leaves it
	// out where there is nothing to run again for: pass and not-applicable.
	Rerun string `json:"rerun,omitempty"`
	// ExpectedBy is "reference" where the core computed what to expect.
	ExpectedBy string `json:"expectedBy,omitempty"`
	// Known is the entry of the baseline that names the failure or warning.
	Known *Known `json:"known,omitempty"`
	// Rule, DCTL, File, Line, Column and Record place a static finding.
	Rule   string `json:"rule,omitempty"`
	DCTL   string `json:"dctl,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Record counts from 1; 0 when no record is meant.
	Record int `json:"record,omitempty"`
	// Seconds is how long the case took, to the millisecond.
	Seconds float64 `json:"seconds,omitzero"`
}

// CheckText is what all results of one Case have in common. In report.json it
// stands once for all passes and not-applicables, which then leave it out.
type CheckText struct {
	Title      string `json:"title,omitempty"`
	Level      Level  `json:"level,omitempty"`
	ExpectedBy string `json:"expectedBy,omitempty"`
}

// Template is one template under test.
type Template struct {
	// Key is what results refer to: provider and service id joined by a dot,
	// or the file's path when the file could not be read as a template.
	Key        string `json:"key"`
	File       string `json:"file"`
	ProviderID string `json:"providerId,omitempty"`
	ServiceID  string `json:"serviceId,omitempty"`
	Version    int64  `json:"version,omitempty"`
	// SHA256 is the digest of the file.
	SHA256 string `json:"sha256,omitempty"`
	// CanonicalSHA256 is the digest of its canonical JSON (RFC 8785), which
	// stays the same when the file is only formatted anew; "" when it has none.
	CanonicalSHA256 string `json:"canonicalSHA256,omitempty"`
}

// Score is how a build did in the fault matrix: a fault is killed when a case
// fails because of it.
type Score struct {
	Killed int `json:"killed"`
	Faults int `json:"faults"`
}

// String is the score for people; nil is unknown.
func (s *Score) String() string {
	if s == nil {
		return "unknown for this build"
	}
	return fmt.Sprintf("%d of %d faults are caught", s.Killed, s.Faults)
}

// Target is the DNS provider that a run has judged, as its target.yaml and the
// provider itself call it.
type Target struct {
	Name string `json:"name"`
	// Settings is the authority and path that stood in for discovery; "" when
	// every domain was discovered by DNS.
	Settings string `json:"settings,omitempty"`
	// Domains are the zones that the run worked in, or looked at.
	Domains []string `json:"domains"`
	// Servers are the name servers, or the resolver, that were asked.
	Servers []string `json:"servers"`
}

// Shard is one of several runs that share a plan.
type Shard struct {
	// Index counts from 1 to Of, the number of shards.
	Index int `json:"index"`
	Of    int `json:"of"`
	// Scope is that of all shards together.
	Scope Scope `json:"scope"`
}

// String is the shard as it is written on a command line: 2/3.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Counts are numbers by outcome.
type Counts map[Outcome]int

// Run is a whole report.
type Run struct {
	// Schema is the version of this format; see SchemaVersion.
	Schema int `json:"schema"`
	// Tool and ToolVersion name the program.
	Tool        string `json:"tool"`
	ToolVersion string `json:"toolVersion"`
	// Selftest is the score of this build in the fault matrix; nil where the
	// build does not know it.
	Selftest *Score `json:"selftest"`
	// Command is the command line that started the run, secrets redacted.
	Command []string `json:"command"`
	// Subject is what the run's verdict is about.
	Subject Subject `json:"subject"`
	Edition string  `json:"edition"`
	Profile string  `json:"profile,omitempty"`
	Consent string  `json:"consent,omitempty"`
	Seed    uint64  `json:"seed"`
	Scope   Scope   `json:"scope"`
	// State is running until the report is final; a process that was killed
	// leaves it so.
	State   State   `json:"state"`
	Verdict Verdict `json:"verdict"`
	// Why explains a verdict other than conformant in one sentence.
	Why      string    `json:"why,omitempty"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"`
	// Totals are computed from Results by Finish.
	Counts        Counts             `json:"counts"`
	CountsBy      map[Subject]Counts `json:"countsBySubject"`
	CountsByLevel map[Level]Counts   `json:"countsByLevel"`
	Templates     []Template         `json:"templates"`
	// Profiles are the providers that the templates were judged for, and
	// Judgements what came of it, template by template. Profile names the one
	// that was asked for alone; only that one speaks for the run.
	Profiles   []Profile   `json:"profiles,omitempty"`
	Judgements []Judgement `json:"judgements,omitempty"`
	// Target is who was judged; nil when the run judges templates.
	Target *Target `json:"target,omitempty"`
	// Planned is the number of cases that the plan holds.
	Planned int `json:"planned"`
	// Plan is what the run owes. It stands in the report while the run is
	// running, so that a killed run can be settled from its folder; Finish
	// takes it out, because every result then carries its own part of it.
	Plan []Planned `json:"plan,omitempty"`
	// Shard says which part of a plan this run is; nil when it is all of it,
	// or what --case left of it. WholePlan is then what all shards owe
	// together, so that a missing one is seen.
	Shard     *Shard    `json:"shard,omitempty"`
	WholePlan []Planned `json:"wholePlan,omitempty"`
	// Covered lists requirements with at least one pass, fail or warning.
	// NotCovered lists planned ones without, and those that the caller put
	// there before Finish because no case checks them.
	Covered    []string `json:"requirementsCovered"`
	NotCovered []string `json:"requirementsNotCovered"`
	Results    []Result `json:"results"`
	// Checks is report.json's table of what results leave out, by Case; it is
	// filled while writing and nil everywhere else.
	Checks map[string]CheckText `json:"checks,omitempty"`
	// Baseline says what the run was held against; nil without a baseline.
	Baseline *BaselineUse `json:"baseline,omitempty"`
	// StaleBaseline says of each baseline entry that no longer fits what was
	// seen what to do about it.
	StaleBaseline []string `json:"staleBaseline,omitempty"`
	// Next is what to do now, in one or two lines.
	Next []string `json:"next,omitempty"`

	hold *hold // see HoldAgainst
}
