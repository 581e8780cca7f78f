package admin

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// Testing is a template that is being onboarded: the template query answers
// 404 for everybody, and only the account can apply it.
type Testing struct {
	ProviderID string `json:"providerId"`
	ServiceID  string `json:"serviceId"`
	// Account is the name of a user of the tenant.
	Account string `json:"account"`
}

type underTest struct {
	Templates []Testing `json:"templates"`
}

func (a *api) showTesting(t *store.Tenant, _ *http.Request) (any, error) {
	body := underTest{Templates: []Testing{}}
	for id, account := range t.Config().Testing {
		body.Templates = append(body.Templates, Testing{id.Provider, id.Service, account})
	}
	slices.SortFunc(body.Templates, func(x, y Testing) int {
		return cmp.Or(cmp.Compare(x.ProviderID, y.ProviderID), cmp.Compare(x.ServiceID, y.ServiceID))
	})
	return body, nil
}

func (a *api) putTesting(t *store.Tenant, r *http.Request) (any, error) {
	var body underTest
	if err := read(r, &body); err != nil {
		return nil, err
	}
	testing := map[dc.TemplateID]string{}
	config := t.Config()
	for _, one := range body.Templates {
		id := dc.TemplateID{Provider: one.ProviderID, Service: one.ServiceID}
		if _, ok := config.Template(id); !ok {
			return nil, problem(http.StatusBadRequest, "the tenant has no template with providerId %q and serviceId %q", one.ProviderID, one.ServiceID)
		}
		if !slices.ContainsFunc(config.Users, func(u store.User) bool { return u.Name == one.Account }) {
			return nil, problem(http.StatusBadRequest, "the tenant has no user %q", one.Account)
		}
		if _, twice := testing[id]; twice {
			return nil, problem(http.StatusBadRequest, "the template %s/%s stands twice", one.ProviderID, one.ServiceID)
		}
		testing[id] = one.Account
	}
	if err := t.Reconfigure(func(c *store.TenantConfig) { c.Testing = testing }); err != nil {
		return nil, err
	}
	return a.showTesting(t, r)
}

// UnderTest lists the templates of a tenant that are being onboarded, sorted.
func (c *Client) UnderTest(ctx context.Context, tenant string) ([]Testing, error) {
	var out underTest
	err := c.call(ctx, http.MethodGet, at(tenant, "testing"), nil, &out)
	return out.Templates, err
}

// SetUnderTest makes exactly these templates of a tenant ones that are being
// onboarded; without any, all of them are published.
func (c *Client) SetUnderTest(ctx context.Context, tenant string, templates ...Testing) error {
	return c.call(ctx, http.MethodPut, at(tenant, "testing"), underTest{append([]Testing{}, templates...)}, nil)
}
