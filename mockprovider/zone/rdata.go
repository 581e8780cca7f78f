package zone

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// TypeName is the canonical spelling of a DNS type: its mnemonic, or TYPEnnn
// for a type without one. It is false for 0 and for types that exist only in
// questions and messages (OPT, TSIG, AXFR, ANY and their like).
func TypeName(rrtype uint16) (string, bool) {
	switch rrtype {
	case dns.TypeNone, dns.TypeOPT, dns.TypeReserved:
		return fmt.Sprintf("TYPE%d", rrtype), false
	}
	name, ok := dns.TypeToString[rrtype]
	if !ok {
		name = fmt.Sprintf("TYPE%d", rrtype)
	}
	// RFC 6895 section 3.1: 128 to 255 are Q-types and meta-types.
	return name, rrtype < 128 || rrtype > 255
}

// parseData reads the RDATA of a type in presentation form, relative names
// below origin; the record has the root as its owner.
func parseData(typ, data, origin string) (dns.RR, error) {
	if strings.ContainsAny(data, "\r\n\x00") {
		return nil, errors.New("the data has a line break")
	}
	if !typeWord(typ) {
		return nil, fmt.Errorf("%q is no record type", typ)
	}
	if words := strings.Fields(data); len(words) > 3 && words[0] == `\#` {
		// RFC 3597 section 5 allows white space in the digits; the parser does not.
		data = `\# ` + words[1] + " " + strings.Join(words[2:], "")
	}
	zp := dns.NewZoneParser(strings.NewReader(". 0 IN "+typ+" "+data+"\n"), origin, "")
	rr, ok := zp.Next()
	if err := zp.Err(); err != nil {
		return nil, errors.New(parserMessage(err))
	}
	if !ok {
		return nil, fmt.Errorf("%q is no data", data)
	}
	return rr, nil
}

// typeWord reports whether a word in upper case can only be read as a type.
func typeWord(typ string) bool {
	if _, ok := dns.StringToType[typ]; ok {
		return true
	}
	number, ok := strings.CutPrefix(typ, "TYPE")
	if !ok {
		return false
	}
	_, err := strconv.ParseUint(number, 10, 16)
	return err == nil
}

// parserMessage takes the library's name off its messages, and the parser's
// line and column, which count in text that the user has never seen.
func parserMessage(err error) string {
	message := strings.ReplaceAll(err.Error(), "dns: ", "")
	if at := strings.LastIndex(message, " at line: "); at >= 0 {
		message = message[:at]
	}
	return message
}

// packData is the RDATA in wire form, without compression.
func packData(rr dns.RR) ([]byte, error) {
	switch rr := rr.(type) {
	case *dns.A:
		if ip := rr.A.To4(); ip != nil {
			return slices.Clone(ip), nil
		}
	case *dns.AAAA:
		if len(rr.AAAA) == net.IPv6len {
			return slices.Clone(rr.AAAA), nil
		}
	}
	// Packing writes into the header, and the caller's record may be shared.
	rr = dns.Copy(rr)
	rr.Header().Name = "."
	wire := make([]byte, dns.Len(rr)+16)
	end, err := dns.PackRR(rr, wire, 0, nil, false)
	for size := 1 << 10; err != nil && size <= 1<<17; size <<= 1 {
		// The length is an estimate; escapes can make it wrong.
		wire = make([]byte, size)
		end, err = dns.PackRR(rr, wire, 0, nil, false)
	}
	if err != nil {
		return nil, errors.New(parserMessage(err))
	}
	// The root's single octet, then type, class, TTL and length.
	return wire[11:end], nil
}

// unpackData makes a record of wire RDATA. It keeps nothing of data.
func unpackData(h dns.RR_Header, data []byte) (dns.RR, error) {
	h.Rdlength = uint16(len(data))
	if len(data) == 0 {
		if _, known := dns.TypeToRR[h.Rrtype]; known {
			return nil, errors.New("the data is empty")
		}
		return &dns.RFC3597{Hdr: h}, nil
	}
	rr, _, err := dns.UnpackRRWithHeader(h, data, 0)
	if err != nil {
		return nil, errors.New(parserMessage(err))
	}
	return rr, nil
}

// settle returns a record and its wire form in the library's own way of writing,
// which for some types is not the only one; what is compared is what it writes.
// Data that it cannot read back is malformed.
func settle(h dns.RR_Header, rr dns.RR) (dns.RR, []byte, error) {
	wire, err := packData(rr)
	if err != nil {
		return nil, nil, err
	}
	if rr, err = unpackData(h, wire); err != nil {
		return nil, nil, err
	}
	again, err := packData(rr)
	if err != nil || !bytes.Equal(again, wire) {
		return nil, nil, errors.New("the data is malformed")
	}
	return rr, wire, nil
}

