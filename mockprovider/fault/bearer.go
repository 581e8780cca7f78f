package fault

import (
	"net/http"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// bearers are misbehaviours in what is taken for an access token, and in what
// grants there are. Each gives way to one attempt of those that a case makes.
var bearers = []Fault{
	{"grant-type-not-checked", "A grant_type that is neither of the two yields tokens, if there is a code.",
		[]string{"DC-ASYNC-GRANT-TYPES"}, pardon(oauth.GuardGrantType)},
	{"password-grant", "The name and the password of a user yield tokens.",
		[]string{"DC-ASYNC-GRANT-TYPES"}, func(c *store.TenantConfig) {
			users := map[string]string{}
			for _, u := range c.Users {
				users[u.Name] = u.Password
			}
			granted("password", func(params paramsFunc) bool {
				password, known := users[params("username")]
				return known && password == params("password")
			})(c)
		}},
	{"client-credentials-grant", "A client gets tokens for itself, and no user is asked.",
		[]string{"DC-ASYNC-GRANT-TYPES"}, granted("client_credentials", func(params paramsFunc) bool { return params("client_secret") != "" })},
	{"token-longer-passes", "An access token is good whatever stands behind it.",
		[]string{"DC-ASYNC-TOKEN-VALIDATED"}, mistaken(func(shown string, t given) bool { return strings.HasPrefix(shown, t.access) })},
	{"token-shorter-passes", "The first letters of an access token are as good as the whole.",
		[]string{"DC-ASYNC-TOKEN-VALIDATED"}, mistaken(func(shown string, t given) bool { return strings.HasPrefix(t.access, shown) })},
	{"refresh-token-as-access", "A refresh token is good for calls, too.",
		[]string{"DC-ASYNC-TOKEN-VALIDATED"}, mistaken(func(shown string, t given) bool { return shown == t.refresh })},
	{"token-in-body", "An access token in a JSON body is as good as one in the header.",
		[]string{"DC-ASYNC-BEARER-HEADER"},
		serving(callPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			var body struct {
				Token string `json:"access_token"`
			}
			if json.Unmarshal(bodyOf(r), &body) == nil && body.Token != "" && r.Header.Get("Authorization") == "" {
				r = r.Clone(r.Context())
				r.Header.Set("Authorization", "Bearer "+body.Token)
			}
			next.ServeHTTP(w, r)
		})},
	{"host-list-at-call", "A call may name several hosts, and is carried out at each.",
		[]string{"DC-ASYNC-TOKEN-BOUND-HOST"},
		serving(applyCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			hosts := strings.Split(paramsOf(r).Get("host"), ",")
			if len(hosts) == 1 {
				next.ServeHTTP(w, r)
				return
			}
			var last *answer
			for _, host := range hosts {
				if last = answerOf(next, set(r, "host", host)); last.status >= 300 {
					break
				}
			}
			last.send(w)
		})},
	{"outside-grant-500", "A call for what its token is not good for breaks down.",
		[]string{"DC-ASYNC-STATUS-CODES", "DC-REVERT-TOKEN"},
		bending(callPath, func(_ *http.Request, a *answer) {
			if strings.Contains(a.header.Get("WWW-Authenticate"), "insufficient_scope") {
				a.status = http.StatusInternalServerError
			}
		})},
	{"plus-does-not-divide", "The templates in scope are divided by %20 alone, and a plus is part of a name.",
		[]string{"DC-ASYNC-SCOPE-REQUIRED"},
		queryRewritten(authorizationPath, func(name, value string) string {
			if name == "scope" {
				value = strings.NewReplacer("+", "--", "%2B", "--", "%2b", "--").Replace(value)
			}
			return name + "=" + value
		})},
}

// paramsFunc is the value of a parameter, "" for none.
type paramsFunc func(name string) string

// granted answers requests for tokens by another grant, where good says so.
func granted(grant string, good func(params paramsFunc) bool) func(*store.TenantConfig) {
	return serving(tokenPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		params := paramsOf(r).Get
		if params("grant_type") != grant || !good(params) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"of-another-grant","token_type":"bearer","expires_in":3600}`))
	})
}

// given are the tokens of one reply.
type given struct{ access, refresh string }

// mistaken has what a call shows taken for an access token that was given out,
// where alike says so; one of no letters never is.
func mistaken(alike func(shown string, t given) bool) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		var one sync.Mutex
		var all []given
		replying(func(reply map[string]any) {
			access, _ := reply["access_token"].(string)
			refresh, _ := reply["refresh_token"].(string)
			one.Lock()
			defer one.Unlock()
			all = append(all, given{access, refresh})
		})(c)
		serving(callPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			shown, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			one.Lock()
			known := all
			one.Unlock()
			for _, t := range known {
				if ok && shown != "" && shown != t.access && alike(shown, t) {
					r = r.Clone(r.Context())
					r.Header.Set("Authorization", "Bearer "+t.access)
					break
				}
			}
			next.ServeHTTP(w, r)
		})(c)
	}
}
