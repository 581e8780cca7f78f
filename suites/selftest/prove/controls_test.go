package prove

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// web goes around whatever answers the mock's requests.
func web(around func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { around(w, r, next) })
		})
	}
}

// reply changes the replies of the token end-point.
func reply(change func(reply map[string]any)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Tokens = append(c.Hooks.Tokens, change) }
}

// nobodyAllows answers every confirmation with 403.
var nobodyAllows = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/ux/consent") {
		http.Error(w, "not yours", http.StatusForbidden)
		return
	}
	next.ServeHTTP(w, r)
})

// withoutForce never sees the parameter.
var withoutForce = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if q := r.URL.Query(); q.Has("force") {
		q.Del("force")
		r = r.Clone(r.Context())
		r.URL.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	}
	next.ServeHTTP(w, r)
})

// withoutState sends the users of good flows back without state.
func withoutState(c *store.TenantConfig) {
	c.Hooks.Location = append(c.Hooks.Location, func(location string, _ store.Redirect, failed bool) string {
		u, err := url.Parse(location)
		if err != nil || failed {
			return location
		}
		q := u.Query()
		q.Del("state")
		u.RawQuery = q.Encode()
		return u.String()
	})
}

// What the controls of the cases are there for: a mock that breaks down where
// one looks, in none of the ways that faults have.
func TestControls(t *testing.T) {
	flow := selftest.Options{Edition: register.IETF05, Kind: selftest.Async}
	unsigned := flow
	unsigned.Faults = []string{"unsigned-accepted-with-warning"}
	judge(t, []dud{
		{What: "nobody can allow anything", Case: "async-foreign-zone", Options: flow, Break: nobodyAllows, Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "nobody can allow anything", Case: "async-client-registered", Options: flow, Break: nobodyAllows, Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "force is never seen", Case: "async-force-values", Options: flow, Break: withoutForce, Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "links need no signature", Case: "async-locks", Options: unsigned, Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "state is lost with a code", Case: "async-state-returned", Options: flow, Break: withoutState, Outcome: reports.Fail},
		{What: "state is lost with a code", Case: "async-code-in-query", Options: flow, Break: withoutState, Outcome: reports.Pass},
		{What: "state is lost with a code", Case: "async-foreign-zone", Options: flow, Break: withoutState, Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "tokens that expire soon are good for nothing", Case: "async-token-expires", Options: flow, Break: reply(func(r map[string]any) {
			if r["expires_in"] == int64(60) {
				r["access_token"] = "bogus"
			}
		}), Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "tokens are said to be good for no time", Case: "async-token-expires", Options: flow, Break: reply(func(r map[string]any) { r["expires_in"] = 0 }), Outcome: reports.Inconclusive, Reason: "token-life"},
		{What: "nothing is said of how long tokens are good", Case: "async-token-expires", Options: flow, Break: reply(func(r map[string]any) { delete(r, "expires_in") }), Outcome: reports.Inconclusive, Reason: "token-life"},
		{What: "tokens are good for half a minute more than is said", Case: "async-token-expires", Options: flow, Break: reply(func(r map[string]any) { r["expires_in"] = 30 }), Outcome: reports.Pass},
	})
}
