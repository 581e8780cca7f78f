package observe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// Record is one record as seen at a name server, in the form that records are
// compared in. It is comparable.
type Record struct {
	// Owner is absolute and lower case.
	Owner string
	// TTL in seconds.
	TTL uint32
	// Type is the mnemonic, or TYPEnnn.
	Type string
	// Data is the RDATA in presentation form, with the names in it in lower
	// case, and the character-strings of a TXT or SPF joined into one: how a
	// text is split says nothing about its value (ietf-05 section 6.2), and a
	// name server may split it anew.
	Data string
}

// FromRR converts a record.
func FromRR(rr dns.RR) Record {
	h := rr.Header()
	return Record{Owner: dns.CanonicalName(h.Name), TTL: h.Ttl, Type: dns.Type(h.Rrtype).String(), Data: data(rr)}
}

// Parse reads a record in presentation form, absolute and with TTL, so that
// what was written by hand compares equal to what was seen. An error quotes
// the line.
func Parse(line string) (Record, error) {
	rr, err := dns.NewRR(line)
	if err != nil {
		return Record{}, fmt.Errorf("record %q: %w", line, err)
	}
	if rr == nil {
		return Record{}, fmt.Errorf("record %q: there is no record in it", line)
	}
	// Over the wire and back, as what is seen has come: that settles escapes,
	// letters of hexadecimal and the like.
	buf := make([]byte, dns.Len(rr))
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return Record{}, fmt.Errorf("record %q: %w", line, err)
	}
	if rr, _, err = dns.UnpackRR(buf[:end], 0); err != nil {
		return Record{}, fmt.Errorf("record %q: %w", line, err)
	}
	return FromRR(rr), nil
}

// String is the record in presentation form:
// "www.example.com. 300 IN A 192.0.2.1".
func (r Record) String() string {
	return fmt.Sprintf("%s %d IN %s %s", r.Owner, r.TTL, r.Type, r.Data)
}

// Text is the content of a TXT: its octets, without the quotes and escapes of
// the presentation form. It is "" for other types.
func (r Record) Text() string {
	if r.Type != "TXT" {
		return ""
	}
	var b strings.Builder
	s := strings.TrimSuffix(strings.TrimPrefix(r.Data, `"`), `"`)
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 10, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

// Lines are records in presentation form, sorted.
func Lines(records []Record) []string {
	lines := make([]string, len(records))
	for i, r := range records {
		lines[i] = r.String()
	}
	slices.Sort(lines)
	return lines
}

// data is the canonical RDATA. The types whose names are lower-cased are those
// of RFC 4034 section 6.2; the names in newer types have no canonical case and
// compare as they are.
func data(rr dns.RR) string {
	switch rr := rr.(type) {
	case *dns.TXT:
		return `"` + strings.Join(rr.Txt, "") + `"`
	case *dns.SPF:
		return `"` + strings.Join(rr.Txt, "") + `"`
	case *dns.RFC3597:
		return fmt.Sprintf(`\# %d %s`, len(rr.Rdata)/2, rr.Rdata)
	}
	rr = dns.Copy(rr)
	switch rr := rr.(type) {
	case *dns.CNAME:
		lower(&rr.Target)
	case *dns.DNAME:
		lower(&rr.Target)
	case *dns.NS:
		lower(&rr.Ns)
	case *dns.PTR:
		lower(&rr.Ptr)
	case *dns.MX:
		lower(&rr.Mx)
	case *dns.SRV:
		lower(&rr.Target)
	case *dns.SOA:
		lower(&rr.Ns)
		lower(&rr.Mbox)
	case *dns.NAPTR:
		lower(&rr.Replacement)
	case *dns.AFSDB:
		lower(&rr.Hostname)
	case *dns.RP:
		lower(&rr.Mbox)
		lower(&rr.Txt)
	case *dns.KX:
		lower(&rr.Exchanger)
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String())
}

func lower(name *string) { *name = dns.CanonicalName(*name) }

// Difference is what has changed between two observations of a zone.
type Difference struct {
	// Added and Removed are records that are there now, or were there.
	Added, Removed []Record
	// Retimed are records that stayed and have another TTL, as they are now.
	Retimed []Record
}

// Diff compares two observations. The SOA at the apex is left out, since every
// change of a zone changes it; records are sets, order and repetitions do not
// count.
func Diff(before, after []Record) Difference {
	was, is := byValue(before), byValue(after)
	var d Difference
	for key, r := range is {
		old, stayed := was[key]
		switch {
		case !stayed:
			d.Added = append(d.Added, r)
		case old.TTL != r.TTL:
			d.Retimed = append(d.Retimed, r)
		}
	}
	for key, r := range was {
		if _, stayed := is[key]; !stayed {
			d.Removed = append(d.Removed, r)
		}
	}
	for _, records := range [][]Record{d.Added, d.Removed, d.Retimed} {
		slices.SortFunc(records, func(a, b Record) int { return strings.Compare(a.String(), b.String()) })
	}
	return d
}

// byValue indexes records without their TTL.
func byValue(records []Record) map[Record]Record {
	index := make(map[Record]Record, len(records))
	for _, r := range records {
		if r.Type == "SOA" {
			continue
		}
		key := r
		key.TTL = 0
		index[key] = r
	}
	return index
}

// Empty reports whether nothing has changed.
func (d Difference) Empty() bool {
	return len(d.Added)+len(d.Removed)+len(d.Retimed) == 0
}

// String has one line per record: "+ " for an added, "- " for a removed and
// "~ " for one with another TTL; "" when nothing has changed.
func (d Difference) String() string {
	var b strings.Builder
	for _, part := range []struct {
		mark    string
		records []Record
	}{{"-", d.Removed}, {"+", d.Added}, {"~", d.Retimed}} {
		for _, r := range part.records {
			fmt.Fprintf(&b, "%s %s\n", part.mark, r)
		}
	}
	return b.String()
}
