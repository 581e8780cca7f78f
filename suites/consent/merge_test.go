package consent

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// A browser gives back what it changed. What it did not touch may have been
// changed by another flow in the meantime, and stays so.
func TestMerge(t *testing.T) {
	at := &url.URL{Scheme: "https", Host: "p.test", Path: "/"}
	one := func(name, value string) kept { return kept{host: "p.test", path: "/", name: name, value: value} }
	var s Session
	for _, k := range []kept{one("untouched", "1"), one("renewed", "1"), one("dropped", "1"), one("gone", "1")} {
		s.set(at, k.cookie())
	}
	before := s.snapshot()
	// Another flow was quicker.
	s.set(at, one("untouched", "2").cookie())
	gone := one("gone", "1").cookie()
	gone.MaxAge = -1
	s.set(at, gone)
	s.merge(before, []kept{one("untouched", "1"), one("renewed", "2"), one("gone", "1"), one("new", "1")})
	got := map[string]string{}
	for _, k := range s.snapshot() {
		got[k.name] = k.value
	}
	if diff := cmp.Diff(map[string]string{"untouched": "2", "renewed": "2", "new": "1"}, got); diff != "" {
		t.Error(diff)
	}
	sent := map[string]string{}
	for _, c := range s.Cookies(at) {
		sent[c.Name] = c.Value
	}
	if diff := cmp.Diff(got, sent); diff != "" {
		t.Errorf("what is sent is not what is kept: %s", diff)
	}
}

// One flow at a time may sign in; once one has, all others go at once, those
// that waited as well. Who leaves without success lets the next one try.
func TestEnter(t *testing.T) { synctest.Test(t, enterInTurn) }

func enterInTurn(t *testing.T) {
	var s Session
	first, err := s.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := s.enter(ctx); !errors.Is(err, stop) || err.Error() != "waiting for another flow to sign in: enough" {
		t.Fatalf("got %v", err)
	}
	first()
	first() // leaving twice frees one place
	second, err := s.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.enter(ctx); !errors.Is(err, stop) {
		t.Fatalf("two flows may sign in at once: %v", err)
	}
	entered := make(chan func(), 2)
	for range 2 {
		go func() {
			leave, err := s.enter(t.Context())
			if err != nil {
				t.Error(err)
			}
			entered <- leave
		}()
	}
	synctest.Wait() // both wait for their turn
	s.opened()
	second()
	// Neither leaves before both are in.
	for _, leave := range []func(){<-entered, <-entered} {
		leave()
	}
}
