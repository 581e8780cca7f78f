package fault

import (
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// The builders turn what a misbehaviour does at one hook into what switches it
// on. A fault that takes two hooks calls them one after the other.

// asking changes what was read from the request.
func asking(change func(t *dc.Template, ask *resolve.Request)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Ask = append(c.Hooks.Ask, change) }
}

// rendering changes the rendered records, or the error instead of them.
func rendering(change func(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Records = append(c.Hooks.Records, change) }
}

// keeping leaves out the records that keep says no to.
func keeping(keep func(ask resolve.Request, r dc.Resolved) bool) func(*store.TenantConfig) {
	return rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		var kept []dc.Resolved
		for _, r := range records {
			if keep(ask, r) {
				kept = append(kept, r)
			}
		}
		return kept, err
	})
}

// planning changes what is going to happen to the zone.
func planning(change func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Plan = append(c.Hooks.Plan, change) }
}

// parameters rewrites the query behind the verification of its signature.
func parameters(change func(raw string) string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Parameters = append(c.Hooks.Parameters, change) }
}

// forgive lets requests pass a guard.
func forgive(guard store.Guard) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Refuse = append(c.Hooks.Refuse, func(g store.Guard, err error) error {
			if g == guard {
				return nil
			}
			return err
		})
	}
}

// both switches several things on.
func both(all ...func(*store.TenantConfig)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		for _, apply := range all {
			apply(c)
		}
	}
}
