package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// guard is one defence of the pages: an attack, and the fault that takes the
// defence out. The attack has to fail with the guard and to succeed without
// it, or else it would prove nothing.
type guard struct {
	name   string
	fault  store.Faults
	attack func(w *world) (breach string)
	// options set the scene.
	options []option
}

const listed = "&redirect_uri=https%3A%2F%2Fsp.test%2Fcb"

// site is an ordinary request for alice's zone.
const site = "domain=example.com&ip=192.0.2.7&v=x"

func guards() []guard {
	var all []guard
	all = append(all, redirectGuards()...)
	all = append(all, markupGuards()...)
	all = append(all, forgeryGuards()...)
	all = append(all,
		guard{name: "framing", fault: store.Faults{AllowFraming: true}, attack: frameable},
		guard{name: "session fixation", fault: store.Faults{KeepSessionID: true}, attack: fixSession},
		guard{name: "zone of another user", fault: store.Faults{AnyZone: true}, attack: takeZone},
		guard{name: "line break in state", fault: store.Faults{SplitHeader: true}, attack: splitHeader},
		guard{name: "ampersand in state", fault: store.Faults{RawState: true}, attack: smuggleParameter},
	)
	return all
}

func TestGuards(t *testing.T) {
	for _, g := range guards() {
		t.Run(g.name, func(t *testing.T) {
			if breach := g.attack(newWorld(t, g.options...)); breach != "" {
				t.Errorf("the guard let it through: %s", breach)
			}
			if breach := g.attack(newWorld(t, append(g.options, withFaults(g.fault))...)); breach == "" {
				t.Error("with the guard taken out the attack sees no breach, so it proves nothing")
			}
		})
	}
}

// redirectGuards attack the open redirect by every way out.
func redirectGuards() []guard {
	const evil = "https://evil.test/"
	var all []guard
	add := func(name string, options []option, attack func(*world) page) {
		all = append(all, guard{name: "open redirect, " + name, options: options, fault: store.Faults{OpenRedirect: true}, attack: func(w *world) string {
			return attack(w).away
		}})
	}
	for _, way := range ways {
		add(way.name, nil, func(w *world) page {
			query := site + "&redirect_uri=" + escape(evil)
			if way.edit != nil {
				query = way.edit(query)
			}
			return way.end(w.browser(), w.apply("site", query))
		})
	}
	add("no list", []option{withTemplates(siteWithList(""))}, func(w *world) page {
		b := w.browser()
		return b.answer(b.open(w.apply("site", site+"&redirect_uri="+escape(evil))), "confirm")
	})
	add("bad signature", nil, func(w *world) page {
		return w.browser().get(w.apply("mail", signed("domain=example.com&v=x&redirect_uri="+escape(evil))+"&utm=1"))
	})
	add("unknown template", nil, func(w *world) page {
		return w.browser().get(w.apply("nothing", site+"&redirect_uri="+escape(evil)))
	})
	add("blocked template", []option{withTemplates(strings.Replace(openTemplate, `"records"`, `"syncBlock": true, "records"`, 1))}, func(w *world) page {
		return w.browser().get(w.apply("site", site+"&redirect_uri="+escape(evil)))
	})
	add("user part", nil, func(w *world) page {
		return w.browser().get(w.apply("site", site+"&redirect_uri="+escape("https://sp.test@evil.test/")))
	})
	add("backslash", nil, func(w *world) page {
		return w.browser().get(w.apply("site", site+"&redirect_uri="+escape(`https://evil.test\@sp.test/`)))
	})
	add("signed script", nil, func(w *world) page {
		return w.browser().get(w.apply("mail", signed("domain=example.com&v=x&redirect_uri=javascript%3Aalert(1)")))
	})
	return all
}

// probe is markup that shows in the tree of a page when it was not escaped.
const probe = `<xss-probe onclick="x()">`

