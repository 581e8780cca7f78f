package consent_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// The tests in this file run for both drivers: they are what a driver is.
func eachDriver(t *testing.T, test func(t *testing.T, s *stage, d consent.Driver)) {
	t.Run("form", func(t *testing.T) {
		s := newStage(t)
		d := &consent.Form{Transport: s.rt}
		test(t, s, d)
	})
	t.Run("browser", func(t *testing.T) {
		s, b := sharedBrowser(t)
		test(t, s, b)
	})
}

func ctxFor(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func kinds(o *consent.Outcome) (out []consent.Kind) {
	for _, p := range o.Pages {
		out = append(out, p.Kind)
	}
	return out
}

func TestApproveReturnsWithState(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		ctx := ctxFor(t)
		token := s.back.NewToken()
		to := s.back.URL("shop.example", token)
		link := s.link("domain=example.com&redirect_uri=" + url.QueryEscape(to) + "&state=a%20b&text=a%2Bb")
		o, err := d.Approve(ctx, link, somebody, consent.Options{})
		if err != nil {
			t.Fatal(err)
		}
		hit, err := s.back.Wait(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		if want := to + "?state=a+b"; hit.URL != want || o.Final != want {
			t.Errorf("came back at %q, outcome says %q, want %q", hit.URL, o.Final, want)
		}
		if o.Link != link || o.Sent != link || !o.Returned || !o.Pressed || o.Closed {
			t.Errorf("link %q sent %q returned %v pressed %v closed %v", o.Link, o.Sent, o.Returned, o.Pressed, o.Closed)
		}
		want := []consent.Kind{consent.SignIn, consent.Consent, consent.Returned}
		if diff := cmp.Diff(want, kinds(o)); diff != "" {
			t.Error(diff)
		}
		applied, canceled := s.snapshot()
		if len(applied) != 1 || len(canceled) != 0 || applied[0] != strings.SplitN(link, "?", 2)[1] {
			t.Errorf("applied %q, cancelled %q", applied, canceled)
		}
		if s.received[0] != strings.TrimPrefix(link, s.URL) {
			t.Errorf("the provider received %q", s.received[0])
		}
	})
}

func TestCancelReturnsWithError(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		ctx := ctxFor(t)
		token := s.back.NewToken()
		link := s.link("domain=example.com&redirect_uri=" + url.QueryEscape(s.back.URL("shop.example", token)))
		if _, err := d.Cancel(ctx, link, somebody, consent.Options{}); err != nil {
			t.Fatal(err)
		}
		hit, err := s.back.Wait(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		if got := hit.Query().Get("error"); got != "access_denied" {
			t.Errorf("error=%q, want access_denied", got)
		}
		if applied, canceled := s.snapshot(); len(applied) != 0 || len(canceled) != 1 {
			t.Errorf("applied %q, cancelled %q", applied, canceled)
		}
	})
}

func TestConsentPageIsRead(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		o, err := d.Approve(ctxFor(t), s.link("domain=example.com&box=1"), somebody, consent.Options{Screenshots: true})
		if err != nil {
			t.Fatal(err)
		}
		p, ok := o.Page(consent.Consent)
		if !ok {
			t.Fatalf("no consent page among %v", kinds(o))
		}
		if p.Title != "Connect example.com" || p.Status != 200 {
			t.Errorf("title %q, status %d", p.Title, p.Status)
		}
		table := [][][]string{{{"Type", "Name", "Data"}, {"A", "www", "192.0.2.1"}}}
		if diff := cmp.Diff(table, p.Tables); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"This request is not signed."}, p.Alerts); diff != "" {
			t.Error(diff)
		}
		if !strings.Contains(p.Text, "Example Shop wants to change example.com.\nThis request is not signed.\nDetails\nType Name Data\nA www 192.0.2.1\n") {
			t.Errorf("text:\n%s", p.Text)
		}
		last, _ := o.Last()
		if last.Kind != consent.Result || last.Title != "Done" || o.Final != s.URL+"/result" || o.Returned {
			t.Errorf("last page %s %q at %q, returned %v", last.Kind, last.Title, o.Final, o.Returned)
		}
	})
}

