package fault

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// endings are misbehaviours in what a flow ends with: what is appended to the
// redirect_uri, and the page where nobody is redirected.
var endings = []Fault{
	{"state-dropped", "state does not come back.",
		[]string{"DC-REDIR-STATE-SUCCESS", "DC-REDIR-STATE-ERROR"},
		appending(func(pairs []string, _ bool) []string { return without(pairs, "state") })},
	{"state-double-encoded", "state comes back percent-encoded twice.",
		[]string{"DC-REDIR-STATE-SUCCESS", "DC-REDIR-STATE-ERROR"},
		appending(func(pairs []string, _ bool) []string {
			return changed(pairs, "state", func(v string) string { return strings.ReplaceAll(v, "%", "%25") })
		})},
	{"state-cut", "state is kept in a column of 255 characters.",
		[]string{"DC-REDIR-STATE-SUCCESS", "DC-REDIR-STATE-ERROR"},
		appending(func(pairs []string, _ bool) []string {
			return changed(pairs, "state", func(v string) string { return v[:min(255, len(v))] })
		})},
	{"state-lost-on-cancel", "The redirect after an error has no state.",
		[]string{"DC-REDIR-STATE-ERROR"},
		appending(func(pairs []string, failed bool) []string {
			if failed {
				return without(pairs, "state")
			}
			return pairs
		})},
	{"state-null", "Where no state was sent, state=null comes back.",
		[]string{"DC-REDIR-STATE-ABSENT"},
		appending(func(pairs []string, _ bool) []string {
			if has(pairs, "state") {
				return pairs
			}
			return append(pairs, "state=null")
		})},
	{"second-question-mark", "What is appended to a redirect_uri begins with a question mark, though it has one.",
		[]string{"DC-REDIR-QUERY-PRESERVED"}, rewriting(func(own, added, fragment string) string { return own + "?" + added + fragment })},
	{"redirect-query-dropped", "The query of the redirect_uri gives way to what is appended.",
		[]string{"DC-REDIR-QUERY-PRESERVED"}, rewriting(func(own, added, fragment string) string {
			base, _, _ := strings.Cut(own, "?")
			return base + "?" + added + fragment
		})},
	{"redirect-query-reencoded", "The query of the redirect_uri is decoded and encoded again.",
		[]string{"DC-REDIR-QUERY-PRESERVED"}, rewriting(reencoded)},
	{"query-behind-fragment", "Parameters are appended behind the fragment of the redirect_uri.",
		[]string{"DC-REDIR-QUERY-PRESERVED"}, rewriting(func(own, added, fragment string) string { return own + fragment + glue(own) + added })},
	{"redirect-fragment-dropped", "The fragment of the redirect_uri is dropped.",
		[]string{"DC-REDIR-QUERY-PRESERVED"}, rewriting(func(own, added, _ string) string { return own + glue(own) + added })},
	{"extra-param-clobbers", "A code of the provider's own takes the place of the service's.",
		[]string{"DC-REDIR-EXTRA-PARAMS"}, rewriting(func(own, added, fragment string) string {
			base, query, _ := strings.Cut(own, "?")
			kept := without(strings.Split(query, "&"), "code")
			return base + "?" + strings.Join(append(kept, "code=7f3a", added), "&") + fragment
		})},
	{"empty-error-param", "The redirect after success has an empty error.",
		[]string{"DC-REDIR-SUCCESS-HAS-NO-ERROR"},
		appending(func(pairs []string, failed bool) []string {
			if failed {
				return pairs
			}
			return append(pairs, "error=")
		})},
	{"cancel-looks-like-success", "The redirect after a cancel has no error.",
		[]string{"DC-REDIR-ERROR-SIGNALLED", "DC-REDIR-USER-CANCEL"},
		appending(func(pairs []string, _ bool) []string {
			if strings.Contains(strings.Join(pairs, "&"), "user_cancel") {
				return without(pairs, "error", "error_description")
			}
			return pairs
		})},
	{"error-page-only", "After an error the user is left on a page, though the redirect_uri is listed.",
		[]string{"DC-REDIR-ERROR-SIGNALLED"}, answers(func(r *http.Request, a *answer) {
			if strings.Contains(a.away(), "error=") {
				a.page(http.StatusBadRequest, "<!DOCTYPE html><title>Error</title><p>This could not be done.")
			}
		})},
	{"private-error-code", "The error is a code of the provider's own.",
		[]string{"DC-REDIR-ERROR-CODES", "DC-REDIR-USER-CANCEL"},
		appending(func(pairs []string, _ bool) []string {
			return changed(pairs, "error", func(string) string { return "request_failed" })
		})},
	{"cancel-as-server-error", "A cancel is reported as server_error.",
		[]string{"DC-REDIR-USER-CANCEL"},
		appending(func(pairs []string, _ bool) []string {
			if !strings.Contains(strings.Join(pairs, "&"), "user_cancel") {
				return pairs
			}
			pairs = changed(pairs, "error", func(string) string { return "server_error" })
			return changed(pairs, "error_description", func(string) string { return "cancelled" })
		})},
	{"newline-in-description", "error_description is not encoded, so that a line break in it ends the Location field.",
		[]string{"DC-REDIR-ERROR-DESCRIPTION"},
		appending(func(pairs []string, _ bool) []string {
			return changed(pairs, "error_description", func(string) string { return "the request failed\r\nX-Reason: it was not complete" })
		})},
	{"request-in-description", "error_description quotes the request as it came.",
		[]string{"DC-REDIR-ERROR-DESCRIPTION"}, quoting},
	{"domain-owner-leak", "error_description tells who has a domain, and whether it is here.",
		[]string{"DC-REDIR-DESCRIPTION-VAGUE"}, refusing(store.GuardZone, func(r *store.Refusal) {
			r.Description = "the domain is not hosted here"
			if r.Owner != "" {
				r.Description = "the domain belongs to account " + r.Owner
			}
		})},
	{"error-without-page", "An error that is not redirected ends in a blank page.",
		[]string{"DC-REDIR-ERROR-PAGE", "DC-REQ-UNKNOWN-TEMPLATE"}, func(c *store.TenantConfig) {
			c.Hooks.Page = append(c.Hooks.Page, func(_ string, document []byte) []byte {
				if bytes.Contains(document, []byte(`data-outcome="error"`)) {
					return nil
				}
				return document
			})
		}},
	{"error-as-500", "An error that is not redirected ends in a server error.",
		[]string{"DC-REDIR-ERROR-PAGE", "DC-REQ-UNKNOWN-TEMPLATE", "DC-REQ-URL-LENGTH-REJECTED"}, answers(func(r *http.Request, a *answer) {
			if a.status >= 400 && !strings.HasSuffix(r.URL.Path, "/ux/sign-in") {
				a.page(http.StatusInternalServerError, "<!DOCTYPE html><title>Error</title><pre>Traceback (most recent call last)</pre>")
			}
		})},
	{"silent-dashboard-return", "After an error that is not redirected the user is put on the list of his domains, without a word.",
		[]string{"DC-REDIR-ERROR-PAGE-TELLS"}, answers(func(r *http.Request, a *answer) {
			if prefix, _, ok := strings.Cut(r.URL.Path, "/ux/"); ok && a.status >= 400 && !strings.HasSuffix(r.URL.Path, "/ux/sign-in") {
				a.redirect(prefix + "/ux/")
			}
		})},
}

