package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// protocolParameters are the parameters of the sync flow (ietf-05 section
// 8.3.1), understood wherever crit names them.
var protocolParameters = []string{
	"domain", "host", "redirect_uri", "state", "providerName", "serviceName",
	"groupId", "instanceId", "sig", "key", "crit",
}

// request is an apply request that was looked through. Where check refuses
// it, what is needed to end the flow is filled in.
type request struct {
	template *dc.Template
	// raw is the query as received; nothing is ever computed from another
	// form of it.
	raw string
	// ask is what the core needs. fqdn is [host.]domain, absolute; apex the
	// zone that domain names, absolute.
	ask        resolve.Request
	fqdn, apex string
	// instance is the caller's name for what is applied (async-00 section 6.6).
	instance string
	// providerName and serviceName are the caller's additions, empty unless
	// the template lets the caller add.
	providerName, serviceName string
	state                     string
	hasState                  bool
	// redirect is where the flow may end; empty when nothing was asked for,
	// or what was asked for is not permitted.
	redirect string
	// grant is set on a request for a grant, and on its pairs; nil in the sync
	// flow.
	grant *authorization
	// signed is set when a signature was demanded and verified.
	signed bool
	// fault is what the tenant's script has set for the flow; nil is nothing.
	fault *store.Misbehaviour
}

// failure is why a flow cannot be carried out.
type failure struct {
	// status is the status of the page, code the error of RFC 6749 in the
	// redirect.
	status int
	code   string
	// title and text tell the user, detail tells the developer of the link.
	title, text, detail string
	// description is for the redirect. It is made of our own words alone,
	// since it leaves the page and its escaping behind.
	description string
	// owner has the zone that the user may not change, if anybody has it.
	owner string
}

// invalid is a failure of the link itself.
func invalid(description string, err error) *failure {
	return &failure{
		status: http.StatusBadRequest, code: "invalid_request", description: description,
		title: "This link does not work", detail: err.Error(),
		text: "The link that brought you here is not a complete and correct request. Nothing has been changed. Please tell the service that sent you.",
	}
}

// check looks an apply request through, before anybody signs in (ietf-05
// section 8.3.3): parameters, signature, critical parameters, then everything
// that the template alone can tell.
func (x *exchange) check(t *dc.Template, raw string) (*request, *failure) {
	req := &request{template: t, raw: raw}
	decoded := raw
	for _, change := range x.config.Hooks.Parameters {
		decoded = change(decoded)
	}
	q, err := dc.ParseQuery(decoded, x.config.Rules.Edition == dc.DCSpec23)
	if err != nil {
		if f := x.refuse(store.GuardQuery, coreFailure(err)); f != nil {
			return req, f
		}
	}
	flawed := x.refuse(store.GuardEnding, x.readEnding(q, req))
	untrusted := x.refuse(store.GuardSignature, x.checkSignature(req))
	req.redirect = x.ending(q, req)
	guards := []struct {
		guard store.Guard
		check func() *failure
	}{
		{store.GuardCritical, func() *failure { return x.checkCritical(q, t) }},
		{store.GuardSyncBlock, func() *failure { return checkSyncBlock(t) }},
		{store.GuardParameter, func() *failure { return x.readParameters(q, req) }},
		{store.GuardRecords, func() *failure { return x.checkRecords(req) }},
	}
	for _, f := range []*failure{flawed, untrusted} {
		if f != nil {
			return req, f
		}
	}
	for _, g := range guards {
		if f := x.refuse(g.guard, g.check()); f != nil {
			return req, f
		}
	}
	return req, nil
}

// refuse lets the tenant's hooks look at a failure before it counts.
func (x *exchange) refuse(g store.Guard, f *failure) *failure {
	if f == nil || len(x.config.Hooks.Refuse) == 0 {
		return f
	}
	var err error = &store.Refusal{Code: f.code, Description: f.description, Detail: f.detail, Owner: f.owner}
	for _, look := range x.config.Hooks.Refuse {
		if err = look(g, err); err == nil {
			return nil
		}
	}
	bent := *f
	bent.detail = err.Error()
	var said *store.Refusal
	if errors.As(err, &said) {
		bent.code, bent.description = said.Code, said.Description
	}
	return &bent
}

// ending is where the flow may end; "" is a page.
func (x *exchange) ending(q dc.Query, req *request) string {
	uri, err := parameter(q, "redirect_uri")
	if err != nil || uri == "" {
		return ""
	}
	if x.permitRedirect(req.template, uri, req.signed) {
		return uri
	}
	refused := &failure{detail: "the host of redirect_uri is not listed by the template, and the request is not signed"}
	if x.refuse(store.GuardRedirect, refused) == nil {
		return uri
	}
	return ""
}

// checkSyncBlock refuses templates that are for the asynchronous flow alone.
func checkSyncBlock(t *dc.Template) *failure {
	if !t.SyncBlock {
		return nil
	}
	return &failure{
		status: http.StatusForbidden, code: "unauthorized_client", description: "the template may not be applied in the synchronous flow (syncBlock)",
		title: "This service cannot be set up by a link", detail: "The template sets syncBlock.",
		text: "The service has to be set up in another way. Nothing has been changed. Please go back to the service and look for instructions there.",
	}
}

