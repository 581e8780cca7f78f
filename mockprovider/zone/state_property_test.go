package zone

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// story is a zone on which templates are applied, reverted and edited, with
// what the test itself remembers of it.
type story struct {
	zone      *Zone
	instances []Instance
	// mine are the records that the user had or wrote, by owner, type and data.
	mine map[string]bool
	// spf are the owners whose SPF record the user has edited.
	spf map[string]bool
	// seen counts what happened, so that a generator that misses a kind is seen.
	seen map[string]int
}

func id(r Record) string {
	r = r.Canonical()
	r.TTL = 0
	return r.String()
}

func isSPF(r Record) bool { return r.Type == "TXT" && strings.HasPrefix(r.Data, `"v=spf1`) }

func newStory(t *rapid.T, seen map[string]int) *story {
	lines := rapid.SliceOfDistinct(rapid.SampledFrom([]string{
		"@ 3600 IN TXT mine", "@ 3600 IN TXT shared", "a 300 IN A 198.51.100.1", "b 300 IN TXT shared", "@ 300 IN MX 5 old.example.net.",
		`@ 300 IN TXT "v=spf1 mx -include:s1.example -all"`, `b 300 IN TXT "v=spf1 a ~all"`,
	}), func(s string) string { return s }).Draw(t, "zone")
	z, err := Parse("example.com", strings.NewReader(apex+strings.Join(lines, "\n")), "")
	if err != nil {
		t.Fatal(err)
	}
	s := &story{zone: z, mine: map[string]bool{}, spf: map[string]bool{}, seen: seen}
	for r := range z.Records() {
		s.mine[id(r)] = true
	}
	return s
}

// drawn are the records that templates are made of.
var drawn = []struct{ owner, typ, data string }{
	{"a", "A", "192.0.2.1"}, {"a", "A", "192.0.2.2"}, {"b", "A", "192.0.2.1"}, {"@", "TXT", "shared"}, {"@", "TXT", "t1"}, {"b", "TXT", "shared"},
	{"b", "TXT/All", "only"}, {"@", "TXT/Prefix=t", "t2"}, {"@", "MX", "10 m1.example.net."}, {"@", "MX", "10 m2.example.net."}, {"c", "CNAME", "w.example.net."},
	{"b", "CNAME", "w.example.net."}, {"c", "TXT", "shared"}, {"@", "SPFM", "include:s1.example"}, {"@", "SPFM", "~include:s1.example ip4:192.0.2.0/24"},
	{"@", "SPFM", "include:s2.example"}, {"b", "SPFM", "include:s1.example"}, {"b", "SPFM", "a:x.example -include:s2.example"},
	{"@", "TXT", `"v=spf1 include:p1.example -all"`},
}

// apply applies a drawn template; it may be refused.
func (s *story) apply(t *rapid.T) {
	var lines []string
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(drawn)-1), 1, 4).Draw(t, "records") {
		lines = append(lines, fmt.Sprintf("%s 600 %s %s", drawn[i].owner, drawn[i].typ, drawn[i].data))
	}
	by := Application{
		Identity: Identity{Provider: "sp.example", Service: rapid.SampledFrom([]string{"t1", "t2", "t3"}).Draw(t, "service"), Domain: "example.com"},
		Multi:    rapid.Bool().Draw(t, "multi"),
	}
	by.ID = rapid.SampledFrom([]string{"", "i1", "i2"}).Draw(t, "id")
	if rapid.Bool().Draw(t, "grouped") {
		by.Groups = rapid.SampledFrom([][]string{{"g1"}, {"g2"}, {"g1", "g2"}}).Draw(t, "groups")
	}
	records := resolved(t, lines...)
	for i := range records {
		records[i].OnApply = rapid.Bool().Draw(t, "onApply")
		if by.Groups != nil {
			records[i].GroupID = rapid.SampledFrom(append([]string{""}, by.Groups...)).Draw(t, "group")
		}
	}
	state := &State{Instances: s.instances, By: by}
	change, conflicts, err := Plan(s.zone, records, state, dc.Rules{Stateful: true})
	if err != nil {
		if !errors.Is(err, &dc.Error{Class: dc.ErrCoexist}) && !errors.Is(err, &dc.Error{Class: dc.ErrSPF}) {
			t.Fatal(err)
		}
		s.seen["refused"]++
		return
	}
	again, conflictsAgain, err := Plan(s.zone, records, state, dc.Rules{Stateful: true})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the same plan again", change, again)
	equal(t, "its conflicts", conflicts, conflictsAgain)
	s.seen["applied"]++
	for _, c := range conflicts {
		if !slices.Contains(slices.Collect(s.zone.Records()), c.Record) {
			t.Fatalf("%s conflicts and is not in the zone", c.Record)
		}
		delete(s.mine, id(c.Record))
		if isSPF(c.Record) {
			delete(s.spf, c.Record.Owner)
		}
	}
	s.kept(t, change)
	s.grouped(t, by, records, change, conflicts)
	s.take(t, change)
	for _, r := range records {
		if r.Type == dc.TypeSPFM && len(s.zone.lookup(r.Owner).spf()) != 1 {
			t.Fatalf("%s has %d SPF records after an SPFM", r.Owner, len(s.zone.lookup(r.Owner).spf()))
		}
	}
}

