package house

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fakeGo makes this test's binary answer as a go command would: what it prints
// for "version", or nothing and a failure.
const fakeGo = "HOUSE_FAKE_GO"

func TestMain(m *testing.M) {
	answer, ok := os.LookupEnv(fakeGo)
	if !ok {
		os.Exit(m.Run())
	}
	// A Go that is too old for go.mod and may not fetch another fails, unless
	// it is asked about itself.
	if local, found := strings.CutPrefix(answer, "local "); found {
		if os.Getenv("GOTOOLCHAIN") != "local" {
			fmt.Fprintln(os.Stderr, "go: go.mod requires go >= 1.26.0 (running go 1.24.1; GOTOOLCHAIN=local)")
			os.Exit(1)
		}
		answer = local
	}
	fmt.Println(answer)
}

// Whoever has the wrong Go reads one sentence, not a page of make and go.
func TestMakefileOnTheWrongGo(t *testing.T) {
	make, err := exec.LookPath("make")
	if err != nil {
		t.Skip("no make here: the Makefile is not tried")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	self = filepath.ToSlash(self)
	for _, c := range []struct{ name, goCommand, answer, want string }{
		{"the one in go.mod", self, "go version go1.26.0 linux/amd64", ""},
		{"a newer one", self, "go version go1.30.2 linux/amd64", ""},
		{"a development version", self, "go version devel go1.27-4f2b8c1 Mon Nov 23 linux/amd64", ""},
		{"an older one", self, "go version go1.25.9 linux/amd64", `dcconform needs Go 1.26 or newer, and "` + self + `" is Go 1.25: install a newer one from https://go.dev/dl/.`},
		{"one with fewer digits", self, "go version go1.9 linux/amd64", `dcconform needs Go 1.26 or newer, and "` + self + `" is Go 1.9: install a newer one from https://go.dev/dl/.`},
		{"one that may not fetch another", self, "local go version go1.24.1 linux/amd64", `dcconform needs Go 1.26 or newer, and "` + self + `" is Go 1.24: install a newer one from https://go.dev/dl/.`},
		{"something else", self, "gccgo", `dcconform needs Go 1.26 or newer, and "` + self + `" is Go of an unknown version: install a newer one from https://go.dev/dl/.`},
		{"none", "no-such-go", "", `dcconform needs Go 1.26 or newer, and there is no "no-such-go" here: install it from https://go.dev/dl/.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), make, "--no-print-directory", "-C", filepath.Join("..", ".."), "go-check", "GO="+c.goCommand)
			cmd.Env = append(os.Environ(), fakeGo+"="+c.answer)
			out, err := cmd.CombinedOutput()
			var said []string
			for line := range strings.Lines(string(out)) {
				if !strings.HasPrefix(line, "make") {
					said = append(said, strings.TrimSpace(line))
				}
			}
			if got := strings.Join(said, "\n"); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if (err == nil) != (c.want == "") {
				t.Errorf("make ends with %v", err)
			}
		})
	}
}

// help is what a bare make prints; a target that is not in it is not found.
func TestMakefileHelpNamesEveryTarget(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "\n.DEFAULT_GOAL := help\n") {
		t.Error("a bare make does not print the help")
	}
	for _, target := range []string{"certify", "test", "build", "lint", "bench", "ci", "clean"} {
		if !strings.Contains(string(src), "\n"+target+":") {
			t.Errorf("there is no target %s", target)
		}
		if !strings.Contains(string(src), `@echo "make `+target+" ") {
			t.Errorf("help does not name %s", target)
		}
	}
}
