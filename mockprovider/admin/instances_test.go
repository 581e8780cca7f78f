package admin

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/instance"
)

// An applied template is shown with its zone, goes with its essential record,
// and comes and goes when the zone begins anew.
func TestInstances(t *testing.T) {
	m := manage(t)
	ctx := t.Context()
	site := instance.Instance{Provider: "sp.test", Service: "site", Domain: "s.example", Host: "www", ID: "i1", Groups: []string{"g"}, Records: []instance.Written{
		{Record: "www.s.example. 300 IN A 192.0.2.1", Group: "g"},
		{Record: "once.s.example. 300 IN TXT \"x\"", Essential: "OnApply"},
	}}
	const text = "www 300 A 192.0.2.1\nonce 300 TXT x\nmine 300 TXT y\n"
	tenant, err := m.CreateTenant(ctx, NewTenant{
		Name: "s", Stateful: true, Users: []User{{"ann", "secret"}},
		Zones: []NewZone{{Name: "s.example", Text: text, Instances: []instance.Instance{site}}},
	})
	if err != nil || !tenant.Stateful {
		t.Fatalf("%+v, %v", tenant, err)
	}
	has := func(z Zone, err error, want ...instance.Instance) {
		t.Helper()
		if diff := cmp.Diff(want, z.Instances); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	z, err := m.Zone(ctx, "s", "s.example")
	has(z, err, site)
	z, err = m.ChangeRecords(ctx, "s", "s.example", Records{Remove: []string{"once 300 TXT x"}})
	without := site
	without.Records = site.Records[:1]
	has(z, err, without)
	z, err = m.ChangeRecords(ctx, "s", "s.example", Records{Remove: []string{"www 300 A 192.0.2.1"}, Add: []string{"www 300 A 192.0.2.2"}})
	has(z, err)
	z, err = m.ReplaceZone(ctx, "s", "s.example", text, site)
	has(z, err, site)
	z, err = m.ReplaceZone(ctx, "s", "s.example", text)
	has(z, err)

	bad := site
	bad.Records = []instance.Written{{Record: "www.s.example. 300 IN A x"}}
	_, err = m.ReplaceZone(ctx, "s", "s.example", text, bad)
	refused(t, err, http.StatusBadRequest, `record 1 of instance 1: record:1: www.s.example. A: bad A A: "x"`)
	bad = site
	bad.Domain = "other.example"
	_, err = m.ReplaceZone(ctx, "s", "s.example", text, bad)
	refused(t, err, http.StatusConflict, `instance 1, sp.test/site (i1) at www.other.example: its domain is "other.example"; it has to be "s.example", the zone that it is applied to`)
	_, err = m.CreateZone(ctx, "s", NewZone{Name: "t.example", Instances: []instance.Instance{{Service: "x"}}})
	refused(t, err, http.StatusBadRequest, "zone t.example: instance 1 has no provider or no service")
	_, err = m.ReplaceZone(ctx, "s", "none.example", text)
	refused(t, err, http.StatusNotFound, `tenant "s" hosts no zone none.example.`)
}
