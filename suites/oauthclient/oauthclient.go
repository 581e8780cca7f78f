// Package oauthclient plays the service provider of the asynchronous flow
// (async-00), black-box: it makes the link by which the user is asked, turns
// the code that he comes back with into tokens, and has templates applied and
// taken back. Tokens are got by golang.org/x/oauth2, so that a client library
// in wide use is known to work; what that would not send, because it is wrong
// or another form of what is right, is sent by hand.
package oauthclient

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/target"
)

// Client is a service provider as one DNS provider knows it. It is a value;
// nothing is remembered between calls.
type Client struct {
	// ID and Secret are what the provider gave at registration (async-00
	// section 6.2); "" is a client without a secret.
	ID, Secret string
	// RedirectURI is one that was registered.
	RedirectURI string
	// URLAsyncUX and URLAPI are the members of the settings; a slash at the
	// end is not doubled.
	URLAsyncUX, URLAPI string
	// Cut sends every JSON body without its end, so that it is none.
	Cut bool
	// Meeting has the requests of Send that have a body wait for one another;
	// nil sends each at once.
	Meeting *Meeting
	// Recorder sends. Its Redactor is told of every secret that is sent.
	Recorder *target.Recorder
}

// Place is where the parameters of a call stand (async-00 sections 6.4, 6.6
// and 6.7).
type Place uint8

// The places.
const (
	// InQuery puts them into the query, and leaves the body empty.
	InQuery Place = iota
	// InJSON puts them into an object in a body of application/json.
	InJSON
	// InForm puts them into a body of application/x-www-form-urlencoded, as
	// RFC 6749 has it and stock libraries send it; Domain Connect does not ask
	// for it.
	InForm
	// Mixed puts secrets into a JSON body, and the others into the query.
	Mixed
)

// String is the place in words.
func (p Place) String() string {
	return [...]string{"in the query", "in a JSON body", "in a form body", "in query and JSON body"}[p]
}

// Answer is what became of one call.
type Answer struct {
	// Reply is the answer with its secrets, nil when there was none.
	Reply *target.Reply
	// Exchange is the evidence, without secrets; never nil.
	Exchange *target.Exchange
	// Err is why there is no answer. A status is never an error.
	Err error
	// Token is what the library read of a token reply, and Refused why it read
	// none. Both are nil where it was not asked.
	Token   *oauth2.Token
	Refused error
}

// Good reports whether the status is 2xx.
func (a Answer) Good() bool { return a.Reply != nil && a.Reply.Status >= 200 && a.Reply.Status < 300 }

// Status is the status, 0 when there was no answer.
func (a Answer) Status() int {
	if a.Reply == nil {
		return 0
	}
	return a.Reply.Status
}

// Authorization is the end-point that the user is sent to, without a query
// (async-00 section 6.3).
func (c Client) Authorization(providerID string) string {
	return strings.TrimRight(c.URLAsyncUX, "/") + "/v2/domainTemplates/providers/" + client.Encode(providerID)
}

// TokenEndpoint is where codes are turned into tokens (async-00 section 6.4).
func (c Client) TokenEndpoint() string {
	return strings.TrimRight(c.URLAPI, "/") + "/v2/oauth/access_token"
}

// config is the registration in the library's words. It does not try styles of
// authentication: the draft has the secret among the parameters.
func (c Client) config(scopes ...string) *oauth2.Config {
	return &oauth2.Config{ClientID: c.ID, ClientSecret: c.Secret, RedirectURL: c.RedirectURI, Scopes: scopes,
		Endpoint: oauth2.Endpoint{TokenURL: c.TokenEndpoint(), AuthStyle: oauth2.AuthStyleInParams}}
}

// LibraryLink is the link to send the user along as the library makes it, with
// further parameters in pairs of name and value. It writes a space as a plus,
// which async-00 does not know; so it divides the templates of scope.
func (c Client) LibraryLink(providerID string, scope []string, state string, further ...string) string {
	config := c.config(scope...)
	config.Endpoint.AuthURL = c.Authorization(providerID)
	var options []oauth2.AuthCodeOption
	for pair := range slices.Chunk(further, 2) {
		options = append(options, oauth2.SetAuthURLParam(pair[0], pair[len(pair)-1]))
	}
	return config.AuthCodeURL(state, options...)
}

// Exchange turns a code into tokens by the library. place is where its
// parameters are put on the way; InForm leaves them where it has them.
func (c Client) Exchange(ctx context.Context, code string, place Place) Answer {
	return c.byLibrary(ctx, place, []string{code}, func(ctx context.Context) (*oauth2.Token, error) {
		return c.config().Exchange(ctx, code)
	})
}

// Refresh turns a refresh token into a new access token by the library.
func (c Client) Refresh(ctx context.Context, refreshToken string, place Place) Answer {
	return c.byLibrary(ctx, place, []string{refreshToken}, func(ctx context.Context) (*oauth2.Token, error) {
		return c.config().TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	})
}

