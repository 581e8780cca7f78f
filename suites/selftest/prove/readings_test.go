package prove

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/target"
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

// newestCodeOnly honours no code but the one that was given out last, and takes
// a client_secret that is missing for the right one.
func newestCodeOnly(c *store.TenantConfig) {
	var newest atomic.Value
	c.Hooks.Location = append(c.Hooks.Location, func(location string, _ store.Redirect, _ bool) string {
		if u, err := url.Parse(location); err == nil && u.Query().Has("code") {
			newest.Store(u.Query().Get("code"))
		}
		return location
	})
	c.Hooks.OAuth = append(c.Hooks.OAuth, func(r oauth.Refusal) *oauth.Error {
		if r.Guard == oauth.GuardSecret && strings.Contains(r.Err.Description, "missing") {
			return nil
		}
		return r.Err
	})
	tokenCalls(func(w http.ResponseWriter, body map[string]string) bool {
		if code, newest := body["code"], newest.Load(); code == "" || code == newest {
			return false
		}
		tokenError(w, "invalid_grant")
		return true
	})(c)
}

// tokenCalls has token requests with a JSON body answered by some other means,
// where it says so.
func tokenCalls(answer func(w http.ResponseWriter, body map[string]string) bool) func(*store.TenantConfig) {
	return web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/oauth/access_token") {
			text, err := io.ReadAll(r.Body)
			var body map[string]string
			if err == nil && json.Unmarshal(text, &body) == nil && answer(w, body) {
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
		}
		next.ServeHTTP(w, r)
	})
}

func tokenError(w http.ResponseWriter, word string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(`{"error":"` + word + `"}`))
}

// badCodesBreak tells by status 500 that a code or a refresh token is not good.
var badCodesBreak = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	given := httptest.NewRecorder()
	if next.ServeHTTP(given, r); strings.Contains(given.Body.String(), "invalid_grant") {
		given.Code = http.StatusInternalServerError
	}
	send(w, given)
})

// without is a target that names no domains of some roles.
func without(o selftest.Options, roles ...string) selftest.Options {
	o.Describe = func(c *target.Config) {
		c.Domains = slices.DeleteFunc(c.Domains, func(d target.Domain) bool { return slices.Contains(roles, d.Role) })
	}
	return o
}

// theirs is a target whose other domains are all somebody else's.
func theirs(o selftest.Options) selftest.Options {
	o.Describe = func(c *target.Config) {
		for i := range c.Domains {
			if !c.Domains[i].Apex {
				c.Domains[i].Account = c.Accounts[1].User
			}
		}
	}
	return o
}

// unserved refuses calls for domains, whoever makes them.
func unserved(domains ...string) func(*store.TenantConfig) {
	return web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, apiPath) && slices.Contains(domains, r.URL.Query().Get("domain")) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// unasked asks nobody about domains.
func unasked(domains ...string) func(*store.TenantConfig) {
	return web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, permissionPath) && slices.Contains(domains, r.URL.Query().Get("domain")) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// noConflicts finds nothing in the way.
func noConflicts(c *store.TenantConfig) {
	c.Hooks.Plan = append(c.Hooks.Plan, func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
		p.Conflicts = nil
		return err
	})
}

// statusOf has calls to apply a template answered with a status.
func statusOf(which func(r *http.Request) bool, status int) func(*store.TenantConfig) {
	return web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Path, apiPath) || !strings.HasSuffix(r.URL.Path, "/apply") || !which(r) {
			next.ServeHTTP(w, r)
			return
		}
		given := httptest.NewRecorder()
		next.ServeHTTP(given, r)
		given.Code = status
		send(w, given)
	})
}

// badAddresses tells of an address that is none by a status of its own.
func badAddresses(status int) func(*store.TenantConfig) {
	return statusOf(func(r *http.Request) bool { return r.URL.Query().Get("ip") == "300.1.1.1" }, status)
}

// groupsIgnored does not look at groupId where it is the made-up one.
var groupsIgnored = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	r = r.Clone(r.Context())
	r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "&groupId=a%20b", "", 1)
	next.ServeHTTP(w, r)
})

// domainOfToken has a call without a domain be for that of its token, of which
// there is one only.
var domainOfToken = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if strings.Contains(r.URL.Path, apiPath) && strings.HasSuffix(r.URL.Path, "/apply") && !r.URL.Query().Has("domain") && r.URL.RawQuery != "" {
		r = r.Clone(r.Context())
		r.URL.RawQuery += "&domain=target.test"
	}
	next.ServeHTTP(w, r)
})

// noExpectations refuses to be waited for.
var noExpectations = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Header.Get("Expect") != "" {
		w.WriteHeader(http.StatusExpectationFailed)
		return
	}
	next.ServeHTTP(w, r)
})

