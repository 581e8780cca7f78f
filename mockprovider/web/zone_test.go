package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// change sends the form of a zone's page.
func (b *browser) change(action, add string, remove ...string) page {
	b.w.t.Helper()
	form := b.signedIn("/ux/zone?domain=example.com").form("/ux/zone")
	form.Set("action", action)
	form.Set("add", add)
	form["remove"] = remove
	return b.post("/ux/zone", form)
}

// signedIn opens a page as alice.
func (b *browser) signedIn(path string) page {
	b.w.t.Helper()
	p := b.get(path)
	if strings.HasSuffix(p.path, "/ux/sign-in") {
		b.signIn(p, "alice", "wonder")
		p = b.get(path)
	}
	return p
}

// answered answers the page that reviews a change. Its form has a field more
// than once, which form does not keep: those are given.
func (b *browser) answered(p page, path, action string, remove ...string) page {
	b.w.t.Helper()
	form := p.form(path)
	form.Set("action", action)
	if len(remove) > 0 {
		form["remove"] = remove
	}
	return b.post(path, form)
}

// The records are listed with the services that they belong to, without the
// SOA; the domain's own name servers cannot be ticked.
func TestZonePage(t *testing.T) {
	w := newStatefulWorld(t)
	b := w.browser()
	b.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
	p := b.signedIn("/ux/")
	contains(t, p.body, `<a href="/ux/zone?domain=example.com">`, `<a href="/ux/applied">`)
	p = b.signedIn("/ux/zone?domain=example.com")
	contains(t, p.text(), "Records of example.com",
		"www.example.com A 192.0.2.1 600 Web Site Remove", `example.com TXT "v=spf1 include:site.sp.test ~all" 3600 Web Site Remove`,
		"example.com NS ns1.provider.test. 3600 example.com NS")
	if strings.Contains(p.text(), "SOA") {
		t.Error("the page shows the SOA")
	}
	if n := strings.Count(p.body, `type="checkbox"`); n != 4 {
		t.Errorf("%d records can be ticked, want 4", n)
	}
	if strings.Contains(p.body, "<script") {
		t.Error("the page has a script")
	}
}

// A change is shown before it is made, with the service that ends by it.
func TestZoneChange(t *testing.T) {
	w := newStatefulWorld(t)
	b := w.browser()
	b.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
	const web = "www.example.com. 600 IN A 192.0.2.1"
	p := b.change("review", "www 60 A 192.0.2.99\r\nnew 60 TXT hello\r\n", web)
	contains(t, p.text(), "Change records of example.com", "The service Web Site will be removed It is set up for example.com by Sorrel Pages , and cannot work without a record that you change.",
		"4 records will be removed", "site.example.com TXT \"hello\"", "2 records will be added", "new.example.com TXT \"hello\" 60")
	if got := w.zoneAt("example.com"); got != siteIsUp {
		t.Errorf("before the answer the zone is\n%s", got)
	}
	if back := b.answered(p, "/ux/zone", "back", web); !strings.Contains(back.body, "www 60 A 192.0.2.99") || !strings.Contains(back.body, " checked>") {
		t.Error("what was entered is lost on the way back")
	}
	done := b.answered(p, "/ux/zone", "confirm", web)
	want := nameServers + "new.example.com. 60 IN TXT \"hello\"\nwww.example.com. 60 IN A 192.0.2.99\n"
	if got := w.zoneAt("example.com"); got != want || w.applied() != "" || done.path != "/ux/zone" {
		t.Errorf("at %s, applied: %q; the zone is\n%s\nwant\n%s", done.path, w.applied(), got, want)
	}
}

// What a service can be without goes alone, and an SPF record takes nothing
// along (ietf-05 section 9.4).
func TestZoneChangeThatEndsNothing(t *testing.T) {
	w := newStatefulWorld(t)
	b := w.browser()
	b.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
	once, spf := `once.example.com. 600 IN TXT "set up"`, `example.com. 3600 IN TXT "v=spf1 include:site.sp.test ~all"`
	p := b.change("review", "", once, spf)
	if text := p.text(); strings.Contains(text, "The service") || !strings.Contains(text, "2 records will be removed") {
		t.Errorf("the page says %s", text)
	}
	b.answered(p, "/ux/zone", "confirm", once, spf)
	want := nameServers + "site.example.com. 600 IN TXT \"hello\"\nwww.example.com. 600 IN A 192.0.2.1\n"
	if got := w.zoneAt("example.com"); got != want || w.applied() != "sp.test/site at example.com" {
		t.Errorf("applied: %q; the zone is\n%s\nwant\n%s", w.applied(), got, want)
	}
	if p := b.change("review", "www 600 A 192.0.2.1"); !strings.Contains(p.text(), "This changes nothing.") || strings.Contains(p.body, `value="confirm"`) {
		t.Errorf("a change that is none: %s", p.text())
	}
}