func TestSecretsAreNotRecorded(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		o, err := d.Approve(ctxFor(t), s.link("domain=example.com&sig=KEEPME"), somebody, consent.Options{})
		if err != nil {
			t.Fatal(err)
		}
		secrets := []string{"s3ssion", "c5rf-s3cret", "pass word&1", "pass+word%261", "pass%20word"}
		if len(o.Exchanges) < 5 {
			t.Fatalf("only %d exchanges", len(o.Exchanges))
		}
		all := ""
		for _, ex := range o.Exchanges {
			mustNotContain(t, "exchange", ex.Text(), secrets...)
			all += ex.Text()
		}
		for _, p := range o.Pages {
			mustNotContain(t, "page", p.HTML+p.Text+p.URL, secrets...)
		}
		if !strings.Contains(all, "sig=KEEPME") {
			t.Error("the signature was redacted; cases need it")
		}
		if !strings.Contains(all, "Set-Cookie: sid=[redacted]; Path=/; HttpOnly; Secure") {
			t.Errorf("cookie name and attributes are lost:\n%s", all)
		}
	})
}

func TestRefusalIsAnOutcome(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		o, err := d.Approve(ctxFor(t), s.link("refuse=1"), somebody, consent.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p, ok := o.Page(consent.Result)
		if !ok || p.Status != 400 || o.Pressed {
			t.Fatalf("pages %v, status %d, pressed %v", kinds(o), p.Status, o.Pressed)
		}
		if diff := cmp.Diff([]string{"The signature does not verify."}, p.Alerts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWrongPassword(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		o, err := d.Approve(ctxFor(t), s.link("domain=example.com"), target.Credentials{User: "alice", Password: "wrong"}, consent.Options{})
		want := "the provider did not take the user name and password: " + s.URL + "/login asks for the password again; it says \"Wrong user name or password.\""
		if !errors.Is(err, consent.ErrSignIn) || !strings.HasPrefix(err.Error(), strings.SplitAfter(want, "/login")[0]) || !strings.HasSuffix(err.Error(), strings.SplitAfter(want, "/login")[1]) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if len(o.Pages) != 2 || o.Pressed {
			t.Errorf("pages %v, pressed %v", kinds(o), o.Pressed)
		}
	})
}

func TestNothingToConfirm(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		o, err := d.Approve(ctxFor(t), s.link("noconfirm=1"), somebody, consent.Options{})
		want := "a control of the page was not found: no button to confirm on " + s.link("noconfirm=1") + "; name it in the recipe (confirm)"
		if !errors.Is(err, consent.ErrControl) || err.Error() != want || o.Pressed {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if _, ok := o.Page(consent.Consent); !ok {
			t.Errorf("the page is not kept: %v", kinds(o))
		}
	})
}

// Who reads leaves no trace: nothing is applied, nothing cancelled, and nobody
// is sent back; a page with a refusal is read as well.
func TestReadLeavesTheButtonsAlone(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		ctx := ctxFor(t)
		link := s.link("domain=example.com&box=1&redirect_uri=" + url.QueryEscape(s.back.URL("shop.example", s.back.NewToken())))
		o, err := d.Read(ctx, link, somebody, consent.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]consent.Kind{consent.SignIn, consent.Consent}, kinds(o)); diff != "" {
			t.Error(diff)
		}
		if applied, canceled := s.snapshot(); len(applied)+len(canceled) != 0 {
			t.Errorf("applied %q, cancelled %q", applied, canceled)
		}
		if o.Pressed || o.Returned || o.Closed || o.Final != link {
			t.Errorf("pressed %v, returned %v, closed %v, final %s", o.Pressed, o.Returned, o.Closed, o.Final)
		}
		p, _ := o.Page(consent.Consent)
		if diff := cmp.Diff([][][]string{{{"Type", "Name", "Data"}, {"A", "www", "192.0.2.1"}}}, p.Tables); diff != "" {
			t.Error(diff)
		}
		if !strings.Contains(p.Text, "A www 192.0.2.1") {
			t.Errorf("the details are not in the text:\n%s", p.Text)
		}
		for _, ex := range o.Exchanges {
			if strings.HasSuffix(ex.URL, "/decide") {
				t.Errorf("a button was pressed: %s", ex)
			}
		}
		o, err = d.Read(ctx, s.link("refuse=1"), somebody, consent.Options{})
		if last, _ := o.Last(); err != nil || last.Kind != consent.Result || last.Status != 400 {
			t.Errorf("a refusal reads as %s %d, %v", last.Kind, last.Status, err)
		}
		// A page without a button to confirm can be read all the same.
		o, err = d.Read(ctx, s.link("noconfirm=1"), somebody, consent.Options{})
		if _, ok := o.Page(consent.Consent); err != nil || !ok {
			t.Errorf("without a button to confirm: %v, %v", kinds(o), err)
		}
	})
}