// oneAtATime refuses calls of which it knows that others come with them.
var oneAtATime = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Header.Get("Expect") != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	next.ServeHTTP(w, r)
})

// What the texts leave to the provider is no failure, and what they do not
// leave to it is one.
func TestReadings(t *testing.T) {
	flow := selftest.Options{Edition: register.IETF05, Kind: selftest.Async}
	by := func(o selftest.Options, fault string) selftest.Options { o.Faults = []string{fault}; return o }
	kept := selftest.Options{Edition: register.IETF05, Kind: selftest.Stateful}
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
		{What: "passwords are good for tokens", Case: "async-grant-types", Options: by(older, "password-grant"), Outcome: reports.Pass},
		{What: "clients get tokens for themselves", Case: "async-grant-types", Options: by(older, "client-credentials-grant"), Outcome: reports.Pass},
		{What: "clients get tokens for themselves", Case: "async-grant-types", Options: by(flow, "client-credentials-grant"), Outcome: reports.Fail},
		{What: "grant_type is not looked at", Case: "async-grant-types", Options: by(older, "grant-type-not-checked"), Outcome: reports.Fail},
		{What: "the newest code alone is good, and needs no secret", Case: "async-client-authenticated", Options: flow, Break: newestCodeOnly, Outcome: reports.Fail},
		{What: "the newest code alone is good, and needs no secret", Case: "async-redirect-repeated", Options: flow, Break: newestCodeOnly, Outcome: reports.Pass},
		{What: "what is outside of the permission breaks down", Case: "async-bound-user", Options: by(flow, "outside-grant-500"), Outcome: reports.Fail},
		{What: "what is outside of the permission breaks down", Case: "async-bound-host", Options: by(older, "outside-grant-500"), Outcome: reports.Fail},
		{What: "what is outside of the permission breaks down", Case: "async-bound-template", Options: by(flow, "outside-grant-500"), Outcome: reports.Fail},
		{What: "what is outside of the permission breaks down", Case: "async-hosts", Options: by(flow, "outside-grant-500"), Outcome: reports.Fail},
		{What: "what is outside of the permission breaks down", Case: "async-host-apex", Options: by(flow, "outside-grant-500"), Outcome: reports.Fail},
		{What: "what is outside of the permission breaks down", Case: "revert-token", Options: by(kept, "outside-grant-500"), Outcome: reports.Fail},
		{What: "a code that is no longer good breaks down", Case: "async-code-once", Options: flow, Break: badCodesBreak, Outcome: reports.Fail},
		{What: "a code that is no longer good breaks down", Case: "async-code-expires", Options: older, Break: badCodesBreak, Outcome: reports.Fail},
		{What: "a refresh token that is no longer good breaks down", Case: "async-revoked", Options: flow, Break: badCodesBreak, Outcome: reports.Fail},
		{What: "a user's domains are told apart by nobody, and no other user is there", Case: "async-bound-domain", Options: without(by(flow, "user-only-check"), "foreign"), Outcome: reports.Fail},
		{What: "a user's domains are told apart by nobody, and the other is not his", Case: "async-bound-domain", Options: without(by(flow, "user-only-check"), "idn", "child"), Outcome: reports.NotApplicable, Reason: "no-other-domain"},
		{What: "every other domain is of another user", Case: "async-bound-domain", Options: theirs(flow), Outcome: reports.NotApplicable, Reason: "no-other-domain"},
		{What: "users are told apart by nobody, and no other user is there", Case: "async-bound-foreign", Options: without(by(flow, "domain-not-checked"), "foreign"), Outcome: reports.NotApplicable, Reason: "no-foreign-domain"},
		{What: "users are told apart by nobody", Case: "async-bound-foreign", Options: without(by(older, "domain-not-checked"), "idn", "child"), Outcome: reports.Fail},
		{What: "other domains are nobody's to write in, and are told apart by nobody", Case: "async-bound-domain", Options: by(flow, "user-only-check"), Break: unserved("child.target.test", "xn--bcher-kva.test"), Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "one other domain is nobody's to write in", Case: "async-bound-domain", Options: older, Break: unserved("child.target.test"), Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "one other domain is nobody's to write in, and the rest told apart by nobody", Case: "async-bound-domain", Options: by(older, "user-only-check"), Break: unserved("child.target.test"), Outcome: reports.Fail},
		{What: "other domains are nobody's to allow", Case: "async-bound-domain", Options: flow, Break: unasked("xn--bcher-kva.test"), Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "the domain of another is nobody's to write in, and users are told apart by nobody", Case: "async-bound-foreign", Options: by(flow, "domain-not-checked"), Break: unserved("foreign.test"), Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "the domain of another is nobody's to allow", Case: "async-bound-foreign", Options: older, Break: unasked("foreign.test"), Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "the token of another is good for nothing", Case: "async-bound-user", Options: older, Break: unserved("foreign.test"), Outcome: reports.Inconclusive, Reason: "control-twin"},
		{What: "conflicts are looked for nowhere", Case: "async-conflict", Options: flow, Break: noConflicts, Outcome: reports.Fail},
		{What: "a value that cannot be used crashes", Case: "async-status", Options: older, Break: badAddresses(http.StatusInternalServerError), Outcome: reports.Fail},
		{What: "a group of nothing is taken", Case: "async-status", Options: flow, Break: groupsIgnored, Outcome: reports.Fail},
		{What: "a domain that is missing is taken from the token", Case: "async-domain-missing", Options: flow, Break: domainOfToken, Outcome: reports.Pass},
		{What: "a domain that is missing breaks down", Case: "async-domain-missing", Options: older, Break: statusOf(func(r *http.Request) bool { return !r.URL.Query().Has("domain") }, http.StatusInternalServerError), Outcome: reports.Fail},
		{What: "without a domain nothing is done", Case: "async-domain-missing", Options: flow, Break: statusOf(func(r *http.Request) bool { return !r.URL.Query().Has("domain") }, http.StatusOK), Outcome: reports.Fail},
		{What: "nobody can wait with a body", Case: "async-at-once", Options: flow, Break: noExpectations, Outcome: reports.Pass},
		{What: "nobody can be there with others", Case: "async-at-once", Options: flow, Break: oneAtATime, Outcome: reports.Inconclusive, Reason: "not-at-once"},
		{What: "a plus does not divide templates", Case: "async-scope-plus", Options: by(older, "plus-does-not-divide"), Outcome: reports.Fail},
		{What: "a plus does not divide templates", Case: "async-library", Options: by(flow, "plus-does-not-divide"), Outcome: reports.Pass},
	})
}

