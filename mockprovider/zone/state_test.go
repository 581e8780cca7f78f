package zone

import (
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// webApp is a template of the tests at the apex.
var webApp = Application{Identity: Identity{Provider: "sp.example", Service: "web", Domain: "example.com"}}

// What goes and why is said with the records that are the cause and those that
// leave the zone, and with what another instance keeps.
func TestPlanNamesWhatGoes(t *testing.T) {
	records := template(t, "@ 600 A 192.0.2.9")
	state := &State{By: webApp, Instances: []Instance{
		{Identity: Identity{Provider: "a", Service: "b", Domain: "Example.com.", Host: "", ID: "i1"}, Records: []Written{
			{Record: Record{"example.com.", "A", 300, "192.0.2.1"}},
			{Record: Record{"example.com.", "TXT", 300, `"kept"`}},
			{Record: Record{"www.example.com.", "A", 300, "192.0.2.1"}},
			{Record: Record{"old.example.com.", "TXT", 300, `"deleted by hand"`}},
		}},
		{Identity: Identity{Provider: "a", Service: "c", Domain: "example.com"}, Records: []Written{
			{Record: Record{"example.com.", "TXT", 300, `"kept"`}},
			{Record: Record{"example.com.", "A", 300, "192.0.2.2"}, OnApply: true},
		}},
	}}
	z := zoneOf(t, apex+"@ 300 A 192.0.2.1\n@ 300 A 192.0.2.2\n@ 300 TXT kept\nwww 300 A 192.0.2.1\n")
	change, conflicts, err := Plan(z, records, state, dc.Rules{Stateful: true})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "conflicts", complaints(conflicts), []string{"@ A 192.0.2.1: address", "@ A 192.0.2.2: address"})
	one, www := Record{"example.com.", "A", 300, "192.0.2.1"}, Record{"www.example.com.", "A", 300, "192.0.2.1"}
	same(t, "removed", change.InstancesRemoved, []Removed{{Instance: state.Instances[0], Why: WhyConflict, Cause: []Record{one}, Gone: []Record{one, www}}})
	left := Instance{Identity: state.Instances[1].Identity, Records: state.Instances[1].Records[:1]}
	added := Instance{Identity: webApp.Identity, Records: []Written{{Record: Record{"example.com.", "A", 600, "192.0.2.9"}}}}
	same(t, "changed", change.InstancesChanged, []Instance{left})
	same(t, "added", change.InstancesAdded, []Instance{added})
	same(t, "all", change.Instances, []Instance{left, added})
	same(t, "zone", text(apply(t, z, change).Records()), []string{"@ 600 IN A 192.0.2.9", `@ 300 IN TXT "kept"`})
}

// Without state nothing is said of instances, and nothing is asked of them.
func TestStatelessIgnoresInstances(t *testing.T) {
	state := &State{By: webApp, Instances: []Instance{{Identity: webApp.Identity, Records: []Written{{Record: Record{Owner: "elsewhere.test."}}}}}}
	change, _, err := Plan(zoneOf(t, apex), template(t, "@ 600 TXT x"), state, dc.Rules{})
	if err != nil || change.Instances != nil || change.InstancesAdded != nil || len(change.Add) != 1 {
		t.Errorf("%+v, %v", change, err)
	}
}

func TestStateRefuses(t *testing.T) {
	z := zoneOf(t, apex+"@ 300 A 192.0.2.1\n")
	with := func(w Written) []Instance { return []Instance{{Identity: webApp.Identity, Records: []Written{w}}} }
	_, err := Revert(z, nil, Identity{Provider: "a", Service: "b", Domain: "example.com", Host: "shop", ID: "i1"})
	refused(t, err, dc.ErrNotApplied, "a/b (i1) at shop.example.com is not applied; nothing is reverted")
	_, err = Revert(z, with(Written{Record: Record{"www.example.org.", "A", 300, "192.0.2.1"}}), webApp.Identity)
	refused(t, err, dc.ErrInput, "instances: record 1 of instance 1, sp.example/web at example.com: www.example.org. is outside the zone example.com.")
	_, err = Revert(z, with(Written{Record: Record{"example.com.", "A", 300, "x"}}), webApp.Identity)
	refused(t, err, dc.ErrInput, "instances: record 1 of instance 1, sp.example/web at example.com: example.com. A: bad A A: \"x\"")
	_, err = Revert(z, with(Written{Record: Record{"example.com.", "SPFM", 0, "a"}, Base: `"v=spf1 redirect=x.example"`}), webApp.Identity)
	refused(t, err, dc.ErrInput, "instances: record 1 of instance 1, sp.example/web at example.com: the base \"v=spf1 redirect=x.example\": it has redirect=")
	_, err = Revert(z, with(Written{Record: Record{"example.com.", "SPFM", 0, "a"}, Base: `"x"`}), webApp.Identity)
	refused(t, err, dc.ErrInput, "instances: record 1 of instance 1, sp.example/web at example.com: the base \"x\" is no SPF record")
	_, err = Edit(z, nil, []Record{{"example.com.", "A", 300, "192.0.2.2"}}, nil)
	refused(t, err, dc.ErrZone, "example.com. 300 IN A 192.0.2.2 is not in the zone; it cannot be removed")
	_, err = Edit(z, nil, nil, []Record{{"example.com.", "SOA", 300, "a. b. 1 1 1 1 1"}})
	refused(t, err, dc.ErrZone, "example.com. SOA: the SOA is the provider's; it is not edited")
	_, err = Edit(z, nil, nil, []Record{{"example.org.", "A", 300, "192.0.2.2"}})
	refused(t, err, dc.ErrZone, "example.org. is outside the zone example.com.")
	_, err = Edit(z, nil, nil, []Record{{"example.com.", "CNAME", 300, "a.test."}})
	refused(t, err, dc.ErrCoexist, "the CNAME at example.com. cannot stand beside other records (RFC 1034 section 3.6.2)")
	_, err = Edit(z, nil, nil, []Record{{"w.example.com.", "CNAME", 300, "a.test."}, {"w.example.com.", "CNAME", 300, "b.test."}})
	refused(t, err, dc.ErrCoexist, "the CNAME at w.example.com. cannot stand beside other records (RFC 1034 section 3.6.2)")
}

// What somebody took out past the provider is forgotten at the next plan, and
// the SPF record that is gone with it; the instance stays listed.
func TestEditsPastTheProvider(t *testing.T) {
	mine := Instance{Identity: Identity{Provider: "a", Service: "b", Domain: "example.com"}, Records: []Written{
		{Record: Record{"a.example.com.", "A", 300, "192.0.2.1"}},
		{Record: Record{"b.example.com.", "A", 300, "192.0.2.1"}},
		{Record: Record{"example.com.", "SPFM", 0, "include:x.example"}},
	}}
	z := zoneOf(t, apex+"a 300 A 192.0.2.1\n")
	change, _, err := Plan(z, template(t, "@ 600 TXT x"), &State{Instances: []Instance{mine}, By: webApp}, dc.Rules{Stateful: true})
	if err != nil {
		t.Fatal(err)
	}
	left := mine
	left.Records = mine.Records[:1]
	same(t, "changed", change.InstancesChanged, []Instance{left})
	same(t, "removed", change.Remove, nil)
}