// Another TTL is shown at the record that was named, and kept with it alone;
// DIVERGENCES.md says so.
func TestZoneChangeOfOneTTL(t *testing.T) {
	w := newStatefulWorld(t)
	b := w.browser()
	b.answered(b.change("review", "mine 300 TXT a\nmine 300 TXT b"), "/ux/zone", "confirm")
	p := b.change("review", "mine 60 TXT a")
	contains(t, p.text(), `1 record will get another time to live`, `mine.example.com TXT "a" 60`)
	b.answered(p, "/ux/zone", "confirm")
	contains(t, w.zoneAt("example.com"), "mine.example.com. 60 IN TXT \"a\"\nmine.example.com. 300 IN TXT \"b\"\n")
}

func TestZoneChangeRefused(t *testing.T) {
	w := newStatefulWorld(t)
	b := w.browser()
	before := w.zoneAt("example.com")
	for _, c := range []struct{ add, remove, want string }{
		{"www 60 A x", "", `Nothing has been changed: line:1: www.example.com. A: bad A A: "x".`},
		{"www.example.org. 60 A 192.0.2.1", "", "Nothing has been changed: line:1: www.example.org. is outside the zone example.com."},
		{"$INCLUDE /etc/passwd", "", "Nothing has been changed: line:1: "},
		{"www 60 CNAME other.test.", "", "Nothing has been changed: the CNAME at www.example.com. cannot stand beside other records (RFC 1034 section 3.6.2)."},
		{"@ 60 SOA a. b. 1 1 1 1 1", "", "Nothing has been changed: example.com. SOA: the SOA is the provider's; it is not edited."},
		{"", "www.example.com. 60 IN A 192.0.2.7", "Nothing has been changed: www.example.com. 60 IN A 192.0.2.7 is not in the zone; it cannot be removed."},
		{"", "example.com. 3600 IN NS ns1.provider.test.", "Nothing has been changed: the name servers of the domain itself are ours; they stay as they are."},
		{"@ 3600 NS ns.evil.test.", "", "Nothing has been changed: the name servers of the domain itself are ours; they stay as they are."},
		{"EXAMPLE.com. 60 NS ns1.provider.test.", "", "Nothing has been changed: the name servers of the domain itself are ours; they stay as they are."},
	} {
		for _, action := range []string{"review", "confirm"} {
			p := b.change(action, c.add, c.remove)
			if !strings.Contains(p.text(), c.want) || p.status != http.StatusBadRequest {
				t.Errorf("%s %q, %q: status %d, %s", action, c.add, c.remove, p.status, p.text())
			}
		}
	}
	if p := b.change("shred", "", ""); p.status != http.StatusBadRequest || p.heading() != "This form could not be read" {
		t.Errorf("another action: %d %s", p.status, p.text())
	}
	if after := w.zoneAt("example.com"); after != before {
		t.Errorf("the zone is now\n%s", after)
	}
}