func (s *story) revert(t *rapid.T) {
	which := Identity{Provider: "sp.example", Service: rapid.SampledFrom([]string{"t1", "t2", "t3"}).Draw(t, "service"), Domain: "example.com"}
	which.ID = rapid.SampledFrom([]string{"", "i1"}).Draw(t, "id")
	meant := func(i Instance) bool { return i.Service == which.Service && (which.ID == "" || which.ID == i.ID) }
	change, err := Revert(s.zone, s.instances, which)
	if there := slices.ContainsFunc(s.instances, meant); there != (err == nil) || err != nil && !errors.Is(err, &dc.Error{Class: dc.ErrNotApplied}) {
		t.Fatalf("applied: %v, error: %v", there, err)
	}
	if err != nil {
		return
	}
	s.seen["reverted"]++
	s.kept(t, change)
	s.take(t, change)
	if slices.ContainsFunc(s.instances, meant) {
		t.Fatal("it is still listed")
	}
	if _, err := Revert(s.zone, s.instances, which); !errors.Is(err, &dc.Error{Class: dc.ErrNotApplied}) {
		t.Fatalf("the second revert: %v", err)
	}
}

// edit deletes, adds or modifies a record by hand; past the provider now and
// then, which then does not know of it.
func (s *story) edit(t *rapid.T) {
	var remove, add []Record
	all := slices.DeleteFunc(slices.Collect(s.zone.Records()), func(r Record) bool { return r.Type == "SOA" || r.Type == "NS" })
	if len(all) > 0 && rapid.Bool().Draw(t, "removes") {
		remove = []Record{rapid.SampledFrom(all).Draw(t, "removed")}
	}
	if len(remove) == 0 || rapid.Bool().Draw(t, "adds") {
		add = []Record{rapid.SampledFrom([]Record{
			{"a.example.com.", "A", 600, "192.0.2.1"}, {"b.example.com.", "TXT", 600, `"shared"`}, {"example.com.", "TXT", 600, `"edited"`},
			{"example.com.", "TXT", 600, `"v=spf1 include:s1.example ip4:198.51.100.0/24 ?all"`}, {"example.com.", "MX", 600, "10 m1.example.net."},
		}).Draw(t, "added")}
	}
	if len(add) > 0 && isSPF(add[0]) && (len(remove) == 0 || !isSPF(remove[0]) || remove[0].Owner != add[0].Owner) {
		return // It would be the second one, which breaks mail, and says nothing.
	}
	change, err := Edit(s.zone, s.instances, remove, add)
	if err != nil {
		if !errors.Is(err, &dc.Error{Class: dc.ErrCoexist}) {
			t.Fatal(err)
		}
		return
	}
	s.seen["edited"]++
	for _, r := range remove {
		delete(s.mine, id(r))
	}
	for _, r := range add {
		if slices.ContainsFunc(change.Instances, func(i Instance) bool {
			return slices.ContainsFunc(i.Records, func(w Written) bool { return id(w.Record) == id(r) && !w.Before })
		}) {
			continue // It was there, and is a template's.
		}
		s.mine[id(r)] = true
	}
	for _, r := range slices.Concat(remove, add) {
		if isSPF(r) {
			s.spf[r.Owner] = true
		}
	}
	if len(change.InstancesRemoved) == 0 && rapid.Bool().Draw(t, "past the provider") {
		change.Instances = s.instances
	}
	s.take(t, change)
}

// take makes the change and looks at what has become of zone and instances.
func (s *story) take(t *rapid.T, c Change) {
	t.Helper()
	before := slices.Collect(s.zone.Records())
	after, err := c.Apply(s.zone)
	if err != nil {
		t.Fatal(err)
	}
	difference(t, before, slices.Collect(after.Records()), c)
	s.zone, s.instances = after, c.Instances
	for _, r := range c.InstancesRemoved {
		s.seen[string(r.Why)]++
	}
	s.seen["lost"] += len(c.InstancesChanged)
	s.owned(t)
	s.merged(t)
	if err := sole(after); err != nil {
		t.Fatal(err)
	}
}

