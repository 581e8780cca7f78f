package trial

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/target"
)

// Grant is what a user has allowed the run to do (async-00 section 6.3), and
// the tokens that it got for it.
type Grant struct {
	t *Trial
	// Client is who it was given to.
	Client oauthclient.Client
	// Access and Refresh are the tokens; Refresh is "" where the provider gives
	// none. They are secrets: nothing that is kept may have them.
	Access, Refresh string
	// life is how long Access is good for, as the provider said.
	life time.Duration
}

// ServiceProvider is the run as the provider has registered it. The case does
// not apply where it has not, and is blocked where the flow is not there.
func (t *Trial) ServiceProvider() oauthclient.Client {
	o := t.World.Target.OAuth
	if o.Client == "" {
		t.Lacking("no-client", "the run is not registered as an OAuth client: give oauth.client in target.yaml")
	}
	s := t.Settings()
	if s.URLAsyncUX == "" || s.URLAPI == "" {
		t.Blocked(caseAsync)
	}
	return oauthclient.Client{ID: o.Client, Secret: o.Secret.Reveal(), RedirectURI: o.Redirect,
		URLAsyncUX: s.URLAsyncUX, URLAPI: s.URLAPI, Recorder: t.World.HTTP}
}

// OtherServiceProvider is a second client; the case does not apply without one.
func (t *Trial) OtherServiceProvider() oauthclient.Client {
	c, o := t.ServiceProvider(), t.World.Target.OAuth
	if o.OtherClient == "" {
		t.Lacking("no-other-client", "the run is registered as one OAuth client only: give oauth.otherClient in target.yaml")
	}
	c.ID, c.Secret = o.OtherClient, o.OtherSecret.Reveal()
	return c
}

// BriefServiceProvider is a client whose access tokens expire soon; the case
// does not apply without one.
func (t *Trial) BriefServiceProvider() oauthclient.Client {
	c, o := t.ServiceProvider(), t.World.Target.OAuth
	if o.BriefClient == "" {
		t.NotApplicable("no-brief-client", "no client is registered whose tokens expire soon: give oauth.briefClient")
	}
	c.ID, c.Secret = o.BriefClient, o.BriefSecret.Reveal()
	return c
}

// CodeServiceProvider is a client whose codes are known to be good for so long.
// The case does not apply where that is not said.
func (t *Trial) CodeServiceProvider() (c oauthclient.Client, life time.Duration) {
	c, o := t.ServiceProvider(), t.World.Target.OAuth
	if o.CodeLife == 0 {
		t.NotApplicable("no-code-life", "it is not said how long codes are good for: give oauth.codeLife in target.yaml")
	}
	if o.CodeClient != "" {
		c.ID, c.Secret = o.CodeClient, o.CodeSecret.Reveal()
	}
	return c, o.CodeLife
}

// Authorization is the ordinary request for a user's permission to apply
// templates at the case's root (async-00 section 6.3). It is a Request: the
// user is sent along with it as with any other, and comes back with a code.
func (t *Trial) Authorization(services ...string) Request {
	return t.AuthorizationFor(t.ServiceProvider(), services...)
}

// AuthorizationFor is Authorization for another client.
func (t *Trial) AuthorizationFor(c oauthclient.Client, services ...string) Request {
	id := t.World.identity()
	r := Request{t: t, template: t.Template(services[0]), prefix: c.URLAsyncUX, provider: id.ProviderID, service: services[0], at: t.host}
	r = r.With("domain", t.Domain())
	if t.host != "" {
		r = r.With("host", t.host)
	}
	r = r.With("client_id", c.ID).With("redirect_uri", c.RedirectURI).With("response_type", "code")
	r = r.With("scope", strings.Join(services, " ")).anew()
	provider := id.ProviderID
	return r.Path(func(string) string { return c.Authorization(provider) })
}

// anew has a value of state that no other flow has.
func (r Request) anew() Request {
	r.state = "st-" + rand.Text()
	return r.With("state", r.state)
}

// again is the request for one more flow: with another state, unless the case
// has chosen it, so that nobody who comes back late is taken for this one.
func (r Request) again() Request {
	if r.state == "" || r.Value("state") != r.state {
		return r
	}
	return r.anew()
}

// Allow sends the user along with a request for permission; he confirms where
// he can.
func (t *Trial) Allow(r Request) *Ending {
	// Nothing is written yet, so that there is nothing to announce.
	return t.travel(r, approve, "allow")
}

// tokenPlaces are the places for the parameters of a token request, in the
// order in which they are tried.
var tokenPlaces = []oauthclient.Place{oauthclient.InJSON, oauthclient.InQuery, oauthclient.InForm}

// Granted has the user allow what is not what the case is about, and gets the
// tokens for it. Where that does not work the case cannot be judged; it has
// cases of its own.
func (t *Trial) Granted(r Request) *Grant { return t.GrantedTo(t.ServiceProvider(), r) }

// GrantedTo is Granted for another client, whose request it is.
func (t *Trial) GrantedTo(c oauthclient.Client, r Request) *Grant { return t.granted(c, r, t.Allow) }

// GrantedBy is Granted by somebody else than the run's user.
func (t *Trial) GrantedBy(v Visitor, r Request) *Grant {
	return t.granted(t.ServiceProvider(), r, func(r Request) *Ending { return t.visit(v, r, approve, "allow") })
}

