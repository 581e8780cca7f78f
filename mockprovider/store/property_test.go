package store

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// The templates of the stories: they are in each other's way, have records in
// common, mail rules, groups, and records that may go by themselves.
var storyTemplates = parseAll(
	`{"providerId":"sp.test","providerName":"S","serviceId":"web","serviceName":"Web","version":1,"records":[
		{"type":"A","host":"@","pointsTo":"192.0.2.%n%","ttl":600},
		{"type":"TXT","host":"shared","data":"shared","ttl":600},
		{"type":"TXT","host":"once","data":"once %n%","ttl":600,"essential":"OnApply"}]}`,
	`{"providerId":"sp.test","providerName":"S","serviceId":"mail","serviceName":"Mail","version":1,"records":[
		{"type":"MX","host":"@","pointsTo":"mx%n%.sp.test","priority":10,"ttl":600},
		{"type":"TXT","host":"shared","data":"shared","ttl":300},
		{"type":"SPFM","host":"@","spfRules":"include:mail%n%.sp.test"}]}`,
	`{"providerId":"sp.test","providerName":"S","serviceId":"notes","serviceName":"Notes","version":1,"multiInstance":true,"records":[
		{"type":"TXT","host":"note","data":"note %n%","ttl":600},
		{"type":"SPFM","host":"@","spfRules":"include:notes.sp.test"}]}`,
	`{"providerId":"sp.test","providerName":"S","serviceId":"parts","serviceName":"Parts","version":1,"records":[
		{"type":"A","host":"@","pointsTo":"198.51.100.%n%","ttl":600,"groupId":"g1"},
		{"type":"CNAME","host":"note","pointsTo":"note%n%.sp.test","ttl":600,"groupId":"g2"},
		{"type":"TXT","host":"part","data":"part %n%","ttl":600,"groupId":"g2"}]}`,
)

func parseAll(texts ...string) []*dc.Template {
	var all []*dc.Template
	for _, text := range texts {
		t, err := dc.Parse("story.json", []byte(text))
		if err != nil {
			panic(err) // The texts are these.
		}
		all = append(all, t)
	}
	return all
}

// story is a tenant to which things happen, with what the test itself knows.
type story struct {
	*rapid.T
	tenant *Tenant
	// mine are the records that the user had or wrote, without TTL.
	mine map[string]bool
	seen map[string]int
}

// plain is a record without its TTL.
func plain(r zone.Record) string { return r.Owner + " " + r.Type + " " + r.Data }

func isMail(r zone.Record) bool { return r.Type == "TXT" && strings.HasPrefix(r.Data, `"v=spf1`) }

