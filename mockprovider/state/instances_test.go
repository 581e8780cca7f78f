package state_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/state"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// applied are instances with one of everything that is kept of them.
func applied() []zone.Instance {
	record := func(owner, typ string, ttl uint32, data string) zone.Record {
		return zone.Record{Owner: owner, Type: typ, TTL: ttl, Data: data}
	}
	return []zone.Instance{
		{Identity: zone.Identity{Provider: "a.example", Service: "s", Domain: "state.example", Host: "www", ID: `i "1"`}, Groups: []string{"g1", "g2"}, Records: []zone.Written{
			{Record: record("www.state.example.", "A", 60, "192.0.2.1"), Group: "g1"},
			{Record: record("once.state.example.", "TXT", 60, `"a \"b\"" "second"`), OnApply: true},
			{Record: record("www.state.example.", "CAA", 60, `0 issue "ca.example"`), Before: true},
		}},
		{Identity: zone.Identity{Provider: "a.example", Service: "mail", Domain: "state.example"}, Records: []zone.Written{
			{Record: record("state.example.", dc.TypeSPFM, 0, "include:spf.a.example"), Base: `"v=spf1 a -all"`},
			{Record: record("go.state.example.", dc.TypeREDIR301, 60, "https://example.net/?a=1;b=2")},
		}},
		{Identity: zone.Identity{Provider: "a.example", Service: "none", Domain: "state.example"}, Groups: []string{}},
	}
}

const appliedZone = `@ 60 SOA ns1.state.example. hostmaster.state.example. 7 1 1 1 1
@ 60 NS ns1.state.example.
@ 60 TXT "v=spf1 a include:spf.a.example ~all"
go 60 REDIR301 "https://example.net/?a=1;b=2"
once 60 TXT "a \"b\"" "second"
www 60 A 192.0.2.1
www 60 CAA 0 issue "ca.example"
`

// tracking is a store with a tenant that keeps template state.
func tracking(t *testing.T) *store.Store {
	t.Helper()
	s := store.New(nil)
	_, err := s.NewTenant(store.TenantConfig{
		Rules: dc.Rules{Stateful: true}, Users: []store.User{{Name: "alice", Password: "a"}},
		Zones: []store.Hosted{{Zone: parse(t, "state.example", appliedZone), Owner: "alice", Instances: applied()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestInstancesComeBack(t *testing.T) {
	dir := t.TempDir()
	keep(t, dir, tracking(t), "127.0.0.1:1000")
	tenant, _ := bringBack(t, dir, "127.0.0.1:1000").Tenant("")
	if !tenant.Plain().Rules.Stateful {
		t.Error("the tenant does not keep template state any more")
	}
	if diff := cmp.Diff(applied(), tenant.Applied()); diff != "" {
		t.Errorf("instances (-was +is):\n%s", diff)
	}
	// What is back is of use.
	if _, err := tenant.Revert(zone.Identity{Provider: "a.example", Service: "s", Domain: "state.example", Host: "www"}, nil); err != nil {
		t.Fatal(err)
	}
	z, _, _ := tenant.Zone("state.example")
	want := `go.state.example. 60 IN REDIR301 "https://example.net/?a=1;b=2"
www.state.example. 60 IN CAA 0 issue "ca.example"
`
	if got := zoneText(z); !strings.HasSuffix(got, "~all\"\n"+want) {
		t.Errorf("the zone is now\n%s", got)
	}
}

// A file of the version before has no instances, and is read.
func TestVersionOne(t *testing.T) {
	dir := t.TempDir()
	keep(t, dir, lived(t), "127.0.0.1:1000")
	rewrite(t, dir, `"version": 2`, `"version": 1`)
	s := bringBack(t, dir, "127.0.0.1:1000")
	tenant, _ := s.Tenant("")
	if c := tenant.Plain(); c.Rules.Stateful || len(c.Zones) != 2 || len(tenant.Applied()) != 0 {
		t.Errorf("stateful %t, %d zones, %d instances", c.Rules.Stateful, len(c.Zones), len(tenant.Applied()))
	}
	keep(t, dir, s, "127.0.0.1:1000")
	text, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if err != nil || !strings.Contains(string(text), `"version": 2`) {
		t.Errorf("%v; written anew as\n%s", err, text)
	}
}

// rewrite changes one text of a state file.
func rewrite(t *testing.T, dir, from, to string) {
	t.Helper()
	file := filepath.Join(dir, "state.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), from) == 0 {
		t.Fatalf("there is no %s in\n%s", from, text)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Instances that no plan could be made with are refused with their place.
func TestBadInstances(t *testing.T) {
	for _, tc := range [][3]string{
		{`"record": "www.state.example. 60 IN A 192.0.2.1"`, `"record": "www.state.example. 60 IN A 192.0.2.256"`, `zone state.example.: record 1 of instance 1: record:1: www.state.example. A: bad A A: "192.0.2.256"`},
		{`"record": "www.state.example. 60 IN A 192.0.2.1"`, `"record": ""`, `zone state.example.: record 1 of instance 1: "" holds 0 records; one is expected`},
		{`"OnApply"`, `"onapply"`, `zone state.example.: record 2 of instance 1: essential is "onapply"; there are Always and OnApply`},
		{`"provider": "a.example"`, `"provider": ""`, `zone state.example.: instance 1 has no provider or no service`},
		{`"domain": "state.example"`, `"domain": "other.example"`, `tenant "": zone state.example.: instance 1, a.example/s (i "1") at www.other.example: its domain is "other.example"; it has to be "state.example", the zone that it is applied to`},
		{`0 IN SPFM`, `x IN SPFM`, `zone state.example.: record 1 of instance 2: "state.example. x IN SPFM include:spf.a.example" is no record; an SPFM is written like "example.com. 0 IN SPFM include:spf.example.net"`},
		{`"v=spf1 a -all\""`, `"v=spf1 redirect=x.example\""`, `tenant "": zone state.example.: instances: record 1 of instance 2, a.example/mail at state.example: the base "v=spf1 redirect=x.example": it has redirect=`},
	} {
		dir := t.TempDir()
		keep(t, dir, tracking(t), "127.0.0.1:1000")
		rewrite(t, dir, tc[0], tc[1])
		f, err := state.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		want := filepath.Join(dir, "state.json") + `: tenant "": ` + tc[2] + "; it is left as it is: move it away to begin anew, or name another folder"
		if err := f.Restore(store.New(nil), "127.0.0.1:1000"); err == nil || err.Error() != want {
			t.Errorf("%v\nwant\n%s", err, want)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
