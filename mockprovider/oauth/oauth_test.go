package oauth

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bench is a server with a clock of its own and values that count.
type bench struct {
	*Server
	// challenge is what is authorized with.
	challenge Challenge
	t         *testing.T
	now       time.Time
	minted    int
	clients   []Client
	refuse    Refuse
	// guards are those that have refused.
	guards []Guard
}

const redirect = "https://sp.test/cb"

var scope = Scope{User: "alice", Client: "sp.test", Provider: "sp.test", Services: []string{"t1", "t2"}, Domain: "example.com.", Hosts: []string{"", "s1"}}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	b.Server = New(func() time.Time { return b.now })
	b.clients = []Client{
		{ID: "sp.test", Secret: Hash("hush"), Redirects: []string{redirect}},
		{ID: "app", Redirects: []string{redirect}, Providers: []string{"sp.test"}, CodeLife: time.Minute, TokenLife: 2 * time.Second, RefreshLife: time.Hour},
		{ID: "once", Secret: Hash("hush"), Redirects: []string{redirect}, Providers: []string{"sp.test"}, NoRefresh: true},
	}
	b.refuse = func(r Refusal) *Error {
		b.guards = append(b.guards, r.Guard)
		return r.Err
	}
	return b
}

func (b *bench) mint() (string, error) {
	b.minted++
	return fmt.Sprintf("value-%d", b.minted), nil
}

