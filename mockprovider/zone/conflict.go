package zone

import (
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Reason says in one word why an existing record conflicts. The list is
// closed.
type Reason string

// The reasons (ietf-05 section 10.4).
const (
	// ReasonAddress: A and AAAA push out every A and AAAA of their owner.
	ReasonAddress Reason = "address"
	// ReasonSameType: MX pushes out MX, SRV pushes out SRV of the full owner.
	ReasonSameType Reason = "same-type"
	// ReasonCNAME: either the new or the existing record is a CNAME.
	ReasonCNAME Reason = "cname"
	// ReasonNSAbove: the existing record is an NS at or above the new one,
	// which would be hidden behind the delegation.
	ReasonNSAbove Reason = "ns-above"
	// ReasonNSBelow: a new NS delegates the existing record away.
	ReasonNSBelow Reason = "ns-below"
	// ReasonTXTAll: a TXT in mode All pushes out every TXT of its owner.
	ReasonTXTAll Reason = "txt-all"
	// ReasonTXTPrefix: the existing TXT starts with the new one's prefix.
	ReasonTXTPrefix Reason = "txt-prefix"
	// ReasonSPF: an SPFM meets an SPF record that it cannot be merged with:
	// one of several, one with redirect=, or one that does not parse (9.4).
	ReasonSPF Reason = "spf-unmergeable"
	// ReasonExtension: APEXCNAME or a redirect meets addresses or its like.
	ReasonExtension Reason = "extension"
)

// Conflict is an existing record that the new set pushes out (10.4).
type Conflict struct {
	Record Record
	Reason Reason
	// By is the index in Template.Records of the first new record that
	// conflicts with it.
	By int
}

// conflicts are the hits in canonical order.
func conflicts(hits []hit) []Conflict {
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, compareHits)
	list := make([]Conflict, 0, len(hits))
	for _, h := range hits {
		list = append(list, Conflict{Record: h.entry.rec, Reason: h.reason, By: h.by})
	}
	return list
}

// findConflicts holds every new record against the zone.
func (p *planner) findConflicts() {
	inTemplateOrder := slices.Clone(p.byOwner)
	slices.SortStableFunc(inTemplateOrder, func(i, j int) int {
		return p.fresh[i].res.Index - p.fresh[j].res.Index
	})
	for _, i := range inTemplateOrder {
		f := &p.fresh[i]
		p.above(f)
		if f.rec.Type == "NS" {
			p.zone.under(f.key, func(key string, n *node) bool {
				p.hitNode(f, key, n, func(*fresh, *rrset, *entry) Reason { return ReasonNSBelow })
				return true
			})
			continue
		}
		if n := p.zone.find(f.key); n != nil {
			p.hitNode(f, f.key, n, clash)
		}
	}
}

// above hits the delegations between the apex and the new record's owner.
func (p *planner) above(f *fresh) {
	for key := range ancestors(f.key) {
		if set := p.zone.find(key).set(dns.TypeNS); set != nil && key != "" {
			p.hitSet(f, key, set, func(*fresh, *rrset, *entry) Reason { return ReasonNSAbove })
		}
	}
}

// hitNode applies a rule to all records of an owner. NS and SOA of the apex
// never take part.
func (p *planner) hitNode(f *fresh, key string, n *node, rule func(*fresh, *rrset, *entry) Reason) {
	for i := range n.sets {
		set := &n.sets[i]
		if key == "" && (set.rrtype == dns.TypeNS || set.rrtype == dns.TypeSOA) {
			continue
		}
		p.hitSet(f, key, set, rule)
	}
}

// hitSet applies a rule to the records of an RRset.
func (p *planner) hitSet(f *fresh, key string, set *rrset, rule func(*fresh, *rrset, *entry) Reason) {
	for i := range set.entries {
		e := &set.entries[i]
		if reason := rule(f, set, e); reason != "" {
			p.hit(hit{key: key, entry: e, reason: reason, by: f.res.Index})
		}
	}
}

// hit notes a conflict, once for each existing record. One that equals a new
// record stays, and one that a merge replaces is no conflict.
func (p *planner) hit(h hit) {
	if p.out[h.entry] || p.shared(h.key, h.entry) {
		return
	}
	p.out[h.entry] = true
	p.hits = append(p.hits, h)
}

// clash is the conflict matrix for two records of one owner (ietf-05 section
// 10.4); the new one is no NS.
func clash(f *fresh, set *rrset, e *entry) Reason {
	switch typ := f.rec.Type; {
	case (typ == "CNAME" || set.typ == "CNAME") && !besideCNAME(typ) && !besideCNAME(set.typ):
		return ReasonCNAME
	case set.rrtype == dns.TypeNS:
		return ReasonNSAbove
	case takesHost(typ) && takesHost(set.typ):
		if extension(typ) || extension(set.typ) {
			return ReasonExtension
		}
		return ReasonAddress
	case typ == set.typ && (typ == "MX" || typ == "SRV"):
		return ReasonSameType
	case typ == "TXT" && set.rrtype == dns.TypeTXT:
		switch f.res.TXTMode {
		case dc.TXTAll:
			return ReasonTXTAll
		case dc.TXTPrefix:
			if strings.HasPrefix(joinedText(e.key), f.res.TXTPrefix) {
				return ReasonTXTPrefix
			}
		}
	}
	return ""
}

// besideCNAME reports whether a type may stand beside a CNAME: the records of
// DNSSEC about the name itself (RFC 4035 section 2.5).
func besideCNAME(typ string) bool { return typ == "RRSIG" || typ == "NSEC" || typ == "KEY" }

// takesHost reports whether a type says where the traffic to a host goes, so
// that such types take each other's place.
func takesHost(typ string) bool { return typ == "A" || typ == "AAAA" || extension(typ) }
