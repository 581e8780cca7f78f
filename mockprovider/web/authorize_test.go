package web_test

import (
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

// failedAt is where an authorization request ends that is not granted: the
// redirect without what every one of them has, or status and detail of a page.
func failedAt(p page) string {
	if rest, ok := strings.CutPrefix(p.away, back+"&error="); ok {
		code, description, _ := strings.Cut(rest, "&error_description=")
		description, err := url.PathUnescape(description)
		if err != nil {
			return err.Error()
		}
		return "redirect " + code + ": " + description
	}
	if p.away != "" {
		return "redirect to " + p.away
	}
	_, detail, _ := strings.Cut(p.text(), "For the developers of the service ")
	detail, _, _ = strings.Cut(detail, " This is a mock DNS provider")
	return "page " + http.StatusText(p.status) + ": " + strings.TrimSuffix(detail, " Your domains")
}

const (
	noClient      = "page Bad Request: client_id names no client that is registered here; ids compare with case, and are given when a service is onboarded"
	notRegistered = "page Bad Request: redirect_uri is none of those that the client has registered; they compare character by character"
)

// Each differs in one point from the link of TestTheAsynchronousWay.
func TestAuthorizationRefuses(t *testing.T) {
	const badScope = "redirect invalid_scope: scope is a list of templates that are supported here&state=s1"
	w := newAsync(t)
	for _, tc := range []struct{ override, want string }{
		{"client_id=nobody", noClient},
		{"client_id=SP.test", noClient},
		{"client_id", noClient},
		{"redirect_uri", "page Bad Request: redirect_uri is missing; send one of those that the client has registered"},
		{"redirect_uri=" + url.QueryEscape("https://sp.test/cb"), notRegistered},
		{"redirect_uri=" + url.QueryEscape("https://sp.test/cb?own=1&more=1"), notRegistered},
		{"redirect_uri=" + url.QueryEscape("http://sp.test/cb?own=1"), notRegistered},
		{"redirect_uri=" + url.QueryEscape("https://a.sp.test/cb?own=1"), notRegistered},
		{"redirect_uri=" + url.QueryEscape("https://sp.test:8443/cb?own=1"), notRegistered},
		{"redirect_uri=" + url.QueryEscape("https://sp.test/x/../cb?own=1"), notRegistered},
		{"redirect_uri=" + url.QueryEscape("https://sp.test.evil.test/cb?own=1"), notRegistered},
		{"redirect_uri=" + url.QueryEscape("https://SP.test/cb?own=1"), notRegistered},
		{"response_type=token", "redirect unsupported_response_type: response_type is code, or absent&state=s1"},
		{"response_type=", "redirect unsupported_response_type: response_type is code, or absent&state=s1"},
		{"scope", badScope},
		{"scope=", badScope},
		{"scope=site,dyn", badScope},
		{"scope=site%20nothing", badScope},
		{"scope=Site", badScope},
		{"domain", "redirect invalid_request: domain or host cannot be used&state=s1"},
		{"domain=a..b", "redirect invalid_request: domain or host cannot be used&state=s1"},
		{"host=s1,a..b", "redirect invalid_request: host cannot be used&state=s1"},
		{"host=s1%0a", "redirect invalid_request: domain or host cannot be used&state=s1"},
		{"host=" + strings.Repeat("a,", 300), ""},
		{"state=%0a", "redirect invalid_request: state cannot be used"},
		{"v=%00", "redirect invalid_request: a variable cannot be used&state=s1"},
		{"v=%zz", `page Bad Request: v: the value "%zz" has a malformed percent-escape "%zz"; write a per cent sign as %25`},
	} {
		if got := failedAt(w.browser().get(w.link(tc.override))); tc.want != "" && got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.override, got, tc.want)
		}
	}
	double := w.link() + "&client_id=app"
	if got := failedAt(w.browser().get(double)); got != "page Bad Request: the parameter client_id stands in the link 2 times; send it once" {
		t.Errorf("two clients: %s", got)
	}
	other := strings.Replace(w.link(), "providers/sp.test", "providers/other.test", 1)
	if got := failedAt(w.browser().get(other)); got != "redirect unauthorized_client: the client is not registered for this service provider&state=s1" {
		t.Errorf("other provider: %s", got)
	}
	many := "host=h0"
	for i := range 257 {
		many += ",h" + strings.Repeat("x", i%60+1) + string(rune('a'+i/60))
	}
	if got := failedAt(w.browser().get(w.link(many))); got != "redirect invalid_request: too many templates and hosts&state=s1" {
		t.Errorf("many hosts: %s", got)
	}
	// The twin of them all, and what may be otherwise.
	for _, override := range []string{"state=s1", "response_type", "state", "redirect_uri=https://sp.test/other", "v=x", "unknown=1", "scope=site+dyn", "host=", "host=b%C3%BCcher"} {
		if p := w.browser().get(w.link(override)); p.heading() != "Sign in" {
			t.Errorf("%s: %s", override, failedAt(p))
		}
	}
}

