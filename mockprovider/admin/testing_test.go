package admin

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func TestUnderTest(t *testing.T) {
	m := manage(t)
	m.create("one", "one.test")
	site := Testing{"sp.test", "site", "ann"}
	list := func(want ...Testing) {
		t.Helper()
		got, err := m.UnderTest(t.Context(), "one")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append([]Testing{}, want...), got); diff != "" {
			t.Error(diff)
		}
	}
	list()
	if err := m.SetUnderTest(t.Context(), "one", site); err != nil {
		t.Fatal(err)
	}
	list(site)
	tenant, _ := m.store.Tenant("one")
	if account := tenant.Config().Testing[dc.TemplateID{Provider: "sp.test", Service: "site"}]; account != "ann" {
		t.Errorf("the tenant has %q", account)
	}
	status := http.StatusBadRequest
	refused(t, m.SetUnderTest(t.Context(), "one", Testing{"sp.test", "other", "ann"}), status, `the tenant has no template with providerId "sp.test" and serviceId "other"`)
	refused(t, m.SetUnderTest(t.Context(), "one", Testing{"sp.test", "site", "bob"}), status, `the tenant has no user "bob"`)
	refused(t, m.SetUnderTest(t.Context(), "one", site, site), status, "the template sp.test/site stands twice")
	list(site)
	if err := m.SetUnderTest(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	list()
}
