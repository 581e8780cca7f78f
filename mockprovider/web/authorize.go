package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// maxPairs bounds how many pairs of template and host one request may ask for:
// each is planned before the user is asked.
const maxPairs = 256

// authorization is a request for a grant that was looked through (async-00
// section 6.3).
type authorization struct {
	client *oauth.Client
	// provider is the providerId of the path.
	provider string
	// scope is what is asked for; its user is who consents.
	scope oauth.Scope
	// redirect is redirect_uri, which the code is bound to.
	redirect string
	// challenge is code_challenge, "" for none.
	challenge oauth.Challenge
	// pairs are the requests that the client could make by what it has sent,
	// one for each template and host.
	pairs []*request
	// values are the variables of the link, in the order of the templates.
	values []linkValue
}

// linkValue is a variable that stands in the link.
type linkValue struct{ Name, Value string }

// authorize begins the asynchronous flow: the request is looked through and put
// aside, as in the sync flow, and the user is sent on to consent.
func (x *exchange) authorize(provider string) {
	req, f := x.checkAuthorization(provider, x.r.URL.RawQuery)
	req.fault = x.fault
	if f != nil {
		x.finish(x.failed(req, f))
		return
	}
	x.begin(req)
}

// checkAuthorization looks a request for a grant through. Until client and
// redirect_uri are known to belong together, what is wrong is told on a page
// (RFC 6749 section 4.1.2.1; async-00 section 6.3).
func (x *exchange) checkAuthorization(provider, raw string) (*request, *failure) {
	auth := &authorization{provider: provider, scope: oauth.Scope{Provider: provider}}
	req := &request{raw: raw, grant: auth}
	q, err := dc.ParseQuery(raw, x.config.Rules.Edition == dc.DCSpec23)
	if err != nil {
		return req, coreFailure(err)
	}
	if f := x.checkClient(q, auth); f != nil {
		return req, f
	}
	req.redirect = auth.redirect
	state, err := parameter(q, "state")
	if err != nil {
		return req, invalid("state cannot be used", err)
	}
	req.state, req.hasState = state, q.Has("state")
	for _, check := range []func(dc.Query, *request) *failure{x.checkResponseType, x.checkChallenge, x.checkProvider, x.checkScope, x.checkPlaces, x.readNames, x.readValues} {
		if f := check(q, req); f != nil {
			return req, f
		}
	}
	for _, bend := range x.config.Hooks.Granting {
		bend(raw, &auth.scope)
	}
	return req, nil
}

// object lets the tenant's hooks look at a refusal before it counts. It is an
// oauth.Refuse.
func (x *exchange) object(r oauth.Refusal) *oauth.Error {
	for _, look := range x.config.Hooks.OAuth {
		if r.Err = look(r); r.Err == nil {
			return nil
		}
	}
	return r.Err
}

// refuseGrant is a failure at the authorization end-point; nil lets pass.
func (x *exchange) refuseGrant(r oauth.Refusal, detail string) *failure {
	err := x.object(r)
	if err == nil {
		return nil
	}
	f := invalid(err.Description, errors.New(detail))
	f.code = err.Code
	return f
}

// checkClient finds the client and holds redirect_uri against what it has
// registered.
func (x *exchange) checkClient(q dc.Query, auth *authorization) *failure {
	id, err := parameter(q, "client_id")
	if err != nil {
		return invalid("client_id cannot be used", err)
	}
	if auth.client = oauth.Find(x.config.Clients, id); auth.client == nil {
		unknown := oauth.Refusal{Guard: oauth.GuardClient, Wanted: id, Err: &oauth.Error{Code: oauth.UnauthorizedClient, Description: "the client is not registered"}}
		const detail = "client_id names no client that is registered here; ids compare with case, and are given when a service is onboarded"
		if f := x.refuseGrant(unknown, detail); f != nil {
			return f
		}
		return invalid("the client is not registered", errors.New(detail))
	}
	auth.scope.Client = id
	uri, err := parameter(q, "redirect_uri")
	wrong := ""
	switch {
	case err != nil:
		wrong = err.Error()
	case uri == "":
		wrong = "redirect_uri is missing; send one of those that the client has registered"
	case !auth.client.Registered(uri):
		wrong = "redirect_uri is none of those that the client has registered; they compare character by character"
	}
	if wrong != "" {
		refused := oauth.Refusal{Guard: oauth.GuardRedirect, Client: auth.client, Wanted: uri,
			Err: &oauth.Error{Code: oauth.InvalidRequest, Description: "redirect_uri is not registered"}}
		if f := x.refuseGrant(refused, wrong); f != nil {
			return f
		}
	}
	auth.redirect = uri
	return nil
}