// Nobody gets a code without signing in, having the zone, and agreeing.
func TestNoCodeWithoutTheUser(t *testing.T) {
	w := newAsync(t)
	b := w.browser()
	if p := b.open(w.link("domain=other.test")); failedAt(p) != "redirect access_denied: the domain cannot be changed by this user&state=s1" {
		t.Errorf("a zone of bob's: %s", failedAt(p))
	}
	for range 2 { // signed in by now
		if p := b.get(w.link()); p.heading() != "Allow Web Site" || p.away != "" {
			t.Errorf("a link alone: %s %s", p.away, p.text())
		}
	}
	p := b.answer(b.open(w.link()), "cancel")
	if p.away != back+"&error=access_denied&error_description=user_cancel%3A%20the%20user%20did%20not%20agree%20to%20the%20changes&state=s1" {
		t.Errorf("cancelled: %s", p.away)
	}
	page := b.open(w.link())
	form := page.form("/ux/consent")
	form.Set("action", "confirm")
	form.Del("csrf")
	if p := b.post("/ux/consent", form); p.status != http.StatusForbidden || p.away != "" {
		t.Errorf("without the token of the form: %d %s", p.status, p.away)
	}
	stranger := w.browser()
	stranger.open(w.link())
	form = page.form("/ux/consent")
	form.Set("action", "confirm")
	form.Set("csrf", stranger.open(w.link()).form("/ux/consent").Get("csrf"))
	if p := stranger.post("/ux/consent", form); p.status != http.StatusGone || p.away != "" {
		t.Errorf("another browser: %d %s", p.status, p.away)
	}
	w.advance(16 * time.Minute)
	if p := b.answer(page, "confirm"); p.status != http.StatusGone || p.away != "" {
		t.Errorf("too late: %d %s", p.status, p.away)
	}
	if n := len(w.tenant.Grants().Grants("")); n != 0 {
		t.Errorf("%d grants", n)
	}
}

// The grant is that of the user who has signed in, and names the client that
// asks, even where another one is the service provider.
func TestAGrantIsItsUsers(t *testing.T) {
	w := newAsync(t)
	b := w.browser()
	link := w.link("domain=other.test", "client_id=app")
	page := b.signIn(b.get(link), "bob", "builder")
	contains(t, page.text(), "Offered by Sorrel Pages Asked for by app Domain other.test")
	if p := b.answer(page, "confirm"); !strings.Contains(p.away, "code=") {
		t.Fatal(p.text())
	}
	contains(t, b.get("/ux/access").text(), "Sorrel Pages Asked for by app May set up Web Site For other.test")
	grants := w.tenant.Grants().Grants("")
	if len(grants) != 1 || grants[0].User != "bob" || grants[0].Client != "app" {
		t.Errorf("grants %+v", grants)
	}
	if len(w.tenant.Grants().Grants("alice")) != 0 {
		t.Error("alice has it too")
	}
}

// What may be granted is asked again when it is done: the template may not be
// for this user any more.
func TestConfirmAsksAgain(t *testing.T) {
	w := newAsync(t)
	b := w.browser()
	page := b.open(w.link())
	if page.heading() != "Allow Web Site" {
		t.Fatal(page.text())
	}
	site := dc.TemplateID{Provider: "sp.test", Service: "site"}
	if err := w.tenant.Reconfigure(func(c *store.TenantConfig) { c.Testing = map[dc.TemplateID]string{site: "bob"} }); err != nil {
		t.Fatal(err)
	}
	if p := b.answer(page, "confirm"); failedAt(p) != "redirect invalid_request: the template is not supported&state=s1" {
		t.Errorf("it is under test by another account: %s", failedAt(p))
	}
	if n := len(w.tenant.Grants().Grants("")); n != 0 {
		t.Errorf("%d grants", n)
	}
}

