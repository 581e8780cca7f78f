package target

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// peer is a web server that remembers what reaches it.
type peer struct {
	*httptest.Server
	mu   sync.Mutex
	seen []http.Header
}

func newPeer(t *testing.T, change ...func(*httptest.Server)) *peer {
	t.Helper()
	p := &peer{}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen = append(p.seen, r.Header.Clone())
		if _, err := io.WriteString(w, "reached "+r.Host); err != nil {
			t.Error(err)
		}
	}))
	for _, f := range change {
		f(p.Server)
	}
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

func (p *peer) addr() string { return p.Listener.Addr().String() }

// caFile writes the certificate of a server where http.ca can name it.
func (p *peer) caFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func transport(t *testing.T, c *Config, callback string) (*Transport, *Dialer) {
	t.Helper()
	c.fill()
	d := c.Dialer(callback)
	tr, err := c.Transport(d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return tr, d
}

func get(t *testing.T, tr http.RoundTripper, rawurl string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rawurl, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := req.Header.Clone()
	res, err := tr.RoundTrip(req)
	if diff := cmp.Diff(before, req.Header); diff != "" {
		t.Errorf("the caller's request is changed: %s", diff)
	}
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), nil
}

func TestOnlyTheProviderGetsItsHeaders(t *testing.T) {
	provider, back := newPeer(t), newPeer(t)
	c := &Config{
		Settings: "example.com/dc",
		HTTP: HTTP{
			CA: []string{provider.caFile(t)}, BasicUser: "gate", BasicPassword: NewSecret("keeper"),
			Headers: map[string]Secret{"X-Staging": NewSecret("yes")},
			Hosts:   map[string]string{"Example.com:443": provider.addr()},
		},
		Templates: Templates{RedirectDomain: "www.example.com"},
	}
	tr, _ := transport(t, c, back.addr())
	for _, rawurl := range []string{"https://example.com/dc/v2", "https://EXAMPLE.com/dc/v2", "https://www.example.com/back", "https://" + back.addr() + "/back"} {
		if _, err := get(t, tr, rawurl); err != nil {
			t.Fatalf("%s: %v", rawurl, err)
		}
	}
	if len(provider.seen) != 2 || len(back.seen) != 2 {
		t.Fatalf("%d requests at the provider and %d at the callback", len(provider.seen), len(back.seen))
	}
	if h := provider.seen[0]; h.Get("X-Staging") != "yes" || h.Get("Authorization") != "Basic Z2F0ZTprZWVwZXI=" {
		t.Errorf("the provider got %v", h)
	}
	for _, h := range back.seen {
		if h.Get("X-Staging") != "" || h.Get("Authorization") != "" {
			t.Errorf("the callback got %v", h)
		}
	}
	// What the request says itself stays.
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/", nil)
	req.Header.Set("Authorization", "Bearer token")
	req.Header.Set("X-Staging", "no")
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if h := provider.seen[2]; h.Get("X-Staging") != "no" || h.Get("Authorization") != "Bearer token" {
		t.Errorf("the provider got %v", h)
	}
}

