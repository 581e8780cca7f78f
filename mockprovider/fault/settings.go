package fault

import (
	"bytes"
	"net/http"
	"strings"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// documents are misbehaviours of the settings call.
var documents = []Fault{
	{"settings-need-login", "The settings call of a stranger is redirected to a sign-in page.",
		[]string{"DC-SET-JSON-OBJECT", "DC-SET-STABLE-ACROSS-AUTH"}, bending(settingsPath, func(r *http.Request, a *answer) {
			a.redirect("https://" + r.Host + "/login")
		})},
	{"settings-html-page", "The settings call is answered with a page for people, and 200.",
		[]string{"DC-SET-JSON-OBJECT"}, onOK(settingsPath, func(_ *http.Request, a *answer) {
			a.is(http.StatusOK, "text/html; charset=utf-8", "<!doctype html><title>Sign in</title><p>Please sign in.")
		})},
	{"settings-no-content", "The settings call is answered with 204 and nothing.",
		[]string{"DC-SET-JSON-OBJECT"}, onOK(settingsPath, func(_ *http.Request, a *answer) { a.is(http.StatusNoContent, "application/json", "") })},
	{"settings-in-array", "The settings are sent as the one element of an array.",
		[]string{"DC-SET-JSON-OBJECT"}, onOK(settingsPath, func(_ *http.Request, a *answer) { a.is(a.status, "application/json", "["+a.body.String()+"]") })},
	{"settings-latin1", "The settings are sent in Latin-1.",
		[]string{"DC-SET-JSON-OBJECT"}, onOK(settingsPath, func(_ *http.Request, a *answer) {
			a.is(a.status, "application/json", strings.Replace(a.body.String(), `"providerName":"`, `"providerName":"Z\xfcrich `, 1))
		})},
	{"session-dependent-settings", "Whoever sends a cookie gets settings without the link to the control panel.",
		[]string{"DC-SET-STABLE-ACROSS-AUTH"}, onOK(settingsPath, func(r *http.Request, a *answer) {
			if r.Header.Get("Cookie") != "" {
				a.is(a.status, "application/json", strings.Replace(a.body.String(), `"urlControlPanel"`, `"vnd.dcconform.oldPanel"`, 1))
			}
		})},
	{"sync-missing-on-some-zones", "Only the zone that was there before the roll-out has urlSyncUX in its settings.",
		[]string{"DC-SET-SYNC-OFFERED"}, syncInOldest},
	{"dead-sync-url", "The settings offer the synchronous flow, and nobody serves it.",
		[]string{"DC-SET-URLSYNC-MEANS-SUPPORT", "DC-REQ-ENDPOINT"}, bending(applyPath, func(_ *http.Request, a *answer) { a.page(http.StatusNotFound, "<h1>404</h1>") })},
}

// members are misbehaviours of what the settings say.
var members = []Fault{
	{"missing-url-api", "A provider with the synchronous flow only leaves urlAPI out.",
		[]string{"DC-SET-REQUIRED-MEMBERS"}, unsaid("urlAPI")},
	{"misspelt-provider-id", "The settings name providerID, with a capital D.",
		[]string{"DC-SET-REQUIRED-MEMBERS"}, both(copying("providerId", "providerID"), unsaid("providerId"))},
	{"empty-provider-name", "providerName is empty.",
		[]string{"DC-SET-REQUIRED-MEMBERS", "DC-SET-NAMES-SYNTAX"}, member("providerName", "")},
	{"company-name-as-id", "providerId is the name of the company.",
		[]string{"DC-SET-PROVIDERID-SYNTAX", "DC-SET-PROVIDERID-DOMAIN"}, member("providerId", "Virtucon Domains, Inc.")},
	{"id-per-zone", "providerId is made from the name of the zone.",
		[]string{"DC-SET-PROVIDERID-SYNTAX", "DC-SET-DISPLAYNAME-PER-DOMAIN"}, saying(func(domain string, doc map[string]any) { doc["providerId"] = "dns." + domain })},
	{"numeric-provider-id", "providerId is a number of the provider's own.",
		[]string{"DC-SET-PROVIDERID-DOMAIN"}, member("providerId", "8017")},
	{"empty-display-name", "Zones without a brand have an empty providerDisplayName.",
		[]string{"DC-SET-NAMES-SYNTAX"}, member("providerDisplayName", "")},
	{"long-provider-name", "providerName has 256 characters.",
		[]string{"DC-SET-NAMES-SYNTAX"}, member("providerName", strings.Repeat("n", 256))},
	{"control-in-provider-name", "providerName ends in a NUL.",
		[]string{"DC-SET-NAMES-SYNTAX"}, member("providerName", "Mock Provider\x00")},
	{"brand-changes-id", "providerId is made of the brand that is displayed, so that a domain of another brand has another one.",
		[]string{"DC-SET-DISPLAYNAME-PER-DOMAIN", "DC-SET-PROVIDERID-SYNTAX"}, saying(func(_ string, doc map[string]any) {
			if name, ok := doc["providerDisplayName"].(string); ok {
				doc["providerId"] = strings.ToLower(strings.ReplaceAll(name, " ", "-")) + ".example"
			}
		})},
	{"http-sync-url", "urlSyncUX is an http URL.",
		[]string{"DC-SET-URLSYNC-FORM"}, urlMember("urlSyncUX", func(u string) string { return "http" + strings.TrimPrefix(u, "https") })},
	{"sync-url-with-query", "urlSyncUX carries a query, so that the path of apply links lands in it.",
		[]string{"DC-SET-URLSYNC-FORM"}, urlMember("urlSyncUX", func(u string) string { return u + "?x=1" })},
	{"sync-double-slash-404", "urlSyncUX ends in a slash, and //v2 is not found.",
		[]string{"DC-SET-URLSYNC-FORM"}, both(urlMember("urlSyncUX", func(u string) string { return u + "/" }), noDoubleSlash(applyPath))},
	{"null-async-url", "Without the asynchronous flow urlAsyncUX is null.",
		[]string{"DC-SET-URLASYNC-FORM"}, saying(func(_ string, doc map[string]any) {
			if _, ok := doc["urlAsyncUX"]; !ok {
				doc["urlAsyncUX"] = nil
			}
		})},
	{"async-url-with-query", "urlAsyncUX carries a query, so that the path of requests for permission lands in it.",
		[]string{"DC-SET-URLASYNC-FORM"}, member("urlAsyncUX", "https://dcconform.example/permission?tenant=1")},
	{"relative-url-api", "urlAPI is a path.",
		[]string{"DC-SET-URLAPI-FORM"}, member("urlAPI", "/api")},
	{"api-double-slash-404", "urlAPI ends in a slash, and //v2 is not found.",
		[]string{"DC-SET-URLAPI-FORM"}, both(urlMember("urlAPI", func(u string) string { return u + "/" }), noDoubleSlash(queryPath))},
	{"nameservers-as-string", "nameServers is one string with commas.",
		[]string{"DC-SET-NAMESERVERS-FORM"}, member("nameServers", "ns1.dcconform.example,ns2.dcconform.example")},
	{"nameservers-as-addresses", "nameServers lists addresses.",
		[]string{"DC-SET-NAMESERVERS-FORM"}, member("nameServers", []string{"192.0.2.53", "2001:db8::53"})},
	{"crit-empty-settings", "crit is always there, and empty.",
		[]string{"DC-SET-CRIT-FORM"}, member("crit", []string{})},
	{"crit-as-string", "crit is a string.",
		[]string{"DC-SET-CRIT-FORM"}, member("crit", "nameServers")},
	{"crit-illegal-name", "crit names what no member can be called.",
		[]string{"DC-SET-CRIT-FORM"}, member("crit", []string{"nameServers", "x-market"})},
	{"dashed-private-setting", "A private member is called x-market.",
		[]string{"DC-SET-PROPERTY-NAMES"}, member("x-market", "de")},
	{"digit-in-vendor-setting", "A private member has a digit behind vnd.",
		[]string{"DC-SET-PROPERTY-NAMES"}, member("vnd.dc2.market", "de")},
	{"colliding-extra-setting", "An additional member takes the name of a registered one, in other letters, for something else.",
		[]string{"DC-SET-EXTRA-REGISTERED"}, member("ProviderId", 8017)},
	{"setting-sent-twice", "providerName stands in the settings twice, with two values.",
		[]string{"DC-SET-EXTRA-REGISTERED"}, onOK(settingsPath, func(_ *http.Request, a *answer) {
			a.is(a.status, "application/json", strings.Replace(a.body.String(), "{", `{"providerName":"Another Provider",`, 1))
		})},
	{"width-as-string", "width is text with a unit.",
		[]string{"DC-SET-RESERVED-MEANING"}, member("width", "750px")},
	{"zero-height", "height is 0 where there is none.",
		[]string{"DC-SET-RESERVED-MEANING"}, member("height", 0)},
	{"relative-control-panel", "urlControlPanel is a path.",
		[]string{"DC-SET-RESERVED-MEANING"}, member("urlControlPanel", "/zones/%domain%")},
	{"curly-token", "urlControlPanel has {domain} in it.",
		[]string{"DC-SET-CONTROLPANEL-SINGLE-TOKEN"}, member("urlControlPanel", "https://panel.dcconform.example/zones/{domain}")},
	{"host-token", "urlControlPanel has %host% in it.",
		[]string{"DC-SET-CONTROLPANEL-SINGLE-TOKEN"}, member("urlControlPanel", "https://panel.dcconform.example/zones/%domain%?host=%host%")},
}

// saying changes the settings document.
func saying(change func(domain string, doc map[string]any)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Settings = append(c.Hooks.Settings, change) }
}

