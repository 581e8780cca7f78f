package web_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/web"
)

func TestSettings(t *testing.T) {
	w := newWorld(t, withZone("xn--bcher-kva.example", "alice", zoneText))
	b := w.browser()
	want := map[string]any{
		"providerId": "provider.test", "providerName": "Provider", "providerDisplayName": "Provider of Names",
		"urlSyncUX": w.server.URL + "/ux", "urlAPI": w.server.URL + "/api",
		"nameServers": []any{"ns1.provider.test", "ns2.provider.test"},
	}
	for _, path := range []string{
		"/v2/example.com/settings", "//v2/example.com/settings", "/v2/EXAMPLE.Com/settings", "/v2/example.com./settings",
		"/v2/xn--bcher-kva.example/settings", "/v2/b%C3%BCcher.example/settings", "/v2/B%C3%9Ccher.example/settings",
	} {
		p := b.get(path)
		if p.status != http.StatusOK || p.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", path, p.status, p.header.Get("Content-Type"))
			continue
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(p.body), &got); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
		if p.header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
	for _, path := range []string{
		"/v2/www.example.com/settings", "/v2/nowhere.test/settings", "/v2/com/settings", "/v2//settings", "/v2/./settings",
		"/v2/a..b/settings", "/v2/%00/settings", "/v2/%FF/settings", "/v2/example.com%2Fx/settings", "/v2/" + strings.Repeat("a", 300) + "/settings",
	} {
		if p := b.get(path); p.status != http.StatusNotFound || p.body != "" {
			t.Errorf("%s: %d %q, want 404 without a body", path, p.status, p.body)
		}
	}
	if p := b.get("/v2/example.com/settings/x"); p.status != http.StatusNotFound {
		t.Errorf("a longer path: status %d", p.status)
	}
	p := b.post("/v2/example.com/settings", nil)
	if p.status != http.StatusMethodNotAllowed || p.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", p.status, p.header.Get("Allow"))
	}
}

func TestSettingsDefaults(t *testing.T) {
	w := newWorld(t, func(c *store.TenantConfig) {
		c.Name, c.ProviderID, c.ProviderName, c.ProviderDisplayName = "x", "", "", ""
	})
	p := w.browser().get("/t/x/v2/example.com/settings")
	want := `{"providerId":"dcconform.example","providerName":"dcconform mock provider","urlSyncUX":"` + w.server.URL +
		`/t/x/ux","urlAPI":"` + w.server.URL + `/t/x/api","nameServers":["ns1.provider.test","ns2.provider.test"]}`
	if p.body != want {
		t.Errorf("settings are\n%s\nwant\n%s", p.body, want)
	}
}

const query = "/api/v2/domainTemplates/providers/"

func TestTemplateQuery(t *testing.T) {
	const whole = "application/domainconnect-template+json"
	for _, c := range []struct {
		name         string
		mode         store.QueryMode
		accept       string
		contentType  string
		body, length string
	}{
		{"empty", store.QueryEmpty, "", "", "", "0"},
		{"empty for */*", store.QueryEmpty, "*/*", "", "", "0"},
		{"empty for JSON", store.QueryEmpty, "application/json", "", "", "0"},
		{"version", store.QueryVersion, "", "application/json", `{"version":7}`, ""},
		{"template", store.QueryTemplate, "", whole, openTemplate, ""},
		{"by Accept", store.QueryEmpty, whole, whole, openTemplate, ""},
		{"by Accept in a list", store.QueryVersion, "text/html, " + whole + ";q=0.8, */*;q=0.1", whole, openTemplate, ""},
		{"by Accept in capitals", store.QueryEmpty, strings.ToUpper(whole), whole, openTemplate, ""},
		{"not with weight 0", store.QueryEmpty, whole + ";q=0.0", "", "", "0"},
		{"not with broken Accept", store.QueryEmpty, ";;;" + whole, "", "", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(tc *store.TenantConfig) { tc.Query = c.mode })
			b := w.browser()
			r := b.request(http.MethodGet, query+"sp.test/services/site", nil)
			if c.accept != "" {
				r.Header.Set("Accept", c.accept)
			}
			p := b.do(r)
			if p.status != http.StatusOK || p.header.Get("Content-Type") != c.contentType || p.body != c.body {
				t.Errorf("got %d %q %q", p.status, p.header.Get("Content-Type"), p.body)
			}
			if c.length != "" && p.header.Get("Content-Length") != c.length {
				t.Errorf("Content-Length is %q, want %q", p.header.Get("Content-Length"), c.length)
			}
		})
	}
}

