package consent

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Session is the cookies of one user at one provider, kept over flows and over
// both drivers, so that only the first flow signs in. The zero value is an
// empty session. While nobody has signed in, flows wait for each other, so
// that one of them does so for all; from then on they run at once. A session
// that the provider has ended is opened again by the flow that is asked to
// sign in.
//
// Its methods are safe for concurrent use. Values of cookies are secrets:
// nothing prints them, and drivers take them out of evidence.
type Session struct {
	mu    sync.Mutex
	jar   *cookiejar.Jar
	kept  []kept // in the order of setting
	ready bool
	gate  chan struct{} // holds the flow that may sign in
}

// kept is a cookie as a browser has to be told of it. The jar does not tell
// attributes.
type kept struct {
	host, path, name, value string
	// wide is set where the cookie goes to hosts below host, too.
	wide             bool
	secure, httpOnly bool
	sameSite         http.SameSite
	expires          time.Time // zero: with the session
}

// key tells cookies apart, as RFC 6265 section 5.3 does.
type key struct {
	host, path, name string
	wide             bool
}

func (k kept) key() key { return key{k.host, k.path, k.name, k.wide} }

// url is an address that the cookie could have come from.
func (k kept) url() *url.URL { return &url.URL{Scheme: "https", Host: hostPort(k.host), Path: k.path} }

// hostPort puts an IPv6 address in brackets, as URLs have it.
func hostPort(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// Copy is a session of its own that holds what this one holds now: somebody
// else who knows the same cookies.
func (s *Session) Copy() *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	other := &Session{ready: s.ready}
	for _, k := range s.kept {
		other.set(k.url(), k.cookie())
	}
	return other
}

// crossSite are the cookies that go along with a form that a page of another
// site sends: all but those that are marked Lax or Strict. Chromium takes
// unmarked ones for Lax, other browsers do not.
func (s *Session) crossSite(u *url.URL) []*http.Cookie {
	all := s.Cookies(u)
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(all, func(c *http.Cookie) bool {
		return slices.ContainsFunc(s.kept, func(k kept) bool {
			held := k.sameSite == http.SameSiteLaxMode || k.sameSite == http.SameSiteStrictMode
			return held && k.name == c.Name && k.value == c.Value
		})
	})
}

// Len is how many cookies the session holds.
func (s *Session) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

// Open reports whether somebody has signed in, or the session was imported. It
// cannot say whether the provider still takes it.
func (s *Session) Open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready
}

// Secrets are the values of the cookies, for a target.Redactor.
func (s *Session) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, k := range s.kept {
		out = append(out, k.value)
	}
	return out
}

// String names the cookies and hosts, and no value.
func (s *Session) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.kept))
	for _, k := range s.kept {
		names = append(names, k.name+" of "+k.host+k.path)
	}
	return fmt.Sprintf("session with %d cookies (%s)", len(s.kept), strings.Join(names, ", "))
}

// GoString is String, so that %#v prints no value either.
func (s *Session) GoString() string { return s.String() }

// Cookies implements http.CookieJar.
func (s *Session) Cookies(u *url.URL) []*http.Cookie {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jar == nil {
		return nil
	}
	return s.jar.Cookies(u)
}

// SetCookies implements http.CookieJar. Cookies that a browser would refuse,
// such as those of another domain, are not kept.
func (s *Session) SetCookies(u *url.URL, cookies []*http.Cookie) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range cookies {
		s.set(u, c)
	}
}

func newJar() (*cookiejar.Jar, error) {
	return cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
}

func (s *Session) set(u *url.URL, c *http.Cookie) {
	if s.jar == nil {
		jar, err := newJar()
		if err != nil {
			return // it has no error for these options
		}
		s.jar = jar
	}
	s.jar.SetCookies(u, []*http.Cookie{c})
	k := keptFrom(u, c)
	s.kept = slices.DeleteFunc(s.kept, func(old kept) bool { return old.key() == k.key() })
	// The jar judges whether the cookie may stand; ask it at the place where
	// the cookie would be sent.
	at := &url.URL{Scheme: "https", Host: u.Host, Path: k.path}
	taken := slices.ContainsFunc(s.jar.Cookies(at), func(got *http.Cookie) bool { return got.Name == k.name && got.Value == k.value })
	if taken {
		s.kept = append(s.kept, k)
	}
}

func keptFrom(u *url.URL, c *http.Cookie) kept {
	k := kept{
		host: strings.ToLower(u.Hostname()), path: c.Path, name: c.Name, value: c.Value,
		secure: c.Secure, httpOnly: c.HttpOnly, sameSite: c.SameSite, expires: c.Expires,
	}
	if c.Domain != "" {
		k.host, k.wide = strings.ToLower(strings.TrimPrefix(c.Domain, ".")), true
	}
	if c.MaxAge > 0 {
		k.expires = time.Now().Add(time.Duration(c.MaxAge) * time.Second)
	}
	if !strings.HasPrefix(k.path, "/") {
		// RFC 6265 section 5.1.4: the folder of what was asked for.
		k.path = "/"
		if i := strings.LastIndexByte(u.Path, '/'); i > 0 {
			k.path = u.Path[:i]
		}
	}
	return k
}

// cookie is what a server would have sent.
func (k kept) cookie() *http.Cookie {
	c := &http.Cookie{Name: k.name, Value: k.value, Path: k.path, Secure: k.secure, HttpOnly: k.httpOnly, SameSite: k.sameSite, Expires: k.expires}
	if k.wide {
		c.Domain = k.host
	}
	return c
}

// snapshot is what the session holds, for a browser.
func (s *Session) snapshot() []kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.kept)
}

// merge takes over what a browser changed: it was given before and has now.
// What it did not touch stays as other flows may have left it.
func (s *Session) merge(before, now []kept) {
	had := make(map[key]string, len(before))
	for _, k := range before {
		had[k.key()] = k.value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range now {
		if value, ok := had[k.key()]; !ok || value != k.value {
			s.set(k.url(), k.cookie())
		}
		delete(had, k.key())
	}
	for _, k := range before {
		if _, gone := had[k.key()]; gone {
			end := k.cookie()
			end.MaxAge = -1
			s.set(k.url(), end)
		}
	}
}

// enter waits until the session is open, or until it is this flow's turn to
// open it. The caller calls leave once the session is open or the flow ends.
func (s *Session) enter(ctx context.Context) (leave func(), err error) {
	s.mu.Lock()
	if s.gate == nil {
		s.gate = make(chan struct{}, 1)
	}
	gate, ready := s.gate, s.ready
	s.mu.Unlock()
	if ready {
		return func() {}, nil
	}
	select {
	case gate <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for another flow to sign in: %w", context.Cause(ctx))
	}
	if s.Open() {
		<-gate
		return func() {}, nil
	}
	return sync.OnceFunc(func() { <-gate }), nil
}

// opened says that a flow has signed in.
func (s *Session) opened() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = true
}
