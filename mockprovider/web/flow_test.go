package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

const ns = `example.com. 3600 IN NS ns1.provider.test.
example.com. 3600 IN NS ns2.provider.test.
`

func TestFlowToRedirect(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.get(w.apply("site", "domain=example.com&host=bar&ip=192.0.2.7&v=hello&state=s%2Bt&redirect_uri=https%3A%2F%2Fsp.test%2Fcb%3Fx%3D1%23f"))
	if p.path != "/ux/sign-in" || p.heading() != "Sign in" {
		t.Fatalf("an apply link led to %s, want the sign-in page", p.path)
	}
	contains(t, p.text(), "to set up Web Site by Sorrel Pages")
	p = b.signIn(p, "alice", "wonder")
	if p.path != "/ux/consent" || p.heading() != "Set up Web Site" {
		t.Fatalf("signing in led to %s:\n%s", p.path, p.text())
	}
	contains(t, p.text(), "Provider of Names", "Signed in as alice", "Sorrel Pages asks to change records of your domain: 2 to add.",
		"Service Web Site Offered by Sorrel Pages Domain example.com Host bar Full name bar.example.com",
		"2 records will be added", "www.bar.example.com A 192.0.2.7 600", `bar.example.com TXT "hello" 600`)
	before := w.zoneAt("example.com")
	if again := b.get("/ux/consent?request=" + p.form("/ux/consent").Get("request")); again.status != http.StatusOK {
		t.Errorf("looking at the page again: status %d", again.status)
	}
	if after := w.zoneAt("example.com"); after != before {
		t.Errorf("looking at the page changed the zone to\n%s", after)
	}
	p = b.answer(p, "confirm")
	if want := "https://sp.test/cb?x=1&state=s%2Bt#f"; p.away != want {
		t.Errorf("sent to %q, want %q", p.away, want)
	}
	want := ns + `bar.example.com. 600 IN TXT "hello"
www.bar.example.com. 600 IN A 192.0.2.7
www.example.com. 3600 IN A 192.0.2.80
`
	if got := w.zoneAt("example.com"); got != want {
		t.Errorf("the zone is\n%swant\n%s", got, want)
	}
}

func TestFlowEndsOnAPageWithoutRedirect(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.answer(b.open(w.apply("site", "domain=EXAMPLE.com.&ip=192.0.2.7&v=hello")), "confirm")
	if p.status != http.StatusOK || p.heading() != "Done" || p.away != "" {
		t.Fatalf("ended with %d %q %q", p.status, p.heading(), p.away)
	}
	contains(t, p.text(), "Web Site by Sorrel Pages is set up for example.com. You can close this window")
	contains(t, p.body, "if (window.opener) { window.close(); }")
	contains(t, w.zoneAt("example.com"), "www.example.com. 600 IN A 192.0.2.7\n")
}

func TestConflictsAreShownAndRemoved(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x"))
	contains(t, p.text(), "2 to add, 1 to remove.", "1 record in the way will be removed",
		"www.example.com A 192.0.2.80 The service brings its own address for this name.")
	if strings.Contains(p.text(), "merged") {
		t.Error("a conflict is shown as a merge as well")
	}
	if p = b.answer(p, "confirm"); p.heading() != "Done" {
		t.Fatalf("ended with %q", p.heading())
	}
	if got := w.zoneAt("example.com"); strings.Contains(got, "192.0.2.80") {
		t.Errorf("the conflicting record is still there:\n%s", got)
	}
}

func TestInPlaceAlready(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	link := w.apply("site", "domain=example.com&ip=192.0.2.7&v=x")
	b.answer(b.open(link), "confirm")
	before, _, _ := w.tenant.Zone("example.com")
	p := b.open(link)
	contains(t, p.text(), "All records that the service needs are in place already", "2 records are in place already", "www.example.com A 192.0.2.7 600")
	if p = b.answer(p, "confirm"); p.heading() != "Done" {
		t.Errorf("ended with %q", p.heading())
	}
	if after, _, _ := w.tenant.Zone("example.com"); after != before {
		t.Errorf("applying the same again changed the zone: serial %d, was %d", after.Serial(), before.Serial())
	}
}

