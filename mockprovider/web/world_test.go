package web_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/web"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// The templates of the tests: open takes anybody's link, closed demands a
// signature.
const (
	openTemplate = `{
		"providerId": "sp.test", "providerName": "Sorrel Pages", "serviceId": "site", "serviceName": "Web Site",
		"version": 7, "syncRedirectDomain": "sp.test, Second.test",
		"description": "DESCRIPTION-MARKER", "variableDescription": "VARIABLE-MARKER",
		"records": [
			{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600},
			{"type": "TXT", "host": "@", "data": "\"%v%\"", "ttl": 600, "groupId": "verification"}
		]}`
	closedTemplate = `{
		"providerId": "sp.test", "providerName": "Sorrel Pages", "serviceId": "mail", "serviceName": "Mail Box",
		"version": 1, "syncPubKeyDomain": "keys.sp.test", "syncRedirectDomain": "sp.test",
		"records": [{"type": "TXT", "host": "@", "data": "\"%v%\"", "ttl": 600}]}`
)

const zoneText = `
@ 3600 IN SOA ns1.provider.test. hostmaster.provider.test. 100 7200 900 1209600 60
@ 3600 IN NS ns1.provider.test.
@ 3600 IN NS ns2.provider.test.
www 3600 IN A 192.0.2.80
`

// world is one mock with a clock of its own.
type world struct {
	t      *testing.T
	store  *store.Store
	tenant *store.Tenant
	server *httptest.Server
	// stopping ends scripted delays.
	stopping chan struct{}

	mu   sync.Mutex
	now  time.Time
	keys map[string][][]string
	// asked are the key names that were looked up; keyErr fails look-ups.
	asked  []string
	keyErr error
}

// option changes the tenant of a world.
type option func(*store.TenantConfig)

func withTemplates(texts ...string) option {
	return func(c *store.TenantConfig) {
		c.Templates = nil
		for _, text := range texts {
			c.Templates = append(c.Templates, parseTemplate(text))
		}
	}
}

func withFaults(f store.Faults) option { return func(c *store.TenantConfig) { c.Faults = f } }

func withEdition(e dc.Edition) option { return func(c *store.TenantConfig) { c.Rules.Edition = e } }

func withZone(origin, owner, text string) option {
	return func(c *store.TenantConfig) {
		c.Zones = append(c.Zones, store.Hosted{Zone: parseZone(origin, text), Owner: owner})
	}
}

// parseTemplate and parseZone fail loudly: their input is ours.
func parseTemplate(text string) *dc.Template {
	t, err := dc.Parse("test.json", []byte(text))
	if err != nil {
		panic(err)
	}
	return t
}

func parseZone(origin, text string) *zone.Zone {
	z, err := zone.Parse(origin, strings.NewReader(text), origin+".zone")
	if err != nil {
		panic(err)
	}
	return z
}

// newWorld starts a mock with alice, who has example.com, and bob, who has
// other.test.
func newWorld(t *testing.T, options ...option) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 10, 7, 12, 0, 0, 0, time.UTC), keys: map[string][][]string{}, stopping: make(chan struct{})}
	w.store = store.New(w.clock)
	c := store.TenantConfig{
		ProviderID: "provider.test", ProviderName: "Provider", ProviderDisplayName: "Provider of Names",
		Users: []store.User{{Name: "alice", Password: "wonder"}, {Name: "bob", Password: "builder"}},
		Zones: []store.Hosted{
			{Zone: parseZone("example.com", zoneText), Owner: "alice"},
			{Zone: parseZone("other.test", zoneText), Owner: "bob"},
		},
		Templates: []*dc.Template{parseTemplate(openTemplate), parseTemplate(closedTemplate)},
		Keys:      w.lookup,
	}
	for _, o := range options {
		o(&c)
	}
	var err error
	if w.tenant, err = w.store.NewTenant(c); err != nil {
		t.Fatal(err)
	}
	w.keys["_k1.keys.sp.test."] = publish(testKey())
	w.server = httptest.NewUnstartedServer(nil)
	handler, err := web.New(web.Config{
		Store: w.store, BaseURL: "https://" + w.server.Listener.Addr().String(),
		Clock: w.clock, Logger: slog.New(slog.DiscardHandler), Stopping: w.stopping,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = handler
	w.server.Config.ConnContext = web.ConnContext
	// The transport closes connections that it dialled and does not need.
	w.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	w.server.StartTLS()
	t.Cleanup(w.server.Close)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) lookup(_ context.Context, name string) ([][]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, name)
	return w.keys[name], w.keyErr
}

// zoneAt is the state of a zone as text, without SOA.
func (w *world) zoneAt(domain string) string {
	w.t.Helper()
	z, _, ok := w.tenant.Zone(domain)
	if !ok {
		w.t.Fatalf("no zone %s", domain)
	}
	var b strings.Builder
	for r := range z.Records() {
		if r.Type != "SOA" {
			fmt.Fprintln(&b, r)
		}
	}
	return b.String()
}

// apply is the address of an apply request.
func (w *world) apply(service, rawQuery string) string {
	return w.tenant.Prefix() + "/ux/v2/domainTemplates/providers/sp.test/services/" + service + "/apply?" + rawQuery
}

