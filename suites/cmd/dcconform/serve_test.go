package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"
)

// serving is a dcconform serve in the background of a test.
type serving struct {
	cmd   *exec.Cmd
	ready readyLine
	// screen is what was printed until it was ready.
	screen string
	// rest is closed when standard output has ended; after is what came
	// behind the screen.
	rest  chan struct{}
	after string
	// stderr has the lines of standard error as they come.
	stderr chan string
}

// startServe starts the program and waits until it says that it is ready, or
// ends.
func startServe(dir string, args ...string) (*serving, error) {
	program, err := exec.LookPath("dcconform")
	if err != nil {
		return nil, err
	}
	s := &serving{cmd: exec.Command(program, append([]string{"serve"}, args...)...), rest: make(chan struct{}), stderr: make(chan string, 100)}
	s.cmd.Dir = dir
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(s.stderr)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			s.stderr <- lines.Text()
		}
	}()
	out := bufio.NewReader(stdout)
	for {
		line, err := out.ReadString('\n')
		s.screen += line
		if strings.HasPrefix(line, "{") || strings.HasPrefix(line, "Ctrl-C") || err != nil {
			break
		}
	}
	go func() {
		defer close(s.rest)
		text, _ := io.ReadAll(out)
		s.after = string(text)
	}()
	if strings.HasPrefix(s.screen, "{") {
		if err := json.Unmarshal([]byte(s.screen), &s.ready); err != nil {
			return s, err
		}
	}
	return s, nil
}

// end interrupts the program and waits for it. It returns its exit code and
// what it said on standard error.
func (s *serving) end() (int, string, error) {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return 0, "", err
	}
	var said strings.Builder
	for line := range s.stderr {
		said.WriteString(line + "\n")
	}
	<-s.rest
	err := s.cmd.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); exited {
		err = nil
	}
	return s.cmd.ProcessState.ExitCode(), said.String(), err
}

// served are the programs of the scripts that run.
var served sync.Map

// serveCommands are commands for scripts:
//
//	serve ARGS…      starts dcconform serve; its stdout is what it prints until
//	                 it is ready. Sets URL, DNS, ADMIN and CA from the file
//	                 ready.json or the JSON that was printed.
//	interrupt        ends it, wants exit code 0; its stdout is what was on
//	                 standard error
//	fetch URL        prints the status and the body; trusts $CA
//	send METHOD URL JSON   the same with a body
//	ask NAME TYPE    prints the answer of the name server at $DNS
//	fill FILE        puts the values of URL, DNS, ADMIN and CA where the file
//	                 names them as $DNS does
func serveCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"serve": scriptServe, "interrupt": scriptInterrupt, "fetch": scriptFetch, "send": scriptSend, "ask": scriptAsk,
		"fill":  scriptFill,
		"exits": scriptExits, "mode": scriptMode,
	}
}

func scriptServe(ts *testscript.TestScript, _ bool, args []string) {
	if runtime.GOOS == "windows" {
		ts.Fatalf("serve is interrupted by a signal, which Windows cannot send: guard the script with [windows] skip")
	}
	s, err := startServe(ts.MkAbs("."), args...)
	if s != nil {
		ts.Defer(func() { _ = s.cmd.Process.Kill() })
		served.Store(ts, s)
	}
	if err != nil {
		ts.Fatalf("%v", err)
	}
	_, _ = io.WriteString(ts.Stdout(), s.screen)
	if s.ready.URL == "" {
		text, err := os.ReadFile(ts.MkAbs("ready.json"))
		if err != nil {
			code, said, _ := s.end()
			ts.Fatalf("%v; exit code %d\n%s", err, code, said)
		}
		ts.Check(json.Unmarshal(text, &s.ready))
	}
	for name, value := range map[string]string{"URL": s.ready.URL, "DNS": s.ready.DNS, "ADMIN": s.ready.Admin, "CA": s.ready.CA} {
		ts.Setenv(name, value)
	}
}

