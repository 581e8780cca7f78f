package resolve

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// txt reads data as TXT RDATA in presentation format (6.2): strings in double
// quotes, or one string without quotes, which may hold spaces and semicolons.
// Strings over 255 octets are split so that their join is exact.
func (r *recordResolver) txt(h dns.RR_Header) (dns.RR, *dc.Error) {
	value := r.render("data")
	if value.template == "@" && r.edition == dc.DCSpec23 {
		value.parts = []part{{text: r.fqdn}} // 2.3 reads @ in data as the fqdn
	}
	strs, err := characterStrings(value)
	if err != nil {
		return nil, r.fail(dc.ErrText, "data", "%v", err)
	}
	t := &dns.TXT{Hdr: h}
	size := 0
	for _, s := range strs {
		for {
			n := min(len(s), 255)
			t.Txt = append(t.Txt, escapeText(s[:n]))
			size += n + 1
			s = s[n:]
			if len(s) == 0 {
				break
			}
		}
	}
	if size > 65535 {
		return nil, r.fail(dc.ErrText, "data", "the text takes %d octets, a record holds 65535", size)
	}
	return t, nil
}

// octet is one octet of TXT data, or a quote that opens or closes a string.
type octet struct {
	value byte
	quote bool
}

// characterStrings splits rendered data into character-strings. A quote from
// a variable is text unless the variable is the whole field: no value can end
// a string that the template began.
func characterStrings(v rendered) ([][]byte, error) {
	quoted := false
	if len(v.parts) > 0 {
		switch first := v.parts[0]; {
		case first.name == "":
			quoted = strings.HasPrefix(strings.TrimLeft(first.text, " "), `"`)
		case v.whole():
			quoted = strings.HasPrefix(first.text, `"`)
		}
	}
	var octets []octet
	for _, p := range v.parts {
		var err error
		if octets, err = lexText(octets, p, quoted && (p.name == "" || v.whole())); err != nil {
			return nil, err
		}
	}
	if !quoted {
		s := make([]byte, len(octets))
		for i, o := range octets {
			s[i] = o.value
		}
		return [][]byte{s}, nil
	}
	return splitStrings(octets)
}

// lexText reads the octets and escapes (RFC 1035 section 5.1) of one part. An
// escape may not reach from one part into the next.
func lexText(out []octet, p part, quotes bool) ([]octet, error) {
	for i := 0; i < len(p.text); i++ {
		c := p.text[i]
		switch {
		case c < ' ' || c == 0x7f:
			return nil, fmt.Errorf("the text holds the control character %q; remove it", c)
		case c == '"' && quotes:
			out = append(out, octet{value: c, quote: true})
			continue
		case c != '\\':
			out = append(out, octet{value: c})
			continue
		}
		value, n := unescape(p.text[i+1:])
		if n == 0 {
			return nil, fmt.Errorf(`the text %s has a backslash that escapes nothing; write \\ for a backslash`, quote(p.text))
		}
		if p.name != "" && (value < ' ' || value == 0x7f) {
			return nil, fmt.Errorf("the value of %%%s%% holds the control character %q; remove it", p.name, value)
		}
		out = append(out, octet{value: value})
		i += n
	}
	return out, nil
}

// unescape reads what follows a backslash: three digits of an octet, or any
// printable character. n is 0 when it is neither.
func unescape(s string) (value byte, n int) {
	switch {
	case s == "" || s[0] < ' ' || s[0] == 0x7f:
		return 0, 0
	case s[0] < '0' || s[0] > '9':
		return s[0], 1
	case len(s) < 3 || strings.Trim(s[:3], "0123456789") != "":
		return 0, 0
	}
	octet := int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0')
	if octet > 255 {
		return 0, 0
	}
	return byte(octet), 3
}

// splitStrings takes quoted strings apart.
func splitStrings(octets []octet) ([][]byte, error) {
	var strs [][]byte
	var current []byte
	open := false
	for _, o := range octets {
		switch {
		case o.quote && open:
			strs = append(strs, current)
			open = false
		case o.quote:
			current, open = []byte{}, true
		case open:
			current = append(current, o.value)
		case o.value != ' ':
			return nil, fmt.Errorf(`text stands outside the quotes; put every string in quotes, and write \" for a quote inside one`)
		}
	}
	if open {
		return nil, fmt.Errorf(`a quote is not closed; write \" for a quote inside a string`)
	}
	return strs, nil
}

// escapeText writes octets as the DNS library takes them; it escapes those
// that do not print when the record comes back from the wire.
func escapeText(s []byte) string {
	return textEscaper.Replace(string(s))
}

var textEscaper = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

// txtMode reads the conflict members (10.4). A mode that nobody knows, or
// Prefix without a prefix, would decide what is deleted, so it is refused.
func (r *recordResolver) txtMode(out *dc.Resolved) *dc.Error {
	mode := r.record.TXTMode
	is := func(word string) bool {
		// Quoted ABNF strings ignore case; dcspec-2.3 says that values do not.
		return mode == word || r.edition == dc.IETF05 && strings.EqualFold(mode, word)
	}
	switch {
	case mode == "" || is("None"):
		out.TXTMode = dc.TXTNone
	case is("All"):
		out.TXTMode = dc.TXTAll
	case is("Prefix"):
		if r.record.TXTPrefix == "" {
			return r.fail(dc.ErrTemplate, "txtConflictMatchingPrefix", "mode Prefix has no prefix; write the start of the text that conflicts")
		}
		out.TXTMode, out.TXTPrefix = dc.TXTPrefix, r.record.TXTPrefix
	default:
		return r.fail(dc.ErrTemplate, "txtConflictMatchingMode", "%s is not a mode; write None, All or Prefix", quote(mode))
	}
	return nil
}