// So is whether the client may still ask, and where its user may be sent: an
// answer may take a quarter of an hour, and the registration is kept by hand.
func TestTheAnswerIsHeldAgainstTheRegistration(t *testing.T) {
	others := []string{"https://sp.test/other"}
	for _, tc := range []struct {
		name            string
		edit            func(c *oauth.Client)
		confirm, cancel string
	}{
		{"as it was", func(*oauth.Client) {}, "code", "redirect access_denied: user_cancel: the user did not agree to the changes&state=s1"},
		{"the client is gone", func(c *oauth.Client) { c.ID = "somebody" },
			noClient, "page OK: "},
		{"redirect_uri is gone", func(c *oauth.Client) { c.Redirects = others },
			notRegistered, "page OK: "},
		{"its templates are gone", func(c *oauth.Client) { c.Providers = []string{"other.test"} },
			"redirect unauthorized_client: the client is not registered for this service provider&state=s1",
			"redirect access_denied: user_cancel: the user did not agree to the changes&state=s1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newAsync(t)
			b := w.browser()
			yes, no := b.open(w.link()), b.open(w.link())
			err := w.tenant.Reconfigure(func(c *store.TenantConfig) {
				c.Clients = slices.Clone(c.Clients)
				tc.edit(&c.Clients[0])
			})
			if err != nil {
				t.Fatal(err)
			}
			p := b.answer(yes, "confirm")
			got := failedAt(p)
			if u, err := url.Parse(p.away); err == nil && u.Query().Has("code") {
				got = "code"
			}
			if got != tc.confirm {
				t.Errorf("confirm: %s\nwant %s", got, tc.confirm)
			}
			if p := b.answer(no, "cancel"); failedAt(p) != tc.cancel || p.away == "" && p.heading() != "Cancelled" {
				t.Errorf("cancel: %s\nwant %s", failedAt(p), tc.cancel)
			}
			if n := len(w.tenant.Grants().Grants("")); (n == 1) != (tc.confirm == "code") {
				t.Errorf("%d grants", n)
			}
		})
	}
}

// Every template of the scope has to be one that the user may have, not the
// first alone.
func TestEveryTemplateOfTheScopeIsAskedAbout(t *testing.T) {
	w := newAsync(t, func(c *store.TenantConfig) {
		c.Testing = map[dc.TemplateID]string{{Provider: "sp.test", Service: "dyn"}: "bob"}
	})
	for _, scope := range []string{"scope=site%20dyn", "scope=dyn%20site"} {
		if p := w.browser().open(w.link(scope)); failedAt(p) != "redirect invalid_request: the template is not supported&state=s1" {
			t.Errorf("%s: %s", scope, failedAt(p))
		}
	}
	if p := w.browser().open(w.link("scope=site")); p.heading() != "Allow Web Site" {
		t.Errorf("the one that is not under test: %s", p.text())
	}
	bob := w.browser()
	if p := bob.signIn(bob.get(w.link("scope=site%20dyn", "domain=other.test")), "bob", "builder"); p.heading() != "Allow Web Site, Dynamic Address" {
		t.Errorf("who tests it: %s", p.text())
	}
}

// Conflicts are looked for at every template and host, and a template that
// cannot be foreseen is named.
func TestTheGrantPageForesees(t *testing.T) {
	w := newAsync(t, withZone("seeded.test", "alice", "www.s2 300 A 192.0.2.99\n"))
	b := w.browser()
	p := b.open(w.link("domain=seeded.test", "host=s1,s2", "scope=dyn%20site", "ip=192.0.2.1", "v=a%3Ab"))
	contains(t, p.text(), "1 record would be removed As your domain is now, this is what setting them up would take away.", "www.s2.seeded.test A 192.0.2.99 The service brings its own address for this name.",
		"6 records would be added", `dyn.s1.seeded.test TXT "a:b"`, "Check where you came from")
	if strings.Contains(p.text(), "Not known yet") {
		t.Errorf("all is known: %s", p.text())
	}
	p = b.open(w.link("domain=seeded.test", "host=s1,", "scope=dyn%20site"))
	contains(t, p.text(), "Not known yet", "Dynamic Address at s1.seeded.test Dynamic Address at seeded.test Web Site at s1.seeded.test Web Site at seeded.test")
	for _, not := range []string{"would be removed", "would be added", "Check where you came from"} {
		if strings.Contains(p.text(), not) {
			t.Errorf("%q in %s", not, p.text())
		}
	}
	p = b.open(w.link("domain=seeded.test", "host=_dmarc.s1"))
	contains(t, p.text(), "This is about a special name")
}

