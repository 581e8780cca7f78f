package consent_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// stand opens a link and leaves the consent page open.
func stand(t *testing.T, s *stage, session *consent.Session, query string) *consent.Standing {
	t.Helper()
	f := &consent.Form{Transport: s.rt}
	page, out, err := f.Stand(ctxFor(t), s.link(query), somebody, consent.Options{Session: session})
	if err != nil || page == nil {
		t.Fatalf("stand: %v, %v, pages %v", page, err, kinds(out))
	}
	return page
}

// Pages that stand open are answered in any order, each for itself, and more
// than once.
func TestStandingIsAnsweredForItself(t *testing.T) {
	s := newStage(t)
	var session consent.Session
	first := stand(t, s, &session, "domain=one.example")
	second := stand(t, s, &session, "domain=two.example&box=1")
	for _, answer := range []struct {
		press func() (*consent.Outcome, error)
		want  []consent.Kind
	}{
		{func() (*consent.Outcome, error) { return first.Confirm(ctxFor(t)) }, []consent.Kind{consent.Consent, consent.Result}},
		{func() (*consent.Outcome, error) { return second.Confirm(ctxFor(t)) }, []consent.Kind{consent.Consent, consent.Result}},
		{func() (*consent.Outcome, error) { return first.Confirm(ctxFor(t)) }, []consent.Kind{consent.Consent, consent.Result}},
		{func() (*consent.Outcome, error) { return first.Cancel(ctxFor(t)) }, []consent.Kind{consent.Consent, consent.Result}},
	} {
		out, err := answer.press()
		if err != nil || !out.Pressed {
			t.Fatalf("pressed %v, %v", out.Pressed, err)
		}
		if diff := cmp.Diff(answer.want, kinds(out)); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff([]string{"domain=one.example", "domain=two.example&box=1", "domain=one.example"}, s.applied); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"domain=one.example"}, s.canceled); diff != "" {
		t.Error(diff)
	}
}

func TestStandingWithoutConsent(t *testing.T) {
	s := newStage(t)
	f := &consent.Form{Transport: s.rt}
	page, out, err := f.Stand(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{})
	if page != nil || err != nil || len(out.Pages) != 1 {
		t.Errorf("a refusal: %v, %v, pages %v", page, err, kinds(out))
	}
	page, _, err = f.Stand(ctxFor(t), s.link("noconfirm=1"), somebody, consent.Options{})
	want := "a control of the page was not found: no button to confirm on " + s.link("noconfirm=1") + "; name it in the recipe (confirm)"
	if page != nil || !errors.Is(err, consent.ErrControl) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// The approval form by itself: complete, with cookies or without, from the
// page or from another site.
func TestSubmission(t *testing.T) {
	s := newStage(t)
	var session consent.Session
	form, err := stand(t, s, &session, "domain=one.example&box=1").Submission(ctxFor(t))
	if err != nil {
		t.Fatal(err)
	}
	want := consent.Submission{
		Page: s.link("domain=one.example&box=1"), Method: http.MethodPost, Action: s.URL + "/decide",
		Fields: []consent.Field{{"csrf_token", "c5rf-s3cret", true}, {"link", "domain=one.example&box=1", true}, {"override", "1", false}, {"action", "confirm", false}},
	}
	if diff := cmp.Diff(want, form); diff != "" {
		t.Fatal(diff)
	}
	f := &consent.Form{Transport: s.rt}
	send := func(form consent.Submission, as consent.Sender, status int) {
		t.Helper()
		ex, err := f.Send(ctxFor(t), form, as)
		if err != nil || ex.Status != status {
			t.Errorf("status %d, want %d: %v", ex.Status, status, err)
		}
		if strings.Contains(ex.Text(), "s3ssion-0") {
			t.Errorf("the session's cookie is in the evidence:\n%s", ex.Text())
		}
	}
	send(form, consent.Sender{}, http.StatusForbidden)
	send(form, consent.Sender{Session: &session, Origin: "https://elsewhere.example"}, http.StatusForbidden)
	send(form.Without(func(f consent.Field) bool { return f.Name == "csrf_token" }), consent.Sender{Session: &session}, http.StatusForbidden)
	if len(form.Fields) != 4 || len(s.applied) != 0 {
		t.Errorf("%d fields, applied %v", len(form.Fields), s.applied)
	}
	send(form, consent.Sender{Session: &session}, http.StatusSeeOther)
	if diff := cmp.Diff([]string{"domain=one.example&box=1"}, s.applied); diff != "" {
		t.Error(diff)
	}
}

// From another site only those cookies go along that browsers let.
func TestSubmissionCookies(t *testing.T) {
	var got []string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "you are %s", r.Header.Get("Cookie"))
		got = append(got, r.Header.Get("Cookie")+" "+r.Header.Get("Sec-Fetch-Site")+" "+r.Header.Get("Origin"))
	}))
	defer server.Close()
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	session := &consent.Session{}
	session.SetCookies(at, []*http.Cookie{
		{Name: "lax", Value: "1", SameSite: http.SameSiteLaxMode}, {Name: "strict", Value: "2", SameSite: http.SameSiteStrictMode},
		{Name: "none", Value: "3", Secure: true, SameSite: http.SameSiteNoneMode}, {Name: "unmarked", Value: "s3cret-4"},
	})
	f := &consent.Form{Transport: server.Client().Transport}
	form := consent.Submission{Page: server.URL + "/page", Method: http.MethodPost, Action: server.URL + "/decide"}
	for _, as := range []consent.Sender{{}, {Session: session}, {Session: session, Origin: "https://elsewhere.example"}} {
		ex, err := f.Send(ctxFor(t), form, as)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(ex.Text(), "s3cret-4") {
			t.Errorf("a cookie is in the evidence:\n%s", ex.Text())
		}
	}
	if diff := cmp.Diff([]string{
		" same-origin " + server.URL,
		"lax=1; strict=2; none=3; unmarked=s3cret-4 same-origin " + server.URL,
		"none=3; unmarked=s3cret-4 cross-site https://elsewhere.example",
	}, got); diff != "" {
		t.Error(diff)
	}
}

