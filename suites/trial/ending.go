package trial

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// Ending is what became of a request that the user was sent along with.
type Ending struct {
	Request Request
	// Link is what was opened.
	Link string
	// Outcome is what the driver saw; never nil.
	Outcome *consent.Outcome
	// Hits are the requests that the callback server got from this flow.
	Hits []client.Hit
}

// Approve sends the user along with a request; he confirms where he can.
func (t *Trial) Approve(r Request) *Ending {
	t.Broken(t.World.created(t, r.service, r.Query()))
	return t.travel(r, consent.Driver.Approve, "approve")
}

// Cancel sends the user along; he cancels.
func (t *Trial) Cancel(r Request) *Ending { return t.travel(r, consent.Driver.Cancel, "cancel") }

// Look sends the user along; he reads the consent page and leaves.
func (t *Trial) Look(r Request) *Ending { return t.travel(r, consent.Driver.Read, "look") }

// Options are those of a flow with the run's session, or of one without any
// behind SignedOut.
func (t *Trial) Options() consent.Options {
	o := consent.Options{Home: t.World.Target.Consent.Home, Recipe: t.World.Recipe,
		Ceiling: t.World.Target.Limits.Flow, Linger: t.World.Target.Limits.Linger, Session: t.World.Session}
	if t.signedOut {
		o.Session = nil
	}
	return o
}

// SignedIn sees to it that the user has a session, by a look at a request that
// is not judged, where no case has signed him in yet. It is for cases in which
// a sign-in between the link and the consent page would be in the way.
func (t *Trial) SignedIn(r Request) {
	if t.World.Session != nil && !t.World.Session.Open() {
		t.Look(r)
	}
}

// SignedOut has every further flow of the case begin without a session, so
// that the provider asks for the password between the link and its consent
// page.
func (t *Trial) SignedOut() { t.signedOut = true }

type travel func(consent.Driver, context.Context, string, target.Credentials, consent.Options) (*consent.Outcome, error)

func (t *Trial) travel(r Request, send travel, what string) *Ending {
	return t.journey(r, what, func(link string) (*consent.Outcome, error) {
		return send(t.World.Driver, t.Context(), link, t.World.account(t.domain), t.Options())
	})
}

// journey is one flow of the user, and what becomes of it.
func (t *Trial) journey(r Request, what string, send func(link string) (*consent.Outcome, error)) *Ending {
	if t.World.Driver == nil {
		t.Inconclusive("no-browser", t.World.NoDriver)
	}
	// Hits of an earlier flow of this case are not this one's.
	t.World.Callback.Hits(t.token)
	r = r.again()
	e := &Ending{Request: r, Link: r.URL()}
	t.Record("link", "the link, to "+what, []byte(e.Link+"\n"))
	t.remember(r, e.Link)
	t.asked = true
	flow := "a flow to " + what
	t.spared(t.World.patience.allow(flow))
	out, err := send(e.Link)
	t.World.patience.note(t.Context(), flow, err)
	e.Outcome, e.Hits = out, t.World.Callback.Hits(t.token)
	t.recordOutcome(out)
	t.Interrupted(err)
	switch {
	case err == nil, errors.Is(err, consent.ErrNotWeb):
		// Where the user was sent is in the outcome.
	case errors.Is(err, consent.ErrSignIn):
		t.Inconclusive("pages", "the provider's pages cannot be operated: "+err.Error()+"; see accounts and consent.recipe in target.yaml")
	case errors.Is(err, consent.ErrControl):
		t.Inconclusive("pages", "the provider's pages cannot be operated: "+err.Error())
	case errors.Is(err, consent.ErrBrowserGone):
		t.Broken(err)
	default:
		t.Inconclusive("no-answer", "the provider did not answer as a web server does: "+err.Error())
	}
	return e
}

func (t *Trial) recordOutcome(out *consent.Outcome) {
	if !t.Keeps() {
		return
	}
	for i, x := range out.Exchanges {
		t.Record("exchange", fmt.Sprintf("request %d, %s", i+1, inShort(x)), []byte(x.Text()))
	}
	for i, p := range out.Pages {
		t.Record("dom", fmt.Sprintf("page %d, %s", i+1, p.Kind), []byte(p.HTML))
		if p.Screenshot != nil {
			t.Record("screenshot", fmt.Sprintf("page %d, %s", i+1, p.Kind), p.Screenshot)
		}
	}
	if len(out.Console) > 0 {
		t.Record("console", "the browser's console", []byte(strings.Join(out.Console, "\n")+"\n"))
	}
}

// inShort is an exchange in a few words: the method, the path, and the status
// that it was answered with.
func inShort(x *target.Exchange) string {
	at := x.URL
	if u, err := url.Parse(x.URL); err == nil && u.Path != "" {
		at = u.Path
	}
	if x.Status == 0 {
		return x.Method + " " + at + ", no answer"
	}
	return fmt.Sprintf("%s %s, %d", x.Method, at, x.Status)
}

