package store

import (
	"crypto/sha256"
	"crypto/subtle"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Tenant is an isolated world in the mock: its zones, users and templates are
// reached through it alone. It is safe for concurrent use.
type Tenant struct {
	store *Store
	// cfg is never changed; its Zones are empty, since zones live on.
	cfg TenantConfig

	// zones and removed are guarded by store.mu.
	zones   []*hosted
	removed bool

	// templates is made on first use: most tenants look one template up.
	indexed   sync.Once
	templates map[dc.TemplateID]*dc.Template
}

// Name is the tenant's name, "" for the default tenant.
func (t *Tenant) Name() string { return t.cfg.Name }

// Prefix is the path before every URL of the tenant: "/t/<name>", or "" for
// the default tenant.
func (t *Tenant) Prefix() string { return prefix(t.cfg.Name) }

func prefix(name string) string {
	if name == "" {
		return ""
	}
	return "/t/" + name
}

// Prefix is what Tenant.Prefix will be for a tenant of this configuration.
func (c TenantConfig) Prefix() string { return prefix(c.Name) }

// Config returns the configuration, with the zones in their current state.
// The slices are the tenant's own and are not to be modified.
func (t *Tenant) Config() TenantConfig {
	c := t.cfg
	c.Zones = t.Zones()
	return c
}

// Hooks returns the hooks of the configuration.
func (t *Tenant) Hooks() Hooks { return t.cfg.Hooks }

// Zones returns the zones of the tenant in their current state, in the order
// in which they were added.
func (t *Tenant) Zones() []Hosted {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	zones := make([]Hosted, len(t.zones))
	for i, h := range t.zones {
		zones[i] = Hosted{Zone: h.current.Load(), Owner: h.owner}
	}
	return zones
}

// fewTemplates is up to where a scan beats building an index.
const fewTemplates = 8

// Template finds a template by its ids, with case. When two templates carry
// the same ids, the first one wins.
func (t *Tenant) Template(id dc.TemplateID) (*dc.Template, bool) {
	if len(t.cfg.Templates) <= fewTemplates {
		for _, tmpl := range t.cfg.Templates {
			if tmpl.ID() == id {
				return tmpl, true
			}
		}
		return nil, false
	}
	t.indexed.Do(func() {
		t.templates = make(map[dc.TemplateID]*dc.Template, len(t.cfg.Templates))
		for _, tmpl := range t.cfg.Templates {
			if _, twice := t.templates[tmpl.ID()]; !twice {
				t.templates[tmpl.ID()] = tmpl
			}
		}
	})
	tmpl, ok := t.templates[id]
	return tmpl, ok
}

// Zone returns the current state of a zone by its apex (any case, with or
// without dot) and its owner. Zones of other tenants are not found.
func (t *Tenant) Zone(domain string) (z *zone.Zone, owner string, ok bool) {
	h := t.find(domain)
	if h == nil {
		return nil, "", false
	}
	return h.current.Load(), h.owner, true
}

// Authenticate reports whether a user with this name and password exists. It
// compares in constant time: digests, of every user, without early exit.
func (t *Tenant) Authenticate(user, password string) bool {
	name, pass := sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))
	found := 0
	for _, u := range t.cfg.Users {
		n, p := sha256.Sum256([]byte(u.Name)), sha256.Sum256([]byte(u.Password))
		found |= subtle.ConstantTimeCompare(name[:], n[:]) & subtle.ConstantTimeCompare(pass[:], p[:])
	}
	return found == 1
}
