package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// lockedTemplate may not be used in the sync flow at all.
const lockedTemplate = `{
	"providerId": "sp.test", "providerName": "Sorrel Pages", "serviceId": "dyn", "serviceName": "Dynamic Address",
	"version": 1, "syncBlock": true, "syncPubKeyDomain": "keys.sp.test", "multiInstance": true,
	"records": [{"type": "TXT", "host": "dyn", "data": "\"%v%\"", "ttl": 600}]}`

const back = "https://sp.test/cb?own=1"

// newAsync is a world in which sp.test is a client with a secret and app one
// without.
func newAsync(t *testing.T, options ...option) *world {
	return newWorld(t, append([]option{withTemplates(openTemplate, closedTemplate, lockedTemplate, foreignTemplate), func(c *store.TenantConfig) {
		c.Clients = []oauth.Client{
			{ID: "sp.test", Secret: oauth.Hash("hush"), Redirects: []string{back, "https://sp.test/other"}},
			{ID: "app", Redirects: []string{back}, Providers: []string{"sp.test", "other.test"}, TokenLife: time.Minute},
		}
	}}, options...)...)
}

const foreignTemplate = `{
	"providerId": "other.test", "providerName": "Other", "serviceId": "site", "serviceName": "Other Site", "version": 1,
	"records": [{"type": "TXT", "host": "other", "data": "\"x\"", "ttl": 600}]}`

// link is an authorization request; overrides are name=value, raw, and take the
// place of what is there; "name" alone takes it out.
func (w *world) link(overrides ...string) string {
	params := []string{"domain=example.com", "client_id=sp.test", "redirect_uri=" + url.QueryEscape(back), "response_type=code", "scope=site", "state=s1"}
	for _, o := range overrides {
		name, _, keep := strings.Cut(o, "=")
		for i, p := range params {
			if strings.HasPrefix(p, name+"=") {
				params = append(params[:i:i], params[i+1:]...)
				break
			}
		}
		if keep {
			params = append(params, o)
		}
	}
	return w.tenant.Prefix() + "/ux/async/v2/domainTemplates/providers/sp.test?" + strings.Join(params, "&")
}

// code has alice grant what a link asks for.
func (w *world) code(link string) string {
	w.t.Helper()
	b := w.browser()
	p := b.answer(b.open(link), "confirm")
	u, err := url.Parse(p.away)
	if err != nil || !u.Query().Has("code") {
		w.t.Fatalf("no code: %d %q\n%s", p.status, p.away, p.text())
	}
	return u.Query().Get("code")
}

// reply is the answer to a call.
type reply struct {
	status int
	header http.Header
	body   string
}

// member reads a member of a JSON body, as text.
func (r reply) member(name string) string {
	var all map[string]any
	if json.Unmarshal([]byte(r.body), &all) != nil {
		return "no JSON: " + r.body
	}
	switch v := all[name].(type) {
	case string:
		return v
	case nil:
		return ""
	default:
		text, _ := json.Marshal(v)
		return string(text)
	}
}

// call sends a request to the API; body is JSON when it begins with a brace,
// and a form otherwise.
func (w *world) call(method, path, token, body string, edits ...func(*http.Request)) reply {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+w.tenant.Prefix()+"/api"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	switch {
	case strings.HasPrefix(body, "{"):
		r.Header.Set("Content-Type", "application/json")
	case body != "":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, edit := range edits {
		edit(r)
	}
	resp, err := w.server.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(text)}
}

const tokenPath = "/v2/oauth/access_token"

// redeeming is a token request as JSON.
func redeeming(code string) string {
	return `{"grant_type":"authorization_code","code":"` + code + `","redirect_uri":"` + back + `","client_id":"sp.test","client_secret":"hush"}`
}

// token takes a grant to its access token.
func (w *world) token(link string) string {
	w.t.Helper()
	r := w.call(http.MethodPost, tokenPath, "", redeeming(w.code(link)))
	if r.status != http.StatusOK {
		w.t.Fatalf("no token: %d %s", r.status, r.body)
	}
	return r.member("access_token")
}

const applySite = "/v2/domainTemplates/providers/sp.test/services/site/apply"

// dig is what the zone says, without what it said before.
func (w *world) added() string {
	w.t.Helper()
	var lines []string
	for line := range strings.Lines(w.zoneAt("example.com")) {
		if !strings.Contains(line, "\tNS\t") && !strings.Contains(line, " NS ") && !strings.Contains(line, "192.0.2.80") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines, "; ")
}