func TestCancel(t *testing.T) {
	const query = "domain=example.com&ip=192.0.2.7&v=x&state=a%26b%3Dc&redirect_uri=https%3A%2F%2Fsp.test%2Fcb"
	const redirect = "https://sp.test/cb?error=access_denied&error_description=user_cancel%3A%20the%20user%20did%20not%20agree%20to%20the%20changes&state=a%26b%3Dc"
	t.Run("on the consent page", func(t *testing.T) {
		w := newWorld(t)
		b := w.browser()
		before := w.zoneAt("example.com")
		p := b.open(w.apply("site", query))
		if got := b.answer(p, "cancel"); got.away != redirect {
			t.Errorf("sent to %q, want %q", got.away, redirect)
		}
		if late := b.answer(p, "confirm"); late.away != redirect {
			t.Errorf("confirming after cancelling: sent to %q, want %q", late.away, redirect)
		}
		if after := w.zoneAt("example.com"); after != before {
			t.Errorf("the zone has changed to\n%s", after)
		}
	})
	t.Run("on the sign-in page", func(t *testing.T) {
		w := newWorld(t)
		b := w.browser()
		form := b.get(w.apply("site", query)).form("/ux/sign-in")
		form.Set("action", "cancel")
		if got := b.post("/ux/sign-in", form); got.away != redirect {
			t.Errorf("sent to %q, want %q", got.away, redirect)
		}
	})
	t.Run("without redirect", func(t *testing.T) {
		w := newWorld(t)
		b := w.browser()
		p := b.answer(b.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x")), "cancel")
		if p.status != http.StatusOK || p.heading() != "Cancelled" || p.away != "" {
			t.Errorf("ended with %d %q %q", p.status, p.heading(), p.away)
		}
		contains(t, p.text(), "Nothing has been changed.")
	})
}

func TestConfirmingTwiceWritesOnce(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x&redirect_uri=https%3A%2F%2Fsp.test%2Fcb&state=s"))
	first, second := b.answer(p, "confirm"), b.answer(p, "confirm")
	if want := "https://sp.test/cb?state=s"; first.away != want || second.away != want {
		t.Errorf("sent to %q and %q, want %q both times", first.away, second.away, want)
	}
	if late := b.answer(p, "cancel"); late.away != "https://sp.test/cb?state=s" {
		t.Errorf("cancelling what was done: sent to %q", late.away)
	}
	if z, _, _ := w.tenant.Zone("example.com"); z.Serial() != 101 {
		t.Errorf("serial %d, want 101", z.Serial())
	}
	if again := b.get("/ux/consent?request=" + p.form("/ux/consent").Get("request")); again.status != http.StatusGone || again.heading() != "This request was answered already" {
		t.Errorf("the page of an answered request: %d %q", again.status, again.heading())
	}
}

func TestShownIsWritten(t *testing.T) {
	t.Run("two tabs do not mix", func(t *testing.T) {
		w := newWorld(t)
		b := w.browser()
		first := b.open(w.apply("site", "domain=example.com&ip=192.0.2.1&v=one"))
		second := b.open(w.apply("site", "domain=example.com&ip=192.0.2.2&v=two"))
		contains(t, second.text(), "192.0.2.2")
		b.answer(first, "confirm")
		got := w.zoneAt("example.com")
		contains(t, got, "www.example.com. 600 IN A 192.0.2.1\n", `IN TXT "one"`)
		if strings.Contains(got, "192.0.2.2") || strings.Contains(got, "two") {
			t.Errorf("values of the other tab were written:\n%s", got)
		}
	})
	t.Run("a zone that has changed is shown again", func(t *testing.T) {
		w := newWorld(t)
		b := w.browser()
		other := w.browser()
		p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.1&v=one"))
		other.answer(other.open(w.apply("site", "domain=example.com&ip=192.0.2.2&v=two")), "confirm")
		between := w.zoneAt("example.com")
		again := b.answer(p, "confirm")
		if again.status != http.StatusConflict || again.path != "/ux/consent" {
			t.Fatalf("status %d at %s, want 409 at /ux/consent", again.status, again.path)
		}
		contains(t, again.text(), "Your domain has changed since you opened this page. Please look at the changes again.", "www.example.com A 192.0.2.2")
		if got := w.zoneAt("example.com"); got != between {
			t.Errorf("written before it was shown:\n%s", got)
		}
		if p = b.answer(again, "confirm"); p.heading() != "Done" {
			t.Errorf("ended with %q", p.heading())
		}
		contains(t, w.zoneAt("example.com"), "www.example.com. 600 IN A 192.0.2.1\n")
	})
	t.Run("a change that does not matter does not stop it", func(t *testing.T) {
		w := newWorld(t, withTemplates(openTemplate, strings.Replace(strings.Replace(openTemplate, `"site"`, `"else"`, 1), `"www"`, `"elsewhere"`, 1)))
		b, other := w.browser(), w.browser()
		p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.1&v=one"))
		other.answer(other.open(w.apply("else", "domain=example.com&ip=192.0.2.2&v=two")), "confirm")
		if p = b.answer(p, "confirm"); p.heading() != "Done" {
			t.Errorf("ended with %q", p.heading())
		}
	})
	// What the other apply does changes one part of the plan only: another
	// record is to be removed, one is there already, one gets another TTL.
	for name, record := range map[string]string{
		"another removal":   `{"type": "AAAA", "host": "www", "pointsTo": "2001:db8::1", "ttl": 600}`,
		"one addition less": `{"type": "TXT", "host": "@", "data": "one", "ttl": 600}`,
		"another TTL":       `{"type": "TXT", "host": "@", "data": "two", "ttl": 3600}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withTemplates(openTemplate,
				`{"providerId": "sp.test", "providerName": "P", "serviceId": "else", "serviceName": "S", "records": [`+record+`]}`))
			b, other := w.browser(), w.browser()
			p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.1&v=one"))
			other.answer(other.open(w.apply("else", "domain=example.com")), "confirm")
			between := w.zoneAt("example.com")
			if again := b.answer(p, "confirm"); again.status != http.StatusConflict {
				t.Errorf("status %d, want 409", again.status)
			}
			if got := w.zoneAt("example.com"); got != between {
				t.Errorf("written before it was shown:\n%s", got)
			}
		})
	}
	t.Run("an answer that names no plan is asked again", func(t *testing.T) {
		w := newWorld(t)
		b := w.browser()
		before := w.zoneAt("example.com")
		form := b.open(w.apply("site", "domain=example.com&ip=192.0.2.1&v=one")).form("/ux/consent")
		form.Set("action", "confirm")
		form.Del("plan")
		if p := b.post("/ux/consent", form); p.status != http.StatusConflict {
			t.Errorf("status %d, want 409", p.status)
		}
		if after := w.zoneAt("example.com"); after != before {
			t.Errorf("the zone has changed to\n%s", after)
		}
	})
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.get(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x&redirect_uri=https%3A%2F%2Fsp.test%2Fcb"))
	for _, try := range [][2]string{{"alice", "builder"}, {"alice", ""}, {"nobody", "wonder"}, {"", ""}, {`"><b>`, "x"}} {
		p = b.signIn(p, try[0], try[1])
		if p.status != http.StatusForbidden || p.away != "" || p.heading() != "Sign in" {
			t.Fatalf("%q: status %d, %q, sent to %q", try, p.status, p.heading(), p.away)
		}
		contains(t, p.text(), "User name and password do not match. Please try again.")
		if got := p.form("/ux/sign-in").Get("user"); got != try[0] {
			t.Errorf("the form holds user %q, want %q", got, try[0])
		}
	}
	if p = b.signIn(p, "alice", "wonder"); p.path != "/ux/consent" {
		t.Errorf("the right password led to %s", p.path)
	}
}

func TestSignOutEndsWhatWaits(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x"))
	account := b.get("/ux/")
	contains(t, account.text(), "Your domains example.com Your services Sign out")
	if strings.Contains(account.text(), "other.test") {
		t.Error("alice sees a domain of bob")
	}
	cookies := b.jar.Cookies(mustURL(w.server.URL + "/ux/"))
	out := b.post("/ux/sign-out", account.form("/ux/sign-out"))
	if out.heading() != "You are signed out" {
		t.Fatalf("signing out led to %q", out.heading())
	}
	before := w.zoneAt("example.com")
	if late := b.answer(p, "confirm"); late.status != http.StatusForbidden {
		t.Errorf("confirming after signing out: status %d, want 403", late.status)
	}
	if after := w.zoneAt("example.com"); after != before {
		t.Errorf("the zone has changed to\n%s", after)
	}
	if len(b.jar.Cookies(mustURL(w.server.URL+"/ux/"))) != 0 {
		t.Error("the browser still has the cookie")
	}
	b.jar.SetCookies(mustURL(w.server.URL+"/ux/"), cookies)
	if p := b.get("/ux/"); p.path != "/ux/sign-in" {
		t.Errorf("the account page after signing out is at %s", p.path)
	}
}

func TestExpiry(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	before := w.zoneAt("example.com")
	p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x"))
	w.advance(16 * time.Minute)
	if late := b.answer(p, "confirm"); late.status != http.StatusGone || late.heading() != "This request has expired" {
		t.Errorf("answer after 16 minutes: %d %q", late.status, late.heading())
	}
	w.advance(31 * time.Minute)
	if late := b.get("/ux/"); late.path != "/ux/sign-in" {
		t.Errorf("still signed in after 31 idle minutes: %s", late.path)
	}
	if after := w.zoneAt("example.com"); after != before {
		t.Errorf("the zone has changed to\n%s", after)
	}
}

// A request waits for the browser that opened it, and for no other.
func TestRequestBelongsToItsBrowser(t *testing.T) {
	w := newWorld(t)
	mine, theirs := w.browser(), w.browser()
	p := mine.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x"))
	theirs.open(w.apply("site", "domain=example.com&ip=192.0.2.9&v=x"))
	id := p.form("/ux/consent").Get("request")
	if got := theirs.get("/ux/consent?request=" + id); got.status != http.StatusGone {
		t.Errorf("another browser sees the request: status %d", got.status)
	}
	if got := w.browser().get("/ux/sign-in?request=" + id); got.status != http.StatusGone {
		t.Errorf("a browser without session signs in for the request: status %d", got.status)
	}
}

func TestZoneOwnership(t *testing.T) {
	w := newWorld(t, withZone("keys.test", "", zoneText))
	for _, domain := range []string{"other.test", "nowhere.test", "www.example.com", "keys.test", "com"} {
		t.Run(domain, func(t *testing.T) {
			b := w.browser()
			p := b.open(w.apply("site", "domain="+domain+"&ip=192.0.2.7&v=x"))
			if p.status != http.StatusForbidden || p.heading() != "This domain is not in your account" {
				t.Fatalf("status %d, %q", p.status, p.heading())
			}
			want := "You are signed in as alice, and " + domain + " is not a domain that you can change. Nothing has been changed."
			contains(t, p.text(), want)
			p = b.open(w.apply("site", "domain="+domain+"&ip=192.0.2.7&v=x&state=s&redirect_uri=https%3A%2F%2Fsp.test%2Fcb"))
			want = "https://sp.test/cb?error=access_denied&error_description=the%20domain%20cannot%20be%20changed%20by%20this%20user&state=s"
			if p.away != want {
				t.Errorf("sent to %q, want %q", p.away, want)
			}
		})
	}
	if got := w.zoneAt("other.test"); strings.Contains(got, "192.0.2.7") {
		t.Errorf("the zone of bob was changed:\n%s", got)
	}
}

// Tenants share a process and nothing else: no session, no request, no zone.
func TestTenantsAreApart(t *testing.T) {
	w := newWorld(t)
	second, err := w.store.NewTenant(store.TenantConfig{
		Name: "second", Users: []store.User{{Name: "alice", Password: "wonder"}},
		Zones:     []store.Hosted{{Zone: parseZone("second.test", zoneText), Owner: "alice"}},
		Templates: []*dc.Template{parseTemplate(openTemplate)},
	})
	if err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x"))
	cookie := b.jar.Cookies(mustURL(w.server.URL + "/ux/consent"))[0]
	r := b.request(http.MethodGet, "/t/second/ux/consent?request="+p.form("/ux/consent").Get("request"), nil)
	r.Header.Set("Cookie", cookie.Name+"="+cookie.Value)
	if got := b.do(r); got.status != http.StatusGone {
		t.Errorf("a session of the default tenant counts in another: status %d at %s", got.status, got.path)
	}
	w.tenant = second
	if p := b.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=x")); p.status != http.StatusForbidden {
		t.Errorf("a zone of another tenant: status %d %q", p.status, p.heading())
	}
	if p := b.answer(b.open(w.apply("site", "domain=second.test&ip=192.0.2.7&v=x")), "confirm"); p.heading() != "Done" {
		t.Errorf("the tenant's own zone ended with %q", p.heading())
	}
	if got := b.get("/t/third/v2/example.com/settings"); got.status != http.StatusNotFound {
		t.Errorf("a tenant that is not there: status %d", got.status)
	}
	w.store.Remove(second)
	if got := b.get("/t/second/ux/"); got.status != http.StatusNotFound {
		t.Errorf("a tenant that was removed: status %d", got.status)
	}
}

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// Of many answers at once one writes, and all tell the same end.
func TestConfirmingAtOnce(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	form := b.open(w.apply("site", site+listed)).form("/ux/consent")
	form.Set("action", "confirm")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := b.post("/ux/consent", form).away; got != "https://sp.test/cb" {
				t.Errorf("sent to %q", got)
			}
		})
	}
	all.Wait()
	if z, _, _ := w.tenant.Zone("example.com"); z.Serial() != 101 {
		t.Errorf("serial %d, want 101", z.Serial())
	}
}

