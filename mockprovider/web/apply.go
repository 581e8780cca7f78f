package web

import (
	"net/http"
	"net/url"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// apply begins the sync flow (ietf-05 section 8.3): the request is looked
// through, put aside under a random id, and the user is sent on to consent,
// by way of signing in where needed. It changes nothing.
func (x *exchange) apply(name templateName) {
	t, ok := x.template(name)
	if !ok {
		x.unknownTemplate()
		return
	}
	raw := x.r.URL.RawQuery
	for _, change := range x.config.Hooks.Query {
		raw = change(raw)
	}
	req, f := x.check(t, raw)
	req.fault = x.fault
	if f != nil {
		x.finish(x.failed(req, f))
		return
	}
	x.begin(req)
}

// begin puts a request aside until its user has answered.
func (x *exchange) begin(req *request) {
	v, err := x.ensureSession()
	if err != nil {
		x.internal(err)
		return
	}
	id, err := x.token()
	if err != nil {
		x.internal(err)
		return
	}
	x.pending.add(id, v.bond, req)
	page := "consent"
	if v.user == "" {
		page = "sign-in"
	}
	x.see(x.address(page, id))
}

// notKnown is what everybody is told of a template that is not here, and what
// all but one are told of a template under test.
func notKnown() *failure {
	return &failure{
		status: http.StatusNotFound, code: "invalid_request", description: "the template is not supported",
		title:  "This service is not known here",
		text:   "The link that brought you here asks for a service that we cannot set up. Nothing has been changed. Please tell the service that sent you.",
		detail: "No template with these ids is supported; ids compare with case.",
	}
}

// unknownTemplate ends a request for a template that is not here. It has no
// list of redirect domains, so nobody is sent anywhere.
func (x *exchange) unknownTemplate() {
	f := notKnown()
	req := &request{}
	if q, err := dc.ParseQuery(x.r.URL.RawQuery, false); err == nil {
		if uri := q.Get("redirect_uri"); x.permitRedirect(nil, uri, false) {
			req.redirect = uri
		}
	}
	x.finish(x.failed(req, f))
}

// tooLong refuses a request target whole. Nothing in it is looked at.
func (x *exchange) tooLong(path []string) {
	x.r.URL.RawQuery = ""
	if len(path) > 0 && path[0] == "ux" {
		x.finish(x.failed(&request{}, &failure{
			status: http.StatusRequestURITooLong, title: "This link is too long",
			text:   "The link that brought you here is longer than we can read. Nothing has been changed. Please tell the service that sent you.",
			detail: "Links of up to 65,536 octets are read; 8,000 are safe everywhere.",
		}))
		return
	}
	x.w.WriteHeader(http.StatusRequestURITooLong)
}

// address is the path of a page for a waiting request.
func (x *exchange) address(page, id string) string {
	return x.tenant.Prefix() + "/ux/" + page + "?request=" + url.QueryEscape(id)
}

// failed is the end of a flow that cannot be carried out: a redirect with an
// error where one is permitted, else a page that says so.
func (x *exchange) failed(req *request, f *failure) ending {
	x.note("apply", "refused: %s: %s", f.title, f.detail)
	if req.redirect != "" {
		return ending{location: x.location(req, f)}
	}
	return ending{page: outcomePage{Status: f.status, Title: f.title, Text: f.text, Detail: f.detail, Failed: true}}
}

// finish shows an ending.
func (x *exchange) finish(e ending) {
	if e.location != "" {
		x.see(e.location)
		return
	}
	x.show(e.page.Status, "outcome", e.page.Title, e.page, "")
}
