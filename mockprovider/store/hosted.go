package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/zone"
)

// hosted is one zone with its instances: an immutable value behind an atomic
// pointer.
type hosted struct {
	origin string
	owner  string
	tenant *Tenant
	// update serialises writers; readers load current.
	update  sync.Mutex
	current atomic.Pointer[Snapshot]
	// gone is set when the zone is no longer hosted.
	gone atomic.Bool
}

// What a zone without SOA or NS gets. The names lie in no customer's zone, so
// that no template conflicts with them. The negative TTL is short, since the
// mock's readers ask again soon.
const (
	nameServer = "ns1.dcconform.example."
	soaData    = nameServer + " hostmaster.dcconform.example. 1 7200 900 1209600 60"
	apexTTL    = 3600
)

// host prepares a zone for hosting.
func (t *Tenant) host(z Hosted) (*hosted, error) {
	if z.Zone == nil {
		return nil, fmt.Errorf("tenant %q: a hosted zone without Zone: make it with zone.New or zone.Parse", t.name)
	}
	full, err := t.complete(z)
	if err == nil {
		err = checkInstances(full, z.Instances)
	}
	if err != nil {
		return nil, fmt.Errorf("tenant %q: zone %s: %w", t.name, z.Zone.Origin(), err)
	}
	h := &hosted{origin: full.Origin(), owner: z.Owner, tenant: t}
	h.current.Store(&Snapshot{full, z.Instances})
	return h, nil
}

// checkInstances refuses instances that no plan could be made with.
func checkInstances(z *zone.Zone, instances []zone.Instance) error {
	domain := strings.TrimSuffix(z.Origin(), ".")
	for n, i := range instances {
		if dns.CanonicalName(i.Domain) != z.Origin() {
			return fmt.Errorf("instance %d, %s: its domain is %q; it has to be %q, the zone that it is applied to", n+1, i.Identity, i.Domain, domain)
		}
	}
	_, err := zone.Edit(z, instances, nil, nil)
	return err
}

// complete adds what a hosted zone needs and lacks.
func (t *Tenant) complete(z Hosted) (*zone.Zone, error) {
	origin := z.Zone.Origin()
	var add []zone.Record
	if z.Zone.RRset(origin, dns.TypeSOA) == nil {
		add = append(add, zone.Record{Owner: origin, Type: "SOA", TTL: apexTTL, Data: soaData})
	}
	if z.Zone.RRset(origin, dns.TypeNS) == nil {
		add = append(add, zone.Record{Owner: origin, Type: "NS", TTL: apexTTL, Data: nameServer})
	}
	if d := t.current.Load().Discovery; d != "" && d != NoDiscovery && z.Owner != "" {
		name := dns.Fqdn("_domainconnect." + origin)
		if !z.Zone.Exists(name) {
			txt, err := textRecord(name, d)
			if err != nil {
				return nil, err
			}
			add = append(add, txt)
		}
	}
	if len(add) == 0 {
		return z.Zone, nil
	}
	return zone.Change{Add: add}.Apply(z.Zone)
}

// AddZone adds a zone to the tenant.
func (t *Tenant) AddZone(z Hosted) error {
	h, err := t.host(z)
	if err != nil {
		return err
	}
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	if t.removed {
		return fmt.Errorf("tenant %q was removed: zone %s cannot be added to it", t.name, h.origin)
	}
	return t.store.claim([]*hosted{h})
}

// find looks a zone of this tenant up by its apex.
func (t *Tenant) find(domain string) *hosted {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	h := t.store.zones[dns.CanonicalName(domain)]
	if h == nil || h.tenant != t {
		return nil
	}
	return h
}

// Update replaces a zone atomically: f gets the current state and returns the
// next; the serial rises by one (RFC 1982: 0 follows 4294967295) unless f
// returns its argument, or a zone whose serial is newer already. Updates of one zone are serialised, readers see the
// state before or after, never between. When f returns an error the zone
// stays as it was and the error is returned as it is. f must not update the
// same zone again. Instances stay as they are; see Replace.
func (t *Tenant) Update(domain string, f func(*zone.Zone) (*zone.Zone, error)) (*zone.Zone, error) {
	s, err := t.Replace(domain, only(f))
	return s.Zone, err
}