// readEnding reads state, and sees whether redirect_uri can be used at all.
func (x *exchange) readEnding(q dc.Query, req *request) *failure {
	state, err := parameter(q, "state")
	if x.config.Faults.SplitHeader {
		state, err = q.Get("state"), nil
	}
	if err != nil {
		return invalid("state cannot be used", err)
	}
	req.state, req.hasState = state, q.Has("state")
	uri, err := parameter(q, "redirect_uri")
	if err == nil && uri != "" {
		err = checkRedirect(uri)
	}
	if err != nil {
		return invalid("redirect_uri cannot be used", err)
	}
	return nil
}

// checkCritical refuses a request that calls a parameter critical which is
// there and which nobody here understands (ietf-05 section 8.3.2). Template
// variables are understood. dcspec-2.3 does not know crit.
func (x *exchange) checkCritical(q dc.Query, t *dc.Template) *failure {
	if x.config.Rules.Edition == dc.DCSpec23 {
		return nil
	}
	crit, err := parameter(q, "crit")
	if err != nil {
		return invalid("crit cannot be used", err)
	}
	for name := range strings.SplitSeq(crit, ",") {
		if !q.Has(name) || slices.Contains(protocolParameters, name) {
			continue
		}
		if slices.ContainsFunc(resolve.Variables(t, nil), func(v resolve.Variable) bool { return v.Name == name }) {
			continue
		}
		return invalid("crit names a parameter that is not understood",
			fmt.Errorf("crit calls the parameter %s critical, and this provider does not understand it; leave it out of crit when it may be ignored", name))
	}
	return nil
}

// readParameters reads what the flow and the template use. Anything else in
// the query is ignored.
func (x *exchange) readParameters(q dc.Query, req *request) *failure {
	var problems []error
	read := func(name string) string {
		value, err := parameter(q, name)
		if err == nil && (name == "providerName" || name == "serviceName") && utf8.RuneCountInString(value) > 255 {
			err = fmt.Errorf("%s has more than 255 characters; shorten it", name)
		}
		if err != nil {
			problems = append(problems, err)
		}
		return value
	}
	t := req.template
	req.ask.Domain, req.ask.Host, req.instance = read("domain"), read("host"), read("instanceId")
	if groups := read("groupId"); q.Has("groupId") && len(problems) == 0 {
		list, err := dc.ParseGroupList(groups)
		if err != nil {
			return coreFailure(err)
		}
		req.ask.Groups = list
	}
	if t.SharedProviderName || t.Shared {
		req.providerName = read("providerName")
	}
	if t.SharedService {
		req.serviceName = read("serviceName")
	}
	req.ask.Variables = map[string]string{}
	for _, v := range resolve.Variables(t, req.ask.Groups) {
		if q.Has(v.Name) {
			req.ask.Variables[v.Name] = read(v.Name)
		}
	}
	for _, change := range x.config.Hooks.Ask {
		change(t, &req.ask)
	}
	if len(problems) > 0 {
		return invalid("a parameter cannot be used", problems[0])
	}
	if req.ask.Domain == "" {
		return invalid("domain is missing", errors.New("the link has no domain; add the zone that the template is for"))
	}
	return nil
}

// checkRecords renders the template, so that whatever is wrong with variables,
// groups and names shows before the user is asked for anything.
func (x *exchange) checkRecords(req *request) *failure {
	_, err := x.render(req)
	apex, apexErr := resolve.FQDN(req.ask.Domain, "")
	fqdn, nameErr := resolve.FQDN(req.ask.Domain, req.ask.Host)
	req.apex, req.fqdn = apex, fqdn
	for _, err := range []error{err, apexErr, nameErr} {
		if err != nil {
			return coreFailure(err)
		}
	}
	return nil
}

// render is the template's records for the request.
func (x *exchange) render(req *request) ([]dc.Resolved, error) {
	records, err := resolve.Resolve(req.template, req.ask, x.config.Rules)
	for _, change := range x.config.Hooks.Records {
		records, err = change(req.template, req.ask, records, err)
	}
	return records, err
}

// coreFailure words a refusal by the core. The description names the class
// and the place, and quotes nothing.
func coreFailure(err error) *failure {
	var refusal *dc.Error
	if !errors.As(err, &refusal) {
		return &failure{
			status: http.StatusInternalServerError, code: "server_error", description: "the request could not be carried out",
			title: "Something went wrong here", detail: err.Error(),
			text: "Your domain has not been changed. Please try again in a moment.",
		}
	}
	description := string(refusal.Class)
	if refusal.Record >= 0 {
		description += fmt.Sprintf(" in record %d", refusal.Record+1)
	}
	f := invalid(description, err)
	switch refusal.Class {
	case dc.ErrCoexist:
		f.title = "These records do not fit your domain"
		f.text = "DNS does not allow the records that this service asks for together at these names. Nothing has been changed. Please tell the service that sent you."
	case dc.ErrHostRequired:
		f.title = "This service needs a sub-domain"
		f.text = "It can be set up for a name below your domain, but not for the domain itself. Nothing has been changed. Please go back to the service and choose a sub-domain."
	}
	return f
}
