package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// settings answers for the domain of one path segment: the settings of a zone
// that the tenant holds, else 404 without a body. It asks for no credentials
// and looks at no cookie.
func (x *exchange) settings(segment string) {
	domain, err := url.PathUnescape(segment)
	if err != nil {
		x.w.WriteHeader(http.StatusNotFound)
		return
	}
	apex, err := resolve.FQDN(domain, "")
	if err != nil {
		x.w.WriteHeader(http.StatusNotFound)
		return
	}
	z, owner, ok := x.tenant.Zone(apex)
	if !ok || owner == "" { // nobody could change a zone without an owner
		x.w.WriteHeader(http.StatusNotFound)
		return
	}
	reply := dc.Settings{
		ProviderID:          x.config.ProviderID,
		ProviderName:        x.config.ProviderName,
		ProviderDisplayName: x.config.ProviderDisplayName,
		URLSyncUX:           x.BaseURL + x.tenant.Prefix() + "/ux",
		URLAPI:              x.BaseURL + x.tenant.Prefix() + "/api",
	}
	if len(x.config.Clients) > 0 {
		reply.URLAsyncUX = x.BaseURL + x.tenant.Prefix() + "/ux/async"
	}
	for _, rr := range z.RRset(z.Origin(), dns.TypeNS) {
		if ns, ok := rr.(*dns.NS); ok {
			reply.NameServers = append(reply.NameServers, strings.TrimSuffix(ns.Ns, "."))
		}
	}
	if len(x.config.Hooks.Settings) == 0 {
		x.json(http.StatusOK, reply)
		return
	}
	x.json(http.StatusOK, x.bent(strings.TrimSuffix(apex, "."), reply))
}

// bent is the settings document as the tenant's hooks want it.
func (x *exchange) bent(domain string, reply dc.Settings) any {
	data, err := json.Marshal(reply)
	if err != nil {
		return reply
	}
	doc := map[string]any{}
	if err := json.Unmarshal(data, &doc); err != nil {
		return reply
	}
	for _, change := range x.config.Hooks.Settings {
		change(domain, doc)
	}
	return doc
}

// json sends v with the status.
func (x *exchange) json(status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		x.internal(err)
		return
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(status)
	x.write(body)
}

// write sends a body; a client that has gone is nobody's failure.
func (x *exchange) write(body []byte) {
	if _, err := x.w.Write(body); err != nil {
		x.Logger.Debug("client went away", "error", err)
	}
}
