package zone

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Every spfRules of the real templates is accepted, with a domain, an address
// or a rule where its variables stand.
func TestRealSPFRules(t *testing.T) {
	folder := os.Getenv("DC_TEMPLATES")
	if folder == "" {
		t.Skip("DC_TEMPLATES is not set: real templates not tried")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates in DC_TEMPLATES: %v", err)
	}
	whole := regexp.MustCompile(`^%[^%]+%$`)
	address := regexp.MustCompile(`(ip4:)%[^%]+%`)
	name := regexp.MustCompile(`%[^%{]+%`)
	tried := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var template struct {
			Records []struct{ Type, SPFRules string }
		}
		// Numbers may be strings; only two members are wanted.
		if err := json.Unmarshal(raw, &template); err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		for _, r := range template.Records {
			if r.Type != "SPFM" {
				continue
			}
			rules := whole.ReplaceAllString(r.SPFRules, "include:spf.example.net")
			rules = address.ReplaceAllString(rules, "${1}192.0.2.1")
			rules = name.ReplaceAllString(rules, "spf.example.net")
			if _, err := parseSPFRules(rules); err != nil {
				t.Errorf("%s: %q: %v", filepath.Base(file), rules, err)
			}
			tried[rules] = true
		}
	}
	if len(tried) < 10 {
		t.Errorf("%d different spfRules tried, want at least 10", len(tried))
	}
}