// checkProvider holds the providerId in the path against those of the client.
func (x *exchange) checkProvider(_ dc.Query, req *request) *failure {
	client, provider := req.grant.client, req.grant.provider
	if client.For(provider) {
		return nil
	}
	return x.refuseGrant(oauth.Refusal{Guard: oauth.GuardProvider, Client: client, Wanted: provider,
		Err: &oauth.Error{Code: oauth.UnauthorizedClient, Description: "the client is not registered for this service provider"}},
		"the client may not ask for templates of the providerId in the path")
}

// lookAgain holds a waiting request against what is registered by now: the user
// may take as long as pendingLife over the answer. Where client or redirect_uri
// are gone nobody is sent there any more. The caller holds the request's lock.
func (x *exchange) lookAgain(req *request) *failure {
	q, err := dc.ParseQuery(req.raw, x.config.Rules.Edition == dc.DCSpec23)
	if err != nil {
		return coreFailure(err)
	}
	auth := &authorization{}
	if f := x.checkClient(q, auth); f != nil {
		req.redirect = ""
		return f
	}
	req.grant.client = auth.client
	return x.checkProvider(q, req)
}

// checkResponseType takes code, and nothing for it.
func (x *exchange) checkResponseType(q dc.Query, req *request) *failure {
	kind, err := parameter(q, "response_type")
	if err == nil && (kind == "code" || !q.Has("response_type")) {
		return nil
	}
	return x.refuseGrant(oauth.Refusal{Guard: oauth.GuardResponseType, Client: req.grant.client, Wanted: kind,
		Err: &oauth.Error{Code: oauth.UnsupportedResponseType, Description: "response_type is code, or absent"}},
		"response_type is code, or absent; no token is given in a redirect")
}

// checkChallenge reads what a client says of its code_verifier, where it does
// (RFC 7636).
func (x *exchange) checkChallenge(q dc.Query, req *request) *failure {
	challenge, err := parameter(q, "code_challenge")
	method, methodErr := parameter(q, "code_challenge_method")
	if err = errors.Join(err, methodErr); err == nil {
		if req.grant.challenge, err = oauth.ParseChallenge(challenge, method, q.Has("code_challenge_method")); err == nil {
			return nil
		}
	}
	said, ok := errors.AsType[*oauth.Error](err)
	if !ok {
		said = &oauth.Error{Code: oauth.InvalidRequest, Description: "code_challenge cannot be used"}
	}
	return x.refuseGrant(oauth.Refusal{Guard: oauth.GuardChallenge, Client: req.grant.client, Wanted: challenge, Err: said}, err.Error())
}

// checkScope finds the templates. A plus divides them as a space does: it can
// stand in no id, the older text prints it, and stock clients send it.
func (x *exchange) checkScope(q dc.Query, req *request) *failure {
	auth := req.grant
	list, err := parameter(q, "scope")
	wrong := ""
	if err != nil {
		wrong = err.Error()
	}
	for _, id := range strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == '+' }) {
		t, ok := x.template(templateName{auth.scope.Provider, id})
		switch {
		case !ok:
			wrong = "scope names a template that is not supported here; ids compare with case, and spaces divide them"
		case !slices.Contains(auth.scope.Services, id):
			auth.scope.Services = append(auth.scope.Services, id)
			auth.pairs = append(auth.pairs, &request{template: t, grant: auth})
		}
	}
	if wrong == "" && len(auth.pairs) == 0 {
		wrong = "scope is missing; it is the list of the serviceIds, with spaces between them"
	}
	if wrong != "" {
		f := x.refuseGrant(oauth.Refusal{Guard: oauth.GuardScope, Client: auth.client, Wanted: list,
			Err: &oauth.Error{Code: oauth.InvalidScope, Description: "scope is a list of templates that are supported here"}}, wrong)
		switch {
		case f != nil:
			return f
		case len(auth.pairs) == 0: // There is nothing to go on with.
			return invalid("scope cannot be used", errors.New(wrong))
		}
	}
	req.template = auth.pairs[0].template
	return nil
}

