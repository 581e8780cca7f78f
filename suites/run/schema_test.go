package run

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
)

// What a run leaves fits the published schema, not only what the tests of
// package reports make up.
func TestTheReportOfARunFitsItsSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(reports.Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("report.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	template(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "zz-broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"sound", "crash"} {
		o := options(t, dir)
		o.Child = as(mode)
		if _, err := Certify(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(o.Out, reports.ReportFile))
		if err != nil {
			t.Fatal(err)
		}
		report, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(report); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// A case that names a requirement twice would spoil the report of every run.
func TestARequirementIsNamedOnce(t *testing.T) {
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	sc := &check.Scenario{Name: "apex", Checks: []check.Check{{Key: "apply", Subject: reports.SubjectTemplate,
		Body: func(*check.Case) {}, Requirements: []string{"DC-APPLY-ALL-WRITTEN", "DC-APPLY-ALL-WRITTEN"}}}}
	if err := Validate(sc, reg); err == nil || !strings.Contains(err.Error(), "case apex/apply names DC-APPLY-ALL-WRITTEN twice") {
		t.Errorf("error %v", err)
	}
}
