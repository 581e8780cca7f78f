package consent_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dcconform/dcconform/suites/consent"
)

func newBrowser(t *testing.T, s *stage) *consent.Browser {
	t.Helper()
	b := s.browser(findBrowser(t))
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// A browser re-encodes what the form driver sends as it is.
func TestSentIsWhatWentOut(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		link := s.link("refuse=1&v=it's&w=<x>&e=%27")
		o, err := d.Approve(ctxFor(t), link, somebody, consent.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := link
		if _, ok := d.(*consent.Browser); ok {
			want = s.link("refuse=1&v=it%27s&w=%3Cx%3E&e=%27")
		}
		if o.Link != link || o.Sent != want || s.URL+s.received[0] != want {
			t.Errorf("link %s\nsent %s\nreceived %s\nwant %s", o.Link, o.Sent, s.URL+s.received[0], want)
		}
	})
}

// The host rules: whatever a page asks for, nothing but the provider and the
// callback server is dialled. A listener on the same machine plays the rest
// of the world.
func TestBrowserStaysOnTheMachine(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t, s)
	outside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	dials := 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := outside.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			dials++
			mu.Unlock()
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(outside.Addr().String())
	wanted := []string{"https://cdn.example/logo.png", "https://" + outside.Addr().String() + "/a.png", "https://localhost:" + port + "/b.png", "https://192.0.2.1/c.png"}
	var page strings.Builder
	for _, u := range wanted {
		fmt.Fprintf(&page, "<img src=%q>", u)
	}
	o, err := b.Approve(ctxFor(t), s.link("html="+url.QueryEscape(page.String())), somebody, consent.Options{})
	if err != nil {
		t.Fatal(err)
	}
	outside.Close()
	<-done
	if dials != 0 {
		t.Errorf("the page reached another server of this machine %d times", dials)
	}
	strays, _ := s.back.Strays()
	var seen []string
	for _, h := range strays {
		seen = append(seen, h.URL)
	}
	for _, u := range wanted {
		if !slices.Contains(o.Requests, u) {
			t.Errorf("%s is not among the requests %q", u, o.Requests)
		}
		if !slices.Contains(seen, u) {
			t.Errorf("%s did not reach the callback server, which saw %q", u, seen)
		}
	}
	if len(seen) != len(wanted) {
		t.Errorf("the browser asked for more than the page did: %q", seen)
	}
}

// Without a callback server no other name resolves at all.
func TestBrowserWithoutFallback(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t, s)
	b.Fallback = ""
	token := s.back.NewToken()
	to := s.back.URL("shop.example", token)
	o, err := b.Approve(ctxFor(t), s.link("redirect_uri="+url.QueryEscape(to)), somebody, consent.Options{})
	if err != nil || o.Final != to+"?state=" || !o.Returned {
		t.Errorf("final %s, returned %v, %v", o.Final, o.Returned, err)
	}
	if hits := s.back.Hits(token); hits != nil {
		t.Errorf("reached: %v", hits)
	}
}

// Trust is by pin: a certificate that nobody pinned stays bad, though its
// neighbour's is pinned.
func TestBrowserTrustsPinsAlone(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t, s)
	b.Pins = []string{s.back.Pin()}
	_, err := b.Approve(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{})
	want := "GET " + s.link("refuse=1") + ": net::ERR_CERT_AUTHORITY_INVALID"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if len(s.received) != 0 {
		t.Errorf("the request went out: %q", s.received)
	}
}

func TestBrowserGoneAndBack(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t, s)
	s.onHang = func() {
		p, err := os.FindProcess(b.Pid())
		if err != nil {
			t.Error(err)
			return
		}
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
	}
	o, err := b.Approve(ctxFor(t), s.link("hang=1"), somebody, consent.Options{})
	if !errors.Is(err, consent.ErrBrowserGone) {
		t.Fatalf("got %v, want ErrBrowserGone", err)
	}
	if len(o.Exchanges) == 0 || o.Exchanges[0].URL != s.link("hang=1") {
		t.Errorf("what was seen until then is lost: %v", o.Exchanges)
	}
	if o, err = b.Approve(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{}); err != nil || len(o.Pages) != 1 {
		t.Errorf("the next flow: %v", err)
	}
	if b.Starts() != 2 {
		t.Errorf("%d starts, want 2", b.Starts())
	}
}