// Nobody changes another's domain, or has his own changed by another site; and
// what he has not seen is not done.
func TestZoneChangeIsTheUsersOwn(t *testing.T) {
	w := newStatefulWorld(t)
	if p := w.browser().get("/ux/zone?domain=example.com"); p.path != "/ux/sign-in" {
		t.Errorf("without signing in: %s", p.path)
	}
	b := w.browser()
	for _, domain := range []string{"other.test", "nowhere.test", ""} {
		if p := b.signedIn("/ux/zone?domain=" + domain); p.status != http.StatusForbidden || p.heading() != "This domain is not in your account" {
			t.Errorf("%s: %d %s", domain, p.status, p.text())
		}
	}
	form := b.signedIn("/ux/zone?domain=example.com").form("/ux/zone")
	form.Set("add", "late 60 A 192.0.2.1")
	form.Set("action", "confirm")
	if p := b.post("/ux/zone", form); p.status != http.StatusConflict || !strings.Contains(p.text(), "Your domain has changed since you opened this page.") {
		t.Errorf("confirmed without a review: %d %s", p.status, p.text())
	}
	form.Set("domain", "other.test")
	if p := b.post("/ux/zone", form); p.status != http.StatusForbidden {
		t.Errorf("another's domain: %d %s", p.status, p.text())
	}
	form.Set("domain", "example.com")
	form.Set("csrf", "x")
	if p := b.post("/ux/zone", form); p.status != http.StatusForbidden || p.heading() != "This form is no longer valid" {
		t.Errorf("a forged form: %d %s", p.status, p.text())
	}
	if got := w.zoneAt("example.com") + w.zoneAt("other.test"); strings.Contains(got, "late") {
		t.Errorf("it was written:\n%s", got)
	}

	// Between the review and the answer somebody sets a service up.
	const user = "www.example.com. 3600 IN A 192.0.2.80"
	p := b.change("review", "", user)
	if _, err := w.tenant.Replace("example.com", withInstance(user)); err != nil {
		t.Fatal(err)
	}
	p = b.answered(p, "/ux/zone", "confirm", user)
	contains(t, p.text(), "Your domain has changed since you opened this page.", "The service Web Site will be removed")
	if b.answered(p, "/ux/zone", "confirm", user); strings.Contains(w.zoneAt("example.com"), "192.0.2.80") || w.applied() != "" {
		t.Errorf("applied: %q; the zone is\n%s", w.applied(), w.zoneAt("example.com"))
	}
}

// withInstance has a service claim a record that is there.
func withInstance(record string) func(store.Snapshot) (store.Snapshot, error) {
	var applied []zone.Instance
	for r := range parseZone("example.com", record+"\n").Records() {
		applied = append(applied, zone.Instance{Identity: zone.Identity{Provider: "sp.test", Service: "site", Domain: "example.com"}, Records: []zone.Written{{Record: r}}})
	}
	return func(s store.Snapshot) (store.Snapshot, error) {
		return store.Snapshot{Zone: s.Zone, Instances: applied}, nil
	}
}

// The page of services removes them, one host at a time, and says what goes.
func TestAppliedPage(t *testing.T) {
	w := newStatefulWorld(t)
	b := w.browser()
	if p := b.signedIn("/ux/applied"); !strings.Contains(p.text(), "No service is set up for your domains.") {
		t.Errorf("at first: %s", p.text())
	}
	b.confirm(w.apply("notes", "domain=example.com&host=bar&n=x&instanceId=%3Cb%3E"))
	b.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
	if p := b.signedIn("/ux/applied"); !strings.Contains(p.text(), "Notes Offered by Sorrel Pages Set up for bar.example.com As <b>") || !strings.Contains(p.text(), "Web Site Offered by Sorrel Pages Set up for example.com 4 records") {
		t.Errorf("two services: %s", p.text())
	}
	bob := w.browser()
	bob.signIn(bob.get("/ux/sign-in"), "bob", "builder")
	contains(t, bob.get("/ux/applied").text(), "No service is set up for your domains.")
	site := url.Values{"csrf": b.signedIn("/ux/applied").form("/ux/applied")["csrf"], "provider": {"sp.test"}, "service": {"site"}, "domain": {"example.com"}, "host": {""}, "action": {"review"}}
	p := b.post("/ux/applied", site)
	contains(t, p.text(), "Remove Web Site", "The service Web Site will be removed It is set up for example.com by Sorrel Pages .", "4 records will be removed")
	if w.zoneAt("example.com") != strings.Replace(siteIsUp, "once.", "bar.example.com. 3600 IN TXT \"v=spf1 include:notes.sp.test ~all\"\nonce.bar.example.com. 600 IN TXT \"x\"\nonce.", 1) {
		t.Errorf("before the answer the zone is\n%s", w.zoneAt("example.com"))
	}
	if b.answered(p, "/ux/applied", "back"); w.applied() != "sp.test/notes (<b>) at bar.example.com; sp.test/site at example.com" {
		t.Errorf("after going back: %s", w.applied())
	}
	done := b.answered(p, "/ux/applied", "confirm")
	if w.applied() != "sp.test/notes (<b>) at bar.example.com" || strings.Contains(w.zoneAt("example.com"), "site") || done.path != "/ux/applied" {
		t.Errorf("applied: %s; the zone is\n%s", w.applied(), w.zoneAt("example.com"))
	}
	if p := b.answered(p, "/ux/applied", "confirm"); p.status != http.StatusGone || p.heading() != "This service is not set up any more" {
		t.Errorf("a second time: %d %s", p.status, p.text())
	}
	site.Set("domain", "other.test")
	if p := b.post("/ux/applied", site); p.status != http.StatusForbidden {
		t.Errorf("another's domain: %d", p.status)
	}
	site.Set("csrf", "x")
	if p := b.post("/ux/applied", site); p.heading() != "This form is no longer valid" {
		t.Errorf("a forged form: %s", p.text())
	}
}

