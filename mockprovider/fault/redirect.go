package fault

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// redirects are misbehaviours in deciding where a flow ends.
var redirects = []Fault{
	{"completion-page-only", "After success the user gets a page with a link, and is not sent to the redirect_uri.",
		[]string{"DC-REDIR-SUCCESS"}, answers(linkOnly)},
	{"null-redirect-500", "A request without redirect_uri is carried out and ends in a server error.",
		[]string{"DC-REDIR-NONE-ENDS-GRACEFULLY"}, nullRedirect},
	{"empty-list-allows-all", "A template without syncRedirectDomain lets any host in.",
		[]string{"DC-REDIR-NO-LIST-UNSIGNED"}, deciding(func(r store.Redirect) bool { return r.Permitted || r.Template != nil && list(r) == nil })},
	{"signed-no-list-hang", "A signed request for a template without syncRedirectDomain ends in a blank page.",
		[]string{"DC-REDIR-NO-LIST-SIGNED"}, both(
			location(func(at string, r store.Redirect, _ bool) string {
				if r.Signed && list(r) == nil {
					return ""
				}
				return at
			}), blankWithoutWords)},
	{"signed-no-list-page", "A signed request for a template without syncRedirectDomain is not redirected.",
		[]string{"DC-REDIR-NO-LIST-SIGNED"}, deciding(func(r store.Redirect) bool { return r.Permitted && list(r) != nil })},
	{"list-always-enforced", "syncRedirectDomain counts for signed requests as well.",
		[]string{"DC-REDIR-SIGNED-UNLISTED"}, deciding(func(r store.Redirect) bool { return r.Permitted && r.Listed })},
	{"bad-signature-redirects", "Whether a signature is good is seen only after the user was sent away with an error.",
		[]string{"DC-REDIR-SIGNED-UNLISTED", "DC-REDIR-ERROR-PAGE"}, deciding(func(r store.Redirect) bool {
			return r.Permitted || r.Template != nil && r.Template.SyncPubKeyDomain != ""
		})},
	{"suffix-match-redirect", "A host that ends in a listed name is let in, whatever stands before.",
		[]string{"DC-REDIR-OPEN-REDIRECT"}, matchingList(func(uri *url.URL, member string) bool { return strings.HasSuffix(uri.Hostname(), member) })},
	{"prefix-match-redirect", "A redirect_uri whose text begins with a listed name is let in.",
		[]string{"DC-REDIR-OPEN-REDIRECT"}, matchingList(func(uri *url.URL, member string) bool {
			return strings.HasPrefix(uri.String(), "https://"+member)
		})},
	{"substring-match-redirect", "A redirect_uri that has a listed name anywhere is let in.",
		[]string{"DC-REDIR-OPEN-REDIRECT"}, matchingList(func(uri *url.URL, member string) bool { return strings.Contains(uri.String(), member) })},
	{"failure-redirects-anywhere", "The list counts for success alone: after an error the user is sent anywhere.",
		[]string{"DC-REDIR-OPEN-REDIRECT", "DC-REDIR-ERROR-PAGE"}, both(
			deciding(func(store.Redirect) bool { return true }),
			location(func(at string, r store.Redirect, failed bool) string {
				if !failed && !r.Signed && !r.Listed {
					return ""
				}
				return at
			}))},
	{"unknown-template-open-redirect", "A request for an unknown template is sent back with an error, wherever it wants.",
		[]string{"DC-REDIR-OPEN-REDIRECT", "DC-REQ-UNKNOWN-TEMPLATE"}, deciding(func(r store.Redirect) bool { return r.Permitted || r.Template == nil })},
	{"login-failure-redirects", "After a wrong password the user is sent to the redirect_uri, listed or not.",
		[]string{"DC-REDIR-OPEN-REDIRECT"}, loginFailure},
	{"first-member-only", "Only the first member of syncRedirectDomain is looked at.",
		[]string{"DC-REDIR-LIST-ALL-MEMBERS"}, deciding(func(r store.Redirect) bool {
			return r.Permitted && (r.Signed || inList(r, list(r)[:1], strings.TrimSpace, strings.ToLower))
		})},
	{"redirect-list-untrimmed", "Spaces around the commas of syncRedirectDomain are taken for parts of the names.",
		[]string{"DC-REDIR-LIST-ALL-MEMBERS"}, deciding(func(r store.Redirect) bool {
			return r.Permitted && (r.Signed || inList(r, list(r), strings.ToLower))
		})},
	{"redirect-list-case-sensitive", "Members of syncRedirectDomain are compared with case.",
		[]string{"DC-REDIR-LIST-ALL-MEMBERS"}, deciding(func(r store.Redirect) bool {
			return r.Permitted && (r.Signed || inList(r, list(r), strings.TrimSpace))
		})},
	{"exact-host-refused", "Of the host of a redirect_uri the last three labels are taken for the registered domain, which has to be listed; a listed host below one is refused.",
		[]string{"DC-REDIR-SUBDOMAIN-MATCH"}, deciding(func(r store.Redirect) bool {
			labels := strings.Split(hostname(r.URI), ".")
			registered := strings.Join(labels[max(0, len(labels)-3):], ".")
			return r.Permitted && (r.Signed || slices.Contains(list(r), registered))
		})},
}

