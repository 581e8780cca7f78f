package mockprovider_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// asyncTemplates are what the clients of an asyncWorld ask for.
var asyncTemplates = []string{
	`{"providerId":"sp.test","providerName":"Sorrel","serviceId":"t1","serviceName":"One","sharedProviderName":true,"sharedServiceName":true,"version":1,
	  "records":[{"type":"TXT","host":"t1","data":"%v%","ttl":600}]}`,
	`{"providerId":"sp.test","providerName":"Sorrel","serviceId":"t2","serviceName":"Two","version":1,"records":[{"type":"A","host":"t2","pointsTo":"192.0.2.9","ttl":600}]}`,
	`{"providerId":"sp.test","providerName":"Sorrel","serviceId":"t3","serviceName":"Three","version":1,"records":[{"type":"TXT","host":"t3","data":"three","ttl":600}]}`,
	`{"providerId":"sp.test","providerName":"Sorrel","serviceId":"lock","serviceName":"Lock","syncBlock":true,"multiInstance":true,"version":1,
	  "records":[{"type":"TXT","host":"lock","data":"%v%","ttl":600}]}`,
	`{"providerId":"sp.test","providerName":"Sorrel","serviceId":"mail","serviceName":"Mail","version":1,"records":[{"type":"SPFM","host":"","spfRules":"include:mail.test"}]}`,
	`{"providerId":"other.test","providerName":"Other","serviceId":"t1","serviceName":"Other One","version":1,"records":[{"type":"TXT","host":"o","data":"other","ttl":600}]}`,
}

// asyncWorld is a tenant with clients, seen from outside.
type asyncWorld struct {
	t        *testing.T
	provider *mockprovider.Provider
	tenant   *store.Tenant
	http     *http.Client
	base     string
}

const registered = "https://sp.test/cb?own=1"

// newAsyncWorld makes a tenant whose zones are a.NAME.test and b.NAME.test of
// alice, and o.NAME.test of bob.
func newAsyncWorld(t *testing.T, p *mockprovider.Provider, name string, stateful bool, faults ...string) *asyncWorld {
	t.Helper()
	c := store.TenantConfig{Name: name, Users: []store.User{{Name: "alice", Password: "wonder"}, {Name: "bob", Password: "builder"}}}
	c.Rules.Stateful = stateful
	for origin, owner := range map[string]string{"a." + name + ".test": "alice", "b." + name + ".test": "alice", "o." + name + ".test": "bob"} {
		z, err := zone.Parse(origin, strings.NewReader("@ 300 TXT \"v=spf1 a -all\"\nt1 300 TXT \"by hand\"\n"), origin)
		if err != nil {
			t.Fatal(err)
		}
		c.Zones = append(c.Zones, store.Hosted{Zone: z, Owner: owner})
	}
	for _, text := range asyncTemplates {
		parsed, err := dc.Parse("template", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c.Templates = append(c.Templates, parsed)
	}
	c.Clients = []oauth.Client{
		{ID: "sp.test", Secret: oauth.Hash("hush"), Redirects: []string{registered}},
		{ID: "second", Secret: oauth.Hash("hush"), Redirects: []string{registered}, Providers: []string{"sp.test"}},
		{ID: "short", Secret: oauth.Hash("hush"), Redirects: []string{registered}, Providers: []string{"sp.test"}, TokenLife: time.Nanosecond},
		{ID: "hasty", Secret: oauth.Hash("hush"), Redirects: []string{registered}, Providers: []string{"sp.test"}, CodeLife: time.Nanosecond},
	}
	if err := fault.Apply(&c, faults...); err != nil {
		t.Fatal(err)
	}
	tenant, err := p.NewTenant(c)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := *p.Client()
	client.Jar = jar
	client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host != strings.TrimPrefix(p.URL(), "https://") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &asyncWorld{t, p, tenant, &client, p.URL() + tenant.Prefix()}
}

// domain is the zone a.NAME.test, b.NAME.test or o.NAME.test.
func (w *asyncWorld) domain(which string) string { return which + "." + w.tenant.Name() + ".test" }

func (w *asyncWorld) do(method, address, body, contentType, token string) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := w.http.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, string(text)
}

// link is an authorization request; an override is name=value, escaped, or a
// name that is to be left out.
func (w *asyncWorld) link(overrides ...string) string {
	params := []string{"domain=" + w.domain("a"), "client_id=sp.test", "redirect_uri=" + url.QueryEscape(registered), "response_type=code", "scope=t1", "state=s1"}
	for _, o := range overrides {
		name, _, keep := strings.Cut(o, "=")
		params = slices.DeleteFunc(params, func(p string) bool { return strings.HasPrefix(p, name+"=") })
		if keep {
			params = append(params, o)
		}
	}
	return w.base + "/ux/async/v2/domainTemplates/providers/sp.test?" + strings.Join(params, "&")
}

