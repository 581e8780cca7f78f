package resolve

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// idnaLookup maps and checks U-labels (RFC 5891 section 5). It leaves ASCII
// alone, since owners have underscores and wildcards; checkLabels judges
// those.
var idnaLookup = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
	idna.VerifyDNSLength(false),
)

// errEmptyName is what toASCII says of a name without labels.
var errEmptyName = errors.New("is empty; write a domain name")

// toASCII checks a name without trailing dot and brings it to A-labels. The
// error is the predicate of a sentence.
func toASCII(name string, wildcard bool) (string, error) {
	if name == "" {
		return "", errEmptyName
	}
	if len(name) > 4*255 {
		return "", errors.New("has more than 255 octets, the limit of DNS")
	}
	if !isASCII(name) {
		if !utf8.ValidString(name) {
			return "", errors.New("is not UTF-8; write an internationalised name in UTF-8 or as A-labels (xn--)")
		}
		ascii, err := idnaLookup.ToASCII(name)
		if err != nil {
			return "", errors.New("is not a legal internationalised name; write it as A-labels (xn--)")
		}
		name = ascii
	}
	if err := checkLabels(name, wildcard); err != nil {
		return "", err
	}
	return name, checkLength(name)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// checkLabels accepts letters, digits, hyphens inside a label, underscores,
// and a wildcard label in front where one is allowed.
func checkLabels(name string, wildcard bool) error {
	first := true
	for label := range strings.SplitSeq(name, ".") {
		leading := first
		first = false
		switch {
		case label == "":
			return errors.New("has an empty label; write one dot between two labels")
		case len(label) > 63:
			return fmt.Errorf("has a label of %d octets, the limit is 63", len(label))
		case label == "*" && wildcard && leading:
			continue
		case label[0] == '-' || label[len(label)-1] == '-':
			return fmt.Errorf("has the label %s, which starts or ends with a hyphen", quote(label))
		}
		for i := range len(label) {
			switch c := label[i]; {
			case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			case c == '*':
				return errors.New("has an asterisk where none may stand; a wildcard is the whole first label of an owner name")
			default:
				return fmt.Errorf("holds the character %q; a name has letters, digits, hyphens, underscores and dots", c)
			}
		}
	}
	return nil
}

// checkLength limits a name without trailing dot to 255 octets on the wire:
// one for each label's length and one for the root.
func checkLength(name string) error {
	if len(name)+2 > 255 {
		return fmt.Errorf("has %d octets in DNS, the limit is 255", len(name)+2)
	}
	return nil
}

// requestName checks domain or host of a request.
func requestName(field, name string) (string, error) {
	switch {
	case name == "@":
		return "", fail(dc.ErrRequest, -1, field, `"@" is not a domain name; leave host out for the apex`)
	case field == "host" && strings.HasSuffix(name, "."):
		return "", fail(dc.ErrRequest, -1, field, "%s ends in a dot; the host is relative to the domain, write it without", quote(name))
	}
	ascii, err := toASCII(name, false)
	if err != nil {
		return "", fail(dc.ErrRequest, -1, field, "%s %v", quote(name), err)
	}
	return strings.ToLower(ascii), nil
}

// owner renders a host or name member (9.3.2): @ and nothing are the root of
// the applied scope, a trailing dot makes a name absolute, everything else
// goes in front of the scope. A prefix, as SRV has it, goes in front of the
// result. The result is absolute, in lower case, and inside the zone.
func (r *recordResolver) owner(field, prefix string) (string, *dc.Error) {
	host := r.render(field).text
	name, absolute := strings.CutSuffix(host, ".")
	switch {
	case absolute:
		if name == "" {
			return "", r.fail(dc.ErrOutOfZone, field, "the name is the root of DNS, which is not in the zone %s", r.domain)
		}
	case host == "" || host == "@":
		name = r.fqdn
	default:
		name = host + "." + r.fqdn
	}
	ascii, err := toASCII(prefix+name, true)
	if err != nil {
		return "", r.fail(dc.ErrName, field, "the owner name %s %v", quote(prefix+name), err)
	}
	ascii = strings.ToLower(ascii)
	if ascii != r.domain && !strings.HasSuffix(ascii, "."+r.domain) {
		mend := "leave out the trailing dot, or write %domain%. at the end"
		return "", r.fail(dc.ErrOutOfZone, field, "%s is not in the zone %s; %s", quote(ascii+"."), r.domain, mend)
	}
	return ascii + ".", nil
}

// target renders pointsTo or target: always absolute, with or without
// trailing dot (6.2). @ alone in the template is the applied fqdn where at is
// set (9.1.2); a variable cannot bring it.
func (r *recordResolver) target(field string, at bool) (string, *dc.Error) {
	value := r.render(field)
	switch {
	case value.template == "@" && at:
		return r.fqdn + ".", nil
	case value.template == "@":
		return "", r.fail(dc.ErrName, field, "@ has no meaning here; write the name of a host")
	case value.template == "" && at && field == "pointsTo" && r.edition == dc.DCSpec23:
		return r.fqdn + ".", nil
	}
	name, err := toASCII(strings.TrimSuffix(value.text, "."), false)
	if err != nil {
		return "", r.fail(dc.ErrName, field, "the name %s %v", quote(value.text), err)
	}
	return name + ".", nil
}
