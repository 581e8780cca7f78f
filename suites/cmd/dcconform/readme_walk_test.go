package main

import (
	"crypto/x509"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// walk is the asynchronous flow by hand, as the README shows it.
type walk struct{ serve, link, steps string }

// readWalk finds the walk: the blocks behind its heading.
func readWalk(t *testing.T) walk {
	t.Helper()
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), "\n## A client of your own, by hand first\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	blocks := strings.Split(rest, "```")
	if !ok || len(blocks) != 7 {
		t.Fatalf("the README has no walk of three blocks: %d parts", len(blocks))
	}
	body := func(block string) string {
		_, text, _ := strings.Cut(block, "\n")
		return text
	}
	return walk{serve: body(blocks[1]), link: strings.TrimSpace(body(blocks[3])), steps: body(blocks[5])}
}

// shown are the lines that the steps say they print.
func (w walk) shown() string {
	var lines strings.Builder
	for line := range strings.Lines(w.steps) {
		if text, ok := strings.CutPrefix(line, "# "); ok {
			lines.WriteString(text)
		}
	}
	return lines.String()
}

// TestReadmeWalk takes the steps of the README with ports that the system
// chose: the program as it is started there, the link as it stands there, and
// the commands by a shell.
func TestReadmeWalk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the walk is for a POSIX shell")
	}
	for _, name := range []string{"sh", "curl", "dig", "sed"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not on PATH: nobody has walked through the README", name)
		}
	}
	w, dir := readWalk(t), t.TempDir()
	args := strings.Fields(strings.ReplaceAll(w.serve, "\\\n", " "))
	for i, arg := range args {
		if strings.HasPrefix(arg, "127.0.0.1:") {
			args[i] = "127.0.0.1:0"
		}
	}
	s, err := startServe(dir, append(args[2:], "--format", "json")...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if code, said, err := s.end(); err != nil || code != 0 {
			t.Errorf("serve ended with %d, %v: %s", code, err, said)
		}
	})
	_, port, _ := strings.Cut(s.ready.DNS, ":")
	here := strings.NewReplacer("https://127.0.0.1:8443", s.ready.URL, "-p 5353", "-p "+port)
	cmd := exec.Command("sh", "-euc", strings.Replace(here.Replace(w.steps), "CODE=…", "CODE="+codeFor(t, s.ready, here.Replace(w.link)), 1))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if want := w.shown(); err != nil || string(out) != want || strings.Count(want, "\n") != 5 {
		t.Errorf("%v; the walk prints\n%s\nand the README shows\n%s", err, out, want)
	}
}

// codeFor has the user agree, and reads the code where the browser is sent.
func codeFor(t *testing.T, ready readyLine, link string) string {
	t.Helper()
	pem, err := os.ReadFile(ready.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := target.NewTransport(&target.Dialer{Allow: []string{strings.TrimPrefix(ready.URL, "https://")}}, roots)
	defer transport.CloseIdleConnections()
	form := &consent.Form{Transport: transport}
	user := target.Credentials{User: ready.Users[0].Name, Password: ready.Users[0].Password}
	out, err := form.Approve(t.Context(), link, user, consent.Options{})
	if out == nil || !out.Pressed {
		t.Fatalf("nobody was asked, %v", err)
	}
	u, err := url.Parse(out.Final)
	if err != nil || u.Host != "localhost:9000" || u.Query().Get("code") == "" {
		t.Fatalf("the browser was sent to %q, %v", out.Final, err)
	}
	return u.Query().Get("code")
}