var field = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// page opens a link, signing in as alice where that is asked for.
func (w *asyncWorld) page(link string) (*http.Response, string) {
	w.t.Helper()
	resp, body := w.do(http.MethodGet, link, "", "", "")
	if strings.Contains(body, `name="password"`) {
		resp, body = w.send(body, "/ux/sign-in", url.Values{"user": {"alice"}, "password": {"wonder"}, "action": {"sign-in"}})
	}
	return resp, body
}

// send sends the form of a page.
func (w *asyncWorld) send(page, to string, form url.Values) (*http.Response, string) {
	w.t.Helper()
	for _, m := range field.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	return w.do(http.MethodPost, w.base+to, form.Encode(), "application/x-www-form-urlencoded", "")
}

var codeValue = regexp.MustCompile(`code=[0-9a-f]{32}`)

// answer takes a link to its end: where the user is sent, with the code named
// CODE, or the status of the page.
func (w *asyncWorld) answer(action string, overrides ...string) (end, code string) {
	w.t.Helper()
	resp, body := w.page(w.link(overrides...))
	if resp.Header.Get("Location") == "" && strings.Contains(body, `value="confirm"`) {
		resp, _ = w.send(body, "/ux/consent", url.Values{"action": {action}})
	}
	to := resp.Header.Get("Location")
	if to == "" {
		return fmt.Sprint("page ", resp.StatusCode), ""
	}
	code = strings.TrimPrefix(codeValue.FindString(to), "code=")
	return codeValue.ReplaceAllString(to, "code=CODE"), code
}

// ask sends a token request; overrides are as for link. It returns the status
// with the error, and the reply.
func (w *asyncWorld) ask(code string, overrides ...string) (string, map[string]any) {
	w.t.Helper()
	params := map[string]string{"grant_type": "authorization_code", "code": code, "redirect_uri": registered, "client_id": "sp.test", "client_secret": "hush"}
	for _, o := range overrides {
		name, value, keep := strings.Cut(o, "=")
		if params[name] = value; !keep {
			delete(params, name)
		}
	}
	body, err := json.Marshal(params)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, text := w.do(http.MethodPost, w.base+"/api/v2/oauth/access_token", string(body), "application/json", "")
	return said(resp, text)
}

func said(resp *http.Response, text string) (string, map[string]any) {
	var reply map[string]any
	_ = json.Unmarshal([]byte(text), &reply) // What is no JSON has no members.
	status := fmt.Sprint(resp.StatusCode)
	if word, ok := reply["error"].(string); ok {
		status += " " + word
	}
	return status, reply
}

// token takes a link to an access token and a refresh token.
func (w *asyncWorld) token(overrides ...string) (access, refresh string) {
	w.t.Helper()
	_, code := w.answer("confirm", overrides...)
	client := "client_id=sp.test"
	for _, o := range overrides {
		if strings.HasPrefix(o, "client_id=") {
			client = o
		}
	}
	status, reply := w.ask(code, client)
	access, _ = reply["access_token"].(string)
	refresh, _ = reply["refresh_token"].(string)
	if access == "" {
		w.t.Fatalf("no token: %s %v", status, reply)
	}
	return access, refresh
}

// call calls the API and returns the status. path is service/verb, for the
// provider sp.test, and params are escaped; domain is a.NAME.test unless said
// otherwise.
func (w *asyncWorld) call(token, path, params string) string {
	w.t.Helper()
	status, _ := w.called(http.MethodPost, token, path, params, "")
	return status
}

func (w *asyncWorld) called(method, token, path, params, body string) (status, text string) {
	w.t.Helper()
	provider := "sp.test"
	if p, rest, ok := strings.Cut(path, ":"); ok {
		provider, path = p, rest
	}
	if !strings.Contains(params, "domain=") && !strings.Contains(body, `"domain"`) {
		params = "domain=" + w.domain("a") + "&" + params
	}
	resp, text := w.do(method, w.base+"/api/v2/domainTemplates/providers/"+provider+"/services/"+path+"?"+params, body, "application/json", token)
	return fmt.Sprint(resp.StatusCode), text
}

// records are those of a zone at a name and of a type, as data, in order.
func (w *asyncWorld) records(name, kind string) string {
	w.t.Helper()
	origin := w.domain("a")
	z, _, ok := w.tenant.Zone(origin)
	if !ok {
		w.t.Fatalf("no zone %s", origin)
	}
	var data []string
	for r := range z.At(strings.TrimPrefix(name+"."+origin+".", ".")) {
		if r.Type == kind {
			data = append(data, r.Data)
		}
	}
	return strings.Join(data, " ")
}

// put adds a record to the zone by hand.
func (w *asyncWorld) put(record string) {
	w.t.Helper()
	origin := w.domain("a")
	parsed, err := zone.Parse(origin, strings.NewReader(record+"\n"), origin)
	if err != nil {
		w.t.Fatal(err)
	}
	var add []zone.Record
	for r := range parsed.Records() {
		add = append(add, r)
	}
	if _, err := w.tenant.EditRecords(origin, nil, add, nil); err != nil {
		w.t.Fatal(err)
	}
}
