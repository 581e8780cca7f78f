package fault

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// is makes the answer another one altogether.
func (a *answer) is(status int, kind, body string) {
	a.header, a.status = http.Header{"Content-Type": {kind}}, status
	a.body.Reset()
	a.body.WriteString(body)
}

// bending changes the answers of an end-point.
func bending(at func(path string) bool, change func(r *http.Request, a *answer)) func(*store.TenantConfig) {
	return serving(at, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		a := answerOf(next, r)
		a.header.Del("Content-Length")
		change(r, a)
		a.send(w)
	})
}

// serving goes around an end-point.
func serving(at func(path string) bool, around func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(*store.TenantConfig) {
	return web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if at(r.URL.EscapedPath()) {
			around(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// moved is the request for another path, escaped.
func moved(r *http.Request, path string) *http.Request {
	to := r.Clone(r.Context())
	decoded, err := url.PathUnescape(path)
	if err != nil {
		decoded = path
	}
	to.URL.Path, to.URL.RawPath = decoded, path
	return to
}

// The end-points, by their escaped path. Each may lie below a prefix, and with
// or without its version segment.
func settingsPath(path string) bool { return strings.HasSuffix(path, "/settings") }

func queryPath(path string) bool {
	return strings.Contains(path, "/services/") && !strings.HasSuffix(path, "/apply") && !strings.HasSuffix(path, "/revert")
}

// applyPath is that of the link of the sync flow.
func applyPath(path string) bool {
	return strings.Contains(path, "/services/") && strings.HasSuffix(path, "/apply") && !strings.Contains(path, "/api/")
}

// settingsName is the domain in the path of a settings call, as sent.
func settingsName(path string) string {
	path = strings.TrimSuffix(path, "/settings")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// templateIDs are the ids in the path of a query, as sent.
func templateIDs(path string) (provider, service string) {
	_, rest, _ := strings.Cut(path, "/domainTemplates/providers/")
	provider, rest, _ = strings.Cut(rest, "/services/")
	return provider, rest
}

// unversioned serves an end-point without the version segment only.
func unversioned(at func(path string) bool) func(*store.TenantConfig) {
	return unversionedBehind(at, http.NotFound)
}

// unversionedBehind is unversioned with something else at the place with the
// segment.
func unversionedBehind(at func(path string) bool, instead http.HandlerFunc) func(*store.TenantConfig) {
	return serving(at, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		path := r.URL.EscapedPath()
		if strings.Contains(path, "/v2/") {
			instead(w, r)
			return
		}
		if settingsPath(path) {
			cut := strings.LastIndexByte(strings.TrimSuffix(path, "/settings"), '/')
			next.ServeHTTP(w, moved(r, path[:cut]+"/v2"+path[cut:]))
			return
		}
		next.ServeHTTP(w, moved(r, strings.Replace(path, "/domainTemplates/", "/v2/domainTemplates/", 1)))
	})
}
