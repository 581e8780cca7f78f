package dc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
)

// tooStrict is what the schema refuses although editions or real templates
// have it. mended is the template without it.
type tooStrict struct {
	name, document string
	mended         func(template map[string]any)
}

var tooStricts = []tooStrict{
	{"null-is-absent", `{"hostRequired": null, "records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60, "groupId": null}]}`, func(template map[string]any) {
		dropNulls(template)
		each(template, dropNulls)
	}},
	{"values-of-numbers", `{"records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": "%ttl1%"}]}`, func(template map[string]any) {
		each(template, func(r map[string]any) {
			for _, name := range []string{"ttl", "priority", "weight", "port"} {
				switch r[name].(type) {
				case string, json.Number:
					r[name] = json.Number("1")
				}
			}
		})
	}},
	{"host-required", `{"records": [{"type": "CNAME", "host": "@", "pointsTo": "www.example.net", "ttl": 60}]}`, func(template map[string]any) {
		if _, ok := template["hostRequired"].(bool); ok || template["hostRequired"] == nil {
			template["hostRequired"] = true
		}
	}},
	{"types-unknown", `{"records": [{"type": "a", "pointsTo": "192.0.2.1"}]}`, func(template map[string]any) {
		each(template, func(r map[string]any) {
			if name, ok := r["type"].(string); ok && name != "" && len(dc.Required(name)) == 0 {
				r["type"], r["host"], r["data"], r["ttl"] = "TYPE65280", "@", "x", json.Number("1")
			}
		})
	}},
	{"types-by-number", `{"records": [{"type": "TYPE5", "host": "www", "pointsTo": "www.example.net", "ttl": 60}]}`, func(template map[string]any) {
		each(template, func(r map[string]any) {
			name, _ := r["type"].(string)
			canonical, _, ok := dc.CanonicalType(name)
			if ok && canonical != name && r["data"] == nil {
				r["type"] = canonical
			}
		})
	}},
}

// tooLax is what the schema takes although no provider can use it. refused
// tells the problem of the parser.
type tooLax struct {
	name, document string
	refused        func(p dc.Problem, template map[string]any) bool
}

func class(want ...string) func(dc.Problem, map[string]any) bool {
	return func(p dc.Problem, _ map[string]any) bool { return slices.Contains(want, p.Class) }
}

var tooLaxes = []tooLax{
	{"ids", `{"serviceId": "a/b", "records": []}`, class(dc.ProblemID, dc.ProblemIDLength)},
	{"duplicate-members", `{"version": 1, "version": 2, "records": []}`, class(dc.ProblemDuplicate)},
	{"large-numbers", `{"version": 9223372036854775808, "records": []}`, class(dc.ProblemRange)},
	{"bounds", `{"x": ` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `, "records": []}`, class(dc.ProblemTooDeep, dc.ProblemTooLarge)},
	{"encoding", "{\"description\": \"\xff\", \"records\": []}", class(dc.ProblemNotJSON)},
	{"newer-members", `{"crit": "vnd.x.y", "records": []}`, func(p dc.Problem, _ map[string]any) bool {
		return p.Class == dc.ProblemType && (p.Pointer == "/templateSpecVersion" || strings.HasSuffix(p.Pointer, "/crit"))
	}},
	{"host-of-apexcname", `{"records": [{"type": "APEXCNAME", "host": 1, "pointsTo": "www.example.net", "ttl": 60}]}`, func(p dc.Problem, _ map[string]any) bool {
		return p.Class == dc.ProblemType && strings.HasSuffix(p.Pointer, "/host")
	}},
	{"empty-type", `{"records": [{"type": "", "host": "@", "data": "x", "ttl": 60}]}`, func(p dc.Problem, _ map[string]any) bool {
		return p.Class == dc.ProblemMissing && strings.HasSuffix(p.Message, "has no type")
	}},
}

// each calls f for every record that is an object.
func each(template map[string]any, f func(map[string]any)) {
	records, _ := template["records"].([]any)
	for _, r := range records {
		if record, ok := r.(map[string]any); ok {
			f(record)
		}
	}
}

func dropNulls(m map[string]any) {
	for name, v := range m {
		if v == nil {
			delete(m, name)
		}
	}
}

