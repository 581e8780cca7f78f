package sarif

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dcconform/dcconform/reports"
)

var update = flag.Bool("update", false, "write the golden file of this package anew")

var day = time.Date(2026, 10, 7, 12, 0, 0, 0, time.UTC)

// official is the schema of OASIS; see testdata/NOTICE.txt.
func official(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(schemaURI, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaURI)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func planned(id, template string, level reports.Level) reports.Planned {
	return reports.Planned{ID: id, Case: "c", Title: "title of " + id, Requirements: []string{"DC-A"}, Subject: reports.SubjectTemplate, Level: level, Template: template}
}

// sample has a finding with a line, one with a file alone, one about the
// template as a whole, a known one, and every other outcome.
func sample() *reports.Run {
	r := &reports.Run{ToolVersion: "1.0.0", Subject: reports.SubjectTemplate, Edition: "ietf-05", Consent: "form", Seed: 7, Scope: reports.ScopeFull,
		Templates: []reports.Template{{Key: "a", File: "my templates/ä#1%.json"}, {Key: "b", File: "/srv/b.json"}, {Key: "c", File: `C:\t\c.json`}, {Key: "in", File: "-"}}}
	results := []reports.Result{
		{Planned: planned("a/static/TMPL-X", "a", reports.SHOULD), Outcome: reports.Warning, Assertions: 1, Rule: "TMPL-X", DCTL: "DCTL1010", File: "my templates/ä#1%.json", Line: 12, Column: 7,
			Failure: &reports.Failure{Clause: "A logo is served over https", Actual: "http://x", Mend: "serve it over https"}, Rerun: "dcconform certify --case 'a/static/TMPL-X'"},
		{Planned: planned("b/apex/read-back", "b", reports.MUST), Outcome: reports.Fail, Assertions: 1, Failure: &reports.Failure{Requirement: "DC-B", Clause: "It is served.", Actual: "NXDOMAIN \x1b[31m <b>"}},
		{Planned: planned("c/apex/read-back", "c", reports.MUST), Outcome: reports.Fail, Assertions: 1, Failure: &reports.Failure{Requirement: "DC-B", Clause: "It is served.", Actual: "nothing"},
			Known: &reports.Known{Line: 3, Owner: "ops", Expires: "2026-12-31", Link: "https://bugs.example/1"}},
		{Planned: planned("in/apex/x", "in", reports.MUST), Outcome: reports.Fail, Assertions: 1, Message: "no more is known"},
		{Planned: planned("a/apex/pass", "a", reports.MUST), Outcome: reports.Pass, Assertions: 1},
		{Planned: planned("a/apex/lost", "a", reports.MUST), Outcome: reports.HarnessError, Message: "The child ended."},
		{Planned: planned("a/apex/unsure", "a", reports.MUST), Outcome: reports.Inconclusive, Message: "No browser."},
	}
	var plan []reports.Planned
	for _, res := range results {
		plan = append(plan, res.Planned)
	}
	r.Begin(plan, day)
	r.Results = results
	r.Finish(day.Add(1500 * time.Millisecond))
	return r
}

func written(t *testing.T, r *reports.Run) string {
	t.Helper()
	var b strings.Builder
	if err := Writer.Write(&b, r, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	got := written(t, sample())
	file := filepath.Join("testdata", "report.sarif")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./reports/sarif -update writes it", err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestFitsTheSchemaOfOASIS(t *testing.T) {
	s := official(t)
	empty := &reports.Run{Subject: reports.SubjectProvider, Scope: reports.ScopeFiltered}
	empty.Begin(nil, day)
	for name, r := range map[string]*reports.Run{"sample": sample(), "running and empty": empty} {
		if err := valid(t, s, written(t, r)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The schema bites.
	for _, spoil := range [][2]string{{`"version": "2.1.0"`, `"version": "2.2"`}, {`"startLine": 12`, `"startLine": 0`}, {`"ruleIndex"`, `"ruleNumber"`}, {`"level": "error"`, `"level": "fatal"`}} {
		text := written(t, sample())
		if !strings.Contains(text, spoil[0]) {
			t.Fatalf("%s is not there", spoil[0])
		}
		if err := valid(t, s, strings.Replace(text, spoil[0], spoil[1], 1)); err == nil {
			t.Errorf("with %s it is still valid", spoil[1])
		}
	}
}

// The places, as another program reads them.
func TestPlaces(t *testing.T) {
	var doc struct {
		Runs []struct {
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Locations []struct {
					PhysicalLocation *struct {
						ArtifactLocation struct{ URI, URIBaseID string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
				Suppressions []struct{ Status, Justification string }
			}
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, sample())), &doc); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range doc.Runs[0].Results {
		at := "nowhere"
		if p := x.Locations[0].PhysicalLocation; p != nil {
			at = fmt.Sprintf("%s %s %d:%d", p.ArtifactLocation.URIBaseID, p.ArtifactLocation.URI, p.Region.StartLine, p.Region.StartColumn)
		}
		known := ""
		for _, s := range x.Suppressions {
			known = " " + s.Status + ": " + s.Justification
		}
		if rule := doc.Runs[0].Tool.Driver.Rules[x.RuleIndex].ID; rule != x.RuleID {
			t.Errorf("rule %d is %s, not %s", x.RuleIndex, rule, x.RuleID)
		}
		got = append(got, x.RuleID+" "+x.Level+" "+at+known)
	}
	want := []string{
		"DC-B error  file:///srv/b.json 1:0",
		"DC-B error  file:///C:/t/c.json 1:0 accepted: entry in line 3, owner ops, until 2026-12-31, https://bugs.example/1",
		"DC-A error nowhere",
		"TMPL-X warning %SRCROOT% my%20templates/%C3%A4%231%25.json 12:7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A run of any size is one that GitHub takes, with what is gravest in it.
func TestBoundedForGitHub(t *testing.T) {
	r := &reports.Run{Subject: reports.SubjectTemplate, Scope: reports.ScopeFull}
	for i := range MaxResults + 2 {
		o := reports.Warning
		if i == MaxResults+1 {
			o = reports.Fail
		}
		r.Results = append(r.Results, reports.Result{Planned: planned(fmt.Sprint(i), "", reports.MUST), Outcome: o})
	}
	for range maxNotifications + 5 {
		r.Results = append(r.Results, reports.Result{Outcome: reports.HarnessError})
	}
	var doc log
	if err := json.Unmarshal([]byte(written(t, r)), &doc); err != nil {
		t.Fatal(err)
	}
	x := doc.Runs[0]
	if len(x.Results) != MaxResults || x.Results[0].Level != "error" || x.Properties["resultsLeftOut"] != 2.0 || len(x.Invocations[0].Notifications) != maxNotifications+1 || x.Invocations[0].Successful {
		t.Errorf("%d results, first %s, %v, %d notifications", len(x.Results), x.Results[0].Level, x.Properties, len(x.Invocations[0].Notifications))
	}
}
