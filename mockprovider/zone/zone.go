// Package zone holds DNS zones as immutable values and works out what
// applying a template does to one: conflicts, SPF merging, removals and
// additions (ietf-05 sections 9.4 and 10). It is pure: no clock, no I/O, no
// map order.
//
// A zone is a persistent ordered tree of owner names, keyed by their labels
// from right to left. A change copies the path to what it touches and shares
// the rest, so readers of the old value never wait and never see the new one.
package zone

import (
	"sync"

	"github.com/miekg/dns"
	"github.com/tidwall/btree"
)

// Zone is an immutable zone. The zero value is not usable; see New and Parse.
// All its methods may be called at the same time.
type Zone struct {
	origin string
	names  btree.Map[string, *node]
	len    int
	// copying guards names.Copy, which writes a mark into the original.
	copying sync.Mutex
}

// node is an owner name with its RRsets. It is never changed.
type node struct {
	owner string
	sets  []rrset // ascending by order
}

// rrset is the records of one owner and type. It is never changed.
type rrset struct {
	typ     string
	rrtype  uint16 // 0 for extension types
	entries []entry
	// served is what DNS answers: the records with one TTL, the lowest.
	served []dns.RR
}

// New makes a zone; origin with or without trailing dot. Records outside the
// origin are an error of class dc.ErrZone, and so are records that are not
// well-formed. Equal records (owner, type and RDATA) collapse into the first.
// A zone may lack its SOA but not have two, or one below the apex. Nothing else
// is asked: what a real zone could not hold together is kept, since a plan must
// cope with it.
func New(origin string, records ...Record) (*Zone, error) {
	b, err := newBuilder(origin)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(records))
	for _, r := range records {
		e, err := newEntry(r)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	if err := b.load(entries); err != nil {
		return nil, err
	}
	return b.zone(), nil
}

// FromRRs makes a zone of DNS records, like New.
func FromRRs(origin string, rrs ...dns.RR) (*Zone, error) {
	b, err := newBuilder(origin)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(rrs))
	for _, rr := range rrs {
		e, err := entryFromRR(rr)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	if err := b.load(entries); err != nil {
		return nil, err
	}
	return b.zone(), nil
}

// Origin is the apex, absolute, lower case.
func (z *Zone) Origin() string { return z.origin }

// Len counts the records.
func (z *Zone) Len() int { return z.len }

// Serial is the SOA serial, 0 without SOA.
func (z *Zone) Serial() uint32 {
	if soa := z.soa(); soa != nil {
		return soa.Serial
	}
	return 0
}

// WithSerial returns the zone with another SOA serial; itself without SOA.
func (z *Zone) WithSerial(serial uint32) *Zone {
	soa := z.soa()
	if soa == nil {
		return z
	}
	next := *soa
	next.Serial = serial
	next.Hdr.Ttl = z.find("").set(dns.TypeSOA).entries[0].rec.TTL
	e, err := entryFromRR(&next)
	if err != nil {
		return z // Unreachable: a SOA of the zone with another number.
	}
	b := z.edit()
	b.put("", z.origin, rrset{typ: e.rec.Type, rrtype: dns.TypeSOA, entries: []entry{e}})
	return b.zone()
}

// soa is the SOA at the apex, or nil.
func (z *Zone) soa() *dns.SOA {
	if rrs := z.find("").served(dns.TypeSOA); len(rrs) > 0 {
		soa, _ := rrs[0].(*dns.SOA)
		return soa
	}
	return nil
}
