package target

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/idna"
)

// naming takes names as a registry would, in either form, and keeps the
// underscore labels that DNS names may have.
var naming = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.VerifyDNSLength(true), idna.StrictDomainName(false))

// domain turns a domain name into lower-case ASCII without its final dot, or
// notes why it is none.
func (r *reader) domain(name *string, path string) {
	ascii, err := naming.ToASCII(strings.TrimSuffix(*name, "."))
	if err == nil {
		for part := range strings.SplitSeq(ascii, ".") {
			if !label(strings.TrimPrefix(part, "_")) || strings.HasSuffix(part, "-") {
				err = fmt.Errorf("label %q", part)
			}
		}
	}
	if _, numeric := netip.ParseAddr(ascii); err != nil || numeric == nil || !strings.Contains(ascii, ".") {
		r.say(path, "%q is no domain name: write it as customer.example", *name)
		return
	}
	*name = ascii
}

// label reports whether s is letters, digits and hyphens with no hyphen first.
func label(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || i == 0) {
			return false
		}
	}
	return s != "" && len(s) <= 63
}

// endpoint notes why s is not host:port; usual is the port to propose.
func (r *reader) endpoint(s, path, usual string) {
	if !r.sound(path) {
		return
	}
	host, number, err := net.SplitHostPort(s)
	if err != nil {
		if ip, bad := netip.ParseAddr(strings.Trim(s, "[]")); bad == nil {
			s = ip.String()
			if ip.Is6() {
				s = "[" + s + "]"
			}
		}
		r.say(path, `%q has no port: write "%s:%s" or the port that it listens on`, s, s, usual)
		return
	}
	if host == "" {
		r.say(path, "%q has no host: write an address or a name before the colon", s)
		return
	}
	if _, err := port(number); err != nil {
		r.say(path, "%v", err)
	}
}

// listening is endpoint for an address of ours: the host may be left out and
// the port may be 0.
func (r *reader) listening(s, path string) {
	if !r.sound(path) {
		return
	}
	_, number, err := net.SplitHostPort(s)
	if err != nil {
		r.say(path, `%q is no address to listen on: write "127.0.0.1:0" or ":8443"`, s)
		return
	}
	if _, err := strconv.ParseUint(number, 10, 16); err != nil {
		r.say(path, "%q is no port: write a number from 0 to 65535, 0 for a free one", number)
	}
}

func port(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no port: write a number from 1 to 65535", s)
	}
	return uint16(n), nil
}

// readable resolves a path and notes when no file can be read there.
func (r *reader) readable(path, name string) string {
	if name == "" {
		r.say(path, "is empty: give the name of a file, or remove the key")
		return ""
	}
	name = r.resolve(name)
	f, err := os.Open(name)
	if err != nil {
		r.say(path, "%s", plain(err))
		return name
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		r.say(path, "%s is a folder: give a file in it", name)
	}
	return name
}

func (r *reader) checkHTTP(c *Config) {
	h := &c.HTTP
	for i, name := range h.CA {
		if at := fmt.Sprintf("http.ca[%d]", i); r.sound(at) {
			h.CA[i] = r.readable(at, name)
			if data, err := os.ReadFile(h.CA[i]); err == nil && !x509.NewCertPool().AppendCertsFromPEM(data) {
				r.say(at, "%s has no certificate in it: give a PEM file", h.CA[i])
			}
		}
	}
	r.checkClientCert(h)
	r.checkProxy(h)
	switch {
	case h.BasicUser == "" && r.has("http.basicPassword"):
		r.say("http.basicPassword", "has no basicUser beside it: give both or none")
	case h.BasicUser != "" && !r.has("http.basicPassword"):
		r.say("http.basicUser", "has no basicPassword beside it: give both or none")
	case strings.Contains(h.BasicUser, ":"):
		r.say("http.basicUser", "has a colon, which ends a user name in HTTP: remove it")
	}
	r.checkHeaders(h)
	for _, from := range slices.Sorted(maps.Keys(h.Hosts)) {
		at := "http.hosts." + from
		if !r.sound(at) {
			continue
		}
		host, number, err := net.SplitHostPort(from)
		if _, bad := port(number); err != nil || host == "" || bad != nil {
			r.say(at, `%q is no name with a port: write "provider.example:443"`, from)
			continue
		}
		r.endpoint(h.Hosts[from], at, number)
	}
	if h.Rate < 0 {
		r.say("http.rate", "is below 0: give requests per second, or remove it for no bound")
	}
}