// publicSchema compiles the schema of the public template repository, which
// lies beside its templates and is no part of this project.
func publicSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir := os.Getenv("DC_TEMPLATES")
	if dir == "" {
		t.Skip("DC_TEMPLATES is not set: the public template schema not tried")
	}
	file := filepath.Join(dir, "..", "template.schema")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("the schema is looked for beside the folder of templates: %v", err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("template.schema", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("template.schema")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// differences names what makes parser and schema disagree about a document:
// none when they agree, and "?" for a disagreement that has no name.
func differences(schema *jsonschema.Schema, data []byte) []string {
	_, parseErr := dc.Parse("t.json", data)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	template, isObject := doc.(map[string]any)
	takes := err == nil && schema.Validate(doc) == nil
	switch {
	case takes == (parseErr == nil):
		return nil
	case takes:
		return lax(parseErr, template)
	case err != nil || !isObject:
		return []string{"?"}
	}
	return strict(schema, template)
}

// lax explains that the parser refuses what the schema takes: each of its
// problems has to have a name.
func lax(err error, template map[string]any) []string {
	var problems dc.Problems
	if !errors.As(err, &problems) {
		return []string{"?"}
	}
	var names []string
	for _, p := range problems {
		i := slices.IndexFunc(tooLaxes, func(d tooLax) bool { return d.refused(p, template) })
		if i < 0 {
			return []string{"? " + p.String()}
		}
		names = append(names, tooLaxes[i].name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// strict explains that the parser takes what the schema refuses: without the
// named differences the schema has to take it. A difference that is not needed
// for that is not named.
func strict(schema *jsonschema.Schema, template map[string]any) []string {
	takes := func(without int) bool {
		copied := clone(template)
		for i, d := range tooStricts {
			if i != without {
				d.mended(copied)
			}
		}
		return schema.Validate(copied) == nil
	}
	if !takes(-1) {
		return []string{"?"}
	}
	var names []string
	for i, d := range tooStricts {
		if !takes(i) {
			names = append(names, d.name)
		}
	}
	return names
}

func clone(template map[string]any) map[string]any {
	data, err := json.Marshal(template)
	if err != nil {
		return nil
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	copied, _ := doc.(map[string]any)
	return copied
}

// whole puts the members that every template has in front of a document's own.
func whole(document string) []byte {
	ids := `{"providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S", `
	if strings.Contains(document, `"serviceId"`) {
		ids = strings.Replace(ids, `"serviceId": "s", `, "", 1)
	}
	return []byte(ids + strings.TrimPrefix(document, "{"))
}

// Every difference is real: on its document the two disagree, in the direction
// that it says, and for no other reason. And it stands in the README.
func TestDifferencesFromThePublicSchemaAreReal(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "templates", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string]string{}
	for _, d := range tooStricts {
		documents[d.name] = d.document
	}
	for _, d := range tooLaxes {
		documents[d.name] = d.document
	}
	for name := range documents {
		if !strings.Contains(string(readme), "**"+name+"**") {
			t.Errorf("the README does not list %s", name)
		}
	}
	if listed := strings.Count(string(readme), "- **"); listed != len(documents) {
		t.Errorf("the README lists %d differences, there are %d", listed, len(documents))
	}
	schema := publicSchema(t)
	for name, document := range documents {
		if got := differences(schema, whole(document)); !slices.Equal(got, []string{name}) {
			t.Errorf("%s: the document shows %q", name, got)
		}
	}
}

// Parser and schema agree about our own templates, good and bad, and about the
// public ones, but for the named differences.
func TestPublicSchemaOnTemplates(t *testing.T) {
	schema := publicSchema(t)
	good, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string][]byte{}
	for _, f := range good {
		documents[f.Name] = f.Data
	}
	bad, err := fixtures.Failing()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range bad {
		documents[f.Name] = f.Data
	}
	public, err := filepath.Glob(filepath.Join(os.Getenv("DC_TEMPLATES"), "*.json"))
	if err != nil || len(public) == 0 {
		t.Fatalf("DC_TEMPLATES holds no template: %v", err)
	}
	for _, file := range public {
		if documents[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	count := map[string]int{}
	for name, data := range documents {
		for _, d := range differences(schema, data) {
			count[d]++
			if strings.HasPrefix(d, "?") {
				t.Errorf("%s: parser and schema disagree: %s", name, d)
			}
		}
	}
	t.Logf("%d templates, differences: %v", len(documents), count)
}

// Each member of each type of record, and each of the template, is left out,
// and has a value of every JSON type, and the two still agree.
func TestPublicSchemaOnChangedTemplates(t *testing.T) {
	schema := publicSchema(t)
	good, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	tried, count := map[string]bool{}, map[string]int{}
	for _, f := range good {
		template := map[string]any{}
		d := json.NewDecoder(bytes.NewReader(f.Data))
		d.UseNumber()
		if err := d.Decode(&template); err != nil {
			t.Fatal(err)
		}
		try := func(kind string, m map[string]any) {
			for name, before := range m {
				if tried[kind+"/"+name] {
					continue
				}
				tried[kind+"/"+name] = true
				delete(m, name)
				agree(t, schema, count, kind+" without "+name, template)
				for _, v := range []any{nil, true, "", "a1", "%x%", json.Number("0"), json.Number("-1"), json.Number("1.5"), []any{}, []any{true}, map[string]any{}} {
					m[name] = v
					agree(t, schema, count, kind+" with another "+name, template)
				}
				m[name] = before
			}
		}
		each(template, func(r map[string]any) {
			kind, _ := r["type"].(string)
			try(kind, r)
		})
		try("template", template)
	}
	if len(tried) < 80 {
		t.Errorf("only %d members were tried", len(tried))
	}
	t.Logf("%d members, differences: %v", len(tried), count)
}

func agree(t *testing.T, schema *jsonschema.Schema, count map[string]int, what string, template map[string]any) {
	t.Helper()
	data, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences(schema, data) {
		count[d]++
		if strings.HasPrefix(d, "?") {
			t.Errorf("%s: parser and schema disagree: %s\n%s", what, d, data)
		}
	}
}
