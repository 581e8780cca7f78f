package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/profile"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// readProfile finds the provider that the mock is to behave as. Its edition
// counts unless --edition names one.
func (o *serveOptions) readProfile(w *serveWorld) error {
	if o.profile == "" {
		if o.proxied {
			return errors.New("--proxied: means nothing without --profile, since no other provider has an edge")
		}
		return nil
	}
	p, err := profiles.Named(o.profile)
	if err != nil {
		return fmt.Errorf("--profile: %w", err)
	}
	w.profile = p.Title
	if o.proxied {
		w.profile += ", proxied"
	}
	if len(o.clients) > 0 && p.Own(profiles.Async).Is == profiles.No {
		return fmt.Errorf("--oauth-client: %s %s, so that a client could do nothing; leave out one of --profile and --oauth-client", p.Title, profiles.Async.Denial())
	}
	w.behaviour = profile.Of(p, profile.Options{Proxied: o.proxied}).Set
	if o.proxied && p.Own(profiles.Proxied).Is != profiles.Yes {
		return fmt.Errorf("--proxied: no source says that %s answers with addresses of its own edge", p.Title)
	}
	if p.Edition != "" && !o.given("edition") {
		w.tenant.Rules.Edition, err = dc.ParseEdition(p.Edition)
	}
	return err
}

// readTesting reads PROVIDER/SERVICE=USER.
func (o *serveOptions) readTesting(w *serveWorld) error {
	for _, given := range o.testing {
		ids, user, ok := strings.Cut(given, "=")
		provider, service, both := strings.Cut(ids, "/")
		if !ok || !both || provider == "" || service == "" || user == "" {
			return fmt.Errorf("--testing %s: write PROVIDER/SERVICE=USER", given)
		}
		id := dc.TemplateID{Provider: provider, Service: service}
		if _, twice := w.testing[id]; twice {
			return fmt.Errorf("--testing %s: the template is given twice", given)
		}
		if w.testing == nil {
			w.testing = map[dc.TemplateID]string{}
		}
		w.testing[id] = user
	}
	return nil
}

// behave makes the tenant behave as the profile does, and puts templates under
// test. A template or a user that is not there would make a test of nothing.
func (w *serveWorld) behave(t *store.Tenant) error {
	config := t.Plain()
	for id, user := range w.testing {
		if _, ok := config.Template(id); !ok {
			return fmt.Errorf("--testing: there is no template with providerId %s and serviceId %s", id.Provider, id.Service)
		}
		known := false
		for _, u := range config.Users {
			known = known || u.Name == user
		}
		if !known {
			return fmt.Errorf("--testing: there is no user %s; add one with --user", user)
		}
	}
	if w.behaviour == nil && w.testing == nil {
		return nil
	}
	return t.Reconfigure(func(c *store.TenantConfig) {
		if w.behaviour != nil {
			w.behaviour(c)
		}
		if w.testing != nil {
			c.Testing = w.testing
		}
	})
}
