package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/reports"
)

// wrong is a template that cannot be applied: a CNAME beside an A.
func wrong(t *testing.T, path, serviceID string) {
	t.Helper()
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	var template map[string]any
	if err := json.Unmarshal(files[0].Data, &template); err != nil {
		t.Fatal(err)
	}
	template["serviceId"] = serviceID
	template["records"] = []any{
		map[string]any{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600},
		map[string]any{"type": "CNAME", "host": "www", "pointsTo": "@", "ttl": 600},
	}
	data, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readReport(t *testing.T, path string) *reports.Run {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := reports.ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The command that a failure names is taken literally, by a shell, where the
// run was started: it must say the same about the same case.
func TestRerunReproduces(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here: no command is tried literally")
	}
	dir := t.TempDir()
	wrong(t, filepath.Join(dir, "two words", "it's.json"), "words")
	wrong(t, filepath.Join(dir, "twins", "first.json"), "twin")
	wrong(t, filepath.Join(dir, "twins", "second.json"), "twin")
	wrong(t, filepath.Join(dir, "-dash.json"), "dash")
	values := "alder.example.net.words:\n  ip: 192.0.2.1\nalder.example.net.twin:\n  ip: 192.0.2.2\n"
	if err := os.WriteFile(filepath.Join(dir, "values.yaml"), []byte(values), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, command, says string }{
		{"a name to be quoted", `dcconform certify --consent form --out first 'two words'`, `'two words/it'\''s.json'`},
		{"two files with the same ids", `dcconform certify --consent form --out first twins`, "twins/first.json"},
		{"a file that looks like a flag", `dcconform certify --consent form --out first -- -dash.json`, " -- -dash.json"},
		{"values for several templates", `dcconform certify --consent form --out first --values values.yaml 'two words' twins`, "--values values.yaml"},
		{"other words that matter", `dcconform certify --consent form --out first --seed 7 --edition dcspec-2.3 --key-host mine 'two words'`,
			"--seed 7 --edition dcspec-2.3 --consent form --key-host mine "},
	} {
		t.Run(c.name, func(t *testing.T) {
			shell(t, sh, dir, c.command)
			first := readReport(t, filepath.Join(dir, "first", reports.ReportFile))
			tried := map[string]bool{}
			for _, want := range first.Results {
				if want.Outcome != reports.Fail || tried[want.Template] {
					continue
				}
				tried[want.Template] = true
				if !strings.Contains(want.Rerun, c.says) {
					t.Errorf("%s\nlacks %s", want.Rerun, c.says)
				}
				shell(t, sh, dir, want.Rerun)
				again := readReport(t, filepath.Join(dir, "conformance-report", reports.ReportFile))
				saysAgain(t, want, again)
			}
			if len(tried) != len(first.Templates) {
				t.Errorf("%d of %d templates failed", len(tried), len(first.Templates))
			}
		})
	}
}

// shell runs a command that has to end with a failure of the template.
func shell(t *testing.T, sh, dir, command string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), sh, "-c", command)
	cmd.Dir = dir
	output, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != reports.ExitNonConformant {
		t.Fatalf("%s\nexit %d: %s", command, code, output)
	}
}

func saysAgain(t *testing.T, want reports.Result, r *reports.Run) {
	t.Helper()
	for _, got := range r.Results {
		if got.ID == want.ID {
			if got.Outcome != want.Outcome || got.Message != want.Message {
				t.Errorf("%s\nsays %s: %s\nand the first run said %s: %s", want.Rerun, got.Outcome, got.Message, want.Outcome, want.Message)
			}
			return
		}
	}
	t.Errorf("%s\ndoes not run %s", want.Rerun, want.ID)
}
