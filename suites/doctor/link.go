package doctor

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// link is an apply link taken apart; query and fragment are the octets as
// given.
type link struct {
	endpoint, query, fragment string
	scheme                    string
	// path is what stands behind the host; provider and service are "" when
	// it is not that of the apply end-point.
	path, provider, service string
}

// parseLink takes a link apart. Blanks, angle brackets and quotation marks
// around it come with copying, and are no part of it.
func parseLink(raw string) (link, error) {
	raw = strings.Trim(strings.TrimSpace(raw), `<>"`)
	if raw == "" {
		return link{}, fmt.Errorf("the link is empty; give an apply link such as https://dns.example.com/v2/domainTemplates/providers/P/services/S/apply?domain=example.net")
	}
	if i := strings.IndexAny(raw, "\r\n\t"); i >= 0 {
		return link{}, fmt.Errorf("the link has a line break or a tab at character %d; give it in one piece", i+1)
	}
	var l link
	rest, fragment, _ := strings.Cut(raw, "#")
	l.fragment = fragment
	var found bool
	if l.endpoint, l.query, found = strings.Cut(rest, "?"); !found {
		return link{}, fmt.Errorf("the link has no query (nothing behind a question mark); give it whole, in quotation marks where a shell reads it, since & means something there")
	}
	u, err := url.Parse(l.endpoint)
	if err != nil || u.Host == "" {
		return link{}, fmt.Errorf("the link does not begin as a URL does; it should be https://HOST/v2/domainTemplates/providers/P/services/S/apply and a query")
	}
	l.scheme, l.path = u.Scheme, u.EscapedPath()
	l.provider, l.service = idsOf(l.path)
	return l, nil
}

// idsOf reads provider and service id from the path of the apply end-point.
func idsOf(path string) (provider, service string) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	n := len(parts)
	if n < 7 {
		return "", ""
	}
	p := parts[n-7:]
	if p[0] != "v2" || p[1] != "domainTemplates" || p[2] != "providers" || p[4] != "services" || p[6] != "apply" {
		return "", ""
	}
	provider, err1 := url.PathUnescape(p[3])
	service, err2 := url.PathUnescape(p[5])
	if err1 != nil || err2 != nil {
		return "", ""
	}
	return provider, service
}

// has reports whether a pair of the query is called so.
func (l link) has(name string) bool {
	for pair := range strings.SplitSeq(l.query, "&") {
		if n, _, _ := strings.Cut(pair, "="); n == name {
			return true
		}
	}
	return false
}

// protocol are the parameters that the specification defines (ietf-05
// section 8.3.1), beside force and those of the asynchronous flow.
var protocol = []string{"domain", "host", "redirect_uri", "state", "providerName", "serviceName", "groupId", "instanceId", "sig", "key", "crit", "force"}

// look judges everything but the signature.
func (r *Report) look(l link, q Question) {
	if l.scheme != "https" {
		r.add("scheme", Error, fmt.Sprintf("the link begins with %s://", l.scheme), "apply links are https: take urlSyncUX from the settings as it is")
	}
	if l.provider == "" || l.service == "" {
		r.add("path", Error, "the path "+l.path+" is not that of the apply end-point", "write urlSyncUX, then /v2/domainTemplates/providers/PROVIDER/services/SERVICE/apply")
	}
	if l.fragment != "" {
		r.add("fragment", Error, "a bare # cuts the link: #"+l.fragment+" is never sent", "percent-encode # in values as %23")
	}
	query, err := dc.ParseQuery(l.query, q.Edition == dc.DCSpec23)
	if err != nil {
		r.add("encoding", Error, "the query cannot be read: "+err.Error(), "percent-encode names and values by RFC 3986")
		return
	}
	variables := variablesOf(q.Template)
	for _, p := range query.Pairs() {
		kind := "other"
		switch {
		case slices.Contains(protocol, p.Name):
			kind = "protocol"
		case slices.Contains(variables, p.Name):
			kind = "variable"
		case strings.HasPrefix(p.Name, "vnd.") || strings.HasPrefix(p.Name, "dc."):
			kind = "extension"
		}
		r.Parameters = append(r.Parameters, Parameter{p.Name, p.Value, kind})
	}
	for _, name := range query.Repeated() {
		r.add("repeated", Error, name+" stands in the link more than once", "send each parameter once")
	}
	r.lookProtocol(query)
	if q.Template != nil {
		r.lookTemplate(l, query, q)
	}
}

