// Package mockprovider is a DNS provider that speaks Domain Connect, for tests
// and for development: authoritative DNS, the HTTPS endpoints with their
// consent pages, and a certificate authority of its own, all in memory. It is
// close to production in what it does, deliberately unforgiving, and never for
// production.
//
//	var p mockprovider.Provider
//	if err := p.Start(ctx); err != nil { ... }
//	defer p.Close()
//	tenant, err := p.NewTenant(store.TenantConfig{ ... })
package mockprovider

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dcconform/dcconform/mockprovider/dnsd"
	"github.com/dcconform/dcconform/mockprovider/state"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// Provider is a mock DNS provider. The zero value listens on ports of the
// loopback interface that the system chooses. Set the fields before Start and
// leave them alone afterwards. The methods are safe for concurrent use; all
// but Start and Close need a started provider.
type Provider struct {
	// HTTPListen is host:port for HTTPS; "" is 127.0.0.1:0. The host is an IP
	// address or localhost.
	HTTPListen string
	// DNSListen is host:port for DNS over UDP and TCP; "" is 127.0.0.1:0.
	DNSListen string
	// AdminListen is host:port for the management API of package admin, over
	// HTTP; "" is without. It has no password: whoever reaches it may do
	// everything.
	AdminListen string
	// ForwardListen is host:port for plain HTTP, at which names with a REDIR301
	// or REDIR302 are answered (dcspec-2.3, Redirection); the DNS then says of
	// them that they are at its address. "" is without: they have none.
	ForwardListen string
	// Notes are the first lines of the page at the root of the management API,
	// such as addresses; nil is none. It is called for each page, also while
	// Start is running.
	Notes func() []Note
	// TSIG are secrets in base64 by key name, with which zones can be changed
	// by dynamic update (RFC 2136); nil is without updates. See dnsd.Config.
	TSIG map[string]string
	// TLSNames are further host names or IP addresses for the certificate,
	// beside localhost, 127.0.0.1 and ::1. When HTTPListen listens on all
	// addresses, the first one is the host of URL.
	TLSNames []string
	// AllowPublic permits addresses that other machines can reach. Without it
	// Start refuses them.
	AllowPublic bool
	// Clock is the time of journal, sessions and grants; nil is time.Now. The
	// certificate follows the machine's clock, since its readers do.
	Clock func() time.Time
	// Rand is where session ids and tokens come from; nil is crypto/rand. Keys
	// always come from crypto/rand.
	Rand io.Reader
	// Logger gets what goes wrong inside; nil discards it.
	Logger *slog.Logger
	// StateDir is a folder that keeps tenants, zones, users, templates and
	// published keys; "" keeps them in memory alone. What it holds from an
	// earlier run is there again once Start returns. It has passwords in it,
	// and is made for its owner alone. See package state.
	StateDir string

	// patience is for tests; 0 is closeTime.
	patience time.Duration
	// mu guards the life cycle; everything in run is set by Start and constant
	// from then on.
	mu     sync.Mutex
	run    *run
	closed bool
}

// run is a started provider.
type run struct {
	store     *store.Store
	authority *authority
	dns       *dnsd.Server
	http      *http.Server
	serving   sync.WaitGroup
	url       string
	transport *http.Transport
	// admin is nil without AdminListen, forward without ForwardListen.
	admin   *management
	forward *forwarding
	// state is nil without StateDir.
	state *state.Folder
	// stopping is closed when the provider begins to stop.
	stopping chan struct{}
}

// closeTime is how long Close waits for requests that are being answered.
const closeTime = 5 * time.Second

// Start binds the addresses and begins to serve. The context bounds the start
// alone; the provider runs until Close. A provider starts once.
func (p *Provider) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return errors.New("this mock provider was closed: use a new one")
	case p.run != nil:
		return errors.New("this mock provider runs already: Close it and start another, or use this one")
	}
	for _, a := range []struct{ field, addr string }{{"HTTPListen", p.HTTPListen}, {"DNSListen", p.DNSListen}, {"AdminListen", p.AdminListen}, {"ForwardListen", p.ForwardListen}} {
		if err := p.guard(a.field, a.addr); err != nil {
			return err
		}
	}
	r := &run{store: store.New(p.Clock), stopping: make(chan struct{})}
	if err := p.start(ctx, r); err != nil {
		return errors.Join(err, r.close(ctx))
	}
	p.run = r
	return nil
}

