package store

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// shopApp is a template of the tests, applied at the apex.
var shopApp = zone.Application{Identity: zone.Identity{Provider: "sp.example", Service: "shop", Domain: "a.example"}}

// Two records of a template, the second of which may go by itself.
var (
	shopWeb  = zone.Record{Owner: "a.example.", Type: "A", TTL: 600, Data: "192.0.2.1"}
	shopOnce = zone.Record{Owner: "once.a.example.", Type: "TXT", TTL: 600, Data: `"set up"`}
	mine     = zone.Record{Owner: "mine.a.example.", Type: "TXT", TTL: 300, Data: `"mine"`}
)

func resolved(tb testing.TB, r zone.Record, onApply bool) dc.Resolved {
	tb.Helper()
	rr, err := dns.NewRR(r.String())
	if err != nil {
		tb.Fatal(err)
	}
	return dc.Resolved{Owner: r.Owner, Type: r.Type, TTL: r.TTL, Value: r.Data, RR: rr, OnApply: onApply}
}

// newStateful is a tenant with a zone that a template is applied to.
func newStateful(tb testing.TB) *Tenant {
	tb.Helper()
	tn := newTenant(tb, New(nil), TenantConfig{
		Name: "t", Users: []User{{Name: "alice"}}, Rules: dc.Rules{Stateful: true},
		Zones: []Hosted{{Zone: newZone(tb, "a.example", mine), Owner: "alice"}},
	})
	records := []dc.Resolved{resolved(tb, shopWeb, false), resolved(tb, shopOnce, true)}
	_, err := tn.Replace("A.example", func(s Snapshot) (Snapshot, error) {
		c, _, err := zone.Plan(s.Zone, records, s.State(shopApp), tn.Config().Rules)
		if err != nil {
			return Snapshot{}, err
		}
		return s.After(c)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return tn
}

// data is what is in the zone beside SOA and NS.
func data(tb testing.TB, tn *Tenant) []string {
	tb.Helper()
	s, owner, ok := tn.Snapshot("a.example.")
	if !ok || owner != "alice" {
		tb.Fatalf("owner %q, %t", owner, ok)
	}
	var all []string
	for r := range s.Zone.Records() {
		if r.Type != "SOA" && r.Type != "NS" {
			all = append(all, r.String())
		}
	}
	return all
}

func names(instances []zone.Instance) []string {
	list := []string{}
	for _, i := range instances {
		list = append(list, i.String())
	}
	return list
}

func differ(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestInstancesAreKeptBesideTheZone(t *testing.T) {
	tn := newStateful(t)
	differ(t, "zone", data(t, tn), []string{shopWeb.String(), mine.String(), shopOnce.String()})
	differ(t, "applied", names(tn.Applied()), []string{"sp.example/shop at a.example"})
	if got := tn.Config().Zones[0].Instances; len(got) != 1 || len(got[0].Records) != 2 {
		t.Errorf("the configuration has %v", got)
	}
	if _, err := tn.Update("a.example", touch); err != nil {
		t.Fatal(err)
	}
	differ(t, "applied after an update of the records", names(tn.Applied()), []string{"sp.example/shop at a.example"})
	if _, _, ok := tn.Snapshot("b.example"); ok {
		t.Error("a zone that is not hosted has a state")
	}
}

// A change of the instances alone is a change, with the serial as it is.
func TestReplaceInstancesAlone(t *testing.T) {
	tn := newStateful(t)
	before, _, _ := tn.Snapshot("a.example")
	number, _ := tn.store.Generation()
	after, err := tn.Replace("a.example", func(s Snapshot) (Snapshot, error) {
		return Snapshot{s.Zone, slices.Clone(s.Instances)}, nil
	})
	if err != nil || after.Zone != before.Zone {
		t.Errorf("zone of serial %d, %v; want that of serial %d", after.Zone.Serial(), err, before.Zone.Serial())
	}
	if next, _ := tn.store.Generation(); next != number+1 {
		t.Errorf("generation %d after %d: the change was not noted", next, number)
	}
	if _, err := tn.Replace("a.example", func(s Snapshot) (Snapshot, error) { return s, nil }); err != nil {
		t.Fatal(err)
	}
	if next, _ := tn.store.Generation(); next != number+1 {
		t.Errorf("generation %d after %d: nothing was changed", next, number+1)
	}
	_, err = tn.Replace("b.example", nil)
	if !errors.Is(err, ErrNoZone) || err.Error() != `zone b.example. is not hosted by tenant "t": no such zone` {
		t.Errorf("another zone: %v", err)
	}
}

func TestRevert(t *testing.T) {
	tn := newStateful(t)
	serial := func() uint32 { z, _, _ := tn.Zone("a.example"); return z.Serial() }
	before := serial()
	refused := errors.New("the user said no")
	_, err := tn.Revert(shopApp.Identity, func(c zone.Change) error {
		if len(c.InstancesRemoved) != 1 || c.InstancesRemoved[0].Why != zone.WhyReverted {
			t.Errorf("asked about %+v", c.InstancesRemoved)
		}
		return refused
	})
	if !errors.Is(err, refused) || serial() != before || len(tn.Applied()) != 1 {
		t.Errorf("%v; serial %d after %d, %d applied", err, serial(), before, len(tn.Applied()))
	}
	c, err := tn.Revert(shopApp.Identity, nil)
	if err != nil || len(c.Remove) != 2 || serial() != before+1 {
		t.Errorf("%+v, %v; serial %d after %d", c, err, serial(), before)
	}
	differ(t, "zone", data(t, tn), []string{mine.String()})
	differ(t, "applied", names(tn.Applied()), []string{})

	_, err = tn.Revert(shopApp.Identity, nil)
	if e, ok := errors.AsType[*dc.Error](err); !ok || e.Class != dc.ErrNotApplied || serial() != before+1 {
		t.Errorf("a second time: %v; serial %d", err, serial())
	}
	_, err = tn.Revert(zone.Identity{Domain: "b.example"}, nil)
	if !errors.Is(err, ErrNoZone) {
		t.Errorf("another zone: %v", err)
	}
	if err := tn.Reconfigure(func(c *TenantConfig) { c.Rules.Stateful = false }); err != nil {
		t.Fatal(err)
	}
	_, err = tn.Revert(shopApp.Identity, nil)
	if !errors.Is(err, ErrStateless) || err.Error() != "this provider does not remember which templates are applied" {
		t.Errorf("without state: %v", err)
	}
}

// An essential record takes its template with it, which whoever edits is asked
// about; another does not.
func TestEditRecords(t *testing.T) {
	tn := newStateful(t)
	if _, err := tn.EditRecords("a.example", []zone.Record{shopOnce}, nil, nil); err != nil {
		t.Fatal(err)
	}
	differ(t, "zone", data(t, tn), []string{shopWeb.String(), mine.String()})
	differ(t, "applied", names(tn.Applied()), []string{"sp.example/shop at a.example"})

	tn = newStateful(t)
	var gone []string
	other := shopWeb
	other.Data = "192.0.2.9"
	_, err := tn.EditRecords("a.example", []zone.Record{shopWeb}, []zone.Record{other}, func(c zone.Change) error {
		for _, r := range c.InstancesRemoved {
			gone = append(gone, r.String()+": "+string(r.Why))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	differ(t, "asked about", gone, []string{"sp.example/shop at a.example: edited"})
	differ(t, "zone", data(t, tn), []string{other.String(), mine.String()})
	differ(t, "applied", names(tn.Applied()), []string{})

	_, err = tn.EditRecords("a.example", []zone.Record{shopWeb}, nil, nil)
	if want := "a.example. 600 IN A 192.0.2.1 is not in the zone; it cannot be removed"; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

func TestEditRecordsMayBeBent(t *testing.T) {
	tn := newStateful(t)
	if err := tn.Reconfigure(func(c *TenantConfig) {
		c.Hooks.Edited = append(c.Hooks.Edited, func(before, _ *zone.Zone) (*zone.Zone, error) { return before, nil })
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := tn.EditRecords("a.example", []zone.Record{mine}, nil, nil); err != nil {
		t.Fatal(err)
	}
	differ(t, "zone", data(t, tn), []string{shopWeb.String(), mine.String(), shopOnce.String()})
}

// A change of the whole zone, as DNS UPDATE makes one, has the same
// consequences where templates are kept track of, and no others anywhere else.
func TestEditHasConsequences(t *testing.T) {
	withoutWeb := func(z *zone.Zone) (*zone.Zone, error) {
		late := zone.Record{Owner: "late.a.example.", Type: "TXT", TTL: 60, Data: `"x"`}
		slower := mine
		slower.TTL = 900
		next, err := zone.Change{Remove: []zone.Record{shopWeb}, Add: []zone.Record{late}, Retime: []zone.Record{slower}}.Apply(z)
		if err != nil {
			return nil, err
		}
		return next.WithSerial(4000), nil
	}
	tn := newStateful(t)
	z, err := tn.Edit("a.example", withoutWeb)
	if err != nil || z.Serial() != 4000 {
		t.Fatalf("serial %d, %v", z.Serial(), err)
	}
	slow := mine
	slow.TTL = 900
	differ(t, "zone", data(t, tn), []string{`late.a.example. 60 IN TXT "x"`, slow.String()})
	differ(t, "applied", names(tn.Applied()), []string{})

	tn = newStateful(t)
	if err := tn.Reconfigure(func(c *TenantConfig) { c.Rules.Stateful = false }); err != nil {
		t.Fatal(err)
	}
	if _, err := tn.Edit("a.example", withoutWeb); err != nil {
		t.Fatal(err)
	}
	differ(t, "zone without state", data(t, tn), []string{`late.a.example. 60 IN TXT "x"`, slow.String(), shopOnce.String()})

	tn = newStateful(t)
	number, _ := tn.store.Generation()
	if _, err := tn.Edit("a.example", func(z *zone.Zone) (*zone.Zone, error) { return z, nil }); err != nil {
		t.Fatal(err)
	}
	if next, _ := tn.store.Generation(); next != number {
		t.Error("an edit that changes nothing is noted as a change")
	}
	failed := errors.New("not today")
	if _, err := tn.Edit("a.example", func(*zone.Zone) (*zone.Zone, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
	if _, err := tn.Edit("a.example", func(*zone.Zone) (*zone.Zone, error) { return zone.New("a.example") }); err == nil || err.Error() != "zone a.example.: the update took the SOA record out, without which a zone cannot be served" {
		t.Errorf("%v", err)
	}
}

// Editing goes around what an edit does, be it of some records or of the whole
// zone: the last hook is the outermost.
func TestEditingMayBeBent(t *testing.T) {
	tn := newStateful(t)
	var order []string
	bend := func(name string) func([]*dc.Template, Snapshot, Edit) (zone.Change, error) {
		return func(_ []*dc.Template, s Snapshot, next Edit) (zone.Change, error) {
			order = append(order, name)
			c, err := next(Snapshot{Zone: s.Zone}) // without the templates
			c.Instances = s.Instances
			return c, err
		}
	}
	if err := tn.Reconfigure(func(c *TenantConfig) { c.Hooks.Editing = append(c.Hooks.Editing, bend("first"), bend("last")) }); err != nil {
		t.Fatal(err)
	}
	if _, err := tn.EditRecords("a.example", []zone.Record{shopWeb}, nil, nil); err != nil {
		t.Fatal(err)
	}
	differ(t, "zone", data(t, tn), []string{mine.String(), shopOnce.String()})
	_, err := tn.Edit("a.example", func(z *zone.Zone) (*zone.Zone, error) { return zone.Change{Remove: []zone.Record{mine}}.Apply(z) })
	if err != nil {
		t.Fatal(err)
	}
	differ(t, "zone", data(t, tn), []string{shopOnce.String()})
	differ(t, "applied", names(tn.Applied()), []string{"sp.example/shop at a.example"})
	differ(t, "hooks", order, []string{"last", "first", "last", "first"})
}