// The user who answers has to be the one who may: also when the browser has
// changed hands between page and answer.
func TestAnotherUserAnswers(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	before := w.zoneAt("example.com")
	form := b.open(w.apply("site", site)).form("/ux/consent")
	form.Set("action", "confirm")
	p := b.signIn(b.get("/ux/sign-in"), "bob", "builder")
	if late := b.post("/ux/consent", form); late.status != http.StatusForbidden || late.heading() != "This form is no longer valid" {
		t.Errorf("the page of alice, answered by bob: %d %q", late.status, late.heading())
	}
	form.Set("csrf", p.form("/ux/sign-out").Get("csrf"))
	if late := b.post("/ux/consent", form); late.status != http.StatusForbidden || late.heading() != "This domain is not in your account" {
		t.Errorf("the request of alice, answered by bob: %d %q", late.status, late.heading())
	}
	if after := w.zoneAt("example.com"); after != before {
		t.Errorf("the zone has changed to\n%s", after)
	}
}

// A zone that is gone when the answer comes ends the flow.
func TestZoneIsGone(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.open(w.apply("site", site+listed))
	w.store.Remove(w.tenant)
	if got := b.answer(p, "confirm"); got.status != http.StatusNotFound {
		t.Errorf("status %d, want 404", got.status)
	}
}
