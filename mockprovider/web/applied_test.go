package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// The templates of the tests with state: shop takes the address of site away,
// which is essential to it, notes takes what site can be without.
const (
	shopTemplate = `{
		"providerId": "sp.test", "providerName": "Sorrel Pages", "serviceId": "shop", "serviceName": "Shop <b>",
		"version": 1, "syncRedirectDomain": "sp.test",
		"records": [
			{"type": "A", "host": "www", "pointsTo": "192.0.2.30", "ttl": 600},
			{"type": "TXT", "host": "shop", "data": "open", "ttl": 600}
		]}`
	statefulSite = `{
		"providerId": "sp.test", "providerName": "Sorrel Pages", "serviceId": "site", "serviceName": "Web Site",
		"version": 7, "syncRedirectDomain": "sp.test",
		"records": [
			{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600},
			{"type": "TXT", "host": "site", "data": "hello", "ttl": 600},
			{"type": "TXT", "host": "once", "data": "set up", "ttl": 600, "essential": "OnApply"},
			{"type": "SPFM", "host": "@", "spfRules": "include:site.sp.test"}
		]}`
	notesTemplate = `{
		"providerId": "sp.test", "providerName": "Sorrel Pages", "serviceId": "notes", "serviceName": "Notes",
		"version": 1, "syncRedirectDomain": "sp.test", "multiInstance": true,
		"records": [
			{"type": "TXT", "host": "once", "data": "%n%", "ttl": 600, "txtConflictMatchingMode": "%mode%"},
			{"type": "SPFM", "host": "@", "spfRules": "include:notes.sp.test"}
		]}`
)

func stateful(c *store.TenantConfig) { c.Rules.Stateful = true }

// newStatefulWorld has the three templates.
func newStatefulWorld(t *testing.T, options ...option) *world {
	t.Helper()
	return newWorld(t, append([]option{stateful, withTemplates(statefulSite, shopTemplate, strings.ReplaceAll(notesTemplate, "%mode%", "All"))}, options...)...)
}

// confirm applies a template as alice, and returns the consent page.
func (b *browser) confirm(address string) page {
	b.w.t.Helper()
	p := b.open(address)
	if done := b.answer(p, "confirm"); done.heading() != "Done" {
		b.w.t.Fatalf("%s: %s", address, done.text())
	}
	return p
}

// applied lists the instances of a world.
func (w *world) applied() string {
	var names []string
	for _, i := range w.tenant.Applied() {
		names = append(names, i.String())
	}
	return strings.Join(names, "; ")
}

const (
	nameServers = "example.com. 3600 IN NS ns1.provider.test.\nexample.com. 3600 IN NS ns2.provider.test.\n"
	siteIsUp    = nameServers + `example.com. 3600 IN TXT "v=spf1 include:site.sp.test ~all"
once.example.com. 600 IN TXT "set up"
site.example.com. 600 IN TXT "hello"
www.example.com. 600 IN A 192.0.2.1
`
)

// What conflicts with an essential record of a service takes the whole service
// along, and the page says so before.
func TestConsentToTheEndOfAnotherService(t *testing.T) {
	w := newStatefulWorld(t)
	alice := w.browser()
	alice.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
	if got := w.zoneAt("example.com"); got != siteIsUp {
		t.Errorf("the zone is now\n%s\nwant\n%s", got, siteIsUp)
	}
	p := alice.open(w.apply("shop", "domain=EXAMPLE.com"))
	contains(t, p.text(),
		"asks to change records of your domain: 2 to add, 4 to remove.",
		"1 record in the way will be removed",
		"www.example.com A 192.0.2.1 The service brings its own address for this name. It belongs to Web Site .",
		"The service Web Site will be removed It is set up for example.com by Sorrel Pages , and cannot work without a record that is in the way. These records go with it:",
		"site.example.com TXT \"hello\" 600", "once.example.com TXT \"set up\" 600")
	if got := w.zoneAt("example.com"); got != siteIsUp {
		t.Errorf("before the answer the zone is\n%s", got)
	}
	alice.answer(p, "confirm")
	want := nameServers + "shop.example.com. 600 IN TXT \"open\"\nwww.example.com. 600 IN A 192.0.2.30\n"
	if got := w.zoneAt("example.com"); got != want || w.applied() != "sp.test/shop at example.com" {
		t.Errorf("applied: %s; the zone is now\n%s\nwant\n%s", w.applied(), got, want)
	}
}

