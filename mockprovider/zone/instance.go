package zone

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Identity says which applied template is meant (ietf-05 section 10.1): the
// template, the zone and the sub-domain, and for a multiInstance template the
// caller's name for the instance.
type Identity struct {
	// Provider and Service are the ids of the template; letter case counts.
	Provider, Service string
	// Domain is the zone, Host the sub-domain, empty for the apex. Letter case
	// and a trailing dot do not count.
	Domain, Host string
	// ID is the instanceId; empty when the caller gave none.
	ID string
}

// template reports whether two identities are of one template at one host.
func (i Identity) template(other Identity) bool {
	plain := func(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
	return i.Provider == other.Provider && i.Service == other.Service &&
		plain(i.Domain) == plain(other.Domain) && plain(i.Host) == plain(other.Host)
}

// String names the template and the place for a person.
func (i Identity) String() string {
	name := i.Provider + "/" + i.Service
	if i.ID != "" {
		name += " (" + i.ID + ")"
	}
	place := strings.TrimSuffix(i.Domain, ".")
	if i.Host != "" {
		place = i.Host + "." + place
	}
	return name + " at " + place
}

// Instance is an applied template, as a stateful provider remembers it.
type Instance struct {
	Identity
	// Groups are the groups that were applied, sorted; nil when no groupId was
	// given and so all of them were.
	Groups []string
	// Records are what the instance wrote and has not lost since.
	Records []Written
}

// Written is a record of an instance.
type Written struct {
	// Record is the record as it was written. An SPFM is kept as it was asked
	// for, with its rules as Data: it is one of the contributions that the SPF
	// record of its owner is merged of.
	Record Record
	// Group is the record's groupId, empty when it has none.
	Group string
	// OnApply is set when the record may go later without its instance
	// (section 10.4.1.2); else it is essential.
	OnApply bool
	// Before is set when the record was in the zone already and was no
	// template's: the instance shares it, and leaves it behind (10.4.1.3).
	Before bool
	// Base is for an SPFM: the data of the SPF record that its owner had
	// before any template contributed, empty when there was none.
	Base string
}

// Application says on whose behalf Plan applies records.
type Application struct {
	Identity
	// Groups is the groupId list of the request; nil when the parameter is
	// absent.
	Groups []string
	// Multi is the template's multiInstance.
	Multi bool
}

// State is what a stateful provider knows beside the zone.
type State struct {
	// Instances are the templates that are applied to the zone, in the order in
	// which they were.
	Instances []Instance
	// By is the template that is being applied.
	By Application
}

// Why says in one word why an instance goes. The list is closed.
type Why string

// The reasons for an instance to go.
const (
	// WhyReplaced: the same template is applied again at the same host (10.1).
	WhyReplaced Why = "replaced"
	// WhyConflict: an essential record of it is in conflict (10.5).
	WhyConflict Why = "conflict"
	// WhyReverted: somebody asked for it (async-00 section 6.7).
	WhyReverted Why = "reverted"
	// WhyEdited: an essential record of it was edited by hand (10.4.1.2).
	WhyEdited Why = "edited"
)

// Removed is an instance that goes.
type Removed struct {
	Instance
	Why Why
	// Cause are its essential records that are in conflict or edited, as they
	// stand in the zone; empty for the other reasons.
	Cause []Record
	// Gone are its records that leave the zone; what others need stays. The
	// SPF record that it contributed to is not among them.
	Gone []Record
}

// live is an instance during a plan.
type live struct {
	Instance
	entries []written
	// gone is empty while the instance stays.
	gone  Why
	cause []Record
	// own is set for the instance that a grouped apply adds to.
	own bool
	// touched is set when the instance stays with other records.
	touched bool
}

// written is a record of an instance during a plan.
type written struct {
	Written
	key   string // tree key of the owner
	entry entry  // for an SPFM rec and key alone
	rules []spfTerm
	// dropped is set when the record is to be taken out of the zone, lost when
	// the instance no longer has it, whatever becomes of the record.
	dropped, lost bool
}

func (w *written) isSPFM() bool { return w.Record.Type == dc.TypeSPFM }

// is reports whether a record of the zone is this one.
func (w *written) is(key string, e *entry) bool {
	return !w.isSPFM() && w.key == key && w.entry.rec.Type == e.rec.Type && w.entry.key == e.key
}

// stays reports whether the instance keeps the record.
func (l *live) stays(w *written) bool { return l.gone == "" && !w.dropped && !w.lost }

// ledger is a zone with its instances, during a plan.
type ledger struct {
	zone *Zone
	all  []live
	// baseless are the owners whose SPF base went with its own instance.
	baseless map[string]bool
}

// open reads the instances. One that is malformed is an error of class
// dc.ErrInput. What an instance wrote and is not in the zone any more is lost
// to it: somebody has edited the zone by other means than Edit.
func open(z *Zone, instances []Instance) (*ledger, error) {
	b := &ledger{zone: z, all: make([]live, 0, len(instances))}
	for at, i := range instances {
		l := live{Instance: i, entries: make([]written, 0, len(i.Records))}
		for n, w := range i.Records {
			entry, err := b.read(w)
			if err != nil {
				return nil, &dc.Error{Class: dc.ErrInput, Record: -1, Field: "instances",
					Message: fmt.Sprintf("record %d of instance %d, %s: %s", n+1, at+1, i.Identity, message(err))}
			}
			l.entries = append(l.entries, entry)
		}
		b.all = append(b.all, l)
	}
	b.forget()
	return b, nil
}

func (b *ledger) read(w Written) (written, error) {
	owner, err := canonicalName(w.Record.Owner)
	if err != nil {
		return written{}, err
	}
	key, ok := appendKey(nil, owner, b.zone.origin)
	if !ok {
		return written{}, badZone("%s is outside the zone %s", owner, b.zone.origin)
	}
	out := written{Written: w, key: string(key)}
	if w.Record.Type == dc.TypeSPFM {
		out.Record.Owner = owner
		out.rules, err = parseSPFRules(w.Record.Data)
		if err == nil && w.Base != "" {
			_, err = baseEntry(owner, w.Base)
		}
		return out, err
	}
	out.entry, err = newEntry(w.Record)
	out.Record = out.entry.rec
	return out, err
}

// forget marks what the zone does not have any more.
func (b *ledger) forget() {
	for l, w := range b.written {
		if w.isSPFM() && len(b.zone.find(w.key).spf()) == 0 {
			w.lost, l.touched = true, true
		}
	}
	for l, w := range b.written {
		if w.isSPFM() || b.zone.find(w.key).typed(w.entry.rec.Type).index(w.entry.key) >= 0 {
			continue
		}
		// A plain SPF record that others were merged into is there in them.
		if w.entry.spf == nil || b.baseOf(w.key) != w.entry.rec.Data {
			w.lost, l.touched = true, true
		}
	}
}

// written yields all records of all instances.
func (b *ledger) written(yield func(l *live, w *written) bool) {
	for i := range b.all {
		for j := range b.all[i].entries {
			if !yield(&b.all[i], &b.all[i].entries[j]) {
				return
			}
		}
	}
}

// needed reports whether an instance that stays has the record.
func (b *ledger) needed(key string, e *entry) bool {
	for l, w := range b.written {
		if l.stays(w) && w.is(key, e) {
			return true
		}
	}
	return false
}

// instances are those that stay, as they are afterwards.
func (b *ledger) instances() (all, changed []Instance) {
	all = []Instance{}
	for i := range b.all {
		l := &b.all[i]
		if l.gone != "" {
			continue
		}
		next := l.Instance
		next.Records = make([]Written, 0, len(l.entries))
		for j := range l.entries {
			if w := &l.entries[j]; l.stays(w) {
				next.Records = append(next.Records, b.current(w))
			}
		}
		all = append(all, next)
		if l.touched && !l.own {
			changed = append(changed, next)
		}
	}
	return all, changed
}

// current is a record as it is remembered from now on.
func (b *ledger) current(w *written) Written {
	next := w.Written
	if b.baseless[w.key] {
		next.Base = ""
	}
	return next
}

// removed are the instances that go, in the order in which they were applied.
func (b *ledger) removed(c *Change) []Removed {
	var list []Removed
	for i := range b.all {
		l := &b.all[i]
		if l.gone == "" {
			continue
		}
		r := Removed{Instance: l.Instance, Why: l.gone, Cause: l.cause}
		for j := range l.entries {
			w := &l.entries[j]
			for _, gone := range c.Remove {
				if gone.Owner == w.Record.Owner && gone.Type == w.Record.Type && gone.Data == w.Record.Data && !slices.Contains(r.Gone, gone) {
					r.Gone = append(r.Gone, gone)
				}
			}
		}
		list = append(list, r)
	}
	return list
}