func (b *bench) authorize(client string) string {
	b.t.Helper()
	of := scope
	of.Client = client
	code, err := b.Authorize(Find(b.clients, client), of, redirect, b.challenge, b.mint)
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

func (b *bench) exchange(r TokenRequest) (Tokens, error) {
	return b.Exchange(r, b.clients, b.mint, b.refuse)
}

// good is the request that redeems a code.
func good(client, code string) TokenRequest {
	r := TokenRequest{GrantType: GrantCode, Code: code, RedirectURI: redirect, ClientID: client, ClientSecret: "hush"}
	if client == "app" {
		r.ClientSecret = ""
	}
	return r
}

func (b *bench) redeem(client string) Tokens {
	b.t.Helper()
	tokens, err := b.exchange(good(client, b.authorize(client)))
	if err != nil {
		b.t.Fatal(err)
	}
	return tokens
}

func (b *bench) bearer(token string) error {
	_, err := b.Bearer(token, b.clients, b.refuse)
	return err
}

func (b *bench) want(err error, text string) {
	b.t.Helper()
	got := "<nil>"
	if err != nil {
		got = err.Error()
	}
	if got != text {
		b.t.Errorf("got  %s\nwant %s", got, text)
	}
}

func TestTheWay(t *testing.T) {
	b := newBench(t)
	code := b.authorize("sp.test")
	if got := b.Grants("alice"); len(got) != 1 || got[0].Redeemed {
		t.Errorf("before the exchange: %+v", got)
	}
	tokens, err := b.exchange(good("sp.test", code))
	if err != nil {
		t.Fatal(err)
	}
	want := Tokens{Access: "value-2", Life: time.Hour, Refresh: "value-3", Grant: Grant{ID: "1", Scope: scope, Since: b.now, Redeemed: true}}
	if diff := cmp.Diff(want, tokens); diff != "" {
		t.Errorf("tokens: -want +got\n%s", diff)
	}
	grant, err := b.Bearer("value-2", b.clients, nil)
	if diff := cmp.Diff(want.Grant, grant); diff != "" || err != nil {
		t.Errorf("%v, grant: -want +got\n%s", err, diff)
	}
	grant.Hosts[0], grant.Services[0] = "changed", "changed"
	if got := b.Grants("alice")[0]; got.Hosts[0] != "" || got.Services[0] != "t1" {
		t.Errorf("the grant was changed from outside: %+v", got)
	}
	for name, value := range map[string]string{"code": code, "refresh token": "value-3", "empty": "", "near": "value-22"} {
		if err := b.bearer(value); err == nil {
			t.Errorf("the %s is taken for an access token", name)
		}
	}
	if len(b.Grants("bob")) != 0 || len(b.Grants("")) != 1 {
		t.Errorf("grants of bob %v, of all %v", b.Grants("bob"), b.Grants(""))
	}
}

// Each refusal differs from the request of TestTheWay in one point.
func TestExchangeRefuses(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(b *bench, r *TokenRequest)
		guard  Guard
		want   string
	}{
		{"unknown client", func(_ *bench, r *TokenRequest) { r.ClientID = "SP.test" }, GuardClient,
			"invalid_client: no client with this client_id is registered"},
		{"no client", func(_ *bench, r *TokenRequest) { r.ClientID = "" }, GuardClient,
			"invalid_client: no client with this client_id is registered"},
		{"no secret", func(_ *bench, r *TokenRequest) { r.ClientSecret = "" }, GuardSecret,
			"invalid_client: client_secret is missing"},
		{"wrong secret", func(_ *bench, r *TokenRequest) { r.ClientSecret = "husH" }, GuardSecret,
			"invalid_client: client_secret is not the client's"},
		{"secret of a client without", func(_ *bench, r *TokenRequest) { r.ClientID = "app" }, GuardSecret,
			"invalid_client: the client is registered without a secret; leave client_secret out"},
		{"no grant type", func(_ *bench, r *TokenRequest) { r.GrantType = "" }, GuardGrantType,
			"invalid_request: grant_type is missing; it is authorization_code or refresh_token"},
		{"password grant", func(_ *bench, r *TokenRequest) { r.GrantType = "password" }, GuardGrantType,
			"unsupported_grant_type: grant_type is authorization_code or refresh_token"},
		{"no code", func(_ *bench, r *TokenRequest) { r.Code = "" }, GuardCredential,
			"invalid_request: the request has neither code nor refresh_token"},
		{"both", func(_ *bench, r *TokenRequest) { r.RefreshToken = "x" }, GuardCredential,
			"invalid_request: the request has both code and refresh_token; send the one that fits grant_type"},
		{"code as refresh", func(_ *bench, r *TokenRequest) { r.GrantType = GrantRefresh }, GuardCredential,
			"invalid_request: grant_type does not fit: code goes with authorization_code, refresh_token with refresh_token"},
		{"unknown code", func(_ *bench, r *TokenRequest) { r.Code = "value-9" }, GuardCode,
			"invalid_grant: no such code was given here"},
		{"code of another client", func(b *bench, r *TokenRequest) { r.Code = b.authorize("once") }, GuardCodeClient,
			"invalid_grant: the code was given to another client"},
		{"expired", func(b *bench, _ *TokenRequest) { b.now = b.now.Add(10 * time.Minute) }, GuardCodeAge,
			"invalid_grant: the code has expired"},
		{"revoked", func(b *bench, _ *TokenRequest) { b.Revoke("alice", "1") }, GuardRevoked,
			"invalid_grant: the access was revoked"},
		{"no redirect", func(_ *bench, r *TokenRequest) { r.RedirectURI = "" }, GuardCodeRedirect,
			"invalid_grant: redirect_uri is not that of the authorization request"},
		{"other case", func(_ *bench, r *TokenRequest) { r.RedirectURI = "https://SP.test/cb" }, GuardCodeRedirect,
			"invalid_grant: redirect_uri is not that of the authorization request"},
		{"trailing slash", func(_ *bench, r *TokenRequest) { r.RedirectURI += "/" }, GuardCodeRedirect,
			"invalid_grant: redirect_uri is not that of the authorization request"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			r := good("sp.test", b.authorize("sp.test"))
			tc.change(b, &r)
			tokens, err := b.exchange(r)
			b.want(err, tc.want)
			if !reflect.DeepEqual(tokens, Tokens{}) {
				t.Errorf("tokens all the same: %+v", tokens)
			}
			if !slices.Equal(b.guards, []Guard{tc.guard}) {
				t.Errorf("guards %v, want %s alone", b.guards, tc.guard)
			}
		})
	}
}

// What was refused for another reason than reuse leaves the code as it was.
func TestARefusalSpendsNothing(t *testing.T) {
	b := newBench(t)
	code := b.authorize("sp.test")
	for range 2 {
		r := good("sp.test", code)
		r.RedirectURI = "https://evil.test/"
		_, err := b.exchange(r)
		b.want(err, "invalid_grant: redirect_uri is not that of the authorization request")
	}
	other := good("once", code)
	_, err := b.exchange(other)
	b.want(err, "invalid_grant: the code was given to another client")
	_, err = b.exchange(good("sp.test", code))
	b.want(err, "<nil>")
}

