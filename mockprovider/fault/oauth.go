package fault

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// pardon lets pass what a guard of the asynchronous flow refuses.
func pardon(guards ...oauth.Guard) func(*store.TenantConfig) {
	always := func(oauth.Refusal) bool { return true }
	all := make([]func(*store.TenantConfig), len(guards))
	for i, guard := range guards {
		all[i] = pardonIf(guard, always)
	}
	return both(all...)
}

// pardonIf is pardon for some refusals.
func pardonIf(guard oauth.Guard, which func(r oauth.Refusal) bool) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.OAuth = append(c.Hooks.OAuth, func(r oauth.Refusal) *oauth.Error {
			if r.Guard == guard && which(r) {
				return nil
			}
			return r.Err
		})
	}
}

// The end-points of the asynchronous flow, by their escaped path.
func authorizationPath(path string) bool { return strings.Contains(path, "/ux/async/") }

func tokenPath(path string) bool { return strings.HasSuffix(path, "/oauth/access_token") }

func applyCallPath(path string) bool {
	return strings.Contains(path, "/api/") && strings.HasSuffix(path, "/apply")
}

func revertCallPath(path string) bool {
	return strings.Contains(path, "/api/") && strings.HasSuffix(path, "/revert")
}

// callPath is that of any call that needs a token.
func callPath(path string) bool { return applyCallPath(path) || revertCallPath(path) }

// queryRewritten rewrites the query of an end-point before anything reads it,
// pair by pair: change gets a name and a value as sent, and returns the pair.
func queryRewritten(at func(path string) bool, change func(name, value string) string) func(*store.TenantConfig) {
	return serving(at, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		parts := strings.Split(r.URL.RawQuery, "&")
		for i, part := range parts {
			name, value, _ := strings.Cut(part, "=")
			parts[i] = change(name, value)
		}
		to := r.Clone(r.Context())
		to.URL.RawQuery = strings.Join(parts, "&")
		next.ServeHTTP(w, to)
	})
}