// markupGuards put markup wherever text comes from outside.
func markupGuards() []guard {
	quoted := strings.ReplaceAll(probe, `"`, `\"`)
	named := strings.NewReplacer("Sorrel Pages", quoted).Replace(openTemplate)
	serviced := strings.NewReplacer("Web Site", quoted).Replace(openTemplate)
	shared := strings.Replace(openTemplate, `"records"`, `"sharedProviderName": true, "sharedServiceName": true, "records"`, 1)
	consent := func(extra string) func(*world) page {
		return func(w *world) page { return w.browser().open(w.apply("site", site+extra)) }
	}
	value := strings.Replace(site, "v=x", "v="+escape(`<xss-probe>`), 1)
	places := []struct {
		name    string
		options []option
		look    func(*world) page
	}{
		{"providerName of the template", []option{withTemplates(named)}, consent("")},
		{"serviceName of the template", []option{withTemplates(serviced)}, consent("")},
		{"serviceName on the sign-in page", []option{withTemplates(serviced)}, func(w *world) page { return w.browser().get(w.apply("site", site)) }},
		{"providerName on the sign-in page", []option{withTemplates(named)}, func(w *world) page { return w.browser().get(w.apply("site", site)) }},
		{"names on the last page", []option{withTemplates(serviced)}, func(w *world) page {
			b := w.browser()
			return b.answer(b.open(w.apply("site", site)), "confirm")
		}},
		{"providerName of the caller", []option{withTemplates(shared)}, consent("&providerName=" + escape(probe))},
		{"serviceName of the caller", []option{withTemplates(shared)}, consent("&serviceName=" + escape(probe))},
		{"variable", nil, func(w *world) page { return w.browser().open(w.apply("site", value)) }},
		{"record to be removed", []option{withTemplates(strings.Replace(openTemplate, `"data"`, `"txtConflictMatchingMode": "All", "data"`, 1)), func(c *store.TenantConfig) {
			c.Zones[0].Zone = parseZone("example.com", zoneText+`@ 60 IN TXT "<xss-probe>"`+"\n")
		}}, consent("")},
		{"record in place", nil, func(w *world) page {
			b := w.browser()
			b.answer(b.open(w.apply("site", value)), "confirm")
			return b.open(w.apply("site", value))
		}},
		{"host in an error", nil, func(w *world) page {
			return w.browser().get(w.apply("site", site+"&host="+escape("<xss-probe>..")))
		}},
		{"domain in an error", nil, func(w *world) page {
			return w.browser().get(w.apply("site", "domain="+escape("<xss-probe>")+"&ip=192.0.2.7&v=x"))
		}},
		{"group in an error", nil, func(w *world) page {
			return w.browser().get(w.apply("site", site+"&groupId="+escape("<xss-probe>")))
		}},
		{"critical parameter in an error", nil, func(w *world) page {
			return w.browser().get(w.apply("site", site+"&"+escape("<xss-probe>")+"=1&crit="+escape("<xss-probe>")))
		}},
		{"signed text in an error", nil, func(w *world) page {
			return w.browser().get(w.apply("mail", signed("domain=example.com&v=<xss-probe>")+"&utm=1"))
		}},
		{"name of the provider", []option{func(c *store.TenantConfig) { c.ProviderDisplayName = probe }}, consent("")},
		{"name of the user", []option{func(c *store.TenantConfig) {
			c.Users = append(c.Users, store.User{Name: probe, Password: "p"})
		}}, func(w *world) page {
			b := w.browser()
			return b.signIn(b.get(w.apply("site", site)), probe, "p")
		}},
	}
	var all []guard
	for _, p := range places {
		all = append(all, guard{name: "markup, " + p.name, options: p.options, fault: store.Faults{NoEscape: true}, attack: func(w *world) string {
			return markup(w, p.look(w))
		}})
	}
	return all
}

// markup finds the probe as an element of the page.
func markup(w *world, p page) string {
	w.t.Helper()
	if !strings.Contains(p.body, "xss-probe") {
		w.t.Errorf("the page at %s (%d) does not show the probe at all:\n%s", p.path, p.status, p.body)
	}
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		w.t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data == "xss-probe" && n.Type == html.ElementNode {
			return "there is an element <xss-probe>"
		}
	}
	return ""
}