// kept: nothing is taken out of the zone that an instance has afterwards.
func (s *story) kept(t *rapid.T, c Change) {
	t.Helper()
	gone := map[string]bool{}
	for _, r := range c.Remove {
		gone[id(r)] = true
	}
	for _, i := range c.Instances {
		for _, w := range i.Records {
			if gone[id(w.Record)] && !isSPF(w.Record) {
				t.Fatalf("%s still has %s, which is taken out", i.Identity, w.Record)
			}
		}
	}
}

// grouped: applying groups replaces these groups and what is in none, and
// leaves the others as they were; without groups the template is replaced
// whole, or has one instance more when it may have several.
func (s *story) grouped(t *rapid.T, by Application, records []dc.Resolved, c Change, conflicts []Conflict) {
	t.Helper()
	of := func(list []Instance) (own []Instance) {
		for _, i := range list {
			if i.Provider == by.Provider && i.Service == by.Service {
				own = append(own, i)
			}
		}
		return own
	}
	before, after := of(s.instances), of(c.Instances)
	ended := len(slices.DeleteFunc(slices.Clone(c.InstancesRemoved), func(r Removed) bool { return r.Service != by.Service || r.Why != WhyConflict }))
	switch {
	case by.Groups == nil && !by.Multi:
		if len(after) != 1 {
			t.Fatalf("%d instances of a template that replaces itself", len(after))
		}
	case by.Groups == nil:
		if len(after) != len(before)-ended+1 {
			t.Fatalf("%d instances after %d, of which %d ended", len(after), len(before), ended)
		}
	case len(before) == 1 && (!by.Multi || by.ID != "" && by.ID == before[0].ID):
		s.added(t, before[0], after[0], by.Groups, records, conflicts)
	}
}

// plainRR is the id of a record in DNS terms.
func plainRR(rr dns.RR) string {
	f := strings.SplitN(rr.String(), "\t", 5)
	return id(Record{Owner: f[0], Type: f[3], Data: f[4]})
}

// added: groups were added to an instance.
func (s *story) added(t *rapid.T, before, after Instance, groups []string, records []dc.Resolved, conflicts []Conflict) {
	t.Helper()
	s.seen["groups added"]++
	asked, kept := map[string]bool{}, map[string]bool{}
	for _, r := range records {
		if r.RR != nil {
			asked[r.GroupID+" "+plainRR(r.RR)] = true
		}
	}
	of := func(w Written) bool { return w.Group == "" || slices.Contains(groups, w.Group) }
	for _, w := range after.Records {
		kept[w.Group+" "+id(w.Record)] = true
		if of(w) && w.Record.Type != dc.TypeSPFM && !isSPF(w.Record) && !asked[w.Group+" "+id(w.Record)] {
			t.Fatalf("%v applied, and %s of group %q is still there", groups, w.Record, w.Group)
		}
	}
	for _, w := range before.Records {
		there := slices.ContainsFunc(slices.Collect(s.zone.At(w.Record.Owner)), func(r Record) bool { return id(r) == id(w.Record) })
		taken := slices.ContainsFunc(conflicts, func(c Conflict) bool { return id(c.Record) == id(w.Record) })
		if !of(w) && there && !taken && !isSPF(w.Record) && !kept[w.Group+" "+id(w.Record)] {
			t.Fatalf("%v applied, and %s of group %q is gone", groups, w.Record, w.Group)
		}
	}
	for _, g := range before.Groups {
		if after.Groups != nil && !slices.Contains(after.Groups, g) {
			t.Fatalf("%v applied, and group %s is forgotten", groups, g)
		}
	}
}

// owned: every record is an instance's, or the user's, and what is the user's
// is there.
func (s *story) owned(t *rapid.T) {
	t.Helper()
	known := maps.Clone(s.mine)
	spf := maps.Clone(s.spf)
	for _, i := range s.instances {
		for _, w := range i.Records {
			known[id(w.Record)] = true
			if w.Record.Type == dc.TypeSPFM {
				spf[w.Record.Owner] = true
			}
		}
	}
	for r := range s.zone.Records() {
		if !known[id(r)] && !(isSPF(r) && spf[r.Owner]) {
			t.Fatalf("%s is nobody's; instances %+v", r, s.instances)
		}
	}
	there := map[string]bool{}
	for r := range s.zone.Records() {
		there[id(r)] = true
	}
	for r := range s.mine {
		if !there[r] && !strings.Contains(r, " SOA ") && !strings.Contains(r, `"v=spf1`) {
			t.Fatalf("%s is the user's, and gone", r)
		}
	}
}

