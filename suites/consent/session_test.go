package consent_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// One sign-in serves all flows of a session, and what a flow costs from then
// on is counted request by request.
func TestSessionIsReused(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		var session consent.Session
		o := consent.Options{Session: &session}
		first, err := d.Approve(ctxFor(t), s.link("domain=one.example"), somebody, o)
		if err != nil {
			t.Fatal(err)
		}
		if !first.SignedIn || !session.Open() || session.Len() != 1 {
			t.Errorf("signed in %v, open %v, %s", first.SignedIn, session.Open(), &session)
		}
		back := s.back.URL("shop.example", s.back.NewToken())
		second, err := d.Approve(ctxFor(t), s.link("domain=two.example&redirect_uri="+url.QueryEscape(back)), somebody, o)
		if err != nil {
			t.Fatal(err)
		}
		var requests []string
		for _, ex := range second.Exchanges {
			at, _, _ := strings.Cut(ex.URL, "?")
			requests = append(requests, fmt.Sprintf("%s %s %d", ex.Method, at, ex.Status))
		}
		want := []string{"GET " + s.URL + "/apply 200", "POST " + s.URL + "/decide 303", "GET " + back + " 200"}
		if diff := cmp.Diff(want, requests); diff != "" {
			t.Error(diff)
		}
		if second.SignedIn || !second.Pressed || !second.Returned {
			t.Errorf("signed in %v, pressed %v, returned %v", second.SignedIn, second.Pressed, second.Returned)
		}
		if _, asked := second.Page(consent.SignIn); asked || s.sessions != 1 {
			t.Errorf("%d sign-ins, pages %v", s.sessions, kinds(second))
		}
		// A flow without the session is asked, as ever.
		third, err := d.Read(ctxFor(t), s.link("domain=three.example"), somebody, consent.Options{})
		if err != nil || !third.SignedIn || s.sessions != 2 {
			t.Errorf("without a session: signed in %v, %d sign-ins, %v", third.SignedIn, s.sessions, err)
		}
	})
}

// A session goes from one driver to the other.
func TestSessionMovesBetweenDrivers(t *testing.T) {
	s, b := sharedBrowser(t)
	f := &consent.Form{Transport: s.rt}
	for _, order := range [][]consent.Driver{{f, b}, {b, f}} {
		s.forget()
		var session consent.Session
		for i, d := range order {
			o, err := d.Approve(ctxFor(t), s.link("domain=example.com"), somebody, consent.Options{Session: &session})
			if err != nil || o.SignedIn != (i == 0) || !o.Pressed {
				t.Errorf("%T as number %d: signed in %v, pressed %v, %v", d, i, o.SignedIn, o.Pressed, err)
			}
		}
	}
}

// While nobody has signed in, flows wait for the one that does.
func TestSessionSignsInOnce(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		var session consent.Session
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				link := s.link(fmt.Sprintf("domain=d%d.example", i))
				if o, err := d.Approve(ctxFor(t), link, somebody, consent.Options{Session: &session}); err != nil || !o.Pressed {
					t.Errorf("%s: pressed %v, %v", link, o.Pressed, err)
				}
			})
		}
		wg.Wait()
		if applied, _ := s.snapshot(); len(applied) != 6 || s.sessions != 1 {
			t.Errorf("%d applied by %d sign-ins", len(applied), s.sessions)
		}
	})
}

// A flow that ends before it has signed in lets the next one try.
func TestSessionOutlivesAFlowThatFails(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		var session consent.Session
		o := consent.Options{Session: &session}
		if _, err := d.Approve(ctxFor(t), s.link("domain=a.example"), target.Credentials{User: "alice", Password: "wrong"}, o); !errors.Is(err, consent.ErrSignIn) {
			t.Fatalf("got %v", err)
		}
		if out, err := d.Approve(ctxFor(t), s.link("refuse=1"), somebody, o); err != nil || out.SignedIn || session.Open() {
			t.Errorf("a refusal: signed in %v, open %v, %v", out.SignedIn, session.Open(), err)
		}
		if out, err := d.Approve(ctxFor(t), s.link("domain=b.example"), somebody, o); err != nil || !out.SignedIn {
			t.Errorf("signed in %v, %v", out.SignedIn, err)
		}
	})
}

