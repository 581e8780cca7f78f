package store

import (
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Snapshot is a zone at one moment: its records, and the templates that are
// applied to it. The two are replaced together, so that nobody sees a record
// without its template or a template without its records.
type Snapshot struct {
	// Zone is the records.
	Zone *zone.Zone
	// Instances are the applied templates, in the order in which they were
	// applied; to read, not to change. A tenant keeps them when its
	// Rules.Stateful is set, and has none else.
	Instances []zone.Instance
}

// State is what zone.Plan needs to know on behalf of a template.
func (s Snapshot) State(by zone.Application) *zone.State {
	return &zone.State{Instances: s.Instances, By: by}
}

// After is the snapshot after a change that was planned for it with its
// instances: by zone.Plan with State, by zone.Revert or by zone.Edit. The
// error is that of zone.Change.Apply.
func (s Snapshot) After(c zone.Change) (Snapshot, error) {
	z, err := c.Apply(s.Zone)
	if err != nil {
		return Snapshot{}, err
	}
	return Snapshot{z, c.Instances}, nil
}

// Stateless is After for a change that was planned without instances: those
// that there are stay. What the change has taken from them they have lost (see
// zone.Revert).
func (s Snapshot) Stateless(c zone.Change) (Snapshot, error) {
	z, err := c.Apply(s.Zone)
	if err != nil {
		return Snapshot{}, err
	}
	return Snapshot{z, s.Instances}, nil
}

// same reports whether two lists of instances are one value.
func same(a, b []zone.Instance) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Snapshot returns the present state of a zone by its apex (any case, with or
// without dot) and its owner. Zones of other tenants are not found.
func (t *Tenant) Snapshot(domain string) (s Snapshot, owner string, ok bool) {
	h := t.find(domain)
	if h == nil {
		return Snapshot{}, "", false
	}
	return *h.current.Load(), h.owner, true
}

// Replace is Update for the records and the instances of a zone together, in
// one step. The serial rises when the zone is another one; a change of the
// instances alone leaves it.
func (t *Tenant) Replace(domain string, f func(Snapshot) (Snapshot, error)) (Snapshot, error) {
	h := t.find(domain)
	if h == nil {
		return Snapshot{}, fmt.Errorf("zone %s is not hosted by tenant %q: %w", dns.CanonicalName(domain), t.name, ErrNoZone)
	}
	return h.replace(f)
}

// ErrStateless says that a tenant keeps no template state, so that nothing can
// be reverted.
var ErrStateless = errors.New("this provider does not remember which templates are applied")

// Revert takes an applied template out of its zone again (async-00 section
// 6.7), as zone.Revert does: with an ID that instance, without one all at the
// domain and host. agreed is asked with the change before it is made; an error
// of it leaves everything as it is, and nil asks nobody.
//
// Errors are ErrNoZone, ErrStateless for a tenant without state, a *dc.Error
// of class dc.ErrNotApplied for a template that is not applied there, and
// whatever agreed returns.
func (t *Tenant) Revert(which zone.Identity, agreed func(zone.Change) error) (zone.Change, error) {
	return t.take(which.Domain, agreed, func(s Snapshot) (zone.Change, error) {
		if !t.stateful() {
			return zone.Change{}, ErrStateless
		}
		return zone.Revert(s.Zone, s.Instances, which)
	})
}

// EditRecords changes a zone by hand: records are removed, others added, or
// both, which is how one is modified (ietf-05 section 10.4.1.2, see zone.Edit).
// An essential record takes its template with it: agreed is asked with the
// change before it is made, as for Revert, and InstancesRemoved in it names
// those that go. A record to add that is there already gets the TTL given.
func (t *Tenant) EditRecords(domain string, remove, add []zone.Record, agreed func(zone.Change) error) (zone.Change, error) {
	return t.take(domain, agreed, func(s Snapshot) (zone.Change, error) {
		return t.edit(s, func(s Snapshot) (zone.Change, error) { return zone.Edit(s.Zone, s.Instances, remove, add) })
	}, t.Hooks().Edited...)
}

// Edit works out what a change by hand does to a zone and to the templates that
// are applied to it.
type Edit func(s Snapshot) (zone.Change, error)

// edit is an edit with the hooks around it.
func (t *Tenant) edit(s Snapshot, next Edit) (zone.Change, error) {
	c := t.current.Load()
	for _, around := range c.Hooks.Editing {
		inner := next
		next = func(s Snapshot) (zone.Change, error) { return around(c.Templates, s, inner) }
	}
	return next(s)
}

// take carries out a change that takes templates away.
func (t *Tenant) take(domain string, agreed func(zone.Change) error, plan func(Snapshot) (zone.Change, error), edited ...func(before, after *zone.Zone) (*zone.Zone, error)) (zone.Change, error) {
	var change zone.Change
	_, err := t.Replace(domain, func(s Snapshot) (Snapshot, error) {
		var err error
		if change, err = plan(s); err != nil {
			return Snapshot{}, err
		}
		if agreed != nil {
			if err := agreed(change); err != nil {
				return Snapshot{}, err
			}
		}
		next, err := s.After(change)
		for _, bend := range edited {
			if err != nil {
				break
			}
			next.Zone, err = bend(s.Zone, next.Zone)
		}
		return next, err
	})
	if err != nil {
		return zone.Change{}, err
	}
	return change, nil
}

// Applied returns the instances of all zones of a tenant, zone after zone in
// the order in which these were added.
func (t *Tenant) Applied() []zone.Instance {
	var all []zone.Instance
	for _, z := range t.Zones() {
		all = slices.Concat(all, z.Instances)
	}
	return all
}
