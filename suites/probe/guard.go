package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"github.com/dcconform/dcconform/suites/target"
)

// guard opens connections, and no others than to public addresses: what a TXT
// record of a stranger's names may lead to the inside of a network. It looks
// at the address that is dialled, so that a name whose addresses change
// between two questions gains nothing.
type guard struct {
	allowPrivate bool
	dialer, bare net.Dialer

	mu     sync.Mutex
	dialed []string
}

// newGuard looks names up at a resolver, which is spoken to wherever it is.
func newGuard(resolver string, allowPrivate bool) *guard {
	g := &guard{allowPrivate: allowPrivate, bare: net.Dialer{Timeout: target.DialCeiling}}
	g.dialer = net.Dialer{Timeout: target.DialCeiling, ControlContext: g.check}
	g.dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return g.resolver(ctx, network, resolver)
	}}
	return g
}

// DialContext opens a connection to a host of the provider's.
func (g *guard) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	g.note(addr)
	return g.dialer.DialContext(ctx, network, addr)
}

// resolver opens a connection to the resolver.
func (g *guard) resolver(ctx context.Context, network, addr string) (net.Conn, error) {
	g.note(addr)
	return g.bare.DialContext(ctx, network, addr)
}

func (g *guard) note(addr string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !slices.Contains(g.dialed, addr) {
		g.dialed = append(g.dialed, addr)
	}
}

func (g *guard) seen() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.dialed)
}

// PrivateError says that an address was not dialled because it is not public.
type PrivateError struct{ Address string }

// Error names the address and the mend.
func (e *PrivateError) Error() string {
	return fmt.Sprintf("%s is not a public address, and what DNS says of a stranger's domain may lead anywhere; allow it with --allow-private", e.Address)
}

func (g *guard) check(_ context.Context, _, address string, _ syscall.RawConn) error {
	if g.allowPrivate {
		return nil
	}
	addr, err := netip.ParseAddrPort(address)
	if err != nil || !public(addr.Addr()) {
		return &PrivateError{address}
	}
	return nil
}

// reserved are ranges that are not public beside those that net/netip knows
// (the IANA registries of special-purpose addresses).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared by carriers
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), // documentation
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), // leads to IPv4 of any kind
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // leads to IPv4 of any kind
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("fec0::/10"),
}

// public reports whether an address is one of the internet's.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) })
}
