package target

import (
	"net/url"
	"path"
	"strings"
)

// checkOAuth is about how the run is registered for the asynchronous flow.
func (r *reader) checkOAuth(c *Config) {
	if !r.has("oauth") {
		return
	}
	o := c.OAuth
	for _, at := range []string{"secret", "redirect", "otherClient"} {
		if r.has("oauth."+at) && !r.has("oauth.client") {
			r.say("oauth."+at, "has no client beside it: give the client id that the provider has registered, or remove it")
			return
		}
	}
	if r.sound("oauth.client") && !visible(o.Client) {
		r.say("oauth.client", "is no client id: printable ASCII characters, one at least")
	}
	switch {
	case r.has("oauth.otherSecret") && !r.has("oauth.otherClient"):
		r.say("oauth.otherSecret", "has no otherClient beside it: give the id of the second client, or remove it")
	case !r.sound("oauth.otherClient"):
	case !visible(o.OtherClient):
		r.say("oauth.otherClient", "is no client id: printable ASCII characters, one at least")
	case o.OtherClient == o.Client:
		r.say("oauth.otherClient", "%q is client already: register a second one, or remove it", o.OtherClient)
	}
	if r.sound("oauth.redirect") && !redirectURI(o.Redirect) {
		r.say("oauth.redirect", "%q is no redirect URI of the run: write it as https://callback.example/dcconform/authorized, without a query and with a last segment of letters, digits and hyphens", o.Redirect)
	}
}

// visible reports whether s is what RFC 6749 lets client ids be made of
// (appendix A.1).
func visible(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return s != ""
}

// redirectURI reports whether the run's callback server can be reached by a
// URI and tell the flow by its path.
func redirectURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsAny(s, "?#") && strings.Count(u.Path, "/") >= 1 && label(strings.ToLower(RedirectToken(s)))
}

// RedirectToken is the last segment of a redirect URI's path, by which the
// run's callback server tells who comes back.
func RedirectToken(redirect string) string {
	u, err := url.Parse(redirect)
	if err != nil {
		return ""
	}
	return path.Base(u.Path)
}
