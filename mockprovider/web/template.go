package web

import (
	"mime"
	"net/http"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// templateType is the media type of a whole template (ietf-05 section 8.2).
const templateType = "application/domainconnect-template+json"

// template finds the template of a path, if the tenant has it and can apply
// it. Ids compare octet by octet, so what is no id names none.
func (x *exchange) template(name templateName) (*dc.Template, bool) {
	t, ok := x.config.Template(dc.TemplateID{Provider: name.provider, Service: name.service})
	for _, change := range x.config.Hooks.Template {
		t = change(t)
		ok = t != nil
	}
	if !ok || resolve.Supported(t, x.config.Rules) != nil {
		return nil, false
	}
	return t, true
}

// templateQuery says whether a template is supported (ietf-05 section 8.2):
// 200, with a body that the tenant's configuration or the Accept header
// chooses, or 404. It looks at no cookie, and at syncBlock neither: the
// question is about the template, not about the flow.
func (x *exchange) templateQuery(name templateName) {
	t, ok := x.template(name)
	if _, testing := x.config.Testing[dc.TemplateID{Provider: name.provider, Service: name.service}]; !ok || testing {
		x.json(http.StatusNotFound, map[string]string{
			"error": "this template is not supported; see that providerId and serviceId are spelt as in the template, with case",
		})
		return
	}
	whole := acceptsTemplate(x.r.Header.Values("Accept"))
	switch {
	case whole || x.config.Query == store.QueryTemplate:
		x.w.Header().Set("Content-Type", templateType)
		x.write(t.Raw)
	case x.config.Query == store.QueryVersion:
		x.json(http.StatusOK, map[string]int64{"version": t.Version})
	default:
		x.w.Header().Set("Content-Length", "0")
		x.w.WriteHeader(http.StatusOK)
	}
}

// acceptsTemplate reports whether an Accept header names the media type of
// templates. */* does not ask for it.
func acceptsTemplate(accept []string) bool {
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		kind, parameters, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || kind != templateType {
			continue
		}
		if weight := strings.TrimRight(parameters["q"], "0"); weight == "" && parameters["q"] != "" || weight == "." || weight == "0." {
			continue
		}
		return true
	}
	return false
}