// TestTheAsynchronousWay goes from the settings to records and back.
func TestTheAsynchronousWay(t *testing.T) {
	w := newAsync(t)
	settings := w.browser().get("/v2/example.com/settings")
	contains(t, settings.body, `"urlAsyncUX":"`+w.server.URL+`/ux/async"`)
	b := w.browser()
	link := w.link("host=s1,", "scope=site%20dyn", "v=a%2Bb")
	contains(t, b.get(link).text(), "Sign in to allow Web Site, Dynamic Address by Sorrel Pages")
	consent := b.open(link)
	if consent.heading() != "Allow Web Site, Dynamic Address" {
		t.Fatalf("%s\n%s", consent.heading(), consent.text())
	}
	contains(t, consent.text(), "May be set up for s1.example.com example.com", "Value of v a+b", "Offered by Sorrel Pages Asked for by sp.test Domain example.com")
	before := w.zoneAt("example.com")
	end := b.answer(consent, "confirm")
	if !strings.HasPrefix(end.away, back+"&code=") || !strings.HasSuffix(end.away, "&state=s1") || end.status != http.StatusSeeOther {
		t.Fatalf("%d %s", end.status, end.away)
	}
	code := strings.TrimSuffix(strings.TrimPrefix(end.away, back+"&code="), "&state=s1")
	if again := b.answer(consent, "confirm"); again.away != "" || again.heading() != "This request was answered already" {
		t.Errorf("a second click: %q %s", again.away, again.text())
	}
	got := w.call(http.MethodPost, tokenPath, "", redeeming(code))
	if got.status != 200 || got.member("token_type") != "bearer" || got.member("expires_in") != "3600" || got.member("refresh_token") == "" ||
		got.header.Get("Cache-Control") != "no-store" || got.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v %s", got.status, got.header, got.body)
	}
	token := got.member("access_token")
	if w.zoneAt("example.com") != before {
		t.Error("the zone has changed before anything was applied")
	}
	r := w.call(http.MethodPost, applySite+"?domain=example.com&host=s1&ip=192.0.2.1&v=x%2By", token, "")
	if r.status != 200 || r.body != `{"domain":"example.com","host":"s1","status":"applied"}` {
		t.Fatalf("%d %s", r.status, r.body)
	}
	r = w.call(http.MethodPost, strings.Replace(applySite, "site", "dyn", 1), token, `{"domain":"Example.COM.","v":"100%25"}`)
	if r.status != 200 || r.body != `{"domain":"example.com","host":"","status":"applied"}` {
		t.Fatalf("%d %s", r.status, r.body)
	}
	const want = `dyn.example.com. 600 IN TXT "100%25"; s1.example.com. 600 IN TXT "x+y"; www.s1.example.com. 600 IN A 192.0.2.1`
	if got := w.added(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r := w.call(http.MethodPost, strings.Replace(applySite, "apply", "revert", 1)+"?domain=example.com&host=s1", token, ""); r.status != 501 {
		t.Errorf("revert without state: %d %s", r.status, r.body)
	}
}

// In the older edition success is 204, a plus divides scopes because it is a
// space, and one section writes force=true.
func TestTheAsynchronousWayOfTheOlderEdition(t *testing.T) {
	w := newAsync(t, withEdition(dc.DCSpec23))
	token := w.token(w.link("scope=site+dyn"))
	r := w.call(http.MethodPost, applySite+"?domain=example.com&ip=192.0.2.1&v=a+b&force=true", token, "")
	if r.status != 204 || r.body != "" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	contains(t, w.zoneAt("example.com"), `example.com. 600 IN TXT "a b"`, "www.example.com. 600 IN A 192.0.2.1")
}

func TestRevertOfWhatWasApplied(t *testing.T) {
	w := newAsync(t, func(c *store.TenantConfig) { c.Rules.Stateful = true })
	token := w.token(w.link("host=s1,s2", "scope=site%20dyn"))
	call := func(service, verb, params string) reply {
		return w.call(http.MethodPost, "/v2/domainTemplates/providers/sp.test/services/"+service+"/"+verb+"?domain=example.com&"+params, token, "")
	}
	for _, params := range []string{"host=s1&v=1&instanceId=i1", "host=s1&v=2&instanceId=i2&force=1", "host=s2&v=3&instanceId=i1"} {
		if r := call("dyn", "apply", params); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	for _, step := range []struct {
		service, params string
		status          int
		left            string
	}{
		{"site", "host=s1", 410, `dyn.s1.example.com. 600 IN TXT "1"; dyn.s1.example.com. 600 IN TXT "2"; dyn.s2.example.com. 600 IN TXT "3"`},
		{"dyn", "host=s1&instanceId=i9", 410, `dyn.s1.example.com. 600 IN TXT "1"; dyn.s1.example.com. 600 IN TXT "2"; dyn.s2.example.com. 600 IN TXT "3"`},
		{"dyn", "host=S1&instanceId=i1", 200, `dyn.s1.example.com. 600 IN TXT "2"; dyn.s2.example.com. 600 IN TXT "3"`},
		{"dyn", "host=", 401, `dyn.s1.example.com. 600 IN TXT "2"; dyn.s2.example.com. 600 IN TXT "3"`},
		{"dyn", "host=s1", 200, `dyn.s2.example.com. 600 IN TXT "3"`},
		{"dyn", "host=s1", 410, `dyn.s2.example.com. 600 IN TXT "3"`},
		{"dyn", "host=s2", 200, ``},
	} {
		if r := call(step.service, "revert", step.params); r.status != step.status {
			t.Errorf("revert %s %s: %d %s", step.service, step.params, r.status, r.body)
		}
		if got := w.added(); got != step.left {
			t.Errorf("after %s %s:\ngot  %s\nwant %s", step.service, step.params, got, step.left)
		}
	}
}

// The requests of the flow can be scripted, each by its kind.
func TestTheAsynchronousFlowIsScripted(t *testing.T) {
	w := newAsync(t)
	w.step(store.RequestAuthorize, "sp.*", 1, store.Reaction{Status: 501})
	w.step(store.RequestToken, "", 1, store.Reaction{Status: 502})
	w.step(store.RequestCall, "sp.test/site/apply", 1, store.Reaction{Status: 503})
	w.step(store.RequestCall, "*/revert", 1, store.Reaction{Status: 504})
	for _, want := range [][]int{{501, 502, 504, 503}, {200, 401, 501, 401}} {
		b := w.browser()
		status := []int{
			b.get(w.link()).status, w.call(http.MethodPost, tokenPath, "", "{}").status,
			w.call(http.MethodPost, strings.Replace(applySite, "apply", "revert", 1), "", "").status, w.call(http.MethodPost, applySite, "", "").status,
		}
		if !slices.Equal(status, want) {
			t.Errorf("statuses %v, want %v", status, want)
		}
	}
	if len(w.tenant.Steps()) != 0 {
		t.Errorf("steps are left: %v", w.tenant.Steps())
	}
}
