package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Digest is what is kept of a code, a token or a secret: its SHA-256. Codes
// and tokens have 128 random bits or more, so that nothing slower is needed;
// the secret of a client is as good as whoever registered it has made it. The
// zero value is the digest of nothing.
type Digest [sha256.Size]byte

// Hash makes a digest.
func Hash(secret string) Digest { return sha256.Sum256([]byte(secret)) }

// Matches reports whether the digest is that of a secret, in a time that does
// not depend on how much of it is right. The zero value matches nothing.
func (d Digest) Matches(secret string) bool {
	of := Hash(secret)
	return subtle.ConstantTimeCompare(d[:], of[:]) == 1
}

// IsZero reports whether there is no secret.
func (d Digest) IsZero() bool { return d == Digest{} }

// The lifetimes where a client has none of its own.
const (
	// DefaultCodeLife is what async-00 section 6.4 recommends.
	DefaultCodeLife = 10 * time.Minute
	// DefaultTokenLife is that of access tokens.
	DefaultTokenLife = time.Hour
	// DefaultRefreshLife is that of refresh tokens.
	DefaultRefreshLife = 90 * 24 * time.Hour
)

// Client is a service provider that was registered with the DNS provider
// (async-00 section 6.2).
type Client struct {
	// ID is the client_id.
	ID string
	// Secret is the digest of the client_secret. Zero is a client without one,
	// as an application on a user's machine is; it sends none, and gets a new
	// refresh token with every use of the old one.
	Secret Digest
	// Redirects are the redirect URIs, absolute, compared octet by octet.
	Redirects []string
	// Providers are the providerIds whose templates the client may ask for;
	// empty is ID alone, which "MAY be the same as the providerId".
	Providers []string
	// CodeLife, TokenLife and RefreshLife are how long its codes, access tokens
	// and refresh tokens are good for; 0 is the default.
	CodeLife, TokenLife, RefreshLife time.Duration
	// NoRefresh gives it no refresh tokens.
	NoRefresh bool
}

// Registered reports whether a redirect_uri is one of the client's. There is
// no matching: what is registered is a URI and no pattern (RFC 6749 section
// 3.1.2.3).
func (c *Client) Registered(redirect string) bool { return slices.Contains(c.Redirects, redirect) }

// For reports whether the client may ask for templates of a service provider.
func (c *Client) For(provider string) bool {
	if len(c.Providers) == 0 {
		return provider == c.ID
	}
	return slices.Contains(c.Providers, provider)
}

func (c *Client) codeLife() time.Duration    { return orDefault(c.CodeLife, DefaultCodeLife) }
func (c *Client) tokenLife() time.Duration   { return orDefault(c.TokenLife, DefaultTokenLife) }
func (c *Client) refreshLife() time.Duration { return orDefault(c.RefreshLife, DefaultRefreshLife) }

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// Find returns the client of an id, compared with case; nil when there is
// none.
func Find(clients []Client, id string) *Client {
	for i := range clients {
		if clients[i].ID == id {
			return &clients[i]
		}
	}
	return nil
}

// CheckClients says what is wrong with clients that are to be registered: the
// first mistake, with the client that has it.
func CheckClients(clients []Client) error {
	for i := range clients {
		c := &clients[i]
		if c.ID == "" {
			return fmt.Errorf("client %d has no id: give it one, such as its providerId", i+1)
		}
		if Find(clients[:i], c.ID) != nil {
			return fmt.Errorf("client %s is registered twice: ids are unique", c.ID)
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("client %s: %w", c.ID, err)
		}
	}
	return nil
}

func (c *Client) check() error {
	for _, r := range c.ID {
		if r < 0x21 || r > 0x7e {
			return fmt.Errorf("the id holds %q: use printable ASCII without spaces", r)
		}
	}
	if len(c.Redirects) == 0 {
		return errors.New("it has no redirect URI: a code can be sent nowhere")
	}
	for _, raw := range c.Redirects {
		if err := checkURI(raw); err != nil {
			return fmt.Errorf("redirect URI %q %w", raw, err)
		}
	}
	for _, life := range []time.Duration{c.CodeLife, c.TokenLife, c.RefreshLife} {
		if life < 0 {
			return fmt.Errorf("a lifetime of %v: it is longer than nothing, or 0 for the default", life)
		}
	}
	return nil
}

// checkURI holds a redirect URI against RFC 6749 section 3.1.2.
func checkURI(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("is no absolute https or http URI: write it as https://host/path")
	case u.User != nil:
		return errors.New("has a user name: leave it out")
	case strings.Contains(raw, "#"):
		return errors.New("has a fragment, which a redirect URI may not: leave it out")
	}
	return nil
}