// merged: an SPF record that no user has edited says what its base and the
// contributions say, written down a second time as sets of words.
func (s *story) merged(t *rapid.T) {
	t.Helper()
	base, want := map[string]string{}, map[string]map[string]int{}
	for _, i := range s.instances {
		for _, w := range i.Records {
			if w.Record.Type != dc.TypeSPFM {
				continue
			}
			if want[w.Record.Owner] == nil {
				want[w.Record.Owner], base[w.Record.Owner] = map[string]int{}, w.Base
				words(want[w.Record.Owner], strings.Trim(w.Base, `"`))
			}
			words(want[w.Record.Owner], w.Record.Data)
		}
	}
	for owner, terms := range want {
		list := s.zone.lookup(owner).spf()
		if s.spf[owner] || len(list) != 1 {
			continue
		}
		got := map[string]int{}
		words(got, strings.Trim(strings.ReplaceAll(list[0].rec.Data, `" "`, ""), `"`))
		delete(terms, "all")
		all := got["all"]
		delete(got, "all")
		if !maps.Equal(terms, got) || all == 0 {
			t.Fatalf("%s has %s; base %s, want the terms %v", owner, list[0].rec.Data, base[owner], terms)
		}
		s.seen["merged"]++
	}
}

// words adds the terms of a text with the least restrictive of + ? ~ -.
func words(set map[string]int, text string) {
	for word := range strings.FieldsSeq(strings.TrimPrefix(text, "v=spf1")) {
		rank := strings.IndexByte("+?~-", word[0]) + 1
		if rank == 0 {
			rank = 1
		} else {
			word = word[1:]
		}
		if old := set[word]; old == 0 || rank < old {
			set[word] = rank
		}
	}
}

// sole is an error when something stands beside a CNAME.
func sole(z *Zone) error {
	for r := range z.Records() {
		if r.Type == "CNAME" && len(slices.Collect(z.At(r.Owner))) > 1 {
			return fmt.Errorf("something stands beside %s", r)
		}
	}
	_, err := Parse("example.com", strings.NewReader(strings.Join(textOf(slices.Collect(z.Records())), "\n")), "")
	return err
}

// play draws and takes some steps, then reverts everything: what is left is the
// user's alone.
func (s *story) play(t *rapid.T) {
	acts := []func(*rapid.T){s.apply, s.apply, s.revert, s.edit}
	for range rapid.IntRange(1, 8).Draw(t, "steps") {
		acts[rapid.IntRange(0, len(acts)-1).Draw(t, "act")](t)
	}
}

func TestStateProperties(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t, seen)
		s.play(t)
		for len(s.instances) > 0 {
			change, err := Revert(s.zone, s.instances, s.instances[0].Identity)
			if err != nil {
				t.Fatal(err)
			}
			s.take(t, change)
		}
		s.seen["emptied"]++
	})
	for _, kind := range []string{"applied", "refused", "reverted", "edited", "replaced", "conflict", "lost", "merged", "emptied", "groups added"} {
		if seen[kind] == 0 {
			t.Errorf("nothing was ever %s: the generator misses a kind; seen %v", kind, seen)
		}
	}
	t.Logf("seen: %v", seen)
}

// What the steps leave is loaded by a real name server, where one is installed.
func TestStateZonesAreLoaded(t *testing.T) {
	checkers := map[string][]string{"named-checkzone": {"-q", "-k", "fail"}, "nsd-checkzone": nil}
	found := 0
	for _, name := range slices.Sorted(maps.Keys(checkers)) {
		checker, err := exec.LookPath(name)
		if err != nil {
			t.Logf("%s is not on PATH: it has not looked at the zones that come out", name)
			continue
		}
		found++
		stories := rapid.Custom(func(t *rapid.T) *Zone {
			s := newStory(t, map[string]int{})
			s.play(t)
			return s.zone
		})
		for seed := range 25 {
			file := filepath.Join(t.TempDir(), "example.com.zone")
			text := strings.Join(textOf(slices.Collect(stories.Example(seed).Records())), "\n") + "\n"
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(checker, append(slices.Clone(checkers[name]), "example.com", file)...).CombinedOutput(); err != nil {
				t.Errorf("%s, seed %d: %v\n%s%s", name, seed, err, text, out)
			}
		}
	}
	if found == 0 {
		t.Skip("neither named-checkzone nor nsd-checkzone is on PATH: no name server has looked at the zones that come out")
	}
}
