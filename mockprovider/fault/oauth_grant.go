package fault

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// granting changes what is asked for.
func granting(change func(raw string, s *oauth.Scope)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Granting = append(c.Hooks.Granting, change) }
}

// hostsWithout is a list without an element.
func hostsWithout(list []string, leave string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == leave })
}

// leading changes where the user goes at the end of the asynchronous flow, when
// it has failed or when it has not.
func leading(failed bool, change func(location string) string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Location = append(c.Hooks.Location, func(location string, r store.Redirect, isFailed bool) string {
			if !r.Grant || isFailed != failed {
				return location
			}
			return change(location)
		})
	}
}

// toldElsewhere sends the user on with an error where a page of the
// authorization end-point says what is wrong.
func toldElsewhere(said, code string) func(*store.TenantConfig) {
	return bending(authorizationPath, func(r *http.Request, a *answer) {
		to, err := url.Parse(r.URL.Query().Get("redirect_uri"))
		if err != nil || !to.IsAbs() || a.status != http.StatusBadRequest || !strings.Contains(a.body.String(), said) {
			return
		}
		q := to.Query()
		q.Set("error", code)
		to.RawQuery = q.Encode()
		a.redirect(to.String())
	})
}

// silent answers the page that asks for a grant by itself.
func silent(c *store.TenantConfig) {
	web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		a := answerOf(next, r)
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/ux/consent") || a.status != http.StatusOK || !strings.Contains(a.body.String(), ">Allow <") {
			a.send(w)
			return
		}
		form := hiddenFields(a.body.Bytes())
		form.Set("action", "confirm")
		post := withBody(r, []byte(form.Encode()))
		post.Method = http.MethodPost
		post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		next.ServeHTTP(w, post)
	})(c)
}

// originOf is scheme, host and port of a URL.
func originOf(u *url.URL) string { return u.Scheme + "://" + u.Host }

// like reports whether a redirect_uri begins as a registered one does, up to
// where part says.
func like(r oauth.Refusal, part func(*url.URL) string) bool {
	if r.Client == nil {
		return false
	}
	return slices.ContainsFunc(r.Client.Redirects, func(registered string) bool {
		u, err := url.Parse(registered)
		return err == nil && strings.HasPrefix(r.Wanted, part(u))
	})
}

// replacedNames shows what the link adds, and nothing else.
func replacedNames(c *store.TenantConfig) {
	c.Hooks.Told = append(c.Hooks.Told, func(_ *dc.Template, told *store.Told) {
		if !told.Grant {
			return
		}
		if told.ExtraService != "" {
			told.Service, told.ExtraService = told.ExtraService, ""
		}
		if told.ExtraProvider != "" {
			told.Provider, told.ExtraProvider = told.ExtraProvider, ""
		}
	})
}

// withoutQuery has no template query for templates that the sync flow refuses,
// which is what a provider forgets that has come to them by the other one.
func withoutQuery(c *store.TenantConfig) {
	blocked := map[string]bool{}
	for _, t := range c.Templates {
		blocked[t.ProviderID+"/"+t.ServiceID] = t.SyncBlock
	}
	serving(queryPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if provider, service := templateIDs(r.URL.Path); blocked[provider+"/"+service] {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})(c)
}
