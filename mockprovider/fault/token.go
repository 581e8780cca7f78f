package fault

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// tokens are misbehaviours of the token end-point, and in what tokens are
// taken for.
var tokens = []Fault{
	{"token-by-get", "Tokens can be fetched by GET, with the secret in the URL.",
		[]string{"DC-ASYNC-TOKEN-ENDPOINT"},
		serving(tokenPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodGet {
				r = r.Clone(r.Context())
				r.Method = http.MethodPost
			}
			next.ServeHTTP(w, r)
		})},
	{"form-body-only", "Of token requests those alone are read whose parameters are a form in the body.",
		[]string{"DC-ASYNC-TOKEN-PARAM-PLACES"},
		serving(tokenPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":"invalid_request","error_description":"the body is a form"}`))
				return
			}
			next.ServeHTTP(w, r)
		})},
	{"grant-type-ignored", "A token request with both a code and a refresh token, or with the one that does not fit grant_type, is served.",
		[]string{"DC-ASYNC-CODE-XOR-REFRESH"}, pardon(oauth.GuardCredential)},
	{"redirect-not-compared", "A code is redeemed whatever redirect_uri the token request has.",
		[]string{"DC-ASYNC-REDIRECT-REPEATED"}, pardon(oauth.GuardCodeRedirect)},
	{"code-not-bound-to-client", "A client redeems the code that was given to another one.",
		[]string{"DC-ASYNC-CLIENT-AUTHENTICATED"}, pardon(oauth.GuardCodeClient)},
	{"refresh-of-another-client", "A client gets new tokens for the refresh token that was given to another one.",
		[]string{"DC-ASYNC-CLIENT-AUTHENTICATED"}, pardon(oauth.GuardRefreshClient)},
	{"secret-not-checked", "The secret of a client may be missing or wrong.",
		[]string{"DC-ASYNC-CLIENT-AUTHENTICATED"}, pardon(oauth.GuardSecret)},
	{"code-replay", "A code can be redeemed twice.",
		[]string{"DC-ASYNC-CODE-ONCE-SHORT"}, pardon(oauth.GuardCodeOnce)},
	{"code-for-ever", "A code goes on working after it has expired.",
		[]string{"DC-ASYNC-CODE-ONCE-SHORT"}, pardon(oauth.GuardCodeAge)},
	{"token-type-jwt", "The type of the token is called JWT.",
		[]string{"DC-ASYNC-TOKEN-RESPONSE"}, replying(func(reply map[string]any) { reply["token_type"] = "JWT" })},
	{"expires-as-date", "expires_in is a date and not a number of seconds.",
		[]string{"DC-ASYNC-TOKEN-RESPONSE"}, replying(func(reply map[string]any) { reply["expires_in"] = "2030-01-01T00:00:00Z" })},
	{"token-error-200", "A token request that fails is answered with 200 and an error in the body.",
		[]string{"DC-ASYNC-TOKEN-STATUS"},
		bending(tokenPath, func(_ *http.Request, a *answer) {
			if a.status >= 400 {
				a.status = http.StatusOK
			}
		})},
	{"token-in-query", "An access token in the URL is as good as one in the header.",
		[]string{"DC-ASYNC-BEARER-HEADER"},
		serving(callPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if token := r.URL.Query().Get("access_token"); token != "" && r.Header.Get("Authorization") == "" {
				r = r.Clone(r.Context())
				r.Header.Set("Authorization", "Bearer "+token)
			}
			next.ServeHTTP(w, r)
		})},
	{"missing-token-accepted", "A call without a token is taken for one of the client that has called before.",
		[]string{"DC-ASYNC-TOKEN-VALIDATED"}, lastToken},
	{"expired-token-honoured", "An access token goes on working after it has expired.",
		[]string{"DC-ASYNC-TOKEN-VALIDATED"}, pardon(oauth.GuardTokenAge)},
	{"revoked-token-honoured", "An access token goes on working after the access was revoked.",
		[]string{"DC-ASYNC-REVOKED"}, pardonIf(oauth.GuardRevoked, func(r oauth.Refusal) bool { return r.Err.Code == oauth.InvalidToken })},
	{"refresh-after-revoke", "A refresh token goes on working after the access was revoked.",
		[]string{"DC-ASYNC-REVOKED"}, pardonIf(oauth.GuardRevoked, func(r oauth.Refusal) bool { return r.Err.Code == oauth.InvalidGrant })},
	{"user-only-check", "A token is good for every domain of the user, not only for the one that was granted.",
		[]string{"DC-ASYNC-TOKEN-BOUND-DOMAIN"}, pardon(oauth.GuardDomain)},
	{"domain-not-checked", "A token is good for every domain, whoever has it.",
		[]string{"DC-ASYNC-TOKEN-BOUND-DOMAIN"}, pardon(oauth.GuardDomain, oauth.GuardOwner)},
	{"client-wide-access", "A token is good for every domain that its client has asked any user for.",
		[]string{"DC-ASYNC-TOKEN-BOUND-DOMAIN"}, clientWide},
	{"host-suffix-match", "A token for a host is good for all names below it.",
		[]string{"DC-ASYNC-TOKEN-BOUND-HOST"}, pardonIf(oauth.GuardHost, belowGranted)},
	{"host-not-checked", "A token is good for every host of its domain.",
		[]string{"DC-ASYNC-TOKEN-BOUND-HOST"}, pardon(oauth.GuardHost)},
	{"scope-not-checked", "A token is good for every template of its service provider.",
		[]string{"DC-ASYNC-TOKEN-BOUND-TEMPLATE"}, pardonIf(oauth.GuardTemplate, ofProvider)},
	{"provider-not-checked", "A token is good for every template of every service provider.",
		[]string{"DC-ASYNC-TOKEN-BOUND-TEMPLATE"}, pardon(oauth.GuardTemplate)},
}

// replying changes the reply of the token end-point.
func replying(change func(reply map[string]any)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Tokens = append(c.Hooks.Tokens, change) }
}

// lastToken remembers the token that was good last.
func lastToken(c *store.TenantConfig) {
	var last atomic.Pointer[string]
	serving(callPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		token := r.Header.Get("Authorization")
		if known := last.Load(); token == "" && known != nil {
			r = r.Clone(r.Context())
			r.Header.Set("Authorization", *known)
		}
		a := answerOf(next, r)
		if a.status < 300 && token != "" {
			last.Store(&token)
		}
		a.send(w)
	})(c)
}

// clientWide remembers what was granted by client and domain, and not by token.
// That a user has agreed is not waited for: nobody is asked who has not the
// domain.
func clientWide(c *store.TenantConfig) {
	type access struct{ client, domain string }
	var asked sync.Map
	granting(func(_ string, s *oauth.Scope) { asked.Store(access{s.Client, s.Domain}, true) })(c)
	for _, guard := range []oauth.Guard{oauth.GuardDomain, oauth.GuardOwner} {
		pardonIf(guard, func(r oauth.Refusal) bool {
			_, known := asked.Load(access{r.Grant.Client, r.Wanted})
			return known
		})(c)
	}
}

func belowGranted(r oauth.Refusal) bool {
	for _, host := range r.Grant.Hosts {
		if host == "" || strings.HasSuffix(r.Wanted, "."+host) {
			return true
		}
	}
	return false
}

func ofProvider(r oauth.Refusal) bool { return strings.HasPrefix(r.Wanted, r.Grant.Provider+"/") }