func TestTemplateQueryNotFound(t *testing.T) {
	const crit = `{"providerId": "sp.test", "providerName": "P", "serviceId": "crit", "serviceName": "S", "vnd.example.x": 1, "crit": ["vnd.example.x"],
		"records": [{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600}]}`
	const critRecord = `{"providerId": "sp.test", "providerName": "P", "serviceId": "critrecord", "serviceName": "S",
		"records": [{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600}, {"type": "A", "host": "w2", "pointsTo": "192.0.2.1", "ttl": 600, "vnd.example.x": 1, "crit": ["vnd.example.x"]}]}`
	const critAbsent = `{"providerId": "sp.test", "providerName": "P", "serviceId": "critabsent", "serviceName": "S", "crit": ["vnd.example.absent", "records"],
		"records": [{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600, "crit": ["ttl"]}]}`
	const spec = `{"providerId": "sp.test", "providerName": "P", "serviceId": "spec", "serviceName": "S", "templateSpecVersion": 999,
		"records": [{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600}]}`
	const redirect = `{"providerId": "sp.test", "providerName": "P", "serviceId": "redir", "serviceName": "S",
		"records": [{"type": "REDIR301", "host": "@", "target": "https://sp.test/"}]}`
	templates := withTemplates(openTemplate, crit, critRecord, critAbsent, spec, redirect)
	for _, c := range []struct {
		name   string
		option option
		path   string
		status int
	}{
		{"known", nil, "sp.test/services/site", 200},
		{"unknown provider", nil, "nope.test/services/site", 404},
		{"unknown service", nil, "sp.test/services/nope", 404},
		{"case of the service", nil, "sp.test/services/Site", 404},
		{"case of the provider", nil, "SP.test/services/site", 404},
		{"escaped letter", nil, "sp.test/services/%73ite", 200},
		{"climbing", nil, "..%2F../services/site", 404},
		{"slash", nil, "sp.test/services/site%2Fx", 404},
		{"too long", nil, "sp.test/services/" + strings.Repeat("a", 64), 404},
		{"empty provider", nil, "/services/site", 404},
		{"empty service", nil, "sp.test/services/", 404},
		{"zero octet", nil, "sp.test/services/site%00", 404},
		{"quotes", nil, "sp.test/services/%22%27", 404},
		{"critical member", nil, "sp.test/services/crit", 404},
		{"critical member in 2.3", withEdition(dc.DCSpec23), "sp.test/services/crit", 200},
		{"critical field", nil, "sp.test/services/critrecord", 404},
		{"critical field in 2.3", withEdition(dc.DCSpec23), "sp.test/services/critrecord", 200},
		{"critical but absent", nil, "sp.test/services/critabsent", 200},
		{"other specification", nil, "sp.test/services/spec", 404},
		{"other specification in 2.3", withEdition(dc.DCSpec23), "sp.test/services/spec", 200},
		{"extension type", nil, "sp.test/services/redir", 200},
		{"extension type switched off", func(c *store.TenantConfig) { c.Rules.NoExtensionTypes = true }, "sp.test/services/redir", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			options := []option{templates}
			if c.option != nil {
				options = append(options, c.option)
			}
			b := newWorld(t, options...).browser()
			p := b.get(query + c.path)
			if p.status != c.status {
				t.Fatalf("status %d, want %d", p.status, c.status)
			}
			if p.status == http.StatusNotFound && p.header.Get("Content-Type") != "application/json" {
				t.Errorf("Content-Type is %q, want JSON", p.header.Get("Content-Type"))
			}
			// The query agrees with the apply (DC-QRY-AGREES-WITH-APPLY).
			apply := b.get("/ux/v2/domainTemplates/providers/" + c.path + "/apply?domain=example.com&ip=192.0.2.1&v=x")
			if reached := apply.path == "/ux/sign-in"; reached != (c.status == http.StatusOK) {
				t.Errorf("query says %d, apply ends with %d at %s", c.status, apply.status, apply.path)
			}
		})
	}
}

