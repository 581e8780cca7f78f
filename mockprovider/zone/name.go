package zone

import (
	"fmt"
	"iter"
	"strings"

	"github.com/miekg/dns"
)

// maxLabels is the largest number of labels that 255 octets can hold.
const maxLabels = 128

// canonicalName returns a name absolute, lower case and with the escapes of
// the canonical presentation form, so that equal names are equal strings.
func canonicalName(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("an empty name is no domain name")
	}
	s = dns.Fqdn(s)
	if plainName(s) {
		return strings.ToLower(s), nil
	}
	var wire [256]byte
	end, err := dns.PackDomainName(s, wire[:], 0, nil, false)
	if err != nil || end > 255 {
		return "", fmt.Errorf("%q is no domain name: labels have 1 to 63 octets, names at most 255", s)
	}
	lowerWire(wire[:end])
	name, _, err := dns.UnpackDomainName(wire[:end], 0)
	if err != nil {
		return "", fmt.Errorf("%q is no domain name: %v", s, err)
	}
	return name, nil
}

// plainName reports whether an absolute name is legal and needs no escapes:
// the quick way for nearly every name.
func plainName(s string) bool {
	if s == "." {
		return true
	}
	if len(s) > 254 {
		return false
	}
	label := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if label == 0 || label > 63 {
				return false
			}
			label = 0
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '*':
			label++
		default:
			return false
		}
	}
	return label == 0
}

// lowerWire lower-cases uncompressed names in wire form. Length octets are at
// most 63 and thus below 'A', so they need no care.
func lowerWire(b []byte) {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
}

// appendKey appends the key under which a zone of the given origin keeps a
// name: the labels below the origin from the right to the left, lower case,
// each closed by a zero octet. The keys of a name and of everything under it
// are one range, and byte order of keys is canonical order of names (RFC 4034
// section 6.1). It is false when the name is not in the zone. The key of the
// apex is empty.
func appendKey(key []byte, name, origin string) ([]byte, bool) {
	if strings.IndexByte(name, '\\') >= 0 {
		canonical, err := canonicalName(name)
		if err != nil {
			return key, false
		}
		name = canonical
	}
	if name == "" || name[len(name)-1] != '.' {
		name += "."
	}
	below, ok := cutOrigin(name, origin)
	if !ok {
		return key, false
	}
	var starts [maxLabels]int
	n := 0
	for i := 0; i < len(below); n++ {
		if n == maxLabels {
			return key, false
		}
		starts[n] = i
		for ; i < len(below) && below[i] != '.'; i++ {
			if below[i] == '\\' {
				i++
			}
		}
		i++
	}
	for end := len(below); n > 0; n-- {
		key = appendLabel(key, below[starts[n-1]:end-1])
		end = starts[n-1]
	}
	return key, true
}

// cutOrigin returns what stands before the origin, with its trailing dot.
func cutOrigin(name, origin string) (string, bool) {
	if origin == "." {
		return strings.TrimPrefix(name, "."), true
	}
	at := len(name) - len(origin)
	if at < 0 || !strings.EqualFold(name[at:], origin) {
		return "", false
	}
	if at > 0 && (name[at-1] != '.' || escaped(name, at-1)) {
		return "", false
	}
	return name[:at], true
}

// ancestors yields the keys of the names above the name of a key, from the
// apex down.
func ancestors(key string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if key == "" || !yield("") {
			return
		}
		for i := 0; i < len(key)-1; i++ {
			if key[i] == 0 && !yield(key[:i+1]) {
				return
			}
		}
	}
}

// escaped reports whether the octet at i has an odd number of backslashes
// before it.
func escaped(s string, i int) bool {
	odd := false
	for i--; i >= 0 && s[i] == '\\'; i-- {
		odd = !odd
	}
	return odd
}

// appendLabel writes the octets of a label, lower case, so that zero can end
// it: 0 becomes 1 1, and 1 becomes 1 2, which keeps the order.
func appendLabel(key []byte, label string) []byte {
	for i := 0; i < len(label); i++ {
		c := label[i]
		if c == '\\' && i+1 < len(label) {
			if i+3 < len(label) && isDigit(label[i+1]) {
				c = (label[i+1]-'0')*100 + (label[i+2]-'0')*10 + label[i+3] - '0'
				i += 3
			} else {
				c = label[i+1]
				i++
			}
		}
		switch {
		case c <= 1:
			key = append(key, 1, c+1)
		case 'A' <= c && c <= 'Z':
			key = append(key, c+'a'-'A')
		default:
			key = append(key, c)
		}
	}
	return append(key, 0)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
