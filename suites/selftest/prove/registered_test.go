package prove

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// forNobody has the run's client registered for no templates but its own.
func forNobody(c *store.TenantConfig) { c.Clients[0].Providers = nil }

// otherSecret has it registered with the secret of another.
func otherSecret(c *store.TenantConfig) { c.Clients[0].Secret = c.Clients[1].Secret }

// at answers requests for permission for which that is so.
func at(when func(*http.Request) bool, status int, page string) func(*store.TenantConfig) {
	return web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Path, "/ux/async/") || !when(r) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte("<!doctype html><title>Sorry</title><p>" + page))
	})
}

// unknown refuses the client in token requests for which that is so.
func unknown(when func(*http.Request) bool) func(*store.TenantConfig) {
	return web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasSuffix(r.URL.Path, "/oauth/access_token") || !when(r) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
	})
}

// unknownAfter does so after the first token request.
func unknownAfter() func(*store.TenantConfig) {
	var first atomic.Bool
	return unknown(func(*http.Request) bool { return !first.CompareAndSwap(false, true) })
}

// inQueryAlone looks for the client nowhere else.
var inQueryAlone = unknown(func(r *http.Request) bool { return !r.URL.Query().Has("client_id") })

// misnamed gives tokens by another name.
var misnamed = reply(func(r map[string]any) {
	r["accessToken"] = r["access_token"]
	delete(r, "access_token")
})

func always(*http.Request) bool { return true }

// A run that is registered wrongly has found nothing out about the target, and
// says what to do. What the provider does not lay at the client is judged.
func TestRegistration(t *testing.T) {
	const (
		client = "the target says that the client dcconform may not do this (unauthorized_client): have it registered there for the templates of conformance.dcconform.example, with the redirect URI https://callback.dcconform.example/dcconform/authorized, or give another one under oauth in target.yaml; the user was not asked for consent and "
		back   = client + "came back to https://callback.dcconform.example/dcconform/authorized?error=unauthorized_client"
		left   = client + "was left on a result page with status 403 that begins "
		secret = "the target does not take the client dcconform with its secret (invalid_client): see that both are under oauth in target.yaml as it has given them, since where they are it does not take client_secret as a parameter; status 401"
	)
	flow := selftest.Options{Edition: register.IETF05, Kind: selftest.Async}
	lax := flow
	lax.Faults = []string{"domain-not-checked"}
	var duds []dud
	for what, of := range map[string]struct {
		broken func(*store.TenantConfig)
		says   string
		cases  []string
	}{
		"not for the providerId": {forNobody, back, []string{"async-endpoint", "async-library", "async-scope-list", "async-state-returned", "async-permutations"}},
		"told on a page":         {at(always, 403, "Error: unauthorized_client"), left, []string{"async-endpoint", "async-names", "async-apply"}},
		"another secret":         {otherSecret, secret, []string{"async-token-endpoint", "async-token-places", "async-token-response", "async-library", "async-apply"}},
	} {
		for _, key := range of.cases {
			duds = append(duds, dud{What: what, Case: key, Options: flow, Break: of.broken, Outcome: reports.Inconclusive, Reason: "client-refused", Says: of.says})
		}
	}
	without := func(r *http.Request) bool { return !r.URL.Query().Has("response_type") }
	judge(t, append(duds,
		dud{What: "refused for no reason", Case: "async-endpoint", Options: flow, Break: at(always, 403, "No."), Outcome: reports.Fail},
		dud{What: "not there", Case: "async-endpoint", Options: flow, Break: at(always, 404, "unauthorized"), Outcome: reports.Fail},
		dud{What: "the client is blamed for something else", Case: "async-response-type", Options: flow, Break: at(without, 403, "unauthorized_client"), Outcome: reports.Fail},
		dud{What: "the client is known, and refused for the code that the library got", Case: "async-library", Options: flow, Break: unknownAfter(), Outcome: reports.Fail},
		dud{What: "no reply has an access_token", Case: "async-library", Options: flow, Break: misnamed, Outcome: reports.Fail},
		dud{What: "parameters are taken in the query alone", Case: "async-library", Options: flow, Break: inQueryAlone, Outcome: reports.Pass},
		dud{What: "nobody else can sign in", Case: "async-bound-user", Options: flow, Tell: func(w *selftest.World) { w.Target.Accounts = w.Target.Accounts[:1] },
			Outcome: reports.NotApplicable, Reason: "no-other-account",
			Says: "nobody else than the run's user can sign in for foreign.test: name its account, and give it under accounts in target.yaml"},
		dud{What: "nobody else can sign in", Case: "async-bound-foreign", Options: flow, Tell: func(w *selftest.World) { w.Target.Accounts = w.Target.Accounts[:1] },
			Outcome: reports.NotApplicable, Reason: "no-other-account"},
		dud{What: "nobody else can sign in, and users are told apart by nobody", Case: "async-bound-foreign", Options: lax, Tell: func(w *selftest.World) { w.Target.Accounts = w.Target.Accounts[:1] },
			Outcome: reports.Fail},
		dud{What: "the same user has both", Case: "async-bound-user", Options: flow, Tell: func(w *selftest.World) { w.Target.Domains[3].Account = "" },
			Outcome: reports.NotApplicable, Reason: "no-other-account"},
	))
}
