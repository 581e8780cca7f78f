package store

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func TestReconfigure(t *testing.T) {
	s := New(nil)
	tn, err := s.NewTenant(TenantConfig{Name: "a", Users: []User{{"ann", "1"}}, Zones: []Hosted{{Zone: newZone(t, "a.example."), Owner: "ann"}}})
	if err != nil {
		t.Fatal(err)
	}
	before := tn.Config()
	change := func(c *TenantConfig) {
		if c.Name != "a" || len(c.Zones) != 0 {
			t.Errorf("the change got %+v", c)
		}
		c.Name, c.Zones = "b", []Hosted{{Zone: newZone(t, "b.example.")}}
		c.Users[0].Password = "2"
		c.Templates = []*dc.Template{{ProviderID: "p", ServiceID: "s"}}
		c.Rules.Edition = dc.DCSpec23
		c.ProviderID = "other.example"
	}
	if err := tn.Reconfigure(change); err != nil {
		t.Fatal(err)
	}
	after := tn.Config()
	if after.Name != "a" || tn.Name() != "a" || len(after.Zones) != 1 || after.Zones[0].Zone.Origin() != "a.example." {
		t.Errorf("name or zones have changed: %+v", after)
	}
	if _, ok := tn.Template(dc.TemplateID{Provider: "p", Service: "s"}); !ok || after.Rules.Edition != dc.DCSpec23 || after.ProviderID != "other.example" {
		t.Errorf("the change is not in force: %+v", after)
	}
	if tn.Authenticate("ann", "1") || !tn.Authenticate("ann", "2") {
		t.Error("the password has not changed")
	}
	if !before.Authenticate("ann", "1") || len(before.Templates) != 0 || before.Rules.Edition != dc.IETF05 {
		t.Errorf("a configuration that was read before has changed: %+v", before)
	}
	err = tn.Reconfigure(func(c *TenantConfig) { c.Users = []User{{Password: "x"}}; c.ProviderID = "third.example" })
	const want = `tenant "a": user 1 has no name: an empty owner means a zone that no user may change, so every user needs a name`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if tn.Config().ProviderID != "other.example" {
		t.Error("a refused configuration is in force")
	}
}

func TestMisbehave(t *testing.T) {
	s := New(nil)
	tn, err := s.NewTenant(TenantConfig{Hooks: Hooks{Page: []func(string, []byte) []byte{func(string, []byte) []byte { return nil }}}})
	if err != nil {
		t.Fatal(err)
	}
	frame := Misbehaviour{"framed", func(c *TenantConfig) { c.Faults.AllowFraming = true }}
	pages := Misbehaviour{"pages", func(c *TenantConfig) {
		c.Hooks.Page = append(c.Hooks.Page, func(_ string, b []byte) []byte { return b })
		c.Name = "other"
		c.Templates = []*dc.Template{{ProviderID: "p", ServiceID: "s"}}
		c.Users = []User{{"eve", "x"}}
	}}
	expect := func(names []string, framing bool, hooks int, provider string) {
		t.Helper()
		c := tn.Config()
		if diff := cmp.Diff(names, tn.Misbehaviours()); diff != "" {
			t.Error(diff)
		}
		if c.Faults.AllowFraming != framing || len(c.Hooks.Page) != hooks || len(tn.Hooks().Page) != hooks || c.ProviderID != provider || c.Name != "" {
			t.Errorf("framing %v, %d page hooks, provider %q, name %q", c.Faults.AllowFraming, len(c.Hooks.Page), c.ProviderID, c.Name)
		}
	}
	expect([]string{}, false, 1, "")
	tn.Misbehave(frame, pages)
	expect([]string{"framed", "pages"}, true, 2, "")
	if err := tn.Reconfigure(func(c *TenantConfig) {
		if c.Faults.AllowFraming || len(c.Hooks.Page) != 1 {
			t.Error("the change got the configuration with the faults")
		}
		c.ProviderID = "p.example"
	}); err != nil {
		t.Fatal(err)
	}
	expect([]string{"framed", "pages"}, true, 2, "p.example")
	tn.Misbehave(pages)
	expect([]string{"pages"}, false, 2, "p.example")
	if _, ok := tn.Template(dc.TemplateID{Provider: "p", Service: "s"}); !ok || !tn.Authenticate("eve", "x") {
		t.Error("what the fault sets is not what the tenant finds")
	}
	tn.Misbehave()
	expect([]string{}, false, 1, "p.example")
}

