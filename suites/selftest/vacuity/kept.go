package vacuity

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/selftest"
)

// kept are targets that say that they have the asynchronous flow, take templates
// back and remember which are applied.
func kept() []Target {
	list := []Target{
		{Name: "stateful-refuses-everything", Sentence: "Every request is answered with 403, those for permission and calls among them.",
			Want: reports.NonConformant, Because: "The settings of domains that it says it serves are refused.",
			misses: []string{"DC-SET-JSON-OBJECT"}, vain: flows, prepare: web("", refuse)},
		{Name: "stateful-empty-200", Sentence: "Every request is answered with 200 and an empty body, those for permission and calls among them.",
			Want: reports.NonConformant, Because: "An empty body is no settings document.",
			misses: []string{"DC-SET-JSON-OBJECT"}, vain: flows, prepare: web("", func(http.ResponseWriter, *http.Request) {})},
		{Name: "stateful-only-says-so", Sentence: "It says that it has the asynchronous flow, and has the synchronous one alone.",
			Want: reports.NonConformant, Because: "What it claims is not in its settings.",
			misses: []string{"DC-ASYNC-URL-ADVERTISED"}, vain: beyond(read), prepare: tenant(func(c *store.TenantConfig) { c.Clients = nil })},
		{Name: "stateful-refuses-to-ask", Sentence: "Settings and the synchronous flow are well, and every request for permission ends on an error page.",
			Want: reports.NonConformant, Because: "Requests that have to be asked about are not; that bad ones are not either counts for nothing.",
			misses: []string{"DC-ASYNC-AUTHZ-ENDPOINT"}, vain: beyond(read), prepare: web(authorization, refuseWell)},
		{Name: "stateful-gives-no-tokens", Sentence: "Users are asked and come back with codes, and no code is good for tokens.",
			Want: reports.NonConformant, Because: "A code has to be good for tokens; that bad ones are not either counts for nothing.",
			misses: []string{"DC-ASYNC-TOKEN-ENDPOINT", "DC-ASYNC-TOKEN-PARAM-PLACES", "DC-ASYNC-TOKEN-RESPONSE"},
			vain:   beyond(read, asked), prepare: web("/oauth/access_token", refuseCall(http.StatusBadRequest, `{"error":"invalid_grant"}`))},
		{Name: "stateful-refuses-to-apply", Sentence: "Tokens are given out, every call with one is answered with 401, and every link with an error page.",
			Want: reports.NonConformant, Because: "Calls that have to be carried out are not; that bad ones are not either counts for nothing.",
			misses: []string{"DC-ASYNC-APPLY-ENDPOINT"}, vain: also("state/", beyond(read, asked, redeemed)), prepare: both(web(applies, refuseWell), calls(refuseCall(http.StatusUnauthorized, `{"code":"401","message":"No."}`)))},
		{Name: "stateful-empty-calls-200", Sentence: "Tokens are given out, and every call is answered with 200, whatever it has with it; nothing is done.",
			Want: reports.NonConformant, Because: "Success is told, and the zones stay as they are.",
			misses: []string{"DC-ASYNC-APPLY-ENDPOINT", "DC-ASYNC-TOKEN-VALIDATED", "DC-ASYNC-TOKEN-BOUND-DOMAIN", "DC-ASYNC-TOKEN-BOUND-HOST",
				"DC-ASYNC-TOKEN-BOUND-TEMPLATE", "DC-ASYNC-CONFLICT-ERROR", "DC-ASYNC-STATUS-CODES"},
			limit: unseen, vain: beyond(read, asked, redeemed), prepare: calls(func(http.ResponseWriter, *http.Request) {})},
		{Name: "stateful-empty-reverts-200", Sentence: "Every call to take a template back is answered with 200, and nothing is taken back.",
			Want: reports.NonConformant, Because: "Success is told, and the zones stay as they are.",
			misses: []string{"DC-REVERT-ENDPOINT", "DC-REVERT-TOKEN", "DC-REVERT-NOT-APPLIED-410", "DC-REVERT-ONE-INSTANCE", "DC-REVERT-ALL-INSTANCES",
				"DC-REVERT-OTHER-HOSTS", "DC-REVERT-VERIFIES-APPLIED", "DC-REVERT-ACTIVE-RECORDS", "DC-REVERT-SPF", "DC-STATE-INSTANCE-RECORDED"},
			limit: unseen, vain: reverts, prepare: web("/revert", func(http.ResponseWriter, *http.Request) {})},
		{Name: "stateful-hangs-at-calls", Sentence: "Tokens are given out, and no call is ever answered.",
			Want: reports.VerdictInconclusive, Because: "A call without an answer was neither carried out nor refused.",
			limit: unanswered, vain: beyond(read, asked, redeemed), prepare: calls(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })},
		{Name: "stateful-still", Sentence: "Users and callers are told of success, and the zones stay as they are.",
			Want: reports.NonConformant, Because: "Success is told, and the records are not there.",
			misses: []string{"DC-ASYNC-HOST-LIST"}, limit: unseen, vain: also("state/", beyond(read, asked, redeemed)), prepare: tenant(still)},
		{Name: "stateful-accepts-everything", Sentence: "Every request for permission, for tokens and to apply is granted, however bad, and no record is in the way of another.",
			Want: reports.NonConformant, Because: "Any redirect URI, secret, code, token, domain, host and template is good enough.",
			misses: []string{"DC-ASYNC-USER-AND-ZONE", "DC-ASYNC-REDIRECT-REGISTERED", "DC-ASYNC-BAD-REDIRECT-ENDS", "DC-ASYNC-RESPONSE-TYPE", "DC-ASYNC-SCOPE-REQUIRED",
				"DC-ASYNC-CODE-XOR-REFRESH", "DC-ASYNC-GRANT-TYPES", "DC-ASYNC-REDIRECT-REPEATED", "DC-ASYNC-CLIENT-AUTHENTICATED", "DC-ASYNC-CODE-ONCE-SHORT",
				"DC-ASYNC-TOKEN-BOUND-DOMAIN", "DC-ASYNC-TOKEN-BOUND-HOST", "DC-ASYNC-TOKEN-BOUND-TEMPLATE", "DC-ASYNC-REVOKED",
				"DC-ASYNC-CONFLICT-ERROR", "DC-ASYNC-CONFLICT-PERMUTATIONS", "DC-REVERT-TOKEN"},
			prepare: tenant(grantAll)},
		{Name: "stateful-forgets", Sentence: "It says that it remembers which templates are applied, and does not.",
			Want: reports.NonConformant, Because: "What is applied again is not replaced, and nothing can be taken back.",
			misses: []string{"DC-STATE-REAPPLY-REPLACES", "DC-STATE-REAPPLY-NO-SELF-CONFLICT", "DC-GRP-SAME-GROUP-REPLACED", "DC-CONFLICT-WHOLE-TEMPLATE",
				"DC-STATE-SHARED-RECORD-RETAINED", "DC-STATE-ESSENTIAL-GUARD", "DC-SPF-RECALC-ON-REMOVAL", "DC-REVERT-ENDPOINT", "DC-REVERT-ALL-INSTANCES"},
			vain: reverts, prepare: tenant(func(c *store.TenantConfig) { c.Rules.Stateful = false })},
	}
	for i := range list {
		list[i].Kind = selftest.Stateful
	}
	return list
}