// deciding has another say in whether the user may be sent to a redirect_uri.
func deciding(decide func(store.Redirect) bool) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Redirect = append(c.Hooks.Redirect, decide) }
}

// location changes where the user is sent.
func location(change func(at string, r store.Redirect, failed bool) string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Location = append(c.Hooks.Location, change) }
}

// list are the members of the template's syncRedirectDomain as they stand
// there, nil for none.
func list(r store.Redirect) []string {
	if r.Template == nil || strings.TrimSpace(r.Template.SyncRedirectDomain) == "" {
		return nil
	}
	return strings.Split(r.Template.SyncRedirectDomain, ",")
}

// hostname is the host of a redirect_uri without its port.
func hostname(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// inList looks for the host, or what it is below, in a list whose members are
// read in these ways.
func inList(r store.Redirect, members []string, read ...func(string) string) bool {
	host := hostname(r.URI)
	return slices.ContainsFunc(members, func(m string) bool {
		for _, f := range read {
			m = f(m)
		}
		return host == m || strings.HasSuffix(host, "."+m)
	})
}

// matchingList lets in what matches a member in another way.
func matchingList(match func(uri *url.URL, member string) bool) func(*store.TenantConfig) {
	return deciding(func(r store.Redirect) bool {
		u, err := url.Parse(r.URI)
		return r.Permitted || err == nil && u.IsAbs() && slices.ContainsFunc(list(r), func(m string) bool { return match(u, strings.TrimSpace(m)) })
	})
}

// linkOnly puts a page with a link in the place of the redirect after success.
func linkOnly(r *http.Request, a *answer) {
	form, ok := approval(r)
	if to := a.away(); ok && to != "" && form.Get("action") == "confirm" {
		a.page(http.StatusOK, `<!DOCTYPE html><title>Done</title><p>Your service is set up. <a href="`+html.EscapeString(to)+`">Go back to it</a>.</p>`)
	}
}

// nullRedirect fails where the link had no redirect_uri.
func nullRedirect(c *store.TenantConfig) {
	seen := newLinks()
	answers(func(r *http.Request, a *answer) {
		seen.note(r, a)
		form, ok := approval(r)
		if !ok || form.Get("action") != "confirm" {
			return
		}
		if link, known := seen.of(form); known && link.Get("redirect_uri") == "" && a.status == http.StatusOK {
			a.page(http.StatusInternalServerError, "<!DOCTYPE html><title>Error</title><p>Internal server error")
		}
	})(c)
}

// loginFailure sends the user away when the password is wrong.
func loginFailure(c *store.TenantConfig) {
	seen := newLinks()
	answers(func(r *http.Request, a *answer) {
		seen.note(r, a)
		if r.Method != http.MethodPost || a.status != http.StatusForbidden || !strings.HasSuffix(r.URL.Path, "/ux/sign-in") {
			return
		}
		if link, known := seen.of(r.PostForm); known && link.Get("redirect_uri") != "" {
			a.redirect(link.Get("redirect_uri") + "?error=access_denied")
		}
	})(c)
}

// wordless is a page of the mock that has nothing to say.
var wordless = regexp.MustCompile(`<h1></h1>\s*<p></p>`)

// blankWithoutWords sends nothing at all in the place of such a page.
func blankWithoutWords(c *store.TenantConfig) {
	c.Hooks.Page = append(c.Hooks.Page, func(_ string, document []byte) []byte {
		if wordless.Match(document) {
			return nil
		}
		return document
	})
}