// guard refuses an address that other machines can reach, unless they may.
func (p *Provider) guard(field, addr string) error {
	if addr == "" || p.AllowPublic {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%s %q is not host:port: %w", field, addr, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return &PublicAddressError{Field: field, Addr: addr}
}

// PublicAddressError says that other machines could reach an address, and that
// AllowPublic is not set.
type PublicAddressError struct {
	// Field is the field of Provider that has it.
	Field string
	// Addr is the address as given.
	Addr string
}

// PublicReason is what PublicAddressError says of the danger.
const PublicReason = "this is a mock DNS provider for tests, with published passwords, a throw-away certificate and open zone transfers, and never for production"

func (e *PublicAddressError) Error() string {
	return fmt.Sprintf("%s %q may be reached from other machines: %s; listen on 127.0.0.1, or set AllowPublic if the network is a test network", e.Field, e.Addr, PublicReason)
}

func (p *Provider) start(ctx context.Context, r *run) error {
	log := p.logger()
	var err error
	if p.StateDir != "" {
		if r.state, err = state.Open(p.StateDir); err != nil {
			return fmt.Errorf("StateDir: %w", err)
		}
	}
	if r.authority, err = newAuthority(p.TLSNames); err != nil {
		return err
	}
	if p.ForwardListen != "" {
		if err = p.serveForward(ctx, r, log); err != nil {
			return err
		}
	}
	if r.dns, err = dnsd.Listen(ctx, dnsd.Config{Store: r.store, Addr: p.DNSListen, Logger: log, TSIG: p.TSIG, Forward: r.forward.address()}); err != nil {
		return err
	}
	if err = p.serveHTTP(ctx, r, log); err != nil {
		return err
	}
	if err = r.restore(log); err != nil || p.AdminListen == "" {
		return err
	}
	return p.serveAdmin(ctx, r, log)
}

// restore fills the store with what StateDir holds, and keeps it there from
// now on.
func (r *run) restore(log *slog.Logger) error {
	if r.state == nil {
		return nil
	}
	authority := strings.TrimPrefix(r.url, "https://")
	err := r.state.Restore(r.store, authority)
	if err == nil {
		err = r.state.Keep(r.store, authority, func(err error) { log.Error("the state was not kept", "error", err) })
	}
	if err != nil {
		return fmt.Errorf("StateDir: %w", err)
	}
	return nil
}

func (p *Provider) logger() *slog.Logger {
	if p.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.Logger
}

func (p *Provider) random() io.Reader {
	if p.Rand == nil {
		return rand.Reader
	}
	return p.Rand
}

// errNotStarted is the panic-free answer of methods that can say so.
var errNotStarted = errors.New("this mock provider does not run: call Start first, and nothing after Close")

// started returns the running provider, or nil before Start and after Close.
func (p *Provider) started() *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.run
}

// URL is the https origin of the provider, without trailing slash:
// "https://127.0.0.1:43123"; "" when it does not run. A tenant's URLs start
// with URL and Tenant.Prefix.
func (p *Provider) URL() string {
	if r := p.started(); r != nil {
		return r.url
	}
	return ""
}

// DNSAddr is host:port of the name server, for UDP and TCP; "" when the provider
// does not run.
func (p *Provider) DNSAddr() string {
	if r := p.started(); r != nil {
		return r.dns.Addr()
	}
	return ""
}

// DialDNS is a connection to the name server that needs no socket; what is
// written is answered as over UDP. See dnsd.Server.Pipe. It is nil when the
// provider does not run.
func (p *Provider) DialDNS() net.Conn {
	if r := p.started(); r != nil {
		return r.dns.Pipe()
	}
	return nil
}

// CA is the root of the provider's certificate, made at every start anew; nil
// when the provider does not run.
func (p *Provider) CA() *x509.Certificate {
	if r := p.started(); r != nil {
		return r.authority.root
	}
	return nil
}

