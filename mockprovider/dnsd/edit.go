package dnsd

import (
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/zone"
)

// edit does one change of an update to a zone, or nothing where RFC 2136
// section 3.4.2 has it silently passed over. The change has gone through
// scanUpdate.
func edit(z *zone.Zone, rr dns.RR) (*zone.Zone, error) {
	h := rr.Header()
	owner := dns.CanonicalName(h.Name)
	if h.Class == dns.ClassANY {
		return takeSet(z, owner, h.Rrtype)
	}
	r, err := record(rr)
	if err != nil {
		return nil, err
	}
	if h.Class == dns.ClassNONE {
		return takeRecord(z, r)
	}
	return put(z, rr, r)
}

// takeSet takes an RRset out, or with type ANY all at a name. SOA and NS of
// the apex stay. What is at a name without being DNS, a redirect say, goes
// with the rest: whoever clears a name means to find it free.
func takeSet(z *zone.Zone, owner string, rrtype uint16) (*zone.Zone, error) {
	word, _ := zone.TypeName(rrtype)
	var change zone.Change
	for r := range z.At(owner) {
		kept := owner == z.Origin() && (r.Type == "SOA" || r.Type == "NS")
		if !kept && (rrtype == dns.TypeANY || r.Type == word) {
			change.Remove = append(change.Remove, r)
		}
	}
	return change.Apply(z)
}

// takeRecord takes one record out, if it is there. The SOA stays, and so does
// the last NS of the apex.
func takeRecord(z *zone.Zone, gone zone.Record) (*zone.Zone, error) {
	if gone.Type == "SOA" || gone.Owner == z.Origin() && gone.Type == "NS" && len(z.RRset(z.Origin(), dns.TypeNS)) == 1 {
		return z, nil
	}
	var change zone.Change
	for r := range z.At(gone.Owner) {
		if r.Type == gone.Type && r.Canonical().Data == gone.Data {
			change.Remove = append(change.Remove, r)
		}
	}
	return change.Apply(z)
}

// put adds a record, or replaces the one with the same data. The TTL becomes
// that of the whole RRset (RFC 2181 section 5.2).
func put(z *zone.Zone, rr dns.RR, added zone.Record) (*zone.Zone, error) {
	fresh, err := zone.FromRR(rr)
	if err != nil {
		return nil, err
	}
	if added.Type == "SOA" {
		return putSOA(z, rr, fresh)
	}
	var change zone.Change
	there := false
	for r := range z.At(added.Owner) {
		switch {
		case r.Type != added.Type:
			if (r.Type == "CNAME" || added.Type == "CNAME") && excludes(r.Type, added.Type) {
				return z, nil
			}
		case r.Canonical().Data == added.Data:
			there = true
			fallthrough
		case added.Type != "CNAME" && added.Type != "DNAME":
			if r.TTL != added.TTL {
				r.TTL = added.TTL
				change.Retime = append(change.Retime, r)
			}
		default:
			// A name has one CNAME, and one DNAME: the new one takes its place.
			change.Remove = append(change.Remove, r)
		}
	}
	if !there {
		change.Add = append(change.Add, fresh)
	}
	return change.Apply(z)
}

// excludes reports whether a CNAME and another type cannot stand at one name
// (RFC 1034 section 3.6.2, RFC 4034 sections 3 and 4). The extension types are
// not DNS, and whoever asks the DNS could not tell why a change is passed over.
func excludes(a, b string) bool {
	for _, typ := range []string{a, b} {
		switch typ {
		case "RRSIG", "NSEC", "KEY":
			return false
		}
		if _, ok := typeCode(typ); !ok {
			return false
		}
	}
	return true
}

// putSOA replaces the SOA by a newer one; any other is passed over.
func putSOA(z *zone.Zone, rr dns.RR, fresh zone.Record) (*zone.Zone, error) {
	soa, ok := rr.(*dns.SOA)
	if !ok || fresh.Owner != z.Origin() || !newer(soa.Serial, z.Serial()) {
		return z, nil
	}
	change := zone.Change{Add: []zone.Record{fresh}}
	for r := range z.At(z.Origin()) {
		if r.Type == "SOA" {
			change.Remove = append(change.Remove, r)
		}
	}
	return change.Apply(z)
}