// A template that says that it can be misused is warned of in a link without
// values as well, once for all of them.
func TestTheGrantPageWarnsOfPhishing(t *testing.T) {
	risky := strings.Replace(openTemplate, `"version": 7`, `"version": 7, "warnPhishing": true`, 1)
	w := newAsync(t, withTemplates(risky, closedTemplate, lockedTemplate, foreignTemplate))
	const warned = "Check where you came from Nothing proves that this link was made by Sorrel Pages, and what you allow can do harm in other hands. " +
		"Confirm only if you started this yourself, on a page that you trust."
	contains(t, w.browser().open(w.link("scope=dyn%20site")).text(), warned)
	if p := w.browser().open(w.link("scope=dyn")); p.heading() != "Allow Dynamic Address" || strings.Contains(p.text(), "Check where") {
		t.Errorf("the other template alone: %s", p.text())
	}
	p := w.browser().open(w.link("scope=dyn%20site", "v=x"))
	contains(t, p.text(), "Check where you came from Nothing proves that the values in this link were chosen by Sorrel Pages. Confirm only if you started this yourself, on a page that you trust.")
	if n := strings.Count(p.text(), "Check where"); n != 1 {
		t.Errorf("%d warnings", n)
	}
}

// What a template wrote at an earlier time would go, and mail rules would go
// into merged ones: neither is in the way, and neither is kept back.
func TestTheGrantPageTellsWhatIsReplaced(t *testing.T) {
	const mail = `{"providerId": "sp.test", "providerName": "Sorrel Pages", "serviceId": "mail", "serviceName": "Mail", "version": 1, "records": [
		{"type": "MX", "host": "@", "pointsTo": "%mx%", "priority": 10, "ttl": 600},
		{"type": "SPFM", "host": "@", "spfRules": "include:spf.sp.test"}]}`
	w := newAsync(t, withTemplates(mail), withZone("seeded.test", "alice", "@ 300 TXT \"v=spf1 mx -all\"\n"), func(c *store.TenantConfig) { c.Rules.Stateful = true })
	const ask = "scope=mail"
	p := w.browser().open(w.link("domain=seeded.test", ask, "mx=mx1.sp.test"))
	contains(t, p.text(), "1 record would be replaced by a merged one", `seeded.test TXT "v=spf1 mx -all" 300`, `seeded.test TXT "v=spf1 mx include:spf.sp.test ~all"`)
	if strings.Contains(p.text(), "would be removed") {
		t.Errorf("nothing is in the way: %s", p.text())
	}
	token := w.token(w.link("domain=seeded.test", ask))
	if r := w.call(http.MethodPost, strings.Replace(applySite, "site", "mail", 1)+"?domain=seeded.test&mx=mx1.sp.test", token, ""); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	p = w.browser().open(w.link("domain=seeded.test", ask, "mx=mx2.sp.test"))
	contains(t, p.text(), "1 record of an earlier setup would be removed", "seeded.test MX 10 mx1.sp.test. 600", "1 record would be added", "seeded.test MX 10 mx2.sp.test. 600")
	if strings.Contains(p.text(), "merged") {
		t.Errorf("the mail rules stay as they are: %s", p.text())
	}
}

// A provider that no service is registered with does not offer the flow.
func TestWithoutClients(t *testing.T) {
	w := newWorld(t)
	if s := w.browser().get("/v2/example.com/settings").body; strings.Contains(s, "urlAsyncUX") {
		t.Error(s)
	}
	if p := w.browser().get(w.link()); p.status != http.StatusNotFound || p.heading() != "There is no such page" {
		t.Errorf("%d %s", p.status, p.text())
	}
	for _, path := range []string{tokenPath, applySite, strings.Replace(applySite, "apply", "revert", 1)} {
		if r := w.call(http.MethodPost, path, "x", "{}"); r.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if p := w.browser().signIn(w.browser().get("/ux/sign-in"), "alice", "wonder"); strings.Contains(p.text(), "Services that may change your domains") {
		t.Error(p.text())
	}
	if err := w.tenant.Reconfigure(func(c *store.TenantConfig) { c.Clients = newAsync(t).tenant.Config().Clients }); err != nil {
		t.Fatal(err)
	}
	if s := w.browser().get("/v2/example.com/settings").body; !strings.Contains(s, "urlAsyncUX") {
		t.Errorf("after a registration: %s", s)
	}
}
