package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// The style and the one script are part of each page and named in its policy
// by their digests, so that a page needs no second request and no other
// style or script is ever accepted.
var (
	styleText = pageFile("style.css")
	closeText = pageFile("close.js")
	iconImage = pageFile("icon.svg")
	styleHash = policyHash(styleText)
	closeHash = policyHash(closeText)
	pages     = parsePages(func(s string) any { return s })
	// pagesNaked is for the fault NoEscape.
	pagesNaked = parsePages(func(s string) any { return template.HTML(s) })
)

func pageFile(name string) string {
	b, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		return ""
	}
	return string(b)
}

func policyHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// parsePages reads the page templates. Every text that comes from a template,
// a request or a zone goes through show, so that one function decides whether
// it is escaped.
func parsePages(show func(string) any) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"show":   show,
		"count":  count,
		"style":  func() template.CSS { return template.CSS(styleText) },
		"closer": func() template.JS { return template.JS(closeText) },
	}).ParseFS(pageFiles, "page/*.html"))
}

// count is "1 record" or "3 records".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// frame is what every page shows around its own part.
type frame struct {
	Heading, Provider, Prefix, User string
	// Narrow is set on pages that are read as a letter, not as a table.
	Narrow bool
	// Waiting is the request that another user could sign in for.
	Waiting string
	Page    any
}

// outcomePage is the end of a flow: done, cancelled or failed.
type outcomePage struct {
	// Status is the status of the reply; 0 is 200.
	Status              int
	Title, Text, Detail string
	// Failed marks an error; Stay keeps the window open.
	Failed, Stay bool
}

// wide are the pages with tables.
var wide = []string{"consent", "grant", "zone", "review", "applied"}

// show sends a page. redirect is where the flow may end after a form of this
// page was sent, if anywhere.
func (x *exchange) show(status int, name, heading string, page any, redirect string) {
	f := frame{Narrow: !slices.Contains(wide, name), Heading: heading, Provider: x.displayName(), Prefix: x.tenant.Prefix(), Page: page}
	if v, ok := x.session(); ok {
		f.User = v.user
	}
	switch c := page.(type) {
	case consentPage:
		f.Waiting = c.Request
	case grantPage:
		f.Waiting = c.Request
	}
	set := pages
	if x.config.Faults.NoEscape {
		set = pagesNaked
	}
	var body bytes.Buffer
	if err := set.ExecuteTemplate(&body, name, f); err != nil {
		x.internal(fmt.Errorf("page %s: %w", name, err))
		return
	}
	document := body.Bytes()
	for _, change := range x.config.Hooks.Page {
		document = change(name, document)
	}
	h := x.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// same-origin, not no-referrer: with the latter browsers send
	// "Origin: null" with our own forms.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", x.policy(redirect))
	if !x.config.Faults.AllowFraming {
		h.Set("X-Frame-Options", "DENY")
	}
	if status == 0 {
		status = http.StatusOK
	}
	x.w.WriteHeader(status)
	x.write(document)
}

// policy is the Content-Security-Policy of a page. Chromium holds the
// redirect that answers a form against form-action, and the redirects that
// the service does after that too; so where the flow may end at a service its
// scheme is let in, and nothing else ever.
func (x *exchange) policy(redirect string) string {
	script, form, frames := closeHash, "'self'", "; frame-ancestors 'none'"
	if u, err := url.Parse(redirect); err == nil && redirect != "" {
		form += " " + strings.ToLower(u.Scheme) + ":"
	}
	if x.config.Faults.NoEscape {
		script = "'unsafe-inline'"
	}
	if x.config.Faults.AllowFraming {
		frames = ""
	}
	return "default-src 'none'; style-src " + styleHash + "; script-src " + script +
		"; img-src 'self'; form-action " + form + "; base-uri 'none'" + frames
}

// displayName is what the provider calls itself.
func (x *exchange) displayName() string {
	if x.config.ProviderDisplayName != "" {
		return x.config.ProviderDisplayName
	}
	return x.config.ProviderName
}

// icon sends the icon of the pages.
func (x *exchange) icon() {
	x.w.Header().Set("Content-Type", "image/svg+xml")
	x.w.Header().Set("Cache-Control", "max-age=86400")
	x.write([]byte(iconImage))
}

// problem shows what went wrong with a page, where no flow is at stake.
func (x *exchange) problem(status int, title, text string) {
	x.show(status, "outcome", title, outcomePage{Title: title, Text: text, Failed: true, Stay: true}, "")
}

// expired says that a request is not here, or not for this browser.
func (x *exchange) expired() {
	x.problem(http.StatusGone, "This request has expired", "It was answered already, or waited too long. Nothing has been changed by this page. Please go back to the service and start again.")
}

// answered says that a request was answered before.
func (x *exchange) answered() {
	x.problem(http.StatusGone, "This request was answered already", "There is nothing left to do here. You can close this window.")
}

// forged refuses a form that did not come from a page of ours.
func (x *exchange) forged() {
	x.problem(http.StatusForbidden, "This form is no longer valid", "You may have been signed out, or the form came from another site. Nothing has been changed. Please go back to the service and start again.")
}

// internal ends a request that failed through a fault of ours.
func (x *exchange) internal(err error) {
	x.Logger.Error("request failed", "tenant", x.tenant.Name(), "path", x.r.URL.Path, "error", err)
	http.Error(x.w, "Something went wrong here. Please try again in a moment.", http.StatusInternalServerError)
}

// noSuchEndpoint answers programs, noSuchPage people.
func (x *exchange) noSuchEndpoint() {
	x.json(http.StatusNotFound, map[string]string{"error": "there is no such end-point; they begin with v2/ after the prefix from the settings"})
}

func (x *exchange) noSuchPage() {
	x.problem(http.StatusNotFound, "There is no such page", "The address may be mistyped. Nothing has been changed.")
}

// account shows a signed-in user's domains.
func (x *exchange) account() {
	v, ok := x.session()
	if !ok || v.user == "" {
		x.see(x.tenant.Prefix() + "/ux/sign-in")
		return
	}
	type domain struct{ Name, Readable string }
	page := struct {
		CSRF    string
		Domains []domain
		// Clients is set when services may be granted access.
		Clients bool
	}{CSRF: v.csrf, Clients: len(x.config.Clients) > 0}
	for _, hosted := range x.config.Zones {
		if hosted.Owner == v.user {
			page.Domains = append(page.Domains, domain{strings.TrimSuffix(hosted.Zone.Origin(), "."), readable(hosted.Zone.Origin())})
		}
	}
	x.show(http.StatusOK, "account", "Your domains", page, "")
}