// TestFaultsShareNoList sets a fault that appends to a hook in many requests
// at once; with a shared list, each would see the others' hook, and the race
// detector the write.
func TestFaultsShareNoList(t *testing.T) {
	s := New(nil)
	tn, err := s.NewTenant(TenantConfig{})
	if err != nil {
		t.Fatal(err)
	}
	add := func(n int) Misbehaviour {
		return Misbehaviour{"add", func(c *TenantConfig) {
			c.Hooks.Query = append(c.Hooks.Query, func(string) string { return fmt.Sprint(n) })
			c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler { return next })
		}}
	}
	// Three appends leave room for a fourth.
	tn.Misbehave(add(-1), add(-2), add(-3))
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			c := tn.Config().With(add(n))
			if got := c.Hooks.Query[3](""); got != fmt.Sprint(n) || len(c.Hooks.Web) != 4 {
				t.Errorf("request %d has the hook of %s", n, got)
			}
		})
	}
	all.Wait()
	first, second := tn.Config().With(add(1)), tn.Config().With(add(2))
	if a, b := first.Hooks.Query[3](""), second.Hooks.Query[3](""); a != "1" || b != "2" {
		t.Errorf("the requests have the hooks of %s and %s", a, b)
	}
}

func TestTenants(t *testing.T) {
	s := New(nil)
	for _, name := range []string{"b", "", "a"} {
		if _, err := s.NewTenant(TenantConfig{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.PublishTXT("k.keys.example", []string{"x"}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tn := range s.Tenants() {
		names = append(names, tn.Name())
	}
	if diff := cmp.Diff([]string{"", "a", "b"}, names); diff != "" {
		t.Error(diff)
	}
}

// TestSerialMayRise keeps a serial that the update itself has raised, as RFC
// 2136 section 3.6 has it, and raises any other.
func TestSerialMayRise(t *testing.T) {
	s := New(nil)
	tn := newTenant(t, s, TenantConfig{Zones: []Hosted{{Zone: newZone(t, "a.example.")}}})
	for _, c := range []struct{ set, want uint32 }{{10, 10}, {10, 11}, {5, 12}, {4294967295, 13}, {2147483661, 14}, {2147483661, 2147483661}} {
		z, err := tn.Update("a.example", func(z *zone.Zone) (*zone.Zone, error) {
			return z.WithSerial(c.set), nil
		})
		if err != nil || z.Serial() != c.want {
			t.Errorf("set to %d: serial %d (%v), want %d", c.set, z.Serial(), err, c.want)
		}
	}
}

func TestAwaitNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(time.Now, 3)
		done := make(chan error)
		go func() { done <- j.AwaitNumber(t.Context(), 1) }()
		j.Add(Event{})
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("number 1 was there after number 0: %v", err)
		default:
		}
		j.Add(Event{})
		if err := <-done; err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		const want = "event number 2 has not come, there are 2: context deadline exceeded"
		if err := j.AwaitNumber(ctx, 2); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}

func TestClientsAreChecked(t *testing.T) {
	s := New(nil)
	bad := TenantConfig{Name: "x", Clients: []oauth.Client{{ID: "sp.test"}}}
	const want = `tenant "x": client sp.test: it has no redirect URI: a code can be sent nowhere`
	if _, err := s.NewTenant(bad); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	tenant, err := s.NewTenant(TenantConfig{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if err := tenant.Reconfigure(func(c *TenantConfig) { c.Clients = bad.Clients }); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	good := oauth.Client{ID: "sp.test", Redirects: []string{"https://sp.test/"}}
	if err := tenant.Reconfigure(func(c *TenantConfig) { c.Clients = append(c.Clients, good) }); err != nil || len(tenant.Config().Clients) != 1 {
		t.Errorf("%v, %v", err, tenant.Config().Clients)
	}
	grants := tenant.Grants()
	if again := tenant.Grants(); again != grants || len(tenant.Grants().Grants("")) != 0 {
		t.Error("a tenant has one server, without grants at first")
	}
}
