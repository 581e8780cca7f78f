package provider

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"sync"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// lateBrowser starts the browser at the first flow: only then is it known
// which hosts are the provider's.
type lateBrowser struct {
	world    *World
	path     string
	redactor target.Redactor

	mu      sync.Mutex
	browser *consent.Browser
}

// Approve implements consent.Driver.
func (b *lateBrowser) Approve(ctx context.Context, link string, who target.Credentials, o consent.Options) (*consent.Outcome, error) {
	return b.send(ctx, link, who, o, (*consent.Browser).Approve)
}

// Cancel implements consent.Driver.
func (b *lateBrowser) Cancel(ctx context.Context, link string, who target.Credentials, o consent.Options) (*consent.Outcome, error) {
	return b.send(ctx, link, who, o, (*consent.Browser).Cancel)
}

// Read implements consent.Driver.
func (b *lateBrowser) Read(ctx context.Context, link string, who target.Credentials, o consent.Options) (*consent.Outcome, error) {
	return b.send(ctx, link, who, o, (*consent.Browser).Read)
}

type flow func(*consent.Browser, context.Context, string, target.Credentials, consent.Options) (*consent.Outcome, error)

func (b *lateBrowser) send(ctx context.Context, link string, who target.Credentials, o consent.Options, do flow) (*consent.Outcome, error) {
	browser, err := b.start(ctx)
	if err != nil {
		return &consent.Outcome{Link: link}, err
	}
	return do(browser, ctx, link, who, o)
}

// Close implements consent.Driver.
func (b *lateBrowser) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.browser == nil {
		return nil
	}
	return b.browser.Close()
}

func (b *lateBrowser) start(ctx context.Context) (*consent.Browser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.browser != nil {
		return b.browser, nil
	}
	allow := map[string]string{}
	for _, authority := range b.world.Dialer.Admitted() {
		if authority != b.world.Callback.Addr() {
			allow[authority] = ""
		}
	}
	maps.Copy(allow, b.world.Target.HTTP.Hosts)
	pins := []string{b.world.Callback.Pin()}
	if len(b.world.Target.HTTP.CA) > 0 {
		found, err := b.pins(ctx, allow)
		if err != nil {
			return nil, err
		}
		pins = append(pins, found...)
	}
	b.browser = &consent.Browser{Path: b.path, OneWindow: true, Redactor: b.redactor,
		Pins: pins, Allow: allow, Fallback: b.world.Callback.Addr()}
	return b.browser, nil
}

// pins are the keys of the provider's web servers whose certificates the
// authorities of http.ca vouch for. The browser does not know those, and is
// told to trust exactly these keys: a bad certificate stays bad.
func (b *lateBrowser) pins(ctx context.Context, authorities map[string]string) ([]string, error) {
	roots, err := b.world.Target.Roots()
	if err != nil {
		return nil, err
	}
	var pins []string
	for authority := range authorities {
		host, port, err := net.SplitHostPort(authority)
		if err != nil || port == "80" || port == "53" {
			continue
		}
		conn, err := b.world.Dialer.DialContext(ctx, "tcp", authority)
		if err != nil {
			continue // nobody is there: the flow that goes there will say so
		}
		client := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12})
		err = client.HandshakeContext(ctx)
		if err == nil {
			pins = append(pins, target.Pin(client.ConnectionState().PeerCertificates[0]))
		}
		if closeErr := client.Close(); err == nil && closeErr != nil {
			return nil, fmt.Errorf("the connection to %s: %w", authority, closeErr)
		}
	}
	return pins, nil
}
