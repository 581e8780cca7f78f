package sign

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// spelling is one way in which a segment may have been written when it was
// signed, as a function of how it was received.
type spelling struct {
	slip  Slip
	write func(segment string) string
	// generic ones give way to any other that leads to the same octets.
	generic bool
}

// spellings are the single ones; segments are those of the link.
func spellings(segments []string) []spelling {
	joined := strings.Join(segments, "&")
	list := []spelling{
		{slip: Slip{Mistake: TextHexCase, Detail: "lower case was signed"}, write: func(s string) string { return escapes(s, strings.ToLower) }},
		{slip: Slip{Mistake: TextHexCase, Detail: "upper case was signed"}, write: func(s string) string { return escapes(s, strings.ToUpper) }},
		{slip: Slip{Mistake: TextSpacePlus}, write: func(s string) string { return strings.ReplaceAll(s, "%20", "+") }},
		{slip: Slip{Mistake: TextSpace20}, write: func(s string) string { return strings.ReplaceAll(s, "+", "%20") }},
		{slip: Slip{Mistake: TextPlusBare}, write: func(s string) string { return strings.ReplaceAll(s, "+", "%2B") }},
		{slip: Slip{Mistake: TextTwice}, write: func(s string) string { return strings.ReplaceAll(s, "%", "%25") }},
		{slip: Slip{Mistake: TextTwice}, write: func(s string) string { return each(s, func(v string) string { return encode(v, unreserved) }) }},
		{slip: Slip{Mistake: TextDecoded}, write: decodeOnce},
		{slip: Slip{Mistake: TextDecoded}, write: decodeForm},
	}
	if twiceEncoded(joined) {
		list = append(list, spelling{slip: Slip{Mistake: LinkTwice}, write: decodeOnce})
	}
	list = append(list, browserSpellings(joined)...)
	for _, segment := range segments {
		name, _, _ := strings.Cut(segment, "=")
		list = append(list, spelling{slip: Slip{Mistake: TextDecoded, Detail: "that of " + name}, generic: true, write: func(s string) string {
			if s == segment {
				return decodeOnce(s)
			}
			return s
		}})
	}
	list = append(list, genericSpellings()...)
	return append(list, singleEscapes(segments)...)
}

// browserClasses are what browsers encode in a query (the WHATWG URL
// standard's special-query percent-encode set) beside control characters.
var browserClasses = []struct {
	name    string
	matches func(c byte) bool
}{
	{"'", func(c byte) bool { return c == '\'' }},
	{`< > "`, func(c byte) bool { return c == '<' || c == '>' || c == '"' }},
	{"characters that are not ASCII", func(c byte) bool { return c >= 0x80 }},
	{"blanks", func(c byte) bool { return c == ' ' }},
}

// browserSpellings undo what a browser does, for each choice of its classes
// that occurs.
func browserSpellings(joined string) []spelling {
	var present []int
	for i, class := range browserClasses {
		if escapes(joined, func(e string) string {
			if class.matches(octet(e)) {
				return ""
			}
			return e
		}) != joined {
			present = append(present, i)
		}
	}
	var list []spelling
	for mask := 1; mask < 1<<len(present); mask++ {
		var names []string
		var chosen []int
		for bit, i := range present {
			if mask&(1<<bit) != 0 {
				names, chosen = append(names, browserClasses[i].name), append(chosen, i)
			}
		}
		list = append(list, spelling{slip: Slip{Mistake: LinkBrowser, Detail: strings.Join(names, ", ")}, write: func(s string) string {
			return escapes(s, func(e string) string {
				for _, i := range chosen {
					if browserClasses[i].matches(octet(e)) {
						return string([]byte{octet(e)})
					}
				}
				return e
			})
		}})
	}
	return list
}

// unreserved are what RFC 3986 leaves alone; the others add what encoders in
// use leave alone as well.
const unreserved = "-._~"

var keepers = []string{unreserved, "-._", "-._*", "-._~!'()*", "-._~/", "-._~/:", "-._~:/?@", "-._~$&+=:@", "-._~!$'()*,;:@/?"}

// genericSpellings write names and values as other encoders do.
func genericSpellings() []spelling {
	var list []spelling
	for _, keep := range keepers {
		for _, space := range []string{"%20", "+"} {
			for _, decode := range []func(string) string{decodeOnce, decodeForm} {
				list = append(list, spelling{generic: true, slip: Slip{Mistake: TextSpelling}, write: func(s string) string {
					return each(s, func(v string) string {
						v = encode(decode(v), keep)
						if space == "+" {
							v = strings.ReplaceAll(v, "%20", "+")
						}
						return v
					})
				}})
			}
		}
	}
	return list
}

// maxEscapes bounds how many escapes are tried one by one.
const maxEscapes = 64

// singleEscapes write one escape alone with other digits, as a proxy may.
func singleEscapes(segments []string) []spelling {
	var list []spelling
	for _, segment := range segments {
		for i := 0; i+2 < len(segment) && len(list) < maxEscapes; i++ {
			esc := segment[i:min(i+3, len(segment))]
			other := strings.ToUpper(esc)
			if other == esc {
				other = strings.ToLower(esc)
			}
			if esc[0] != '%' || other == esc {
				continue
			}
			list = append(list, spelling{generic: true, slip: Slip{Mistake: TextHexCase, Detail: fmt.Sprintf("%s was signed where %s is sent", other, esc)},
				write: func(s string) string {
					if s != segment {
						return s
					}
					return s[:i] + other + s[i+3:]
				}})
		}
	}
	return list
}

// each applies a change to the name and the value of a segment.
func each(segment string, change func(string) string) string {
	name, value, has := strings.Cut(segment, "=")
	if !has {
		return change(name)
	}
	return change(name) + "=" + change(value)
}

// escapes changes every percent-escape.
func escapes(s string, change func(string) string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			b.WriteString(change(s[i : i+3]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octet(escape string) byte {
	c, err := url.PathUnescape(escape)
	if err != nil || c == "" {
		return 0
	}
	return c[0]
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func decodeOnce(s string) string {
	return escapes(s, func(e string) string { return string([]byte{octet(e)}) })
}

func decodeForm(s string) string { return decodeOnce(strings.ReplaceAll(s, "+", " ")) }

// encode percent-encodes all but letters, digits and the kept characters.
func encode(s, keep string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c < utf8.RuneSelf && strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// twiceEncoded reports whether every escape is one of a per cent sign that
// begins an escape.
func twiceEncoded(s string) bool {
	found := false
	for rest := s; ; {
		i := strings.IndexByte(rest, '%')
		if i < 0 {
			return found
		}
		rest = rest[i:]
		if len(rest) < 5 || rest[1:3] != "25" || !isHex(rest[3]) || !isHex(rest[4]) {
			return false
		}
		rest, found = rest[3:], true
	}
}
