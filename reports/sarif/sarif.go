// Package sarif writes a report as SARIF 2.1.0, the format in which code
// scanners tell an editor or a forge what is wrong with which line.
//
// The few objects that a report needs stand here as they are on the wire. A
// library would write every member that the format has, mostly as empty lists,
// and bring a validator along.
package sarif

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dcconform/dcconform/reports"
)

// File is the name of the file in a report's folder.
const File = "report.sarif"

// Writer is the format for a report's folder.
var Writer = reports.Writer{Name: "sarif", File: File, Write: func(w io.Writer, r *reports.Run, _ reports.Kept) error { return Write(w, r) }}

// schemaURI names the schema that the file fits.
const schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// MaxResults is how many results stand in the file at the most, the gravest
// first: GitHub refuses a file with more.
const MaxResults = 25000

// The objects of the format, with the members that a report has.
type (
	log struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []run  `json:"runs"`
	}
	run struct {
		Tool        tool            `json:"tool"`
		Invocations []invocation    `json:"invocations"`
		Automation  automation      `json:"automationDetails"`
		Results     []result        `json:"results"`
		ColumnKind  string          `json:"columnKind"`
		Bases       map[string]base `json:"originalUriBaseIds,omitempty"`
		Properties  map[string]any  `json:"properties"`
	}
	tool struct {
		Driver driver `json:"driver"`
	}
	driver struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
		Rules   []rule `json:"rules"`
	}
	rule struct {
		ID         string         `json:"id"`
		Short      text           `json:"shortDescription"`
		Full       *text          `json:"fullDescription,omitempty"`
		Help       *text          `json:"help,omitempty"`
		Default    level          `json:"defaultConfiguration"`
		Properties map[string]any `json:"properties,omitempty"`
	}
	level struct {
		Level string `json:"level"`
	}
	text struct {
		Text string `json:"text"`
	}
	invocation struct {
		Successful    bool           `json:"executionSuccessful"`
		Start         string         `json:"startTimeUtc,omitempty"`
		End           string         `json:"endTimeUtc,omitempty"`
		Notifications []notification `json:"toolExecutionNotifications,omitempty"`
	}
	notification struct {
		Level   string `json:"level"`
		Message text   `json:"message"`
	}
	automation struct {
		ID string `json:"id"`
	}
	base struct {
		Description text `json:"description"`
	}
	result struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Kind         string            `json:"kind"`
		Level        string            `json:"level"`
		Message      text              `json:"message"`
		Locations    []location        `json:"locations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Suppressions []suppression     `json:"suppressions,omitempty"`
		Properties   map[string]any    `json:"properties,omitempty"`
	}
	location struct {
		Physical *physical `json:"physicalLocation,omitempty"`
		Logical  []logical `json:"logicalLocations,omitempty"`
	}
	physical struct {
		Artifact artifact `json:"artifactLocation"`
		Region   region   `json:"region"`
	}
	artifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	region struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
	logical struct {
		Name      string `json:"name"`
		Qualified string `json:"fullyQualifiedName"`
		Kind      string `json:"kind"`
	}
	suppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
)

// root stands for the folder that relative paths are relative to.
const root = "%SRCROOT%"

// Write writes r as SARIF. A failure is a result of level error, a warning one
// of level warning, in the template's file and line where the result has one,
// else in the first line of the template that it is about. What a baseline
// knows is suppressed, with its entry as the reason. Cases that came to no
// verdict are notifications of the run, which then did not succeed. What profiles
// refuse are results of the rules PROFILE-<name>, after the cases of their level.
func Write(w io.Writer, r *reports.Run) error {
	out := run{Tool: tool{driver{Name: r.Tool, Version: r.ToolVersion, Rules: []rule{}}}, Results: []result{}, ColumnKind: "unicodeCodePoints",
		Automation: automation{ID: "dcconform/" + string(r.Subject) + "/" + r.Edition + "/"},
		Properties: map[string]any{"verdict": r.Verdict, "scope": r.Scope, "edition": r.Edition, "seed": r.Seed}}
	findings := out.gravest(r)
	if left := len(findings) - MaxResults; left > 0 {
		findings = findings[:MaxResults]
		out.Properties["resultsLeftOut"] = left
	}
	for _, add := range findings {
		add()
	}
	for _, x := range out.Results {
		if len(x.Locations) > 0 && x.Locations[0].Physical != nil && x.Locations[0].Physical.Artifact.Base != "" {
			out.Bases = map[string]base{root: {text{"the folder that dcconform was started in"}}}
			break
		}
	}
	out.Invocations = []invocation{invoked(r)}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(log{schemaURI, "2.1.0", []run{out}})
}

func filesOf(r *reports.Run) map[string]string {
	files := make(map[string]string, len(r.Templates))
	for _, t := range r.Templates {
		files[t.Key] = t.File
	}
	return files
}

// add writes a result, and its rule when it is the first of it.
func (out *run) add(res *reports.Result, files map[string]string, rules map[string]int) {
	id := reports.Missed(res)
	n, ok := rules[id]
	if !ok {
		n = len(out.Tool.Driver.Rules)
		rules[id] = n
		out.Tool.Driver.Rules = append(out.Tool.Driver.Rules, ruleOf(id, res))
	}
	x := result{RuleID: id, RuleIndex: n, Kind: "fail", Level: severity(res), Message: text{message(res)},
		Fingerprints: map[string]string{"dcconformCase/v1": fingerprint(res)},
		Locations:    []location{place(res, files[res.Template])},
		Properties:   map[string]any{"case": res.ID, "level": res.Level, "outcome": res.Outcome}}
	if res.Rerun != "" {
		x.Properties["rerun"] = res.Rerun
	}
	if k := res.Known; k != nil && k.Lapsed == "" {
		x.Suppressions = []suppression{{"external", "accepted", k.String()}}
	}
	out.Results = append(out.Results, x)
}

func severity(res *reports.Result) string {
	if res.Outcome == reports.Fail {
		return levelError
	}
	return levelWarning
}

// ruleOf says what a rule is about, as its first result tells it.
func ruleOf(id string, res *reports.Result) rule {
	x := rule{ID: id, Short: text{res.Title}, Default: level{severity(res)}}
	if x.Short.Text == "" {
		x.Short.Text = id
	}
	if f := res.Failure; f != nil {
		x.Full = &text{f.Clause}
		if f.Mend != "" {
			x.Help = &text{f.Mend}
		}
	}
	if res.DCTL != "" {
		x.Properties = map[string]any{"tags": []string{res.DCTL}}
	}
	return x
}

// message is what a person reads beside the line: its first sentence says what
// is wrong, the rest what to do.
func message(res *reports.Result) string {
	parts := []string{res.Title}
	if f := res.Failure; f != nil {
		parts = []string{f.Actual, f.Clause, f.Mend}
	} else if res.Message != "" {
		parts = []string{res.Message}
	}
	var said []string
	for _, p := range parts {
		if p = reports.Sentence(p); p != "" {
			said = append(said, p)
		}
	}
	if len(said) == 0 {
		return res.ID
	}
	return strings.Join(said, " ")
}

// fingerprint is the same for a case in every run.
func fingerprint(res *reports.Result) string {
	sum := sha256.Sum256([]byte(res.ID))
	return hex.EncodeToString(sum[:16])
}

// place is the line of a finding, or the first one of the template that it is
// about; a case about no template has a name only.
func place(res *reports.Result, templateFile string) location {
	at := location{Logical: []logical{{Name: path.Base(res.ID), Qualified: res.ID, Kind: "member"}}}
	file := res.File
	if file == "" {
		file = templateFile
	}
	if file == "" || file == "-" {
		return at
	}
	at.Physical = &physical{Artifact: uriOf(file), Region: region{StartLine: max(1, res.Line), StartColumn: max(0, res.Column)}}
	return at
}

// uriOf writes a path as a URI; one below the folder of the run stays relative,
// so that it fits a checkout elsewhere.
func uriOf(file string) artifact {
	drive := len(file) > 2 && file[1] == ':' && (file[2] == '\\' || file[2] == '/')
	if drive { // also where a report of another system is written anew
		file = strings.ReplaceAll(file, `\`, "/")
	}
	slashed := path.Clean(filepath.ToSlash(file))
	switch {
	case drive:
		return artifact{URI: (&url.URL{Scheme: "file", Path: "/" + slashed}).String()}
	case path.IsAbs(slashed):
		return artifact{URI: (&url.URL{Scheme: "file", Path: slashed}).String()}
	}
	return artifact{URI: (&url.URL{Path: slashed}).String(), Base: root}
}

// invoked says whether the run came to its end, and what came to no verdict.
func invoked(r *reports.Run) invocation {
	x := invocation{Successful: r.State == reports.StateFinished && r.Counts[reports.HarnessError] == 0, Start: utc(r.Started), End: utc(r.Finished)}
	if r.Why != "" {
		x.Notifications = append(x.Notifications, notification{noteLevel(x.Successful), text{r.Why}})
	}
	for i := range r.Results {
		res := &r.Results[i]
		if !slices.Contains([]reports.Outcome{reports.HarnessError, reports.Inconclusive}, res.Outcome) {
			continue
		}
		if len(x.Notifications) == maxNotifications {
			x.Notifications = append(x.Notifications, notification{"note", text{"More cases came to no verdict; " + reports.ReportFile + " lists them."}})
			break
		}
		of := "warning"
		if res.Outcome == reports.HarnessError {
			of = "error"
		}
		x.Notifications = append(x.Notifications, notification{of, text{res.ID + ": " + string(res.Outcome) + ": " + reports.Headline(res)}})
	}
	return x
}

// maxNotifications is how many cases without a verdict are named.
const maxNotifications = 100

func noteLevel(successful bool) string {
	if successful {
		return "note"
	}
	return "error"
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
