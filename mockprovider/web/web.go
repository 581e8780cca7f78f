// Package web is the HTTP side of the mock provider: the settings and the
// template query, the synchronous apply flow, and the pages on which a user
// signs in and consents (ietf-05 sections 7, 8.2 and 8.3).
//
// Every tenant answers below its own prefix p, which is "" for the default
// tenant and "/t/<name>" for the others:
//
//	GET  p/v2/{domain}/settings
//	GET  p/api/v2/domainTemplates/providers/{pid}/services/{sid}
//	GET  p/ux/v2/domainTemplates/providers/{pid}/services/{sid}/apply?...
//	GET, POST  p/ux/sign-in, p/ux/consent, p/ux/zone, p/ux/applied, p/ux/access
//	POST  p/ux/sign-out
//
// and where clients are registered, in the asynchronous flow (async-00):
//
//	GET   p/ux/async/v2/domainTemplates/providers/{pid}?...
//	POST  p/api/v2/oauth/access_token
//	POST  p/api/v2/domainTemplates/providers/{pid}/services/{sid}/apply, .../revert
//
// A request of the sync flow is validated, signature included, before anybody
// signs in. What waits for the user is kept here, with the query as received,
// and only its random id travels.
//
// The sections of async-00 are in these files: the request for a grant (6.3) in
// authorize.go, the page on which the user answers it in grant.go and, for
// templates that take away what others set up, succession.go; the token
// end-point (6.4) in token.go; how the parameters of a call and its errors are
// read and written (6.6) in call.go, the calls themselves, apply and revert (6.6,
// 6.7), in api.go; taking a grant back (6.8) in access.go; what of a request
// target is kept in journal.go. Package oauth has the rules behind them.
package web

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// Config describes the HTTP side of one mock provider.
type Config struct {
	// Store holds the tenants. Required.
	Store *store.Store
	// BaseURL is the https origin that clients reach, without a path and
	// without a trailing slash: "https://127.0.0.1:8443". Required.
	BaseURL string
	// Keys resolves public keys for tenants without a resolver of their own.
	// nil finds no key, so that every signed request is refused.
	Keys store.KeyResolver
	// Clock tells the time; nil is time.Now.
	Clock func() time.Time
	// Rand is where session ids and tokens come from; nil is crypto/rand. It
	// is read under a lock.
	Rand io.Reader
	// Logger gets what goes wrong inside; nil is slog.Default().
	Logger *slog.Logger
	// Stopping ends scripted delays when it is closed, so that the server can
	// stop; nil lets them pass in full.
	Stopping <-chan struct{}
}

// New returns the handler for all tenants of the store. It keeps sessions and
// waiting requests in memory and starts no goroutine.
func New(c Config) (http.Handler, error) {
	if c.Store == nil {
		return nil, errors.New("web: Config.Store is nil; give the store whose tenants are to be served")
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Scheme != "https" || u.Host == "" || c.BaseURL != "https://"+u.Host {
		return nil, fmt.Errorf("web: Config.BaseURL %q is not an https origin; write it as https://host:port, without a path", c.BaseURL)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Keys == nil {
		c.Keys = noKeys
	}
	return &server{
		Config:   c,
		cookie:   cookieName(c.BaseURL),
		sessions: newSessions(c.Clock),
		pending:  newPending(c.Clock),
	}, nil
}

// server is the handler that New returns.
type server struct {
	Config
	// cookie is the name of the session cookie.
	cookie   string
	sessions *sessions
	pending  *pendingRequests
	random   sync.Mutex
}

// token returns 128 random bits in hexadecimal.
func (s *server) token() (string, error) {
	var b [16]byte
	s.random.Lock()
	defer s.random.Unlock()
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		return "", fmt.Errorf("cannot read random bits: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// exchange is one request to one tenant.
type exchange struct {
	*server
	w      http.ResponseWriter
	r      *http.Request
	tenant *store.Tenant
	// config is the tenant's configuration at the start of the request.
	config store.TenantConfig
	// fault is what the tenant's script has set for this request.
	fault    *store.Misbehaviour
	recorder *statusRecorder
}

// ServeHTTP answers one request and enters it in the journal.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := &statusRecorder{ResponseWriter: w}
	tenant, path := s.route(r)
	name := ""
	if tenant != nil {
		name = tenant.Name()
	}
	defer func() {
		s.note("http", name, fmt.Sprintf("%s %s -> %s", r.Method, clip(printable(withoutSecrets(r.RequestURI))), recorder.status()))
	}()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if tenant == nil {
		http.Error(recorder, "no such tenant", http.StatusNotFound)
		return
	}
	x := &exchange{server: s, w: recorder, r: r, tenant: tenant, config: tenant.Config(), recorder: recorder}
	if !x.scripted(path) {
		return
	}
	if x.config.ProviderID == "" {
		x.config.ProviderID = "dcconform.example"
	}
	if x.config.ProviderName == "" {
		x.config.ProviderName = "dcconform mock provider"
	}
	var answer http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.w, x.r = w, r
		_, below := s.route(r)
		x.dispatch(below)
	})
	for _, wrap := range x.config.Hooks.Web {
		answer = wrap(answer)
	}
	answer.ServeHTTP(recorder, r)
}

// note enters an event in the journal.
func (s *server) note(kind, tenant, summary string) {
	s.Store.Journal().Add(store.Event{Time: s.Clock(), Kind: kind, Tenant: tenant, Summary: summary})
}

// note enters an event of the exchange's tenant in the journal.
func (x *exchange) note(kind, format string, args ...any) {
	x.server.note(kind, x.tenant.Name(), printable(fmt.Sprintf(format, args...)))
}

// printable makes text fit for one line of a journal or log.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return '\uFFFD'
		}
		return r
	}, s)
}

// clip bounds what one event takes.
func clip(s string) string {
	if len(s) <= 8192 {
		return s
	}
	return strings.ToValidUTF8(s[:8192], "") + "…"
}

// statusRecorder remembers the status that was sent.
type statusRecorder struct {
	http.ResponseWriter
	code int
	// gone is set when the connection was closed instead.
	gone bool
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusRecorder) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusRecorder) status() string {
	switch {
	case w.gone:
		return "no answer"
	case w.code == 0:
		return strconv.Itoa(http.StatusOK)
	}
	return strconv.Itoa(w.code)
}
