package client

import (
	"fmt"
	"slices"
	"strings"
)

// Param is one name and value of an apply request, not encoded.
type Param struct{ Name, Value string }

const upperHex = "0123456789ABCDEF"

// Encode percent-encodes everything but the unreserved characters of RFC 3986
// section 2.3 (letters, digits, "-", ".", "_", "~"), with upper-case digits.
// Neither net/url.QueryEscape ("+" for a space) nor PathEscape ("$&+=:@" kept)
// nor a browser's encodeURIComponent ("!'()*" kept) does that.
func Encode(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		if unreserved(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// Canonical is the text that a signature covers (ietf-05 section 8.3.2.1):
// every parameter but sig and key, names and values encoded, sorted by encoded
// name in byte order, joined. Parameters of equal name keep their order.
func Canonical(params []Param) string { return joinEncoded(params, true) }

func joinEncoded(params []Param, sorted bool) string {
	type pair struct{ name, value string }
	pairs := make([]pair, 0, len(params))
	for _, p := range params {
		if p.Name == "sig" || p.Name == "key" {
			continue
		}
		pairs = append(pairs, pair{Encode(p.Name), Encode(p.Value)})
	}
	if sorted {
		slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	}
	out := make([]string, len(pairs))
	for i, p := range pairs {
		out[i] = p.name + "=" + p.value
	}
	return strings.Join(out, "&")
}

// label checks the value of the key parameter: one DNS label, plain or with a
// leading underscore (ietf-05 section 3, dc-key-label).
func label(s string) error {
	if s == "" || len(s) > 63 {
		return fmt.Errorf("key label %q: want 1 to 63 characters", s)
	}
	for i := range len(s) {
		c := s[i]
		if c == '~' || c == '.' || !unreserved(c) {
			return fmt.Errorf("key label %q: character %q is not a letter, digit, hyphen or underscore; want one label such as _dcpubkeyv1", s, c)
		}
	}
	return nil
}
