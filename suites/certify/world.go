package certify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/target"
)

// World is what the flows of one process share: the mock provider, the
// callback server that stands in for every redirect host, and the drivers.
// Every scenario has a tenant and a zone of its own in it.
type World struct {
	options   Options
	provider  mockprovider.Provider
	callback  *client.Callback
	dialer    *target.Dialer
	transport *http.Transport
	redactor  target.Redactor
	key       *client.SigningKey
	keyTXT    []string
	form      *consent.Form

	mu      sync.Mutex
	browser *consent.Browser
}

// Start builds a world. The caller ends it with Close.
func Start(ctx context.Context, o Options) (*World, error) {
	w := &World{options: o, redactor: target.Redactor{Secrets: []string{Password(o.Seed)}}}
	if err := w.start(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *World) start(ctx context.Context) error {
	var err error
	if w.key, err = w.options.signingKey("the signing key"); err != nil {
		return err
	}
	if w.keyTXT, err = client.KeyRecords(&w.key.Private.PublicKey, 0); err != nil {
		return err
	}
	if w.callback, err = client.NewCallback(nil); err != nil {
		return err
	}
	if err := w.provider.Start(ctx); err != nil {
		return err
	}
	// Nothing leaves the machine: the mock by its addresses, every name at the
	// callback server, everything else denied.
	w.dialer = &target.Dialer{Allow: []string{w.provider.DNSAddr(), w.authority()}, Fallback: w.callback.Addr()}
	w.transport = target.NewTransport(w.dialer, w.roots())
	w.form = &consent.Form{Transport: w.transport, Redactor: w.redactor}
	return nil
}

// authority is host:port of the mock's web server.
func (w *World) authority() string { return w.provider.URL()[len("https://"):] }

func (w *World) roots() *x509.CertPool {
	roots := w.callback.CAs()
	roots.AddCert(w.provider.CA())
	return roots
}

// Denied lists the addresses outside this machine that something asked for.
func (w *World) Denied() []string { return w.dialer.Denied() }

// Close ends everything that the world holds.
func (w *World) Close() error {
	var errs []error
	w.mu.Lock()
	if w.browser != nil {
		errs = append(errs, w.browser.Close())
	}
	w.mu.Unlock()
	if w.transport != nil {
		w.transport.CloseIdleConnections()
	}
	errs = append(errs, w.provider.Close())
	if w.callback != nil {
		errs = append(errs, w.callback.Close())
	}
	return errors.Join(errs...)
}

// driver is who approves: the browser, started when it is first needed, or
// the form driver.
func (w *World) driver(inBrowser bool) consent.Driver {
	if !inBrowser {
		return w.form
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.browser == nil {
		w.browser = &consent.Browser{Path: w.options.Browser, OneWindow: true, Redactor: w.redactor,
			Pins:  []string{w.provider.SPKIPin(), w.callback.Pin()},
			Allow: map[string]string{w.authority(): ""}, Fallback: w.callback.Addr()}
	}
	return w.browser
}

// serviceProvider is the client that discovers, asks and links.
func (w *World) serviceProvider() *client.Client {
	return &client.Client{DNS: w.provider.DNSAddr(), Dialer: w.dialer, Transport: w.transport, Redactor: w.redactor}
}

// nameServer observes the zones.
func (w *World) nameServer() observe.Server {
	return observe.Server{Addr: w.provider.DNSAddr(), Dial: w.dialer.DialContext}
}

// publishKey makes the service provider's key resolvable.
func (w *World) publishKey(domain string) error {
	if err := w.provider.PublishKey(w.key.Label+"."+domain, w.keyTXT); err != nil {
		return fmt.Errorf("the public key cannot be published: %w", err)
	}
	return nil
}
