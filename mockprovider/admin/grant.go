package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/registration"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// Grant is what a user has granted to a client (async-00 section 6.3).
type Grant struct {
	ID       string   `json:"id"`
	User     string   `json:"user"`
	Client   string   `json:"client"`
	Provider string   `json:"provider"`
	Services []string `json:"services"`
	// Domain is absolute; Hosts are relative to it, "" for the apex.
	Domain string    `json:"domain"`
	Hosts  []string  `json:"hosts"`
	Since  time.Time `json:"since"`
	// Redeemed says that the client has fetched its tokens.
	Redeemed bool `json:"redeemed"`
}

func (a *api) showClients(t *store.Tenant, _ *http.Request) (any, error) {
	return registration.List{Clients: registration.Of(t.Config().Clients)}, nil
}

func (a *api) putClients(t *store.Tenant, r *http.Request) (any, error) {
	var body registration.List
	if err := read(r, &body); err != nil {
		return nil, err
	}
	clients, err := registration.Read(body.Clients)
	if err != nil {
		return nil, problem(http.StatusBadRequest, "%v", err)
	}
	if err := t.Reconfigure(func(c *store.TenantConfig) { c.Clients = clients }); err != nil {
		return nil, err
	}
	return a.showClients(t, r)
}

func (a *api) showGrants(t *store.Tenant, _ *http.Request) (any, error) {
	all := []Grant{}
	for _, g := range t.Grants().Grants("") {
		all = append(all, grantOf(g))
	}
	return map[string][]Grant{"grants": all}, nil
}

func grantOf(g oauth.Grant) Grant {
	return Grant{ID: g.ID, User: g.User, Client: g.Client, Provider: g.Provider, Services: g.Services,
		Domain: g.Domain, Hosts: g.Hosts, Since: g.Since, Redeemed: g.Redeemed}
}

func (a *api) deleteGrant(t *store.Tenant, r *http.Request) (any, error) {
	if id := r.PathValue("grant"); !t.Grants().Revoke("", id) {
		return nil, problem(http.StatusNotFound, "tenant %q has no grant %q that could be revoked", t.Name(), id)
	}
	return nil, nil
}

// SetClients registers exactly these clients with a tenant, and returns them
// with the digests of their secrets.
func (c *Client) SetClients(ctx context.Context, tenant string, clients ...registration.Client) ([]registration.Client, error) {
	var out registration.List
	err := c.call(ctx, http.MethodPut, at(tenant, "clients"), registration.List{Clients: clients}, &out)
	return out.Clients, err
}

// Clients returns the clients of a tenant, with the digests of their secrets:
// SetClients can be given the list again, and no client loses its secret.
func (c *Client) Clients(ctx context.Context, tenant string) ([]registration.Client, error) {
	var out registration.List
	err := c.call(ctx, http.MethodGet, at(tenant, "clients"), nil, &out)
	return out.Clients, err
}

// Grants returns what the users of a tenant have granted and not revoked.
func (c *Client) Grants(ctx context.Context, tenant string) ([]Grant, error) {
	var out struct {
		Grants []Grant `json:"grants"`
	}
	err := c.call(ctx, http.MethodGet, at(tenant, "grants"), nil, &out)
	return out.Grants, err
}

// RevokeGrant takes back what a user has granted.
func (c *Client) RevokeGrant(ctx context.Context, tenant, id string) error {
	return c.call(ctx, http.MethodDelete, at(tenant, "grants", id), nil, nil)
}