// only is an update of the records alone.
func only(f func(*zone.Zone) (*zone.Zone, error)) func(Snapshot) (Snapshot, error) {
	return func(s Snapshot) (Snapshot, error) {
		z, err := f(s.Zone)
		return Snapshot{z, s.Instances}, err
	}
}

// Edit is Update for a change by other means than a template: by the zone's
// user, or by DNS UPDATE. Where applied templates are kept track of it has the
// consequences of EditRecords, and whoever edits is taken to know them.
func (t *Tenant) Edit(domain string, f func(*zone.Zone) (*zone.Zone, error)) (*zone.Zone, error) {
	s, err := t.Replace(domain, func(s Snapshot) (Snapshot, error) {
		after, err := f(s.Zone)
		for _, bend := range t.Hooks().Edited {
			if err != nil {
				return Snapshot{}, err
			}
			after, err = bend(s.Zone, after)
		}
		if err != nil || after == nil || after == s.Zone || after.Origin() != s.Zone.Origin() || len(s.Instances) == 0 || !t.stateful() {
			return Snapshot{after, s.Instances}, err
		}
		change, err := t.edit(s, func(s Snapshot) (zone.Change, error) { return zone.EditTo(s.Zone, after, s.Instances) })
		if err != nil {
			return Snapshot{}, err
		}
		return s.After(change)
	})
	return s.Zone, err
}

// Reset begins a zone anew: f makes its records as for Update, and instances
// are the templates that are applied to it then.
func (t *Tenant) Reset(domain string, instances []zone.Instance, f func(*zone.Zone) (*zone.Zone, error)) error {
	_, err := t.Replace(domain, func(s Snapshot) (Snapshot, error) {
		z, err := f(s.Zone)
		for _, bend := range t.Hooks().Edited {
			if err != nil {
				return Snapshot{}, err
			}
			z, err = bend(s.Zone, z)
		}
		if err == nil && z != nil {
			err = checkInstances(z, instances)
		}
		return Snapshot{z, instances}, err
	})
	return err
}

// stateful reports whether the tenant keeps template state.
func (t *Tenant) stateful() bool { return t.current.Load().Rules.Stateful }

func (h *hosted) replace(f func(Snapshot) (Snapshot, error)) (Snapshot, error) {
	h.update.Lock()
	defer h.update.Unlock()
	if h.gone.Load() {
		return Snapshot{}, fmt.Errorf("zone %s was removed: %w", h.origin, ErrNoZone)
	}
	now := *h.current.Load()
	next, err := f(now)
	switch {
	case err != nil:
		return Snapshot{}, err
	case next.Zone == now.Zone && same(next.Instances, now.Instances):
		return now, nil
	case next.Zone == nil:
		return Snapshot{}, fmt.Errorf("zone %s: the update returned no zone", h.origin)
	case next.Zone.Origin() != h.origin:
		return Snapshot{}, fmt.Errorf("zone %s: the update returned zone %s", h.origin, next.Zone.Origin())
	case next.Zone.RRset(h.origin, dns.TypeSOA) == nil:
		return Snapshot{}, fmt.Errorf("zone %s: %w", h.origin, errLostSOA)
	}
	if next.Zone != now.Zone && !newer(next.Zone.Serial(), now.Zone.Serial()) {
		next.Zone = next.Zone.WithSerial(now.Zone.Serial() + 1)
	}
	h.current.Store(&next)
	h.tenant.store.generation.touch()
	return next, nil
}

// newer compares serials as RFC 1982 section 3.2 does.
func newer(a, b uint32) bool { return a != b && a-b < 1<<31 }

var errLostSOA = errors.New("the update took the SOA record out, without which a zone cannot be served")
