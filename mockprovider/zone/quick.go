package zone

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// quickData is the wire RDATA of the plainest records of the commonest types,
// without a parser: zones are made by the thousand. It is false for whatever
// is not plain, good or bad, which the parser then looks at.
func quickData(typ, data string) (rrtype uint16, wire []byte, ok bool) {
	switch typ {
	case "A", "AAAA":
		rrtype = dns.StringToType[typ]
		ip, err := netip.ParseAddr(data)
		plain := err == nil && ip.Is4() == (typ == "A") && !ip.Is4In6() && ip.Zone() == ""
		return rrtype, ip.AsSlice(), plain
	case "NS", "CNAME":
		wire, ok = quickName(nil, data)
		return dns.StringToType[typ], wire, ok
	case "MX":
		preference, name, _ := strings.Cut(data, " ")
		n, err := strconv.ParseUint(preference, 10, 16)
		wire, ok = quickName([]byte{byte(n >> 8), byte(n)}, name)
		return dns.TypeMX, wire, ok && err == nil
	case "TXT":
		value, quoted := strings.CutPrefix(data, `"`)
		value, closed := strings.CutSuffix(value, `"`)
		plain := quoted && closed && len(value) <= 255 && !strings.ContainsAny(value, "\"\\\r\n\x00")
		return dns.TypeTXT, append([]byte{byte(len(value))}, value...), plain
	}
	return 0, nil, false
}

// quickName appends an absolute name that needs no escapes.
func quickName(wire []byte, name string) ([]byte, bool) {
	if name == "" || name[len(name)-1] != '.' || !plainName(name) {
		return nil, false
	}
	for label := range strings.SplitSeq(name[:len(name)-1], ".") {
		if label == "" {
			break // The root.
		}
		wire = append(append(wire, byte(len(label))), label...)
	}
	return append(wire, 0), true
}