func scriptInterrupt(ts *testscript.TestScript, _ bool, _ []string) {
	v, ok := served.LoadAndDelete(ts)
	if !ok {
		ts.Fatalf("nothing is served")
	}
	s := v.(*serving)
	code, said, err := s.end()
	_, _ = io.WriteString(ts.Stdout(), said)
	if err != nil || code != 0 || s.after != "" {
		ts.Fatalf("exit code %d, %v; further output %q\n%s", code, err, s.after, said)
	}
}

func scriptFetch(ts *testscript.TestScript, neg bool, args []string) {
	scriptSend(ts, neg, append([]string{http.MethodGet}, args...))
}

func scriptSend(ts *testscript.TestScript, neg bool, args []string) {
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	status, text, err := request(args[0], args[1], body, ts.Getenv("CA"))
	if (err != nil) != neg {
		ts.Fatalf("%v", err)
	}
	_, _ = fmt.Fprintf(ts.Stdout(), "%d\n%s", status, text)
}

// request sends one request, trusting one CA and nothing else.
func request(method, address, body, ca string) (int, string, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return 0, "", err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return 0, "", fmt.Errorf("%s holds no certificate", ca)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), errors.Join(err, resp.Body.Close())
}

func scriptAsk(ts *testscript.TestScript, _ bool, args []string) {
	q := new(dns.Msg).SetQuestion(dns.Fqdn(args[0]), dns.StringToType[args[1]])
	m, err := dns.Exchange(q, ts.Getenv("DNS"))
	if err != nil {
		ts.Fatalf("%v", err)
	}
	_, _ = fmt.Fprintln(ts.Stdout(), dns.RcodeToString[m.Rcode])
	for _, rr := range m.Answer {
		_, _ = fmt.Fprintln(ts.Stdout(), strings.ReplaceAll(rr.String(), "\t", " "))
	}
}

func scriptFill(ts *testscript.TestScript, _ bool, args []string) {
	file := ts.MkAbs(args[0])
	text := os.Expand(ts.ReadFile(file), ts.Getenv)
	ts.Check(os.WriteFile(file, []byte(text), 0o600))
}

// TestSecondInterruptEndsAtOnce interrupts serve while a request is in
// progress, for which the first interrupt waits five seconds.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	s, err := startServe(t.TempDir(), "--format", "json")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	conn := hold(t, s.ready)
	defer func() { _ = conn.Close() }()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if line := <-s.stderr; line != "dcconform serve: stopping; interrupt again to end at once" {
		t.Fatalf("standard error: %s", line)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	// The first signal is being handled while this one is sent, so it may have
	// to be sent again.
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case <-again.C:
			if err := s.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
		}
	}
	status, ok := s.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("it ended by %v, not by the second interrupt", s.cmd.ProcessState)
	}
	_ = os.Remove(s.ready.CA) // Nobody else does, when it ends at once.
}

// TestInterruptCutsWhoDoesNotEnd waits for a request that never ends, cuts it
// and says so.
func TestInterruptCutsWhoDoesNotEnd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	s, err := startServe(t.TempDir(), "--format", "json")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	conn := hold(t, s.ready)
	defer func() { _ = conn.Close() }()
	code, said, err := s.end()
	const want = "dcconform serve: stopping; interrupt again to end at once\n" +
		"dcconform serve: HTTP requests were still being answered after 5s and were cut: POST /ux/sign-in\n"
	if err != nil || code != 3 || said != want {
		t.Errorf("%v, exit code %d, standard error\n%s", err, code, said)
	}
	if _, err := os.Stat(s.ready.CA); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary file %s is still there (%v)", s.ready.CA, err)
	}
}

// hold begins a request that does not end, and returns once it is being read.
func hold(t *testing.T, ready readyLine) net.Conn {
	t.Helper()
	pem, err := os.ReadFile(ready.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	u, err := url.Parse(ready.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tls.Dial("tcp", u.Host, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "POST /ux/sign-in HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	head := make([]byte, len("HTTP/1.1 100 Continue"))
	if _, err := io.ReadFull(conn, head); err != nil || !bytes.HasSuffix(head, []byte("100 Continue")) {
		t.Fatalf("%q, %v", head, err)
	}
	return conn
}
