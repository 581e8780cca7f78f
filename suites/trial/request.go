package trial

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/suites/client"
)

// Request is an apply request in the making: a value, so that a case derives
// the request that differs in one point from the one that does not. It is
// signed by default where its template has a public key.
type Request struct {
	t        *Trial
	template fixtures.Conformance
	prefix   string

	provider, service string
	// at is the case's host when the request was made; see ResetHost.
	at string
	// params are not encoded. text, when set, stands in their place as sent.
	params []client.Param
	text   *string
	key    *client.SigningKey
	// assemble, when set, joins text, signature and key label.
	assemble func(text, sig, label string) string
	// state is the value of the parameter where nobody has chosen one; see again.
	state string
	// placed keeps sig where the case has put it; see AsPlaced.
	placed bool
	// raw changes the finished query.
	raw []func(query string) string
	// path changes everything before the question mark.
	path []func(path string) string
}

// Request is the ordinary request for a conformance template at the case's
// root, which leads to the template's Records: domain, host, redirect_uri and
// the variables, and sig and key where the template has a public key.
func (t *Trial) Request(service string) Request {
	c := t.Template(service)
	t.alive()
	return t.request(c)
}

func (t *Trial) request(c fixtures.Conformance) Request {
	id := t.World.identity()
	r := Request{t: t, template: c, prefix: t.syncPrefix(), provider: id.ProviderID, service: c.Service, at: t.host}
	r = r.With("domain", t.Domain())
	if t.host != "" {
		r = r.With("host", t.host)
	}
	rendered := string(c.Render(id))
	if strings.Contains(rendered, `"syncRedirectDomain"`) {
		r = r.With("redirect_uri", t.Callback(id.RedirectDomain))
	}
	if len(c.Groups) > 0 {
		r = r.With("groupId", strings.Join(c.Groups, ","))
	}
	for _, name := range slices.SortedFunc(maps.Keys(c.Variables), cmp.Compare[string]) {
		r = r.With(name, c.Variables[name])
	}
	if strings.Contains(rendered, `"syncPubKeyDomain"`) {
		t.findable()
		r.key = t.World.Key
	}
	return r
}

// findable ends the case where the provider has no way to the public keys: a
// signed request would be refused for that, whatever the case is about.
func (t *Trial) findable() {
	if t.World.Keys == nil && !t.World.Target.KeyZone.Published {
		t.Lacking("no-key-zone", "the target does not say how the provider finds the public keys: give keyZone.listen, keyZone.update or keyZone.published")
	}
}

// Callback is a URL at a host, which the run's own web server stands in for.
func (t *Trial) Callback(host string) string {
	return t.World.CallbackURL(host, t.token)
}

// With sets a parameter, in the place of an earlier one of the name or at the
// end. {domain}, {host} and {root} in the value are replaced.
func (r Request) With(name, value string) Request {
	r.params = slices.Clone(r.params)
	value = r.t.expand(value)
	for i := range r.params {
		if r.params[i].Name == name {
			r.params[i].Value = value
			return r
		}
	}
	r.params = append(r.params, client.Param{Name: name, Value: value})
	return r
}

// And adds a parameter at the end, though there may be one of the name.
func (r Request) And(name, value string) Request {
	r.params = append(slices.Clone(r.params), client.Param{Name: name, Value: r.t.expand(value)})
	return r
}

// Without takes parameters out.
func (r Request) Without(names ...string) Request {
	r.params = slices.DeleteFunc(slices.Clone(r.params), func(p client.Param) bool { return slices.Contains(names, p.Name) })
	return r
}

// Value is the value of a parameter, "" without one.
func (r Request) Value(name string) string {
	for _, p := range r.params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Of asks for another template, which need not exist.
func (r Request) Of(provider, service string) Request {
	r.provider, r.service = provider, service
	return r
}

// Service is the service id of the template that is asked for.
func (r Request) Service() string { return r.service }

// SignedBy signs with another key; nil leaves the request unsigned.
func (r Request) SignedBy(key *client.SigningKey) Request {
	r.key = key
	return r
}

// Unsigned leaves sig and key out.
func (r Request) Unsigned() Request { return r.SignedBy(nil) }

// Assembled joins the signed text, its signature in base64 and the key's label
// to the query by another rule than appending the two in this order, or with
// something else in the place of one. Nothing is encoded before or after.
func (r Request) Assembled(join func(text, sig, label string) string) Request {
	r.assemble = join
	return r
}

// AsPlaced keeps sig where the case puts it though the target takes it as the
// last parameter only: for requests that are about where it stands.
func (r Request) AsPlaced() Request {
	r.placed = true
	return r
}

// Sending sends, and signs, exactly this text in the place of the parameters:
// for requests in which the octets matter. {domain}, {host} and {root} are
// replaced.
func (r Request) Sending(text string) Request {
	text = r.t.expand(text)
	r.text = &text
	return r
}

// Text is what is signed: the parameters, encoded and sorted by name.
func (r Request) Text() string {
	if r.text != nil {
		return *r.text
	}
	return client.Canonical(r.moved())
}

// moved are the parameters with the host that the case works at by now.
func (r Request) moved() []client.Param {
	if r.at == r.t.host || r.at == "" {
		return r.params
	}
	params := slices.Clone(r.params)
	for i, p := range params {
		if rest, ok := strings.CutSuffix(p.Value, r.at); ok && p.Name == "host" && (rest == "" || strings.HasSuffix(rest, ".")) {
			params[i].Value = rest + r.t.host
		}
	}
	return params
}

// Raw changes the query after it was signed.
func (r Request) Raw(change func(query string) string) Request {
	r.raw = append(slices.Clone(r.raw), change)
	return r
}

// Path changes the URL before the question mark.
func (r Request) Path(change func(path string) string) Request {
	r.path = append(slices.Clone(r.path), change)
	return r
}

// Query is the query as it is sent.
func (r Request) Query() string {
	query := r.Text()
	if r.key != nil {
		sig, err := client.Sign(query, r.key.Private)
		r.t.Broken(err)
		if r.assemble != nil {
			query = r.assemble(query, sig, r.key.Label)
		} else {
			query += "&sig=" + client.Encode(sig) + "&key=" + client.Encode(r.key.Label)
		}
		if r.t.World.Target.Links.SigLast && !r.placed {
			query = sigLast(query)
		}
	}
	for _, change := range r.raw {
		query = change(query)
	}
	return query
}

// sigLast moves the first sig of a query to its end.
func sigLast(query string) string {
	pairs := strings.Split(query, "&")
	at := slices.IndexFunc(pairs, func(p string) bool { return strings.HasPrefix(p, "sig=") })
	if at < 0 {
		return query
	}
	return strings.Join(append(slices.Delete(slices.Clone(pairs), at, at+1), pairs[at]), "&")
}

// URL is the link.
func (r Request) URL() string {
	path := strings.TrimRight(r.prefix, "/") + "/v2/domainTemplates/providers/" + client.Encode(r.provider) +
		"/services/" + client.Encode(r.service) + "/apply"
	for _, change := range r.path {
		path = change(path)
	}
	return path + "?" + r.Query()
}

// Records are what the ordinary request of the template leads to.
func (r Request) Records() []string { return r.template.Records }
