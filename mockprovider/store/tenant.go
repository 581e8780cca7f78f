package store

import (
	"crypto/sha256"
	"crypto/subtle"
	"sync/atomic"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Tenant is an isolated world in the mock: its zones, users and templates are
// reached through it alone. It is safe for concurrent use.
type Tenant struct {
	store *Store
	name  string
	// current is replaced as a whole; see Reconfigure. Its Zones are empty,
	// since zones live on.
	current atomic.Pointer[configured]
	script  script
	grants  *oauth.Server

	// zones and removed are guarded by store.mu.
	zones   []*hosted
	removed bool
}

// Name is the tenant's name, "" for the default tenant.
func (t *Tenant) Name() string { return t.name }

// Prefix is the path before every URL of the tenant: "/t/<name>", or "" for
// the default tenant.
func (t *Tenant) Prefix() string { return prefix(t.name) }

func prefix(name string) string {
	if name == "" {
		return ""
	}
	return "/t/" + name
}

// Prefix is what Tenant.Prefix will be for a tenant of this configuration.
func (c TenantConfig) Prefix() string { return prefix(c.Name) }

// Config returns the configuration that is in force, the set faults included,
// with the zones in their current state. The slices are the tenant's own and
// are not to be modified. A request reads it once, at its start, so that a
// change in the middle does not tear it.
func (t *Tenant) Config() TenantConfig {
	c := t.current.Load().TenantConfig
	c.Zones = t.Zones()
	return c
}

// Plain is Config without the faults that Misbehave has set.
func (t *Tenant) Plain() TenantConfig {
	c := *t.current.Load().base
	c.Zones = t.Zones()
	return c
}

// Grants is the tenant's authorization server: what its users have granted to
// clients (async-00 section 6). It lives in memory alone.
func (t *Tenant) Grants() *oauth.Server { return t.grants }

// Hooks returns the hooks of the configuration.
func (t *Tenant) Hooks() Hooks { return t.current.Load().Hooks }

// Zones returns the zones of the tenant in their current state, in the order
// in which they were added.
func (t *Tenant) Zones() []Hosted {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	zones := make([]Hosted, len(t.zones))
	for i, h := range t.zones {
		now := h.current.Load()
		zones[i] = Hosted{Zone: now.Zone, Owner: h.owner, Instances: now.Instances}
	}
	return zones
}

// Template finds a template by its ids, with case. When two templates carry
// the same ids, the first one wins.
func (t *Tenant) Template(id dc.TemplateID) (*dc.Template, bool) {
	return t.current.Load().Template(id)
}

// Zone returns the current state of a zone by its apex (any case, with or
// without dot) and its owner. Zones of other tenants are not found.
func (t *Tenant) Zone(domain string) (z *zone.Zone, owner string, ok bool) {
	s, owner, ok := t.Snapshot(domain)
	return s.Zone, owner, ok
}

// Authenticate reports whether a user with this name and password exists. It
// compares in constant time: digests, of every user, without early exit.
func (t *Tenant) Authenticate(user, password string) bool {
	return t.current.Load().Authenticate(user, password)
}

// Template is Tenant.Template for one state of the configuration.
func (c *TenantConfig) Template(id dc.TemplateID) (*dc.Template, bool) {
	for _, t := range c.Templates {
		if t.ID() == id {
			return t, true
		}
	}
	return nil, false
}

// Authenticate is Tenant.Authenticate for one state of the configuration.
func (c *TenantConfig) Authenticate(user, password string) bool {
	name, pass := sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))
	found := 0
	for _, u := range c.Users {
		n, p := sha256.Sum256([]byte(u.Name)), sha256.Sum256([]byte(u.Password))
		found |= subtle.ConstantTimeCompare(name[:], n[:]) & subtle.ConstantTimeCompare(pass[:], p[:])
	}
	return found == 1
}
