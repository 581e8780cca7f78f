package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func newZone(tb testing.TB, origin string, records ...zone.Record) *zone.Zone {
	tb.Helper()
	z, err := zone.New(origin, records...)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func newTenant(tb testing.TB, s *Store, c TenantConfig) *Tenant {
	tb.Helper()
	t, err := s.NewTenant(c)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func lines(z *zone.Zone) []string {
	var all []string
	for r := range z.Records() {
		all = append(all, r.String())
	}
	return all
}

func TestNewTenantRefusals(t *testing.T) {
	for _, c := range []struct {
		config TenantConfig
		want   string
	}{
		{TenantConfig{Name: "a b"}, `tenant name "a b": ' ' is not allowed: it is part of a URL path; use letters, digits and hyphens`},
		{TenantConfig{Name: "a/b"}, `tenant name "a/b": '/' is not allowed: it is part of a URL path; use letters, digits and hyphens`},
		{TenantConfig{Name: "ü"}, `tenant name "ü": 'ü' is not allowed: it is part of a URL path; use letters, digits and hyphens`},
		{TenantConfig{Name: strings.Repeat("a", 64)}, `tenant name "` + strings.Repeat("a", 64) + `" has 64 characters: at most 63`},
		{TenantConfig{Name: "first"}, `tenant "first" exists already: remove it first, or choose another name`},
		{TenantConfig{Name: "x", Users: []User{{Name: "a"}, {}}}, `tenant "x": user 2 has no name: an empty owner means a zone that no user may change, so every user needs a name`},
		{TenantConfig{Name: "x", Zones: []Hosted{{}}}, `tenant "x": a hosted zone without Zone: make it with zone.New or zone.Parse`},
		{TenantConfig{Name: "x", Zones: []Hosted{{Zone: newZone(t, "free.example")}, {Zone: newZone(t, "FIRST.example")}}},
			`zone first.example. is taken by tenant "first": a DNS question names nothing but a zone, so zone names are unique in one mock; choose another name`},
		{TenantConfig{Name: "x", Zones: []Hosted{{Zone: newZone(t, "keys.example")}}},
			`zone keys.example. is taken by a service provider's key zone: a DNS question names nothing but a zone, so zone names are unique in one mock; choose another name`},
		{TenantConfig{Name: "x", Zones: []Hosted{{Zone: newZone(t, "twice.example")}, {Zone: newZone(t, "twice.example")}}},
			`zone twice.example. is taken by tenant "x": a DNS question names nothing but a zone, so zone names are unique in one mock; choose another name`},
	} {
		s := New(nil)
		newTenant(t, s, TenantConfig{Name: "first", Zones: []Hosted{{Zone: newZone(t, "first.example")}}})
		if err := s.PublishTXT("_dck1.keys.example", []string{"k"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.NewTenant(c.config); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		// Whole or not at all.
		for _, name := range []string{"free.example", "twice.example"} {
			if _, ok := s.Zone(name); ok {
				t.Errorf("%s is hosted by a tenant that was refused", name)
			}
		}
		if _, ok := s.Tenant("x"); ok {
			t.Error("a refused tenant is found")
		}
	}
}

func TestFindClosestEnclosingZone(t *testing.T) {
	s := New(nil)
	newTenant(t, s, TenantConfig{Name: "a", Zones: []Hosted{{Zone: newZone(t, "example.com"), Owner: "alice"}}})
	newTenant(t, s, TenantConfig{Name: "b", Zones: []Hosted{{Zone: newZone(t, "deep.sub.example.com"), Owner: "bob"}}})
	for qname, want := range map[string]string{
		"example.com.":               "a alice example.com.",
		"EXAMPLE.com":                "a alice example.com.",
		"www.example.com.":           "a alice example.com.",
		"sub.example.com.":           "a alice example.com.",
		"deep.sub.example.com.":      "b bob deep.sub.example.com.",
		"x.y.Deep.sub.example.com.":  "b bob deep.sub.example.com.",
		"notdeep.sub.example.com.":   "a alice example.com.",
		`x\.deep.sub.example.com.`:   "a alice example.com.",
		`x\.example.com.`:            "",
		"notexample.com.":            "",
		"com.":                       "",
		".":                          "",
		"":                           "",
		"example.com.example.org.":   "",
		"example.com\\.example.org.": "",
	} {
		got := ""
		if f, ok := s.Find(qname); ok {
			got = f.Tenant.Name() + " " + f.Owner + " " + f.Zone.Origin()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", qname, got, want)
		}
	}
	newTenant(t, s, TenantConfig{Name: "root", Zones: []Hosted{{Zone: newZone(t, "."), Owner: "r"}}})
	for _, qname := range []string{".", "com.", "nothing.org"} {
		if z, ok := s.Zone(qname); !ok || z.Origin() != "." {
			t.Errorf("%q is not in the root zone", qname)
		}
	}
}

func TestHostedZonesAreComplete(t *testing.T) {
	s := New(nil)
	soa := zone.Record{Owner: "full.example.", Type: "SOA", TTL: 60, Data: "ns.full.example. h.full.example. 41 2 3 4 5"}
	ns := zone.Record{Owner: "full.example.", Type: "NS", TTL: 60, Data: "ns.full.example."}
	tn := newTenant(t, s, TenantConfig{Name: "a", Discovery: "dc.example:8443/t/a", Zones: []Hosted{
		{Zone: newZone(t, "empty.example"), Owner: "alice"},
		{Zone: newZone(t, "full.example", soa, ns), Owner: "alice"},
		{Zone: newZone(t, "keys.example", soaOf("keys.example."))},
		{Zone: newZone(t, "below.example", zone.Record{Owner: "x._domainconnect.below.example.", Type: "A", TTL: 60, Data: "192.0.2.1"}), Owner: "alice"},
	}})
	for name, want := range map[string][]string{
		"empty.example": {
			"empty.example. 3600 IN NS ns1.dcconform.example.",
			"empty.example. 3600 IN SOA ns1.dcconform.example. hostmaster.dcconform.example. 1 7200 900 1209600 60",
			`_domainconnect.empty.example. 3600 IN TXT "dc.example:8443/t/a"`,
		},
		"full.example": {
			"full.example. 60 IN NS ns.full.example.",
			"full.example. 60 IN SOA ns.full.example. h.full.example. 41 2 3 4 5",
			`_domainconnect.full.example. 3600 IN TXT "dc.example:8443/t/a"`,
		},
		"keys.example": {
			"keys.example. 3600 IN NS ns1.dcconform.example.",
			"keys.example. 60 IN SOA ns. h. 41 2 3 4 5",
		},
		"below.example": {
			"below.example. 3600 IN NS ns1.dcconform.example.",
			"below.example. 3600 IN SOA ns1.dcconform.example. hostmaster.dcconform.example. 1 7200 900 1209600 60",
			"x._domainconnect.below.example. 60 IN A 192.0.2.1",
		},
	} {
		z, _, ok := tn.Zone(name)
		if !ok {
			t.Fatalf("%s is not hosted", name)
		}
		if diff := cmp.Diff(want, lines(z)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func soaOf(origin string) zone.Record {
	return zone.Record{Owner: origin, Type: "SOA", TTL: 60, Data: "ns. h. 41 2 3 4 5"}
}

func TestTenantsDoNotSeeEachOther(t *testing.T) {
	s := New(nil)
	a := newTenant(t, s, TenantConfig{Name: "a", Zones: []Hosted{{Zone: newZone(t, "a.example"), Owner: "alice"}}, Users: []User{{"alice", "x"}}})
	b := newTenant(t, s, TenantConfig{Name: "b", Users: []User{{"bob", "y"}}})
	if _, _, ok := b.Zone("a.example"); ok {
		t.Error("b finds a zone of a")
	}
	_, err := b.Update("a.example", func(*zone.Zone) (*zone.Zone, error) { t.Error("called"); return nil, nil })
	if want := `zone a.example. is not hosted by tenant "b": no such zone`; err == nil || err.Error() != want || !errors.Is(err, ErrNoZone) {
		t.Errorf("got %v, want %s", err, want)
	}
	if b.Authenticate("alice", "x") || !a.Authenticate("alice", "x") {
		t.Error("users are not the tenant's own")
	}
	for name, want := range map[string]string{"a": "/t/a", "b": "/t/b"} {
		if got, _ := s.Tenant(name); got.Prefix() != want {
			t.Errorf("prefix %s, want %s", got.Prefix(), want)
		}
	}
	if d := newTenant(t, s, TenantConfig{}); d.Prefix() != "" || d.Name() != "" {
		t.Error("the default tenant has a prefix")
	}
	if _, ok := s.Tenant("c"); ok {
		t.Error("a tenant that is not there is found")
	}
}

func TestAuthenticate(t *testing.T) {
	tn := newTenant(t, New(nil), TenantConfig{Users: []User{{"alice", "x"}, {"bob", "y"}, {"alice2", ""}}})
	for _, c := range []struct {
		user, password string
		want           bool
	}{
		{"alice", "x", true}, {"bob", "y", true}, {"alice2", "", true},
		{"alice", "y", false}, {"bob", "x", false}, {"alice", "", false}, {"", "", false}, {"", "x", false}, {"Alice", "x", false}, {"alicex", "", false},
	} {
		if got := tn.Authenticate(c.user, c.password); got != c.want {
			t.Errorf("%q %q: %v", c.user, c.password, got)
		}
	}
}

func TestConfigIsTheTenantsOwn(t *testing.T) {
	users, zones := []User{{"alice", "x"}}, []Hosted{{Zone: newZone(t, "a.example", soaOf("a.example.")), Owner: "alice"}}
	templates := []*dc.Template{{ProviderID: "p", ServiceID: "s"}}
	tn := newTenant(t, New(nil), TenantConfig{Name: "a", Users: users, Zones: zones, Templates: templates})
	users[0], zones[0], templates[0] = User{"mallory", "x"}, Hosted{}, nil
	if c := tn.Config(); c.Users[0].Name != "alice" || c.Zones[0].Owner != "alice" || c.Templates[0] == nil || c.Name != "a" {
		t.Errorf("%+v", c)
	}
	if _, err := tn.Update("a.example", touch); err != nil {
		t.Fatal(err)
	}
	if err := tn.AddZone(Hosted{Zone: newZone(t, "b.example")}); err != nil {
		t.Fatal(err)
	}
	c := tn.Config()
	if len(c.Zones) != 2 || c.Zones[0].Zone.Serial() != 42 || c.Zones[1].Zone.Origin() != "b.example." {
		t.Errorf("the zones are not in their current state: %+v", c.Zones)
	}
}

func TestTemplate(t *testing.T) {
	for _, n := range []int{3, 100} {
		var all []*dc.Template
		for i := range n {
			all = append(all, &dc.Template{ProviderID: "p", ServiceID: fmt.Sprint("s", i)})
		}
		all = append(all, &dc.Template{ProviderID: "p", ServiceID: "s1", Version: 9})
		tn := newTenant(t, New(nil), TenantConfig{Templates: all})
		for i := range n {
			if got, ok := tn.Template(dc.TemplateID{Provider: "p", Service: fmt.Sprint("s", i)}); !ok || got != all[i] {
				t.Errorf("%d templates: number %d is %v", n, i, got)
			}
		}
		for _, id := range []dc.TemplateID{{Provider: "P", Service: "s1"}, {Provider: "p", Service: "S1"}, {Provider: "p.s", Service: "1"}, {}} {
			if _, ok := tn.Template(id); ok {
				t.Errorf("%v is found", id)
			}
		}
	}
}

// touch adds one record to a zone, another one each time.
func touch(z *zone.Zone) (*zone.Zone, error) {
	return zone.Change{Add: []zone.Record{{
		Owner: z.Origin(), Type: "TXT", TTL: 60, Data: fmt.Sprintf(`"after %d"`, z.Serial()),
	}}}.Apply(z)
}

func TestUpdate(t *testing.T) {
	s := New(nil)
	tn := newTenant(t, s, TenantConfig{Name: "a", Zones: []Hosted{{Zone: newZone(t, "a.example", soaOf("a.example."))}}})
	before, _, _ := tn.Zone("a.example")
	next, err := tn.Update("A.example.", touch)
	if err != nil || next.Serial() != 42 || next.Len() != before.Len()+1 {
		t.Fatalf("%v, serial %d", err, next.Serial())
	}
	if now, _, _ := tn.Zone("a.example"); now != next || before.Serial() != 41 {
		t.Error("the new state is not there, or the old one has changed")
	}
	if f, _ := s.Find("x.a.example"); f.Zone != next {
		t.Error("DNS does not see the new state")
	}
	same, err := tn.Update("a.example", func(z *zone.Zone) (*zone.Zone, error) { return z, nil })
	if err != nil || same != next {
		t.Error("an update that changes nothing made a new state")
	}
	stop := errors.New("stop")
	other := newZone(t, "b.example", soaOf("b.example."))
	bare := newZone(t, "a.example")
	for _, c := range []struct {
		f    func(*zone.Zone) (*zone.Zone, error)
		want string
	}{
		{func(*zone.Zone) (*zone.Zone, error) { return nil, stop }, "stop"},
		{func(z *zone.Zone) (*zone.Zone, error) { return other, stop }, "stop"},
		{func(*zone.Zone) (*zone.Zone, error) { return nil, nil }, "zone a.example.: the update returned no zone"},
		{func(*zone.Zone) (*zone.Zone, error) { return other, nil }, "zone a.example.: the update returned zone b.example."},
		{func(*zone.Zone) (*zone.Zone, error) { return bare, nil }, "zone a.example.: the update took the SOA record out, without which a zone cannot be served"},
	} {
		if _, err := tn.Update("a.example", c.f); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
		if now, _, _ := tn.Zone("a.example"); now != next {
			t.Errorf("a failed update (%s) changed the zone", c.want)
		}
	}
}

func TestSerialWraps(t *testing.T) {
	soa := zone.Record{Owner: "a.example.", Type: "SOA", TTL: 60, Data: "ns. h. 4294967294 2 3 4 5"}
	tn := newTenant(t, New(nil), TenantConfig{Zones: []Hosted{{Zone: newZone(t, "a.example", soa)}}})
	for _, want := range []uint32{4294967295, 0, 1} {
		z, err := tn.Update("a.example", touch)
		if err != nil || z.Serial() != want {
			t.Errorf("serial %d (%v), want %d", z.Serial(), err, want)
		}
	}
}

func TestUpdatesAreSerialised(t *testing.T) {
	s := New(nil)
	tn := newTenant(t, s, TenantConfig{Zones: []Hosted{{Zone: newZone(t, "a.example", soaOf("a.example."))}}})
	const writers, each = 8, 50
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				if _, err := tn.Update("a.example", touch); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	z, _, _ := tn.Zone("a.example")
	if z.Serial() != 41+writers*each || z.Len() != 2+writers*each {
		t.Errorf("serial %d and %d records: updates were lost", z.Serial(), z.Len())
	}
}

// TestRemove removes a tenant in the midst of everything.
func TestRemove(t *testing.T) {
	s := New(nil)
	a := newTenant(t, s, TenantConfig{Name: "a", Zones: []Hosted{{Zone: newZone(t, "a.example")}}})
	_, err := a.Update("a.example", func(z *zone.Zone) (*zone.Zone, error) {
		s.Remove(a) // Must not wait for the update, nor the update for it.
		s.Remove(a)
		return touch(z)
	})
	if err != nil {
		t.Error(err)
	}
	if _, ok := s.Tenant("a"); ok {
		t.Error("the tenant is still found")
	}
	if _, ok := s.Zone("a.example"); ok {
		t.Error("its zone is still found")
	}
	h := &hosted{origin: "a.example.", tenant: a}
	h.gone.Store(true)
	if _, err := h.replace(only(touch)); err == nil || err.Error() != "zone a.example. was removed: no such zone" {
		t.Errorf("an update that waited for its turn: %v", err)
	}
	if err := a.AddZone(Hosted{Zone: newZone(t, "b.example")}); err == nil || err.Error() != `tenant "a" was removed: zone b.example. cannot be added to it` {
		t.Errorf("AddZone: %v", err)
	}
	again := newTenant(t, s, TenantConfig{Name: "a", Zones: []Hosted{{Zone: newZone(t, "a.example")}}})
	s.Remove(a) // The old one; the new one of the same name stays.
	if got, ok := s.Tenant("a"); !ok || got != again {
		t.Error("removing the old tenant took the new one")
	}
}

func TestPublishTXT(t *testing.T) {
	s := New(nil)
	owner := Hosted{Zone: newZone(t, "sp.example"), Owner: "alice"}
	newTenant(t, s, TenantConfig{Name: "a", Zones: []Hosted{owner, {Zone: newZone(t, "open.example", zone.Record{Owner: "c.open.example.", Type: "CNAME", TTL: 60, Data: "x.example."})}}})
	at := func(name string) []string {
		z, ok := s.Zone(name)
		if !ok {
			return nil
		}
		all := []string{fmt.Sprintf("%s %d", z.Origin(), z.Serial())}
		for r := range z.At(dns.Fqdn(name)) {
			all = append(all, r.String())
		}
		return all
	}
	long := strings.Repeat("a", 255)
	for _, c := range []struct {
		name string
		txt  []string
		err  string
		want []string
	}{
		{"_dck1.keys.example", []string{"p=1", "p=2"}, "", []string{"keys.example. 2", `_dck1.keys.example. 300 IN TXT "p=1"`, `_dck1.keys.example. 300 IN TXT "p=2"`}},
		{"_DCK1.keys.example.", []string{"p=2", "p=1"}, "", []string{"keys.example. 2", `_dck1.keys.example. 300 IN TXT "p=1"`, `_dck1.keys.example. 300 IN TXT "p=2"`}},
		{"_dck1.keys.example", []string{"p=2"}, "", []string{"keys.example. 3", `_dck1.keys.example. 300 IN TXT "p=2"`}},
		{"_dck1.keys.example", nil, "", []string{"keys.example. 4"}},
		{"_dck1.keys.example", nil, "", []string{"keys.example. 4"}},
		{"a.b.keys.example", []string{long + "b"}, "", []string{"keys.example. 5", `a.b.keys.example. 300 IN TXT "` + long + `" "b"`}},
		{"q.keys.example", []string{"\"\\\x00\xff;"}, "", []string{"keys.example. 6", `q.keys.example. 300 IN TXT "\"\\\000\255;"`}},
		{"e.keys.example", []string{""}, "", []string{"keys.example. 7", `e.keys.example. 300 IN TXT ""`}},
		{"_dck1.open.example", []string{"k"}, "", []string{"open.example. 2", `_dck1.open.example. 300 IN TXT "k"`}},
		{"_dck1.deep.sp.example", []string{"k"}, "", []string{"deep.sp.example. 2", `_dck1.deep.sp.example. 300 IN TXT "k"`}},
		{"_dck1.sp.example", []string{"k"}, `the key _dck1.sp.example. cannot be published: zone sp.example. is taken by tenant "a": a DNS question names nothing but a zone, so zone names are unique in one mock; choose another name`, []string{"sp.example. 1"}},
		{"c.open.example", []string{"k"}, "the key c.open.example. cannot be published: there is a CNAME", []string{"open.example. 2", "c.open.example. 60 IN CNAME x.example."}},
		{"example", []string{"k"}, `key name "example.": a host label and the key domain are needed, as in _dck1.example.com`, nil},
		{"a..b", []string{"k"}, `key name "a..b.": a host label and the key domain are needed, as in _dck1.example.com`, nil},
		{"x.keys.example", []string{strings.Repeat("a", 60001)}, `key name "x.keys.example.": a text of more than 60000 octets does not fit into a TXT record`, []string{"keys.example. 7"}},
	} {
		err := s.PublishTXT(c.name, c.txt)
		if got := fmt.Sprint(err); (err != nil || c.err != "") && got != c.err {
			t.Errorf("%s: error\n got %s\nwant %s", c.name, got, c.err)
		}
		if diff := cmp.Diff(c.want, at(c.name)); diff != "" {
			t.Errorf("%s %q (-want +got)\n%s", c.name, c.txt, diff)
		}
	}
}

func BenchmarkNewTenant(b *testing.B) {
	s := New(nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		z := newZone(b, fmt.Sprintf("zone-%d.example", i))
		newTenant(b, s, TenantConfig{
			Name: fmt.Sprintf("t%d", i), Discovery: "127.0.0.1:8443/t/x",
			Users: []User{{"alice", "x"}}, Zones: []Hosted{{Zone: z, Owner: "alice"}},
		})
	}
}

func BenchmarkFind(b *testing.B) {
	s := New(nil)
	for i := range 5000 {
		newTenant(b, s, TenantConfig{Name: fmt.Sprint("t", i), Zones: []Hosted{{Zone: newZone(b, fmt.Sprintf("zone-%d.example", i))}}})
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok := s.Find("www.zone-77.example."); !ok {
				b.Error("not found")
			}
		}
	})
}
