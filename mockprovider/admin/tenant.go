package admin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/instance"
	"github.com/dcconform/dcconform/mockprovider/registration"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func (a *api) listTenants(*http.Request) (any, error) {
	all := []Tenant{}
	for _, t := range a.Store.Tenants() {
		all = append(all, a.shown(t))
	}
	return map[string][]Tenant{"tenants": all}, nil
}

func (a *api) createTenant(r *http.Request) (any, error) {
	var n NewTenant
	if err := read(r, &n); err != nil {
		return nil, err
	}
	c, err := n.config()
	if err != nil {
		return nil, err
	}
	for _, name := range n.Faults {
		if _, err := findFault(name); err != nil {
			return nil, err
		}
	}
	if _, there := a.Store.Tenant(n.Name); there {
		return nil, problem(http.StatusConflict, "tenant %q exists already: remove it first, or choose another name", n.Name)
	}
	t, err := a.NewTenant(c)
	if err != nil {
		return nil, err
	}
	if err := fault.Switch(t, n.Faults...); err != nil {
		return nil, err
	}
	return created{a.shown(t)}, nil
}

// config is what the store makes a tenant from.
func (n NewTenant) config() (store.TenantConfig, error) {
	c := store.TenantConfig{
		Name: n.Name, ProviderID: n.ProviderID, ProviderName: n.ProviderName,
		ProviderDisplayName: n.ProviderDisplayName, Discovery: n.Discovery,
	}
	var err error
	if c.Rules.Edition, err = dc.ParseEdition(n.Edition); err != nil {
		return c, err
	}
	c.Rules.Stateful = n.Stateful
	mode, ok := queryModes[n.Query]
	if !ok {
		return c, fmt.Errorf("unknown query mode %q: the modes are empty, version and template", n.Query)
	}
	c.Query = mode
	for _, u := range n.Users {
		c.Users = append(c.Users, store.User{Name: u.Name, Password: u.Password})
	}
	for _, z := range n.Zones {
		h, err := z.hosted(c.Users)
		if err != nil {
			return c, err
		}
		c.Zones = append(c.Zones, h)
	}
	if c.Clients, err = registration.Read(n.Clients); err != nil {
		return c, err
	}
	c.Templates, err = templates(n.Templates)
	return c, err
}

// hosted reads the zone's text and finds its owner.
func (n NewZone) hosted(users []store.User) (store.Hosted, error) {
	if n.Name == "" {
		return store.Hosted{}, errors.New("a zone needs a name")
	}
	z, err := zone.Parse(n.Name, strings.NewReader(n.Text), "zone "+n.Name)
	if err != nil {
		return store.Hosted{}, err
	}
	instances, err := instance.Read(n.Instances, z.Origin())
	if err != nil {
		return store.Hosted{}, fmt.Errorf("zone %s: %w", n.Name, err)
	}
	h := store.Hosted{Zone: z, Owner: n.Owner, Instances: instances}
	if n.Owner == "" && len(users) > 0 {
		h.Owner = users[0].Name
	}
	if h.Owner != "" && !slices.ContainsFunc(users, func(u store.User) bool { return u.Name == h.Owner }) {
		return h, fmt.Errorf("zone %s: the tenant has no user %q who could own it", n.Name, n.Owner)
	}
	return h, nil
}

// templates reads templates strictly.
func templates(texts []jsontext.Value) ([]*dc.Template, error) {
	all := make([]*dc.Template, 0, len(texts))
	for i, text := range texts {
		t, err := dc.Parse(fmt.Sprintf("templates[%d]", i), text)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// shown is a tenant as it is.
func (a *api) shown(t *store.Tenant) Tenant {
	c := t.Config()
	shown := Tenant{
		Name: t.Name(), URL: a.URL + t.Prefix(), ProviderID: c.ProviderID, Edition: c.Rules.Edition.String(), Stateful: c.Rules.Stateful,
		Users: []string{}, Zones: []string{}, Templates: []string{}, Faults: t.Misbehaviours(),
	}
	for _, u := range c.Users {
		shown.Users = append(shown.Users, u.Name)
	}
	for _, z := range c.Zones {
		shown.Zones = append(shown.Zones, z.Zone.Origin())
	}
	for _, t := range c.Templates {
		shown.Templates = append(shown.Templates, t.ProviderID+"/"+t.ServiceID)
	}
	return shown
}

func (a *api) showTenant(t *store.Tenant, _ *http.Request) (any, error) { return a.shown(t), nil }

func (a *api) deleteTenant(t *store.Tenant, _ *http.Request) (any, error) {
	a.Store.Remove(t)
	return nil, nil
}

func (a *api) putTemplates(t *store.Tenant, r *http.Request) (any, error) {
	var body struct {
		Templates []jsontext.Value `json:"templates"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	all, err := templates(body.Templates)
	if err != nil {
		return nil, err
	}
	if err := t.Reconfigure(func(c *store.TenantConfig) { c.Templates = all }); err != nil {
		return nil, err
	}
	return a.shown(t), nil
}

func (a *api) putKey(r *http.Request) (any, error) {
	var body struct {
		TXT []string `json:"txt"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return nil, a.Store.PublishTXT(r.PathValue("name"), body.TXT)
}