// bodyOf reads the body of a request, and puts it back.
func bodyOf(r *http.Request) []byte {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// withBody is a request with another body.
func withBody(r *http.Request, body []byte) *http.Request {
	to := r.Clone(r.Context())
	to.Body, to.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return to
}

// paramsOf are the parameters of a call, from its query and a JSON body.
func paramsOf(r *http.Request) url.Values {
	params := r.URL.Query()
	var members map[string]any
	if json.Unmarshal(bodyOf(r), &members) != nil {
		return params
	}
	for name, value := range members {
		text, ok := value.(string)
		if !ok {
			text = "?"
		}
		params.Add(name, text)
	}
	return params
}

// set is a call with a parameter set, in query and body alike.
func set(r *http.Request, name, value string) *http.Request {
	body := bodyOf(r)
	q := r.URL.Query()
	var members map[string]any
	if json.Unmarshal(body, &members) == nil {
		if _, there := members[name]; there {
			members[name] = value
			q.Del(name)
			if changed, err := json.Marshal(members); err == nil {
				r = withBody(r, changed)
			}
			return r
		}
	}
	q.Set(name, value)
	to := withBody(r, body)
	// Spaces are escaped: a plus is one in one edition only.
	to.URL.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return to
}

// unreserved are the characters that a URL holds as they are (RFC 3986 section
// 2.3).
const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// authorizing are misbehaviours of the authorization end-point and of the
// grants that users give at it.
var authorizing = []Fault{
	{"async-without-url", "The asynchronous flow works, and the settings do not say where.",
		[]string{"DC-ASYNC-URL-ADVERTISED"},
		func(c *store.TenantConfig) {
			c.Hooks.Settings = append(c.Hooks.Settings, func(_ string, doc map[string]any) { delete(doc, "urlAsyncUX") })
		}},
	{"async-no-template-query", "The template query knows no template that is for the asynchronous flow alone.",
		[]string{"DC-ASYNC-BASE-IMPLEMENTED"}, withoutQuery},
	{"unknown-client-redirect", "A client that nobody knows is told of it at the redirect_uri that it has sent.",
		[]string{"DC-ASYNC-CLIENT-REGISTERED"}, toldElsewhere("client_id names no client", oauth.UnauthorizedClient)},
	{"bad-redirect-followed", "That redirect_uri is not registered is told at that redirect_uri.",
		[]string{"DC-ASYNC-BAD-REDIRECT-ENDS", "DC-ASYNC-REDIRECT-REGISTERED"}, toldElsewhere("redirect_uri is none of those", oauth.InvalidRequest)},
	{"async-services-segment", "The authorization end-point is looked for at the path of the sync flow.",
		[]string{"DC-ASYNC-AUTHZ-ENDPOINT"},
		serving(authorizationPath, func(w http.ResponseWriter, r *http.Request, _ http.Handler) { http.NotFound(w, r) })},
	{"silent-code", "A user who is signed in already grants whatever a link asks for, without being asked.",
		[]string{"DC-ASYNC-USER-AND-ZONE"}, silent},
	{"scope-comma", "The templates in scope are divided by commas, and by nothing else.",
		[]string{"DC-ASYNC-SCOPE-REQUIRED"},
		queryRewritten(authorizationPath, func(name, value string) string {
			if name == "scope" {
				value = strings.NewReplacer("%20", "--", "+", "--", ",", "%20", "%2C", "%20").Replace(value)
			}
			return name + "=" + value
		})},
	{"scope-unknown-dropped", "A template in scope that is not supported is left out, and the others are granted.",
		[]string{"DC-ASYNC-SCOPE-REQUIRED"}, pardon(oauth.GuardScope)},
	{"blank-host-dropped", "A blank member of the list of hosts is left out, so that the apex is not granted.",
		[]string{"DC-ASYNC-HOST-LIST"},
		granting(func(_ string, s *oauth.Scope) {
			if len(s.Hosts) > 1 {
				s.Hosts = hostsWithout(s.Hosts, "")
			}
		})},
	{"apex-always-granted", "The apex is granted beside the hosts that were asked for.",
		[]string{"DC-ASYNC-HOST-LIST"}, granting(func(_ string, s *oauth.Scope) { s.Hosts = append(hostsWithout(s.Hosts, ""), "") })},
	{"code-in-fragment", "The code comes behind the # of the redirect, where no server sees it.",
		[]string{"DC-ASYNC-CODE-REDIRECT"}, leading(false, func(location string) string {
			at := strings.LastIndex(location, "code=")
			if at < 1 {
				return location
			}
			code, rest, more := strings.Cut(location[at:], "&")
			if !more {
				return location[:at-1] + "#" + code
			}
			return location[:at] + rest + "#" + code
		})},
	{"async-state-lost", "A user who does not agree comes back without the state.",
		[]string{"DC-ASYNC-STATE-RETURNED"}, leading(true, func(location string) string {
			at := strings.LastIndex(location, "state=")
			if at < 1 {
				return location
			}
			return location[:at-1]
		})},
	{"cancel-with-code", "A user who does not agree comes back with a code all the same.",
		[]string{"DC-ASYNC-ERROR-REDIRECT"}, leading(true, func(location string) string {
			if !strings.Contains(location, "user_cancel") {
				return location
			}
			return location + "&code=c0ffee"
		})},
	{"code-beside-error", "A request for permission that is refused comes back with its error, and with a code beside it.",
		[]string{"DC-ASYNC-SCOPE-REQUIRED", "DC-ASYNC-RESPONSE-TYPE", "DC-ASYNC-USER-AND-ZONE"}, leading(true, func(location string) string {
			if strings.Contains(location, "user_cancel") {
				return location
			}
			return location + "&code=c0ffee"
		})},
	{"odd-state-refused", "A request for permission whose state holds more than letters, digits and -._~ breaks down.",
		[]string{"DC-ASYNC-STATE-RETURNED"}, serving(authorizationPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.Trim(r.URL.Query().Get("state"), unreserved) != "" {
				http.Error(w, "Internal Server Error", http.StatusInternalServerError)
				return
			}
			next.ServeHTTP(w, r)
		})},
	{"redirect-prefix-match", "A redirect_uri passes whose beginning is that of a registered one, be it another host.",
		[]string{"DC-ASYNC-REDIRECT-REGISTERED"}, pardonIf(oauth.GuardRedirect, func(r oauth.Refusal) bool { return like(r, originOf) })},
	{"redirect-path-ignored", "A redirect_uri passes that has the host of a registered one, whatever path and query.",
		[]string{"DC-ASYNC-REDIRECT-REGISTERED"}, pardonIf(oauth.GuardRedirect, func(r oauth.Refusal) bool {
			return like(r, func(u *url.URL) string { return originOf(u) + "/" })
		})},
	{"response-type-required", "A request without response_type is refused.",
		[]string{"DC-ASYNC-RESPONSE-TYPE"},
		serving(authorizationPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !r.URL.Query().Has("response_type") {
				r = r.Clone(r.Context())
				r.URL.RawQuery += "&response_type=missing"
			}
			next.ServeHTTP(w, r)
		})},
	{"response-type-ignored", "Whatever response_type says, there is a code.",
		[]string{"DC-ASYNC-RESPONSE-TYPE"}, pardon(oauth.GuardResponseType)},
	{"first-pair-only", "Of all templates and hosts that are asked for, conflicts are looked for at the first pair alone.",
		[]string{"DC-ASYNC-CONFLICT-PERMUTATIONS"},
		func(c *store.TenantConfig) {
			c.Hooks.Foreseen = append(c.Hooks.Foreseen, func(list []store.Planned) []store.Planned { return list[:min(1, len(list))] })
		}},
	{"raw-escape-at-consent", "Variables in an authorization request are taken as they are sent, escapes and all.",
		[]string{"DC-ASYNC-CONSENT-DECODE"},
		queryRewritten(authorizationPath, func(name, value string) string {
			switch name {
			case "domain", "host", "client_id", "redirect_uri", "response_type", "scope", "providerName", "serviceName", "state":
			default:
				value = strings.ReplaceAll(value, "%", "%25")
			}
			return name + "=" + value
		})},
	{"async-name-replaces", "What a link adds to the names stands on the page in place of the template's own.",
		[]string{"DC-ASYNC-NAMES-AUGMENT"}, replacedNames},
}
