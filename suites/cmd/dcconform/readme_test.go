package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/suites/browser"
)

const readme = "../../../README.md"

// session is one command of a console block with the output that it shows.
type session struct {
	command string
	want    string
}

// sessions reads the console blocks of a Markdown file.
func sessions(text string) []session {
	var all []session
	inside := false
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case inside && strings.HasPrefix(line, "$ "):
			all = append(all, session{command: line[2:]})
		case inside && len(all) > 0:
			all[len(all)-1].want += line + "\n"
		}
	}
	return all
}

// duration is what differs from run to run.
var duration = regexp.MustCompile(`\b(\d+m)?\d+(\.\d+)?(ms|s)\b`)

func settled(s string) string { return duration.ReplaceAllString(strings.TrimSpace(s), "TIME") }

// What the README shows is what the program prints. The files that its
// sessions name, and that a reader would bring, stand in testdata/readme.
func TestReadmeSessions(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	all := sessions(string(data))
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/readme")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "fixtures", "templates"), os.DirFS("../../../fixtures/templates")); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, s := range all {
		args, ok := strings.CutPrefix(s.command, "bin/dcconform ")
		if !ok {
			if s.want != "" || !strings.HasPrefix(s.command, "make ") {
				t.Errorf("the README shows %q, which this test cannot run", s.command)
			}
			continue
		}
		tried++
		t.Run(args, func(t *testing.T) { trySession(t, dir, args, s.want) })
	}
	if tried == 0 {
		t.Error("the README shows no session of dcconform")
	}
}

func trySession(t *testing.T, dir, args, want string) {
	t.Helper()
	args, input, _ := strings.Cut(args, " < ")
	if strings.HasPrefix(args, "certify") && !strings.Contains(args, "--consent form") {
		if _, err := browser.Find(""); err != nil {
			t.Skipf("this session wants a browser: %v", err)
		}
	}
	cmd := exec.Command(program(t), strings.Fields(args)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	if input != "" {
		f, err := os.Open(filepath.Join(dir, input))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.Stdin = f
	}
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if got := settled(stdout.String()); got != settled(want) {
		t.Errorf("it prints\n%s\nand the README shows\n%s", got, settled(want))
	}
}

// program is the real program, built once for this test.
func program(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "dcconform")
	out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}
