// Package seed sets up and takes down records in zones of a provider under
// test by the provider's own means, so that cases can begin from earlier
// state which no template can make. It writes below the target's domains and
// nowhere else, whatever it is told.
package seed

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

// Seeder writes records past Domain Connect. The zone and every name are
// absolute, with or without the final dot. It is safe for concurrent use.
type Seeder interface {
	// Seed adds records in presentation format, absolute and with TTL, to a
	// zone: "www.example.com. 300 IN A 192.0.2.1". It returns when the
	// provider has taken them; when name servers show them is for the caller
	// to observe.
	Seed(ctx context.Context, zone string, records []string) error
	// Reset removes every record at the names, and at names below them that
	// this Seeder has written. The SOA and the NS records at the apex stay.
	// A name without records is no error.
	Reset(ctx context.Context, zone string, names []string) error
	// Available reports whether there is a hook at all; without one the other
	// methods return ErrNoHook.
	Available() bool
}

// ErrNoHook says that the target has no seed hook: a case that needs one is
// not applicable.
var ErrNoHook = errors.New("the target has no seed hook: give hooks in target.yaml")

// None is the Seeder of a target without hooks.
type None struct{}

// Seed returns ErrNoHook.
func (None) Seed(context.Context, string, []string) error { return ErrNoHook }

// Reset returns ErrNoHook.
func (None) Reset(context.Context, string, []string) error { return ErrNoHook }

// Available is false.
func (None) Available() bool { return false }

// Dial opens a connection.
type Dial func(ctx context.Context, network, addr string) (net.Conn, error)

// New is the Seeder that a target.yaml asks for: by RFC 2136 with
// hooks.update, by commands with hooks.seed and hooks.reset, else None.
// Updates go over dial; nil is net.Dialer.
func New(c *target.Config, dial Dial) Seeder {
	switch h := c.Hooks; {
	case h.Update != nil:
		return newGuard(c.Domains, &updater{update: *h.Update, dial: dial, now: time.Now})
	case len(h.Seed) > 0 && len(h.Reset) > 0:
		return newGuard(c.Domains, &command{seed: h.Seed, reset: h.Reset, redact: c.Redactor(), ceiling: CommandCeiling})
	}
	return None{}
}

// writer carries out what a guard has let through. Zones and names are
// canonical.
type writer interface {
	add(ctx context.Context, zone string, records []dns.RR) error
	clear(ctx context.Context, zone string, names []clearing) error
}

// clearing is a name whose records are to go: of the types alone where there
// are any, else all.
type clearing struct {
	name  string
	types []uint16
}
