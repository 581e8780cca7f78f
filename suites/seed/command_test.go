package seed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dcconform/dcconform/suites/target"
)

// TestMain makes the test binary a hook when its first argument says so.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if hook := hooks[os.Args[1]]; hook != nil {
			os.Exit(hook(os.Args[2:]))
		}
	}
	goleak.VerifyTestMain(m)
}

var hooks = map[string]func(args []string) int{
	"hook-record": func(args []string) int {
		in, err := io.ReadAll(os.Stdin)
		if err == nil {
			err = os.WriteFile(args[0], []byte(strings.Join(args[1:], " ")+"\n"+string(in)), 0o600)
		}
		if err != nil {
			return 9
		}
		fmt.Println("standard output is nobody's business")
		return 0
	},
	"hook-fail": func([]string) int {
		fmt.Fprintln(os.Stderr, "login with hunter2 failed")
		return 3
	},
	"hook-quiet": func([]string) int { return 4 },
	"hook-talk": func([]string) int {
		for i := range 100_000 {
			fmt.Fprintf(os.Stderr, "line %d\n", i)
		}
		return 5
	},
	"hook-orphan": func(args []string) int {
		child := exec.Command(os.Args[0], "hook-child", args[0])
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			return 9
		}
		return 0
	},
	"hook-child": func(args []string) int {
		conn, err := net.Dial("tcp", args[0])
		if err == nil {
			_, err = io.ReadAll(conn) // until the test ends
		}
		if err != nil {
			return 9
		}
		return 0
	},
	"hook-hang": func([]string) int {
		r, _, err := os.Pipe() // nobody writes into it
		if err == nil {
			_, err = io.ReadAll(r)
		}
		fmt.Fprintln(os.Stderr, err)
		return 9
	},
}

func hooked(t *testing.T, seed []string) *target.Config {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &target.Config{
		Domains: domains, Accounts: []target.Account{{User: "me", Password: target.NewSecret("hunter2")}},
		Hooks: target.Hooks{Seed: append([]string{self}, seed...), Reset: []string{self, "hook-record", filepath.Join(t.TempDir(), "reset"), "{zone}"}},
	}
}

func TestCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file")
	c := hooked(t, []string{"hook-record", file, "--zone={zone}", "$HOME; `exit 1`", ""})
	s := New(c, nil)
	if !s.Available() {
		t.Fatal("it is not available")
	}
	if err := s.Seed(t.Context(), "open.test.", []string{"WWW.open.test. 300 IN A 192.0.2.1", `open.test. 60 IN TXT "a;b" "$HOME"`}); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	want := "--zone=open.test $HOME; `exit 1` \nwww.open.test. 300 IN A 192.0.2.1\nopen.test. 60 IN TXT \"a;b\" \"$HOME\"\n"
	if got := read(file); got != want {
		t.Errorf("seed read %q, want %q", got, want)
	}
	if err := s.Reset(t.Context(), "open.test", []string{"www.open.test", "a\nb.open.test"}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(c.Hooks.Reset[2]), "open.test\na\\010b.open.test.\nwww.open.test.\n"; got != want {
		t.Errorf("reset read %q, want %q", got, want)
	}
}

func TestCommandFails(t *testing.T) {
	record := []string{"www.open.test. 300 IN A 192.0.2.1"}
	for hook, want := range map[string]string{
		"hook-fail":  "exit status 3; its error output ends:\nlogin with [redacted] failed",
		"hook-quiet": "exit status 4; it wrote no error output",
	} {
		c := hooked(t, []string{hook})
		err := New(c, nil).Seed(t.Context(), "open.test", record)
		if want = "hooks.seed (" + c.Hooks.Seed[0] + ") for open.test.: " + want; err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", hook, err, want)
		}
	}
	err := New(hooked(t, []string{"hook-talk"}), nil).Seed(t.Context(), "open.test", record)
	if err == nil || len(err.Error()) > 3<<10 || !strings.Contains(err.Error(), "exit status 5; its error output ends:\n…\nline 99") || !strings.HasSuffix(err.Error(), "\nline 99999") {
		t.Errorf("%v", err)
	}
	c := hooked(t, nil)
	c.Hooks.Seed = []string{filepath.Join(t.TempDir(), "no-program")}
	if err := New(c, nil).Seed(t.Context(), "open.test", record); err == nil || !strings.HasPrefix(err.Error(), "hooks.seed ("+c.Hooks.Seed[0]+") for open.test.: ") {
		t.Errorf("%v", err)
	}
}

