package fault

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// calls are misbehaviours of applying a template by a call.
var calls = []Fault{
	{"put-only-apply", "A template is applied by PUT; POST is refused.",
		[]string{"DC-ASYNC-APPLY-ENDPOINT"},
		serving(applyCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method == http.MethodPost {
				w.Header().Set("Allow", http.MethodPut)
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			r = r.Clone(r.Context())
			r.Method = http.MethodPost
			next.ServeHTTP(w, r)
		})},
	{"json-values-percent-decoded", "Values in a JSON body are percent-decoded, as if they stood in a URL.",
		[]string{"DC-ASYNC-APPLY-PARAM-PLACES"},
		serving(applyCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			body := bodyOf(r)
			if decoded, err := url.PathUnescape(string(body)); err == nil {
				r = withBody(r, []byte(decoded))
			}
			next.ServeHTTP(w, r)
		})},
	{"apply-query-only", "Of a call to apply a template the query alone is read.",
		[]string{"DC-ASYNC-APPLY-PARAM-PLACES"},
		serving(applyCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, withBody(r, nil)) })},
	{"consent-time-conflicts-cached", "Where the user was shown no conflict, one that has come up since is overwritten.",
		[]string{"DC-ASYNC-CONFLICT-ERROR"}, cachedConflicts},
	{"empty-conflict-body", "A conflict is told by its status alone.",
		[]string{"DC-ASYNC-CONFLICT-BODY"},
		bending(applyCallPath, func(_ *http.Request, a *answer) {
			if a.status == http.StatusConflict {
				a.is(http.StatusConflict, "text/plain", "")
			}
		})},
	{"conflict-records-as-strings", "The records in conflict are told as texts, and not by their parts.",
		[]string{"DC-ASYNC-CONFLICT-BODY-FORM"}, bending(applyCallPath, asTexts)},
	{"forced-leaves-old", "A call that is forced adds its records and leaves those that are in the way.",
		[]string{"DC-ASYNC-FORCE"}, forcedLeaves},
	{"conflict-despite-force", "A call that is forced fails where records are in the way.",
		[]string{"DC-ASYNC-FORCE-NO-409"},
		forcing(func(string) (string, bool) { return "0", true })},
	{"any-force-is-true", "A call with force overrides conflicts, whatever force says.",
		[]string{"DC-ASYNC-FORCE-VALUES"}, forcing(func(string) (string, bool) { return "1", true })},
	{"api-error-500", "What is wrong with a call to apply a template is told by status 500.",
		[]string{"DC-ASYNC-STATUS-CODES"},
		bending(applyCallPath, func(_ *http.Request, a *answer) {
			if a.status == http.StatusBadRequest {
				a.status = http.StatusInternalServerError
			}
		})},
	{"lost-update", "A call writes the zone that it found when it came, and what others have written since is lost.",
		[]string{"DC-ASYNC-APPLY-ENDPOINT"}, lostUpdate},
	{"async-syncblock", "A template that is blocked for the sync flow is refused in the asynchronous one too.",
		[]string{"DC-ASYNC-SYNC-LOCKS-NOT-APPLIED"}, duringCalls(applyCallPath, func(t *dc.Template, _ url.Values) string {
			if t.SyncBlock {
				return "the template has syncBlock"
			}
			return ""
		})},
	{"instance-id-required", "A template that can be applied several times is refused without an instanceId.",
		[]string{"DC-ASYNC-INSTANCE-AND-NAMES"}, duringCalls(applyCallPath, func(t *dc.Template, params url.Values) string {
			if t.MultiInstance && !params.Has("instanceId") {
				return "instanceId is missing"
			}
			return ""
		})},
	{"instance-id-refused", "A call with an instanceId is refused.",
		[]string{"DC-ASYNC-INSTANCE-AND-NAMES"}, duringCalls(applyCallPath, func(_ *dc.Template, params url.Values) string {
			if params.Has("instanceId") {
				return "instanceId is not known"
			}
			return ""
		})},
	{"api-unknown-param-400", "A call with a parameter that is neither the protocol's nor the template's is refused.",
		[]string{"DC-ASYNC-APPLY-IGNORE-UNREFERENCED"}, duringCalls(applyCallPath, func(t *dc.Template, params url.Values) string {
			known := []string{"domain", "host", "groupId", "force", "instanceId", "providerName", "serviceName"}
			for _, v := range resolve.Variables(t, nil) {
				known = append(known, v.Name)
			}
			for name := range params {
				if !slices.Contains(known, name) {
					return "a parameter is not known"
				}
			}
			return ""
		})},
}

// duringCalls refuses calls by their template and parameters. They are served
// one after another, so that what is rendered meanwhile belongs to the call.
func duringCalls(at func(path string) bool, refuse func(t *dc.Template, params url.Values) string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		var one sync.Mutex
		var now atomic.Pointer[url.Values]
		serving(at, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			params := paramsOf(r)
			one.Lock()
			defer one.Unlock()
			now.Store(&params)
			defer now.Store(nil)
			next.ServeHTTP(w, r)
		})(c)
		rendering(func(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			if params := now.Load(); params != nil && err == nil {
				if why := refuse(t, *params); why != "" {
					return nil, &dc.Error{Class: dc.ErrRequest, Record: -1, Message: why}
				}
			}
			return records, err
		})(c)
	}
}

// forcing changes force where a call has it; change says what to, and whether.
func forcing(change func(value string) (string, bool)) func(*store.TenantConfig) {
	return serving(applyCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if params := paramsOf(r); params.Has("force") {
			if to, ok := change(params.Get("force")); ok {
				r = set(r, "force", to)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// cachedConflicts forces calls unless the last page that has asked for a grant
// showed a conflict.
func cachedConflicts(c *store.TenantConfig) {
	var shown atomic.Bool
	answers(func(_ *http.Request, a *answer) {
		if strings.Contains(a.body.String(), ">Allow <") {
			shown.Store(strings.Contains(a.body.String(), `id="lost"`))
		}
	})(c)
	serving(applyCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !shown.Load() {
			r = set(r, "force", "1")
		}
		next.ServeHTTP(w, r)
	})(c)
}

// forcedLeaves keeps what a forced call would remove.
func forcedLeaves(c *store.TenantConfig) {
	var one sync.Mutex
	var forced atomic.Bool
	serving(applyCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		force := paramsOf(r).Get("force") == "1"
		one.Lock()
		defer one.Unlock()
		forced.Store(force)
		defer forced.Store(false)
		next.ServeHTTP(w, r)
	})(c)
	c.Hooks.Written = append(c.Hooks.Written, func(_ *zone.Zone, change zone.Change) zone.Change {
		if forced.Load() {
			change.Remove = nil
		}
		return change
	})
}

// asTexts writes the records of a conflict body as texts.
func asTexts(_ *http.Request, a *answer) {
	var body struct {
		Code    string              `json:"code"`
		Message string              `json:"message"`
		Records []map[string]string `json:"records"`
	}
	if a.status != http.StatusConflict || json.Unmarshal(a.body.Bytes(), &body) != nil {
		return
	}
	texts := make([]string, len(body.Records))
	for i, r := range body.Records {
		texts[i] = r["host"] + " " + r["type"] + " " + r["data"]
	}
	if changed, err := json.Marshal(map[string]any{"code": body.Code, "message": body.Message, "records": texts}); err == nil {
		a.is(http.StatusConflict, "application/json", string(changed))
	}
}
