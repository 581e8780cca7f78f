package fault

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/store"
)

func TestSwitch(t *testing.T) {
	tenant, err := store.New(nil).NewTenant(store.TenantConfig{})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(err error, want string, framing, zones bool, names ...string) {
		t.Helper()
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if f := tenant.Config().Faults; f.AllowFraming != framing || f.AnyZone != zones {
			t.Errorf("in force: %+v", f)
		}
		if diff := cmp.Diff(names, tenant.Misbehaviours()); diff != "" && len(names) > 0 {
			t.Error(diff)
		}
	}
	expect(Switch(tenant, "framed-consent", "any-zone"), "", true, true, "framed-consent", "any-zone")
	expect(Switch(tenant, "csrf-approve", "any-zoo"), (&UnknownError{Name: "any-zoo"}).Error(), true, true, "framed-consent", "any-zone")
	expect(Switch(tenant, "any-zone"), "", false, true, "any-zone")
	expect(Switch(tenant), "", false, false)
}
