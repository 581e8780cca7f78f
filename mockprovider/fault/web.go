package fault

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// answer is a response that is held back, to be looked at or replaced.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// answerOf has next answer, and holds the answer back.
func answerOf(next http.Handler, r *http.Request) *answer {
	a := &answer{header: http.Header{}}
	next.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	return a
}

// send sends the answer after all.
func (a *answer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// redirect replaces the answer.
func (a *answer) redirect(to string) {
	a.header, a.status = http.Header{"Location": {to}}, http.StatusSeeOther
	a.body.Reset()
}

// page replaces the answer.
func (a *answer) page(status int, document string) {
	a.header, a.status = http.Header{"Content-Type": {"text/html; charset=utf-8"}}, status
	a.body.Reset()
	a.body.WriteString(document)
}

// away is where the answer sends the user outside of the provider, "" for
// nowhere.
func (a *answer) away() string {
	if to := a.header.Get("Location"); a.status == http.StatusSeeOther && !strings.HasPrefix(to, "/") {
		return to
	}
	return ""
}

// answers goes around the consent and sign-in pages and the link that leads there.
// change gets what would be answered.
func answers(change func(r *http.Request, a *answer)) func(*store.TenantConfig) {
	return web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Path, "/ux/") {
			next.ServeHTTP(w, r)
			return
		}
		a := answerOf(next, r)
		change(r, a)
		a.send(w)
	})
}

// web goes around everything that is answered.
func web(around func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { around(w, r, next) })
		})
	}
}

// approval is the form of a consent page.
func approval(r *http.Request) (form url.Values, ok bool) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/ux/consent") || r.ParseForm() != nil {
		return nil, false
	}
	return r.PostForm, true
}

// links remembers the links that users have come with, by the id of the
// request that waits for them. A fault that needs it holds for a tenant, and
// cannot be scripted for one request.
type links struct {
	mu   sync.Mutex
	byID map[string]url.Values
}

func newLinks() *links { return &links{byID: map[string]url.Values{}} }

// note keeps the query of a link that led to a waiting request.
func (l *links) note(r *http.Request, a *answer) {
	if !strings.HasSuffix(r.URL.Path, "/apply") {
		return
	}
	if to, err := url.Parse(a.header.Get("Location")); err == nil && to.Query().Has("request") {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.byID[to.Query().Get("request")] = r.URL.Query()
	}
}

// of finds the query of the link that a form belongs to.
func (l *links) of(form url.Values) (url.Values, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q, ok := l.byID[form.Get("request")]
	return q, ok
}

// hidden finds the hidden fields of the mock's own forms.
var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// hiddenFields reads them off a page.
func hiddenFields(document []byte) url.Values {
	form := url.Values{}
	for _, m := range hidden.FindAllSubmatch(document, -1) {
		form.Set(string(m[1]), string(m[2]))
	}
	return form
}