// A session that the provider has ended is opened again by whoever is asked,
// and where nobody is named the error says what is missing.
func TestSessionThatIsOver(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		var session consent.Session
		o := consent.Options{Session: &session}
		if _, err := d.Approve(ctxFor(t), s.link("domain=a.example"), somebody, o); err != nil {
			t.Fatal(err)
		}
		s.end()
		_, err := d.Approve(ctxFor(t), s.link("domain=b.example"), target.Credentials{}, o)
		want := "the provider asks to sign in, and no user is named: " + s.URL + "/login?next=%2Fapply%3Fdomain%3Db.example; name a user, or import a session that is good"
		if !errors.Is(err, consent.ErrNoUser) || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		out, err := d.Approve(ctxFor(t), s.link("domain=c.example"), somebody, o)
		if err != nil || !out.SignedIn {
			t.Errorf("signed in %v, %v", out.SignedIn, err)
		}
		if out, err = d.Approve(ctxFor(t), s.link("domain=d.example"), target.Credentials{}, o); err != nil || out.SignedIn {
			t.Errorf("the session that was opened again is not kept: %v, %v", out.SignedIn, err)
		}
	})
}

// No value of a cookie is in any evidence, though pages show it; what is in
// the link stays readable though a cookie has it, too.
func TestSessionIsSecret(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		var session consent.Session
		session.SetCookies(&url.URL{Scheme: "https", Host: s.Listener.Addr().String(), Path: "/"}, []*http.Cookie{
			{Name: "trace", Value: "canary%2Fone%2Btwo"}, {Name: "last", Value: "example.com"}, {Name: "lang", Value: "en"},
		})
		o, err := d.Approve(ctxFor(t), s.link("domain=example.com&leak=1"), somebody, consent.Options{Session: &session})
		if err != nil {
			t.Fatal(err)
		}
		secrets := []string{"canary/one", "canary%2Fone", s.sid()}
		all := fmt.Sprintf("%v %+v %#v", &session, &session, &session)
		mustNotContain(t, "the session in print", all, append(secrets, "example.com")...)
		for _, ex := range o.Exchanges {
			mustNotContain(t, "exchange", ex.Text(), secrets...)
		}
		for _, p := range o.Pages {
			mustNotContain(t, "page", fmt.Sprintf("%s %s %s %s %v %v", p.URL, p.Title, p.HTML, p.Text, p.Tables, p.Alerts), secrets...)
		}
		p, _ := o.Page(consent.Consent)
		if diff := cmp.Diff([]string{"This request is not signed.", "You are [redacted] of [redacted]."}, p.Alerts); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([][]string{{"[redacted]", "example.com", "en"}}, p.Tables[len(p.Tables)-1]); diff != "" {
			t.Error(diff)
		}
	})
}

// Cookies go where RFC 6265 sends them and nowhere else, in both drivers.
func TestSessionKeepsTheScopeOfCookies(t *testing.T) {
	var s consent.Session
	at := func(raw string) *url.URL {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	s.SetCookies(at("https://panel.provider.test:8443/login/step"), []*http.Cookie{
		{Name: "host", Value: "h"}, {Name: "wide", Value: "w", Domain: "provider.test", Path: "/"},
		{Name: "root", Value: "r", Path: "/"}, {Name: "gone", Value: "x", MaxAge: -1},
		{Name: "foreign", Value: "x", Domain: "other.test"}, {Name: "public", Value: "x", Domain: "test"},
	})
	for where, want := range map[string]string{
		"https://panel.provider.test/login/x": "host=h; root=r; wide=w",
		"https://panel.provider.test/":        "root=r; wide=w",
		"https://dns.provider.test/login/":    "wide=w",
		"https://other.test/":                 "",
	} {
		var got []string
		for _, c := range s.Cookies(at(where)) {
			got = append(got, c.Name+"="+c.Value)
		}
		slices.Sort(got)
		if g := strings.Join(got, "; "); g != want {
			t.Errorf("%s gets %q, want %q", where, g, want)
		}
	}
	if want := "session with 3 cookies (host of panel.provider.test/login, wide of provider.test/, root of panel.provider.test/)"; s.String() != want {
		t.Errorf("got  %s\nwant %s", &s, want)
	}
	s.SetCookies(at("https://panel.provider.test/"), []*http.Cookie{{Name: "root", Path: "/", MaxAge: -1}})
	if s.Len() != 2 {
		t.Errorf("a cookie that was taken back is still there: %s", &s)
	}
}