// A flow that is given up ends alone: its browser serves the next one.
func TestBrowserOutlivesAFlow(t *testing.T) {
	s, b := sharedBrowser(t)
	if _, err := b.Approve(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{}); err != nil {
		t.Fatal(err)
	}
	pid, starts := b.Pid(), b.Starts()
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("the user pressed Ctrl-C")
	s.onHang = func() { cancel(stop) }
	_, err := b.Approve(ctx, s.link("hang=1"), somebody, consent.Options{})
	if !errors.Is(err, stop) || errors.Is(err, consent.ErrBrowserGone) {
		t.Errorf("got %v", err)
	}
	hung := make(chan struct{})
	defer close(hung)
	s.onHang = func() { <-hung }
	_, err = b.Approve(t.Context(), s.link("hang=1"), somebody, consent.Options{Ceiling: 200 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "the flow did not end within 200ms") || errors.Is(err, consent.ErrBrowserGone) {
		t.Errorf("got %v", err)
	}
	if _, err := b.Approve(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{}); err != nil {
		t.Error(err)
	}
	if b.Starts() != starts || b.Pid() != pid {
		t.Errorf("%d starts, was %d; process %d, was %d", b.Starts(), starts, b.Pid(), pid)
	}
}

func TestBrowserStartFails(t *testing.T) {
	s := newStage(t)
	b := newBrowser(t, s)
	b.Path = os.Args[0] + "-missing"
	o, err := b.Approve(ctxFor(t), s.link("x=1"), somebody, consent.Options{})
	if !errors.Is(err, consent.ErrBrowserGone) || !errors.Is(err, os.ErrNotExist) || o == nil || b.Pid() != 0 {
		t.Errorf("got %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := b.Approve(ctxFor(t), s.link("x=1"), somebody, consent.Options{}); err == nil || err.Error() != "the browser driver was closed" {
		t.Errorf("got %v", err)
	}
}

// A browser that does not start costs its ceiling a few times, not once for
// each of a thousand templates.
func TestBrowserThatNeverStartsIsGivenUp(t *testing.T) {
	s := newStage(t)
	b := &consent.Browser{Path: filepath.Join(t.TempDir(), "browser")}
	var last string
	for i := range consent.StartTries + 1 {
		if i == consent.StartTries {
			// Another try would see that it is there now.
			if err := os.WriteFile(b.Path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := b.Approve(ctxFor(t), s.link("x=1"), somebody, consent.Options{})
		if !errors.Is(err, consent.ErrBrowserGone) || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("flow %d: %v", i+1, err)
		}
		last = fmt.Sprint(err)
	}
	if want := ": given up after 2 tries"; !strings.HasSuffix(last, want) {
		t.Errorf("the last flow: %s\nwant at the end %s", last, want)
	}
}

// Nothing is left: no process, no profile.
func TestBrowserLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temp)
	}
	s := newStage(t)
	b := newBrowser(t, s)
	if _, err := b.Approve(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{}); err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(b.Pid())
	if err != nil {
		t.Fatal(err)
	}
	if before, err := os.ReadDir(temp); err != nil || len(before) == 0 {
		t.Fatalf("no profile while it runs: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err == nil {
		t.Error("the browser still ran")
	}
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		t.Errorf("left behind: %s", e.Name())
	}
}

func TestBrowserFlowsInParallel(t *testing.T) {
	s, b := sharedBrowser(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			token := s.back.NewToken()
			to := s.back.URL("shop.example", token)
			o, err := b.Approve(ctxFor(t), s.link("redirect_uri="+url.QueryEscape(to)+"&state="+token), somebody, consent.Options{})
			if err != nil || o.Final != to+"?state="+token {
				t.Errorf("%v, final %s", err, o.Final)
			}
		})
	}
	wg.Wait()
	if applied, _ := s.snapshot(); len(applied) != 4 {
		t.Errorf("%d applied, want 4", len(applied))
	}
}

// Cookies of one flow are not another's.
func TestFlowsShareNoCookies(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		for i := range 2 {
			o, err := d.Approve(ctxFor(t), s.link("domain=example.com"), somebody, consent.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := o.Page(consent.SignIn); !ok || s.sessions != i+1 {
				t.Errorf("flow %d was not asked to sign in: %v", i+1, kinds(o))
			}
		}
	})
}

func TestScreenshots(t *testing.T) {
	s, b := sharedBrowser(t)
	for _, o := range []consent.Options{{Screenshots: true}, {Screenshots: true, Width: 390, Height: 844, Phone: true}} {
		out, err := b.Approve(ctxFor(t), s.link("domain=example.com"), somebody, o)
		if err != nil {
			t.Fatal(err)
		}
		want := 1280
		if o.Phone {
			want = 2 * 390
		}
		if len(out.Pages) != 3 {
			t.Fatalf("pages %v", kinds(out))
		}
		for _, p := range out.Pages {
			img, err := png.Decode(bytes.NewReader(p.Screenshot))
			if err != nil {
				t.Fatalf("%s: %v", p.Kind, err)
			}
			if got := img.Bounds().Dx(); o.Phone && got != want && got != 390 || !o.Phone && got != want {
				t.Errorf("%s: %d pixels wide, want %d", p.Kind, got, want)
			}
		}
	}
	out, err := b.Approve(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{})
	if err != nil || out.Pages[0].Screenshot != nil {
		t.Errorf("a screenshot that nobody asked for: %v", err)
	}
}

func TestConsoleAndDialogs(t *testing.T) {
	s, b := sharedBrowser(t)
	script := `<script>console.log("hello", 7, "pass word&1"); alert("stop"); setTimeout(() => { throw new Error("late") })</script>`
	o, err := b.Approve(ctxFor(t), s.link("html="+url.QueryEscape(script)), somebody, consent.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(o.Console, "\n")
	for _, want := range []string{"log: hello 7 [redacted]", "dialog alert: stop", "late"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not on the console:\n%s", want, all)
		}
	}
}

// A style sheet hides what markup shows; users cannot press that.
func TestBrowserSeesWhatUsersSee(t *testing.T) {
	s, b := sharedBrowser(t)
	decoy := `<style>.x{display:none}</style><form class=x method=post action=/elsewhere><button value=confirm name=a>Confirm</button></form>`
	o, err := b.Approve(ctxFor(t), s.link("decoy="+url.QueryEscape(decoy)), somebody, consent.Options{})
	if err != nil || !o.Pressed || o.Final != s.URL+"/result" {
		t.Errorf("final %s, %v", o.Final, err)
	}
}

// A page that closes its window ends the flow, and that is no error.
func TestBrowserWindowClosed(t *testing.T) {
	s, b := sharedBrowser(t)
	o, err := b.Approve(ctxFor(t), s.link("closing=1"), somebody, consent.Options{})
	if err != nil || !o.Closed || !o.Pressed || o.Returned {
		t.Errorf("closed %v, pressed %v, %v, console %q", o.Closed, o.Pressed, err, o.Console)
	}
	if o, err = b.Approve(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{}); err != nil || o.Closed {
		t.Errorf("a page that stays: closed %v, %v", o.Closed, err)
	}
}
