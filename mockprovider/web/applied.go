package web

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// application says on whose behalf the request applies its template.
func (req *request) application() zone.Application {
	return zone.Application{Identity: req.identity(), Groups: req.ask.Groups, Multi: req.template.MultiInstance}
}

// identity is what the request applies, by canonical names.
func (req *request) identity() zone.Identity {
	id := req.template.ID()
	host := strings.TrimSuffix(strings.TrimSuffix(req.fqdn, req.apex), ".")
	return zone.Identity{Provider: id.Provider, Service: id.Service, Domain: strings.TrimSuffix(req.apex, "."), Host: host, ID: req.instance}
}

// application is an applied template as a user reads of it.
type application struct {
	// Service and Provider are its display names, or its ids when the template
	// is not here any more.
	Service, Provider string
	// Place is the name that it is applied at, ID the caller's name for it.
	Place, ID string
}

func applicationOf(c store.TenantConfig, i zone.Instance) application {
	a := application{Service: i.Service, Provider: i.Identity.Provider, Place: readable(i.Domain), ID: i.ID}
	if i.Host != "" {
		a.Place = readable(i.Host + "." + i.Domain)
	}
	if t, ok := c.Template(dc.TemplateID{Provider: i.Identity.Provider, Service: i.Service}); ok {
		a.Service, a.Provider = t.ServiceName, t.ProviderName
	}
	return a
}

// ended is a service that goes, with the records that go with it.
type ended struct {
	application
	Records []row
}

// serviceOf names the service that a record belongs to, "" for none. TTLs do
// not count: they may have changed since it was written.
func serviceOf(c store.TenantConfig, applied []zone.Instance, r zone.Record) string {
	for _, i := range applied {
		for _, w := range i.Records {
			if w.Record.Owner == r.Owner && w.Record.Type == r.Type && w.Record.Data == r.Data {
				return applicationOf(c, i).Service
			}
		}
	}
	return ""
}
