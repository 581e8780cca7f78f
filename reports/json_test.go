package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func mustJSON(t fataler, r *Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func compiledSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t fataler, s *jsonschema.Schema, text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// Whatever comes out of Finish fits the schema and is read back as it was.
func TestEveryFinishedRunFitsTheSchema(t *testing.T) {
	schema := compiledSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		r := finish(anyResults(t)...)
		text := mustJSON(t, r)
		if err := validate(t, schema, text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		back, err := ReadJSON(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if again := mustJSON(t, back); again != text {
			t.Fatalf("read back differently:\n%s\n%s", text, again)
		}
	})
}

// What report.json leaves out of a pass comes back when it is read, whoever
// differs from the rest of its kind; the command to run it again does not.
func TestWhatAPassLeavesOut(t *testing.T) {
	var plan []Planned
	var results []Result
	for i, change := range []func(*Result){
		func(*Result) {}, func(*Result) {}, func(*Result) {},
		func(r *Result) { r.Title = "Another title" },
		func(r *Result) { r.Level = SHOULD },
		func(r *Result) { r.ExpectedBy = "" },
		func(r *Result) { r.Outcome, r.Reason = NotApplicable, "none" },
		func(r *Result) { r.Outcome = Warning },
		func(r *Result) { r.Outcome = Fail },
		func(r *Result) { r.Case, r.ExpectedBy = "other", "" },
	} {
		p := planned(word(i), SubjectTemplate, MUST)
		p.Case, p.Title = "same", "The title"
		res := result(p, Pass)
		res.ExpectedBy, res.Rerun = "reference", "dcconform certify"
		change(&res)
		plan = append(plan, res.Planned)
		results = append(results, res)
	}
	r := newRun(plan...)
	r.Results = results
	r.Finish(finished)
	text := mustJSON(t, r)
	back, err := ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Results {
		if r.Results[i].leavesOut() {
			r.Results[i].Rerun = ""
		}
	}
	if diff := cmp.Diff(r.Results, back.Results); diff != "" || back.Checks != nil {
		t.Errorf("-written +read\n%s", diff)
	}
	for want, n := range map[string]int{
		// Once in the table, once in the warning and once in the fail.
		`"title": "The title"`: 2, `"title":"The title"`: 2, `"title":"Another title"`: 1,
		`"level": "MUST"`: 2, `"level":"MUST"`: 2, `"level":"SHOULD"`: 1,
		// One of its kind has none: the table has none, and each says its own.
		`"expectedBy": "reference"`: 0, `"expectedBy":"reference"`: 8,
		`"rerun":`: 2, `"seconds":`: 0,
	} {
		if got := strings.Count(text, want); got != n {
			t.Errorf("%s stands %d times, want %d:\n%s", want, got, n, text)
		}
	}
	results[0].Level = SHOULD
	changed := newRun(plan...)
	changed.Plan[0].Level = SHOULD
	changed.Results = results
	changed.Finish(finished)
	if n := differentLines(text, mustJSON(t, changed)); n > 6 {
		t.Errorf("one result that differs changes %d lines", n)
	}
}

func differentLines(a, b string) int {
	seen := map[string]int{}
	for line := range strings.Lines(a) {
		seen[line]++
	}
	n := 0
	for line := range strings.Lines(b) {
		if seen[line]--; seen[line] < 0 {
			n++
		}
	}
	return n
}

// edit makes a wrong document of a right one.
func edit(t *testing.T, old, new string) string {
	t.Helper()
	text := mustJSON(t, sample())
	if strings.Count(text, old) == 0 {
		t.Fatalf("the report has no %s", old)
	}
	return strings.Replace(text, old, new, 1)
}

func TestWrongReportsAreRefused(t *testing.T) {
	schema := compiledSchema(t)
	for _, tc := range []struct {
		name     string
		old, new string
		text     string
		schemaOK bool // a schema cannot see it
	}{
		{"newer schema", `"schema": 1`, `"schema": 2`, "report: schema version 2; this version of dcconform reads 1", false},
		{"other tool", `"tool": "dcconform"`, `"tool": "zebra"`, `report: the tool is "zebra"; only reports of dcconform can be read`, false},
		{"unknown member", `"edition":`, `"zebra": 1, "edition":`, `report: line 12: unknown member "zebra"`, false},
		{"unknown member of a result", `"assertions":5,`, `"assertions":5, "zebra": 1,`, `report: line 90: unknown member "zebra"`, false},
		{"member twice", `"edition":`, `"edition": "x", "edition":`, `report: line 12: the member "edition" stands twice`, true},
		{"member in other case", `"edition":`, `"Edition":`, `report: line 12: unknown member "Edition"`, false},
		{"wrong type", `"seed": 7`, `"seed": "7"`, `report: line 14: the value at /seed has the wrong type`, false},
		{"subject", `"subject": "template",` + "\n  \"edition\"", `"subject": "zebra",` + "\n  \"edition\"", `report: unknown subject "zebra"`, false},
		{"scope", `"scope": "full"`, `"scope": "most"`, `report: unknown scope "most"`, false},
		{"state", `"state": "finished"`, `"state": "done"`, `report: unknown state "done"`, false},
		{"verdict word", `"verdict": "non-conformant"`, `"verdict": "fine"`, `report: unknown verdict "fine"`, false},
		{"verdict", `"verdict": "non-conformant"`, `"verdict": "conformant"`, `report: the verdict is "conformant", but the results give "non-conformant"`, true},
		{"running and green", `"state": "finished",` + "\n  " + `"verdict": "non-conformant"`, `"state": "running",` + "\n  " + `"verdict": "conformant"`, `report: the verdict is "conformant" while the run is running`, false},
		{"outcome", `"outcome":"fail"`, `"outcome":"failed"`, `report: result "example.com.mail/host/records-served": unknown outcome "failed"`, false},
		{"result's subject", `"subject":"harness"`, `"subject":"harnes"`, `report: result "control/dial": unknown subject "harnes"`, false},
		{"result's level", `"level":"SHOULD"`, `"level":"should"`, `report: result "shop.example.web/static/logo": unknown level "should"`, false},
		{"no id", `"id":"control/dial"`, `"id":""`, `report: result "": no id`, false},
		{"id twice", `"id":"control/dial"`, `"id":"shop.example.web/static/logo"`, `report: two results have the id "shop.example.web/static/logo"`, true},
		{"failure made a pass", `"outcome":"fail"`, `"outcome":"pass"`, "report: the counts do not agree with the 8 results", true},
		{"count", `"counts": {` + "\n    " + `"blocked": 1`, `"counts": {"blocked": 2`, "report: the counts do not agree with the 8 results", true},
		{"count by subject", `"harness": {` + "\n      " + `"pass": 1`, `"harness": {"pass": 2`, "report: the counts do not agree with the 8 results", true},
		{"count by level", `"SHOULD": {` + "\n      " + `"warning": 1`, `"SHOULD": {"warning": 2`, "report: the counts do not agree with the 8 results", true},
		{"assertions of a pass", `"assertions":5`, `"assertions":0`, "", false},
		{"number of planned", `"planned": 8`, `"planned": 80`, "", true},
		{"digest", `"sha256":"2c26b46b`, `"sha256":"2C26b46b`, "", false},
		{"evidence elsewhere", `"file":"evidence/2c`, `"file":"../2c`, "", false},
		{"not JSON", `{`, `[`, "report: not JSON: invalid character ':' after array element", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := edit(t, tc.old, tc.new)
			_, err := ReadJSON(strings.NewReader(doc))
			if tc.text != "" {
				if err == nil {
					t.Fatal("the report was read")
				}
				if err.Error() != tc.text {
					t.Errorf("error\n%s\nwant\n%s", err, tc.text)
				}
			}
			if tc.name == "not JSON" {
				return
			}
			if err := validate(t, schema, doc); (err == nil) != tc.schemaOK {
				t.Errorf("the schema says %v", err)
			}
		})
	}
}