func (r *reader) checkClientCert(h *HTTP) {
	switch {
	case !r.has("http.clientCert") && !r.has("http.clientKey"):
		return
	case !r.has("http.clientKey"):
		r.say("http.clientCert", "has no clientKey beside it: give both or none")
		return
	case !r.has("http.clientCert"):
		r.say("http.clientKey", "has no clientCert beside it: give both or none")
		return
	case !r.sound("http.clientCert") || !r.sound("http.clientKey"):
		return
	}
	h.ClientCert, h.ClientKey = r.readable("http.clientCert", h.ClientCert), r.readable("http.clientKey", h.ClientKey)
	if !r.sound("http.clientCert") || !r.sound("http.clientKey") {
		return
	}
	if _, err := tls.LoadX509KeyPair(h.ClientCert, h.ClientKey); err != nil {
		r.say("http.clientCert", "is no certificate with the key of clientKey (%v): give PEM files that belong together", err)
	}
}

func (r *reader) checkProxy(h *HTTP) {
	if !r.sound("http.proxy") {
		return
	}
	u, err := url.Parse(h.Proxy)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		// The URL may hold a password: it is not quoted.
		r.say("http.proxy", "is no URL of an HTTP proxy: write http://proxy.example:3128")
		return
	}
	if _, err := port(u.Port()); u.Port() != "" && err != nil {
		r.say("http.proxy", "%v", err)
	}
}

func (r *reader) checkHeaders(h *HTTP) {
	for _, name := range slices.Sorted(maps.Keys(h.Headers)) {
		at := "http.headers." + name
		switch {
		case !r.sound(at):
		case !httpguts.ValidHeaderFieldName(name):
			r.say(at, "%q is no name of a header field: take letters, digits and hyphens", name)
		case slices.ContainsFunc([]string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Cookie"}, func(s string) bool { return strings.EqualFold(s, name) }):
			r.say(at, "is set by every request itself: remove it")
		case strings.EqualFold(name, "Authorization") && h.BasicUser != "":
			r.say(at, "contradicts http.basicUser, which sets it too: remove one")
		case !httpguts.ValidHeaderFieldValue(h.Headers[name].value):
			r.say(at, "has a character that no header field may have, such as a line break: remove it")
		}
	}
}

// checkOurs is about what the run itself serves.
func (r *reader) checkOurs(c *Config) {
	if r.sound("templates.providerId") && !providerID(c.Templates.ProviderID) {
		r.say("templates.providerId", "%q is no providerId: 1 to 63 letters, digits, hyphens, underscores and dots", c.Templates.ProviderID)
	}
	if r.sound("templates.keyDomain") {
		r.domain(&c.Templates.KeyDomain, "templates.keyDomain")
	}
	if r.sound("templates.redirectDomain") {
		r.domain(&c.Templates.RedirectDomain, "templates.redirectDomain")
	}
	for i, id := range c.Templates.Missing {
		if !providerID(id) {
			r.say(fmt.Sprintf("templates.missing[%d]", i), "%q is no serviceId: 1 to 63 letters, digits, hyphens, underscores and dots", id)
		}
	}
	r.listening(c.Callback.Listen, "callback.listen")
	if r.sound("callback.port") && (c.Callback.Port < 1 || c.Callback.Port > 65535) {
		r.say("callback.port", "%d is no port: write a number from 1 to 65535", c.Callback.Port)
	}
	r.listening(c.KeyZone.Listen, "keyZone.listen")
	r.checkUpdate(c.KeyZone.Update, "keyZone.update")
	ways := 0
	for _, path := range []string{"keyZone.listen", "keyZone.update"} {
		if r.has(path) {
			ways++
		}
	}
	if c.KeyZone.Published {
		ways++
	}
	if ways > 1 {
		r.say("keyZone", "has more than one of listen, update and published: keep the one by which the provider finds the keys")
	}
}

// providerID reports whether s is a dc-id (ietf-05 section 3).
func providerID(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && !strings.ContainsRune("-_.", rune(s[i])) {
			return false
		}
	}
	return s != "" && len(s) <= 63
}

