package zone

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// spfKind says what a term of an SPF record does to a merge.
type spfKind uint8

const (
	spfMechanism spfKind = iota
	spfAll
	spfRedirect
	spfExp
	spfModifier // any other name=value
)

// spfTerm is one term of an SPF record (RFC 7208 section 4.6.1).
type spfTerm struct {
	kind spfKind
	// qualifier is '+', '-', '~' or '?'; 0 for modifiers.
	qualifier byte
	// text is the term as written, without its qualifier.
	text string
	// plus is set when '+' was written out.
	plus bool
	// key is the normal form: equal keys mean equal terms, whatever their
	// qualifiers.
	key string
	// lookup is set when evaluating the term asks the DNS (section 4.6.4).
	lookup bool
}

// String is the term in an SPF record.
func (t spfTerm) String() string {
	if t.qualifier == 0 || t.qualifier == '+' && !t.plus {
		return t.text
	}
	return string(t.qualifier) + t.text
}

// spfRecord returns what follows the version of an SPF record. Only v=spf1 as
// a whole word, in any case, marks one (RFC 7208 section 4.5).
func spfRecord(text string) (string, bool) {
	const version = "v=spf1"
	if len(text) < len(version) || !strings.EqualFold(text[:len(version)], version) {
		return "", false
	}
	rest := text[len(version):]
	return rest, rest == "" || rest[0] == ' '
}

// parseSPF reads the terms of an SPF record behind its version, or of
// spfRules.
func parseSPF(text string) ([]spfTerm, error) {
	terms := make([]spfTerm, 0, strings.Count(text, " ")+1)
	for word := range strings.SplitSeq(text, " ") {
		if word == "" {
			continue
		}
		t, err := parseSPFTerm(word)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", word, err)
		}
		terms = append(terms, t)
	}
	return terms, nil
}

// parseSPFTerm reads a directive or a modifier (RFC 7208 sections 4.6.1, 5
// and 6).
func parseSPFTerm(word string) (spfTerm, error) {
	for i := range len(word) {
		if word[i] < 0x21 || word[i] > 0x7e {
			return spfTerm{}, errors.New("terms are printable ASCII, with spaces between them")
		}
	}
	end := strings.IndexAny(word, ":/=")
	if end >= 0 && word[end] == '=' {
		return parseSPFModifier(word[:end], word[end+1:])
	}
	t := spfTerm{qualifier: '+', text: word}
	if strings.IndexByte("+-~?", word[0]) >= 0 {
		t.qualifier, t.text, t.plus = word[0], word[1:], word[0] == '+'
	}
	name, arg := t.text, ""
	if end := strings.IndexAny(t.text, ":/"); end >= 0 {
		name, arg = t.text[:end], t.text[end:]
	}
	name = strings.ToLower(name)
	normal, err := spfArgument(name, arg)
	if err != nil {
		return spfTerm{}, err
	}
	t.key = name + normal
	t.lookup = name != "all" && name != "ip4" && name != "ip6"
	if name == "all" {
		t.kind = spfAll
	}
	return t, nil
}

// spfArgument checks what follows the name of a mechanism and returns its
// normal form.
func spfArgument(name, arg string) (string, error) {
	value, colon := strings.CutPrefix(arg, ":")
	switch name {
	case "all":
		if arg != "" {
			return "", errors.New("all takes no argument")
		}
		return "", nil
	case "include", "exists":
		if !colon {
			return "", fmt.Errorf("%s needs a domain: %s:domain", name, name)
		}
		return spfDomain(value)
	case "ptr":
		if arg == "" {
			return "", nil
		}
		if !colon {
			return "", errors.New("ptr takes a domain and no prefix length")
		}
		return spfDomain(value)
	case "a", "mx":
		return spfHosts(arg)
	case "ip4", "ip6":
		if !colon {
			return "", fmt.Errorf("%s needs a network: %s:address", name, name)
		}
		return spfNetwork(name, value)
	}
	return "", errors.New("no such mechanism; there are all, a, mx, ptr, ip4, ip6, include and exists")
}

// spfHosts checks the domain and prefix lengths of a and mx. Full lengths say
// the same as none.
func spfHosts(arg string) (string, error) {
	// A slash may also be a delimiter inside a macro, but not behind it.
	tail := strings.LastIndexByte(arg, '}') + 1
	domain, lengths := arg, ""
	if slash := strings.IndexByte(arg[tail:], '/'); slash >= 0 {
		domain, lengths = arg[:tail+slash], arg[tail+slash:]
	}
	v4, v6, dual := strings.Cut(lengths, "//")
	normal := ""
	if v4 != "" {
		n, err := spfPrefix(v4[1:], 32)
		if err != nil {
			return "", err
		}
		if n < 32 {
			normal = "/" + strconv.Itoa(n)
		}
	}
	if dual {
		n, err := spfPrefix(v6, 128)
		if err != nil {
			return "", err
		}
		if n < 128 {
			normal += "//" + strconv.Itoa(n)
		}
	}
	if domain == "" {
		return normal, nil
	}
	host, err := spfDomain(domain[1:])
	return host + normal, err
}

// spfPrefix reads a prefix length without leading zeros.
func spfPrefix(s string, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("%q is no prefix length from 0 to %d", s, most)
	}
	return n, nil
}

// spfNetwork checks the network of ip4 and ip6. Host bits do not matter.
func spfNetwork(name, value string) (string, error) {
	address, length, cut := strings.Cut(value, "/")
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Zone() != "" || ip.Is4() != (name == "ip4") {
		return "", fmt.Errorf("%q is no IPv%s address", address, name[2:])
	}
	n := ip.BitLen()
	if cut {
		if n, err = spfPrefix(length, n); err != nil {
			return "", err
		}
	}
	network, err := ip.Prefix(n)
	if err != nil {
		return "", fmt.Errorf("%q is no network: %w", value, err)
	}
	return ":" + network.String(), nil
}

// parseSPFModifier reads name=value (RFC 7208 section 6).
func parseSPFModifier(name, value string) (spfTerm, error) {
	t := spfTerm{kind: spfModifier, text: name + "=" + value}
	name = strings.ToLower(name)
	for i := range len(name) {
		c := name[i]
		if 'a' <= c && c <= 'z' || i > 0 && (isDigit(c) || c == '-' || c == '_' || c == '.') {
			continue
		}
		return spfTerm{}, errors.New("no mechanism, and no modifier, whose name would be letters, digits, hyphen, underscore and dot")
	}
	var err error
	switch name {
	case "":
		return spfTerm{}, errors.New("a modifier needs a name before the equals sign")
	case "v":
		return spfTerm{}, errors.New("the version stands once, at the start of the record")
	case "redirect", "exp":
		t.kind, t.lookup = spfExp, false
		if name == "redirect" {
			t.kind, t.lookup = spfRedirect, true
		}
		value, err = spfDomain(value)
	default:
		err = spfMacros(value)
		value = "=" + value
	}
	t.key = name + value
	return t, err
}