func TestACodeIsGoodOnce(t *testing.T) {
	b := newBench(t)
	code := b.authorize("sp.test")
	tokens, err := b.exchange(good("sp.test", code))
	b.want(err, "<nil>")
	b.want(b.bearer(tokens.Access), "<nil>")

	// A stranger cannot revoke by it what is the client's.
	_, err = b.exchange(good("once", code))
	b.want(err, "invalid_grant: the code was given to another client")
	b.want(b.bearer(tokens.Access), "<nil>")

	_, err = b.exchange(good("sp.test", code))
	b.want(err, "invalid_grant: the code was used before; what it had given is revoked")
	b.want(b.bearer(tokens.Access), "invalid_token: the access was revoked")
	_, err = b.exchange(TokenRequest{GrantType: GrantRefresh, RefreshToken: tokens.Refresh, ClientID: "sp.test", ClientSecret: "hush"})
	b.want(err, "invalid_grant: the access was revoked")
	if got := b.Grants(""); len(got) != 0 {
		t.Errorf("grants %v", got)
	}
}

func TestLifetimes(t *testing.T) {
	b := newBench(t)
	code := b.authorize("app")
	b.now = b.now.Add(time.Minute - 1)
	tokens, err := b.exchange(good("app", code))
	b.want(err, "<nil>")
	if tokens.Life != 2*time.Second {
		t.Errorf("life %v", tokens.Life)
	}
	b.now = b.now.Add(2*time.Second - 1)
	b.want(b.bearer(tokens.Access), "<nil>")
	b.now = b.now.Add(1)
	b.want(b.bearer(tokens.Access), "invalid_token: the access token has expired; refresh it")
	b.now = b.now.Add(time.Hour - 2*time.Second)
	_, err = b.exchange(TokenRequest{GrantType: GrantRefresh, RefreshToken: tokens.Refresh, ClientID: "app"})
	b.want(err, "invalid_grant: the refresh token has expired")

	b.authorize("app")
	if n := len(b.Grants("")); n != 2 {
		t.Errorf("%d grants, want one and a fresh code", n)
	}
	b.now = b.now.Add(time.Minute)
	if n := len(b.Grants("")); n != 1 {
		t.Errorf("%d grants, want one: nobody can redeem the other", n)
	}
}

func TestRefreshOfAClientWithSecret(t *testing.T) {
	b := newBench(t)
	first := b.redeem("sp.test")
	refresh := TokenRequest{GrantType: GrantRefresh, RefreshToken: first.Refresh, ClientID: "sp.test", ClientSecret: "hush"}
	second, err := b.exchange(refresh)
	b.want(err, "<nil>")
	if second.Access == first.Access || second.Refresh != first.Refresh {
		t.Errorf("first %+v, second %+v", first, second)
	}
	third, err := b.exchange(refresh)
	b.want(err, "<nil>")
	for _, token := range []string{first.Access, second.Access, third.Access} {
		b.want(b.bearer(token), "<nil>")
	}
	other := refresh
	other.ClientID, b.guards = "once", nil
	_, err = b.exchange(other)
	b.want(err, "invalid_grant: no such refresh token was given to this client")
	if !slices.Equal(b.guards, []Guard{GuardRefreshClient}) {
		t.Errorf("asked %v", b.guards)
	}
	for _, token := range []string{first.Access, "value-1", "x"} {
		other = refresh
		other.RefreshToken = token
		_, err = b.exchange(other)
		b.want(err, "invalid_grant: no such refresh token was given to this client")
	}
	if b.redeem("once").Refresh != "" {
		t.Error("a client without refresh tokens got one")
	}
}

// Without a secret the token itself is all that a thief needs, so that it
// changes with every use, and its second use ends the grant.
func TestRefreshOfAClientWithoutSecret(t *testing.T) {
	b := newBench(t)
	first := b.redeem("app")
	r := TokenRequest{GrantType: GrantRefresh, RefreshToken: first.Refresh, ClientID: "app"}
	second, err := b.exchange(r)
	b.want(err, "<nil>")
	if second.Refresh == first.Refresh || second.Refresh == "" {
		t.Fatalf("first %+v, second %+v", first, second)
	}
	// Another client that has come by the old one revokes nothing.
	stolen := r
	stolen.ClientID, stolen.ClientSecret = "sp.test", "hush"
	_, err = b.exchange(stolen)
	b.want(err, "invalid_grant: no such refresh token was given to this client")
	b.want(b.bearer(second.Access), "<nil>")
	_, err = b.exchange(r)
	b.want(err, "invalid_grant: the refresh token was replaced before; what it had given is revoked")
	r.RefreshToken = second.Refresh
	_, err = b.exchange(r)
	b.want(err, "invalid_grant: the access was revoked")
	b.want(b.bearer(second.Access), "invalid_token: the access was revoked")
}

