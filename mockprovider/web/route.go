package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// maxURL is the longest request target that is read, in octets. ietf-05
// section 8.3 asks for 8,000; what is longer than this is refused whole, with
// 414, and never cut.
const maxURL = 64 << 10

// route finds the tenant and returns the path below its prefix as undecoded
// segments. The path is taken apart before it is decoded, so that an escaped
// slash stays inside its segment; http.ServeMux is not used because it
// redirects //v2, which a client gets from a prefix with a trailing slash.
func (s *server) route(r *http.Request) (*store.Tenant, []string) {
	segments := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	name := ""
	if len(segments) > 1 && segments[0] == "t" {
		name, segments = segments[1], segments[2:]
		if name == "" {
			return nil, nil
		}
	}
	tenant, ok := s.Store.Tenant(name)
	if !ok {
		return nil, nil
	}
	return tenant, segments
}

// dispatch answers the request at the path below the tenant's prefix.
func (x *exchange) dispatch(path []string) {
	if len(x.r.RequestURI) > maxURL {
		x.tooLong(path)
		return
	}
	switch below := afterSlashes(path); {
	case len(below) == 3 && below[0] == "v2" && below[2] == "settings":
		x.only(func() { x.settings(below[1]) }, http.MethodGet, http.MethodHead)
	case len(below) > 1 && below[0] == "api":
		if id, ok := templatePath(below[1:], ""); ok {
			x.only(func() { x.templateQuery(id) }, http.MethodGet, http.MethodHead)
			return
		}
		if x.dispatchCalls(below[1:]) {
			return
		}
		x.noSuchEndpoint()
	case len(below) > 0 && below[0] == "ux":
		x.dispatchPages(below[1:])
	default:
		x.noSuchEndpoint()
	}
}

// dispatchPages answers what lies below the prefix of the sync flow.
func (x *exchange) dispatchPages(path []string) {
	if id, ok := templatePath(path, "apply"); ok {
		// HEAD stays out: it would leave a waiting request behind.
		x.only(func() { x.apply(id) }, http.MethodGet)
		return
	}
	if provider, ok := authorizationPath(path); ok {
		if !x.notOffered() {
			x.only(func() { x.authorize(provider) }, http.MethodGet)
		}
		return
	}
	switch strings.Join(path, "/") {
	case "":
		x.only(x.account, http.MethodGet)
	case "sign-in":
		x.only(x.signIn, http.MethodGet, http.MethodPost)
	case "sign-out":
		x.only(x.signOut, http.MethodPost)
	case "access":
		x.only(x.access, http.MethodGet, http.MethodPost)
	case "consent":
		x.only(x.consent, http.MethodGet, http.MethodPost)
	case "zone":
		x.only(x.zone, http.MethodGet, http.MethodPost)
	case "applied":
		x.only(x.applied, http.MethodGet, http.MethodPost)
	case "icon.svg":
		x.only(x.icon, http.MethodGet, http.MethodHead)
	default:
		x.noSuchPage()
	}
}

// authorizationPath reads async/v2/domainTemplates/providers/{pid}, the
// authorization end-point (async-00 section 6.3).
func authorizationPath(path []string) (provider string, ok bool) {
	if len(path) == 0 || path[0] != "async" {
		return "", false
	}
	path = afterSlashes(path[1:])
	if len(path) != 4 || path[0] != "v2" || path[1] != "domainTemplates" || path[2] != "providers" {
		return "", false
	}
	return decodeSegment(path[3]), true
}

// dispatchCalls answers the calls of the asynchronous flow (async-00 sections
// 6.4, 6.6 and 6.7). It is false when the path is none of theirs, or the flow
// is not offered.
func (x *exchange) dispatchCalls(path []string) bool {
	if len(x.config.Clients) == 0 {
		return false
	}
	if strings.Join(afterSlashes(path), "/") == "v2/oauth/access_token" {
		x.only(x.accessToken, http.MethodPost)
		return true
	}
	for verb, answer := range map[string]func(templateName){"apply": x.applyCall, "revert": x.revertCall} {
		if id, ok := templatePath(path, verb); ok {
			x.only(func() { answer(id) }, http.MethodPost)
			return true
		}
	}
	return false
}

// only calls answer when the method is one of the allowed.
func (x *exchange) only(answer func(), methods ...string) {
	for _, m := range methods {
		if x.r.Method == m {
			answer()
			return
		}
	}
	x.w.Header().Set("Allow", strings.Join(methods, ", "))
	http.Error(x.w, "this address answers "+strings.Join(methods, " and ")+" only", http.StatusMethodNotAllowed)
}

// afterSlashes drops empty leading segments: a prefix with a trailing slash
// makes clients call //v2.
func afterSlashes(path []string) []string {
	for len(path) > 0 && path[0] == "" {
		path = path[1:]
	}
	return path
}

// templateName is a pair of ids as a path carries them, decoded.
type templateName struct{ provider, service string }

// templatePath reads v2/domainTemplates/providers/{pid}/services/{sid}, with
// one more segment when last is not empty. Ids that cannot be decoded are
// returned undecoded: they name no template.
func templatePath(path []string, last string) (templateName, bool) {
	path = afterSlashes(path)
	if last != "" {
		if len(path) == 0 || path[len(path)-1] != last {
			return templateName{}, false
		}
		path = path[:len(path)-1]
	}
	if len(path) != 6 || path[0] != "v2" || path[1] != "domainTemplates" || path[2] != "providers" || path[4] != "services" {
		return templateName{}, false
	}
	return templateName{decodeSegment(path[3]), decodeSegment(path[5])}, true
}

func decodeSegment(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}