// checkPlaces reads domain and the list of hosts, in which a blank member is
// the apex, as is no list at all.
func (x *exchange) checkPlaces(q dc.Query, req *request) *failure {
	auth := req.grant
	domain, err := parameter(q, "domain")
	if err == nil && domain == "" {
		err = errors.New("the link has no domain; add the zone that the grant is for")
	}
	hosts, hostsErr := parameter(q, "host")
	if err = errors.Join(err, hostsErr); err == nil {
		req.apex, err = resolve.FQDN(domain, "")
	}
	if err != nil {
		return invalid("domain or host cannot be used", err)
	}
	req.fqdn, auth.scope.Domain = req.apex, req.apex
	for host := range strings.SplitSeq(hosts, ",") {
		fqdn, err := resolve.FQDN(domain, host)
		if err != nil {
			return invalid("host cannot be used", err)
		}
		if host = strings.TrimSuffix(strings.TrimSuffix(fqdn, req.apex), "."); !slices.Contains(auth.scope.Hosts, host) {
			auth.scope.Hosts = append(auth.scope.Hosts, host)
		}
	}
	templates := auth.pairs
	if n := len(templates) * len(auth.scope.Hosts); n > maxPairs {
		return invalid("too many templates and hosts", fmt.Errorf("the link asks for %d pairs of template and host; at most %d can be granted at once", n, maxPairs))
	}
	auth.pairs = nil
	for _, of := range templates {
		for _, host := range auth.scope.Hosts {
			pair := *of
			pair.apex, pair.fqdn = req.apex, req.apex
			if host != "" {
				pair.fqdn = host + "." + req.apex
			}
			pair.ask = resolve.Request{Domain: strings.TrimSuffix(req.apex, "."), Host: host, Variables: map[string]string{}}
			auth.pairs = append(auth.pairs, &pair)
		}
	}
	if !slices.ContainsFunc(auth.pairs, func(p *request) bool { return p.ask.Host != "" || !p.template.HostRequired }) {
		return coreFailure(&dc.Error{Class: dc.ErrHostRequired, Record: -1, Field: "host", Message: "the templates are for sub-domains only (hostRequired); name one in the host parameter"})
	}
	return nil
}

// readNames reads what the link adds to the names, as far as a template of the
// scope allows it.
func (x *exchange) readNames(q dc.Query, req *request) *failure {
	for _, n := range []struct {
		name    string
		allowed func(t *dc.Template) bool
		into    *string
	}{
		{"providerName", func(t *dc.Template) bool { return t.SharedProviderName || t.Shared }, &req.providerName},
		{"serviceName", func(t *dc.Template) bool { return t.SharedService }, &req.serviceName},
	} {
		if !slices.ContainsFunc(req.grant.pairs, func(p *request) bool { return n.allowed(p.template) }) {
			continue
		}
		value, err := parameter(q, n.name)
		if err == nil && utf8.RuneCountInString(value) > 255 {
			err = fmt.Errorf("%s has more than 255 characters; shorten it", n.name)
		}
		if err != nil {
			return invalid("a parameter cannot be used", err)
		}
		*n.into = value
	}
	return nil
}

// readValues reads the variables that the link has already, which is what makes
// conflicts foreseeable. That some are missing is no mistake here.
func (x *exchange) readValues(q dc.Query, req *request) *failure {
	seen := map[string]bool{}
	for _, pair := range req.grant.pairs {
		for _, v := range resolve.Variables(pair.template, nil) {
			if !q.Has(v.Name) {
				continue
			}
			value, err := parameter(q, v.Name)
			if err != nil {
				if f := x.refuseGrant(oauth.Refusal{Guard: oauth.GuardVariables, Client: req.grant.client, Wanted: v.Name,
					Err: &oauth.Error{Code: oauth.InvalidRequest, Description: "a variable cannot be used"}}, err.Error()); f != nil {
					return f
				}
			}
			pair.ask.Variables[v.Name] = value
			if !seen[v.Name] {
				seen[v.Name] = true
				req.grant.values = append(req.grant.values, linkValue{v.Name, value})
			}
		}
	}
	return nil
}

// notOffered answers where the tenant has no client and so no such flow.
func (x *exchange) notOffered() bool {
	if len(x.config.Clients) > 0 {
		return false
	}
	x.problem(http.StatusNotFound, "There is no such page", "This provider does not offer the asynchronous flow: no service is registered for it.")
	return true
}
