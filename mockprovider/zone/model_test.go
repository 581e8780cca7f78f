package zone

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// The matrix of the specification, row by row: a new record of the row's type
// against an existing one of the column's type at one owner. C conflicts.
func TestPlanMatrix(t *testing.T) {
	old := []string{"A", "AAAA", "CNAME", "MX", "TXT", "SRV", "NS", "other"}
	oldData := map[string]string{
		"A": "A 192.0.2.1", "AAAA": "AAAA 2001:db8::1", "CNAME": "CNAME o.example.net.", "MX": "MX 1 o.example.net.",
		"TXT": `TXT "pre-old"`, "SRV": "SRV 1 1 1 o.example.net.", "NS": "NS o.example.net.", "other": `CAA 0 issue "o"`,
	}
	for _, row := range []struct{ new, want string }{
		{"A 192.0.2.9", "C C C – – – C –"},
		{"AAAA 2001:db8::9", "C C C – – – C –"},
		{"CNAME n.example.net.", "C C C C C C C C"},
		{"MX 1 n.example.net.", "– – C C – – C –"},
		{"TXT new", "– – C – – – C –"},
		{"TXT/All new", "– – C – C – C –"},
		{"TXT/Prefix=pre- new", "– – C – C – C –"},
		{"TXT/Prefix=other new", "– – C – – – C –"},
		{"SRV 1 1 1 n.example.net.", "– – C – – C C –"},
		{"NS n.example.net.", "C C C C C C C C"},
		{"SPFM a", "– – C – – – C –"},
		{`CAA 0 issue "n"`, "– – C – – – C –"},
		{`TYPE65280 \# 1 00`, "– – C – – – C –"},
		{"APEXCNAME n.example.net.", "C C C – – – C –"},
		{"REDIR301 https://n.example/", "C C C – – – C –"},
		{"REDIR302 https://n.example/", "C C C – – – C –"},
	} {
		var got []string
		for _, column := range old {
			_, conflicts := plan(t, zoneOf(t, apex+"h "+oldData[column]), template(t, "h 600 "+row.new))
			mark := "–"
			if len(conflicts) == 1 {
				mark = "C"
			}
			got = append(got, mark)
		}
		if g := strings.Join(got, " "); g != row.want {
			t.Errorf("new %s against %v:\n got %s\nwant %s", row.new, old, g, row.want)
		}
	}
}

// model is the conflict rules written down a second time, as simply and as
// slowly as possible: names are compared as texts, every new record with every
// old one.
type model struct {
	old, new []Record
	records  []dc.Resolved // beside new
}

func modelOf(z *Zone, records []dc.Resolved) model {
	m := model{records: records}
	for r := range z.Records() {
		m.old = append(m.old, r)
	}
	for _, r := range records {
		n := Record{Owner: r.Owner, Type: r.Type, TTL: r.TTL, Data: r.Value}
		if r.RR != nil {
			n.Type = strings.Split(r.RR.String(), "\t")[3]
			n.Data = strings.Split(r.RR.String(), "\t")[4]
		}
		m.new = append(m.new, n)
	}
	return m
}

func equalRecords(a, b Record) bool {
	a, b = a.Canonical(), b.Canonical()
	return a.Owner == b.Owner && a.Type == b.Type && a.Data == b.Data
}

func atOrBelow(owner, top string) bool { return owner == top || strings.HasSuffix(owner, "."+top) }

func address(typ string) bool { return typ == "A" || typ == "AAAA" }

func pseudo(typ string) bool {
	return typ == "APEXCNAME" || typ == "REDIR301" || typ == "REDIR302"
}

// pushes reports whether the i-th new record pushes an old one out.
func (m model) pushes(i int, old Record) bool {
	n, r := m.new[i], m.records[i]
	if old.Owner == "example.com." && (old.Type == "NS" || old.Type == "SOA") {
		return false
	}
	if n.Type == "NS" && atOrBelow(old.Owner, n.Owner) || old.Type == "NS" && atOrBelow(n.Owner, old.Owner) {
		return true
	}
	if n.Owner != old.Owner {
		return false
	}
	switch {
	case n.Type == "CNAME" || old.Type == "CNAME":
		return true
	case (address(n.Type) || pseudo(n.Type)) && (address(old.Type) || pseudo(old.Type)):
		return true
	case n.Type == "MX" || n.Type == "SRV":
		return old.Type == n.Type
	case n.Type == "TXT" && old.Type == "TXT":
		return r.TXTMode == dc.TXTAll || r.TXTMode == dc.TXTPrefix && strings.HasPrefix(strings.Trim(old.Data, `"`), r.TXTPrefix)
	}
	return false
}

