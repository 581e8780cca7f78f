package fault

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// asyncs are misbehaviours around the asynchronous flow that no end-point of it
// has by itself.
var asyncs = []Fault{
	{"absent-host-grants-nothing", "A request for permission without a host is for no name at all, not for the domain itself.",
		[]string{"DC-ASYNC-HOST-LIST"}, granting(func(raw string, s *oauth.Scope) {
			if !strings.Contains("&"+raw, "&host=") {
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
	{"put-only-revert", "A template is taken back by PUT; POST is refused.",
		[]string{"DC-REVERT-ENDPOINT"}, serving(revertCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodPost {
				w.Header().Set("Allow", http.MethodPut)
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			r = r.Clone(r.Context())
			r.Method = http.MethodPost
			next.ServeHTTP(w, r)
		})},
	{"manual-edit-corrupts-state", "With a template goes what a user has put in the place of one of its records.",
		[]string{"DC-STATE-MANUAL-CHANGES"}, reverting(withEdits)},
}

// withEdits removes what has name and type of a record that is essential on
// apply alone, whoever made it.
func withEdits(s store.Snapshot, which zone.Identity, t *dc.Template, next store.Revert) (store.Snapshot, error) {
	after, err := next(s, which)
	if err != nil {
		return after, err
	}
	fqdn, err := resolve.FQDN(which.Domain, which.Host)
	if err != nil {
		return after, err
	}
	return dropped(after, func(r zone.Record) bool {
		return slices.ContainsFunc(t.Records, func(of dc.Record) bool {
			return of.Essential == "OnApply" && strings.EqualFold(of.Type, r.Type) && r.Owner == strings.ToLower(of.Host)+"."+fqdn
		})
	})
}
