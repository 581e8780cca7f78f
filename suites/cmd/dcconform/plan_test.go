package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// planExit runs the command and returns its exit code.
func planExit(t *testing.T, stdin string, args ...string) int {
	t.Helper()
	c := newPlanCommand()
	c.SilenceErrors, c.SilenceUsage = true, true
	var stdout, stderr bytes.Buffer
	c.SetIn(strings.NewReader(stdin))
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	c.SetArgs(args)
	err := c.Execute()
	var code exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	return exitUsage
}

func TestPlanExitCodes(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	good := file("good.json", `{"providerId":"a","providerName":"a","serviceId":"b","serviceName":"b","records":[{"type":"A","host":"@","pointsTo":"%ip%","ttl":300}]}`)
	bad := file("bad.json", `{}`)
	zone := file("bad.zone", "example.com. 300 IN A nine\n")
	tests := []struct {
		name  string
		stdin string
		args  []string
		code  int
	}{
		{"a plan", "", []string{"--template", good, "--domain", "example.com", "--var", "ip=192.0.2.1"}, 0},
		{"a plan with conflicts", "", []string{"--template", good, "--domain", "example.com", "--var", "ip=192.0.2.1", "--zone", file("a.zone", "example.com. 300 IN A 192.0.2.9\n")}, 0},
		{"missing variable", "", []string{"--template", good, "--domain", "example.com"}, 1},
		{"no template", "", []string{"--template", bad, "--domain", "example.com"}, 1},
		{"unknown group", "", []string{"--template", good, "--domain", "example.com", "--var", "ip=192.0.2.1", "--group", "x"}, 1},
		{"no flags", "", nil, 2},
		{"no domain", "", []string{"--template", good}, 2},
		{"bad domain", "", []string{"--template", good, "--domain", "a..b", "--var", "ip=192.0.2.1"}, 2},
		{"bad zone", "", []string{"--template", good, "--domain", "example.com", "--zone", zone}, 2},
		{"missing file", "", []string{"--template", filepath.Join(dir, "x"), "--domain", "example.com"}, 2},
		{"unknown flag", "", []string{"--templates", good}, 2},
		{"batch with flags", "{}\n", []string{"--batch", "--template", good}, 2},
		{"batch", "{}\n", []string{"--batch"}, 0},
		{"batch without a case", "\n \n", []string{"--batch"}, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if code := planExit(t, test.stdin, test.args...); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
		})
	}
}

// A closed list that help does not show is not a list.
func TestPlanHelpListsTheClasses(t *testing.T) {
	help := newPlanCommand().Long
	for _, class := range []string{"invalid-template", "missing-variable", "cannot-coexist", "invalid-input."} {
		if !strings.Contains(help, class) {
			t.Errorf("help has no %s:\n%s", class, help)
		}
	}
	for line := range strings.Lines(help) {
		if len(strings.TrimSuffix(line, "\n")) > 88 {
			t.Errorf("long line in help: %s", line)
		}
	}
}
