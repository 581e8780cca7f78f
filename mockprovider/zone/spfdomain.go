package zone

import (
	"errors"
	"fmt"
	"strings"
)

// spfDomain checks a domain-spec (RFC 7208 section 7.1): macros and literals
// that end in a macro or in a top label. The normal form has a colon in
// front, lower case outside macros, and no trailing dot.
func spfDomain(s string) (string, error) {
	if s == "" {
		return "", errors.New("the domain is missing")
	}
	if err := spfMacros(s); err != nil {
		return "", err
	}
	// Macros may hold dots; what is behind the last one is literal.
	tail := s[strings.LastIndexByte(s, '}')+1:]
	if !strings.HasSuffix(s, "}") {
		tail = strings.TrimSuffix(tail, ".")
		dot := strings.LastIndexByte(tail, '.')
		if dot < 0 {
			return "", fmt.Errorf("%q is no domain name: it needs a dot and a top-level label", s)
		}
		if !topLabel(tail[dot+1:]) {
			return "", fmt.Errorf("%q is no domain name: %q cannot be a top-level label", s, tail[dot+1:])
		}
	}
	if err := spfLabels(s); err != nil {
		return "", err
	}
	return ":" + spfLower(strings.TrimSuffix(s, ".")), nil
}

// spfLabels checks the length of the literal labels of a domain. A label with
// a macro in it is known only when it is expanded.
func spfLabels(s string) error {
	if !strings.Contains(s, "%") && len(strings.TrimSuffix(s, ".")) > 253 {
		return fmt.Errorf("%q is no domain name: it has more than 253 characters", s)
	}
	label, macro, inside := 0, false, false
	for i := range len(strings.TrimSuffix(s, ".")) + 1 {
		switch {
		case inside:
			inside = s[i] != '}'
		case i == len(strings.TrimSuffix(s, ".")) || s[i] == '.':
			if !macro && (label == 0 || label > 63) {
				return fmt.Errorf("%q is no domain name: labels have 1 to 63 characters", s)
			}
			label, macro = 0, false
		case s[i] == '%':
			macro, inside = true, i+1 < len(s) && s[i+1] == '{'
		default:
			label++
		}
	}
	return nil
}

// topLabel is letters, digits and inner hyphens, not all of them digits
// (RFC 7208 section 7.1).
func topLabel(s string) bool {
	letter := false
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case 'a' <= c && c <= 'z':
			letter = true
		case s[i] == '-':
			letter = true
			if i == 0 || i == len(s)-1 {
				return false
			}
		case !isDigit(s[i]):
			return false
		}
	}
	return letter
}

// spfMacros checks the macros of a macro-string (RFC 7208 section 7.1): %%,
// %_, %- and %{letter digits r delimiters}.
func spfMacros(s string) error {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		i++
		switch {
		case i < len(s) && strings.IndexByte("%_-", s[i]) >= 0:
		case i < len(s) && s[i] == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 || !spfMacro(s[i+1:i+end]) {
				return fmt.Errorf("%q has a bad macro; macros look like %%{d} or %%{i1r.}", s)
			}
			i += end
		default:
			return fmt.Errorf("%q has a per cent sign that starts no macro; write %%%% for the sign itself", s)
		}
	}
	return nil
}

// spfMacro checks what stands between the braces.
func spfMacro(s string) bool {
	if s == "" || strings.IndexByte("slodiphcrtv", s[0]|0x20) < 0 {
		return false
	}
	rest := strings.TrimLeft(s[1:], "0123456789")
	if digits := s[1 : len(s)-len(rest)]; digits != "" && strings.Trim(digits, "0") == "" {
		return false // Zero labels cannot be kept (section 7.3).
	}
	if rest != "" && rest[0]|0x20 == 'r' {
		rest = rest[1:]
	}
	return strings.Trim(rest, ".-+,/_=") == ""
}

// spfLower lower-cases what is outside macros: an upper-case macro letter
// means URL escaping.
func spfLower(s string) string {
	if strings.ToLower(s) == s {
		return s
	}
	b := []byte(s)
	inside := false
	for i, c := range b {
		switch {
		case c == '{' && i > 0 && b[i-1] == '%':
			inside = true
		case c == '}':
			inside = false
		case !inside && 'A' <= c && c <= 'Z':
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
