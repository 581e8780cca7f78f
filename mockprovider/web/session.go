package web

import (
	"container/list"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
	"weak"

	"github.com/dcconform/dcconform/mockprovider/store"
)

const (
	// sessionLife is how long a session lasts after its last use.
	sessionLife = 30 * time.Minute
	// maxSessions bounds the memory; the one that was not used for longest goes.
	maxSessions = 8192
)

// bond stands for one browser. It outlives the change of the session id at
// sign-in, so that what waits for the user is found again, and nobody else
// can come by it.
type bond struct{ _ byte }

// session is what the server knows of one browser at one tenant. Values are
// copies; sessions holds the truth.
type session struct {
	id, csrf string
	// user is who signed in; empty before.
	user string
	bond *bond
	// tenant is weak, so that a session that nobody ended does not keep the
	// zones of a removed tenant in memory.
	tenant weak.Pointer[store.Tenant]
}

type sessionEntry struct {
	session
	used time.Time
}

// sessions holds the sessions of all tenants, least recently used last.
type sessions struct {
	clock func() time.Time
	mu    sync.Mutex
	byID  map[string]*list.Element
	order *list.List
}

func newSessions(clock func() time.Time) *sessions {
	return &sessions{clock: clock, byID: map[string]*list.Element{}, order: list.New()}
}

// put stores a session under its id.
func (s *sessions) put(v session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.byID[v.id] = s.order.PushFront(&sessionEntry{v, s.clock()})
	for s.order.Len() > maxSessions {
		s.drop(s.order.Back())
	}
}

// get finds a live session of a tenant.
func (s *sessions) get(id string, tenant *store.Tenant) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	e, ok := s.byID[id]
	if !ok {
		return session{}, false
	}
	entry := e.Value.(*sessionEntry)
	if entry.tenant != weak.Make(tenant) {
		return session{}, false
	}
	entry.used = s.clock()
	s.order.MoveToFront(e)
	return entry.session, true
}

// remove ends a session.
func (s *sessions) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byID[id]; ok {
		s.drop(e)
	}
}

func (s *sessions) sweep() {
	for e := s.order.Back(); e != nil && s.clock().Sub(e.Value.(*sessionEntry).used) > sessionLife; e = s.order.Back() {
		s.drop(e)
	}
}

func (s *sessions) drop(e *list.Element) {
	delete(s.byID, s.order.Remove(e).(*sessionEntry).id)
}

// cookieName is the name of the session cookie. Cookies do not tell ports
// apart, so mocks that run side by side on one host need names of their own.
// Its path is the tenant's, so __Host-, which demands the root, cannot be.
func cookieName(baseURL string) string {
	sum := sha256.Sum256([]byte(baseURL))
	return "__Secure-dc-" + hex.EncodeToString(sum[:4])
}

// session returns the browser's session, if it has one here.
func (x *exchange) session() (session, bool) {
	c, err := x.r.Cookie(x.cookie)
	if err != nil {
		return session{}, false
	}
	return x.sessions.get(c.Value, x.tenant)
}

// ensureSession returns the browser's session and begins one where there is
// none. An id that the browser brings and we do not know is not adopted.
func (x *exchange) ensureSession() (session, error) {
	if v, ok := x.session(); ok {
		return v, nil
	}
	return x.beginSession(&bond{}, "")
}

// beginSession makes a session with a new id and hands it to the browser.
func (x *exchange) beginSession(b *bond, user string) (session, error) {
	id, err := x.token()
	if err != nil {
		return session{}, err
	}
	csrf, err := x.token()
	if err != nil {
		return session{}, err
	}
	v := session{id: id, csrf: csrf, user: user, bond: b, tenant: weak.Make(x.tenant)}
	x.sessions.put(v)
	x.setCookie(v.id, 0)
	return v, nil
}

// signInSession makes the browser's session one of the user. It gets a new
// id, and the old one ends: whoever knew it, or planted it, has nothing.
func (x *exchange) signInSession(old session, user string) error {
	if x.config.Faults.KeepSessionID {
		old.user = user
		x.sessions.remove(old.id)
		x.sessions.put(old)
		return nil
	}
	if _, err := x.beginSession(old.bond, user); err != nil {
		return err
	}
	x.sessions.remove(old.id)
	return nil
}

func (x *exchange) setCookie(value string, maxAge int) {
	c := &http.Cookie{
		Name: x.cookie, Value: value, Path: x.tenant.Prefix() + "/ux", MaxAge: maxAge,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if x.config.Faults.NoCSRF {
		c.SameSite = http.SameSiteNoneMode
	}
	http.SetCookie(x.w, c)
}

// sameOrigin refuses what a browser says comes from elsewhere.
var sameOrigin = http.NewCrossOriginProtection()

// genuine reports whether a POST comes from a page of ours in this browser:
// the browser does not call it cross-site, and it carries the session's
// token.
func (x *exchange) genuine(v session) bool {
	if x.config.Faults.NoCSRF {
		return true
	}
	if err := sameOrigin.Check(x.r); err != nil {
		return false
	}
	sent := x.r.PostFormValue("csrf")
	return subtle.ConstantTimeCompare([]byte(sent), []byte(v.csrf)) == 1
}