func TestRevoke(t *testing.T) {
	b := newBench(t)
	tokens := b.redeem("sp.test")
	for _, tc := range []struct {
		user, id string
		want     bool
	}{{"bob", "1", false}, {"alice", "2", false}, {"alice", "1", true}, {"alice", "1", false}} {
		if got := b.Revoke(tc.user, tc.id); got != tc.want {
			t.Errorf("Revoke(%q, %q) = %t", tc.user, tc.id, got)
		}
	}
	b.want(b.bearer(tokens.Access), "invalid_token: the access was revoked")
	if len(b.Grants("alice")) != 0 {
		t.Error("a revoked grant is listed")
	}
	b.clients = b.clients[1:]
	other := b.redeem("app")
	b.clients = nil
	b.want(b.bearer(other.Access), "invalid_token: the client is no longer registered")
}

// A client that may no longer ask for a service provider's templates has
// nothing left of what it was given for them, until it may again.
func TestANarrowedRegistration(t *testing.T) {
	b := newBench(t)
	tokens, waiting := b.redeem("app"), b.authorize("app")
	refresh := TokenRequest{GrantType: GrantRefresh, RefreshToken: tokens.Refresh, ClientID: "app"}
	b.clients[1].Providers = []string{"other.test"}
	b.want(b.bearer(tokens.Access), "invalid_token: the client is no longer registered for this service provider")
	_, err := b.exchange(refresh)
	b.want(err, "invalid_grant: the client is no longer registered for this service provider")
	_, err = b.exchange(good("app", waiting))
	b.want(err, "invalid_grant: the client is no longer registered for this service provider")
	if want := []Guard{GuardProvider, GuardProvider, GuardProvider}; !slices.Equal(b.guards, want) {
		t.Errorf("guards %v, want %v", b.guards, want)
	}
	b.clients[1].Providers = []string{"other.test", "sp.test"}
	b.want(b.bearer(tokens.Access), "<nil>")
	_, err = b.exchange(refresh)
	b.want(err, "<nil>")
	_, err = b.exchange(good("app", waiting))
	b.want(err, "<nil>")
}

// A code that went to a URI which is no longer the client's is good for nothing
// there: whoever has that URI by now may have the code.
func TestARedirectThatIsTakenBack(t *testing.T) {
	b := newBench(t)
	waiting := b.authorize("sp.test")
	was := b.clients[0].Redirects
	b.clients[0].Redirects = []string{"https://sp.test/new"}
	_, err := b.exchange(good("sp.test", waiting))
	b.want(err, "invalid_grant: the code was sent to a redirect_uri that is no longer registered")
	if want := []Guard{GuardRedirect}; !slices.Equal(b.guards, want) {
		t.Errorf("guards %v, want %v", b.guards, want)
	}
	b.clients[0].Redirects = was
	_, err = b.exchange(good("sp.test", waiting))
	b.want(err, "<nil>")
}

// Only the code of a grant is a code, although all of it is in one index.
func TestATokenIsNoCode(t *testing.T) {
	b := newBench(t)
	code := b.authorize("sp.test")
	tokens, err := b.exchange(good("sp.test", code))
	b.want(err, "<nil>")
	for name, value := range map[string]string{"refresh token": tokens.Refresh, "access token": tokens.Access} {
		b.guards = nil
		_, err = b.exchange(good("sp.test", value))
		b.want(err, "invalid_grant: no such code was given here")
		if !slices.Equal(b.guards, []Guard{GuardCode}) {
			t.Errorf("%s: guards %v", name, b.guards)
		}
	}
	b.want(b.bearer(tokens.Access), "<nil>")
}

// What a fault does: every guard but those without which nothing is known can
// be passed.
func TestRefuseLetsPass(t *testing.T) {
	b := newBench(t)
	b.refuse = func(Refusal) *Error { return nil }
	code := b.authorize("sp.test")
	b.now = b.now.Add(time.Hour)
	b.Revoke("", "1")
	var last Tokens
	for range 2 {
		var err error
		last, err = b.exchange(TokenRequest{GrantType: "password", Code: code, RefreshToken: "x", ClientID: "app", ClientSecret: "x"})
		b.want(err, "<nil>")
	}
	b.now = b.now.Add(time.Hour)
	b.want(b.bearer(last.Access), "<nil>")
	_, err := b.exchange(TokenRequest{})
	b.want(err, "invalid_client: no client with this client_id is registered")
	_, err = b.exchange(TokenRequest{ClientID: "app"})
	b.want(err, "invalid_request: the request has neither code nor refresh_token")
	_, err = b.exchange(good("app", "x"))
	b.want(err, "invalid_grant: no such code was given here")
	_, err = b.exchange(TokenRequest{ClientID: "app", RefreshToken: "x"})
	b.want(err, "invalid_grant: no such refresh token was given to this client")
	b.want(b.bearer("x"), "invalid_token: no such access token was given here")
}