// Page is the consent page; ok is false when the user was not asked.
func (e *Ending) Page() (page consent.Page, ok bool) { return e.Outcome.Page(consent.Consent) }

// Asked reports whether the user was asked for consent.
func (e *Ending) Asked() bool {
	_, ok := e.Page()
	return ok
}

// Back is the request that brought the user back; ok is false when he did not
// come back.
func (e *Ending) Back() (hit client.Hit, ok bool) {
	if len(e.Hits) == 0 {
		return client.Hit{}, false
	}
	return e.Hits[0], true
}

// ErrorCode is the error that the user came back with, "" for none.
func (e *Ending) ErrorCode() string {
	hit, _ := e.Back()
	return hit.Query().Get("error")
}

// SentTo is the address outside of the provider that the user was sent to,
// whether or not anybody answers there; "" for none.
func (e *Ending) SentTo() string {
	switch hit, ok := e.Back(); {
	case ok:
		return hit.URL
	case e.Outcome.Returned, !strings.HasPrefix(e.Outcome.Final, "https://") && e.Outcome.Final != "":
		return e.Outcome.Final
	}
	return ""
}

// Location is the last redirect that leads outside of the provider, as the
// provider wrote it; "" where no response had one, as when a script did it.
func (e *Ending) Location() string {
	at := ""
	for _, x := range e.Outcome.Exchanges {
		if to := x.Header.Get("Location"); to != "" && x.Status >= 300 && x.Status < 400 {
			at = to
		}
	}
	if !e.Outcome.Returned {
		return ""
	}
	return at
}

// AskedToSignIn reports whether the user was asked who he is.
func (e *Ending) AskedToSignIn() bool {
	_, ok := e.Outcome.Page(consent.SignIn)
	return ok
}

// Refused reports whether the request ended as a refusal does: the user was
// not asked, and came back with an error, or was left on a page that is no
// breakdown.
func (e *Ending) Refused() bool {
	if e.Asked() {
		return false
	}
	if _, back := e.Back(); back {
		return e.ErrorCode() != ""
	}
	last, ok := e.Outcome.Last()
	return ok && last.Kind == consent.Result && last.Status >= 200 && last.Status < 500 && strings.TrimSpace(last.Text) != ""
}

// Succeeded reports whether the user confirmed and was told of success: he came
// back without an error, or was left on a page with a good status.
func (e *Ending) Succeeded() bool {
	if !e.Outcome.Pressed {
		return false
	}
	if _, back := e.Back(); back {
		return e.ErrorCode() == ""
	}
	if e.Outcome.Closed {
		return true
	}
	last, ok := e.Outcome.Last()
	return ok && last.Kind != consent.Consent && last.Status >= 200 && last.Status < 400
}

// Code is the authorization code that the user came back with, "" for none. It
// is a secret: nothing that is kept may have it. One beside another state than
// the link's is none: it may be of another flow (RFC 6749, section 10.12).
func (e *Ending) Code() string {
	hit, _ := e.Back()
	if sent := parameters(e.Link)["state"]; sent != nil && !slices.Equal(hit.Query()["state"], sent) {
		return ""
	}
	return hit.Query().Get("code")
}

// AnyCode is a code that the user was sent off with, wherever to, in the query
// or behind the #, and whatever stands beside it; "" for none. It is a secret
// as Code is.
func (e *Ending) AnyCode() string {
	at := []string{e.SentTo(), e.Location()}
	if e.Outcome.Returned {
		// A page of the provider's own may well have an error code in its URL.
		at = append(at, e.Outcome.Final)
	}
	for _, address := range at {
		if code := parameters(address).Get("code"); code != "" {
			return code
		}
	}
	return ""
}

// parameters are those of a URL, in the query and behind the #.
func parameters(address string) url.Values {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	all := u.Query()
	behind, err := url.ParseQuery(u.EscapedFragment())
	if err != nil {
		return all
	}
	for name, values := range behind {
		all[name] = append(all[name], values...)
	}
	return all
}

// public is a URL without an authorization code.
func public(at string) string { return target.Redactor{}.URL(at) }

// String says in one line how it ended.
func (e *Ending) String() string {
	asked := "was not asked for consent"
	if e.Asked() {
		asked = "was asked for consent"
	}
	if hit, ok := e.Back(); ok {
		return fmt.Sprintf("the user %s and came back to %s", asked, public(hit.URL))
	}
	if e.Outcome.Returned {
		return fmt.Sprintf("the user %s and was sent to %s", asked, public(e.Outcome.Final))
	}
	last, ok := e.Outcome.Last()
	if !ok {
		return "the user " + asked + " and saw no page"
	}
	text, _, _ := strings.Cut(strings.TrimSpace(last.Text), "\n")
	return fmt.Sprintf("the user %s and was left on a %s page with status %d that begins %q", asked, last.Kind, last.Status, text)
}