func (c Client) byLibrary(ctx context.Context, place Place, secrets []string, ask func(context.Context) (*oauth2.Token, error)) Answer {
	w := &wire{recorder: c.recorder(append(secrets, c.Secret)...), place: place}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: w, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}})
	token, err := ask(ctx)
	a := w.answer
	if a.Exchange == nil {
		// The library has asked nobody.
		a.Exchange, a.Err = &target.Exchange{Method: http.MethodPost, URL: c.TokenEndpoint(), Error: err.Error()}, err
		return a
	}
	a.Token, a.Refused = token, err
	return a
}

// Ask sends a token request made by hand: exactly these parameters.
func (c Client) Ask(ctx context.Context, params []client.Param, place Place) Answer {
	var secrets []string
	for _, p := range params {
		if secret(p.Name) {
			secrets = append(secrets, p.Value)
		}
	}
	return c.Send(ctx, http.MethodPost, c.TokenEndpoint(), params, place, "", secrets...)
}

// Params are the parameters of a token request for a code, in the order of the
// draft, for Ask.
func (c Client) Params(code string) []client.Param {
	params := []client.Param{{Name: "code", Value: code}, {Name: "redirect_uri", Value: c.RedirectURI},
		{Name: "grant_type", Value: "authorization_code"}, {Name: "client_id", Value: c.ID}}
	if c.Secret != "" {
		params = append(params, client.Param{Name: "client_secret", Value: c.Secret})
	}
	return params
}

// Endpoint is where a template is applied or reverted, as verb says (async-00
// sections 6.6 and 6.7).
func (c Client) Endpoint(providerID, serviceID, verb string) string {
	return strings.TrimRight(c.URLAPI, "/") + "/v2/domainTemplates/providers/" + client.Encode(providerID) +
		"/services/" + client.Encode(serviceID) + "/" + verb
}

// Send sends one request with parameters. token goes into the Authorization
// field (RFC 6750 section 2.1) by the library's transport; "" sends none. The
// values of secrets are kept out of the evidence, and so is token.
func (c Client) Send(ctx context.Context, method, at string, params []client.Param, place Place, token string, secrets ...string) Answer {
	recorder := c.recorder(append(secrets, token, c.Secret)...)
	req, err := request(ctx, method, at, params, place, c.Cut)
	if err != nil {
		return Answer{Exchange: &target.Exchange{Method: method, URL: recorder.Redactor.URL(at), Error: err.Error()}, Err: err}
	}
	if c.Meeting != nil && req.ContentLength > 0 {
		defer c.Meeting.join(req)()
	}
	w := &wire{recorder: recorder, place: InForm}
	var carrier http.RoundTripper = w
	if token != "" {
		carrier = &oauth2.Transport{Base: w, Source: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})}
	}
	res, err := carrier.RoundTrip(req)
	if err != nil && w.answer.Exchange == nil {
		return Answer{Exchange: &target.Exchange{Method: method, URL: recorder.Redactor.URL(at), Error: err.Error()}, Err: err}
	}
	if res != nil {
		_ = res.Body.Close() // It is in memory.
	}
	return w.answer
}

// recorder keeps further secrets out of what it records.
func (c Client) recorder(secrets ...string) *target.Recorder {
	r := *c.Recorder
	r.Redactor.Secrets = append(slices.Clone(r.Redactor.Secrets), secrets...)
	return &r
}

// request puts the parameters where they are to stand.
func request(ctx context.Context, method, at string, params []client.Param, place Place, cut bool) (*http.Request, error) {
	var query, body []client.Param
	for _, p := range params {
		if place == InQuery || place == Mixed && !secret(p.Name) {
			query = append(query, p)
			continue
		}
		body = append(body, p)
	}
	if len(query) > 0 {
		at += "?" + pairs(query)
	}
	content, kind := []byte(nil), ""
	switch {
	case place == InForm:
		content, kind = []byte(pairs(body)), "application/x-www-form-urlencoded"
	case place == InJSON || place == Mixed:
		var err error
		if content, err = object(body); err != nil {
			return nil, err
		}
		if cut {
			content = content[:len(content)-1]
		}
		kind = "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%q is no URL that can be requested: %w", at, err)
	}
	req.Header.Set("User-Agent", "dcconform")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

// pairs joins parameters in their order.
func pairs(params []client.Param) string {
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = client.Encode(p.Name) + "=" + client.Encode(p.Value)
	}
	return strings.Join(list, "&")
}

// object is a JSON object of the parameters in their order, each a string.
func object(params []client.Param) ([]byte, error) {
	var b bytes.Buffer
	e := jsontext.NewEncoder(&b, jsontext.AllowDuplicateNames(true))
	tokens := []jsontext.Token{jsontext.BeginObject}
	for _, p := range params {
		tokens = append(tokens, jsontext.String(p.Name), jsontext.String(p.Value))
	}
	for _, t := range append(tokens, jsontext.EndObject) {
		if err := e.WriteToken(t); err != nil {
			return nil, fmt.Errorf("the parameters cannot be written as JSON: %w", err)
		}
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// secret reports whether a parameter is one that only the two parties know.
func secret(name string) bool {
	return slices.Contains([]string{"code", "refresh_token", "client_secret", "access_token", "password"}, name)
}