// impossible reports whether DNS cannot hold the new records.
func (m model) impossible() bool {
	for i, a := range m.new {
		if a.Owner == "example.com." && (a.Type == "NS" || a.Type == "CNAME") {
			return true
		}
		for j, b := range m.new {
			if i == j {
				continue
			}
			together := a.Owner == b.Owner && !equalRecords(a, b)
			switch {
			case together && a.Type == "CNAME":
				return true
			case together && pseudo(a.Type) && (pseudo(b.Type) || address(b.Type)):
				return true
			case a.Type == "NS" && atOrBelow(b.Owner, a.Owner) && !address(b.Type) && (b.Type != "NS" || b.Owner != a.Owner):
				return true
			}
		}
	}
	return false
}

// after is the zone that should come out; SPFM is not modelled.
func (m model) after() (zone, conflicts []Record) {
	touched := map[string]uint32{}
	for _, n := range m.new {
		set := n.Owner + n.Type
		if ttl, ok := touched[set]; !ok || n.TTL < ttl {
			touched[set] = n.TTL
		}
	}
	for _, old := range m.old {
		shared := slices.ContainsFunc(m.new, func(n Record) bool { return equalRecords(n, old) })
		pushed := false
		for i := range m.new {
			pushed = pushed || m.pushes(i, old)
		}
		if pushed && !shared {
			conflicts = append(conflicts, old)
			continue
		}
		zone = append(zone, old)
		if ttl, ok := touched[old.Owner+old.Type]; ok {
			touched[old.Owner+old.Type] = min(ttl, old.TTL)
		}
	}
	for _, n := range m.new {
		if !slices.ContainsFunc(zone, func(r Record) bool { return equalRecords(n, r) }) {
			zone = append(zone, n)
		}
	}
	for i, r := range zone {
		if ttl, ok := touched[r.Owner+r.Type]; ok {
			zone[i].TTL = ttl
		}
	}
	return zone, conflicts
}

// sorted is a set of records as text, names in lower case.
func sorted(records []Record) []string {
	set := map[string]bool{}
	for _, r := range records {
		set[r.Canonical().String()] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func TestPlanAgainstModel(t *testing.T) {
	var planned, refusedPlans, conflicting int
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t, false)
		records := drawTemplate(t, false)
		m := modelOf(z, records)
		change, conflicts, err := Plan(z, records, nil, dc.Rules{})
		if m.impossible() != (err != nil) || err != nil && !errors.Is(err, &dc.Error{Class: dc.ErrCoexist}) {
			t.Fatalf("error %v, the model says impossible: %v", err, m.impossible())
		}
		if err != nil {
			refusedPlans++
			return
		}
		want, wantConflicts := m.after()
		var got []Record
		for _, c := range conflicts {
			got = append(got, c.Record)
			if !m.pushes(slices.IndexFunc(records, func(r dc.Resolved) bool { return r.Index == c.By }), c.Record) {
				t.Fatalf("%s is said to conflict with record %d, which it does not", c.Record, c.By)
			}
		}
		if g, w := sorted(got), sorted(wantConflicts); !slices.Equal(g, w) {
			t.Fatalf("conflicts:\n got %v\nwant %v", g, w)
		}
		after, err := change.Apply(z)
		if err != nil {
			t.Fatal(err)
		}
		if g, w := sorted(slices.Collect(after.Records())), sorted(want); !slices.Equal(g, w) {
			t.Fatalf("zone after:\n got %v\nwant %v", g, w)
		}
		planned++
		conflicting += min(len(conflicts), 1)
	})
	if planned == 0 || refusedPlans == 0 || conflicting == 0 {
		t.Errorf("%d planned, %d of them with conflicts, %d refused: the generator misses a kind", planned, conflicting, refusedPlans)
	}
}

// drawZone makes a zone of example.com. When valid is set, DNS can hold it.
func drawZone(t *rapid.T, valid bool) *Zone {
	z, err := Parse("example.com", strings.NewReader(apex), "")
	if err != nil {
		t.Fatal(err)
	}
	list := slices.Collect(z.Records())
	for i := range rapid.IntRange(0, 14).Draw(t, "old") {
		r := drawRecord(t, fmt.Sprintf("old %d", i))
		if valid && !fits(list, r) {
			continue
		}
		list = append(list, r)
	}
	if z, err = New("example.com", list...); err != nil {
		t.Fatal(err)
	}
	return z
}

