package browser

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// System is the machine as this package sees it. Host is the real one; tests
// make their own.
type System struct {
	// GOOS is the operating system as Go calls it.
	GOOS string
	// Distro are the ids of a Linux distribution, the own first, then those
	// that it is like: "ubuntu", "debian".
	Distro []string
	// Root says that commands run with all rights.
	Root bool
	// Home is the user's folder, ProgramDirs where Windows keeps programs.
	Home        string
	ProgramDirs []string
	// LookPath finds an executable by name on the search path, or checks the
	// one at a path.
	LookPath func(name string) (string, error)
	// ReadDir lists the names in a folder.
	ReadDir func(dir string) ([]string, error)
	// Run runs a command to its end, with env added to the environment, and
	// returns what it printed. Without a terminal, it cannot ask anything.
	Run func(ctx context.Context, env []string, name string, args ...string) ([]byte, error)
}

// Host is the machine that the program runs on.
func Host() System {
	s := System{
		GOOS:     runtime.GOOS,
		Root:     os.Geteuid() == 0,
		LookPath: exec.LookPath,
		ReadDir:  readDir,
		Run:      run,
	}
	s.Home, _ = os.UserHomeDir()
	switch s.GOOS {
	case "windows":
		for _, name := range []string{"ProgramFiles", "ProgramFiles(x86)", "LocalAppData"} {
			s.ProgramDirs = append(s.ProgramDirs, os.Getenv(name))
		}
	case "linux":
		if b, err := os.ReadFile("/etc/os-release"); err == nil {
			s.Distro = parseRelease(b)
		}
	}
	return s
}

func readDir(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

func run(ctx context.Context, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	// A child of the command may keep the output open after it was ended.
	cmd.WaitDelay = 5 * time.Second
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		if last := lastLine(problems.String()); last != "" {
			return out.Bytes(), fmt.Errorf("%w: %s", err, last)
		}
		return out.Bytes(), err
	}
	return out.Bytes(), nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return strings.TrimSpace(s[strings.LastIndex(s, "\n")+1:])
}

// parseRelease reads ID and ID_LIKE of an os-release file.
func parseRelease(b []byte) []string {
	var id, like []string
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		name, value, _ := strings.Cut(strings.TrimSpace(sc.Text()), "=")
		value = strings.ToLower(strings.Trim(value, `"'`))
		switch name {
		case "ID":
			id = []string{value}
		case "ID_LIKE":
			like = strings.Fields(value)
		}
	}
	return append(id, like...)
}
