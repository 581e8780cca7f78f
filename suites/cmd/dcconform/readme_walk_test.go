package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
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

// hidden are the fields of a form of the mock that its users do not see.
var hidden = regexp.MustCompile(`type="hidden" name="(csrf|request)" value="([^"]*)"`)

// codeFor signs in and agrees as a user does, and reads the code where the
// browser is sent.
func codeFor(t *testing.T, ready readyLine, link string) string {
	t.Helper()
	pem, err := os.ReadFile(ready.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	user := http.Client{Transport: transport, Jar: jar, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if "https://"+next.URL.Host != ready.URL {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	send := func(method, address string, form url.Values) (page, away string) {
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", ready.URL)
		resp, err := user.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		return string(text), resp.Header.Get("Location")
	}
	answer := func(page, action string) url.Values {
		form := url.Values{"action": {action}, "user": {ready.Users[0].Name}, "password": {ready.Users[0].Password}}
		for _, field := range hidden.FindAllStringSubmatch(page, -1) {
			form.Set(field[1], field[2])
		}
		return form
	}
	page, _ := send(http.MethodGet, link, nil)
	page, _ = send(http.MethodPost, ready.URL+"/ux/sign-in", answer(page, "sign-in"))
	if !strings.Contains(page, "<h1>Allow <bdi>Hornbeam dynamic address</bdi></h1>") {
		t.Fatalf("alice is shown\n%s", page)
	}
	_, away := send(http.MethodPost, ready.URL+"/ux/consent", answer(page, "confirm"))
	u, err := url.Parse(away)
	if err != nil || u.Host != "localhost:9000" || u.Query().Get("code") == "" {
		t.Fatalf("the browser was sent to %q, %v", away, err)
	}
	return u.Query().Get("code")
}
