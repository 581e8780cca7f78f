package target

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// checkOAuth is about how the run is registered for the asynchronous flow.
func (r *reader) checkOAuth(c *Config) {
	if !r.has("oauth") {
		return
	}
	o := c.OAuth
	for _, at := range []string{"secret", "redirect", "otherClient", "briefClient", "codeClient", "codeLife"} {
		if r.has("oauth."+at) && !r.has("oauth.client") {
			r.say("oauth."+at, "has no client beside it: give the client id that the provider has registered, or remove it")
			return
		}
	}
	if r.sound("oauth.client") && !visible(o.Client) {
		r.say("oauth.client", "is no client id: printable ASCII characters, one at least")
	}
	ids := []string{o.Client}
	for _, c := range []struct{ name, id string }{{"other", o.OtherClient}, {"brief", o.BriefClient}, {"code", o.CodeClient}} {
		at := "oauth." + c.name
		switch {
		case r.has(at+"Secret") && !r.has(at+"Client"):
			r.say(at+"Secret", "has no %sClient beside it: give the id of that client, or remove it", c.name)
		case !r.sound(at + "Client"):
		case !visible(c.id):
			r.say(at+"Client", "is no client id: printable ASCII characters, one at least")
		case slices.Contains(ids, c.id):
			r.say(at+"Client", "%q is the id of another client already: register a further one, or remove it", c.id)
		}
		ids = append(ids, c.id)
	}
	switch {
	case r.has("oauth.codeClient") && !r.has("oauth.codeLife"):
		r.say("oauth.codeClient", "has no codeLife beside it: say how long its codes are good for, as 10s, or remove it")
	case r.sound("oauth.codeLife") && o.CodeLife == 0:
		r.say("oauth.codeLife", "is no time that a code could be good for: write it as 10s, or remove it")
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
