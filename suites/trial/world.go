package trial

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/seed"
	"github.com/dcconform/dcconform/suites/target"
)

// World is what the cases of a run share: one target and the means to reach
// it. Package provider builds it.
type World struct {
	// Target is the provider under test, with all defaults filled in.
	Target *target.Config
	// Edition is what it is judged by.
	Edition register.Edition
	// Register says which capabilities a requirement needs.
	Register *register.Register
	// Client plays the service provider's server, HTTP sends single requests
	// without cookies.
	Client *client.Client
	HTTP   *target.Recorder
	// Dialer lets the run reach the target and nobody else.
	Dialer *target.Dialer
	// Driver operates the pages; Form is the driver without scripts, for cases
	// about single requests. NoDriver is why there is no Driver.
	Driver   consent.Driver
	Form     *consent.Form
	NoDriver string
	// Recipe is nil for the default one.
	Recipe *consent.Recipe
	// Session is signed in from the first flow on, and used by every case that
	// is not about signing in.
	Session *consent.Session
	// Callback receives the user back.
	Callback *client.Callback
	// Zones are the target's name servers.
	Zones observe.Servers
	// Seeder puts records into zones by the provider's own means.
	Seeder seed.Seeder
	// Keys publishes public keys; nil when they were published by hand.
	Keys KeyPublisher
	// Key signs; its public half is published at Label below the key domain.
	Key *client.SigningKey
	// Fresh says that the zones were made for this run alone, so that nothing
	// of others can stand at a case's host.
	Fresh bool
	// Revoke takes back, by the provider's own means, what the user of an
	// account has allowed the run; nil is no such means.
	Revoke func(ctx context.Context, user string) error
	// Explain says what is wrong with a signature, for failures about one; nil
	// says nothing.
	Explain Explain
	// Templates are the conformance templates by service id.
	Templates map[string]fixtures.Conformance
	// Pass lets time go by, for the provider as for the run; nil waits for it. It
	// ends with an error of ctx when ctx does.
	Pass func(ctx context.Context, d time.Duration) error
	// Created is told before anything may be written; nil is nobody.
	Created func(target.Creation) error

	// tokenPlace is where the provider was seen to take the parameters of a
	// token request; nil as long as nothing was seen.
	tokenPlace *oauthclient.Place

	// hosts are the names that cases were given, below one domain.
	hosts map[string]bool
	// patience counts what comes to nothing.
	patience patience
	// traces are of what was written.
	traces traces
	// What is asked for once in a run, by domain.
	prefixes  memo[string]
	documents memo[told]
	links     memo[Reply]
}

// KeyPublisher makes the TXT records at a key name be exactly txt.
type KeyPublisher interface {
	PublishKey(ctx context.Context, name string, txt []string) error
}

// CallbackURL is a redirect URI at a host that the callback server stands in
// for.
func (w *World) CallbackURL(host, token string) string {
	if p := w.Target.Callback.Port; p != 0 && p != 443 {
		host = fmt.Sprintf("%s:%d", host, p)
	}
	return w.Callback.URL(host, token)
}

// identity is how the conformance templates were rendered for the target.
func (w *World) identity() fixtures.Identity {
	return fixtures.Identity{ProviderID: w.Target.Templates.ProviderID,
		KeyDomain: w.Target.Templates.KeyDomain, RedirectDomain: w.Target.Templates.RedirectDomain}
}

// domain is the first domain of a role.
func (w *World) domain(role string) (target.Domain, bool) {
	for _, d := range w.Target.Domains {
		if d.Role == role {
			return d, true
		}
	}
	return target.Domain{}, false
}

// missing reports whether a conformance template was not onboarded.
func (w *World) missing(service string) bool {
	return slices.Contains(w.Target.Templates.Missing, service)
}

// account is who signs in for a domain.
func (w *World) account(d target.Domain) target.Credentials {
	for _, a := range w.Target.Accounts {
		if d.Account == "" || strings.EqualFold(a.User, d.Account) {
			return target.Credentials{User: a.User, Password: a.Password.Reveal()}
		}
	}
	return target.Credentials{}
}

// host is the name that belongs to a case.
func (w *World) host(index int) (string, error) {
	if index >= w.Target.Hosts.Limit {
		return "", fmt.Errorf("hosts.limit of the target is %d, and this case would be host %d: raise the limit", w.Target.Hosts.Limit, index+1)
	}
	name := fmt.Sprintf("%s%d", w.Target.Hosts.Prefix, index+1)
	return name, w.use(name)
}

// use counts a name that is written at towards hosts.limit, once.
func (w *World) use(host string) error {
	if w.hosts[host] {
		return nil
	}
	if len(w.hosts) >= w.Target.Hosts.Limit {
		return fmt.Errorf("hosts.limit of the target is %d, and that many are used, further hosts of one case counted: raise the limit", w.Target.Hosts.Limit)
	}
	if w.hosts == nil {
		w.hosts = map[string]bool{}
	}
	w.hosts[host] = true
	return nil
}