func TestRevoker(t *testing.T) {
	if Revoker(&target.Config{}) != nil {
		t.Error("a target without hooks can take a permission back")
	}
	file := filepath.Join(t.TempDir(), "revoked")
	c := hooked(t, nil)
	self := c.Hooks.Reset[0]
	c.OAuth.Client = "dcconform"
	c.Hooks.Revoke = []string{self, "hook-record", file, "--user={user}", "--app", "{client}", "{zone}"}
	if err := Revoker(c)(t.Context(), "me $HOME"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "--user=me $HOME --app dcconform {zone}\n"; err != nil || string(got) != want {
		t.Errorf("it was given %q (%v), want %q", got, err, want)
	}
	c.Hooks.Revoke = []string{self, "hook-fail"}
	err = Revoker(c)(t.Context(), "me")
	if want := "hooks.revoke (" + self + ") for me: exit status 3; its error output ends:\nlogin with [redacted] failed"; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

func TestCommandIsBounded(t *testing.T) {
	c := hooked(t, []string{"hook-hang"})
	to := &command{seed: c.Hooks.Seed, ceiling: 300 * time.Millisecond}
	err := newGuard(domains, to).Seed(t.Context(), "open.test", []string{"www.open.test. 300 IN A 192.0.2.1"})
	want := "hooks.seed (" + c.Hooks.Seed[0] + ") for open.test.: it has not ended within 300ms; it wrote no error output"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the run is stopped"))
	err = New(c, nil).Seed(ctx, "open.test", []string{"www.open.test. 300 IN A 192.0.2.1"})
	if err == nil || !strings.Contains(err.Error(), "the run is stopped") {
		t.Errorf("%v", err)
	}
}

// A hook that starts a server and ends would else hold the run for ever.
func TestCommandThatLeavesAProgramBehind(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	done, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			ended <- err
			return
		}
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			err = errors.New("the hook is waited for as long as what it left behind")
		}
		ended <- errors.Join(err, conn.Close())
	}()
	c := hooked(t, []string{"hook-orphan", listener.Addr().String()})
	if err := New(c, nil).Seed(t.Context(), "open.test", []string{"www.open.test. 300 IN A 192.0.2.1"}); err != nil {
		t.Error(err)
	}
	close(done)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNone(t *testing.T) {
	s := New(&target.Config{Domains: domains}, nil)
	if s.Available() || !errors.Is(s.Seed(t.Context(), "open.test", nil), ErrNoHook) || !errors.Is(s.Reset(t.Context(), "open.test", nil), ErrNoHook) {
		t.Error("a target without hooks has one")
	}
}

func TestTail(t *testing.T) {
	for _, c := range []struct {
		writes []string
		want   string
	}{
		{nil, ""},
		{[]string{"short"}, "short"},
		{[]string{"one\n", "two\n", "three\n"}, "…\nthree\n"},
		{[]string{"abc\nthis is too long at once\nend"}, "…\nend"},
		{[]string{"a line that never ends with a secret"}, "…\n"},
	} {
		w := &tail{limit: 10}
		for _, s := range c.writes {
			if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
				t.Errorf("%q: %d, %v", s, n, err)
			}
		}
		if got := w.String(); got != c.want {
			t.Errorf("%q ends %q, want %q", c.writes, got, c.want)
		}
	}
}