func TestWhatIsNotAdmittedIsDenied(t *testing.T) {
	provider := newPeer(t)
	c := &Config{
		DNS:      DNS{Servers: []string{"192.0.2.53:53"}, Resolver: "192.0.2.54:5353"},
		Settings: "staging.example.com:8443/dc", Consent: Consent{Home: []string{"login.example.com", "sso.example.com:444"}},
		KeyZone: KeyZone{Update: &Update{Server: "192.0.2.55:53"}}, Hooks: Hooks{Update: &Update{Server: "192.0.2.56:53"}},
		HTTP: HTTP{CA: []string{provider.caFile(t)}, Proxy: "http://proxy.example.com:3128"},
	}
	c.fill()
	d := c.Dialer("127.0.0.1:9")
	for addr, want := range map[string]bool{
		"192.0.2.53:53": true, "192.0.2.54:5353": true, "192.0.2.55:53": true, "192.0.2.56:53": true,
		"staging.example.com:8443": true, "login.example.com:443": true, "login.example.com:80": true,
		"sso.example.com:444": true, "proxy.example.com:3128": true, "127.0.0.1:9": true,
		"callback.dcconform.example:443": true, "callback.dcconform.example:9": true,

		"192.0.2.53:54": false, "192.0.2.53": false, "staging.example.com:443": false, "sso.example.com:443": false,
		"login.example.com:8443": false, "www.example.com:443": false, "127.0.0.1:10": false,
		"a.callback.dcconform.example:443": false, "callback.dcconform.example:8443": false, "": false, ":443": false,
	} {
		if _, ok := d.Permits(addr); ok != want {
			t.Errorf("%q is permitted: %v, want %v", addr, ok, want)
		}
	}
	if got := d.Denied(); len(got) != 0 {
		t.Errorf("asking leaves %q behind", got)
	}

	direct := &Config{HTTP: HTTP{CA: c.HTTP.CA}}
	tr, dialer := transport(t, direct, "")
	_, err := get(t, tr, provider.URL)
	var denied *DeniedError
	if !errors.As(err, &denied) || denied.Address != provider.addr() || !slices.Equal(dialer.Denied(), []string{provider.addr()}) {
		t.Fatalf("error %v, denied %q", err, dialer.Denied())
	}
	if want := "dial " + provider.addr() + ": denied: neither target.yaml nor discovery names it; add it to consent.home if it belongs to the provider"; err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	dialer.Admit(provider.addr())
	if body, err := get(t, tr, provider.URL); err != nil || body != "reached "+provider.addr() {
		t.Errorf("admitted: %q, %v", body, err)
	}
}

// proxy carries CONNECT requests to one address and counts them.
func proxy(t *testing.T, to string) (addr string, asked func() []string) {
	t.Helper()
	var mu sync.Mutex
	var hosts []string
	var tunnels sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hosts = append(hosts, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
		mu.Unlock()
		far, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		near, early, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
			t.Error(err)
		}
		tunnels.Go(func() { _, _ = io.Copy(near, far); _ = near.Close() })
		tunnels.Go(func() { _, _ = io.Copy(far, early); _ = far.Close() })
	}))
	t.Cleanup(func() { tunnels.Wait(); s.Close() })
	return s.Listener.Addr().String(), func() []string { mu.Lock(); defer mu.Unlock(); return slices.Clone(hosts) }
}

func TestProxy(t *testing.T) {
	provider, back := newPeer(t), newPeer(t)
	addr, asked := proxy(t, provider.addr())
	c := &Config{
		Settings:  "example.com/dc",
		HTTP:      HTTP{CA: []string{provider.caFile(t)}, Proxy: "http://me:open%20sesame@" + addr, Hosts: map[string]string{"api.example.com:443": provider.addr()}},
		Templates: Templates{RedirectDomain: "www.example.com"},
	}
	tr, d := transport(t, c, back.addr())
	for _, rawurl := range []string{"https://example.com/dc", "https://api.example.com/", "https://www.example.com/back", "https://" + back.addr() + "/back"} {
		if _, err := get(t, tr, rawurl); err != nil {
			t.Fatalf("%s: %v", rawurl, err)
		}
	}
	want := []string{"CONNECT example.com:443 Basic bWU6b3BlbiBzZXNhbWU="}
	if diff := cmp.Diff(want, asked()); diff != "" {
		t.Errorf("the proxy was asked, -want +got\n%s", diff)
	}
	// A proxy would carry anything: the dialer is asked before it.
	var denied *DeniedError
	if _, err := get(t, tr, "https://evil.example.com/"); !errors.As(err, &denied) || denied.Address != "evil.example.com:443" {
		t.Errorf("error %v", err)
	}
	if len(asked()) != 1 || !slices.Equal(d.Denied(), []string{"evil.example.com:443"}) {
		t.Errorf("the proxy was asked %q, denied %q", asked(), d.Denied())
	}
	if got := c.Redactor().Text("open sesame"); got != Redacted {
		t.Errorf("the proxy's password is %q in the evidence", got)
	}
	tr.CloseIdleConnections()
}

