package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
)

// accessPage is what a user has granted, and where he takes it back (async-00
// section 6.8).
type accessPage struct {
	CSRF, Notice string
	Grants       []granted
}

// granted is a grant as its user reads of it.
type granted struct {
	ID string
	// Provider and Services are display names, or ids where a template is not
	// here any more. Client is the id of who may use them.
	Provider, Client string
	Services, Places []string
	Since            string
	// Waiting is set while the service has not come for it.
	Waiting bool
}

// access shows what the signed-in user has granted, and takes back what he no
// longer wants.
func (x *exchange) access() {
	if x.r.Method == http.MethodPost && !x.readForm() {
		return
	}
	v, ok := x.session()
	if x.r.Method == http.MethodPost && (!ok || v.user == "" || !x.genuine(v)) {
		x.forged()
		return
	}
	if !ok || v.user == "" {
		x.see(x.tenant.Prefix() + "/ux/sign-in")
		return
	}
	page := accessPage{CSRF: v.csrf}
	if x.r.Method == http.MethodPost {
		page.Notice = x.revoke(v, x.r.PostFormValue("grant"))
	}
	for _, g := range x.tenant.Grants().Grants(v.user) {
		page.Grants = append(page.Grants, x.granted(g))
	}
	x.show(http.StatusOK, "access", "Access to your domains", page, "")
}

// revoke takes a grant back and says so.
func (x *exchange) revoke(v session, id string) string {
	grants := x.tenant.Grants().Grants(v.user)
	at := slices.IndexFunc(grants, func(g oauth.Grant) bool { return g.ID == id })
	if at < 0 || !x.tenant.Grants().Revoke(v.user, id) {
		return "There is no such access. It may have been taken back already."
	}
	g := grants[at]
	x.note("grant", "%s may no longer apply %s to %s: revoked by %s", g.Client, strings.Join(g.Services, ", "), strings.TrimSuffix(g.Domain, "."), v.user)
	return x.granted(g).Provider + " can no longer change " + readable(g.Domain) + ". What it has set up until now stays as it is."
}

// granted words a grant.
func (x *exchange) granted(g oauth.Grant) granted {
	shown := granted{ID: g.ID, Provider: g.Provider, Client: g.Client, Since: g.Since.UTC().Format("2 January 2006, 15:04 UTC"), Waiting: !g.Redeemed}
	for _, service := range g.Services {
		name := service
		if t, ok := x.config.Template(dc.TemplateID{Provider: g.Provider, Service: service}); ok {
			name, shown.Provider = t.ServiceName, t.ProviderName
		}
		shown.Services = append(shown.Services, name)
	}
	for _, host := range g.Hosts {
		shown.Places = append(shown.Places, readable(strings.TrimPrefix(host+"."+g.Domain, ".")))
	}
	return shown
}
