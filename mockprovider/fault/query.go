package fault

import (
	"bytes"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// queries are misbehaviours of the template query.
var queries = []Fault{
	{"query-redirects-to-site", "The query of a supported template is redirected to a page about the product.",
		[]string{"DC-QRY-SUPPORTED-OK"}, onOK(queryPath, func(r *http.Request, a *answer) { a.redirect("https://" + r.Host + "/domain-connect") })},
	{"query-html-page", "The query of a supported template is answered with a page for people.",
		[]string{"DC-QRY-SUPPORTED-OK"}, onOK(queryPath, func(_ *http.Request, a *answer) { a.page(http.StatusOK, "<h1>Supported</h1>") })},
	{"query-stale-list", "The query answers from a list in which new templates are not yet.",
		[]string{"DC-QRY-SUPPORTED-OK"}, onOK(queryPath, func(_ *http.Request, a *answer) { a.is(http.StatusNotFound, "application/json", "{}") })},
	{"supported-false-body", "A template that is not supported is answered with 200 and supported: false.",
		[]string{"DC-QRY-UNSUPPORTED-NOT-FOUND", "DC-QRY-AGREES-WITH-APPLY"},
		onMissing(func(*http.Request) (int, string) { return http.StatusOK, `{"supported":false}` })},
	{"query-unknown-500", "A template that is not supported makes the query fail with a server error.",
		[]string{"DC-QRY-UNSUPPORTED-NOT-FOUND"},
		onMissing(func(*http.Request) (int, string) {
			return http.StatusInternalServerError, `{"error":"no such template"}`
		})},
	{"query-shows-newer-copy", "The query tells the version of a copy that is newer than the one that is applied.",
		[]string{"DC-QRY-VERSION-BODY"}, both(answeringQueries(store.QueryVersion), onOK(queryPath, func(_ *http.Request, a *answer) {
			text := strings.TrimSuffix(strings.TrimPrefix(a.body.String(), `{"version":`), "}")
			if n, err := strconv.Atoi(text); err == nil {
				a.is(a.status, "application/json", `{"version":`+strconv.Itoa(n+1)+`}`)
			}
		}))},
	{"query-shows-other-records", "The whole template that the query sends is not the one that is applied.",
		[]string{"DC-QRY-VERSION-BODY"}, onOK(queryPath, func(_ *http.Request, a *answer) {
			changed := regexp.MustCompile(`("ttl":\s*)\d+`).ReplaceAll(a.body.Bytes(), []byte("${1}86400"))
			a.body = *bytes.NewBuffer(changed)
		})},
	{"full-template-as-json", "A whole template is sent as application/json.",
		[]string{"DC-QRY-FULL-CONTENT-TYPE"}, onOK(queryPath, func(_ *http.Request, a *answer) {
			if a.body.Len() > 0 {
				a.header.Set("Content-Type", "application/json")
			}
		})},
	{"accept-unknown-406", "A query that asks for the whole template is answered with 406.",
		[]string{"DC-QRY-FULL-CONTENT-TYPE"}, onOK(queryPath, func(r *http.Request, a *answer) {
			if strings.Contains(r.Header.Get("Accept"), "domainconnect") {
				a.is(http.StatusNotAcceptable, "application/json", "{}")
			}
		})},
	{"query-folds-case", "The query compares ids without case, and the apply request with it.",
		[]string{"DC-QRY-ID-CASE"}, foldingIDs(queryPath)},
	{"ids-without-case", "Ids compare without case everywhere.",
		[]string{"DC-QRY-ID-CASE"}, foldingIDs(func(path string) bool { return queryPath(path) || applyPath(path) })},
	{"query-needs-token", "The query asks for a token.",
		[]string{"DC-QRY-NO-CREDENTIALS", "DC-QRY-SUPPORTED-OK"}, onOK(queryPath, func(r *http.Request, a *answer) {
			if r.Header.Get("Authorization") == "" {
				a.is(http.StatusUnauthorized, "application/json", `{"error":"token required"}`)
			}
		})},
	{"query-checks-token", "A query that carries a token is refused when nobody has given it.",
		[]string{"DC-QRY-NO-CREDENTIALS"}, onOK(queryPath, func(r *http.Request, a *answer) {
			if r.Header.Get("Authorization") != "" {
				a.is(http.StatusUnauthorized, "application/json", `{"error":"invalid token"}`)
			}
		})},
	{"query-per-customer", "Whoever sends a cookie is asked to sign in before the query is answered.",
		[]string{"DC-QRY-NO-CREDENTIALS"}, onOK(queryPath, func(r *http.Request, a *answer) {
			if r.Header.Get("Cookie") != "" {
				a.is(http.StatusForbidden, "application/json", `{"error":"session expired"}`)
			}
		})},
	{"disabled-template-200", "A template that was switched off is still advertised.",
		[]string{"DC-QRY-AGREES-WITH-APPLY"}, advertiseAll},
	{"path-traversal-id", "The serviceId is used as the name of a file.",
		[]string{"DC-QRY-HOSTILE-IDS"}, onMissing(func(r *http.Request) (int, string) {
			if _, service := templateIDs(r.URL.EscapedPath()); strings.HasPrefix(service, "..%2F") {
				return http.StatusOK, `{"version":1}`
			}
			return http.StatusNotFound, "{}"
		})},
	{"nul-ends-id", "An id ends at a NUL.",
		[]string{"DC-QRY-HOSTILE-IDS"}, cuttingID("%00")},
	{"query-version-in-array", "The query tells the version as the one element of an array.",
		[]string{"DC-QRY-VERSION-BODY"}, onOK(queryPath, func(_ *http.Request, a *answer) { a.is(a.status, "application/json", `[{"version":1}]`) })},
	{"quote-in-id-500", "A quotation mark in an id breaks the query of the database.",
		[]string{"DC-QRY-HOSTILE-IDS"}, onMissing(func(r *http.Request) (int, string) {
			if strings.ContainsAny(r.URL.Path, `'"`) {
				return http.StatusInternalServerError, `{"error":"syntax error at or near"}`
			}
			return http.StatusNotFound, "{}"
		})},
}

// answeringQueries has the query answer in a form.
func answeringQueries(form store.QueryMode) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Query = form }
}

