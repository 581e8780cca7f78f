package zone

import (
	"slices"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Change is what an apply does to a zone. Each list is in canonical order.
type Change struct {
	// Add are the records that were not there before.
	Add []Record
	// Remove are the conflicting records, and the SPF records that a merge
	// replaces.
	Remove []Record
	// Retime are records that stay and get the TTL that their RRset has
	// afterwards (10.2 step 8b: one TTL per RRset, the lowest).
	Retime []Record
	// Warnings are sentences for the person who consents: the change can be
	// made, but what comes out may not work as meant.
	Warnings []string

	// The rest is for a provider that keeps template state; without state it is
	// empty. Instances are all instances afterwards, in the order in which they
	// were applied: what to remember.
	Instances []Instance
	// InstancesAdded is the instance that is applied, with what it has
	// afterwards, be it new or one that groups are added to.
	InstancesAdded []Instance
	// InstancesRemoved are those that go, with the reason: what a consent page
	// and a 409 have to name (10.6).
	InstancesRemoved []Removed
	// InstancesChanged are those that stay and have fewer records than before:
	// records marked OnApply that are in conflict, SPF contributions, and what
	// was edited by hand.
	InstancesChanged []Instance
}

// Empty reports whether the change leaves the zone as it is; what is remembered
// of instances may still be another.
func (c Change) Empty() bool { return len(c.Add)+len(c.Remove)+len(c.Retime) == 0 }

// Apply returns the changed zone as a new value, or z itself when there is
// nothing to change. The serial is the caller's. A change that was planned for
// another state of the zone (a record to remove is gone, one to add is there)
// is an error of class dc.ErrZone.
func (c Change) Apply(z *Zone) (*Zone, error) {
	if c.Empty() {
		return z, nil
	}
	b := z.edit()
	steps := []struct {
		records []Record
		act     func(set *rrset, at int, e entry) bool
	}{
		{c.Remove, func(set *rrset, at int, _ entry) bool {
			if at >= 0 {
				set.entries = slices.Concat(set.entries[:at], set.entries[at+1:])
			}
			return at >= 0
		}},
		{c.Add, func(set *rrset, at int, e entry) bool {
			set.entries = append(slices.Clip(set.entries), e)
			return at < 0
		}},
		{c.Retime, func(set *rrset, at int, e entry) bool {
			if at >= 0 {
				set.entries = slices.Clone(set.entries)
				set.entries[at] = set.entries[at].withTTL(e.rec.TTL)
			}
			return at >= 0
		}},
	}
	for _, step := range steps {
		for _, r := range step.records {
			if err := b.change(r, step.act); err != nil {
				return nil, err
			}
		}
	}
	return b.zone(), nil
}

// change does one step of a change to the RRset of a record.
func (b *builder) change(r Record, act func(set *rrset, at int, e entry) bool) error {
	key, err := b.key(r.Owner)
	if err != nil {
		return err
	}
	n, _ := b.names.Get(key)
	e, found := n.entry(r)
	if !found {
		if e, err = newEntry(r); err != nil {
			return err
		}
	}
	e.rec.TTL = r.TTL
	set := b.set(key, e)
	if !act(&set, set.index(e.key), e) {
		return &dc.Error{Class: dc.ErrZone, Record: -1,
			Message: "the zone is not the one that the change was planned for, plan again: " + r.String()}
	}
	b.put(key, e.rec.Owner, set)
	return nil
}

// entry finds a record by its type and data as printed, which spares reading
// the data.
func (n *node) entry(r Record) (entry, bool) {
	if set := n.typed(r.Type); set != nil {
		for _, e := range set.entries {
			if e.rec.Data == r.Data {
				return e, true
			}
		}
	}
	return entry{}, false
}