// printed is the RDATA of a type in presentation form, which parseData reads
// back to the same octets. Where the library's own form does not come back (it
// prints NULL as it is, and tags of CAA without escapes) it is that of RFC 3597.
func printed(typ string, rr dns.RR, wire []byte) string {
	data := presentation(rr)
	if everyday(rr.Header().Rrtype) {
		return data
	}
	if _, unknown := rr.(*dns.RFC3597); !unknown {
		if again, err := parseData(typ, data, "."); err == nil {
			if got, err := packData(again); err == nil && bytes.Equal(got, wire) {
				return data
			}
		}
	}
	return strings.TrimSuffix(fmt.Sprintf(`\# %d %X`, len(wire), wire), " ")
}

// everyday reports whether the type is one of those that most records have. The
// library packs and prints them without loss, which spares the proof.
func everyday(rrtype uint16) bool {
	switch rrtype {
	case dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeNS, dns.TypeCNAME, dns.TypeDNAME, dns.TypePTR, dns.TypeMX, dns.TypeSRV, dns.TypeSOA:
		return true
	}
	return false
}

// whole reports whether the RDATA of an everyday type with names in it is
// complete. The library takes short data too, as dynamic updates have it.
func whole(rrtype uint16, wire []byte) bool {
	end := len(wire)
	switch rrtype {
	case dns.TypeNS, dns.TypeCNAME, dns.TypeDNAME, dns.TypePTR:
		end = nameEnd(wire, 0)
	case dns.TypeMX:
		end = nameEnd(wire, 2)
	case dns.TypeSRV:
		end = nameEnd(wire, 6)
	case dns.TypeSOA:
		end = nameEnd(wire, nameEnd(wire, 0)) + 20
	}
	return end == len(wire)
}

// presentation is the RDATA as the library prints it. The usual cases are
// spelt out because a plan asks often.
func presentation(rr dns.RR) string {
	switch rr := rr.(type) {
	case *dns.A:
		return rr.A.String()
	case *dns.CNAME:
		if plainName(rr.Target) {
			return rr.Target
		}
	case *dns.MX:
		if plainName(rr.Mx) {
			return strconv.Itoa(int(rr.Preference)) + " " + rr.Mx
		}
	case *dns.TXT:
		// The strings of an unpacked record have their escapes already.
		return `"` + strings.Join(rr.Txt, `" "`) + `"`
	}
	// Owner, TTL, class and type; a tab in a name is escaped.
	fields := strings.SplitN(rr.String(), "\t", 5)
	return strings.TrimSpace(fields[len(fields)-1])
}

// lowerNames lower-cases the names in wire RDATA, for the types in which they
// compare without regard to case: RFC 4034 section 6.2 as amended by RFC 6840
// section 5.1, and the later types that carry a target.
func lowerNames(rrtype uint16, data []byte) {
	from, to := 0, len(data)
	switch rrtype {
	case dns.TypeNS, dns.TypeMD, dns.TypeMF, dns.TypeCNAME, dns.TypeMB, dns.TypeMG, dns.TypeMR,
		dns.TypePTR, dns.TypeMINFO, dns.TypeRP, dns.TypeDNAME:
	case dns.TypeSOA:
		to -= 20
	case dns.TypeMX, dns.TypeAFSDB, dns.TypeRT, dns.TypePX, dns.TypeKX, dns.TypeLP:
		from = 2
	case dns.TypeSRV:
		from = 6
	case dns.TypeSVCB, dns.TypeHTTPS:
		from = 2
		to = nameEnd(data, from)
	case dns.TypeNAPTR:
		from = 4
		for range 3 { // flags, service and regular expression
			if from < len(data) {
				from += 1 + int(data[from])
			}
		}
	default:
		return
	}
	if from < to && to <= len(data) {
		lowerWire(data[from:to])
	}
}

// nameEnd is the offset behind an uncompressed name, -1 when it does not end.
func nameEnd(data []byte, at int) int {
	for at >= 0 && at < len(data) {
		if data[at] == 0 {
			return at + 1
		}
		at += 1 + int(data[at])
	}
	return -1
}

// joinedText is the value of a TXT record: the character-strings of its wire
// form, joined.
func joinedText(data string) string {
	var b strings.Builder
	for len(data) > 0 {
		n := min(int(data[0])+1, len(data))
		b.WriteString(data[1:n])
		data = data[n:]
	}
	return b.String()
}