// onMissing changes how the query is answered for what is not supported.
func onMissing(say func(r *http.Request) (status int, document string)) func(*store.TenantConfig) {
	return bending(queryPath, func(r *http.Request, a *answer) {
		if a.status == http.StatusNotFound {
			status, document := say(r)
			a.is(status, "application/json", document)
		}
	})
}

// foldingIDs finds templates by their ids in any letters.
func foldingIDs(at func(path string) bool) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		all := c.Templates
		serving(at, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			escaped, end := r.URL.EscapedPath(), ""
			if base, ok := strings.CutSuffix(escaped, "/apply"); ok {
				escaped, end = base, "/apply"
			}
			provider, service := templateIDs(escaped)
			for _, t := range all {
				if strings.EqualFold(t.ProviderID, provider) && strings.EqualFold(t.ServiceID, service) {
					start, _, _ := strings.Cut(escaped, "/providers/")
					r = moved(r, start+path.Join("/providers", t.ProviderID, "services", t.ServiceID)+end)
					break
				}
			}
			next.ServeHTTP(w, r)
		})(c)
	}
}

// advertiseAll answers 200 for every template that the tenant has, switched
// off or not.
func advertiseAll(c *store.TenantConfig) {
	all := c.Templates
	onMissing(func(r *http.Request) (int, string) {
		provider, service := templateIDs(r.URL.EscapedPath())
		for _, t := range all {
			if (dc.TemplateID{Provider: provider, Service: service}) == t.ID() {
				return http.StatusOK, `{"version":` + strconv.FormatInt(t.Version, 10) + `}`
			}
		}
		return http.StatusNotFound, "{}"
	})(c)
}

// cuttingID drops what follows an escape in an id.
func cuttingID(escape string) func(*store.TenantConfig) {
	return serving(queryPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if before, _, ok := strings.Cut(r.URL.EscapedPath(), escape); ok {
			if _, err := url.PathUnescape(before); err == nil {
				r = moved(r, before)
			}
		}
		next.ServeHTTP(w, r)
	})
}