// CAPEM is CA in PEM.
func (p *Provider) CAPEM() []byte {
	if r := p.started(); r != nil {
		return r.authority.pem()
	}
	return nil
}

// SPKIPin is the base64 of the SHA-256 of the server's public key (its
// SubjectPublicKeyInfo), as Chromium's --ignore-certificate-errors-spki-list
// takes it; "" when the provider does not run.
func (p *Provider) SPKIPin() string {
	if r := p.started(); r != nil {
		return r.authority.pin()
	}
	return ""
}

// NewTenant adds a tenant. An empty Discovery becomes the provider's own
// authority and the tenant's path.
func (p *Provider) NewTenant(c store.TenantConfig) (*store.Tenant, error) {
	r := p.started()
	if r == nil {
		return nil, errNotStarted
	}
	return r.newTenant(c)
}

func (r *run) newTenant(c store.TenantConfig) (*store.Tenant, error) {
	if c.Discovery == "" {
		c.Discovery = strings.TrimPrefix(r.url, "https://") + c.Prefix()
	}
	return r.store.NewTenant(c)
}

// Tenant finds a tenant by name, "" is the default one: what StateDir has
// brought back, or NewTenant made.
func (p *Provider) Tenant(name string) (*store.Tenant, bool) {
	if r := p.started(); r != nil {
		return r.store.Tenant(name)
	}
	return nil, false
}

// RemoveTenant takes a tenant and its zones out.
func (p *Provider) RemoveTenant(t *store.Tenant) {
	if r := p.started(); r != nil {
		r.store.Remove(t)
	}
}

// PublishKey makes the TXT records at a key name ("_dck1.example.com") be
// exactly txt, one record per element, in a zone without an owner. It may be
// called again with the same records, and by several goroutines at once; see
// store.PublishTXT.
func (p *Provider) PublishKey(name string, txt []string) error {
	r := p.started()
	if r == nil {
		return errNotStarted
	}
	return r.store.PublishTXT(name, txt)
}

// Journal is what has happened so far; nil when the provider does not run.
func (p *Provider) Journal() *store.Journal {
	if r := p.started(); r != nil {
		return r.store.Journal()
	}
	return nil
}

// Close stops the provider and waits until nothing of it is left. Requests
// that are being answered get five seconds; then they are cut, and the error
// names them. Closing twice, or before Start, does nothing.
func (p *Provider) Close() error {
	p.mu.Lock()
	r := p.run
	p.run, p.closed = nil, true
	p.mu.Unlock()
	if r == nil {
		return nil
	}
	patience := cmp.Or(p.patience, closeTime)
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, fmt.Errorf("%v", patience))
	defer cancel()
	return r.close(ctx)
}

// close takes down what start has put up, which may be a part.
func (r *run) close(ctx context.Context) error {
	var errs []error
	close(r.stopping)
	if r.admin != nil {
		errs = append(errs, r.admin.close(ctx))
	}
	if r.forward != nil {
		errs = append(errs, r.forward.close(ctx))
	}
	if r.transport != nil {
		r.transport.CloseIdleConnections()
	}
	if r.http != nil {
		if err := r.http.Shutdown(ctx); err != nil {
			errs = append(errs, r.cut(ctx))
		}
		r.serving.Wait()
	}
	if r.dns != nil {
		errs = append(errs, r.dns.Close())
	}
	if r.state != nil {
		errs = append(errs, r.state.Close())
	}
	return errors.Join(errs...)
}

// cut ends the connections whose requests did not end in time, which cancels
// their contexts, and waits once more for those that heed it.
func (r *run) cut(late context.Context) error {
	journal := r.store.Journal()
	stuck := strings.Join(journal.InFlight(), ", ")
	err := r.http.Close()
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if journal.Settled(ctx, 0) != nil {
		return errors.Join(err, fmt.Errorf("HTTP requests were still being answered after %v and did not end when they were cut: %s", context.Cause(late), strings.Join(journal.InFlight(), ", ")))
	}
	return errors.Join(err, fmt.Errorf("HTTP requests were still being answered after %v and were cut: %s", context.Cause(late), stuck))
}
