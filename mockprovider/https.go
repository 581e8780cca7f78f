package mockprovider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/dcconform/dcconform/mockprovider/web"
)

// maxHeader is the longest request head that is read, in octets: an apply URL
// of 8,000 octets must pass (ietf-05 section 8.3), and what is far longer must
// reach the handler, which refuses it with a page of its own.
const maxHeader = 1 << 20

// serveHTTP binds the HTTPS address and begins to serve.
func (p *Provider) serveHTTP(ctx context.Context, r *run, log *slog.Logger) error {
	addr := p.HTTPListen
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("HTTPS cannot listen on %s: %w (when another program has the port, stop it or choose another; port 0 lets the system choose)", addr, err)
	}
	r.url = "https://" + p.authorityOf(l.Addr())
	r.transport = p.newTransport(r, l.Addr())
	handler, err := web.New(web.Config{
		Store: r.store, BaseURL: r.url, Keys: resolver(r.dns.Addr()),
		Clock: p.Clock, Rand: p.random(), Logger: log, Stopping: r.stopping,
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	r.http = &http.Server{
		Handler:           inFlight(r, handler),
		ConnContext:       web.ConnContext,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{r.authority.certificate()}, MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	r.serving.Go(func() {
		if err := r.http.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the HTTPS server stopped", "addr", l.Addr().String(), "error", err)
		}
	})
	return nil
}

// inFlight enters every request in the journal while it is answered, so that
// the journal knows when it has settled and Close what is stuck.
func inFlight(r *run, next http.Handler) http.Handler {
	journal := r.store.Journal()
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		defer journal.Begin(req.Method + " " + req.URL.EscapedPath())()
		next.ServeHTTP(w, req)
	})
}

// authorityOf is the authority that clients reach a listener under: its own
// address, or when it listens on all of them the first TLS name or loopback.
func (p *Provider) authorityOf(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if len(p.TLSNames) > 0 {
			host = p.TLSNames[0]
		}
	}
	return net.JoinHostPort(host, port)
}

// newTransport trusts the CA and nothing else, uses no proxy, and finds the
// TLS names at the provider, whatever the system's resolver thinks of them.
func (p *Provider) newTransport(r *run, listen net.Addr) *http.Transport {
	names := slices.Clone(p.TLSNames)
	var dialer net.Dialer
	return &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: r.authority.pool(), MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			if _, own, err := net.SplitHostPort(listen.String()); err == nil && port == own && slices.Contains(names, host) {
				addr = listen.String()
			}
			return dialer.DialContext(ctx, network, addr)
		},
	}
}

// Client returns a client that trusts the provider's CA and nothing else, and
// uses no proxy. It has no cookie jar and follows redirects; both may be
// changed, since every call returns a new client. Close ends its idle
// connections. It is nil when the provider does not run.
func (p *Provider) Client() *http.Client {
	r := p.started()
	if r == nil {
		return nil
	}
	return &http.Client{Transport: r.transport}
}
