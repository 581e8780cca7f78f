package web

import (
	"net/http"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// maxForm bounds the body of a form, in octets.
const maxForm = 64 << 10

// signInPage is what the sign-in page shows.
type signInPage struct {
	CSRF, Request, User string
	// For is the service that the user is about to set up, or with Grant those
	// that he is about to allow, if any.
	For, Provider string
	Grant         bool
	Problem       string
}

// readForm reads the form of a POST. What is not a form, or too large, is
// answered.
func (x *exchange) readForm() bool {
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, maxForm)
	if err := x.r.ParseForm(); err != nil {
		x.problem(http.StatusBadRequest, "This form could not be read", "Please go back and try again.")
		return false
	}
	return true
}

// waiting finds the request that the id names, for this browser.
func (x *exchange) waiting(v session, id string) *pending {
	if id == "" {
		return nil
	}
	p, ok := x.server.pending.get(id, v.bond)
	if !ok {
		return nil
	}
	if p.request.fault != nil {
		x.misbehave(p.request.fault)
	}
	return p
}

// signIn shows the sign-in page and takes its answer.
func (x *exchange) signIn() {
	if x.r.Method == http.MethodPost {
		x.takeSignIn()
		return
	}
	v, err := x.ensureSession()
	if err != nil {
		x.internal(err)
		return
	}
	id := x.r.URL.Query().Get("request")
	p := x.waiting(v, id)
	if id != "" && p == nil {
		x.expired()
		return
	}
	x.showSignIn(http.StatusOK, v, p, "", "")
}

func (x *exchange) showSignIn(status int, v session, p *pending, user, problem string) {
	page := signInPage{CSRF: v.csrf, User: user, Problem: problem}
	redirect := ""
	if p != nil {
		page.Request, page.For, page.Provider = p.id, p.request.template.ServiceName, p.request.template.ProviderName
		redirect = p.request.redirect
		if p.request.grant != nil {
			page.Grant, page.For = true, strings.Join(p.request.grant.services(), ", ")
		}
	}
	x.show(status, "sign-in", "Sign in", page, redirect)
}

func (x *exchange) takeSignIn() {
	if !x.readForm() {
		return
	}
	v, ok := x.session()
	if !ok || !x.genuine(v) {
		x.forged()
		return
	}
	id := x.r.PostFormValue("request")
	p := x.waiting(v, id)
	if id != "" && p == nil {
		x.expired()
		return
	}
	if x.r.PostFormValue("action") == "cancel" {
		x.cancel(p)
		return
	}
	user := x.r.PostFormValue("user")
	if !x.config.Authenticate(user, x.r.PostFormValue("password")) {
		x.showSignIn(http.StatusForbidden, v, p, user, "User name and password do not match. Please try again.")
		return
	}
	if err := x.signInSession(v, user); err != nil {
		x.internal(err)
		return
	}
	if p == nil {
		x.see(x.tenant.Prefix() + "/ux/")
		return
	}
	x.see(x.address("consent", p.id))
}

// signOut ends the session. What waited in it waits in vain.
func (x *exchange) signOut() {
	if !x.readForm() {
		return
	}
	v, ok := x.session()
	if !ok || !x.genuine(v) {
		x.forged()
		return
	}
	x.sessions.remove(v.id)
	x.setCookie("", -1)
	x.show(http.StatusOK, "outcome", "You are signed out", outcomePage{Title: "You are signed out", Text: "Thank you. You can close this window.", Stay: true}, "")
}

// cancel ends a flow at the user's wish.
func (x *exchange) cancel(p *pending) {
	if p == nil {
		x.show(http.StatusOK, "outcome", "Cancelled", outcomePage{Title: "Cancelled", Text: "You can close this window."}, "")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end == nil {
		if p.request.grant != nil {
			if f := x.lookAgain(p.request); f != nil {
				x.note("apply", "the client may no longer ask: %s", f.detail)
			}
		}
		x.note("apply", "%s at %s: cancelled by the user", p.request.template.ID(), p.request.fqdn)
		p.end = &ending{page: outcomePage{
			Status: http.StatusOK, Title: "Cancelled",
			Text: "Nothing has been changed. You can close this window.",
		}}
		if p.request.redirect != "" {
			p.end.location = x.location(p.request, &failure{code: "access_denied", description: "user_cancel: the user did not agree to the changes"})
		}
		if p.request.grant == nil {
			x.unapproved(store.Cancelled, p.request)
		}
	}
	x.finish(*p.end)
}
