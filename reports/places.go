package reports

import (
	"regexp"
	"strings"
)

// secretFields are names of form fields, query parameters and JSON members
// whose values are secret wherever they stand, in lower case and without
// hyphens and underscores.
var secretFields = map[string]bool{
	"password": true, "passwd": true, "passphrase": true,
	"clientsecret": true, "accesstoken": true, "refreshtoken": true, "idtoken": true,
	"csrf": true, "csrftoken": true, "xcsrftoken": true, "csrfmiddlewaretoken": true,
	"xsrf": true, "xsrftoken": true, "authenticitytoken": true,
}

// longestField bounds how far back a name is looked for.
const longestField = 40

var (
	privateKey = regexp.MustCompile(`(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)`)
	inputName  = regexp.MustCompile(`(?i)\bname\s*=\s*["']?([\w-]+)["'\s/>]`)
	inputValue = regexp.MustCompile(`(?i)(\bvalue\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)`)
)

// redactPlaces takes out what is secret by where it stands. Every text of a
// run goes through it, so it looks for a cheap sign before it looks closely.
func redactPlaces(s string) string {
	s = redactHeaders(s)
	if strings.Contains(s, "PRIVATE KEY-----") {
		s = privateKey.ReplaceAllString(s, "${1}"+Redacted+"${2}")
	}
	return redactInputs(redactMembers(redactParameters(s)))
}

// cutter collects what stands in place of parts of a text. Parts come in order.
type cutter struct {
	out  strings.Builder
	from int
}

func (c *cutter) replace(s string, start, end int, with string) {
	c.out.WriteString(s[c.from:start])
	c.out.WriteString(with)
	c.from = end
}

func (c *cutter) result(s string) string {
	if c.from == 0 {
		return s
	}
	c.out.WriteString(s[c.from:])
	return c.out.String()
}

// each calls found for every place of mark from where found says to go on.
func each(s string, mark byte, found func(at int) (next int)) {
	for i := 0; i < len(s); {
		n := strings.IndexByte(s[i:], mark)
		if n < 0 {
			return
		}
		i = found(i + n)
	}
}

// redactParameters finds name=value in queries and form bodies.
func redactParameters(s string) string {
	var c cutter
	each(s, '=', func(at int) int {
		start := at
		for start > 0 && at-start < longestField && isNameByte(s[start-1]) {
			start--
		}
		if !isSecretField(s[start:at]) {
			return at + 1
		}
		end := at + 1
		for end < len(s) && strings.IndexByte("& \t\r\n\"'<>;", s[end]) < 0 {
			end++
		}
		if end > at+1 {
			c.replace(s, at+1, end, Redacted)
		}
		return end
	})
	return c.result(s)
}

// redactMembers finds "name": "value" in JSON.
func redactMembers(s string) string {
	var c cutter
	each(s, ':', func(at int) int {
		before := strings.TrimRight(s[max(0, at-longestField-4):at], " \t\r\n")
		name, quoted := strings.CutSuffix(before, `"`)
		open := strings.LastIndexByte(name, '"')
		if !quoted || open < 0 || !isSecretField(name[open+1:]) {
			return at + 1
		}
		start := len(s) - len(strings.TrimLeft(s[at+1:], " \t\r\n"))
		if start >= len(s) || s[start] != '"' {
			return at + 1
		}
		start++
		end := start
		for end < len(s) && s[end] != '"' {
			if s[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(s))
		if end > start {
			c.replace(s, start, end, Redacted)
		}
		return max(end, at+1)
	})
	return c.result(s)
}

// redactInputs finds <input name="…" value="…"> in HTML.
func redactInputs(s string) string {
	var c cutter
	each(s, '<', func(at int) int {
		const tag = "input"
		if len(s) < at+1+len(tag) || !strings.EqualFold(s[at+1:at+1+len(tag)], tag) {
			return at + 1
		}
		n := strings.IndexByte(s[at:], '>')
		if n < 0 {
			n = len(s) - at - 1
		}
		end := at + n + 1
		name := inputName.FindStringSubmatch(s[at:end])
		if name == nil || !isSecretField(name[1]) {
			return end
		}
		if safe := inputValue.ReplaceAllString(s[at:end], `${1}"`+Redacted+`"`); safe != s[at:end] {
			c.replace(s, at, end, safe)
		}
		return end
	})
	return c.result(s)
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

func isSecretField(name string) bool {
	if len(name) < len("csrf") || len(name) > longestField {
		return false
	}
	var buf [longestField]byte
	n := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-':
		case c >= 'A' && c <= 'Z':
			buf[n] = c + 'a' - 'A'
			n++
		default:
			buf[n] = c
			n++
		}
	}
	return secretFields[string(buf[:n])]
}

// redactHeaders takes the secret part out of HTTP header lines and keeps what
// a reader needs of them: names of cookies, their attributes, the scheme.
func redactHeaders(s string) string {
	var c cutter
	at := 0
	for line := range strings.Lines(s) {
		body := strings.TrimRight(line, "\r\n")
		if safe := redactHeader(body); safe != body {
			c.replace(s, at, at+len(body), safe)
		}
		at += len(line)
	}
	return c.result(s)
}

func redactHeader(line string) string {
	colon := strings.IndexByte(line, ':')
	if colon < 0 || colon > 40 {
		return line
	}
	label, value := line[:colon+1], strings.TrimSpace(line[colon+1:])
	// Traces mark the direction before the name: "> Cookie: …", "  Cookie: …".
	switch strings.ToLower(strings.TrimLeft(label, "<>* \t")) {
	case "authorization:", "proxy-authorization:":
		if scheme, rest, ok := strings.Cut(value, " "); ok && rest != "" {
			return label + " " + scheme + " " + Redacted
		}
	case "cookie:":
		pairs := strings.Split(value, ";")
		for i, pair := range pairs {
			pairs[i] = redactPair(pair)
		}
		return label + " " + strings.Join(pairs, ";")
	case "set-cookie:":
		pair, attributes, found := strings.Cut(value, ";")
		if found {
			attributes = ";" + attributes
		}
		return label + " " + redactPair(pair) + attributes
	case "x-csrf-token:", "x-xsrf-token:", "x-api-key:":
	default:
		return line
	}
	return label + " " + Redacted
}

func redactPair(pair string) string {
	name, value, ok := strings.Cut(pair, "=")
	switch {
	case !ok:
		return Redacted
	case value == "":
		return pair // a cookie that is being cleared
	}
	return name + "=" + Redacted
}