// A provider without state removes the record alone, and names no service.
func TestConsentWithoutState(t *testing.T) {
	w := newStatefulWorld(t, func(c *store.TenantConfig) { c.Rules.Stateful = false })
	alice := w.browser()
	alice.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
	p := alice.confirm(w.apply("shop", "domain=example.com"))
	if text := p.text(); strings.Contains(text, "Web Site") || !strings.Contains(text, "2 to add, 1 to remove") {
		t.Errorf("the page says %s", text)
	}
	contains(t, w.zoneAt("example.com"), `site.example.com. 600 IN TXT "hello"`, `www.example.com. 600 IN A 192.0.2.30`)
	if w.applied() != "" {
		t.Errorf("remembered: %s", w.applied())
	}
}

// Applied again, a template takes the place of its former records, and nothing
// of it is called a conflict.
func TestConsentToTheSameServiceAgain(t *testing.T) {
	w := newStatefulWorld(t)
	alice := w.browser()
	alice.confirm(w.apply("site", "domain=example.com&ip=192.0.2.9"))
	p := alice.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
	contains(t, p.text(), "1 to add, 1 to remove", "1 record of the earlier setup will be removed", "www.example.com A 192.0.2.9 600")
	if text := p.text(); strings.Contains(text, "in the way") || strings.Contains(text, "merged") {
		t.Errorf("the page says %s", text)
	}
	if got := w.zoneAt("example.com"); got != siteIsUp || w.applied() != "sp.test/site at example.com" {
		t.Errorf("applied: %s; the zone is now\n%s\nwant\n%s", w.applied(), got, siteIsUp)
	}
}

// With multiInstance each apply adds; what a service can be without goes alone.
func TestConsentToInstances(t *testing.T) {
	w := newStatefulWorld(t, withTemplates(statefulSite, strings.ReplaceAll(notesTemplate, "%mode%", "None")))
	alice := w.browser()
	alice.confirm(w.apply("notes", "domain=example.com&n=one&instanceId=i1"))
	alice.confirm(w.apply("notes", "domain=example.com&n=two&instanceId=i2"))
	p := alice.confirm(w.apply("notes", "domain=example.com&n=three"))
	if text := p.text(); strings.Contains(text, "remove") {
		t.Errorf("the page says %s", text)
	}
	contains(t, w.zoneAt("example.com"), `IN TXT "one"`, `IN TXT "two"`, `IN TXT "three"`, `"v=spf1 include:notes.sp.test ~all"`)
	if got, want := w.applied(), "sp.test/notes (i1) at example.com; sp.test/notes (i2) at example.com; sp.test/notes at example.com"; got != want {
		t.Errorf("applied: %s\nwant %s", got, want)
	}

	w = newStatefulWorld(t)
	alice = w.browser()
	alice.confirm(w.apply("site", "domain=example.com&ip=192.0.2.1"))
	p = alice.confirm(w.apply("notes", "domain=example.com&n=mine"))
	contains(t, p.text(), "once.example.com TXT \"set up\" The service wants to be alone with its text at this name. It belongs to Web Site .",
		"1 record will be replaced by a merged one")
	if strings.Contains(p.text(), "The service Web Site will be removed") {
		t.Error("a record that is essential on apply takes its service along")
	}
	contains(t, w.zoneAt("example.com"), `once.example.com. 600 IN TXT "mine"`, `site.example.com. 600 IN TXT "hello"`,
		`"v=spf1 include:site.sp.test include:notes.sp.test ~all"`)
}

// A page that named no service is not an agreement to the end of one, though
// the records that go are the same.
func TestConsentSeesAServiceComing(t *testing.T) {
	const address = `{
		"providerId": "sp.test", "providerName": "Sorrel Pages", "serviceId": "address", "serviceName": "Address",
		"version": 1, "records": [{"type": "A", "host": "www", "pointsTo": "192.0.2.80", "ttl": 3600}]}`
	w := newStatefulWorld(t, withTemplates(shopTemplate, address))
	alice, other := w.browser(), w.browser()
	p := alice.open(w.apply("shop", "domain=example.com"))
	other.confirm(w.apply("address", "domain=example.com"))
	p = alice.answer(p, "confirm")
	contains(t, p.text(), "Your domain has changed since you opened this page.", "The service Address will be removed")
	if p.status != http.StatusConflict || w.applied() != "sp.test/address at example.com" {
		t.Errorf("status %d, applied: %s", p.status, w.applied())
	}
	alice.answer(p, "confirm")
	if got := w.applied(); got != "sp.test/shop at example.com" {
		t.Errorf("applied: %s", got)
	}
}
