// Package store keeps what the mock provider knows: tenants with their zones,
// users and templates, and the journal of what happened. Readers never wait
// for an update: a zone is an immutable value that is replaced as a whole.
package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Store holds all tenants of one mock. It is safe for concurrent use.
type Store struct {
	clock   func() time.Time
	journal *Journal
	// keys hosts the service providers' key zones. It has no name that a URL
	// could carry, so it is not in tenants.
	keys *Tenant

	// scripted counts the steps of all tenants.
	scripted atomic.Int64

	generation generation

	// mu guards the maps and the zone lists of the tenants, not the zones.
	mu      sync.RWMutex
	tenants map[string]*Tenant
	zones   map[string]*hosted
}

// New makes an empty store. clock nil is time.Now.
func New(clock func() time.Time) *Store {
	if clock == nil {
		clock = time.Now
	}
	s := &Store{
		clock:   clock,
		journal: newJournal(clock, journalSize),
		tenants: map[string]*Tenant{},
		zones:   map[string]*hosted{},
	}
	s.keys = &Tenant{store: s}
	s.keys.current.Store(configure(TenantConfig{}, nil))
	return s
}

// NewTenant adds a tenant, whole or not at all. Zone names are unique in the
// whole store, since a DNS question names nothing else; so are tenant names.
func (s *Store) NewTenant(c TenantConfig) (*Tenant, error) {
	if err := checkTenantName(c.Name); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	t := &Tenant{store: s, name: c.Name, grants: oauth.New(s.clock)}
	t.current.Store(configure(c, nil))
	held := make([]*hosted, 0, len(c.Zones))
	for _, z := range c.Zones {
		h, err := t.host(z)
		if err != nil {
			return nil, err
		}
		held = append(held, h)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tenants[c.Name] != nil {
		return nil, fmt.Errorf("tenant %q exists already: remove it first, or choose another name", c.Name)
	}
	if err := s.claim(held); err != nil {
		return nil, err
	}
	s.tenants[c.Name] = t
	s.generation.touch()
	return t, nil
}

// claim enters zones into the map, all or none. The caller holds mu.
func (s *Store) claim(held []*hosted) error {
	for i, h := range held {
		if other := s.zones[h.origin]; other != nil {
			for _, mine := range held[:i] {
				delete(s.zones, mine.origin)
			}
			return &ZoneTakenError{Zone: h.origin, Tenant: other.tenant.Name(), Key: other.tenant == s.keys}
		}
		s.zones[h.origin] = h
	}
	for _, h := range held {
		h.tenant.zones = append(h.tenant.zones, h)
	}
	s.generation.touch()
	return nil
}

// ZoneTakenError says that a zone name is hosted already.
type ZoneTakenError struct {
	// Zone is the name, absolute.
	Zone string
	// Tenant hosts it; Key is set when it is a service provider's key zone,
	// which belongs to no tenant.
	Tenant string
	Key    bool
}

func (e *ZoneTakenError) Error() string {
	by := fmt.Sprintf("tenant %q", e.Tenant)
	if e.Key {
		by = "a service provider's key zone"
	}
	return fmt.Sprintf("zone %s is taken by %s: a DNS question names nothing but a zone, so zone names are unique in one mock; choose another name", e.Zone, by)
}

// Tenant finds a tenant by name, with case.
func (s *Store) Tenant(name string) (*Tenant, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.tenants[name]
	return t, ok
}

// Remove takes a tenant and its zones out. Removing it twice does nothing.
func (s *Store) Remove(t *Tenant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tenants[t.name] != t {
		return
	}
	delete(s.tenants, t.name)
	t.removed = true
	t.dropSteps(true)
	for _, h := range t.zones {
		delete(s.zones, h.origin)
		h.gone.Store(true)
	}
	t.zones = nil
	s.generation.touch()
}

// Found is a hosted zone as Find saw it.
type Found struct {
	// Zone is the state at the time of the look-up.
	Zone *zone.Zone
	// Owner is Hosted.Owner.
	Owner string
	// Tenant hosts the zone; its name is "" for key zones.
	Tenant *Tenant
}

// Find returns the closest enclosing zone of a name, in any tenant. The name
// may have any case and needs no trailing dot.
func (s *Store) Find(qname string) (Found, bool) {
	name := canonical(qname)
	s.mu.RLock()
	h := s.enclosing(name)
	s.mu.RUnlock()
	if h == nil {
		return Found{}, false
	}
	return Found{Zone: h.current.Load().Zone, Owner: h.owner, Tenant: h.tenant}, true
}

// canonical is dns.CanonicalName without its cost for names that are so
// already: this is in the path of every DNS query.
func canonical(name string) string {
	if !strings.HasSuffix(name, ".") {
		return dns.CanonicalName(name)
	}
	for i := range len(name) {
		if c := name[i]; c >= 'A' && c <= 'Z' || c == '\\' {
			return dns.CanonicalName(name)
		}
	}
	return name
}

// enclosing walks up from a canonical name. The caller holds mu.
func (s *Store) enclosing(name string) *hosted {
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		if h := s.zones[name[off:]]; h != nil {
			return h
		}
	}
	return s.zones["."]
}

// Zone finds the closest enclosing zone of a name, in any tenant.
func (s *Store) Zone(qname string) (*zone.Zone, bool) {
	f, ok := s.Find(qname)
	return f.Zone, ok
}

// Tenants returns all tenants, sorted by name.
func (s *Store) Tenants() []*Tenant {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.tenants), func(a, b *Tenant) int { return strings.Compare(a.name, b.name) })
}

// Journal is the store's journal.
func (s *Store) Journal() *Journal { return s.journal }

func checkTenantName(name string) error {
	if len(name) > 63 {
		return fmt.Errorf("tenant name %q has %d characters: at most 63", name, len(name))
	}
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
		default:
			return fmt.Errorf("tenant name %q: %q is not allowed: it is part of a URL path; use letters, digits and hyphens", name, r)
		}
	}
	return nil
}

// ErrNoZone is in the chain of the errors about zones that are not hosted.
var ErrNoZone = errors.New("no such zone")