// browser is a user agent that follows redirects inside the mock, and stops
// at the first one that leads elsewhere, whatever that is.
type browser struct {
	w   *world
	jar http.CookieJar
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w, jar}
}

// page is what the browser ended at.
type page struct {
	w      *world
	status int
	header http.Header
	body   string
	// path is where the browser stands, away where it is sent outside.
	path, away string
}

func (b *browser) do(r *http.Request) page {
	b.w.t.Helper()
	for range 6 {
		if r.Header.Get("Cookie") == "" { // a test may bring its own
			for _, c := range b.jar.Cookies(r.URL) {
				r.AddCookie(c)
			}
		}
		resp, err := b.w.server.Client().Transport.RoundTrip(r)
		if err != nil {
			b.w.t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			b.w.t.Fatal(err)
		}
		b.jar.SetCookies(r.URL, resp.Cookies())
		p := page{b.w, resp.StatusCode, resp.Header, string(body), r.URL.Path, resp.Header.Get("Location")}
		if !strings.HasPrefix(p.away, "/") || strings.HasPrefix(p.away, "//") {
			return p
		}
		r = b.request(http.MethodGet, p.away, nil)
	}
	b.w.t.Fatal("the mock redirects in circles")
	return page{}
}

func (b *browser) request(method, path string, body io.Reader) *http.Request {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, b.w.server.URL, body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	// The query goes out as it stands here: no parser touches it.
	r.URL.RawPath, r.URL.RawQuery, _ = strings.Cut(path, "?")
	if r.URL.Path, err = url.PathUnescape(r.URL.RawPath); err != nil {
		b.w.t.Fatal(err)
	}
	return r
}

func (b *browser) get(path string) page {
	b.w.t.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

// post sends a form as a browser does from a page of the same origin; edits
// change the request.
func (b *browser) post(path string, form url.Values, edits ...func(*http.Request)) page {
	b.w.t.Helper()
	r := b.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.w.server.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, edit := range edits {
		edit(r)
	}
	return b.do(r)
}

// form reads the first form of the page that has the action.
func (p page) form(action string) url.Values {
	p.w.t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		p.w.t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data != "form" || !strings.HasSuffix(attr(n, "action"), action) {
			continue
		}
		values := url.Values{}
		for field := range n.Descendants() {
			if field.Data == "input" {
				values.Set(attr(field, "name"), attr(field, "value"))
			}
		}
		return values
	}
	p.w.t.Fatalf("no form for %s on the page at %s (status %d):\n%s", action, p.path, p.status, p.body)
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what a user reads on the page, blanks folded.
func (p page) text() string {
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		p.w.t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "script" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// heading is the only h1 of the page.
func (p page) heading() string {
	p.w.t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		p.w.t.Fatal(err)
	}
	var found []string
	for n := range root.Descendants() {
		if n.Data != "h1" {
			continue
		}
		var b strings.Builder
		for c := range n.Descendants() {
			if c.Type == html.TextNode {
				b.WriteString(c.Data)
			}
		}
		found = append(found, b.String())
	}
	if len(found) != 1 {
		p.w.t.Errorf("the page at %s has %d h1 %q, want one", p.path, len(found), found)
		return ""
	}
	return found[0]
}

// signIn answers the sign-in page.
func (b *browser) signIn(p page, user, password string) page {
	b.w.t.Helper()
	form := p.form("/ux/sign-in")
	form.Set("user", user)
	form.Set("password", password)
	form.Set("action", "sign-in")
	return b.post(b.w.tenant.Prefix()+"/ux/sign-in", form)
}

// answer answers the consent page.
func (b *browser) answer(p page, action string) page {
	b.w.t.Helper()
	form := p.form("/ux/consent")
	form.Set("action", action)
	return b.post(b.w.tenant.Prefix()+"/ux/consent", form)
}

// open follows an apply link to the consent page, as alice.
func (b *browser) open(address string) page {
	b.w.t.Helper()
	p := b.get(address)
	if p.status == http.StatusOK && strings.HasSuffix(p.path, "/ux/sign-in") {
		p = b.signIn(p, "alice", "wonder")
	}
	return p
}

// testKey is made once, since making it takes time.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// publish is the TXT data of a key, in two fragments.
func publish(key *rsa.PrivateKey) [][]string {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	d := base64.StdEncoding.EncodeToString(der)
	return [][]string{{"p=2,a=RS256,d=" + d[190:]}, {"p=1,a=RS256,d=" + d[:190]}}
}

// signed appends sig and key to a raw query.
func signed(rawQuery string) string {
	digest := sha256.Sum256([]byte(rawQuery))
	sig, err := rsa.SignPKCS1v15(nil, testKey(), crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return rawQuery + "&sig=" + url.QueryEscape(base64.StdEncoding.EncodeToString(sig)) + "&key=_k1"
}

// contains reports all that is missing in a text.
func contains(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, s := range wanted {
		if !bytes.Contains([]byte(text), []byte(s)) {
			t.Errorf("%q is missing in:\n%s", s, text)
		}
	}
}
