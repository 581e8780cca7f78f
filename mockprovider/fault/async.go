package fault

import (
	"net/http"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// asyncs are misbehaviours around the asynchronous flow that no end-point of it
// has by itself.
var asyncs = []Fault{
	{"async-no-template-query", "A provider with the asynchronous flow does not answer the template query.",
		[]string{"DC-ASYNC-BASE-IMPLEMENTED"}, func(c *store.TenantConfig) {
			if len(c.Clients) == 0 {
				return
			}
			serving(queryPath, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusNotFound) })(c)
		}},
	{"absent-host-grants-nothing", "A request for permission without a host is for no name at all, not for the domain itself.",
		[]string{"DC-ASYNC-HOST-LIST"}, granting(func(raw string, s *oauth.Scope) {
			if raw == "" {
				s.Hosts = []string{"no-such-host"}
			}
		})},
	{"refresh-refused", "Refresh tokens are given out and never taken.",
		[]string{"DC-ASYNC-GRANT-TYPES"}, serving(tokenPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if paramsOf(r).Get("grant_type") != oauth.GrantRefresh {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"unsupported_grant_type","error_description":"grant_type is authorization_code"}`))
		})},
}
