package target

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"golang.org/x/time/rate"
)

// Dialer is the dialer of a run against this target: it admits the name
// servers, the resolver, the authority of settings, the hosts of consent.home
// and of http.hosts, the servers that take updates, the proxy, and callback
// ("127.0.0.1:8443", where the run's own callback server listens; "" for
// none), to which the redirect domain leads. Everything else is denied until
// it is admitted: what discovery finds is to be given to Admit. With Fallback
// set to callback as well, every other name leads there, as with certify.
func (c *Config) Dialer(callback string) *Dialer {
	d := &Dialer{Hosts: map[string]string{}, Dial: c.dial(),
		reason: "neither target.yaml nor discovery names it; add it to consent.home if it belongs to the provider"}
	d.Admit(c.DNS.Servers...)
	if c.DNS.Resolver != "" {
		d.Admit(c.DNS.Resolver)
	}
	if c.Settings != "" {
		host, _, _ := strings.Cut(c.Settings, "/")
		d.Admit(host)
	}
	d.Admit(c.Consent.Home...)
	for _, u := range []*Update{c.KeyZone.Update, c.Hooks.Update} {
		if u != nil {
			d.Admit(u.Server)
		}
	}
	if p := c.proxy(); p != nil {
		d.Admit(hostPort(p))
	}
	for from, to := range c.HTTP.Hosts {
		d.Hosts[strings.ToLower(from)] = to
	}
	if callback != "" {
		d.callback = callback
		d.Admit(callback)
		ports := []string{"443", "80"}
		if c.Callback.Port != 0 {
			ports = append(ports, strconv.Itoa(c.Callback.Port))
		}
		if _, p, err := net.SplitHostPort(callback); err == nil {
			ports = append(ports, p)
		}
		for _, p := range ports {
			d.Hosts[net.JoinHostPort(c.Templates.RedirectDomain, p)] = callback
		}
	}
	return d
}

// dial opens connections, and looks names up at the target's own resolver
// where it has one: a staging system's names may be known there alone.
func (c *Config) dial() func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := &net.Dialer{Timeout: DialCeiling}
	if c.DNS.Resolver != "" {
		resolver := c.DNS.Resolver
		d.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: DialCeiling}).DialContext(ctx, network, resolver)
		}}
	}
	return d.DialContext
}

// Roots are the system's certificate authorities and those of http.ca.
func (c *Config) Roots() (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, name := range c.HTTP.CA {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("http.ca: %s", plain(err))
		}
		if !pool.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("http.ca: %s has no certificate in it: give a PEM file", name)
		}
	}
	return pool, nil
}

// Transport carries the requests of a run to this target and to the run's own
// callback server, as target.yaml says under http. It is an http.RoundTripper
// and safe for concurrent use.
type Transport struct {
	dialer  *Dialer
	base    http.RoundTripper // an *http.Transport, but in tests
	idle    func()
	config  *Config
	limiter *rate.Limiter
}

// Transport makes the transport over a dialer of the same Config; further
// authorities are trusted beside Roots, as that of our own callback server.
// An error names the file that cannot be used. The caller ends it with
// CloseIdleConnections.
func (c *Config) Transport(d *Dialer, further ...*x509.Certificate) (*Transport, error) {
	roots, err := c.Roots()
	if err != nil {
		return nil, err
	}
	for _, ca := range further {
		roots.AddCert(ca)
	}
	base := NewTransport(d, roots)
	if c.Limits.Request > 0 {
		base.ResponseHeaderTimeout = c.Limits.Request
	}
	if c.HTTP.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(c.HTTP.ClientCert, c.HTTP.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("http.clientCert: %s with %s: %w", c.HTTP.ClientCert, c.HTTP.ClientKey, err)
		}
		base.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	t := &Transport{dialer: d, base: base, idle: base.CloseIdleConnections, config: c}
	if c.HTTP.Rate > 0 {
		t.limiter = rate.NewLimiter(rate.Limit(c.HTTP.Rate), 1)
	}
	if proxy := c.proxy(); proxy != nil {
		base.Proxy = func(req *http.Request) (*url.URL, error) {
			addr := hostPort(req.URL)
			if to, _ := d.Permits(addr); to != addr || to == d.callback {
				return nil, nil // led elsewhere by name, or ours
			}
			return proxy, nil
		}
	}
	return t, nil
}

// RoundTrip sends one request. What goes to the provider is paced, and carries
// the headers and the password of target.yaml unless the request has such
// fields itself; what goes to the callback server carries none of it. A host
// that is not admitted is a *DeniedError, behind a proxy too.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	addr := hostPort(req.URL)
	to, ok := t.dialer.Permits(addr)
	if !ok {
		// Dialling notes the attempt; it opens nothing.
		_, err := t.dialer.DialContext(req.Context(), "tcp", addr)
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	if to == t.dialer.callback {
		return t.base.RoundTrip(req)
	}
	if t.limiter != nil {
		if err := t.limiter.Wait(req.Context()); err != nil {
			if req.Body != nil {
				_ = req.Body.Close()
			}
			return nil, fmt.Errorf("waiting for http.rate (%g requests per second): %w", t.config.HTTP.Rate, err)
		}
	}
	return t.base.RoundTrip(t.dress(req))
}

// dress is the request with what target.yaml adds. A RoundTripper leaves the
// caller's request as it is.
func (t *Transport) dress(req *http.Request) *http.Request {
	h := t.config.HTTP
	if len(h.Headers) == 0 && h.BasicUser == "" {
		return req
	}
	req = req.Clone(req.Context())
	for name, value := range h.Headers {
		if req.Header.Get(name) == "" {
			req.Header.Set(name, value.Reveal())
		}
	}
	if h.BasicUser != "" && req.Header.Get("Authorization") == "" {
		req.SetBasicAuth(h.BasicUser, h.BasicPassword.Reveal())
	}
	return req
}

// CloseIdleConnections ends what is kept open.
func (t *Transport) CloseIdleConnections() { t.idle() }

// Redactor knows every secret of the configuration.
func (c *Config) Redactor() Redactor {
	var r Redactor
	add := func(secrets ...string) {
		for _, s := range secrets {
			if s != "" {
				r.Secrets = append(r.Secrets, s)
			}
		}
	}
	for _, a := range c.Accounts {
		add(a.Password.value)
	}
	add(c.HTTP.BasicPassword.value, c.OAuth.Secret.value, c.OAuth.OtherSecret.value, c.OAuth.BriefSecret.value, c.OAuth.CodeSecret.value)
	for _, u := range []*Update{c.KeyZone.Update, c.Hooks.Update} {
		if u != nil {
			add(u.Secret.value)
		}
	}
	if p := c.proxy(); p != nil && p.User != nil {
		password, _ := p.User.Password()
		add(password)
	}
	for name, value := range c.HTTP.Headers {
		r.Headers = append(r.Headers, name)
		// A short value such as "1" is no secret, and taking it out of every
		// text would leave nothing to read.
		if len(value.value) >= 8 {
			add(value.value)
		}
	}
	return r
}

func (c *Config) proxy() *url.URL {
	if c.HTTP.Proxy == "" {
		return nil
	}
	u, err := url.Parse(c.HTTP.Proxy)
	if err != nil {
		return nil // Load has refused it.
	}
	return u
}

// hostPort is the address that a URL leads to, lower case.
func hostPort(u *url.URL) string {
	p := u.Port()
	if p == "" {
		p = "443"
		if u.Scheme == "http" {
			p = "80"
		}
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), p)
}
