package zone

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// TestPlanProperties says what holds for every plan, SPF merges included.
func TestPlanProperties(t *testing.T) {
	var planned, merged int
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t, true)
		records := drawTemplate(t, true)
		before := slices.Collect(z.Records())
		change, conflicts, err := Plan(z, records, nil, dc.Rules{})
		if err != nil {
			if !errors.Is(err, &dc.Error{Class: dc.ErrCoexist}) && !errors.Is(err, &dc.Error{Class: dc.ErrSPF}) {
				t.Fatal(err)
			}
			return
		}
		again, conflictsAgain, _ := Plan(z, records, nil, dc.Rules{})
		equal(t, "the same plan again", change, again)
		equal(t, "its conflicts", conflicts, conflictsAgain)
		after, err := change.Apply(z)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "the old zone", before, slices.Collect(z.Records()))
		difference(t, before, slices.Collect(after.Records()), change)
		sound(t, after, records)
		for _, c := range conflicts {
			if !slices.Contains(change.Remove, c.Record) {
				t.Fatalf("%s conflicts and is not removed", c.Record)
			}
			for _, n := range modelOf(z, records).new {
				if equalRecords(n, c.Record) {
					t.Fatalf("%s is identical with a new record, and conflicts", c.Record)
				}
			}
		}
		conflicting := len(conflicts)
		second, conflicts, err := Plan(after, records, nil, dc.Rules{})
		if err != nil || !second.Empty() || len(conflicts) > 0 {
			t.Fatalf("applied once more: %+v, conflicts %v, %v", second, conflicts, err)
		}
		planned++
		merged += len(change.Remove) - conflicting
	})
	if planned == 0 || merged == 0 {
		t.Errorf("%d planned, %d merged: the generator misses a kind", planned, merged)
	}
}

// TestPlanOrder: the order of the records in a template does not matter, but
// for the order of SPF terms.
func TestPlanOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t, true)
		records := drawTemplate(t, true)
		shuffled := rapid.Permutation(records).Draw(t, "order")
		for i := range shuffled {
			shuffled[i].Index = i
		}
		one, oneConflicts, errOne := Plan(z, records, nil, dc.Rules{})
		two, twoConflicts, errTwo := Plan(z, shuffled, nil, dc.Rules{})
		if (errOne == nil) != (errTwo == nil) {
			t.Fatalf("one order gives %v, another %v", errOne, errTwo)
		}
		equal(t, "added", orderless(one.Add), orderless(two.Add))
		equal(t, "removed", one.Remove, two.Remove)
		equal(t, "retimed", one.Retime, two.Retime)
		equal(t, "number of conflicts", len(oneConflicts), len(twoConflicts))
		for i := range oneConflicts {
			equal(t, "conflict", oneConflicts[i].Record, twoConflicts[i].Record)
		}
	})
}

func equal(t *rapid.T, what string, a, b any) {
	t.Helper()
	if diff := cmp.Diff(a, b, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s differs:\n%s", what, diff)
	}
}

func textOf(records []Record) []string {
	var list []string
	for _, r := range records {
		list = append(list, r.String())
	}
	return list
}

// orderless sorts the words of SPF records. Of two equal records that differ in
// the case of a name, either may have been written.
func orderless(records []Record) []string {
	var list []string
	for _, r := range records {
		list = append(list, r.Canonical().String())
	}
	for i, line := range list {
		if strings.Contains(line, "v=spf1") {
			words := strings.Fields(strings.ReplaceAll(line, `"`, ""))
			slices.Sort(words)
			list[i] = strings.Join(words, " ")
		}
	}
	slices.Sort(list)
	return list
}