// refusing changes what a guard refuses with.
func refusing(guard store.Guard, change func(r *store.Refusal)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Refuse = append(c.Hooks.Refuse, func(g store.Guard, err error) error {
			var r *store.Refusal
			if g == guard && errors.As(err, &r) {
				bent := *r
				change(&bent)
				return &bent
			}
			return err
		})
	}
}

// quoting puts what a refused request says of itself into the description.
func quoting(c *store.TenantConfig) {
	answers(func(r *http.Request, a *answer) {
		before, after, ok := strings.Cut(a.away(), "error_description=")
		if text := r.URL.Query().Get("ip"); ok && text != "" {
			a.redirect(before + "error_description=" + url.QueryEscape("cannot use "+text) + "+" + after)
		}
	})(c)
}

// appending changes the parameters that are appended to a redirect_uri.
func appending(change func(pairs []string, failed bool) []string) func(*store.TenantConfig) {
	return location(func(at string, r store.Redirect, failed bool) string {
		own, added, fragment := parts(at, r.URI)
		added = strings.Join(change(strings.FieldsFunc(added, func(c rune) bool { return c == '&' }), failed), "&")
		if added == "" {
			return own + fragment
		}
		return own + glue(own) + added + fragment
	})
}

// rewriting puts a redirect together in another way, where something is
// appended; fragment has its number sign.
func rewriting(join func(own, added, fragment string) string) func(*store.TenantConfig) {
	return location(func(at string, r store.Redirect, _ bool) string {
		own, added, fragment := parts(at, r.URI)
		if added == "" {
			return at
		}
		return join(own, added, fragment)
	})
}

// parts takes a redirect apart: the redirect_uri, what was appended, fragment.
func parts(at, uri string) (own, added, fragment string) {
	own, _, _ = strings.Cut(uri, "#")
	rest, fragment, found := strings.Cut(strings.TrimPrefix(at, own), "#")
	if found {
		fragment = "#" + fragment
	}
	return own, strings.TrimLeft(rest, "?&"), fragment
}

// glue joins parameters to an address.
func glue(own string) string {
	switch {
	case !strings.Contains(own, "?"):
		return "?"
	case strings.HasSuffix(own, "?"), strings.HasSuffix(own, "&"):
		return ""
	}
	return "&"
}

func reencoded(own, added, fragment string) string {
	base, query, _ := strings.Cut(own, "?")
	values, err := url.ParseQuery(query)
	if err != nil || query == "" {
		return own + glue(own) + added + fragment
	}
	query = strings.ReplaceAll(values.Encode(), "%2F", "/")
	return base + "?" + query + "&" + added + fragment
}

func has(pairs []string, name string) bool {
	return slices.ContainsFunc(pairs, func(p string) bool { return strings.HasPrefix(p, name+"=") })
}

func without(pairs []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(pairs), func(p string) bool {
		name, _, _ := strings.Cut(p, "=")
		return slices.Contains(names, name)
	})
}

func changed(pairs []string, name string, change func(value string) string) []string {
	pairs = slices.Clone(pairs)
	for i, p := range pairs {
		if value, ok := strings.CutPrefix(p, name+"="); ok {
			pairs[i] = name + "=" + change(value)
		}
	}
	return pairs
}
