package store

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/dcconform/dcconform/mockprovider/oauth"
)

// Misbehaviour is a fault that a tenant has while it runs: its name, and what
// it sets. Package fault has the catalogue.
type Misbehaviour struct {
	Name string
	Set  func(*TenantConfig)
}

// configured is a configuration in force. It is constant.
type configured struct {
	TenantConfig
	// base is the configuration without the faults.
	base *TenantConfig
	// faults are what was set beside it, in this order.
	faults []Misbehaviour
}

// configure makes the configuration that is in force.
func configure(base TenantConfig, faults []Misbehaviour) *configured {
	base = base.With()
	base.Zones = nil
	c := &configured{base: &base, faults: faults}
	c.TenantConfig = base
	if len(faults) > 0 {
		c.TenantConfig = base.With(faults...)
		c.Name, c.Zones = base.Name, nil
	}
	return c
}

// With returns a copy of the configuration with faults set. It shares no list
// that could be appended to, so it may be called from several goroutines.
func (c TenantConfig) With(faults ...Misbehaviour) TenantConfig {
	c.Users, c.Templates, c.Testing = slices.Clone(c.Users), slices.Clone(c.Templates), maps.Clone(c.Testing)
	c.Clients = slices.Clone(c.Clients)
	hooks := reflect.ValueOf(&c.Hooks).Elem()
	for i := range hooks.NumField() {
		if list := hooks.Field(i); list.Kind() == reflect.Slice {
			list.SetCap(list.Len())
		}
	}
	for _, f := range faults {
		f.Set(&c)
	}
	return c
}

// Reconfigure replaces the tenant's configuration while it runs: change gets a
// copy of the present one, without the faults that Misbehave has set, which
// are set again on what comes out. Zones are not touched, whatever change does
// to the list, and neither is the _domainconnect record that an earlier
// Discovery has made; the name stays. A request in progress keeps the
// configuration that it began with. The error is that of a configuration with
// which no tenant could be made; then nothing is changed. change may run more
// than once, when others reconfigure the tenant at the same time.
func (t *Tenant) Reconfigure(change func(*TenantConfig)) error {
	for {
		now := t.current.Load()
		next := now.base.With()
		change(&next)
		next.Name = t.name
		if err := next.check(); err != nil {
			return err
		}
		if t.current.CompareAndSwap(now, configure(next, now.faults)) {
			t.store.generation.touch()
			return nil
		}
	}
}

// Misbehave makes the tenant have exactly these faults beside its
// configuration; none takes away those that were set before. What the
// configuration itself misbehaves in, it goes on to do.
func (t *Tenant) Misbehave(faults ...Misbehaviour) {
	faults = slices.Clone(faults)
	for {
		now := t.current.Load()
		if t.current.CompareAndSwap(now, configure(*now.base, faults)) {
			t.store.generation.touch()
			return
		}
	}
}

// Misbehaviours returns the names of the faults that Misbehave has set, in its
// order.
func (t *Tenant) Misbehaviours() []string {
	names := []string{}
	for _, f := range t.current.Load().faults {
		names = append(names, f.Name)
	}
	return names
}

// check refuses users that nobody could be, and clients that could not work.
func (c TenantConfig) check() error {
	for i, u := range c.Users {
		if u.Name == "" {
			return fmt.Errorf("tenant %q: user %d has no name: an empty owner means a zone that no user may change, so every user needs a name", c.Name, i+1)
		}
	}
	if err := oauth.CheckClients(c.Clients); err != nil {
		return fmt.Errorf("tenant %q: %w", c.Name, err)
	}
	return nil
}