func (r *reader) checkConsent(c *Config) {
	for i, home := range c.Consent.Home {
		at := fmt.Sprintf("consent.home[%d]", i)
		if !r.sound(at) {
			continue
		}
		host, number, err := net.SplitHostPort(home)
		if err != nil {
			host = home
		} else if _, err := port(number); err != nil {
			r.say(at, "%v", err)
			continue
		}
		if host == "" || strings.ContainsAny(host, "/?#@ ") {
			r.say(at, "%q is no host: write login.provider.example, with :port where it is not 443", home)
			continue
		}
		c.Consent.Home[i] = strings.ToLower(home)
	}
	// A recipe with a separator or an extension is a file, else built in.
	if r.sound("consent.recipe") && (strings.ContainsAny(c.Consent.Recipe, `/\`) || strings.HasSuffix(c.Consent.Recipe, ".yaml")) {
		c.Consent.Recipe = r.readable("consent.recipe", c.Consent.Recipe)
	}
}

func (r *reader) checkHooks(c *Config) {
	h := &c.Hooks
	for _, hook := range []struct {
		path    string
		command []string
	}{{"hooks.seed", h.Seed}, {"hooks.reset", h.Reset}, {"hooks.revoke", h.Revoke}} {
		switch {
		case !r.sound(hook.path):
		case len(hook.command) == 0 || hook.command[0] == "":
			r.say(hook.path, `names no program: write ["program", "argument"]`)
		case strings.ContainsAny(hook.command[0], `/\`):
			hook.command[0] = r.readable(hook.path+"[0]", hook.command[0])
		}
	}
	if r.has("hooks.revoke") && !r.has("oauth.client") {
		r.say("hooks.revoke", "has nothing to take back without oauth.client: give the client id that the provider has registered, or remove it")
	}
	if r.has("hooks.seed") != r.has("hooks.reset") {
		r.say("hooks", "seed and reset belong together: what one sets up the other takes down")
	}
	if r.has("hooks.update") && (r.has("hooks.seed") || r.has("hooks.reset")) {
		r.say("hooks", "has commands and update: keep one of the two")
	}
	r.checkUpdate(h.Update, "hooks.update")
}

func (r *reader) checkUpdate(u *Update, path string) {
	if u == nil || !r.sound(path) {
		return
	}
	if u.Server == "" && !r.has(path+".server") {
		r.say(path, "has no server: write server: 192.0.2.53:53")
	}
	r.endpoint(u.Server, path+".server", "53")
	key, secret := r.has(path+".key"), r.has(path+".secret")
	if key != secret {
		r.say(path, "key and secret belong together: give both, or none for a server that asks for no TSIG")
	}
	if r.sound(path + ".key") {
		u.Key = strings.ToLower(strings.TrimSuffix(u.Key, "."))
	}
	if r.has(path+".algorithm") && !slices.Contains([]string{"hmac-sha256", "hmac-sha512"}, u.Algorithm) {
		r.say(path+".algorithm", "%q is not known here: write hmac-sha256 or hmac-sha512", u.Algorithm)
	}
	if r.sound(path+".secret") && !r.within(path+".secret.") {
		if key, err := base64.StdEncoding.DecodeString(u.Secret.value); err != nil || len(key) == 0 {
			r.say(path+".secret", "is not base64: give the secret as the name server has it")
		}
	}
}
