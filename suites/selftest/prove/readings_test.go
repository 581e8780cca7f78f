package prove

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// The beginnings of the paths of the asynchronous flow.
const (
	permissionPath = "/ux/async/"
	apiPath        = "/api/"
)

// send sends a recorded answer on.
func send(w http.ResponseWriter, given *httptest.ResponseRecorder) {
	for name, values := range given.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(given.Code)
	_, _ = w.Write(given.Body.Bytes())
}

// ownErrorPage tells what is wrong with a request for permission on a page of
// its own, which it leads to by a redirect.
var ownErrorPage = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	before, _, asks := strings.Cut(r.URL.Path, permissionPath)
	switch {
	case strings.Contains(r.URL.Path, "/ux/oops"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("<!doctype html><html lang=en><title>Not possible</title><h1>This request cannot be carried out</h1>"))
	case asks:
		given := httptest.NewRecorder()
		if next.ServeHTTP(given, r); given.Code == http.StatusBadRequest {
			http.Redirect(w, r, before+"/ux/oops?error_code=invalid_request", http.StatusSeeOther)
			return
		}
		send(w, given)
	default:
		next.ServeHTTP(w, r)
	}
})

// toldAtRegistered tells of a redirect URI that is not registered at the one
// that is.
func toldAtRegistered(with string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		client, registered := c.Clients[0].ID, c.Clients[0].Redirects[0]
		web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if q := r.URL.Query(); strings.Contains(r.URL.Path, permissionPath) && q.Get("client_id") == client && q.Get("redirect_uri") != registered {
				http.Redirect(w, r, registered+"?"+with, http.StatusSeeOther)
				return
			}
			next.ServeHTTP(w, r)
		})(c)
	}
}

// What the texts leave to the provider is no failure, and what they do not
// leave to it is one.
func TestReadings(t *testing.T) {
	flow := selftest.Options{Edition: register.IETF05, Kind: selftest.Async}
	older := selftest.Options{Edition: register.DCSpec23, Kind: selftest.Async}
	judge(t, []dud{
		{What: "an error page by a redirect of its own", Case: "async-client-registered", Options: flow, Break: ownErrorPage, Outcome: reports.Pass},
		{What: "an error page by a redirect of its own", Case: "async-redirect-registered", Options: flow, Break: ownErrorPage, Outcome: reports.Pass},
		{What: "an error page by a redirect of its own", Case: "async-bad-redirect-ends", Options: flow, Break: ownErrorPage, Outcome: reports.Pass},
		{What: "a bad redirect_uri is told at the registered one", Case: "async-redirect-registered", Options: flow, Break: toldAtRegistered("error=invalid_request&state=x"), Outcome: reports.Pass},
		{What: "a bad redirect_uri is told at the registered one", Case: "async-redirect-registered", Options: older, Break: toldAtRegistered("error=invalid_request"), Outcome: reports.Pass},
		{What: "a bad redirect_uri is told at the registered one", Case: "async-bad-redirect-ends", Options: flow, Break: toldAtRegistered("error=invalid_request"), Outcome: reports.Fail},
		{What: "a bad redirect_uri brings a code to the registered one", Case: "async-redirect-registered", Options: older, Break: toldAtRegistered("code=abc"), Outcome: reports.Fail},
		{What: "a bad redirect_uri is kept in part", Case: "async-redirect-registered", Options: flow, Break: toldAtRegistered("error=invalid_request&x=1"), Outcome: reports.Fail},
	})
}
