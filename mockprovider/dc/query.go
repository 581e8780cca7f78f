package dc

import (
	"fmt"
	"strings"
)

// Pair is one parameter of a query.
type Pair struct {
	// Name and Value are percent-decoded exactly once.
	Name, Value string
	// RawName and RawValue are the octets as received.
	RawName, RawValue string
}

// Query is the query string of an apply request. The octets as received are
// kept, since a signature is over them (ietf-05 section 8.3.2.1).
type Query struct {
	raw   string
	pairs []Pair
}

// ParseQuery splits a query string, without its question mark, at ampersands,
// and each part at its first equals sign. Empty parts are skipped; a semicolon
// is an ordinary character. Names and values are percent-decoded once; a plus
// is a plus (ietf-05 section 8.3.2, RFC 3986) unless plusIsSpace, as
// dcspec-2.3 has it in practice. A malformed percent-escape is an *Error of
// class ErrRequest.
func ParseQuery(raw string, plusIsSpace bool) (Query, error) {
	q := Query{raw: raw}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(part, "=")
		name, err := unescape(rawName, plusIsSpace)
		if err != nil {
			return Query{}, requestError("", fmt.Sprintf("the name of a parameter, %q, %v", clip(rawName), err))
		}
		value, err := unescape(rawValue, plusIsSpace)
		if err != nil {
			return Query{}, requestError(name, fmt.Sprintf("the value %q %v", clip(rawValue), err))
		}
		q.pairs = append(q.pairs, Pair{Name: name, Value: value, RawName: rawName, RawValue: rawValue})
	}
	return q, nil
}

// Raw is the query string as received.
func (q Query) Raw() string { return q.raw }

// Pairs are the parameters in the order received. The slice is shared and not
// to be modified.
func (q Query) Pairs() []Pair { return q.pairs }

// Has reports whether a parameter of the name is there, be it empty.
func (q Query) Has(name string) bool {
	for _, p := range q.pairs {
		if p.Name == name {
			return true
		}
	}
	return false
}

// Get returns the first value of a name, "" when there is none. Callers that
// act on it refuse repeated names first; see Repeated.
func (q Query) Get(name string) string {
	for _, p := range q.pairs {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// All returns every value of a name in order.
func (q Query) All(name string) []string {
	var values []string
	for _, p := range q.pairs {
		if p.Name == name {
			values = append(values, p.Value)
		}
	}
	return values
}

// Repeated lists the names that occur more than once, in order of their
// first occurrence. Names compare after decoding, so that d%6Fmain repeats
// domain: no value can be checked and another one used.
func (q Query) Repeated() []string {
	count := map[string]int{}
	for _, p := range q.pairs {
		count[p.Name]++
	}
	var names []string
	for _, p := range q.pairs {
		if count[p.Name] > 1 {
			names = append(names, p.Name)
			count[p.Name] = 0
		}
	}
	return names
}

// ParseGroupList reads the decoded value of a groupId parameter: one or more
// dc-id members divided by commas (ietf-05 section 8.3.2). An empty value or
// member, or another character, is an *Error of class ErrRequest: a malformed
// list must never select a subset silently.
func ParseGroupList(value string) ([]string, error) {
	if value == "" {
		return nil, requestError("groupId", "the value is empty; leave the parameter out to apply every group")
	}
	groups := strings.Split(value, ",")
	for _, g := range groups {
		switch {
		case g == "":
			return nil, requestError("groupId", fmt.Sprintf("the list %q has an empty member; write the groups with one comma between two", clip(value)))
		case strings.IndexFunc(g, func(c rune) bool { return !isIDRune(c) }) >= 0:
			return nil, requestError("groupId", fmt.Sprintf("%q is not a group id; a group id has ASCII letters, digits, hyphens, underscores and dots", clip(g)))
		case len(g) > MaxIDLength:
			return nil, requestError("groupId", fmt.Sprintf("a group id has %d characters, the limit is %d", len(g), MaxIDLength))
		}
	}
	return groups, nil
}

func requestError(field, message string) error {
	return &Error{Class: ErrRequest, Record: -1, Field: field, Message: message}
}

// unescape percent-decodes once.
func unescape(s string, plusIsSpace bool) (string, error) {
	if strings.IndexByte(s, '%') < 0 && !(plusIsSpace && strings.IndexByte(s, '+') >= 0) {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%':
			if i+2 >= len(s) || hexValue(s[i+1]) < 0 || hexValue(s[i+2]) < 0 {
				return "", fmt.Errorf("has a malformed percent-escape %q; write a per cent sign as %%25", s[i:min(i+3, len(s))])
			}
			out = append(out, byte(hexValue(s[i+1])<<4|hexValue(s[i+2])))
			i += 2
		case c == '+' && plusIsSpace:
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	return string(out), nil
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// clip bounds what a message quotes of the caller's input.
func clip(s string) string {
	const limit = 80
	if len(s) <= limit {
		return s
	}
	return s[:limit] + "…"
}