// member sets a member of the settings.
func member(name string, value any) func(*store.TenantConfig) {
	return saying(func(_ string, doc map[string]any) { doc[name] = value })
}

// unsaid leaves a member out.
func unsaid(name string) func(*store.TenantConfig) {
	return saying(func(_ string, doc map[string]any) { delete(doc, name) })
}

// copying has the value of one member under another name as well.
func copying(from, to string) func(*store.TenantConfig) {
	return saying(func(_ string, doc map[string]any) { doc[to] = doc[from] })
}

// urlMember changes a member that is text.
func urlMember(name string, change func(string) string) func(*store.TenantConfig) {
	return saying(func(_ string, doc map[string]any) {
		if s, ok := doc[name].(string); ok {
			doc[name] = change(s)
		}
	})
}

// noDoubleSlash finds nothing at an end-point with //v2.
func noDoubleSlash(at func(path string) bool) func(*store.TenantConfig) {
	return bending(func(path string) bool { return at(path) && strings.Contains(path, "//v2/") },
		func(_ *http.Request, a *answer) { a.page(http.StatusNotFound, "<h1>404</h1>") })
}

// onOK changes answers of an end-point that are good.
func onOK(at func(path string) bool, change func(r *http.Request, a *answer)) func(*store.TenantConfig) {
	return bending(at, func(r *http.Request, a *answer) {
		if a.status == http.StatusOK {
			a.body = *bytes.NewBuffer(bytes.TrimSpace(a.body.Bytes()))
			change(r, a)
		}
	})
}

// syncInOldest leaves urlSyncUX to the first zone that is asked about.
func syncInOldest(c *store.TenantConfig) {
	var once sync.Once
	var oldest string
	saying(func(domain string, doc map[string]any) {
		if once.Do(func() { oldest = domain }); oldest != domain {
			delete(doc, "urlSyncUX")
		}
	})(c)
}