func (t *Trial) granted(c oauthclient.Client, r Request, allow func(Request) *Ending) *Grant {
	places := tokenPlaces
	if t.World.tokenPlace != nil {
		places = []oauthclient.Place{*t.World.tokenPlace}
	}
	said, replies := "", []Reply(nil)
	for _, place := range places {
		a := t.Redeem(c, t.coded(allow(r)), place)
		if access, refresh := tokensOf(a); a.Good() && access != "" {
			t.World.tokenPlace = &place
			g := &Grant{t: t, Client: c, Access: access, Refresh: refresh}
			if a.Token != nil {
				g.life = time.Duration(a.Token.ExpiresIn) * time.Second
			}
			return g
		}
		said, replies = said+fmt.Sprintf("; %s: %s", place, describe(a)), append(replies, reply(a))
	}
	t.Known(c, replies...)
	t.Inconclusive("control-twin", "a code that has to be good for tokens is not"+said)
	return nil
}

// tokensOf are the tokens of a reply. What else is wrong with it, so that the
// library does not take it, has cases of its own.
func tokensOf(a oauthclient.Answer) (access, refresh string) {
	if a.Token != nil {
		return a.Token.AccessToken, a.Token.RefreshToken
	}
	object, err := ParseObject(reply(a).Body)
	if err == nil {
		access, _ = object.Text("access_token")
		refresh, _ = object.Text("refresh_token")
	}
	return access, refresh
}

// AccessToken is the access token of a reply, "" for none.
func AccessToken(a oauthclient.Answer) string {
	access, _ := tokensOf(a)
	return access
}

// Coded has the user allow what is not what the case is about, and returns the
// code for it.
func (t *Trial) Coded(r Request) string { return t.coded(t.Allow(r)) }

func (t *Trial) coded(e *Ending) string {
	if e.Code() == "" {
		t.Registered(e)
		said := e.String()
		if e.AnyCode() != "" {
			said += ", where the code is not in the query, or state is not what was sent, which have cases of their own"
		}
		t.Inconclusive("control-twin", "a request for permission that has to work did not: "+said)
	}
	return e.Code()
}

// Redeem turns a code into tokens by the client library, whatever comes of it.
func (t *Trial) Redeem(c oauthclient.Client, code string, place oauthclient.Place) oauthclient.Answer {
	t.spared(t.World.patience.allow(wayRequest))
	return t.answered(wayRequest, "the token request", c.Exchange(t.Context(), code, place))
}

// Renew turns a refresh token into an access token by the client library,
// whatever comes of it.
func (t *Trial) Renew(c oauthclient.Client, refresh string) oauthclient.Answer {
	t.spared(t.World.patience.allow(wayRequest))
	return t.answered(wayRequest, "the token request", c.Refresh(t.Context(), refresh, t.TokenPlace()))
}

// TokenPlace is where the provider takes the parameters of a token request.
func (t *Trial) TokenPlace() oauthclient.Place {
	if t.World.tokenPlace == nil {
		return tokenPlaces[0]
	}
	return *t.World.tokenPlace
}

// answered records what became of a request. No answer ends the case.
func (t *Trial) answered(way, what string, a oauthclient.Answer) oauthclient.Answer {
	t.World.patience.note(t.Context(), way, a.Err)
	t.Record("exchange", what, []byte(a.Exchange.Text()))
	t.unanswered(a.Err)
	return a
}

// reply is an answer as that of a single request.
func reply(a oauthclient.Answer) Reply {
	r := Reply{Exchange: a.Exchange}
	if a.Reply != nil {
		r.Status, r.Header, r.Body = a.Reply.Status, a.Reply.Header, a.Reply.Body
	}
	return r
}

func describe(a oauthclient.Answer) string {
	s := reply(a).String()
	if a.Good() && a.Refused != nil {
		s += ", which the client library does not take: " + target.Redactor{}.Text(a.Refused.Error())
	}
	return s
}

// Hosts are names below the zone for the host parameter of a request for
// permission: the case's own, and others below it, "" for its own.
func (t *Trial) Hosts(below ...string) string {
	hosts := make([]string, len(below))
	for i, name := range below {
		hosts[i] = strings.TrimPrefix(name+"."+t.host, ".")
	}
	return strings.Join(hosts, ",")
}

// Allowed has the user allow templates at the case's root, and at first and
// twin below it, where control twins stand.
func (t *Trial) Allowed(services ...string) *Grant {
	return t.Granted(t.Authorization(services...).With("host", t.Hosts("", first, "twin")))
}

// first is where a call is seen to work before others are tried.
const first = "first"

// TokenRequest is a token request made by hand.
type TokenRequest struct {
	t      *Trial
	client oauthclient.Client
	params [][2]string
	place  oauthclient.Place
	method string
}

// TokenRequest is the ordinary request for tokens for a code.
func (t *Trial) TokenRequest(c oauthclient.Client, code string) TokenRequest {
	r := TokenRequest{t: t, client: c, place: t.TokenPlace(), method: "POST"}
	for _, p := range c.Params(code) {
		r.params = append(r.params, [2]string{p.Name, p.Value})
	}
	return r
}

// With sets a parameter, in the place of an earlier one of the name or at the
// end.
func (r TokenRequest) With(name, value string) TokenRequest {
	r.params = slices.Clone(r.params)
	for i := range r.params {
		if r.params[i][0] == name {
			r.params[i][1] = value
			return r
		}
	}
	r.params = append(r.params, [2]string{name, value})
	return r
}

// Without takes parameters out.
func (r TokenRequest) Without(names ...string) TokenRequest {
	r.params = slices.DeleteFunc(slices.Clone(r.params), func(p [2]string) bool { return slices.Contains(names, p[0]) })
	return r
}

// In puts the parameters elsewhere.
func (r TokenRequest) In(place oauthclient.Place) TokenRequest {
	r.place = place
	return r
}

// By sends it by another method.
func (r TokenRequest) By(method string) TokenRequest {
	r.method = method
	return r
}
