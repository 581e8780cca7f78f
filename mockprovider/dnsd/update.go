package dnsd

import (
	"errors"
	"fmt"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// refusal is why an update is not carried out, by its response code.
type refusal struct {
	rcode int
	why   string
}

func (r *refusal) Error() string { return dns.RcodeToString[r.rcode] + ": " + r.why }

func refuse(rcode int, format string, args ...any) *refusal {
	return &refusal{rcode, fmt.Sprintf(format, args...)}
}

// update carries a dynamic update out, all of it or nothing, and completes the
// response (RFC 2136 section 3). It takes the zone's name from the question
// section, the prerequisites from the answer section and the changes from the
// authority section, as the RFC renames them.
func (s *Server) update(k *work, req *dns.Msg) {
	k.resp.Rcode = k.edns(req)
	if k.resp.Rcode != dns.RcodeSuccess {
		return
	}
	before, after, err := s.carryOut(k, req)
	var r *refusal
	switch {
	case err == nil:
		k.remark = fmt.Sprintf("key %s: %d records before, %d after, serial %d", k.tsig.record.Hdr.Name, before.Len(), after.Len(), after.Serial())
	case errors.As(err, &r):
		k.resp.Rcode, k.remark = r.rcode, r.why
	case errors.Is(err, store.ErrNoZone):
		k.resp.Rcode, k.remark = dns.RcodeNotAuth, err.Error()
	default:
		s.log.Error("a DNS update failed", "update", k.note.DNS.String(), "error", err)
		k.resp.Rcode, k.remark = dns.RcodeServerFailure, err.Error()
	}
}

func (s *Server) carryOut(k *work, req *dns.Msg) (before, after *zone.Zone, err error) {
	if len(req.Question) != 1 || req.Question[0].Qtype != dns.TypeSOA {
		return nil, nil, refuse(dns.RcodeFormatError, "the zone section names a zone by one SOA, and holds nothing else")
	}
	q := req.Question[0]
	f, ok := s.store.Find(q.Name)
	if !ok || q.Qclass != dns.ClassINET || f.Zone.Origin() != dns.CanonicalName(q.Name) {
		return nil, nil, refuse(dns.RcodeNotAuth, "there is no such zone here")
	}
	k.note.Tenant = f.Tenant.Name()
	// Whoever may not change the zone does not learn what is in it either.
	if !k.authenticated() {
		return nil, nil, refuse(dns.RcodeRefused, "the update is not signed")
	}
	if r := scanUpdate(f.Zone.Origin(), req.Ns); r != nil {
		return nil, nil, r
	}
	after, err = f.Tenant.Edit(f.Zone.Origin(), func(z *zone.Zone) (*zone.Zone, error) {
		before = z
		if r := prerequisites(z, req.Answer); r != nil {
			return nil, r
		}
		for _, rr := range req.Ns {
			if z, err = edit(z, rr); err != nil {
				return nil, err
			}
		}
		return z, nil
	})
	return before, after, err
}

// scanUpdate refuses an update section that cannot be carried out whatever the
// zone holds (RFC 2136 section 3.4.1).
func scanUpdate(origin string, rrs []dns.RR) *refusal {
	for i, rr := range rrs {
		h := rr.Header()
		_, storable := zone.TypeName(h.Rrtype)
		bad := func(why string) *refusal {
			return refuse(dns.RcodeFormatError, "change %d, %s %s: %s", i+1, h.Name, dns.Type(h.Rrtype), why)
		}
		if !dns.IsSubDomain(origin, h.Name) {
			return refuse(dns.RcodeNotZone, "change %d: %s is outside the zone %s", i+1, h.Name, origin)
		}
		switch h.Class {
		case dns.ClassANY:
			if h.Ttl != 0 || h.Rdlength != 0 || !storable && h.Rrtype != dns.TypeANY {
				return bad("taking out a whole set goes without TTL and data")
			}
			continue
		case dns.ClassNONE:
			if h.Ttl != 0 {
				return bad("taking out a record goes without TTL")
			}
		case dns.ClassINET:
		default:
			return bad("the class is none of IN, ANY and NONE")
		}
		if _, err := record(rr); err != nil {
			return bad(err.Error())
		}
	}
	return nil
}

// record is the record of an update as a zone has it.
func record(rr dns.RR) (zone.Record, error) {
	plain := dns.Copy(rr)
	plain.Header().Class = dns.ClassINET
	r, err := zone.FromRR(plain)
	return r.Canonical(), err
}

// prerequisites compares the zone with what the update takes for granted (RFC
// 2136 section 3.2).
func prerequisites(z *zone.Zone, rrs []dns.RR) *refusal {
	wanted := map[rrsetName]map[string]bool{}
	for i, rr := range rrs {
		h := rr.Header()
		refuse := func(rcode int, why string) *refusal {
			return refuse(rcode, "prerequisite %d, %s %s: %s", i+1, h.Name, dns.Type(h.Rrtype), why)
		}
		if h.Ttl != 0 {
			return refuse(dns.RcodeFormatError, "it has a TTL")
		}
		if !dns.IsSubDomain(z.Origin(), h.Name) {
			return refuse(dns.RcodeNotZone, "it is outside the zone "+z.Origin())
		}
		if h.Class == dns.ClassINET {
			r, err := record(rr)
			if err != nil {
				return refuse(dns.RcodeFormatError, err.Error())
			}
			set := rrsetName{r.Owner, h.Rrtype}
			if wanted[set] == nil {
				wanted[set] = map[string]bool{}
			}
			wanted[set][r.Data] = true
			continue
		}
		if h.Class != dns.ClassANY && h.Class != dns.ClassNONE || h.Rdlength != 0 {
			return refuse(dns.RcodeFormatError, "it is none of the forms of section 2.4 of RFC 2136")
		}
		if rcode := absentOrPresent(z, h); rcode != dns.RcodeSuccess {
			return refuse(rcode, "the zone has it otherwise")
		}
	}
	for set, want := range wanted {
		if !holds(z, set, want) {
			return refuse(dns.RcodeNXRrset, "%s %s is not exactly as the prerequisites say", set.owner, dns.Type(set.rrtype))
		}
	}
	return nil
}

// rrsetName names an RRset of a zone.
type rrsetName struct {
	owner  string
	rrtype uint16
}

// absentOrPresent judges a prerequisite without data: class ANY wants a name
// or RRset to be there, class NONE wants it not to be.
func absentOrPresent(z *zone.Zone, h *dns.RR_Header) int {
	there := len(z.RRset(h.Name, h.Rrtype)) > 0
	absent, present := dns.RcodeNXRrset, dns.RcodeYXRrset
	if h.Rrtype == dns.TypeANY {
		absent, present = dns.RcodeNameError, dns.RcodeYXDomain
		for range z.At(h.Name) {
			there = true
			break
		}
	}
	switch {
	case h.Class == dns.ClassANY && !there:
		return absent
	case h.Class == dns.ClassNONE && there:
		return present
	}
	return dns.RcodeSuccess
}

// holds reports whether an RRset has exactly the data that is wanted, TTLs
// aside.
func holds(z *zone.Zone, set rrsetName, want map[string]bool) bool {
	have := z.RRset(set.owner, set.rrtype)
	for _, rr := range have {
		r, err := record(rr)
		if err != nil || !want[r.Data] {
			return false
		}
	}
	return len(have) == len(want)
}
