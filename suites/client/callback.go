package client

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dcconform/dcconform/suites/target"
)

// Callback is a web server on the loopback that stands in for every host that
// a template redirects to: templates name real domains, and nothing leaves the
// machine. Each flow has a path token of its own, so that flows in parallel do
// not see each other. It is safe for concurrent use.
type Callback struct {
	listener net.Listener
	server   *http.Server
	ca       *authority
	done     chan struct{}

	mu     sync.Mutex
	tokens map[string]*mailbox
	strays []Hit
	lost   int
	// sequence stands in for randomness in tokens; drawn counts them.
	sequence string
	drawn    int
}

// mailbox holds the hits of one token that nobody has taken yet.
type mailbox struct {
	hits  []Hit
	ready chan struct{} // one place: there are hits
}

func (m *mailbox) signal() {
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

// Hit is one request that reached the callback server.
type Hit struct {
	// URL is the whole URL as received, with the host of the Host header and
	// the raw bytes of path and query. A fragment never reaches a server.
	URL string
	// Method, Host, Path and RawQuery are its parts.
	Method, Host, Path, RawQuery string
	// Token is the token of the flow, "" for a stray.
	Token string
	// Header are the request's header fields without secrets.
	Header http.Header
	Time   time.Time
}

// Query parses the query of the hit; "+" stays a plus, since ietf-05 percent-
// encodes as RFC 3986 does. A pair that cannot be decoded is kept as it is.
func (h Hit) Query() url.Values {
	out := make(url.Values)
	for pair := range strings.SplitSeq(h.RawQuery, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		out.Add(decode(name), decode(value))
	}
	return out
}

func decode(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// maxStrays is how many hits without a token are kept; more are counted.
const maxStrays = 1000

// NewCallback starts the server on 127.0.0.1, on a port that the system
// chooses. tlsConfig nil mints certificates for every name that is asked for,
// under an own CA; see CAs and Pin. The caller ends it with Close.
func NewCallback(tlsConfig *tls.Config) (*Callback, error) {
	return NewCallbackAt("127.0.0.1:0", tlsConfig)
}

// NewCallbackAt is NewCallback at host:port; port 0 is one that the system
// chooses.
func NewCallbackAt(listen string, tlsConfig *tls.Config) (*Callback, error) {
	c := &Callback{tokens: make(map[string]*mailbox), done: make(chan struct{})}
	if tlsConfig == nil {
		var err error
		if c.ca, err = newAuthority(); err != nil {
			return nil, fmt.Errorf("callback server: %w", err)
		}
		tlsConfig = &tls.Config{GetCertificate: c.ca.certificate, MinVersion: tls.VersionTLS12}
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("callback server: %w", err)
	}
	c.listener = l
	c.server = &http.Server{
		Handler:           c,
		TLSConfig:         tlsConfig,
		ReadHeaderTimeout: target.HeaderCeiling,
		// A browser opens connections ahead of need and drops them; that is
		// nobody's mistake and no reason to write to standard error.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(c.done)
		// Serve ends with an error by contract; Close causes it.
		_ = c.server.ServeTLS(l, "", "")
	}()
	return c, nil
}

// Addr is the address that the server listens on, "127.0.0.1:40123".
func (c *Callback) Addr() string { return c.listener.Addr().String() }

// CAs trusts the certificates of the server; nil when it was started with a
// configuration of the caller's. The pool is the caller's to add to.
func (c *Callback) CAs() *x509.CertPool {
	if c.ca == nil {
		return nil
	}
	return c.ca.pool.Clone()
}

// CA is the authority of the server's certificates; nil when it was started
// with a configuration of the caller's.
func (c *Callback) CA() *x509.Certificate {
	if c.ca == nil {
		return nil
	}
	return c.ca.cert
}

// Pin is the pin of the one key that all certificates of the server have (see
// target.Pin); "" when it was started with a configuration of the caller's.
func (c *Callback) Pin() string {
	if c.ca == nil {
		return ""
	}
	return c.ca.pin
}

// RepeatTokens makes NewToken give the tokens of a sequence from its beginning,
// instead of random ones: flows that are repeated then send equal requests.
// Tokens of an earlier round must have been forgotten.
func (c *Callback) RepeatTokens(sequence string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sequence, c.drawn = sequence, 0
}

// draw makes 12 octets; the caller holds the lock.
func (c *Callback) draw() []byte {
	if c.sequence != "" {
		c.drawn++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", c.sequence, c.drawn))
		return sum[:12]
	}
	var b [12]byte
	// crypto/rand.Read never fails; it ends the program instead.
	_, _ = rand.Read(b[:])
	return b[:]
}

// NewToken makes a token and begins to collect its hits. Forget ends that.
func (c *Callback) NewToken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	token := hex.EncodeToString(c.draw())
	c.tokens[token] = &mailbox{ready: make(chan struct{}, 1)}
	return token
}

// Collect begins to collect the hits of a token of the caller's choosing, as
// the path of a registered redirect URI has one. What came before is forgotten.
// Forget ends it.
func (c *Callback) Collect(token string) {
	c.Forget(token)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens[token] = &mailbox{ready: make(chan struct{}, 1)}
}

// URL is a redirect URI for a token at a host, which the server stands in for.
func (c *Callback) URL(host, token string) string {
	return "https://" + host + "/dcconform/" + token
}

// Forget ends the collection for a token; later hits are strays, and whoever
// waits for one gets an error.
func (c *Callback) Forget(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if box, ok := c.tokens[token]; ok {
		delete(c.tokens, token)
		close(box.ready)
	}
}

// ErrNoCallback says that the user did not come back in time.
var ErrNoCallback = errors.New("no redirect arrived at the callback server")

// Wait returns the next hit of a token, at once when it is already there. It
// ends with ErrNoCallback and the context's error when ctx ends first; give
// ctx the ceiling of the target.
func (c *Callback) Wait(ctx context.Context, token string) (Hit, error) {
	for {
		c.mu.Lock()
		box, ok := c.tokens[token]
		if !ok {
			c.mu.Unlock()
			return Hit{}, fmt.Errorf("callback: token %q is not known; make it with NewToken", token)
		}
		if len(box.hits) > 0 {
			h := box.hits[0]
			box.hits = box.hits[1:]
			if len(box.hits) > 0 {
				// Two hits may have left one signal; pass it on.
				box.signal()
			}
			c.mu.Unlock()
			return h, nil
		}
		c.mu.Unlock()
		select {
		case <-box.ready:
		case <-ctx.Done():
			return Hit{}, fmt.Errorf("%w: %w", ErrNoCallback, context.Cause(ctx))
		case <-c.done:
			return Hit{}, fmt.Errorf("%w: the callback server was closed", ErrNoCallback)
		}
	}
}

// Hits takes the hits of a token that nobody waited for.
func (c *Callback) Hits(token string) []Hit {
	c.mu.Lock()
	defer c.mu.Unlock()
	box, ok := c.tokens[token]
	if !ok {
		return nil
	}
	out := box.hits
	box.hits = nil
	return out
}

// Strays lists the requests that carried no known token: pictures and scripts
// that a page wanted from outside, or a redirect to a wrong place. At most a
// thousand are kept; more counts the others.
func (c *Callback) Strays() (kept []Hit, more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.strays), c.lost
}