// What goes around taking a template back for a client goes around the user's
// removal, which he has seen before; that clients may not is nothing to him.
func TestAppliedPageIsBent(t *testing.T) {
	type reverting = func(store.Snapshot, zone.Identity, *dc.Template, store.Revert) (store.Snapshot, error)
	const spf = `example.com. 3600 IN TXT "v=spf1 include:site.sp.test ~all"` + "\n"
	for _, tc := range []struct {
		name, zone, applied string
		status              int
		bend                reverting
	}{
		{"as it is", nameServers, "", http.StatusOK, func(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
			return next(s, which)
		}},
		{"with a record left", nameServers + spf, "", http.StatusOK, func(s store.Snapshot, which zone.Identity, of *dc.Template, next store.Revert) (store.Snapshot, error) {
			after, err := next(s, which)
			if err != nil || of.ServiceID != "site" {
				return after, err
			}
			return after.Stateless(zone.Change{Add: []zone.Record{{Owner: "example.com.", Type: "TXT", TTL: 3600, Data: `"v=spf1 include:site.sp.test ~all"`}}})
		}},
		{"not for clients", nameServers, "", http.StatusOK, func(s store.Snapshot, _ zone.Identity, _ *dc.Template, _ store.Revert) (store.Snapshot, error) {
			return s, store.ErrStateless
		}},
		{"broken", siteIsUp, "sp.test/site at example.com", http.StatusInternalServerError, func(s store.Snapshot, _ zone.Identity, _ *dc.Template, _ store.Revert) (store.Snapshot, error) {
			return s, errors.New("out of order")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			called := 0
			w := newStatefulWorld(t, func(c *store.TenantConfig) {
				c.Hooks.Reverting = append(c.Hooks.Reverting, func(s store.Snapshot, which zone.Identity, of *dc.Template, next store.Revert) (store.Snapshot, error) {
					called++
					return tc.bend(s, which, of, next)
				})
			})
			b := w.browser()
			b.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
			form := b.signedIn("/ux/applied").form("/ux/applied")
			p := b.post("/ux/applied", url.Values{"csrf": form["csrf"], "provider": {"sp.test"}, "service": {"site"}, "domain": {"example.com"}, "host": {""}, "action": {"review"}})
			contains(t, p.text(), "4 records will be removed")
			if called != 0 || w.zoneAt("example.com") != siteIsUp {
				t.Errorf("before the answer, %d calls, the zone is\n%s", called, w.zoneAt("example.com"))
			}
			done := b.answered(p, "/ux/applied", "confirm")
			if called != 1 || done.status != tc.status || w.applied() != tc.applied || w.zoneAt("example.com") != tc.zone {
				t.Errorf("%d calls, status %d, applied: %q, the zone is\n%s", called, done.status, w.applied(), w.zoneAt("example.com"))
			}
		})
	}
}

func TestAppliedPageWithoutState(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	contains(t, b.signedIn("/ux/applied").text(), "Which services are set up is not remembered here.")
	form := b.signedIn("/ux/").form("/ux/sign-out")
	form.Set("action", "review")
	form.Set("domain", "example.com")
	if p := b.post("/ux/applied", form); p.status != http.StatusNotImplemented || p.heading() != "Services are not remembered here" {
		t.Errorf("%d %s", p.status, p.text())
	}
}