// lookProtocol judges the parameters of the specification.
func (r *Report) lookProtocol(query dc.Query) {
	switch domain := query.Get("domain"); {
	case !query.Has("domain"):
		r.add("domain-missing", Error, "there is no domain", "add domain with the name of the zone")
	case !isName(domain):
		r.add("domain", Error, fmt.Sprintf("domain is %q, which is no domain name", domain), "send the name of the zone, without scheme, path or a dot at its beginning")
	}
	if host := query.Get("host"); host == "@" {
		r.add("host-at", Warning, "host is @", "leave host out for the apex")
	} else if host != "" && !isName(host) {
		r.add("host", Error, fmt.Sprintf("host is %q, which is no name below the domain", host), "send the labels of the sub-domain, without the domain")
	} else if domain := query.Get("domain"); domain != "" && strings.HasSuffix("."+host, "."+domain) {
		r.add("host-absolute", Warning, "host ends in the domain", "send the labels of the sub-domain alone")
	}
	if uri := query.Get("redirect_uri"); query.Has("redirect_uri") {
		u, err := url.Parse(uri)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			r.add("redirect-uri", Error, fmt.Sprintf("redirect_uri is %q, which is no absolute URL to go to", uri), "write https://host/path, percent-encoded once")
		}
	}
	if query.Has("groupId") {
		if _, err := dc.ParseGroupList(query.Get("groupId")); err != nil {
			r.add("group", Error, err.Error(), "write the ids with one comma between two, or leave groupId out")
		}
	}
}

// lookTemplate holds the link against its template.
func (r *Report) lookTemplate(l link, query dc.Query, q Question) {
	t := q.Template
	r.Template = t.ID().String()
	if l.provider != "" && (l.provider != t.ProviderID || l.service != t.ServiceID) {
		r.add("template", Error, fmt.Sprintf("the link is for %s/%s, and the template is %s/%s; ids compare with case", l.provider, l.service, t.ProviderID, t.ServiceID), "give the template of the link, or correct the path")
	}
	if t.SyncBlock {
		r.add("sync-block", Error, "the template sets syncBlock: it cannot be applied by a link", "use the asynchronous flow, or take syncBlock out")
	}
	if t.HostRequired && query.Get("host") == "" {
		r.add("host-required", Error, "the template requires a host, and the link has none", "add host")
	}
	groups, err := dc.ParseGroupList(query.Get("groupId"))
	if err != nil {
		groups = nil
	}
	known := t.Groups()
	unknown := slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return slices.Contains(known, g) })
	if len(groups) > 0 && len(unknown) == len(groups) {
		r.add("group-unknown", Error, "none of the groups "+strings.Join(unknown, ", ")+" is in the template; groups compare with case", "name groups of the template: "+strings.Join(known, ", "))
	} else if len(unknown) > 0 {
		r.add("group-unknown", Warning, "the template has no group "+strings.Join(unknown, ", "), "name groups of the template: "+strings.Join(known, ", "))
	}
	for _, v := range resolve.Variables(t, groups) {
		if !query.Has(v.Name) {
			r.add("variable-missing", Error, "the variable "+v.Name+" has no value in the link", "add "+v.Name)
		}
	}
	for _, p := range r.Parameters {
		if p.Kind == "other" {
			r.add("parameter-unknown", Warning, p.Name+" is neither a parameter of the protocol nor a variable of the template, and is ignored", "leave it out")
		}
	}
	if uri := query.Get("redirect_uri"); uri != "" && t.SyncRedirectDomain == "" {
		r.add("redirect-unlisted", Warning, "the template has no syncRedirectDomain: some providers do not redirect then, signed or not", "list the host of redirect_uri in syncRedirectDomain")
	}
}

// variablesOf are the names of all variables of a template.
func variablesOf(t *dc.Template) []string {
	if t == nil {
		return nil
	}
	var names []string
	for _, v := range resolve.Variables(t, nil) {
		names = append(names, v.Name)
	}
	return names
}

// isName reports whether a text can be a domain name, ASCII or not.
func isName(s string) bool {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > 253 || strings.ContainsAny(s, " /\\:@?#%\"'<>,;=&+") {
		return false
	}
	return !slices.Contains(strings.Split(s, "."), "")
}
