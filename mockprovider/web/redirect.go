package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// checkRedirect says what is wrong with a redirect_uri: it has to be an
// absolute http or https URI in the characters of RFC 3986, without a user
// part, with a host that every parser reads the same way (ietf-05 section
// 8.3.1). It does not say whether the user may be sent there.
func checkRedirect(raw string) error {
	for i := range len(raw) {
		if !uriOctet(raw[i]) {
			return fmt.Errorf("redirect_uri holds %q, which no URI may; percent-encode it", raw[i])
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("redirect_uri is not a URI; write it as https://host/path")
	}
	if scheme := strings.ToLower(u.Scheme); scheme != "https" && scheme != "http" {
		return fmt.Errorf("redirect_uri is not an absolute https or http URI; write it as https://host/path")
	}
	if u.User != nil || strings.Contains(u.Host, "@") {
		return fmt.Errorf("redirect_uri holds a user name; leave it out")
	}
	if _, ok := hostName(u.Hostname()); !ok {
		return fmt.Errorf("redirect_uri has no usable host; write it as https://host/path")
	}
	return nil
}

// uriOctet reports whether RFC 3986 lets an octet stand in a URI. What
// follows a per cent sign is checked by the parser, except in a query, where
// no harm comes of it.
func uriOctet(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~:/?#[]@!$&'()*+,;=%", c) >= 0
}

// hostProfile takes underscores, which are no host names and occur.
var hostProfile = idna.New(idna.MapForLookup(), idna.StrictDomainName(false))

// hostName brings a host into the form that comparing needs: lower case,
// A-labels, no dot at the end. It refuses what is neither a name nor an
// address.
func hostName(host string) (string, bool) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String(), true
	}
	name, err := hostProfile.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || name == "" || len(name) > 253 {
		return "", false
	}
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_') {
			return "", false
		}
	}
	return name, !strings.Contains(name, "..") && name[0] != '.'
}

// redirectListed reports whether the host of a checked redirect_uri is in a
// template's syncRedirectDomain: an entry of the list, or a name below one.
// Spaces around entries and case do not count; the port is free.
func redirectListed(list, raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	host, ok := hostName(u.Hostname())
	if !ok {
		return false
	}
	for entry := range strings.SplitSeq(list, ",") {
		domain, ok := hostName(strings.TrimSpace(entry))
		if ok && (host == domain || strings.HasSuffix(host, "."+domain)) {
			return true
		}
	}
	return false
}

// permitRedirect reports whether the user agent may be sent to a redirect_uri
// (ietf-05 section 8.3.5): its host is listed, or the request carries a valid
// signature. t is nil when the request names no template.
func (x *exchange) permitRedirect(t *dc.Template, raw string, signed bool) bool {
	if raw == "" || x.config.Faults.OpenRedirect {
		return raw != ""
	}
	r := redirectOf(t, raw, signed)
	r.Permitted = checkRedirect(raw) == nil && (r.Signed || r.Listed)
	for _, decide := range x.config.Hooks.Redirect {
		r.Permitted = decide(r)
	}
	return r.Permitted
}

func redirectOf(t *dc.Template, raw string, signed bool) store.Redirect {
	listed := t != nil && redirectListed(t.SyncRedirectDomain, raw)
	return store.Redirect{Template: t, URI: raw, Listed: listed, Signed: signed}
}

// redirectTo appends what the flow has to say to a redirect_uri, whose own
// query and fragment stay as they are.
func redirectTo(raw string, pairs ...[2]string) string {
	base, fragment, hasFragment := strings.Cut(raw, "#")
	var b strings.Builder
	b.WriteString(base)
	glue := byte('?')
	if i := strings.IndexByte(base, '?'); i >= 0 {
		glue = '&'
		if last := base[len(base)-1]; i == len(base)-1 || last == '&' {
			glue = 0
		}
	}
	for _, pair := range pairs {
		if glue != 0 {
			b.WriteByte(glue)
		}
		glue = '&'
		b.WriteString(pair[0] + "=" + pair[1])
	}
	if hasFragment {
		b.WriteString("#" + fragment)
	}
	return b.String()
}

// encode percent-encodes all but the unreserved characters of RFC 3986, so
// that one decoding gives the value back, however it is done.
func encode(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// location is where the user agent goes at the end of the flow: state as it
// was sent, and for a failure the error of RFC 6749 section 4.1.2.1.
// pairs are what goes before it.
func (x *exchange) location(req *request, f *failure, pairs ...[2]string) string {
	if f != nil {
		pairs = append(pairs, [2]string{"error", encode(f.code)}, [2]string{"error_description", encode(f.description)})
	}
	if req.hasState {
		state := encode(req.state)
		if x.config.Faults.RawState || x.config.Faults.SplitHeader {
			state = req.state
		}
		pairs = append(pairs, [2]string{"state", state})
	}
	location := redirectTo(req.redirect, pairs...)
	for _, change := range x.config.Hooks.Location {
		r := redirectOf(req.template, req.redirect, req.signed)
		r.Permitted, r.Grant = true, req.grant != nil
		location = change(location, r, f != nil)
	}
	return location
}

// see sends the user agent elsewhere. The target of a POST is fetched by GET.
func (x *exchange) see(target string) {
	if x.breaksHeader() && strings.ContainsAny(target, "\r\n") && x.splitHeader(target) {
		return
	}
	x.w.Header().Set("Location", target)
	x.w.Header().Set("Cache-Control", "no-store")
	x.w.WriteHeader(http.StatusSeeOther)
}

// breaksHeader reports whether a misbehaviour may have put line breaks into a
// redirect; nothing else can.
func (x *exchange) breaksHeader() bool {
	return x.config.Faults.SplitHeader || len(x.config.Hooks.Location) > 0
}

// splitHeader answers like a server that copies a value into a header as it
// comes; net/http itself would not. It reports false on connections that
// cannot be taken over (HTTP/2).
func (x *exchange) splitHeader(target string) bool {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "HTTP/1.1 303 See Other\r\nConnection: close\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n", target)
	if err != nil {
		x.Logger.Debug("client went away", "error", err)
	}
	return true
}
