package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAUserTakesAccessBack does so in the browser, and sees what it is worth.
func TestAUserTakesAccessBack(t *testing.T) {
	w := newAsync(t)
	b := w.browser()
	end := b.answer(b.open(w.link("scope=site%20dyn", "host=s1,")), "confirm")
	if !strings.Contains(end.away, "code=") {
		t.Fatal(end.away)
	}
	page := b.get("/ux/access")
	contains(t, page.text(), "Sorrel Pages Asked for by sp.test May set up Web Site Dynamic Address For s1.example.com example.com Since 7 October 2026, 12:00 UTC The service has not come for it yet.")
	code, _, _ := strings.Cut(strings.TrimPrefix(end.away, back+"&code="), "&")
	got := w.call(http.MethodPost, tokenPath, "", redeeming(code))
	token, refresh := got.member("access_token"), got.member("refresh_token")
	page = b.get("/ux/access")
	if strings.Contains(page.text(), "has not come") {
		t.Errorf("it has come: %s", page.text())
	}
	form := page.form("/ux/access")
	if form.Get("grant") != "1" {
		t.Fatalf("form %v", form)
	}

	// Neither another user nor another site can do it.
	bob := w.browser()
	theirs := bob.signIn(bob.get("/ux/sign-in"), "bob", "builder")
	if theirs.heading() != "Your domains" || !strings.Contains(bob.get("/ux/access").text(), "No service may change your domains without asking you.") {
		t.Errorf("bob sees %s", bob.get("/ux/access").text())
	}
	account := bob.get("/ux/").form("/ux/sign-out")
	if p := bob.post("/ux/access", url.Values{"csrf": {account.Get("csrf")}, "grant": {"1"}}); !strings.Contains(p.text(), "There is no such access.") {
		t.Errorf("bob: %s", p.text())
	}
	if p := b.post("/ux/access", url.Values{"grant": {"1"}}); p.status != http.StatusForbidden {
		t.Errorf("without the token of the form: %d", p.status)
	}
	if r := w.call(http.MethodPost, applySite+"?domain=example.com&ip=192.0.2.1&v=1&force=1", token, ""); r.status != 200 {
		t.Fatalf("before: %d %s", r.status, r.body)
	}

	done := b.post("/ux/access", form)
	contains(t, done.text(), "Sorrel Pages can no longer change example.com. What it has set up until now stays as it is.", "No service may change your domains without asking you.")
	if again := b.post("/ux/access", form); !strings.Contains(again.text(), "There is no such access. It may have been taken back already.") {
		t.Errorf("again: %s", again.text())
	}
	before := w.zoneAt("example.com")
	r := w.call(http.MethodPost, applySite+"?domain=example.com&ip=192.0.2.2&v=2&force=1", token, "")
	if r.status != 401 || r.body != `{"code":"401","message":"the access was revoked"}` ||
		r.header.Get("WWW-Authenticate") != `Bearer realm="Domain Connect", error="invalid_token", error_description="the access was revoked"` {
		t.Errorf("after: %d %s %v", r.status, r.body, r.header)
	}
	r = w.call(http.MethodPost, tokenPath, "", `{"grant_type":"refresh_token","refresh_token":"`+refresh+`","client_id":"sp.test","client_secret":"hush"}`)
	if r.status != 400 || r.body != `{"error":"invalid_grant","error_description":"the access was revoked"}` {
		t.Errorf("refresh: %d %s", r.status, r.body)
	}
	if w.zoneAt("example.com") != before {
		t.Error("the zone has changed")
	}
	if p := w.browser().get("/ux/access"); p.heading() != "Sign in" {
		t.Errorf("a stranger sees %s", p.heading())
	}
}
