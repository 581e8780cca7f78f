package target

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// Dialer opens network connections and denies by default: nothing leaves the
// machine unasked. The zero value denies everything. It is safe for concurrent
// use once its fields are set; do not copy it.
type Dialer struct {
	// Allow lists addresses ("127.0.0.1:8443", "[::1]:53") that may be
	// dialled as they are.
	Allow []string
	// Hosts takes a name with its port ("provider.test:443", lower case) to
	// the address that is dialled in its place.
	Hosts map[string]string
	// Fallback is the address that every other host name is taken to, with
	// any port: the callback server, which stands in for the redirect domains
	// that templates name. Empty denies them. It never applies to an IP
	// address, since nothing of ours is addressed by a foreign one.
	Fallback string
	// Dial opens the connection; nil is net.Dialer with DialCeiling.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu       sync.Mutex
	denied   []string
	dialed   map[string]int
	admitted map[string]bool
	reason   string // of a DeniedError
	callback string // of a Config: where no header of the provider's goes
}

// DeniedError says that an address was not dialled because no rule names it.
type DeniedError struct {
	// Address is the host and port that somebody asked for.
	Address string
	// Reason says why, and the mend; "" is that of a run on this machine.
	Reason string
}

// Error names the address and the mend.
func (e *DeniedError) Error() string {
	reason := e.Reason
	if reason == "" {
		reason = "the run talks to this machine only; allow the address if it belongs to the target"
	}
	return fmt.Sprintf("dial %s: denied: %s", e.Address, reason)
}

// DialContext opens a connection to addr, to what Hosts or Fallback have for
// it, or denies with a *DeniedError and remembers the attempt.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	to, ok := d.resolve(addr)
	d.mu.Lock()
	if !ok {
		d.denied = append(d.denied, addr)
		d.mu.Unlock()
		return nil, &DeniedError{Address: addr, Reason: d.reason}
	}
	if d.dialed == nil {
		d.dialed = make(map[string]int)
	}
	d.dialed[to]++
	d.mu.Unlock()
	dial := d.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: DialCeiling}).DialContext
	}
	return dial(ctx, network, to)
}

// Admit allows further addresses while the dialer is in use: what discovery
// has found to belong to the target. An entry without a port ("login.example")
// is admitted with 443 and 80. It is for names and addresses of the target
// alone; what is admitted may leave the machine.
func (d *Dialer) Admit(addrs ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.admitted == nil {
		d.admitted = make(map[string]bool)
	}
	for _, addr := range addrs {
		for _, full := range withPorts(addr) {
			d.admitted[full] = true
		}
	}
}

// withPorts completes an authority by the ports of https and http.
func withPorts(authority string) []string {
	authority = strings.ToLower(authority)
	if _, _, err := net.SplitHostPort(authority); err == nil {
		return []string{authority}
	}
	host := strings.Trim(authority, "[]")
	return []string{net.JoinHostPort(host, "443"), net.JoinHostPort(host, "80")}
}

// Permits reports where a connection to addr would lead, and false when it
// would be denied. It opens nothing and remembers nothing.
func (d *Dialer) Permits(addr string) (string, bool) { return d.resolve(addr) }

// resolve decides where addr leads; false is a refusal.
func (d *Dialer) resolve(addr string) (string, bool) {
	host, _, err := net.SplitHostPort(addr)
	if err == nil {
		if to, ok := d.Hosts[strings.ToLower(addr)]; ok {
			return to, true
		}
	}
	if slices.Contains(d.Allow, addr) {
		return addr, true
	}
	d.mu.Lock()
	admitted := d.admitted[strings.ToLower(addr)]
	d.mu.Unlock()
	if admitted {
		return addr, true
	}
	if err != nil {
		return "", false
	}
	if d.Fallback == "" || host == "" {
		return "", false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return "", false
	}
	return d.Fallback, true
}

// Admitted lists the authorities, with port, that belong to the target: those
// of Allow and those that Admit was given, sorted.
func (d *Dialer) Admitted() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := slices.Clone(d.Allow)
	for addr := range d.admitted {
		all = append(all, addr)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Denied lists the addresses that were asked for and refused, in order, with
// repetitions.
func (d *Dialer) Denied() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.denied)
}

// Outside lists the addresses that connections were opened to and that are not
// loopback, sorted. With loopback rules only it is always empty; a run that
// promises to stay on the machine asserts so.
func (d *Dialer) Outside() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for addr := range d.dialed {
		if !Loopback(addr) {
			out = append(out, addr)
		}
	}
	slices.Sort(out)
	return out
}

// Dials is how many connections were opened.
func (d *Dialer) Dials() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, k := range d.dialed {
		n += k
	}
	return n
}

// Loopback reports whether addr ("host:port") is an IP address of this
// machine's loopback. A name never is: who knows where it leads.
func Loopback(addr string) bool {
	ap, err := netip.ParseAddrPort(addr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}
