package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// tenant makes the tenant that serve runs, or finds the one that --state has
// kept and changes it as far as flags say so.
func (o *serveOptions) tenant(p *mockprovider.Provider, w *serveWorld) (*store.Tenant, error) {
	kept, ok := p.Tenant("")
	if !ok {
		return p.NewTenant(w.tenant)
	}
	if err := kept.Reconfigure(func(c *store.TenantConfig) { o.override(c, w.tenant) }); err != nil {
		return nil, err
	}
	owner := ""
	if users := kept.Plain().Users; len(users) > 0 {
		owner = users[0].Name
	}
	for i, given := range o.zones {
		z := w.tenant.Zones[i]
		if _, _, there := kept.Zone(z.Zone.Origin()); !there {
			if err := kept.AddZone(store.Hosted{Zone: z.Zone, Owner: owner}); err != nil {
				return nil, fmt.Errorf("--zone %s: %w", given, err)
			}
			continue
		}
		if strings.Contains(given, "=") {
			_, _ = fmt.Fprintf(o.stderr, "dcconform serve: --zone %s: %s is as --state has kept it; the file was not read into it again\n", given, z.Zone.Origin())
		}
	}
	return kept, nil
}

// override changes what is kept where a flag says something else.
func (o *serveOptions) override(c *store.TenantConfig, said store.TenantConfig) {
	if o.given("edition") {
		c.Rules.Edition = said.Rules.Edition
	}
	if o.given("stateful") {
		c.Rules.Stateful = said.Rules.Stateful
	}
	if o.given("oauth-client") {
		c.Clients = said.Clients
	}
	if o.given("discovery") {
		c.Discovery = said.Discovery
	}
	if o.given("templates") {
		c.Templates = said.Templates
		// What is under test and not there any more is under test no more.
		maps.DeleteFunc(c.Testing, func(id dc.TemplateID, _ string) bool {
			_, ok := c.Template(id)
			return !ok
		})
	}
	if o.given("user") || len(c.Users) == 0 {
		for _, u := range said.Users {
			if i := slices.IndexFunc(c.Users, func(have store.User) bool { return have.Name == u.Name }); i >= 0 {
				c.Users[i] = u
			} else {
				c.Users = append(c.Users, u)
			}
		}
	}
}