// difference holds the change against what really became of the zone.
func difference(t *rapid.T, before, after []Record, c Change) {
	t.Helper()
	want := slices.DeleteFunc(slices.Clone(before), func(r Record) bool { return slices.Contains(c.Remove, r) })
	if len(want)+len(c.Remove) != len(before) {
		t.Fatalf("removed something that was not there: %v", c.Remove)
	}
	for _, r := range c.Retime {
		at := slices.IndexFunc(want, func(w Record) bool { return w.Owner == r.Owner && w.Type == r.Type && w.Data == r.Data })
		if at < 0 || want[at].TTL == r.TTL {
			t.Fatalf("%s is retimed without need", r)
		}
		want[at] = r
	}
	want = append(want, c.Add...)
	equal(t, "the zone after", slices.Sorted(slices.Values(textOf(want))), slices.Sorted(slices.Values(textOf(after))))
}

// sound checks that DNS can hold the zone and that the new records are in it.
func sound(t *rapid.T, z *Zone, records []dc.Resolved) {
	t.Helper()
	list := slices.Collect(z.Records())
	for i, r := range list {
		others := slices.Concat(list[:i], list[i+1:])
		for _, o := range others {
			if o.Owner == r.Owner && r.Type == "CNAME" {
				t.Fatalf("%s stands beside %s", r, o)
			}
			if r.Type == "NS" && r.Owner != "example.com." && atOrBelow(o.Owner, r.Owner) && !address(o.Type) && !(o.Owner == r.Owner && o.Type == "NS") {
				t.Fatalf("%s hides %s", r, o)
			}
		}
	}
	if z.Serial() != 1 || len(z.RRset("example.com.", 2)) != 2 {
		t.Fatal("SOA or NS of the apex changed")
	}
	for _, res := range records {
		spf, ttls := 0, map[uint32]bool{}
		typ := res.Type
		if typ == dc.TypeSPFM {
			typ = "TXT"
		}
		for r := range z.At(res.Owner) {
			if r.Type == typ {
				ttls[r.TTL] = true
			}
			if _, ok := spfRecord(strings.Trim(r.Data, `"`)); ok && r.Type == "TXT" {
				spf++
			}
		}
		if len(ttls) != 1 && res.Type != dc.TypeSPFM || len(ttls) == 0 {
			t.Fatalf("%s %s has the TTLs %v, want one", res.Owner, typ, ttls)
		}
		if res.Type == dc.TypeSPFM && spf != 1 {
			t.Fatalf("%s has %d SPF records after an SPFM, want one", res.Owner, spf)
		}
	}
}

// What is printed is read back.
func TestParseRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t, false)
		again, err := Parse("example.com", strings.NewReader(strings.Join(textOf(slices.Collect(z.Records())), "\n")), "")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "zone", slices.Collect(z.Records()), slices.Collect(again.Records()))
	})
}

// Whatever RDATA a type can have is printed so that it is read back, in every
// type that a zone can hold.
func TestDataRoundTrip(t *testing.T) {
	types := []uint16{65280, 65534}
	for rrtype := range dns.TypeToString {
		if _, ok := TypeName(rrtype); ok {
			types = append(types, rrtype)
		}
	}
	slices.Sort(types)
	printed, generic := map[uint16]bool{}, 0
	rapid.Check(t, func(t *rapid.T) {
		rrtype := rapid.SampledFrom(types).Draw(t, "type")
		wire := rapid.SliceOfN(rapid.SampledFrom([]byte("\x00\x01\x02\x03\x08aZ0\"\\;( \n\xff=-.")), 0, 24).Draw(t, "data")
		typ, _ := TypeName(rrtype)
		h := dns.RR_Header{Name: "a.", Rrtype: rrtype, Class: dns.ClassINET}
		e, err := entryFromData(h, typ, slices.Clone(wire))
		if err != nil {
			return
		}
		if again, err := newEntry(e.rec); err != nil || again.rec != e.rec || again.key != e.key {
			t.Fatalf("%x is printed as %s and read back as %s, %x, %v", wire, e.rec, again.rec, again.key, err)
		}
		printed[rrtype] = true
		if strings.HasPrefix(e.rec.Data, `\#`) {
			generic++
		}
	})
	if len(printed) < 20 || generic == 0 {
		t.Errorf("%d types printed, %d records in generic form: the generator misses a kind", len(printed), generic)
	}
}
