package oauth

import (
	"slices"
	"time"
)

// The grant types (async-00 section 6.4).
const (
	GrantCode    = "authorization_code"
	GrantRefresh = "refresh_token"
)

// TokenRequest is a request to the token end-point. A parameter that is absent
// is empty.
type TokenRequest struct {
	GrantType, Code, RefreshToken, RedirectURI string
	ClientID, ClientSecret                     string
	// Verifier is code_verifier (RFC 7636 section 4.5).
	Verifier string
}

// Tokens are what a client gets.
type Tokens struct {
	Access string
	// Life is that of the access token.
	Life time.Duration
	// Refresh is "" for clients without.
	Refresh string
	// Grant is what they are for.
	Grant Grant
}

// Exchange answers a token request (RFC 6749 sections 4.1.3 and 6; async-00
// section 6.4). The error is an *Error, or mint's.
func (s *Server) Exchange(r TokenRequest, clients []Client, mint Mint, refuse Refuse) (Tokens, error) {
	c, err := authenticate(r, clients, refuse)
	if err != nil {
		return Tokens{}, err
	}
	if err := r.check(c, refuse); err != nil {
		return Tokens{}, err
	}
	access, err := mint()
	if err != nil {
		return Tokens{}, err
	}
	refresh, err := mint()
	if err != nil {
		return Tokens{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var g *grant
	if r.Code != "" {
		g, err = s.redeem(r, c, refuse)
	} else {
		g, err = s.renew(r, c, refuse)
	}
	if err != nil {
		return Tokens{}, err
	}
	return s.issue(g, c, r, access, refresh), nil
}

// authenticate finds the client and compares its secret.
func authenticate(r TokenRequest, clients []Client, refuse Refuse) (*Client, error) {
	c := Find(clients, r.ClientID)
	if c == nil {
		unknown := &Error{InvalidClient, "no client with this client_id is registered"}
		return nil, answered(refuse.ask(Refusal{Guard: GuardClient, Err: unknown, Wanted: r.ClientID}), unknown)
	}
	wrong := ""
	switch {
	case c.Secret.IsZero() && r.ClientSecret != "":
		wrong = "the client is registered without a secret; leave client_secret out"
	case c.Secret.IsZero():
	case r.ClientSecret == "":
		wrong = "client_secret is missing"
	case !c.Secret.Matches(r.ClientSecret):
		wrong = "client_secret is not the client's"
	}
	if wrong == "" {
		return c, nil
	}
	if err := refuse.ask(Refusal{Guard: GuardSecret, Err: &Error{InvalidClient, wrong}, Client: c}); err != nil {
		return nil, err
	}
	return c, nil
}

// check looks at the request alone.
func (r *TokenRequest) check(c *Client, refuse Refuse) error {
	if r.GrantType != GrantCode && r.GrantType != GrantRefresh {
		err := &Error{UnsupportedGrantType, "grant_type is authorization_code or refresh_token"}
		if r.GrantType == "" {
			err = &Error{InvalidRequest, "grant_type is missing; it is authorization_code or refresh_token"}
		}
		if err := refuse.ask(Refusal{Guard: GuardGrantType, Err: err, Client: c, Wanted: r.GrantType}); err != nil {
			return err
		}
	}
	wrong := ""
	switch {
	case r.Code != "" && r.RefreshToken != "":
		wrong = "the request has both code and refresh_token; send the one that fits grant_type"
	case r.Code == "" && r.RefreshToken == "":
		wrong = "the request has neither code nor refresh_token"
	case r.GrantType == GrantCode && r.Code == "", r.GrantType == GrantRefresh && r.RefreshToken == "":
		wrong = "grant_type does not fit: code goes with authorization_code, refresh_token with refresh_token"
	}
	if wrong == "" {
		return nil
	}
	if err := refuse.ask(Refusal{Guard: GuardCredential, Err: &Error{InvalidRequest, wrong}, Client: c}); err != nil {
		return err
	}
	if r.Code == "" && r.RefreshToken == "" {
		return &Error{InvalidRequest, wrong}
	}
	return nil
}

// redeem takes a code. The caller holds mu.
func (s *Server) redeem(r TokenRequest, c *Client, refuse Refuse) (*grant, error) {
	g := s.byDigest[Hash(r.Code)]
	if g == nil || !g.code.digest.Matches(r.Code) {
		return nil, answered(refuse.ask(Refusal{Guard: GuardCode, Err: notACode, Client: c}), notACode)
	}
	wrong := g.challenge.met(r.Verifier)
	for _, guard := range []struct {
		name   Guard
		ok     bool
		err    *Error
		wanted string
	}{
		// Before all else, so that nobody can revoke what is another client's.
		{GuardCodeClient, g.Client == c.ID, &Error{InvalidGrant, "the code was given to another client"}, c.ID},
		{GuardCodeOnce, !g.used, &Error{InvalidGrant, "the code was used before; what it had given is revoked"}, ""},
		{GuardProvider, c.For(g.Provider), &Error{InvalidGrant, notFor}, g.Provider},
		{GuardRedirect, c.Registered(g.redirect), &Error{InvalidGrant, "the code was sent to a redirect_uri that is no longer registered"}, g.redirect},
		{GuardRevoked, !g.revoked, &Error{InvalidGrant, "the access was revoked"}, ""},
		{GuardCodeAge, s.clock().Before(g.code.until), &Error{InvalidGrant, "the code has expired"}, ""},
		{GuardCodeRedirect, r.RedirectURI == g.redirect, &Error{InvalidGrant, "redirect_uri is not that of the authorization request"}, r.RedirectURI},
		{GuardVerifier, wrong == "", &Error{InvalidGrant, wrong}, ""},
	} {
		if guard.ok {
			continue
		}
		if err := refuse.ask(Refusal{Guard: guard.name, Err: guard.err, Grant: g.shown(), Client: c, Wanted: guard.wanted}); err != nil {
			g.revoked = g.revoked || guard.name == GuardCodeOnce
			return nil, err
		}
	}
	g.used, g.Redeemed = true, true
	return g, nil
}

var notACode = &Error{InvalidGrant, "no such code was given here"}

// renew takes a refresh token. The caller holds mu.
func (s *Server) renew(r TokenRequest, c *Client, refuse Refuse) (*grant, error) {
	g := s.byDigest[Hash(r.RefreshToken)]
	spent := g != nil && slices.ContainsFunc(g.spent, func(d Digest) bool { return d.Matches(r.RefreshToken) })
	switch {
	case g == nil || !spent && !g.refresh.digest.Matches(r.RefreshToken):
		return nil, answered(refuse.ask(Refusal{Guard: GuardRefresh, Err: notARefresh, Client: c}), notARefresh)
	case g.Client != c.ID:
		// Told apart for who watches alone: another client learns no more than of a
		// token that nobody gave, and revokes nothing.
		if err := refuse.ask(Refusal{Guard: GuardRefreshClient, Err: notARefresh, Grant: g.shown(), Client: c, Wanted: c.ID}); err != nil {
			return nil, err
		}
	}
	if spent {
		// Two have it, and one of them is not the client (RFC 6819 section 5.2.2.3).
		g.revoked = true
		replaced := &Error{InvalidGrant, "the refresh token was replaced before; what it had given is revoked"}
		return nil, answered(refuse.ask(Refusal{Guard: GuardRefresh, Err: replaced, Grant: g.shown(), Client: c}), replaced)
	}
	for _, guard := range []struct {
		name Guard
		ok   bool
		err  *Error
	}{
		{GuardProvider, c.For(g.Provider), &Error{InvalidGrant, notFor}},
		{GuardRevoked, !g.revoked, &Error{InvalidGrant, "the access was revoked"}},
		{GuardRefreshAge, s.clock().Before(g.refresh.until), &Error{InvalidGrant, "the refresh token has expired"}},
	} {
		if guard.ok {
			continue
		}
		if err := refuse.ask(Refusal{Guard: guard.name, Err: guard.err, Grant: g.shown(), Client: c}); err != nil {
			return nil, err
		}
	}
	return g, nil
}

var notARefresh = &Error{InvalidGrant, "no such refresh token was given to this client"}

// issue makes tokens of fresh values. The caller holds mu.
func (s *Server) issue(g *grant, c *Client, r TokenRequest, access, refresh string) Tokens {
	now := s.clock()
	tokens := Tokens{Access: access, Life: c.tokenLife()}
	g.access = append(g.access, timed{Hash(access), now.Add(tokens.Life)})
	s.byDigest[Hash(access)] = g
	if len(g.access) > maxTokens {
		delete(s.byDigest, g.access[0].digest)
		g.access = slices.Delete(g.access, 0, 1)
	}
	switch {
	case c.NoRefresh:
	case r.RefreshToken != "" && !c.Secret.IsZero():
		// The secret is what guards it, so that it may stay as it is: a client
		// that loses an answer loses nothing.
		tokens.Refresh = r.RefreshToken
	default:
		tokens.Refresh = refresh
		if !g.refresh.digest.IsZero() {
			g.spent = append(g.spent, g.refresh.digest)
		}
		if len(g.spent) > maxTokens {
			delete(s.byDigest, g.spent[0])
			g.spent = slices.Delete(g.spent, 0, 1)
		}
		g.refresh = timed{Hash(refresh), now.Add(c.refreshLife())}
		s.byDigest[g.refresh.digest] = g
	}
	tokens.Grant = *g.shown()
	return tokens
}