func newStory(t *rapid.T, seen map[string]int) *story {
	lines := rapid.SliceOfDistinct(rapid.SampledFrom([]string{
		"@ 3600 A 203.0.113.1", "@ 3600 MX 5 old.test.", "note 3600 TXT mine", "shared 60 TXT shared", `@ 3600 TXT "v=spf1 include:own.test ~all"`,
	}), func(s string) string { return s }).Draw(t, "zone")
	z, err := zone.Parse("s.example", strings.NewReader(strings.Join(lines, "\n")), "zone")
	if err != nil {
		t.Fatal(err)
	}
	tn, err := New(nil).NewTenant(TenantConfig{Rules: dc.Rules{Stateful: true}, Users: []User{{Name: "a"}}, Templates: storyTemplates,
		Zones: []Hosted{{Zone: z, Owner: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	s := &story{T: t, tenant: tn, mine: map[string]bool{}, seen: seen}
	for r := range s.now().Zone.Records() {
		s.mine[plain(r)] = true
	}
	return s
}

func (s *story) now() Snapshot {
	now, _, ok := s.tenant.Snapshot("s.example")
	if !ok {
		s.Fatal("the zone is gone")
	}
	return now
}

func (s *story) template() *dc.Template {
	return storyTemplates[rapid.IntRange(0, len(storyTemplates)-1).Draw(s.T, "template")]
}

// instance is an instanceId, where a template may have several.
func (s *story) instance(t *dc.Template) string {
	if !t.MultiInstance {
		return ""
	}
	return rapid.SampledFrom([]string{"", "i1", "i2"}).Draw(s.T, "instance")
}

func (s *story) host() string { return rapid.SampledFrom([]string{"", "sub"}).Draw(s.T, "host") }

func (s *story) apply() {
	t := s.template()
	s.applyAs(t, s.host(), s.instance(t))
}

func (s *story) applyAs(t *dc.Template, host, instance string) {
	ask := resolve.Request{Domain: "s.example", Host: host,
		Variables: map[string]string{"n": rapid.SampledFrom([]string{"1", "2"}).Draw(s.T, "n")}}
	if t.ServiceID == "parts" {
		ask.Groups = rapid.SampledFrom([][]string{nil, {"g1"}, {"g2"}}).Draw(s.T, "groups")
	}
	records, err := resolve.Resolve(t, ask, dc.Rules{})
	if err != nil {
		s.Fatal(err)
	}
	by := zone.Application{Identity: zone.Identity{Provider: "sp.test", Service: t.ServiceID, Domain: "s.example", Host: host, ID: instance}, Groups: ask.Groups, Multi: t.MultiInstance}
	var change zone.Change
	s.step("applied", &change, func() error {
		_, err := s.tenant.Replace("s.example", func(now Snapshot) (Snapshot, error) {
			var err error
			if change, _, err = zone.Plan(now.Zone, records, now.State(by), s.tenant.Config().Rules); err != nil {
				return Snapshot{}, err
			}
			return now.After(change)
		})
		return err
	})
}

func (s *story) revert() {
	t := s.template()
	which := zone.Identity{Provider: "sp.test", Service: t.ServiceID, Domain: "S.example.", ID: s.instance(t), Host: s.host()}
	if before := s.now().Instances; len(before) > 0 && rapid.Bool().Draw(s.T, "one that is there") {
		which = rapid.SampledFrom(before).Draw(s.T, "which").Identity
	}
	s.revertThat(which)
}

// several applies two instances of a template at one host, and takes one of them
// away: by itself that hardly comes about.
func (s *story) several() {
	at := slices.IndexFunc(storyTemplates, func(t *dc.Template) bool { return t.MultiInstance })
	t, host := storyTemplates[at], s.host()
	s.applyAs(t, host, "i1")
	s.applyAs(t, host, "i2")
	s.revertThat(zone.Identity{Provider: "sp.test", Service: t.ServiceID, Domain: "s.example", Host: host,
		ID: rapid.SampledFrom([]string{"i1", "i2"}).Draw(s.T, "one of them")})
}

// revertThat takes an instance away, and looks at what has become of the others.
func (s *story) revertThat(which zone.Identity) {
	before := s.now().Instances
	if !s.removal("reverted", func(agreed func(zone.Change) error) (zone.Change, error) { return s.tenant.Revert(which, agreed) }) {
		return
	}
	now := s.now().Instances
	for _, i := range before {
		meant := i.Service == which.Service && i.Host == which.Host && (which.ID == "" || i.ID == which.ID)
		if there := slices.ContainsFunc(now, func(o zone.Instance) bool { return o.Identity == i.Identity }); there == meant {
			s.Fatalf("revert of %+v: is %+v there: %t", which, i.Identity, there)
		}
		if !meant && which.ID != "" && i.Service == which.Service && i.Host == which.Host {
			s.seen["one of several"]++
		}
	}
}

// edit removes a record by hand, and writes another one in its place or not.
func (s *story) edit() {
	var all []zone.Record
	for r := range s.now().Zone.Records() {
		if r.Type != "SOA" && r.Type != "NS" {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return
	}
	out := rapid.SampledFrom(all).Draw(s.T, "removed")
	var in []zone.Record
	if rapid.Bool().Draw(s.T, "replaced") && (out.Type == "A" || out.Type == "TXT") && !isMail(out) {
		r := out
		r.Data = map[string]string{"A": "203.0.113.9", "TXT": `"edited"`}[r.Type]
		in = append(in, r)
	}
	done := s.removal("edited", func(agreed func(zone.Change) error) (zone.Change, error) {
		return s.tenant.EditRecords("s.example", []zone.Record{out}, in, agreed)
	})
	if done && isMail(out) { // What it was merged of is forgotten with it.
		maps.DeleteFunc(s.mine, func(r string, _ bool) bool { return strings.HasPrefix(r, out.Owner+` TXT "v=spf1`) })
	}
	for _, r := range in {
		if done {
			s.mine[plain(r)] = true
		}
	}
	s.owned()
}

var errNo = errors.New("no")

// removal is a step that asks: half of the time the answer is no.
func (s *story) removal(what string, do func(agreed func(zone.Change) error) (zone.Change, error)) bool {
	before, refuses := s.now(), rapid.Bool().Draw(s.T, "refuses")
	if refuses {
		_, err := do(func(zone.Change) error { return errNo })
		if err == nil {
			s.Fatalf("%s though the answer was no", what)
		}
		if now := s.now(); now.Zone != before.Zone || !same(now.Instances, before.Instances) {
			s.Fatalf("a refused change has changed something: %v", err)
		}
		s.seen["declined"]++
		return false
	}
	var change zone.Change
	return s.step(what, &change, func() (err error) {
		change, err = do(nil)
		return err
	})
}

// step makes a change and looks at what has become of zone and instances.
func (s *story) step(what string, change *zone.Change, do func() error) bool {
	before := s.now()
	if err := do(); err != nil {
		if _, ok := errors.AsType[*dc.Error](err); !ok {
			s.Fatal(err)
		}
		if now := s.now(); now.Zone != before.Zone || !same(now.Instances, before.Instances) {
			s.Fatalf("a change that failed has changed something: %v", err)
		}
		s.seen["refused"]++
		return false
	}
	s.seen[what]++
	now := s.now()
	if newer := now.Zone.Serial() == before.Zone.Serial()+1; newer != !change.Empty() {
		s.Fatalf("serial %d after %d, for %+v", now.Zone.Serial(), before.Zone.Serial(), change)
	}
	for _, r := range change.Remove {
		switch {
		case isMail(r): // It comes back when the last template is gone.
		case what == "reverted" && s.mine[plain(r)]:
			s.Fatalf("%s was the user's before it was a template's, and is gone", r)
		default:
			delete(s.mine, plain(r))
		}
	}
	for _, gone := range change.InstancesRemoved {
		s.seen["gone: "+string(gone.Why)]++
	}
	if what != "edited" { // Then the new records are looked at with it.
		s.owned()
	}
	return true
}

// owned: each record is somebody's, what an instance has is there, and the mail
// rules are those of the user and of the instances.
func (s *story) owned() {
	now := s.now()
	there, known, rules := map[string]bool{}, maps.Clone(s.mine), map[string]map[string]bool{}
	for r := range now.Zone.Records() {
		there[plain(r)] = true
	}
	for _, i := range now.Instances {
		for _, w := range i.Records {
			r := w.Record
			known[plain(r)] = true
			switch {
			case r.Type == dc.TypeSPFM:
				if rules[r.Owner] == nil {
					rules[r.Owner] = map[string]bool{"v=spf1": true, "~all": true}
				}
				for term := range strings.FieldsSeq(strings.Trim(w.Base, `"`) + " " + r.Data) {
					rules[r.Owner][term] = true
				}
			case !there[plain(r)]:
				s.Fatalf("%s has %s, which is not in the zone", i.Identity, r)
			}
		}
	}
	for r := range now.Zone.Records() {
		switch {
		case r.Type == "SOA":
		case isMail(r) && rules[r.Owner] != nil:
			got := map[string]bool{}
			for term := range strings.FieldsSeq(strings.Trim(r.Data, `"`)) {
				got[term] = true
			}
			if !maps.Equal(got, rules[r.Owner]) {
				s.Fatalf("%s; want the terms %v", r, slices.Sorted(maps.Keys(rules[r.Owner])))
			}
			s.seen["merged"]++
		case !known[plain(r)]:
			s.Fatalf("%s is nobody's; instances %v", r, now.Instances)
		}
	}
}

func (s *story) play() {
	acts := []func(){s.apply, s.apply, s.apply, s.revert, s.edit, s.several}
	for range rapid.IntRange(1, 10).Draw(s.T, "steps") {
		acts[rapid.IntRange(0, len(acts)-1).Draw(s.T, "act")]()
	}
}

// Whatever happens to a zone, each record of it is somebody's, and when the
// last template is gone what is left is the user's.
func TestStories(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t, seen)
		s.play()
		for applied := s.tenant.Applied(); len(applied) > 0; applied = s.tenant.Applied() {
			var change zone.Change
			s.step("reverted", &change, func() (err error) {
				change, err = s.tenant.Revert(applied[0].Identity, nil)
				return err
			})
		}
		for r := range s.now().Zone.Records() {
			if r.Type != "SOA" && !s.mine[plain(r)] {
				t.Fatalf("with no template left there is %s", r)
			}
		}
		for r := range s.mine {
			if !slices.ContainsFunc(slices.Collect(s.now().Zone.Records()), func(o zone.Record) bool { return plain(o) == r }) && !strings.Contains(r, " SOA ") {
				t.Fatalf("with no template left the user misses %s", r)
			}
		}
	})
	for _, kind := range []string{"applied", "refused", "declined", "reverted", "edited", "merged",
		"gone: replaced", "gone: conflict", "gone: edited", "gone: reverted", "one of several"} {
		if seen[kind] == 0 {
			t.Errorf("nothing was ever %q: the generator misses a kind; seen %v", kind, seen)
		}
	}
	t.Logf("seen: %v", seen)
}

// What comes out is loaded by a real name server, where its checker is
// installed.
func TestStoriesAreLoaded(t *testing.T) {
	checker, err := exec.LookPath("nsd-checkzone")
	if err != nil {
		t.Skip("nsd-checkzone is not on PATH: no name server has looked at the zones that come out")
	}
	stories := rapid.Custom(func(t *rapid.T) Snapshot {
		s := newStory(t, map[string]int{})
		s.play()
		return s.now()
	})
	for seed := range 25 {
		var text strings.Builder
		for r := range stories.Example(seed).Zone.Records() {
			text.WriteString(r.String() + "\n")
		}
		file := filepath.Join(t.TempDir(), "s.example.zone")
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(checker, "s.example", file).CombinedOutput(); err != nil {
			t.Errorf("seed %d: %v\n%s%s", seed, err, text.String(), out)
		}
	}
}

// Whoever reads sees a template with all of its records or without any.
func TestReadersSeeWholeTemplates(t *testing.T) {
	tn := newStateful(t)
	records := []dc.Resolved{resolved(t, shopWeb, false), resolved(t, shopOnce, true)}
	done := make(chan error, 1)
	go func() {
		var failed error
		for range 200 {
			_, err := tn.Revert(shopApp.Identity, nil)
			failed = errors.Join(failed, err)
			_, err = tn.Replace("a.example", func(s Snapshot) (Snapshot, error) {
				c, _, err := zone.Plan(s.Zone, records, s.State(shopApp), tn.Config().Rules)
				if err != nil {
					return Snapshot{}, err
				}
				return s.After(c)
			})
			failed = errors.Join(failed, err)
		}
		done <- failed
	}()
	for {
		s, _, _ := tn.Snapshot("a.example")
		if web, once := s.Zone.Exists(shopWeb.Owner), s.Zone.Exists(shopOnce.Owner); once != (len(s.Instances) == 1) || !web {
			t.Errorf("%d instances, and the zone has the record of the template: %t", len(s.Instances), once)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}