func TestReportsThatAreNoDocument(t *testing.T) {
	for doc, want := range map[string]string{
		"":                           "report: the file is empty; the run that wrote it did not get as far as its plan",
		" \n":                        "report: the file is empty; the run that wrote it did not get as far as its plan",
		mustJSON(t, sample()) + "{}": "report: not JSON: invalid character '{' after top-level value",
	} {
		if _, err := ReadJSON(strings.NewReader(doc)); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// Every member of the model is in the schema and every member of the schema is
// in the model: neither grows alone.
func TestSchemaAndModelHaveTheSameMembers(t *testing.T) {
	var doc struct {
		Properties map[string]any `json:"properties"`
		Defs       map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &doc); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		model  any
		schema map[string]any
	}{
		{"run", Run{}, doc.Properties},
		{"result", Result{}, doc.Defs["result"].Properties},
		{"planned", Planned{}, doc.Defs["planned"].Properties},
		{"template", Template{}, doc.Defs["template"].Properties},
		{"check", CheckText{}, doc.Defs["check"].Properties},
		{"failure", Failure{}, doc.Defs["failure"].Properties},
		{"note", Note{}, doc.Defs["note"].Properties},
		{"known", Known{}, doc.Defs["known"].Properties},
		{"baseline", BaselineUse{}, doc.Defs["baseline"].Properties},
		{"evidence", Evidence{}, doc.Defs["evidence"].Properties},
	} {
		model := map[string]bool{}
		for _, f := range reflect.VisibleFields(reflect.TypeOf(tc.model)) {
			if !f.Anonymous && f.IsExported() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				model[name] = true
			}
		}
		schema := map[string]bool{}
		for name := range tc.schema {
			schema[name] = true
		}
		if diff := cmp.Diff(sortedKeys(model), sortedKeys(schema)); diff != "" {
			t.Errorf("%s: -model +schema\n%s", tc.name, diff)
		}
	}
}

func TestSchemaCarriesItsVersion(t *testing.T) {
	if want := fmt.Sprintf(`"schema": {"const": %d}`, SchemaVersion); !bytes.Contains(Schema, []byte(want)) {
		t.Errorf("the schema has no %s", want)
	}
	if want := fmt.Sprintf("report-%d.json", SchemaVersion); !bytes.Contains(Schema, []byte(want)) {
		t.Errorf("the schema's $id does not end in %s", want)
	}
}

func TestReadJSONReportsAReaderThatFails(t *testing.T) {
	_, err := ReadJSON(iotest.ErrReader(errFull))
	if !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

func TestARunThatHasJustBegunFitsTheSchema(t *testing.T) {
	text := mustJSON(t, newRun(planned("m", SubjectTemplate, MUST)))
	if err := validate(t, compiledSchema(t), text); err != nil {
		t.Error(err)
	}
	r, err := ReadJSON(strings.NewReader(text))
	if err != nil || len(r.Plan) != 1 || r.State != StateRunning || r.Verdict != VerdictInconclusive {
		t.Errorf("%+v, %v", r, err)
	}
	// A run that was put together by hand and never finished is not green either.
	text = mustJSON(t, &Run{Schema: SchemaVersion, Tool: Tool, Subject: SubjectTemplate, Scope: ScopeFull, State: StateFinished, Verdict: Conformant, Planned: 1})
	if _, err := ReadJSON(strings.NewReader(text)); err == nil || err.Error() != `report: the verdict is "conformant", but the results give "inconclusive"` {
		t.Errorf("error %v", err)
	}
}