// A recipe is data: it finds a button that the default does not know.
func TestRecipe(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		r, err := consent.DefaultRecipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Confirm = consent.Role{Labels: []string{"Nehmen"}}
		html := `<form method=post action=/decide><input type=hidden name=csrf_token value=c5rf-s3cret><button name=action value=confirm aria-label="Nehmen wir">!</button></form>`
		o, err := d.Approve(ctxFor(t), s.link("noconfirm=1&html="+url.QueryEscape(html)), somebody, consent.Options{Recipe: &r})
		if err != nil || !o.Pressed || o.Final != s.URL+"/result" {
			t.Errorf("final %s, %v", o.Final, err)
		}
	})
}

func TestFlowsEnd(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		if _, err := d.Approve(ctxFor(t), s.URL+"/loop", somebody, consent.Options{}); err == nil ||
			!errors.Is(err, consent.ErrLost) && !strings.HasSuffix(err.Error(), "net::ERR_TOO_MANY_REDIRECTS") {
			t.Errorf("redirects: %v", err)
		}
		_, err := d.Approve(ctxFor(t), s.URL+"/again", somebody, consent.Options{})
		if want := "the flow does not come to an end: more than 12 pages, the last is " + s.URL + "/again?a=confirm"; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		for link, want := range map[string]string{
			"http://dp.example/": `apply link "http://dp.example/": want an https URL`,
			"https:///x":         `apply link "https:///x": want an https URL`,
			"%zz":                `apply link: parse "%zz": invalid URL escape "%zz"`,
		} {
			if o, err := d.Approve(ctxFor(t), link, somebody, consent.Options{}); err == nil || err.Error() != want || o.Link != link {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		}
	})
}

// Where the user was sent is known, though nobody answers there.
func TestReturnedToAHostThatIsDenied(t *testing.T) {
	s := newStage(t)
	s.dialer.Fallback = ""
	d := &consent.Form{Transport: s.rt}
	o, err := d.Approve(ctxFor(t), s.link("state=x&redirect_uri=https://shop.example/cb"), somebody, consent.Options{})
	if err != nil || !o.Returned || o.Final != "https://shop.example/cb?state=x" {
		t.Errorf("final %s, returned %v, %v", o.Final, o.Returned, err)
	}
	if diff := cmp.Diff([]string{"shop.example:443"}, s.dialer.Denied()); diff != "" {
		t.Error(diff)
	}
}

// The count of dials to the outside, for a whole flow with the form driver.
func TestFormStaysOnTheMachine(t *testing.T) {
	s := newStage(t)
	d := &consent.Form{Transport: s.rt}
	token := s.back.NewToken()
	html := url.QueryEscape(`<img src="https://cdn.example/logo.png">`)
	if _, err := d.Approve(ctxFor(t), s.link("html="+html+"&redirect_uri="+url.QueryEscape(s.back.URL("shop.example", token))), somebody, consent.Options{}); err != nil {
		t.Fatal(err)
	}
	if out, no := s.dialer.Outside(), s.dialer.Denied(); len(out)+len(no) != 0 || s.dialer.Dials() < 2 {
		t.Errorf("outside %v, denied %v, %d dials", out, no, s.dialer.Dials())
	}
}

// What belongs to the provider is not the way back.
func TestHome(t *testing.T) {
	s := newStage(t)
	d := &consent.Form{Transport: s.rt}
	o, err := d.Approve(ctxFor(t), s.link("redirect_uri=https://login.dp.example/x"), somebody, consent.Options{Home: []string{"Login.DP.example:443"}})
	if err != nil || o.Returned || len(o.Pages) != 3 || o.Pages[2].Kind != consent.Result {
		t.Errorf("returned %v, pages %v, %v", o.Returned, kinds(o), err)
	}
}
