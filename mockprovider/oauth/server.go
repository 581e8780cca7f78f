package oauth

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// maxGrants bounds what one server remembers; the oldest goes.
	maxGrants = 4096
	// maxTokens is how many access tokens of one grant are remembered; the
	// oldest goes.
	maxTokens = 32
)

// Mint makes an unguessable value of at least 128 random bits, in the
// characters that RFC 6749 allows in codes and tokens.
type Mint func() (string, error)

// Scope is what a user grants to a client.
type Scope struct {
	// User has granted it, Client may use it.
	User, Client string
	// Provider is the providerId of the templates, Services their serviceIds.
	Provider string
	Services []string
	// Domain is the zone, as a canonical name; Hosts are the hosts in it, in
	// the same form relative to it, "" for the apex.
	Domain string
	Hosts  []string
}

// Grant is what a user has granted, and when.
type Grant struct {
	// ID names the grant in one server, for the user who may revoke it. It
	// gives no access.
	ID string
	Scope
	Since time.Time
	// Redeemed says that the client has fetched its tokens; before that there
	// is a code alone.
	Redeemed bool
}

// grant is a Grant with all that belongs to it.
type grant struct {
	Grant
	revoked  bool
	redirect string
	// challenge is what the request for permission said of the code_verifier.
	challenge Challenge
	code      timed
	used      bool
	refresh   timed
	// spent are refresh tokens that were replaced.
	spent  []Digest
	access []timed
}

// timed is a code or token.
type timed struct {
	digest Digest
	until  time.Time
}

// Server keeps the grants of one tenant. It is safe for concurrent use.
type Server struct {
	clock func() time.Time
	mu    sync.Mutex
	made  int
	// grants are in the order in which they were made; byDigest finds one by
	// any code or token of it.
	grants   []*grant
	byDigest map[Digest]*grant
}

// New makes a server without grants; clock nil is time.Now.
func New(clock func() time.Time) *Server {
	if clock == nil {
		clock = time.Now
	}
	return &Server{clock: clock, byDigest: map[Digest]*grant{}}
}

// Authorize notes what a user has granted, and returns the code by which the
// client comes to its tokens. redirect and challenge are those of the request.
// The error is mint's.
func (s *Server) Authorize(c *Client, scope Scope, redirect string, challenge Challenge, mint Mint) (code string, err error) {
	if code, err = mint(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	s.made++
	scope.Services, scope.Hosts = slices.Clone(scope.Services), slices.Clone(scope.Hosts)
	g := &grant{
		Grant: Grant{ID: strconv.Itoa(s.made), Scope: scope, Since: now}, redirect: redirect, challenge: challenge,
		code: timed{Hash(code), now.Add(c.codeLife())},
	}
	s.grants = append(s.grants, g)
	s.byDigest[g.code.digest] = g
	for len(s.grants) > maxGrants {
		s.forget(s.grants[0])
		s.grants = slices.Delete(s.grants, 0, 1)
	}
	return code, nil
}

// forget takes everything of a grant out of the index.
func (s *Server) forget(g *grant) {
	for _, d := range slices.Concat([]Digest{g.code.digest, g.refresh.digest}, g.spent) {
		delete(s.byDigest, d)
	}
	for _, t := range g.access {
		delete(s.byDigest, t.digest)
	}
}

// Bearer finds the grant of an access token (RFC 6750). The error is an *Error
// of code invalid_token. A token of a client that is no longer registered, or
// not for the service provider any more, is none.
func (s *Server) Bearer(token string, clients []Client, refuse Refuse) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	digest := Hash(token)
	g := s.byDigest[digest]
	at := -1
	if g != nil {
		at = slices.IndexFunc(g.access, func(t timed) bool { return t.digest.Matches(token) })
	}
	if at < 0 {
		return Grant{}, answered(refuse.ask(Refusal{Guard: GuardToken, Err: notAToken}), notAToken)
	}
	c := Find(clients, g.Client)
	for _, guard := range []struct {
		name Guard
		ok   bool
		err  *Error
	}{
		{GuardClient, c != nil, &Error{InvalidToken, "the client is no longer registered"}},
		{GuardProvider, c == nil || c.For(g.Provider), &Error{InvalidToken, notFor}},
		{GuardRevoked, !g.revoked, &Error{InvalidToken, "the access was revoked"}},
		{GuardTokenAge, s.clock().Before(g.access[at].until), &Error{InvalidToken, "the access token has expired; refresh it"}},
	} {
		if guard.ok {
			continue
		}
		if err := refuse.ask(Refusal{Guard: guard.name, Err: guard.err, Grant: g.shown(), Client: c}); err != nil {
			return Grant{}, err
		}
	}
	return *g.shown(), nil
}

// notFor is said of a client whose registration was narrowed since.
const notFor = "the client is no longer registered for this service provider"

var notAToken = &Error{InvalidToken, "no such access token was given here"}

// answered is what is said of something that cannot be let pass.
func answered(said, otherwise *Error) error {
	if said == nil {
		return otherwise
	}
	return said
}

// shown is the grant without its secrets, in slices of its own.
func (g *grant) shown() *Grant {
	shown := g.Grant
	shown.Services, shown.Hosts = slices.Clone(g.Services), slices.Clone(g.Hosts)
	return &shown
}

// Grants are those that a user can revoke, oldest first: what was never
// redeemed and has expired is not among them. "" is every user.
func (s *Server) Grants(user string) []Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Grant
	for _, g := range s.grants {
		if (user == "" || g.User == user) && !g.revoked && (g.Redeemed || s.clock().Before(g.code.until)) {
			list = append(list, *g.shown())
		}
	}
	return list
}

// Revoke takes a grant back at its user's wish (async-00 section 6.8): its
// code, its tokens and what could be had by them are worth nothing from then
// on. It is false when the user, "" for anybody, has no such grant.
func (s *Server) Revoke(user, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.grants {
		if g.ID == id && (user == "" || g.User == user) && !g.revoked {
			g.revoked = true
			return true
		}
	}
	return false
}
