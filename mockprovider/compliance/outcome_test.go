package compliance

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// outcome is what an engine makes of a case, in a form that two engines can be
// compared in.
type outcome struct {
	// class is our error class, or "reference " and the other engine's
	// exception; "" when there is a result.
	class       string
	new, delete int
	records     []entry
	// unchecked is set when the case does not say which records are left.
	unchecked bool
}

// entry is a record. Names are in lower case without trailing dot, the owner
// relative, TXT decoded and joined. An SRV has what the case calls service and
// protocol in data.
type entry struct {
	name, typ, data string
	ttl             int64 // 0 for types that are no DNS types
}

func (e entry) String() string { return fmt.Sprintf("%s %d %s %s", e.name, e.ttl, e.typ, e.data) }

func (o outcome) String() string {
	if o.class != "" {
		return o.class
	}
	var b strings.Builder
	fmt.Fprintf(&b, "new %d, delete %d", o.new, o.delete)
	for _, e := range o.records {
		b.WriteString("\n      " + e.String())
	}
	return b.String()
}

func (o outcome) clone() outcome {
	o.records = slices.Clone(o.records)
	return o
}

func (o *outcome) sort() {
	slices.SortFunc(o.records, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.typ, b.typ), strings.Compare(a.data, b.data), cmp.Compare(a.ttl, b.ttl))
	})
}

// equal reports whether two outcomes are one, order aside.
func (o outcome) equal(other outcome) bool {
	o, other = o.clone(), other.clone()
	o.sort()
	other.sort()
	return o.class == other.class && o.new == other.new && o.delete == other.delete && slices.Equal(o.records, other.records)
}

// exceptions says which of our classes the other engine's five stand for.
var exceptions = map[string][]dc.ErrorClass{
	"InvalidData": {
		dc.ErrName, dc.ErrOutOfZone, dc.ErrAddress, dc.ErrNumber, dc.ErrText, dc.ErrSPF, dc.ErrService,
		dc.ErrURL, dc.ErrData, dc.ErrCoexist, dc.ErrRequest,
	},
	"InvalidTemplate":  {dc.ErrTemplate, dc.ErrUnsupported},
	"MissingParameter": {dc.ErrVariable},
	"HostRequired":     {dc.ErrHostRequired},
	"TypeError":        {dc.ErrRecordType},
}

// same compares a prediction with what our core did.
func same(predicted, got outcome) bool {
	if exception, ok := strings.CutPrefix(predicted.class, "reference "); ok {
		return slices.Contains(exceptions[exception], dc.ErrorClass(got.class))
	}
	if predicted.class != "" || got.class != "" {
		return predicted.class == got.class
	}
	if predicted.new != got.new || predicted.delete != got.delete {
		return false
	}
	predicted, got = predicted.clone(), got.clone()
	predicted.sort()
	got.sort()
	return predicted.unchecked || slices.Equal(predicted.records, got.records)
}

// expected is the outcome that the case names.
func (q question) expected() outcome {
	if e := q.Expect.Exception; e != "" {
		return outcome{class: "reference " + e}
	}
	o := outcome{new: q.Expect.New, delete: q.Expect.Delete, unchecked: q.Expect.Records == nil}
	if q.Expect.Records != nil {
		for _, r := range *q.Expect.Records {
			o.records = append(o.records, entryOf(r))
		}
	}
	return o
}

// entryOf is a record of a case.
func entryOf(r record) entry {
	e := entry{name: ownerText(r.Name), typ: strings.ToUpper(r.Type), data: r.Data}
	if r.TTL != nil {
		e.ttl = *r.TTL
	}
	switch e.typ {
	case "MX":
		e.data = fmt.Sprintf("%d %s", r.Priority, nameText(r.Data))
	case "SRV":
		e.data = fmt.Sprintf("%d %d %d %s [%s]", r.Priority, r.Weight, r.Port, nameText(r.Data), serviceKey(r.Service, r.Protocol))
	case "TXT":
		e.data = decodeText(r.Data)
	default:
		e.data = canonicalData(e.typ, r.Data)
	}
	if isPseudo(e.typ) && e.typ != "APEXCNAME" {
		e.ttl = 0
	}
	return e
}

func canonicalData(typ, data string) string {
	switch typ {
	case "A", "AAAA":
		if ip, err := netip.ParseAddr(data); err == nil {
			return ip.String()
		}
	case "CNAME", "NS", "APEXCNAME":
		return nameText(data)
	}
	if strings.HasPrefix(data, `\#`) {
		return strings.ToUpper(data)
	}
	if rr, err := dns.NewRR(". 0 IN " + typ + " " + data); dns.StringToType[typ] != 0 && typ != "TXT" && err == nil && rr != nil {
		return strings.TrimPrefix(rr.String(), rr.Header().String()) // one of several ways to write it
	}
	return data
}

func isPseudo(typ string) bool {
	return typ == "APEXCNAME" || typ == "REDIR301" || typ == "REDIR302"
}

func nameText(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

func ownerText(name string) string {
	if name == "" {
		return "@"
	}
	return strings.ToLower(name)
}

// serviceKey is service and protocol of an SRV without underscores and case.
func serviceKey(service, protocol string) string {
	plain := func(s string) string { return strings.ToLower(strings.TrimPrefix(s, "_")) }
	return plain(service) + "/" + plain(protocol)
}

// decodeText is the octets of TXT data: what stands in quotes is presentation
// format, anything else is text.
func decodeText(data string) string {
	if !strings.HasPrefix(data, `"`) {
		return data
	}
	rr, err := dns.NewRR(". 0 IN TXT " + data)
	if err != nil {
		return data
	}
	buf := make([]byte, dns.Len(rr)+1)
	n, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return data
	}
	var text strings.Builder
	for rest := buf[11:n]; len(rest) > 0; { // root owner and fixed fields
		size := int(rest[0])
		text.Write(rest[1 : 1+size])
		rest = rest[1+size:]
	}
	return text.String()
}