func TestRandomnessThatFails(t *testing.T) {
	b := newBench(t)
	broken := errors.New("no randomness")
	fail := func() (string, error) { return "", broken }
	if _, err := b.Authorize(&b.clients[0], scope, redirect, "", fail); !errors.Is(err, broken) {
		t.Error(err)
	}
	code := b.authorize("sp.test")
	if _, err := b.Exchange(good("sp.test", code), b.clients, fail, nil); !errors.Is(err, broken) {
		t.Error(err)
	}
	_, err := b.exchange(good("sp.test", code))
	b.want(err, "<nil>")
}

// TestNothingInClear looks through all that the server keeps.
func TestNothingInClear(t *testing.T) {
	b := newBench(t)
	tokens := b.redeem("app")
	_, err := b.exchange(TokenRequest{GrantType: GrantRefresh, RefreshToken: tokens.Refresh, ClientID: "app"})
	b.want(err, "<nil>")
	kept := fmt.Sprintf("%+v %+v", b.grants[0], b.clients)
	for index := range b.byDigest {
		kept += string(index[:])
	}
	if !strings.Contains(kept, "alice") {
		t.Fatal("the look goes past what is kept")
	}
	for _, secret := range []string{"value-", "hush"} {
		if strings.Contains(kept, secret) {
			t.Errorf("%q is kept in clear: %s", secret, kept)
		}
	}
}

func TestCheckClients(t *testing.T) {
	for _, tc := range []struct {
		want    string
		clients []Client
	}{
		{"<nil>", []Client{{ID: "a", Redirects: []string{"https://a.test/cb?x=1", "http://127.0.0.1:8000"}}, {ID: "A", Redirects: []string{redirect}}}},
		{"client 2 has no id: give it one, such as its providerId", []Client{{ID: "a", Redirects: []string{redirect}}, {}}},
		{"client a is registered twice: ids are unique", []Client{{ID: "a", Redirects: []string{redirect}}, {ID: "a", Redirects: []string{redirect}}}},
		{`client a b: the id holds ' ': use printable ASCII without spaces`, []Client{{ID: "a b", Redirects: []string{redirect}}}},
		{"client a: it has no redirect URI: a code can be sent nowhere", []Client{{ID: "a"}}},
		{`client a: redirect URI "/cb" is no absolute https or http URI: write it as https://host/path`, []Client{{ID: "a", Redirects: []string{"/cb"}}}},
		{`client a: redirect URI "app://cb" is no absolute https or http URI: write it as https://host/path`, []Client{{ID: "a", Redirects: []string{redirect, "app://cb"}}}},
		{`client a: redirect URI "https://u@sp.test/" has a user name: leave it out`, []Client{{ID: "a", Redirects: []string{"https://u@sp.test/"}}}},
		{`client a: redirect URI "https://sp.test/#" has a fragment, which a redirect URI may not: leave it out`, []Client{{ID: "a", Redirects: []string{"https://sp.test/#"}}}},
		{"client a: a lifetime of -1s: it is longer than nothing, or 0 for the default", []Client{{ID: "a", Redirects: []string{redirect}, TokenLife: -time.Second}}},
	} {
		newBench(t).want(CheckClients(tc.clients), tc.want)
	}
}

func TestClient(t *testing.T) {
	c := Client{ID: "sp.test", Redirects: []string{redirect}}
	if !c.For("sp.test") || c.For("other.test") || !c.Registered(redirect) || c.Registered(redirect+"?") {
		t.Error("the id is not the only provider, or the redirect not the only one")
	}
	c.Providers = []string{"other.test"}
	if c.For("sp.test") || !c.For("other.test") {
		t.Error("the list of providers does not replace the id")
	}
	if (Digest{}).Matches("") || !Hash("").Matches("") {
		t.Error("nothing matches nothing")
	}
}