// denying is a target that says that it does not look for conflicts.
func denying(o selftest.Options) selftest.Options {
	o.Describe = func(c *target.Config) { c.Claims[target.ClaimConflictDetection] = false }
	return o
}

// equalAddresses has an address that is there already be in its own way, as it
// is by the older text's rules of types.
func equalAddresses(c *store.TenantConfig) {
	c.Hooks.Plan = append(c.Hooks.Plan, func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
		for _, r := range records {
			for old := range z.At(r.Owner) {
				if r.Type == "A" && old.Type == "A" && strings.HasSuffix(r.RR.String(), "\t"+old.Data) {
					p.Conflicts = append(p.Conflicts, zone.Conflict{Record: old, Reason: zone.ReasonSameType})
				}
			}
		}
		return err
	})
}

// Providers of which every case of the asynchronous flow has to say that they
// are right, or that it does not apply to what they claim.
func TestOtherProviders(t *testing.T) {
	bench, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, other := range []dud{
		{What: "equal addresses are in their own way", Options: selftest.Options{Edition: register.DCSpec23, Kind: selftest.Async}, Break: equalAddresses},
		{What: "conflicts are looked for nowhere, as is said", Options: denying(selftest.Options{Edition: register.IETF05, Kind: selftest.Async}), Break: noConflicts},
		{What: "conflicts are looked for nowhere, as is said, older", Options: denying(selftest.Options{Edition: register.DCSpec23, Kind: selftest.Stateful}), Break: noConflicts},
		{What: "422 for a value that cannot be used", Options: selftest.Options{Edition: register.IETF05, Kind: selftest.Async}, Break: badAddresses(http.StatusUnprocessableEntity)},
		{What: "groups are ignored where a template has none, older", Options: selftest.Options{Edition: register.DCSpec23, Kind: selftest.Async}, Break: groupsIgnored},
	} {
		t.Run(other.What, func(t *testing.T) {
			other.Options.Prepare = other.Break
			w, closeWorld, err := bench.World(other.Options)
			if err != nil {
				t.Fatal(err)
			}
			defer closeWorld()
			passed := 0
			for _, sc := range provider.Scenarios(other.Options.Edition, w.Register, w) {
				if sc.Name != "async" {
					continue
				}
				switch r := selftest.Judge(t.Context(), w, sc)[0]; {
				case r.Outcome == reports.Pass:
					passed++
				case r.Outcome != reports.NotApplicable || r.Reason != "not-claimed":
					t.Errorf("%s: %s", r.ID, story(r))
				}
			}
			if passed < 40 {
				t.Errorf("%d cases pass", passed)
			}
		})
	}
}
