package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// The token end-point takes the same request in every shape.
func TestTokenRequestsInEveryPlace(t *testing.T) {
	w := newAsync(t)
	for name, ask := range map[string]func(code string) reply{
		"JSON": func(code string) reply { return w.call(http.MethodPost, tokenPath, "", redeeming(code)) },
		"form": func(code string) reply {
			return w.call(http.MethodPost, tokenPath, "", "grant_type=authorization_code&client_id=sp.test&client_secret=hush&code="+code+"&redirect_uri="+url.QueryEscape(back))
		},
		"query": func(code string) reply {
			return w.call(http.MethodPost, tokenPath+"?grant_type=authorization_code&client_id=sp.test&client_secret=hush&code="+code+"&redirect_uri="+url.QueryEscape(back), "", "")
		},
		"mixed": func(code string) reply {
			return w.call(http.MethodPost, tokenPath+"?grant_type=authorization_code&code="+code+"&redirect_uri="+url.QueryEscape(back), "", `{"client_id":"sp.test","client_secret":"hush","refresh_token":null}`)
		},
		"HTTP Basic": func(code string) reply {
			return w.call(http.MethodPost, tokenPath, "", "grant_type=authorization_code&code="+code+"&redirect_uri="+url.QueryEscape(back),
				func(r *http.Request) { r.SetBasicAuth("sp.test", "hush") })
		},
	} {
		if r := ask(w.code(w.link())); r.status != 200 || r.member("access_token") == "" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	// A secret in a URL is in no journal.
	events, _ := w.store.Journal().Since(0)
	whole := ""
	for _, e := range events {
		whole += e.Summary + "\n"
	}
	contains(t, whole, "client_secret=[secret]", "code=[secret]")
	if strings.Contains(whole, "hush") {
		t.Errorf("the secret is in the journal:\n%s", whole)
	}
}

// So it is when the request went to the wrong place. A template may have a
// variable that is called code.
func TestNoSecretInTheJournal(t *testing.T) {
	w := newAsync(t)
	const query = "?%63ode=hush1&client_secret=hush2&Refresh_Token=hush3&a=b&access_token=hush4&code_verifier=hush6&client_secret=hush5" +
		"&password=hush7&client_assertion=hush8&assertion=hush9&grant_type=password&client_id=sp.test&redirect_uri=https://sp.test/&hush10"
	const always = "&client_secret=[secret]&Refresh_Token=[secret]&a=b&access_token=[secret]&code_verifier=[secret]&client_secret=[secret]"
	const rest = "&grant_type=password&client_id=sp.test&redirect_uri=https://sp.test/&"
	const hidden = "?%63ode=[secret]" + always + "&password=[secret]&client_assertion=[secret]&assertion=[secret]" + rest + "hush10"
	const variables = "?%63ode=hush1" + always + "&password=hush7&client_assertion=hush8&assertion=hush9" + rest + "hush10"
	// Where tokens are asked for there is nothing else to see.
	tokens := strings.Replace(strings.TrimSuffix(hidden, "hush10"), "&a=b", "&a=[secret]", 1) + "[secret]"
	for path, want := range map[string]string{
		"/v2/oauth/access_token":        tokens,
		"/API/v2/OAuth/access_token":    tokens,
		"/api/v2/oauth/access_token/":   tokens,
		"/api/v2/oauth//access_token":   tokens,
		"/api/v2/oauth%2Faccess_token":  tokens,
		"/access_token/":                tokens,
		"/":                             hidden,
		"/v2%2FdomainTemplates/":        hidden,
		"/elsewhere/v2/domainTemplates": hidden,
		"/ux/v2/domainTemplates/providers/sp.test/services/none/apply":  variables,
		"/ux/v2/domainTemplates/providers/oauth.test/services/x/apply":  variables,
		"/api/v2/domainTemplates/providers/sp.test/services/site/apply": variables,
	} {
		w.browser().get(path + query)
		events, _ := w.store.Journal().Since(0)
		if got := events[len(events)-1].Summary; !strings.HasPrefix(got, "GET "+path+want+" -> ") {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestTokenRequestsThatCannotBeRead(t *testing.T) {
	w := newAsync(t)
	edit := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	basic := func(r *http.Request) { r.SetBasicAuth("sp.test", "hush") }
	for _, tc := range []struct {
		name, query, body string
		edit              func(*http.Request)
		status            int
		want              string
	}{
		{"no JSON", "", `{"code":`, nil, 400, `invalid_request: the body is no JSON object`},
		{"an array", "", `[]`, edit("Content-Type", "application/json"), 400, `invalid_request: the body is no JSON object`},
		{"null", "", `null`, edit("Content-Type", "application/json"), 400, `invalid_request: the body is no JSON object`},
		{"twice in the body", "", `{"code":"a","code":"b"}`, nil, 400, `invalid_request: the member code of the body stands there twice; send it once`},
		{"in query and body", "?code=a", `{"code":"a"}`, nil, 400, `invalid_request: the parameter code stands in the link 2 times; send it once`},
		{"an object", "", `{"code":{}}`, nil, 400, `invalid_request: the member code of the body is an object or an array; send it as text`},
		{"another type", "", `code=a`, edit("Content-Type", "text/plain"), 415, `invalid_request: the body is application/json or application/x-www-form-urlencoded, and its Content-Type says so`},
		{"no type", "", `code=a`, edit("Content-Type", ""), 415, `invalid_request: the body is application/json or application/x-www-form-urlencoded, and its Content-Type says so`},
		{"large", "", `{"x":"` + strings.Repeat("a", 64<<10) + `"}`, nil, 413, `invalid_request: the body has more than 65536 octets`},
		{"broken form", "", `code=%zz`, nil, 400, `invalid_request: code: the value "%zz" has a malformed percent-escape "%zz"; write a per cent sign as %25`},
		{"two secrets", "", `{"client_secret":"hush"}`, basic, 400, `invalid_request: the secret stands in the Authorization field and among the parameters; send it once`},
		{"two clients", "", `{"client_id":"app"}`, basic, 400, `invalid_request: client_id is another one than in the Authorization field`},
		{"nothing", "", ``, nil, 401, `invalid_client: no client with this client_id is registered`},
	} {
		edits := []func(*http.Request){}
		if tc.edit != nil {
			edits = append(edits, tc.edit)
		}
		r := w.call(http.MethodPost, tokenPath+tc.query, "", tc.body, edits...)
		if got := r.member("error") + ": " + r.member("error_description"); r.status != tc.status || got != tc.want {
			t.Errorf("%s: %d\ngot  %s\nwant %s", tc.name, r.status, got, tc.want)
		}
	}
	if r := w.call(http.MethodGet, tokenPath, "", ""); r.status != 405 || r.header.Get("Allow") != "POST" {
		t.Errorf("GET: %d %v", r.status, r.header)
	}
}

// Each call differs in one point from one that is good, which comes last, and
// none of them writes.
func TestApplyRefuses(t *testing.T) {
	w := newAsync(t, withZone("more.test", "alice", ""), func(c *store.TenantConfig) {
		c.Clients = append(c.Clients, oauth.Client{ID: "short", Redirects: []string{back}, Providers: []string{"sp.test"}, TokenLife: time.Second})
	})
	token := w.token(w.link("host=s1"))
	const good = "domain=example.com&host=s1&ip=192.0.2.1&v=x"
	const unauthorized = `Bearer realm="Domain Connect", error="insufficient_scope", error_description=`
	before := w.zoneAt("example.com") + w.zoneAt("other.test") + w.zoneAt("more.test")
	for _, tc := range []struct {
		name, token, path, query, body string
		status                         int
		message                        string
	}{
		{"no token", "", applySite, good, "", 401, "the access token is missing; send it as Authorization: Bearer, in the header"},
		{"token in the query", "", applySite, good + "&access_token=" + token, "", 401, "the access token is missing; send it as Authorization: Bearer, in the header"},
		{"garbage", "garbage", applySite, good, "", 401, "no such access token was given here"},
		{"other template", token, strings.Replace(applySite, "site", "dyn", 1), good, "", 401, "the access token is not for this template"},
		{"other provider", token, strings.Replace(applySite, "sp.test", "other.test", 1), good, "", 401, "the access token is not for this template"},
		{"other zone of the user", token, applySite, strings.Replace(good, "example.com", "more.test", 1), "", 401, "the access token is not for this domain"},
		{"zone of another user", token, applySite, strings.Replace(good, "example.com", "other.test", 1), "", 401, "the access token is not for this domain"},
		{"zone above", token, applySite, strings.Replace(good, "example.com", "com", 1), "", 401, "the access token is not for this domain"},
		{"other host", token, applySite, strings.Replace(good, "s1", "s2", 1), "", 401, "the access token is not for this host"},
		{"host below", token, applySite, strings.Replace(good, "s1", "a.s1", 1), "", 401, "the access token is not for this host"},
		{"the apex", token, applySite, strings.Replace(good, "host=s1&", "", 1), "", 401, "the access token is not for this host"},
		{"an empty host", token, applySite, strings.Replace(good, "host=s1", "host=", 1), "", 401, "the access token is not for this host"},
		{"domain missing", token, applySite, strings.Replace(good, "domain=example.com&", "", 1), "", 400, "domain is missing; it is the zone that was authorized"},
		{"variable missing", token, applySite, strings.Replace(good, "&v=x", "", 1), "", 400, "record 2, data: the variable %v% has no value; give it in the request"},
		{"variable wrong", token, applySite, strings.Replace(good, "192.0.2.1", "1", 1), "", 400, `record 1, pointsTo: "1" is not an IPv4 address such as 192.0.2.1`},
		{"force", token, applySite, good + "&force=true", "", 400, "force is 0 or 1"},
		{"force empty", token, applySite, good + "&force=", "", 400, "force is 0 or 1"},
		{"force 2", token, applySite, good + "&force=2", "", 400, "force is 0 or 1"},
		{"group", token, applySite, good + "&groupId=none", "", 400, "groupId: no record is in group none; the template has verification (compared with case)"},
		{"group empty", token, applySite, good + "&groupId=", "", 400, "groupId: the value is empty; leave the parameter out to apply every group"},
		{"instance", token, applySite, good + "&instanceId=a,b", "", 400, "instanceId is one id: letters, digits, hyphens, underscores and dots, at most 63"},
		{"twice", token, applySite, good + "&v=y", "", 400, "the parameter v stands in the link 2 times; send it once"},
		{"in query and body", token, applySite, good, `{"v":"y"}`, 400, "the parameter v stands in the link 2 times; send it once"},
		{"nested", token, applySite, strings.Replace(good, "&v=x", "", 1), `{"v":["x"]}`, 400, "the member v of the body is an object or an array; send it as text"},
		{"a form", token, applySite, "", good, 415, "the body is application/json, and its Content-Type says so"},
		{"broken JSON", token, applySite, good, `{"v"`, 400, "the body is no JSON object"},
	} {
		r := w.call(http.MethodPost, tc.path+"?"+tc.query, tc.token, tc.body)
		if r.status != tc.status || r.member("message") != tc.message || r.member("code") != strconv.Itoa(tc.status) {
			t.Errorf("%s: %d %s\nwant %d %s", tc.name, r.status, r.body, tc.status, tc.message)
		}
		if at := r.header.Get("WWW-Authenticate"); (r.status == 401) != (at != "") || strings.Contains(tc.message, "is not for") && at != unauthorized+`"`+tc.message+`"` {
			t.Errorf("%s: WWW-Authenticate %q", tc.name, at)
		}
	}
	if after := w.zoneAt("example.com") + w.zoneAt("other.test") + w.zoneAt("more.test"); after != before {
		t.Errorf("something was written:\n%s", after)
	}
	if r := w.call(http.MethodPost, applySite+"?"+good+"&foo=bar", token, `{"bar":{"x":1},"force":0}`); r.status != 200 {
		t.Errorf("the good one: %d %s", r.status, r.body)
	}
	w.advance(time.Hour)
	if r := w.call(http.MethodPost, applySite+"?"+good, token, ""); r.status != 401 || r.member("message") != "the access token has expired; refresh it" {
		t.Errorf("expired: %d %s", r.status, r.body)
	}
}

// That the user has the zone is looked at again with every call, whatever the
// grant says.
func TestTheZoneIsTheUsers(t *testing.T) {
	w := newAsync(t, func(c *store.TenantConfig) {
		c.Hooks.Granting = append(c.Hooks.Granting, func(raw string, s *oauth.Scope) {
			if strings.Contains(raw, "v=bend") {
				s.Domain = "other.test."
			}
		})
	})
	before := w.zoneAt("other.test")
	r := w.call(http.MethodPost, applySite+"?domain=other.test&ip=192.0.2.1&v=x&force=1", w.token(w.link("v=bend")), "")
	if r.status != 401 || r.member("message") != "the domain does not belong to the user who has granted the access" || w.zoneAt("other.test") != before {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// A token is worth nothing at another tenant, nor when the zone has another
// owner.
func TestATokenIsOfOneWorld(t *testing.T) {
	w := newAsync(t)
	token := w.token(w.link())
	config := w.tenant.Config()
	config.Name, config.Zones = "twin", []store.Hosted{{Zone: parseZone("example.org", ""), Owner: "alice"}}
	twin, err := w.store.NewTenant(config)
	if err != nil {
		t.Fatal(err)
	}
	first := w.tenant
	w.tenant = twin
	if r := w.call(http.MethodPost, applySite+"?domain=example.com&ip=192.0.2.1&v=x", token, ""); r.status != 401 || r.member("message") != "no such access token was given here" {
		t.Errorf("another tenant: %d %s", r.status, r.body)
	}
	w.tenant = first
	w.store.Remove(first)
	config.Name, config.Zones = "", []store.Hosted{{Zone: parseZone("example.com", ""), Owner: "bob"}}
	if w.tenant, err = w.store.NewTenant(config); err != nil {
		t.Fatal(err)
	}
	if r := w.call(http.MethodPost, applySite+"?domain=example.com&ip=192.0.2.1&v=x", token, ""); r.status != 401 {
		t.Errorf("the tenant was made anew: %d %s", r.status, r.body)
	}
}

// Conflicts are those of the zone as it is when the call comes.
func TestConflictsOfACall(t *testing.T) {
	w := newAsync(t)
	token := w.token(w.link("ip=192.0.2.1"))
	call := func(more string) reply {
		return w.call(http.MethodPost, applySite+"?domain=example.com&ip=192.0.2.1&v=x"+more, token, "")
	}
	const body = `{"code":"409","message":"Conflicting records","records":[{"type":"A","host":"www","data":"192.0.2.80"},{"type":"A","host":"www","data":"192.0.2.81"}]}`
	_, err := w.tenant.Update("example.com", func(z *zone.Zone) (*zone.Zone, error) {
		return zone.Change{Add: []zone.Record{{Owner: "www.example.com.", Type: "A", TTL: 3600, Data: "192.0.2.81"}}}.Apply(z)
	})
	if err != nil {
		t.Fatal(err)
	}
	before := w.zoneAt("example.com")
	for _, force := range []string{"", "&force=0"} {
		if r := call(force); r.status != 409 || r.body != body || r.header.Get("Content-Type") != "application/json" {
			t.Errorf("%q: %d %s", force, r.status, r.body)
		}
	}
	if w.zoneAt("example.com") != before {
		t.Error("a refused call has written")
	}
	if r := call("&force=1"); r.status != 200 {
		t.Errorf("forced: %d %s", r.status, r.body)
	}
	if got := w.added(); got != `example.com. 600 IN TXT "x"; www.example.com. 600 IN A 192.0.2.1` {
		t.Errorf("%s", got)
	}
	// What is there already is no conflict, and what DNS cannot hold is one that
	// nobody can force.
	if r := call(""); r.status != 200 {
		t.Errorf("again: %d %s", r.status, r.body)
	}
	w = newAsync(t, withTemplates(`{"providerId":"sp.test","providerName":"S","serviceId":"site","serviceName":"W","version":1,"records":[{"type":"CNAME","host":"@","pointsTo":"sp.test","ttl":600}]}`))
	if r := w.call(http.MethodPost, applySite+"?domain=example.com&force=1", w.token(w.link()), ""); r.status != 400 {
		t.Errorf("a CNAME at the apex: %d %s", r.status, r.body)
	}
}

// Of applies at once each is done whole, and none is lost.
func TestCallsAtOnce(t *testing.T) {
	w := newAsync(t)
	var hosts []string
	for i := range 12 {
		hosts = append(hosts, "h"+string(rune('a'+i)))
	}
	token := w.token(w.link("scope=dyn", "host="+strings.Join(hosts, ",")))
	replies := make(chan int, len(hosts))
	for _, host := range hosts {
		go func() {
			replies <- w.call(http.MethodPost, strings.Replace(applySite, "site", "dyn", 1)+"?domain=example.com&v=x&host="+host, token, "").status
		}()
	}
	for range hosts {
		if status := <-replies; status != 200 {
			t.Errorf("status %d", status)
		}
	}
	if n := strings.Count(w.zoneAt("example.com"), "dyn.h"); n != len(hosts) {
		t.Errorf("%d records, want %d", n, len(hosts))
	}
}

// In the older edition force may be written as one section of it has it.
func TestForceOfTheOlderEdition(t *testing.T) {
	w := newAsync(t, withEdition(dc.DCSpec23))
	token := w.token(w.link())
	for force, want := range map[string]int{"true": 204, "false": 204, "yes": 400} {
		if r := w.call(http.MethodPost, applySite+"?domain=example.com&ip=192.0.2.80&v=x&force="+force, token, ""); r.status != want {
			t.Errorf("%s: %d %s", force, r.status, r.body)
		}
	}
}
