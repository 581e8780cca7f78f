// Package store keeps what the mock provider knows: tenants with their zones,
// users and templates, and the journal of what happened. Readers never wait.
package store

import (
	"context"
	"time"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// QueryMode is how a tenant answers the template query (ietf-05 section 8.2).
type QueryMode uint8

// The answers to a template query. An Accept header with the template's media
// type gets the whole template in every mode.
const (
	QueryEmpty QueryMode = iota
	QueryVersion
	QueryTemplate
)

// User is somebody who can sign in.
type User struct{ Name, Password string }

// Hosted is a zone in a user's account.
type Hosted struct {
	Zone *zone.Zone
	// Owner is the name of the user who may change it; "" is a zone that no
	// user may (a service provider's key zone).
	Owner string
}

// KeyResolver finds the TXT data of a key name: one element per record, each
// its character-strings. No data is (nil, nil); an error is a failed look-up.
type KeyResolver func(ctx context.Context, name string) ([][]string, error)

// Faults are deliberate misbehaviours of the layers above the core. The zero
// value is correct behaviour. Package fault gives them names.
type Faults struct {
	// Guards of the consent pages; each true takes one guard out, so that a
	// test can show that it sees the difference.
	NoCSRF, NoEscape, AllowFraming, OpenRedirect, KeepSessionID, AnyZone bool
}

// TenantConfig describes a tenant. The zero value is a tenant without zones,
// users or templates.
type TenantConfig struct {
	// Name is part of every URL path of the tenant: /t/<name>/. Letters,
	// digits and hyphens. Empty is the default tenant, at the root.
	Name string
	// ProviderID, ProviderName and ProviderDisplayName go into the settings.
	// Defaults: "dcconform.example", "dcconform mock provider", "".
	ProviderID, ProviderName, ProviderDisplayName string
	Users                                         []User
	Zones                                         []Hosted
	Templates                                     []*dc.Template
	Rules                                         dc.Rules
	Query                                         QueryMode
	// Keys resolves public keys; nil asks the mock's own DNS server.
	Keys   KeyResolver
	Faults Faults
}

// Store holds all tenants of one mock.
type Store struct{ _ int }

// New makes an empty store. clock nil is time.Now.
func New(clock func() time.Time) *Store { panic("contract only") }

// NewTenant adds a tenant. Zone names are unique in the whole store, since a
// DNS question names nothing else.
func (s *Store) NewTenant(c TenantConfig) (*Tenant, error) { panic("contract only") }

// Tenant finds a tenant by name.
func (s *Store) Tenant(name string) (*Tenant, bool) { panic("contract only") }

// Remove takes a tenant and its zones out.
func (s *Store) Remove(t *Tenant) { panic("contract only") }

// Zone finds the closest enclosing zone of a name, in any tenant.
func (s *Store) Zone(qname string) (*zone.Zone, bool) { panic("contract only") }

// Journal is the store's journal.
func (s *Store) Journal() *Journal { panic("contract only") }

// Tenant is an isolated world in the mock.
type Tenant struct{ _ int }

// Name is the tenant's name; Prefix is "/t/<name>", or "" for the default.
func (t *Tenant) Name() string   { panic("contract only") }
func (t *Tenant) Prefix() string { panic("contract only") }

// Config returns the configuration; slices are the tenant's own.
func (t *Tenant) Config() TenantConfig { panic("contract only") }

// Template finds a template by its ids, with case.
func (t *Tenant) Template(id dc.TemplateID) (*dc.Template, bool) { panic("contract only") }

// Zone returns the current state of a zone by its apex (any case, with or
// without dot) and its owner.
func (t *Tenant) Zone(domain string) (z *zone.Zone, owner string, ok bool) { panic("contract only") }

// AddZone adds a zone to the tenant.
func (t *Tenant) AddZone(h Hosted) error { panic("contract only") }

// Authenticate compares in constant time.
func (t *Tenant) Authenticate(user, password string) bool { panic("contract only") }

// Update replaces a zone atomically: f gets the current state and returns the
// next; the serial rises by one unless f returns its argument. Updates of one
// zone are serialised, readers see the state before or after, never between.
func (t *Tenant) Update(domain string, f func(*zone.Zone) (*zone.Zone, error)) (*zone.Zone, error) {
	panic("contract only")
}

// Event is one journal entry.
type Event struct {
	Time time.Time
	// Kind is dns, http, apply or signature.
	Kind string
	// Tenant is the tenant's name when it is known.
	Tenant string
	// Summary is one line: what was asked, what was answered.
	Summary string
}

// Journal remembers what happened, bounded. It is safe for concurrent use.
type Journal struct{ _ int }

// Add appends an event.
func (j *Journal) Add(e Event) { panic("contract only") }

// Events returns a copy of what is remembered, oldest first.
func (j *Journal) Events() []Event { panic("contract only") }