// fits reports whether a valid zone can take one more record.
func fits(list []Record, r Record) bool {
	if r.Owner == "example.com." && (r.Type == "NS" || r.Type == "CNAME") {
		return false
	}
	for _, o := range list {
		cut := o.Owner != "example.com."
		switch {
		case o.Owner == r.Owner && !equalRecords(o, r) && (o.Type == "CNAME" || r.Type == "CNAME"):
			return false
		case r.Type == "NS" && atOrBelow(o.Owner, r.Owner) && !(o.Type == "NS" && o.Owner == r.Owner):
			return false
		case cut && o.Type == "NS" && atOrBelow(r.Owner, o.Owner) && !(r.Type == "NS" && o.Owner == r.Owner):
			return false
		}
	}
	return true
}

func drawRecord(t *rapid.T, label string) Record {
	owner := rapid.SampledFrom([]string{"", "a.", "b.", "x.a.", "y.x.a.", "*.a.", "xa."}).Draw(t, label+" owner")
	kind := rapid.SampledFrom([]struct{ typ, one, two, three string }{
		{"A", "192.0.2.1", "192.0.2.2", "192.0.2.3"},
		{"AAAA", "2001:db8::1", "2001:DB8:0::1", "2001:db8::2"},
		{"CNAME", "t.example.net.", "T.Example.net.", "u.example.net."},
		{"MX", "10 m.example.net.", "10 M.example.net.", "20 m.example.net."},
		{"TXT", `"pre-one"`, `"two"`, `"pre-three"`},
		{"TXT", `"v=spf1 a -all"`, `"v=spf1 mx include:x.test ?all"`, `"v=spf1 redirect=x.test"`},
		{"SRV", "1 2 3 s.example.net.", "1 2 3 S.example.net.", "1 2 4 s.example.net."},
		{"NS", "n.example.net.", "N.example.net.", "o.example.net."},
		{"CAA", `0 issue "a"`, `0 issue "b"`, `0 issue "A"`},
		{"TYPE65280", `\# 1 00`, `\# 1 01`, `\# 2 0000`},
		{"APEXCNAME", "t.example.net.", "T.example.net.", "u.example.net."},
		{"REDIR301", "https://r.example/", "https://R.example/", "https://s.example/"},
		{"REDIR302", "https://r.example/", "https://R.example/", "https://s.example/"},
	}).Draw(t, label+" type")
	data := rapid.SampledFrom([]string{kind.one, kind.two, kind.three}).Draw(t, label+" data")
	ttl := rapid.SampledFrom([]uint32{60, 600, 3600}).Draw(t, label+" ttl")
	return Record{Owner: owner + "example.com.", Type: kind.typ, TTL: ttl, Data: data}
}

// drawTemplate makes new records, with SPFM when spf is set.
func drawTemplate(t *rapid.T, spf bool) []dc.Resolved {
	var list []dc.Resolved
	for i := range rapid.IntRange(1, 5).Draw(t, "new") {
		label := fmt.Sprintf("new %d", i)
		r := drawRecord(t, label)
		res := dc.Resolved{Index: i, Owner: r.Owner, Type: r.Type, TTL: r.TTL, Value: r.Data}
		switch {
		case spf && rapid.IntRange(0, 3).Draw(t, label+" spfm") == 0:
			res.Type, res.TTL = dc.TypeSPFM, 0
			res.Value = rapid.SampledFrom([]string{"a", "mx include:x.test", "-a ?mx", "exp=e.test", "ip4:192.0.2.0/24"}).Draw(t, label+" rules")
		case !pseudo(r.Type):
			e, err := newEntry(r)
			if err != nil {
				t.Fatal(err)
			}
			res.RR, res.Value = e.rr, ""
			res.TXTMode = rapid.SampledFrom([]dc.TXTMode{dc.TXTNone, dc.TXTAll, dc.TXTPrefix}).Draw(t, label+" mode")
			res.TXTPrefix = rapid.SampledFrom([]string{"pre-", "v=spf1", "t"}).Draw(t, label+" prefix")
		}
		list = append(list, res)
	}
	return list
}
