package compliance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// suite is one YAML file.
type suite struct {
	Version     string `yaml:"version"`
	Type        string `yaml:"suite_type"`
	Description string `yaml:"description"`
	Tests       []test `yaml:"tests"`
}

// test is one compliance case as it stands in the file.
type test struct {
	ID          string `yaml:"id"`
	Description string `yaml:"description"`
	Input       input  `yaml:"input"`
	Expect      expect `yaml:"expect"`
}

type input struct {
	ProviderID      string           `yaml:"provider_id"`
	ServiceID       string           `yaml:"service_id"`
	ZoneRecords     []record         `yaml:"zone_records"`
	TemplateRecords []map[string]any `yaml:"template_records"`
	Domain          string           `yaml:"domain"`
	Host            *string          `yaml:"host"`
	Params          map[string]any   `yaml:"params"`
	GroupIDs        []string         `yaml:"group_ids"`
	MultiAware      bool             `yaml:"multi_aware"`
	MultiInstance   bool             `yaml:"multi_instance"`
	UniqueID        string           `yaml:"unique_id"`
	RedirectRecords []map[string]any `yaml:"redirect_records"`
	IgnoreSignature bool             `yaml:"ignore_signature"`
	Query           string           `yaml:"qs"`
	Signature       string           `yaml:"sig"`
	Key             string           `yaml:"key"`
}

// expect is what the other engine does.
type expect struct {
	New       int       `yaml:"new_count"`
	Delete    int       `yaml:"delete_count"`
	Records   *[]record `yaml:"records"`
	Exception string    `yaml:"exception"`
}

// record is a record of the zone.
type record struct {
	Type     string         `yaml:"type"`
	Name     string         `yaml:"name"`
	Data     string         `yaml:"data"`
	TTL      *int64         `yaml:"ttl"`
	Priority int64          `yaml:"priority"`
	Weight   int64          `yaml:"weight"`
	Port     int64          `yaml:"port"`
	Protocol string         `yaml:"protocol"`
	Service  string         `yaml:"service"`
	Meta     map[string]any `yaml:"_dc"`
}

// question is a case ready to be run: the template is there, and values are
// text.
type question struct {
	test
	file   string
	top    map[string]any // template members beside records
	params map[string]string
	host   string
	// noTemplate is set when the case asks for a template that is not there.
	noTemplate bool
	// services are the labels that stand for what the case calls service and
	// protocol of an SRV, by "service/protocol".
	services map[string]string
	// back replaces what stands for something else in our answer; pairs are
	// what it was made of.
	back  *strings.Replacer
	pairs []string
}

// load reads all suites of a folder. An empty folder, an unknown suite type and
// an unknown field are errors.
func load(dir string) ([]question, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var all []question
	for _, file := range files {
		questions, err := loadFile(dir, file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		all = append(all, questions...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s holds no compliance case", dir)
	}
	return all, nil
}

func loadFile(dir, file string) ([]question, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var s suite
	if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
		return nil, err
	}
	if s.Type != "process_records" && s.Type != "apply_template" {
		return nil, fmt.Errorf("suite_type %q is not known; there are process_records and apply_template", s.Type)
	}
	if len(s.Tests) == 0 {
		return nil, fmt.Errorf("the suite holds no case")
	}
	var all []question
	for _, t := range s.Tests {
		q, err := prepare(dir, s.Type, t)
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", t.ID, err)
		}
		q.file = filepath.Base(file)
		all = append(all, q)
	}
	return all, nil
}

// prepare finds the template and makes all values text.
func prepare(dir, suiteType string, t test) (question, error) {
	q := question{test: t, params: map[string]string{}, services: map[string]string{}, back: strings.NewReplacer()}
	if t.Input.Host != nil {
		q.host = *t.Input.Host
	}
	for name, value := range t.Input.Params {
		q.params[name] = fmt.Sprint(value)
	}
	q.top = map[string]any{"providerId": "provider.example", "providerName": "P", "serviceId": "service", "serviceName": "S"}
	if suiteType == "process_records" {
		if t.Input.TemplateRecords == nil {
			return q, fmt.Errorf("it has no template_records")
		}
		return q, nil
	}
	// The header of the suite says which records a redirect has there.
	q.Input.RedirectRecords = []map[string]any{
		{"type": "A", "pointsTo": "127.0.0.1", "ttl": 600}, {"type": "AAAA", "pointsTo": "::1", "ttl": 600},
	}
	name, err := findTemplate(filepath.Join(dir, "templates"), t.Input.ProviderID+"."+t.Input.ServiceID+".json")
	if err != nil && t.Expect.Exception == "InvalidTemplate" {
		q.noTemplate = true
		return q, nil
	}
	if err != nil {
		return q, err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return q, err
	}
	q.top = map[string]any{}
	if err := json.Unmarshal(text, &q.top); err != nil {
		return q, err
	}
	records, _ := q.top["records"].([]any)
	delete(q.top, "records")
	for _, r := range records {
		fields, ok := r.(map[string]any)
		if !ok {
			return q, fmt.Errorf("%s: a record is no object", name)
		}
		q.Input.TemplateRecords = append(q.Input.TemplateRecords, fields)
	}
	return q, nil
}

// findTemplate finds a file whatever the case of the ids: the other engine
// looks templates up so, which is no business of the core.
func findTemplate(dir, name string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(entries, func(e os.DirEntry) bool { return strings.EqualFold(e.Name(), name) })
	if i < 0 {
		return "", fmt.Errorf("the template %s is not in %s", name, dir)
	}
	return filepath.Join(dir, entries[i].Name()), nil
}

func TestLoadIsStrict(t *testing.T) {
	write := func(name, text string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	const good = "version: \"1.0\"\nsuite_type: process_records\ndescription: x\ntests:\n  - id: a\n    description: x\n    input: {zone_records: [], template_records: [], domain: a.example, params: {}}\n    expect: {new_count: 0, delete_count: 0, records: []}\n"
	if all, err := load(write("a.yaml", good)); err != nil || len(all) != 1 {
		t.Errorf("control: %v, %v", all, err)
	}
	for _, c := range []struct{ name, dir, want string }{
		{"empty folder", t.TempDir(), "holds no compliance case"},
		{"unknown suite", write("a.yaml", strings.Replace(good, "process_records", "other", 1)), `suite_type "other" is not known`},
		{"unknown field", write("a.yaml", strings.Replace(good, "domain:", "domian:", 1)), "domian"},
		{"no case", write("a.yaml", "version: \"1.0\"\nsuite_type: process_records\ndescription: x\ntests: []\n"), "the suite holds no case"},
		{"no template records", write("a.yaml", strings.Replace(good, "template_records: [], ", "", 1)), "it has no template_records"},
		{"no template", write("a.yaml", strings.Replace(strings.Replace(good, "process_records", "apply_template", 1), "template_records: []", "provider_id: a, service_id: b", 1)), "templates"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := load(c.dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one with %q", err, c.want)
			}
		})
	}
}
