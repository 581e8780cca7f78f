package resolve

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// genericRR parses data as RDATA in presentation format, in the type's own
// form or that of RFC 3597 (6.2).
func (r *recordResolver) genericRR(h dns.RR_Header, sh shape) (dns.RR, *dc.Error) {
	value := r.render("data")
	text := value.text
	if value.template == "@" && r.edition == dc.DCSpec23 {
		text = r.fqdn + "."
	} else if err := guard(value); err != nil {
		return nil, r.fail(dc.ErrData, "data", "%v", err)
	}
	rr, why := parseRDATA(sh, text)
	if why == "" {
		why = readsBack(sh, rr)
	}
	if why != "" {
		return nil, r.fail(dc.ErrData, "data", "%s is not %s data: %s", quote(text), sh.name, why)
	}
	if err := r.checkTarget(rr); err != nil {
		return nil, err
	}
	*rr.Header() = h
	return rr, nil
}

// parseRDATA reads data and says why it cannot. The owner stands in later, so
// that nothing but data is parsed here. Names in data are absolute, with or
// without trailing dot.
func parseRDATA(sh shape, text string) (rr dns.RR, why string) {
	zp := dns.NewZoneParser(strings.NewReader(". 0 IN "+sh.name+" "+text+"\n"), ".", "")
	rr, ok := zp.Next()
	switch err := zp.Err(); {
	case err != nil:
		return nil, plain(err)
	case !ok || rr.Header().Rrtype != sh.code:
		return nil, "it holds no value"
	}
	if _, more := zp.Next(); more || zp.Err() != nil {
		return nil, "it holds more than one record"
	}
	return rr, ""
}

// readsBack wants the record to survive the wire and its own presentation
// form: a secondary server, a zone file and a person have to read the same.
// Escapes can bring octets into fields that have no escapes when printed.
func readsBack(sh shape, rr dns.RR) (why string) {
	const not = "it does not print as one line that reads the same"
	wire, back, err := throughWire(rr)
	if err != nil {
		return plain(err)
	}
	_, text, found := strings.Cut(back.String(), "\t"+dns.Type(sh.code).String()+"\t")
	if !found || strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c >= 0x7f }) >= 0 {
		return not
	}
	again, why := parseRDATA(sh, text)
	if why != "" {
		return not
	}
	if second, _, err := throughWire(again); err != nil || !bytes.Equal(wire, second) {
		return not
	}
	return ""
}

// throughWire packs a record and unpacks it.
func throughWire(rr dns.RR) (wire []byte, back dns.RR, err error) {
	buf := make([]byte, dns.Len(rr)+1)
	n, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return nil, nil, err
	}
	back, _, err = dns.UnpackRR(buf[:n], 0)
	return buf[:n], back, err
}

// checkTarget holds the core types, written by number, to the rules for names
// that they have when written by mnemonic.
func (r *recordResolver) checkTarget(rr dns.RR) *dc.Error {
	name := ""
	switch rr := rr.(type) {
	case *dns.CNAME:
		name = rr.Target
	case *dns.NS:
		name = rr.Ns
	case *dns.MX:
		name = rr.Mx
	case *dns.SRV:
		if rr.Target == "." {
			return nil
		}
		name = rr.Target
	default:
		return nil
	}
	if _, err := toASCII(strings.TrimSuffix(name, "."), false); err != nil {
		return r.fail(dc.ErrName, "data", "the name %s %v", quote(name), err)
	}
	return nil
}

// guard refuses data that is more than RDATA to a parser of zone files:
// comments, parentheses, further lines, @ as the origin, and quotes or escapes
// by which a value could leave the place that the template gave it.
func guard(v rendered) error {
	if strings.Trim(v.text, " ") == "" {
		return fmt.Errorf("the data is empty")
	}
	g := guardian{}
	for _, p := range v.parts {
		if err := g.part(p, p.name == "" || v.whole()); err != nil {
			return err
		}
	}
	if g.inQuotes {
		return fmt.Errorf(`a quote is not closed; write \" for a quote inside a string`)
	}
	for token := range strings.FieldsSeq(g.outside.String()) {
		if token == "@" {
			return fmt.Errorf("@ has no meaning in data; write the name")
		}
	}
	return nil
}

// guardian walks over data. It collects what stands outside quotes; a quoted
// string leaves its quotes there.
type guardian struct {
	inQuotes bool
	outside  strings.Builder
}

func (g *guardian) part(p part, quotes bool) error {
	for i := 0; i < len(p.text); i++ {
		c := p.text[i]
		if !g.inQuotes || c == '"' {
			g.outside.WriteByte(c)
		}
		switch {
		case c < ' ' || c == 0x7f:
			return fmt.Errorf("the data holds the control character %q; remove it", c)
		case c == '\\':
			if i+1 == len(p.text) {
				return fmt.Errorf(`%s ends in a backslash; write \\ for a backslash`, quote(p.text))
			}
			if p.text[i+1] >= '0' && p.text[i+1] <= '9' {
				if _, n := unescape(p.text[i+1:]); n == 0 {
					return fmt.Errorf(`%s has an escape that is not three digits up to 255`, quote(p.text))
				}
			}
			i++
		case c == '"' && !quotes:
			return fmt.Errorf(`the value of %%%s%% holds a quote; write \" for a quote`, p.name)
		case c == '"':
			g.inQuotes = !g.inQuotes
		case !g.inQuotes && (c == ';' || c == '(' || c == ')'):
			return fmt.Errorf("the data holds %q outside quotes; put the string in quotes", c)
		}
	}
	return nil
}