func TestUnknownAddresses(t *testing.T) {
	b := newWorld(t).browser()
	for _, path := range []string{"/", "/api", "/api/v2/domainTemplates", "/v1/example.com/settings", "/t//v2/example.com/settings", "/ux/nothing", "/ux", "/favicon.ico"} {
		want := http.StatusNotFound
		if path == "/ux" {
			want = http.StatusOK // the sign-in page
		}
		if p := b.get(path); p.status != want {
			t.Errorf("%s: status %d, want %d", path, p.status, want)
		}
	}
	if p := b.get("/ux/nothing"); p.heading() != "There is no such page" {
		t.Errorf("heading %q", p.heading())
	}
	if p := b.get("/ux/icon.svg"); p.status != http.StatusOK || p.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("icon: %d %s", p.status, p.header.Get("Content-Type"))
	}
}

func TestNew(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"", `web: Config.BaseURL "" is not an https origin; write it as https://host:port, without a path`},
		{"http://a.test", `web: Config.BaseURL "http://a.test" is not an https origin; write it as https://host:port, without a path`},
		{"https://a.test/", `web: Config.BaseURL "https://a.test/" is not an https origin; write it as https://host:port, without a path`},
		{"https://a.test/dc", `web: Config.BaseURL "https://a.test/dc" is not an https origin; write it as https://host:port, without a path`},
		{"https://u@a.test", `web: Config.BaseURL "https://u@a.test" is not an https origin; write it as https://host:port, without a path`},
	} {
		if _, err := web.New(web.Config{Store: store.New(nil), BaseURL: c.url}); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.url, err, c.want)
		}
	}
	_, err := web.New(web.Config{BaseURL: "https://a.test"})
	if want := "web: Config.Store is nil; give the store whose tenants are to be served"; err == nil || err.Error() != want {
		t.Errorf("without store: %v, want %s", err, want)
	}
}

// randomness that runs dry must end in an error, never in a session that can
// be guessed.
func TestNoRandomness(t *testing.T) {
	w := newWorld(t)
	handler, err := web.New(web.Config{Store: w.store, BaseURL: w.server.URL, Rand: io.LimitReader(strings.NewReader("x"), 1), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = handler
	p := w.browser().get("/ux/sign-in")
	if p.status != http.StatusInternalServerError || p.header.Get("Set-Cookie") != "" {
		t.Errorf("status %d, cookie %q", p.status, p.header.Get("Set-Cookie"))
	}
}

func TestJournal(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get("/v2/example.com/settings")
	b.answer(b.open(w.apply("mail", signed("domain=example.com&v=x"))), "confirm")
	b.get(w.apply("mail", "domain=example.com&v=x"))
	b.get(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x&sig=AAAA&key=k"))
	var lines []string
	for _, e := range w.store.Journal().Events() {
		lines = append(lines, e.Kind+": "+e.Summary)
		if strings.Contains(e.Summary, "wonder") {
			t.Errorf("a password stands in the journal: %s", e.Summary)
		}
	}
	contains(t, strings.Join(lines, "\n"),
		"http: GET /v2/example.com/settings -> 200",
		"signature: sp.test.mail: verified with the key at _k1.keys.sp.test.",
		"apply: sp.test.mail at example.com. by alice: 1 added, 0 removed, 0 with another TTL",
		"http: POST /ux/consent -> 200",
		"signature: sp.test.mail: refused: the template demands a signature and the link has no sig or no key; sign the query and append both",
		"signature: sp.test.site: ignored, since the template has no syncPubKeyDomain; the request counts as unsigned",
	)
}
