package consent

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// members are what the known exporters write of a cookie. Those with false say
// nothing that a session needs.
var members = map[string]bool{
	"name": true, "value": true, "domain": true, "path": true, "secure": true, "httpOnly": true, "hostOnly": true,
	"session": true, "expirationDate": true, "expires": true, "sameSite": true,
	"storeId": false, "id": false, "firstPartyDomain": false, "partitionKey": false, "priority": false, "size": false,
	"sameParty": false, "sourceScheme": false, "sourcePort": false,
}

// exported are the words of exporters for SameSite, in lower case.
var exported = map[string]http.SameSite{
	"": 0, "unspecified": 0, "no_restriction": http.SameSiteNoneMode, "none": http.SameSiteNoneMode,
	"lax": http.SameSiteLaxMode, "strict": http.SameSiteStrictMode,
}

// json reads an array of objects; offset is where it begins.
func (in *importer) json(offset int) error {
	r := &jsonReader{importer: in, dec: jsontext.NewDecoder(bytes.NewReader(in.data[offset:])), base: offset}
	if r.dec.PeekKind() != '[' {
		line, column := in.at(offset)
		return in.fail(line, column, "want an array of cookies, as browser extensions export it")
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.syntax(err)
	}
	for r.dec.PeekKind() != ']' {
		if err := r.cookie(); err != nil {
			return err
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.syntax(err)
	}
	if rest := bytes.TrimSpace(in.data[offset+int(r.dec.InputOffset()):]); len(rest) > 0 {
		line, column := in.at(len(in.data) - len(rest))
		return in.fail(line, column, "something stands behind the array")
	}
	return nil
}

// jsonReader reads cookie by cookie, knowing where it is.
type jsonReader struct {
	*importer
	dec  *jsontext.Decoder
	base int
}

// here is where the next token begins.
func (r *jsonReader) here() (line, column int) {
	r.dec.PeekKind()
	offset := r.base + int(r.dec.InputOffset())
	for offset < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[offset]) >= 0 {
		offset++
	}
	return r.at(offset)
}

// syntax names the place of broken JSON, without what stands there.
func (r *jsonReader) syntax(err error) error {
	offset := r.dec.InputOffset()
	var s *jsontext.SyntacticError
	if errors.As(err, &s) {
		offset = s.ByteOffset
	}
	line, column := r.at(r.base + int(offset))
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return r.fail(line, column, "a member stands twice")
	}
	return r.fail(line, column, "not JSON")
}

func (r *jsonReader) cookie() error {
	line, column := r.here()
	if r.dec.PeekKind() != '{' {
		if _, err := r.dec.ReadToken(); err != nil {
			return r.syntax(err)
		}
		return r.fail(line, column, "want an object for each cookie")
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.syntax(err)
	}
	c := jsonCookie{has: make(map[string]bool)}
	for r.dec.PeekKind() != '}' {
		if err := r.member(&c); err != nil {
			return err
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.syntax(err)
	}
	k, problem := c.cookie()
	if problem != "" {
		return r.fail(line, column, "%s", problem)
	}
	return r.add(k, line, column)
}

// jsonCookie is a cookie as written.
type jsonCookie struct {
	kept
	hostOnly, session bool
	has               map[string]bool
}

// cookie is what is meant, or what is missing. Exporters that leave hostOnly
// out write a dot before the domain of a wide cookie, as browsers do.
func (c jsonCookie) cookie() (kept, string) {
	for _, need := range []string{"name", "value", "domain"} {
		if !c.has[need] {
			return kept{}, "the cookie has no " + need
		}
	}
	k := c.kept
	if k.name == "" {
		return kept{}, "the cookie has an empty name"
	}
	k.wide = strings.HasPrefix(k.host, ".")
	if c.has["hostOnly"] {
		if k.wide && c.hostOnly {
			return kept{}, "domain begins with a dot, and hostOnly is true"
		}
		k.wide = !c.hostOnly
	}
	k.host = strings.ToLower(strings.TrimPrefix(k.host, "."))
	if k.path == "" {
		k.path = "/"
	}
	if c.session {
		k.expires = time.Time{}
	}
	return k, ""
}

// member reads one member of a cookie.
func (r *jsonReader) member(c *jsonCookie) error {
	line, column := r.here()
	token, err := r.dec.ReadToken()
	if err != nil {
		return r.syntax(err)
	}
	name := token.String()
	used, known := members[name]
	if !known {
		return r.fail(line, column, "unknown member %q%s", name, nearest(name, slices.Sorted(maps.Keys(members))))
	}
	if !used {
		if err := r.dec.SkipValue(); err != nil {
			return r.syntax(err)
		}
		return nil
	}
	line, column = r.here()
	value, err := r.dec.ReadValue()
	if err != nil {
		return r.syntax(err)
	}
	c.has[name] = true
	if want := c.take(name, value); want != "" {
		return r.fail(line, column, "%s is no %s", name, want)
	}
	return nil
}

// take sets a member, or says what it should be.
func (c *jsonCookie) take(name string, value jsontext.Value) string {
	switch name {
	case "name", "value", "domain", "path":
		to := map[string]*string{"name": &c.name, "value": &c.value, "domain": &c.host, "path": &c.path}[name]
		return takeString(to, value)
	case "secure", "httpOnly", "hostOnly", "session":
		to := map[string]*bool{"secure": &c.secure, "httpOnly": &c.httpOnly, "hostOnly": &c.hostOnly, "session": &c.session}[name]
		switch value.Kind() {
		case 't':
			*to = true
		case 'f':
		default:
			return "true or false"
		}
	case "expirationDate", "expires":
		return c.takeTime(value)
	case "sameSite":
		var word string
		if value.Kind() == 'n' {
			return ""
		}
		if takeString(&word, value) != "" {
			return "string"
		}
		mode, ok := exported[strings.ToLower(word)]
		if !ok {
			return "word of exporters (no_restriction, none, lax, strict, unspecified)"
		}
		c.sameSite = mode
	}
	return ""
}

func takeString(to *string, value jsontext.Value) string {
	if value.Kind() != '"' {
		return "string"
	}
	b, err := jsontext.AppendUnquote(nil, []byte(value))
	if err != nil {
		return "string"
	}
	*to = string(b)
	return ""
}

// takeTime reads seconds since 1970; 0, a negative number and null say that
// the cookie ends with the browser's session.
func (c *jsonCookie) takeTime(value jsontext.Value) string {
	switch value.Kind() {
	case 'n':
		return ""
	case '0':
		seconds, err := strconv.ParseFloat(string(value), 64)
		if err != nil || seconds > maxSeconds {
			return "time in seconds since 1970"
		}
		if seconds > 0 {
			c.expires = time.UnixMilli(int64(seconds * 1000))
		}
		return ""
	}
	return "number of seconds since 1970"
}

// maxSeconds is the year 9999: what is later was meant in other units.
const maxSeconds = 253402300799