// forgeryGuards send the consent form from elsewhere, or without what only
// our page knows.
func forgeryGuards() []guard {
	crossSite := func(r *http.Request) {
		r.Header.Set("Origin", "https://evil.test")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	oldBrowser := func(r *http.Request) {
		r.Header.Set("Origin", "https://evil.test")
		r.Header.Del("Sec-Fetch-Site")
	}
	sandbox := func(r *http.Request) {
		r.Header.Set("Origin", "null")
		r.Header.Del("Sec-Fetch-Site")
	}
	subDomain := func(r *http.Request) {
		r.Header.Set("Origin", "https://other.provider.test")
		r.Header.Set("Sec-Fetch-Site", "same-site")
	}
	none := func(*http.Request) {}
	var all []guard
	for _, c := range []struct {
		name string
		edit func(*http.Request)
		form func(*world, url.Values)
	}{
		{"from another site", crossSite, func(_ *world, f url.Values) { f.Del("csrf") }},
		{"from another site with the token", crossSite, func(*world, url.Values) {}},
		{"from another site in an old browser", oldBrowser, func(*world, url.Values) {}},
		{"from a sandbox", sandbox, func(*world, url.Values) {}},
		{"from a neighbour", subDomain, func(*world, url.Values) {}},
		{"without token", none, func(_ *world, f url.Values) { f.Del("csrf") }},
		{"with an empty token", none, func(_ *world, f url.Values) { f.Set("csrf", "") }},
		{"with the token of another session", none, func(w *world, f url.Values) {
			f.Set("csrf", w.browser().get("/ux/sign-in").form("/ux/sign-in").Get("csrf"))
		}},
	} {
		all = append(all, guard{name: "forged consent " + c.name, fault: store.Faults{NoCSRF: true}, attack: func(w *world) string {
			b := w.browser()
			form := b.open(w.apply("site", site)).form("/ux/consent")
			form.Set("action", "confirm")
			c.form(w, form)
			b.post("/ux/consent", form, c.edit)
			return changed(w)
		}}, guard{name: "forged sign-in " + c.name, fault: store.Faults{NoCSRF: true}, attack: func(w *world) string {
			b := w.browser()
			form := b.get(w.apply("site", site)).form("/ux/sign-in")
			form.Set("user", "bob")
			form.Set("password", "builder")
			c.form(w, form)
			b.post("/ux/sign-in", form, c.edit)
			if p := b.get("/ux/"); strings.Contains(p.text(), "Signed in as bob") {
				return "the browser is signed in as bob"
			}
			return ""
		}}, guard{name: "forged sign-out " + c.name, fault: store.Faults{NoCSRF: true}, attack: func(w *world) string {
			b := w.browser()
			b.open(w.apply("site", site))
			form := b.get("/ux/").form("/ux/sign-out")
			c.form(w, form)
			b.post("/ux/sign-out", form, c.edit)
			if b.get("/ux/").path == "/ux/sign-in" {
				return "the browser is signed out"
			}
			return ""
		}})
	}
	return all
}

// changed says whether alice's zone got the address of an attack.
func changed(w *world) string {
	if strings.Contains(w.zoneAt("example.com"), "192.0.2.7") {
		return "the zone was changed"
	}
	return ""
}

// frameable looks at every page of the flow: another site must not be able to
// put it into a frame, in new browsers or old ones.
func frameable(w *world) string {
	b := w.browser()
	signIn := b.get(w.apply("site", site))
	wrong := b.signIn(signIn, "alice", "wrong")
	consent := b.signIn(wrong, "alice", "wonder")
	done := b.answer(consent, "confirm")
	for _, p := range []page{signIn, wrong, consent, done, b.get("/ux/"), b.get("/ux/nothing"), b.get(w.apply("nothing", site)), b.get(w.apply("site", "domain=example.com"))} {
		policy := p.header.Get("Content-Security-Policy")
		if !strings.Contains(policy+";", "frame-ancestors 'none';") || p.header.Get("X-Frame-Options") != "DENY" {
			return p.path + " can be framed"
		}
	}
	return ""
}

// fixSession knows the session id from before the sign-in, as whoever planted
// it would.
func fixSession(w *world) string {
	victim, attacker := w.browser(), w.browser()
	at := mustURL(w.server.URL + "/ux/consent")
	p := victim.get(w.apply("site", site))
	attacker.jar.SetCookies(at, victim.jar.Cookies(at))
	victim.signIn(p, "alice", "wonder")
	if p := attacker.get("/ux/"); strings.Contains(p.text(), "Signed in as alice") {
		return "the attacker is signed in as alice"
	}
	return ""
}

// takeZone asks for a zone of bob, signed in as alice.
func takeZone(w *world) string {
	b := w.browser()
	p := b.open(w.apply("site", strings.Replace(site, "example.com", "other.test", 1)))
	if p.path == "/ux/consent" && p.status == http.StatusOK {
		b.answer(p, "confirm")
	}
	if strings.Contains(w.zoneAt("other.test"), "192.0.2.7") {
		return "the zone of bob was changed"
	}
	return ""
}

// splitHeader tries to add a header to the redirect.
func splitHeader(w *world) string {
	for _, query := range []string{
		site + listed + "&state=s%0D%0AX-Injected:%20yes",
		site + listed + "&state=s%0AX-Injected:%20yes",
	} {
		b := w.browser()
		p := b.open(w.apply("site", query))
		if p.path == "/ux/consent" && p.away == "" {
			p = b.answer(p, "cancel")
		}
		if p.header.Get("X-Injected") != "" {
			return "the reply has the header X-Injected"
		}
	}
	return ""
}

// smuggleParameter tries to make a success look like a failure.
func smuggleParameter(w *world) string {
	b := w.browser()
	p := b.answer(b.open(w.apply("site", site+listed+"&state=s%26error%3Dserver_error")), "confirm")
	if got := parseTarget(w.t, p.away); got.Has("error") || got.Get("state") != "s&error=server_error" {
		return "the redirect is " + p.away
	}
	return ""
}

// Nothing is written for a browser that is not signed in, and nothing by GET.
func TestOnlyAnswersWrite(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.get(w.apply("site", site))
	form := p.form("/ux/sign-in")
	form.Set("action", "confirm")
	if got := b.post("/ux/consent", form); got.status != http.StatusForbidden {
		t.Errorf("answer before the sign-in: status %d, want 403", got.status)
	}
	p = b.signIn(p, "alice", "wonder")
	form = p.form("/ux/consent")
	form.Set("action", "confirm")
	if got := b.get("/ux/consent?" + form.Encode()); got.status != http.StatusOK {
		t.Errorf("answer by GET: status %d", got.status)
	}
	if got := w.browser().post("/ux/consent", form); got.status != http.StatusForbidden {
		t.Errorf("answer without a session: status %d, want 403", got.status)
	}
	form.Del("action")
	if got := b.post("/ux/consent", form); got.status != http.StatusBadRequest {
		t.Errorf("answer without action: status %d, want 400", got.status)
	}
	form.Set("action", "confirm")
	form.Set("request", "0123456789abcdef0123456789abcdef")
	if got := b.post("/ux/consent", form); got.status != http.StatusGone {
		t.Errorf("answer to another request: status %d, want 410", got.status)
	}
	if got := b.post("/ux/consent", nil, func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data") }); got.status != http.StatusForbidden {
		t.Errorf("answer in another form: status %d, want 403", got.status)
	}
	big := url.Values{"csrf": {strings.Repeat("x", 70<<10)}}
	if got := b.post("/ux/consent", big); got.status != http.StatusBadRequest {
		t.Errorf("answer of 70 KiB: status %d, want 400", got.status)
	}
	if breach := changed(w); breach != "" {
		t.Error(breach)
	}
}

func TestCookie(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.get("/ux/sign-in")
	name, rest, _ := strings.Cut(p.header.Get("Set-Cookie"), "=")
	value, rest, _ := strings.Cut(rest, "; ")
	if !strings.HasPrefix(name, "__Secure-dc-") || len(value) != 32 {
		t.Errorf("cookie %s=%s", name, value)
	}
	if want := "Path=/ux; HttpOnly; Secure; SameSite=Lax"; rest != want {
		t.Errorf("cookie attributes %q, want %q", rest, want)
	}
	// An id that we never gave is not taken up.
	r := b.request(http.MethodGet, "/ux/sign-in", nil)
	r.Header.Set("Cookie", name+"=0123456789abcdef0123456789abcdef")
	other := w.browser().do(r)
	if got := other.header.Get("Set-Cookie"); got == "" || strings.Contains(got, "0123456789abcdef0123456789abcdef") {
		t.Errorf("cookie after a planted id: %q", got)
	}
}

func TestPageHeaders(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for _, c := range []struct {
		page page
		form string
	}{
		{b.get(w.apply("site", site)), "form-action 'self'"},
		{b.open(w.apply("site", site)), "form-action 'self'"},
		{b.open(w.apply("site", site+"&redirect_uri=https%3A%2F%2Fevil.test%2F")), "form-action 'self'"},
		{b.open(w.apply("site", site+listed)), "form-action 'self' https:"},
		{w.browser().get(w.apply("site", site+"&redirect_uri=HTTP%3A%2F%2Fsp.test%2F")), "form-action 'self' http:"},
	} {
		h := c.page.header
		policy := strings.Split(h.Get("Content-Security-Policy"), "; ")
		want := []string{"default-src 'none'", "style-src 'sha256-", "script-src 'sha256-", "img-src 'self'", c.form, "base-uri 'none'", "frame-ancestors 'none'"}
		if len(policy) != len(want) {
			t.Fatalf("policy %q", policy)
		}
		for i := range want {
			if policy[i] != want[i] && !(strings.HasSuffix(want[i], "-") && strings.HasPrefix(policy[i], want[i])) {
				t.Errorf("policy has %q, want %q", policy[i], want[i])
			}
		}
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		} {
			if h.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, h.Get(name), want)
			}
		}
	}
}

// The session from before the sign-in ends with it: whoever knows its id sees
// nothing of the request, and cannot answer it.
func TestOldSessionEnds(t *testing.T) {
	w := newWorld(t)
	victim, attacker := w.browser(), w.browser()
	at := mustURL(w.server.URL + "/ux/consent")
	p := victim.get(w.apply("site", site))
	request := p.form("/ux/sign-in").Get("request")
	attacker.jar.SetCookies(at, victim.jar.Cookies(at))
	if got := attacker.get("/ux/sign-in?request=" + request); got.status != http.StatusOK {
		t.Fatalf("before the sign-in: status %d, so the rest would prove nothing", got.status)
	}
	victim.signIn(p, "alice", "wonder")
	if got := attacker.get("/ux/sign-in?request=" + request); got.status != http.StatusGone {
		t.Errorf("after the sign-in: status %d, want 410", got.status)
	}
}
