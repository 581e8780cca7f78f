package target

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// Redactor takes secrets out of evidence where it is recorded: cookies,
// authorization, passwords, anti-forgery tokens, and every literal secret that
// it is told. Names and structure stay, so that a reader sees that a cookie
// was sent and not what it was. The zero value is ready to use.
type Redactor struct {
	// Secrets are literal values that must not appear anywhere, in plain or
	// percent-encoded form. Empty ones are ignored.
	Secrets []string
	// Headers are further header fields whose values are secrets.
	Headers []string
}

// secretHeaders are replaced whole.
var secretHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "X-Csrf-Token"}

// Form fields carry secrets when their names are among secretFields or have
// one of secretWords in them, in any case.
var (
	secretFields = []string{"pass", "pwd", "authenticity_token", "__requestverificationtoken", "access_token", "refresh_token", "session", "sessionid"}
	secretWords  = []string{"passwd", "password", "csrf", "xsrf", "secret"}
)

// minCode is how long an authorization code is at least: what is shorter could
// be guessed, and is some variable of a template.
const minCode = 16

// isSecret reports whether the value of a field is a secret, by its name, and
// for an authorization code (RFC 6749 section 4.1.2) by its length, too.
func isSecret(name, value string) bool {
	return isSecretField(name) || strings.EqualFold(name, "code") && len(value) >= minCode
}

func isSecretField(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(secretFields, name) || slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

// secretInput matches an HTML input with a name, whatever the order of its
// attributes; secretValue then matches the value inside.
var (
	secretInput = regexp.MustCompile(`(?i)^<(?:input|meta)\b[^>]*\bname\s*=\s*["']?([^\s"'>]+)[^>]*>$`)
	secretValue = regexp.MustCompile(`(?i)\b(value|content)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)`)
)

// Text replaces the literal secrets.
func (r Redactor) Text(s string) string {
	for _, secret := range r.Secrets {
		if secret == "" {
			continue
		}
		s = strings.ReplaceAll(s, secret, Redacted)
		for _, enc := range []string{url.QueryEscape(secret), url.PathEscape(secret)} {
			if enc != secret {
				s = strings.ReplaceAll(s, enc, Redacted)
			}
		}
	}
	return s
}

// URL replaces literal secrets and the values of secret query parameters. All
// other bytes stay as they are.
func (r Redactor) URL(s string) string {
	base, query, ok := strings.Cut(s, "?")
	if !ok {
		return r.Text(s)
	}
	query, fragment, hash := strings.Cut(query, "#")
	out := r.Text(base) + "?" + r.form(query)
	if hash {
		out += "#" + r.Text(fragment)
	}
	return out
}

// Header is a copy without secrets. Of a cookie that is set, the name and the
// attributes stay, since cases judge them.
func (r Redactor) Header(h http.Header) http.Header {
	if h == nil {
		return nil
	}
	out := make(http.Header, len(h))
	for name, values := range h {
		for _, v := range values {
			switch {
			case http.CanonicalHeaderKey(name) == "Set-Cookie":
				v = setCookie(v)
			case isSecretHeader(name) || slices.ContainsFunc(r.Headers, func(s string) bool { return strings.EqualFold(s, name) }):
				v = Redacted
			case http.CanonicalHeaderKey(name) == "Location":
				v = r.URL(v)
			default:
				v = r.Text(v)
			}
			out[name] = append(out[name], v)
		}
	}
	return out
}

func isSecretHeader(name string) bool {
	for _, s := range secretHeaders {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

func setCookie(v string) string {
	pair, attributes, more := strings.Cut(v, ";")
	name, _, _ := strings.Cut(pair, "=")
	out := name + "=" + Redacted
	if more {
		out += ";" + attributes
	}
	return out
}

// Body is a body without secrets: form fields, HTML inputs and JSON members by
// name, anything else by literal secret.
func (r Redactor) Body(contentType string, b []byte) string {
	s := string(b)
	switch {
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		return r.form(s)
	case strings.Contains(contentType, "json"):
		s = members(s)
	case strings.Contains(contentType, "html"):
		s = inputs(s)
	}
	return r.Text(s)
}

// member matches a member of a JSON object whose value is a string. What is no
// JSON is looked through all the same.
var member = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"(\s*:\s*)"((?:[^"\\]|\\.)*)"`)

// members takes the values of secret members out of a JSON text.
func members(s string) string {
	return member.ReplaceAllStringFunc(s, func(pair string) string {
		m := member.FindStringSubmatch(pair)
		if !isSecret(m[1], m[3]) {
			return pair
		}
		return `"` + m[1] + `"` + m[2] + `"` + Redacted + `"`
	})
}

// inputs takes the values of secret inputs out of a page. It looks for the tags
// by hand, since every page of a run comes by here.
func inputs(page string) string {
	var out strings.Builder
	kept := 0
	for at := 0; ; {
		next := strings.IndexByte(page[at:], '<')
		if next < 0 {
			break
		}
		at += next
		if !isInput(page[at:]) {
			at++
			continue
		}
		end := strings.IndexByte(page[at:], '>')
		if end < 0 {
			break
		}
		out.WriteString(page[kept:at])
		out.WriteString(redactInput(page[at : at+end+1]))
		at += end + 1
		kept = at
	}
	if kept == 0 {
		return page
	}
	out.WriteString(page[kept:])
	return out.String()
}

func redactInput(tag string) string {
	if !mayBeSecret(tag) {
		return tag
	}
	if m := secretInput.FindStringSubmatch(tag); m == nil || !isSecretField(m[1]) {
		return tag
	}
	return secretValue.ReplaceAllString(tag, `$1="`+Redacted+`"`)
}

// mayBeSecret reports whether a tag has a word in it that the names of secret
// fields have: most have none, and the expression is slow.
func mayBeSecret(tag string) bool {
	tag = strings.ToLower(tag)
	in := func(word string) bool { return strings.Contains(tag, word) }
	return slices.ContainsFunc(secretWords, in) || slices.ContainsFunc(secretFields, in)
}

// isInput reports whether a tag begins as those that hold values do.
func isInput(tag string) bool {
	if len(tag) < 2 || tag[1]|0x20 != 'i' && tag[1]|0x20 != 'm' {
		return false
	}
	for _, name := range []string{"<input", "<meta"} {
		if len(tag) > len(name) && strings.EqualFold(tag[:len(name)], name) {
			return true
		}
	}
	return false
}

// form redacts name=value pairs and keeps every other byte.
func (r Redactor) form(s string) string {
	pairs := strings.Split(s, "&")
	for i, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = name
		}
		if ok && isSecret(plain, value) {
			pairs[i] = name + "=" + Redacted
			continue
		}
		pairs[i] = r.Text(pair)
	}
	return strings.Join(pairs, "&")
}
