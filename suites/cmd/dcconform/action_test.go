package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const actionFile = "../../../.github/actions/certify/action.yml"

// action is what this test reads of a composite action.
type action struct {
	Name, Description string
	Inputs            map[string]struct {
		Description, Default string
		Required             bool
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []step
	}
}

type step struct {
	Name, ID, If, Uses, Shell, Run string
	With, Env                      map[string]string
}

func readAction(t *testing.T) action {
	t.Helper()
	data, err := os.ReadFile(actionFile)
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.UnmarshalWithOptions(data, &a, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return a
}

var inputUse = regexp.MustCompile(`inputs\.([a-z-]+)`)

// Every input is used and declared, none of them is code, and what is built is
// there.
func TestAction(t *testing.T) {
	a := readAction(t)
	data, err := os.ReadFile(actionFile)
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, m := range inputUse.FindAllStringSubmatch(string(data), -1) {
		used = append(used, m[1])
		if _, ok := a.Inputs[m[1]]; !ok {
			t.Errorf("the input %s is used and not declared", m[1])
		}
	}
	for name, in := range a.Inputs {
		if !slices.Contains(used, name) || in.Description == "" {
			t.Errorf("the input %s is not used, or not described", name)
		}
	}
	if a.Runs.Using != "composite" || len(a.Runs.Steps) < 6 {
		t.Fatalf("%+v", a.Runs)
	}
	for _, s := range a.Runs.Steps {
		switch {
		case s.Run != "" && s.Shell != "bash":
			t.Errorf("%s: a composite action names its shell", s.Name)
		case strings.Contains(s.Run, "${{"):
			t.Errorf("%s: an expression in a script is code of whoever sets it", s.Name)
		case s.Run == "" && !regexp.MustCompile(`^[a-z-]+/[a-z/-]+@v[0-9]+$`).MatchString(s.Uses):
			t.Errorf("%s: uses %q", s.Name, s.Uses)
		}
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(actionFile), "../../../suites/cmd/dcconform/main.go")); err != nil {
		t.Error(err)
	}
}

// The scripts of the steps do what they say, with the program in its place.
func TestActionSteps(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("there is no bash here to run the steps of the action with")
	}
	steps := map[string]step{}
	for _, s := range readAction(t).Runs.Steps {
		steps[s.Name] = s
	}
	dir := t.TempDir()
	program := "#!" + bash + "\nprintf '%s\\n' \"$*\" >> \"$CALLS\"\nexit \"${STUB_EXIT:-0}\"\n"
	if err := os.WriteFile(filepath.Join(dir, "dcconform"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	run := func(name string, env ...string) (calls, output string, code int) {
		t.Helper()
		s, ok := steps[name]
		if !ok {
			t.Fatalf("there is no step %q", name)
		}
		work := t.TempDir()
		cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
		cmd.Dir = work
		cmd.Env = append([]string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH"), "CALLS=" + work + "/calls", "GITHUB_OUTPUT=" + work + "/output",
			"GITHUB_STEP_SUMMARY=" + work + "/summary", "RUNNER_TEMP=" + work}, env...)
		var printed bytes.Buffer
		cmd.Stdout, cmd.Stderr = &printed, &printed
		if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		read := func(file string) string {
			text, err := os.ReadFile(filepath.Join(work, file))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			return string(text)
		}
		return read("calls"), read("output") + printed.String(), cmd.ProcessState.ExitCode()
	}
	for _, c := range []struct {
		name, step string
		env        []string
		want       string
	}{
		{"plain", "Certify", []string{"TEMPLATES=templates\n", "EDITION=ietf-05", "CONSENT=form", "OUT=out"},
			"certify --out out --edition ietf-05 --consent form -- templates\n|exit-code=0\n|0"},
		{"everything", "Certify", []string{"TEMPLATES=a b.json\n\n$(touch x)\n", "EDITION=dcspec-2.3", "CONSENT=browser", "OUT=my out", "BASELINE=known.yaml", "STRICT=true", "SHARD=1/2", "STUB_EXIT=4"},
			"certify --out my out --edition dcspec-2.3 --consent browser --baseline known.yaml --strict --shard 1/2 -- a b.json $(touch x)\n|exit-code=4\n|0"},
		{"nothing given", "Certify", []string{"TEMPLATES=\n", "EDITION=ietf-05", "CONSENT=form", "OUT=out"},
			"|exit-code=2\n::error title=dcconform::the input templates is empty: name files or folders with templates\n|0"},
		{"compared", "Compare", []string{"OLD=old", "OUT=out", "STUB_EXIT=1"}, "report diff --format markdown old out\n|exit-code=1\n|0"},
		{"no report to tell of", "Tell the job", []string{"OUT=out"}, "||0"},
		{"verdict", "Verdict", []string{"CODE=0"}, "||0"},
		{"not conformant", "Verdict", []string{"CODE=1", "COMPARED=0"}, "||1"},
		{"worse than before", "Verdict", []string{"CODE=0", "COMPARED=1"}, "||1"},
		{"no word of the run", "Verdict", nil, "||3"},
	} {
		calls, output, code := run(c.step, c.env...)
		if got := fmt.Sprintf("%s|%s|%d", calls, output, code); got != c.want {
			t.Errorf("%s: %q\nwant %q", c.name, got, c.want)
		}
	}
}