// A copy of a session is somebody else's from then on.
func TestSessionCopy(t *testing.T) {
	s := newStage(t)
	var session consent.Session
	f := &consent.Form{Transport: s.rt}
	early := session.Copy()
	if _, err := f.Read(ctxFor(t), s.link("domain=one.example"), somebody, consent.Options{Session: &session}); err != nil {
		t.Fatal(err)
	}
	late := session.Copy()
	if early.Open() || early.Len() != 0 || !late.Open() || late.String() != session.String() {
		t.Errorf("early %s, late %s, session %s", early, late, &session)
	}
	for _, c := range []struct {
		session *consent.Session
		asked   bool
	}{{early, true}, {late, false}} {
		_, err := f.Read(ctxFor(t), s.link("domain=two.example"), target.Credentials{}, consent.Options{Session: c.session})
		if errors.Is(err, consent.ErrNoUser) != c.asked {
			t.Errorf("asked to sign in: want %v, got %v", c.asked, err)
		}
	}
}

// Redirects lead where they lead browsers.
func TestRedirectAsBrowsersReadIt(t *testing.T) {
	s := newStage(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusSeeOther)
	}))
	defer server.Close()
	s.dialer.Allow = append(s.dialer.Allow, server.Listener.Addr().String())
	pool := s.back.CAs()
	pool.AddCert(server.Certificate())
	rt := target.NewTransport(s.dialer, pool)
	defer rt.CloseIdleConnections()
	f := &consent.Form{Transport: rt}
	for _, c := range []struct {
		to, final string
		notWeb    bool
	}{
		{to: `https://evil.test\@shop.example/cb`, final: "https://evil.test/@shop.example/cb"},
		{to: `\\evil.test/cb`, final: "https://evil.test/cb"},
		{to: " https://evil.test/cb?a=b c\"<d>", final: "https://evil.test/cb?a=b%20c%22%3Cd%3E"},
		{to: `https://evil.test/cb?back\slash`, final: `https://evil.test/cb?back\slash`},
		{to: "//evil.test/cb", final: "https://evil.test/cb"},
		{to: "javascript:alert(1)//shop.example", final: "javascript:alert(1)//shop.example", notWeb: true},
		{to: "https://shop%2eexample:port/", final: "https://shop%2eexample:port/", notWeb: true},
	} {
		out, err := f.Read(ctxFor(t), server.URL+"/?to="+url.QueryEscape(c.to), somebody, consent.Options{})
		if errors.Is(err, consent.ErrNotWeb) != c.notWeb || !c.notWeb && err != nil {
			t.Errorf("%s: %v", c.to, err)
		}
		if out.Final != c.final || out.Returned == c.notWeb {
			t.Errorf("%s: sent to %s, returned %v, want %s", c.to, out.Final, out.Returned, c.final)
		}
	}
}

// Header fields of the flow's own take the place of a browser's.
func TestHeader(t *testing.T) {
	s := newStage(t)
	f := &consent.Form{Transport: s.rt}
	out, err := f.Read(ctxFor(t), s.link("domain=one.example"), somebody, consent.Options{Header: http.Header{"Sec-Purpose": {"prefetch"}, "Accept-Language": {"fr"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, ex := range out.Exchanges {
		if ex.RequestHeader.Get("Sec-Purpose") != "prefetch" || ex.RequestHeader.Get("Accept-Language") != "fr" {
			t.Errorf("%s: %v", ex, ex.RequestHeader)
		}
	}
}