// authorization is in the path of every request for permission.
const authorization = "/ux/async/"

// Cases of the chapter async that are judged by less than a call that is carried
// out: by what can be read, by how users are asked and come back, and by what
// codes are good for.
var (
	read  = []string{"advertised", "base"}
	asked = []string{"endpoint", "client-registered", "signs-in", "foreign-zone", "redirect-registered", "bad-redirect-ends", "response-type", "scope-required",
		"permutations", "consent-decoded", "names", "code-in-query", "state-returned", "cancel"}
	redeemed = []string{"token-endpoint", "token-places", "library", "token-response", "token-status", "code-or-refresh", "redirect-repeated", "grant-types",
		"client-authenticated", "code-of-another", "code-once", "code-expires"}
)

// beyond reports whether a case of the asynchronous flow is none of those: a
// pass would be one by absence.
func beyond(judged ...[]string) func(reports.Result) bool {
	less := slices.Concat(judged...)
	return func(r reports.Result) bool {
		key, async := strings.CutPrefix(r.ID, "async/async-")
		return async && !slices.Contains(less, key) || reverts(r)
	}
}

// reverts reports whether a case cannot be judged without templates that are
// taken back.
func reverts(r reports.Result) bool { return strings.HasPrefix(r.ID, "revert/") }

// also is vain, and every case of a chapter.
func also(chapter string, vain func(reports.Result) bool) func(reports.Result) bool {
	return func(r reports.Result) bool { return strings.HasPrefix(r.ID, chapter) || vain(r) }
}

// calls is a mock that answers calls to apply a template and to take it back by
// other means.
func calls(answer http.HandlerFunc) func(context.Context, *selftest.Options) error {
	return tenant(func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "/api/") && (strings.HasSuffix(r.URL.Path, applies) || strings.HasSuffix(r.URL.Path, "/revert")) {
					answer(w, r)
					return
				}
				next.ServeHTTP(w, r)
			})
		})
	})
}

// both prepares by one and then by the other; the other's answers come first.
func both(one, other func(context.Context, *selftest.Options) error) func(context.Context, *selftest.Options) error {
	return func(ctx context.Context, o *selftest.Options) error {
		if err := one(ctx, o); err != nil {
			return err
		}
		before := o.Prepare
		if err := other(ctx, o); err != nil {
			return err
		}
		after := o.Prepare
		o.Prepare = func(c *store.TenantConfig) {
			before(c)
			after(c)
		}
		return nil
	}
}

// refuseCall answers calls with an error in JSON.
func refuseCall(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// grantAll is acceptAll, and takes every permission, code, token and call for a
// good one, and no conflict for one.
func grantAll(c *store.TenantConfig) {
	acceptAll(c)
	c.Hooks.OAuth = append(c.Hooks.OAuth, func(oauth.Refusal) *oauth.Error { return nil })
	c.Hooks.Plan = append(c.Hooks.Plan, func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
		p.Conflicts = nil
		return err
	})
	// The page of a grant names what goes, be it in the way or not.
	c.Hooks.Foreseen = append(c.Hooks.Foreseen, func(list []store.Planned) []store.Planned {
		for i := range list {
			list[i].Change.Remove, list[i].Change.InstancesRemoved = nil, nil
		}
		return list
	})
}