func TestClientCertificate(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir)
	pool := x509.NewCertPool()
	data, err := os.ReadFile(filepath.Join(dir, "editor.client.pem"))
	if err != nil || !pool.AppendCertsFromPEM(data) {
		t.Fatal("no certificate", err)
	}
	provider := newPeer(t, func(s *httptest.Server) {
		s.Config.ErrorLog = nil
		s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	})
	without := &Config{Settings: provider.addr(), HTTP: HTTP{CA: []string{provider.caFile(t)}}}
	tr, _ := transport(t, without, "")
	if _, err := get(t, tr, provider.URL); err == nil {
		t.Error("the control without a certificate is let in")
	}
	with := &Config{Settings: provider.addr(), HTTP: without.HTTP}
	with.HTTP.ClientCert, with.HTTP.ClientKey = filepath.Join(dir, "editor.client.pem"), filepath.Join(dir, "editor.client.key")
	tr, _ = transport(t, with, "")
	if _, err := get(t, tr, provider.URL); err != nil {
		t.Error(err)
	}
}

func TestTrust(t *testing.T) {
	provider := newPeer(t)
	c := &Config{Settings: provider.addr()}
	c.fill()
	d := c.Dialer("")
	tr, err := c.Transport(d)
	if err != nil {
		t.Fatal(err)
	}
	var unknown x509.UnknownAuthorityError
	if _, err := get(t, tr, provider.URL); !errors.As(err, &unknown) {
		t.Errorf("error %v", err)
	}
	tr, err = c.Transport(d, provider.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	defer tr.CloseIdleConnections()
	if _, err := get(t, tr, provider.URL); err != nil {
		t.Error(err)
	}
	c.HTTP.CA = []string{"no.pem"}
	if _, err := c.Transport(d); err == nil || err.Error() != "http.ca: the file no.pem is not there" {
		t.Errorf("error %v", err)
	}
}

// still answers at once.
type still struct{}

func (still) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Config{Settings: "example.com", HTTP: HTTP{Rate: 2}, Templates: Templates{RedirectDomain: "www.example.com"}}
		tr, err := c.Transport(c.Dialer("127.0.0.1:9"))
		if err != nil {
			t.Fatal(err)
		}
		tr.base = still{}
		start := time.Now()
		for range 5 {
			if _, err := get(t, tr, "https://example.com/"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("5 requests at 2 a second took %v", took)
		}
		start = time.Now()
		for range 5 {
			if _, err := get(t, tr, "https://www.example.com/back"); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the callback is paced: %v", took)
		}
	})
}

func TestRedactorKnowsTheSecrets(t *testing.T) {
	text := strings.Replace(sound, `X-Staging: "1"`, `X-Staging: "1", X-Gate: {env: DC_PASSWORD}`, 1)
	c, err := Parse("target.yaml", []byte(text+"oauth: {client: a, secret: shared7, otherClient: b, otherSecret: shared8}\n"), WithEnv(environment))
	if err != nil {
		t.Fatal(err)
	}
	r := c.Redactor()
	if got := r.Text("shared7 shared8"); got != Redacted+" "+Redacted {
		t.Errorf("client secrets: %s", got)
	}
	if want := "https://callback.dcconform.example:8443/dcconform/authorized"; c.OAuth.Redirect != want {
		t.Errorf("redirect %s, want %s", c.OAuth.Redirect, want)
	}
	if got := RedirectToken(c.OAuth.Redirect); got != "authorized" {
		t.Errorf("token %q", got)
	}
	in := "hunter2 correct horse battery staple c2VjcmV0 correct+horse " + url.PathEscape("correct horse") + " 1"
	if got, want := r.Text(in), "[redacted] [redacted] [redacted] [redacted] [redacted] [redacted] 1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	h := r.Header(http.Header{"X-Staging": {"1"}, "X-Other": {"1"}})
	if h.Get("X-Staging") != Redacted || h.Get("X-Other") != "1" {
		t.Errorf("header %v", h)
	}
}
