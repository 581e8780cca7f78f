package store_test

import (
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Whatever outlives a request raises the number and wakes who waits; what
// changes nothing, or fails, does not.
func TestGeneration(t *testing.T) {
	s := store.New(nil)
	z, err := zone.New("example.com")
	if err != nil {
		t.Fatal(err)
	}
	other, err := zone.New("example.net")
	if err != nil {
		t.Fatal(err)
	}
	var tenant *store.Tenant
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name   string
		rises  bool
		change func()
	}{
		{"a tenant", true, func() {
			tenant, err = s.NewTenant(store.TenantConfig{Users: []store.User{{Name: "a", Password: "b"}}, Zones: []store.Hosted{{Zone: z, Owner: "a"}}})
			must(err)
		}},
		{"a second tenant of the name", false, func() {
			if _, err := s.NewTenant(store.TenantConfig{}); err == nil {
				t.Error("no error")
			}
		}},
		{"a zone", true, func() { must(tenant.AddZone(store.Hosted{Zone: other})) }},
		{"an edit", true, func() {
			_, err := tenant.Edit("example.com", func(z *zone.Zone) (*zone.Zone, error) {
				return zone.Change{Add: []zone.Record{{Owner: "a.example.com.", Type: "A", TTL: 60, Data: "192.0.2.1"}}}.Apply(z)
			})
			must(err)
		}},
		{"an edit of nothing", false, func() {
			_, err := tenant.Edit("example.com", func(z *zone.Zone) (*zone.Zone, error) { return z, nil })
			must(err)
		}},
		{"a key", true, func() { must(s.PublishTXT("_k.keys.example", []string{"p=1,d=x"})) }},
		{"the same key", false, func() { must(s.PublishTXT("_k.keys.example", []string{"p=1,d=x"})) }},
		{"a configuration", true, func() { must(tenant.Reconfigure(func(c *store.TenantConfig) { c.ProviderName = "x" })) }},
		{"a fault", true, func() { tenant.Misbehave(store.Misbehaviour{Name: "f", Set: func(*store.TenantConfig) {}}) }},
		{"the end of a tenant", true, func() { s.Remove(tenant) }},
		{"its end again", false, func() { s.Remove(tenant) }},
	} {
		before, next := s.Generation()
		step.change()
		after, _ := s.Generation()
		woken := false
		select {
		case <-next:
			woken = true
		default:
		}
		if rose := after > before; rose != step.rises || woken != step.rises {
			t.Errorf("%s: from %d to %d, woken %v", step.name, before, after, woken)
		}
	}
}

// Plain is the configuration without what a fault has made of it.
func TestPlain(t *testing.T) {
	s := store.New(nil)
	tenant, err := s.NewTenant(store.TenantConfig{ProviderName: "sound"})
	if err != nil {
		t.Fatal(err)
	}
	tenant.Misbehave(store.Misbehaviour{Name: "f", Set: func(c *store.TenantConfig) { c.ProviderName = "bent" }})
	if tenant.Config().ProviderName != "bent" || tenant.Plain().ProviderName != "sound" {
		t.Errorf("%q, plain %q", tenant.Config().ProviderName, tenant.Plain().ProviderName)
	}
}

// A key zone that was taken from one store is served by another.
func TestKeyZonesMove(t *testing.T) {
	from, to := store.New(nil), store.New(nil)
	if err := from.PublishTXT("_k.keys.example", []string{"p=1,d=x"}); err != nil {
		t.Fatal(err)
	}
	zones := from.KeyZones()
	if len(zones) != 1 || zones[0].Origin() != "keys.example." {
		t.Fatalf("%v", zones)
	}
	if err := to.HostKeys(zones[0]); err != nil {
		t.Fatal(err)
	}
	before, _ := to.Generation()
	if err := to.PublishTXT("_k.keys.example", []string{"p=1,d=x"}); err != nil {
		t.Fatal(err)
	}
	if after, _ := to.Generation(); after != before {
		t.Error("the key that came along was not there")
	}
}
