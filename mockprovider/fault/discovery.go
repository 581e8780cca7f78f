package fault

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// discoveries are misbehaviours of the _domainconnect record and of finding
// the zone that a call is about.
var discoveries = []Fault{
	{"txt-trailing-space", "The _domainconnect record ends in a space.",
		[]string{"DC-DISC-TXT-FORM"}, publishing(func(text string) string { return text + " " })},
	{"path-only-txt", "The _domainconnect record holds a path without a host.",
		[]string{"DC-DISC-TXT-AUTHORITY", "DC-DISC-TXT-FORM"}, publishing(func(string) string { return "/dc" })},
	{"txt-with-lost-path", "The _domainconnect record holds a path that nobody serves.",
		[]string{"DC-DISC-TXT-AUTHORITY"}, publishing(func(text string) string { return text + "/dc" })},
	{"txt-with-scheme", "The _domainconnect record begins with https://, which clients put in front again.",
		[]string{"DC-DISC-TXT-NO-SCHEME", "DC-DISC-TXT-FORM"}, publishing(func(text string) string { return "https://" + text })},
	{"txt-with-query", "The _domainconnect record carries a query, so that what clients append lands in it.",
		[]string{"DC-DISC-TXT-NO-SCHEME", "DC-DISC-TXT-FORM"}, publishing(func(text string) string { return text + "?brand=1" })},
	{"new-zone-no-txt", "Only the zone that was there before the roll-out has a _domainconnect record.",
		[]string{"DC-DISC-TXT-ANSWERED"}, publishInOldest},
	{"txt-not-over-tcp", "The _domainconnect record is served over UDP alone: connections are closed.",
		[]string{"DC-DISC-TXT-ANSWERED"}, func(c *store.TenantConfig) {
			c.Hooks.Drop = append(c.Hooks.Drop, func(network string, q dns.Question) bool { return network == "tcp" && discovers(q) })
		}},
	{"label-stripping-settings", "Settings of every name below a zone are answered from the zone.",
		[]string{"DC-DISC-APEX-ONLY"}, serving(settingsPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			path := r.URL.EscapedPath()
			name := settingsName(path)
			a := answerOf(next, r)
			for rest := name; a.status == http.StatusNotFound && strings.Contains(rest, "."); {
				_, rest, _ = strings.Cut(rest, ".")
				a = answerOf(next, moved(r, strings.TrimSuffix(path, name+"/settings")+rest+"/settings"))
			}
			a.send(w)
		})},
	{"child-zone-404", "A zone of its own below another one is taken for a part of that one.",
		[]string{"DC-DISC-APEX-ONLY"}, serving(settingsPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			path := r.URL.EscapedPath()
			name := settingsName(path)
			_, parent, _ := strings.Cut(name, ".")
			if answerOf(next, moved(r, strings.TrimSuffix(path, name+"/settings")+parent+"/settings")).status == http.StatusOK {
				http.NotFound(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})},
	{"settings-for-any-domain", "The settings call never looks the zone up and answers 200 for any name.",
		[]string{"DC-DISC-SETTINGS-NOT-FOUND", "DC-DISC-APEX-ONLY"}, bending(settingsPath, func(r *http.Request, a *answer) {
			if a.status == http.StatusNotFound {
				a.is(http.StatusOK, "application/json", `{"providerId":"dcconform.example","providerName":"Mock Provider","urlAPI":"https://`+r.Host+`/api"}`)
			}
		})},
	{"unknown-domain-400", "The settings call takes a name that the provider does not hold for a malformed one.",
		[]string{"DC-DISC-SETTINGS-NOT-FOUND"}, bending(settingsPath, func(_ *http.Request, a *answer) {
			if a.status == http.StatusNotFound {
				a.is(http.StatusBadRequest, "application/json", `{"error":"bad domain"}`)
			}
		})},
	{"uppercase-domain-404", "The settings call compares the zone's name octet by octet.",
		[]string{"DC-DISC-DOMAIN-CASE"}, unlessName(func(name string) bool { return strings.ToLower(name) != name })},
	{"uppercase-domain-not-owned", "The apply request compares the zone's name octet by octet.",
		[]string{"DC-DISC-DOMAIN-CASE"}, asking(func(_ *dc.Template, ask *resolve.Request) {
			if strings.ToLower(ask.Domain) != ask.Domain {
				ask.Domain = "nobody.invalid"
			}
		})},
	{"ulabel-404", "The settings call knows a zone by its A-labels alone.",
		[]string{"DC-DISC-DOMAIN-IDN"}, unlessName(foreignLetters)},
	{"ulabel-not-owned", "The apply request knows a zone by its A-labels alone.",
		[]string{"DC-DISC-DOMAIN-IDN"}, asking(func(_ *dc.Template, ask *resolve.Request) {
			if foreignLetters(ask.Domain) {
				ask.Domain = "nobody.invalid"
			}
		})},
	{"versionless-route", "The settings are served without the segment v2.",
		[]string{"DC-DISC-VERSION-SEGMENT"}, unversioned(settingsPath)},
	{"versionless-behind-page", "The settings are served without the segment v2; with it, the site's start page is.",
		[]string{"DC-DISC-VERSION-SEGMENT"}, unversionedBehind(settingsPath, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<!doctype html><title>Mock Provider</title><p>Domains, mail and more.")
		})},
	{"versionless-query", "The template query is served without the segment v2.",
		[]string{"DC-DISC-VERSION-SEGMENT", "DC-QRY-SUPPORTED-OK"}, unversioned(queryPath)},
	{"versionless-apply", "The apply request is served without the segment v2.",
		[]string{"DC-DISC-VERSION-SEGMENT", "DC-REQ-ENDPOINT"}, unversioned(applyPath)},
}

// discovers reports whether a question is the one of discovery.
func discovers(q dns.Question) bool {
	return q.Qtype == dns.TypeTXT && strings.HasPrefix(dns.CanonicalName(q.Name), "_domainconnect.")
}

// publishing changes what _domainconnect says.
func publishing(other func(text string) string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Answer = append(c.Hooks.Answer, func(q dns.Question, m *dns.Msg) {
			if !discovers(q) {
				return
			}
			for i, rr := range m.Answer {
				if txt, ok := dns.Copy(rr).(*dns.TXT); ok {
					txt.Txt = []string{other(strings.Join(txt.Txt, ""))}
					m.Answer[i] = txt
				}
			}
		})
	}
}

// publishInOldest leaves every zone without a record but the first that is
// asked about, which stands for those that are old.
func publishInOldest(c *store.TenantConfig) {
	var once sync.Once
	var oldest string
	c.Hooks.Answer = append(c.Hooks.Answer, func(q dns.Question, m *dns.Msg) {
		name := dns.CanonicalName(q.Name)
		if !discovers(q) || len(m.Answer) == 0 {
			return
		}
		if once.Do(func() { oldest = name }); oldest != name {
			m.Answer, m.Rcode = nil, dns.RcodeNameError
		}
	})
}

// unlessName answers 404 for the settings of some names, decoded.
func unlessName(strange func(name string) bool) func(*store.TenantConfig) {
	return bending(settingsPath, func(r *http.Request, a *answer) {
		name, err := url.PathUnescape(settingsName(r.URL.EscapedPath()))
		if err == nil && strange(name) {
			a.is(http.StatusNotFound, "application/json", `{"error":"no such domain"}`)
		}
	})
}

// foreignLetters reports whether a name is not all ASCII.
func foreignLetters(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f })
}