// Close stops the server, breaks its connections and waits for it. It can be
// called again.
func (c *Callback) Close() error {
	err := c.server.Close()
	<-c.done
	return err
}

// ServeHTTP records the request and shows the stand-in page.
func (c *Callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := Hit{
		URL:      "https://" + r.Host + r.RequestURI,
		Method:   r.Method,
		Host:     r.Host,
		Path:     r.URL.Path,
		RawQuery: r.URL.RawQuery,
		Header:   target.Redactor{}.Header(r.Header),
		Time:     time.Now(),
	}
	c.record(&h)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
	w.Header().Set("Cache-Control", "no-store")
	if h.Token == "" {
		w.WriteHeader(http.StatusNotFound)
	}
	// The page becomes evidence, which no authorization code belongs in.
	h.URL = target.Redactor{}.URL(h.URL)
	// The browser may be gone; the hit is recorded all the same.
	_ = standIn.Execute(w, h)
}

// record puts the hit into the mailbox of the token in its path.
func (c *Callback) record(h *Hit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for part := range strings.SplitSeq(h.Path, "/") {
		box, ok := c.tokens[part]
		if !ok {
			continue
		}
		h.Token = part
		box.hits = append(box.hits, *h)
		box.signal()
		return
	}
	if len(c.strays) == maxStrays {
		c.lost++
		return
	}
	c.strays = append(c.strays, *h)
}

var standIn = template.Must(template.New("stand-in").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>dcconform stand-in for {{.Host}}</title><link rel="icon" href="data:,">
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}code{overflow-wrap:anywhere}</style>
</head><body><h1>You are back</h1>
<p>This is dcconform's stand-in for <strong>{{.Host}}</strong>. Nothing was sent to the real site.</p>
<p><code>{{.URL}}</code></p></body></html>
`))
