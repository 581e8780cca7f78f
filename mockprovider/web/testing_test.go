package web_test

import (
	"net/http"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// A template under test is unknown to everybody but the one account that may
// try it, and to the template query until it is published.
func TestTemplateUnderTest(t *testing.T) {
	site := dc.TemplateID{Provider: "sp.test", Service: "site"}
	w := newWorld(t, func(c *store.TenantConfig) { c.Testing = map[dc.TemplateID]string{site: "alice"} })
	const query = "/api/v2/domainTemplates/providers/sp.test/services/site"
	const link = "ip=192.0.2.7&v=hello&domain="
	unknown := func(p page) {
		t.Helper()
		if p.status != http.StatusNotFound || p.heading() != "This service is not known here" {
			t.Errorf("status %d, %q", p.status, p.text())
		}
	}
	if p := w.browser().get(query); p.status != http.StatusNotFound {
		t.Errorf("the query answers %d while the template is under test", p.status)
	}
	if p := w.browser().get("/api/v2/domainTemplates/providers/sp.test/services/mail"); p.status != http.StatusOK {
		t.Errorf("the query answers %d for another template", p.status)
	}
	bob := w.browser()
	unknown(bob.signIn(bob.get(w.apply("site", link+"other.test")), "bob", "builder"))
	before := w.zoneAt("other.test")
	alice := w.browser()
	p := alice.answer(alice.signIn(alice.get(w.apply("site", link+"example.com")), "alice", "wonder"), "confirm")
	if p.heading() != "Done" {
		t.Errorf("the account that may try it gets %q", p.text())
	}
	contains(t, w.zoneAt("example.com"), "www.example.com. 600 IN A 192.0.2.7\n")
	if after := w.zoneAt("other.test"); after != before {
		t.Errorf("the other account's zone is now\n%s", after)
	}

	// Published.
	if err := w.tenant.Reconfigure(func(c *store.TenantConfig) { delete(c.Testing, site) }); err != nil {
		t.Fatal(err)
	}
	if p := w.browser().get(query); p.status != http.StatusOK {
		t.Errorf("the query answers %d once the template is published", p.status)
	}
	bob = w.browser()
	if p := bob.answer(bob.signIn(bob.get(w.apply("site", link+"other.test")), "bob", "builder"), "confirm"); p.heading() != "Done" {
		t.Errorf("once it is published, others get %q", p.text())
	}
	contains(t, w.zoneAt("other.test"), "www.other.test. 600 IN A 192.0.2.7\n")
}

// A configuration in force does not change under a request that has it.
func TestTestingIsCopied(t *testing.T) {
	site := dc.TemplateID{Provider: "sp.test", Service: "site"}
	w := newWorld(t, func(c *store.TenantConfig) { c.Testing = map[dc.TemplateID]string{site: "alice"} })
	had := w.tenant.Config()
	if err := w.tenant.Reconfigure(func(c *store.TenantConfig) { delete(c.Testing, site) }); err != nil {
		t.Fatal(err)
	}
	if had.Testing[site] != "alice" || len(w.tenant.Config().Testing) != 0 {
		t.Errorf("before %v, now %v", had.Testing, w.tenant.Config().Testing)
	}
}
