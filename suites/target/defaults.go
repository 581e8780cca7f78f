package target

import (
	"net"
	"strconv"
	"strings"
	"time"
)

// Placeholder is the word in what Init writes that has to be replaced; Load
// refuses every value that still has it.
const Placeholder = "change-me"

// What stands for an optional field that is not there.
const (
	DefaultProviderID     = "conformance.dcconform.example"
	DefaultKeyDomain      = "keys.dcconform.example"
	DefaultRedirectDomain = "callback.dcconform.example"
	DefaultRedirectPath   = "/dcconform/authorized"
	DefaultPrefix         = "dcc"
	DefaultHosts          = 1000
	DefaultRequest        = 10 * time.Second
	DefaultFlow           = time.Minute
	DefaultPropagation    = time.Minute
	DefaultCase           = 5 * time.Minute
	DefaultLinger         = 5 * time.Second
	// DefaultAlgorithm is for a TSIG key that names none.
	DefaultAlgorithm = "hmac-sha256"
)

// The ceilings of what a target.yaml may ask for.
const (
	MaxRequest     = 2 * time.Minute
	MaxFlow        = 10 * time.Minute
	MaxPropagation = time.Hour
	MaxCase        = 30 * time.Minute
	MaxLinger      = time.Minute
	// MaxHosts is how many names a run may use below all domains together.
	MaxHosts = 5000
	// MaxPrefix leaves room behind the prefix in a label of 63 octets.
	MaxPrefix = 20
)

// fill puts the defaults where nothing is given.
func (c *Config) fill() {
	text := func(field *string, standard string) {
		if *field == "" {
			*field = standard
		}
	}
	limit := func(field *time.Duration, standard time.Duration) {
		if *field == 0 {
			*field = standard
		}
	}
	text(&c.Templates.ProviderID, DefaultProviderID)
	text(&c.Templates.KeyDomain, DefaultKeyDomain)
	text(&c.Templates.RedirectDomain, DefaultRedirectDomain)
	text(&c.Hosts.Prefix, DefaultPrefix)
	if c.Hosts.Limit == 0 {
		c.Hosts.Limit = DefaultHosts
	}
	limit(&c.Limits.Request, DefaultRequest)
	limit(&c.Limits.Flow, DefaultFlow)
	limit(&c.Limits.Propagation, DefaultPropagation)
	limit(&c.Limits.Case, DefaultCase)
	limit(&c.Limits.Linger, DefaultLinger)
	for _, u := range []*Update{c.KeyZone.Update, c.Hooks.Update} {
		if u != nil && u.Key != "" {
			text(&u.Algorithm, DefaultAlgorithm)
		}
	}
	if c.OAuth.Client != "" && c.OAuth.Redirect == "" {
		host := c.Templates.RedirectDomain
		if p := c.Callback.Port; p != 0 && p != 443 {
			host = net.JoinHostPort(host, strconv.Itoa(p))
		}
		c.OAuth.Redirect = "https://" + host + DefaultRedirectPath
	}
	if c.Name == "" {
		c.Name, _, _ = strings.Cut(c.Settings, "/")
	}
}
