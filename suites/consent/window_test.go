package consent_test

import (
	"os"
	"sync"
	"testing"

	"github.com/dcconform/dcconform/suites/consent"
)

// Flows that share a window share nothing else: each is asked to sign in, and
// hears of its own requests only. A window that a page has closed, or a
// browser that has died, is replaced.
func TestOneWindow(t *testing.T) {
	s := newStage(t)
	b := s.browser(findBrowser(t))
	b.OneWindow = true
	defer func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	approve := func(query string) *consent.Outcome {
		t.Helper()
		o, err := b.Approve(ctxFor(t), s.link(query), somebody, consent.Options{})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if _, asked := o.Page(consent.SignIn); !asked || !o.Pressed || o.Sent != s.link(query) {
			t.Errorf("%s: pages %v, pressed %v, sent %s", query, kinds(o), o.Pressed, o.Sent)
		}
		return o
	}
	first := approve("domain=one.example")
	second := approve("domain=two.example")
	if len(second.Exchanges) != len(first.Exchanges) {
		t.Errorf("the first flow had %d exchanges, the second %d", len(first.Exchanges), len(second.Exchanges))
	}
	approve("closing=1")
	approve("domain=three.example")
	p, err := os.FindProcess(b.Pid())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Approve(ctxFor(t), s.link("domain=gone.example"), somebody, consent.Options{}); err == nil {
		t.Error("a flow in a browser that was killed has no error")
	}
	approve("domain=four.example")
	// A session is what flows share when they are told to, and it does not
	// stay behind in the window.
	var session consent.Session
	for i := range 2 {
		o, err := b.Approve(ctxFor(t), s.link("domain=kept.example"), somebody, consent.Options{Session: &session})
		if err != nil || o.SignedIn != (i == 0) || !o.Pressed {
			t.Errorf("flow %d of the session: signed in %v, pressed %v, %v", i, o.SignedIn, o.Pressed, err)
		}
	}
	approve("domain=seven.example")
	var wg sync.WaitGroup
	for _, domain := range []string{"five.example", "six.example"} {
		wg.Go(func() { approve("domain=" + domain) })
	}
	wg.Wait()
	if b.Starts() != 2 {
		t.Errorf("%d starts, want 2", b.Starts())
	}
}
