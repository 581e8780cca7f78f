package profile

import (
	"net"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// The addresses of the edge, from the ranges for documentation (RFC 5737, RFC
// 3849): what a read-back sees in place of what a template says.
const (
	EdgeA    = "198.51.100.53"
	EdgeAAAA = "2001:db8:ed9e::53"
)

// edgeTTL is how long they hold, in seconds.
const edgeTTL = 300

func aliasTarget(r *dc.Resolved) string {
	if alias, ok := r.RR.(*dns.CNAME); ok {
		return alias.Target
	}
	return r.Value
}

// edge remembers the names that the provider answers for itself.
type edge struct {
	b  Behaviour
	mu sync.Mutex
	// names has the SOA of the zone by owner.
	names map[string]dns.RR
}

func newEdge(b Behaviour) *edge { return &edge{b: b, names: map[string]dns.RR{}} }

func (e *edge) set(h *store.Hooks) {
	h.Written = append(h.Written, func(z *zone.Zone, change zone.Change) zone.Change {
		e.written(z, change)
		return change
	})
	h.Edited = append(h.Edited, func(_, after *zone.Zone) (*zone.Zone, error) {
		e.edited(after)
		return after, nil
	})
	h.Answer = append(h.Answer, e.answer)
}

// written follows what templates write.
func (e *edge) written(z *zone.Zone, change zone.Change) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range change.Remove {
		if e.b.Edged(r.Type) {
			delete(e.names, r.Owner)
		}
	}
	for _, r := range change.Add {
		if e.b.Edged(r.Type) {
			e.names[r.Owner] = soaOf(z)
		}
	}
}

// soaOf goes with answers that say that there is nothing.
func soaOf(z *zone.Zone) dns.RR {
	for _, rr := range z.RRset(z.Origin(), dns.TypeSOA) {
		return rr
	}
	return nil
}

// edited forgets names at which nothing is left to answer for.
func (e *edge) edited(after *zone.Zone) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name := range e.names {
		if !dns.IsSubDomain(after.Origin(), name) {
			continue
		}
		left := false
		for r := range after.At(name) {
			left = left || e.b.Edged(r.Type)
		}
		if !left {
			delete(e.names, name)
		}
	}
}

// find returns the zone's SOA when the name is answered from the edge. A
// wildcard counts where it gave the answer.
func (e *edge) find(name string, m *dns.Msg) (dns.RR, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if soa, ok := e.names[name]; ok {
		return soa, true
	}
	if i := strings.IndexByte(name, '.'); i >= 0 && len(m.Answer) > 0 && addressed(m.Answer[0]) {
		soa, ok := e.names["*"+name[i:]]
		return soa, ok
	}
	return nil, false
}

func addressed(rr dns.RR) bool {
	switch rr.Header().Rrtype {
	case dns.TypeA, dns.TypeAAAA, dns.TypeCNAME:
		return true
	}
	return false
}

// answer puts the edge in the place of what was written: its addresses for
// questions about addresses, nothing for the alias, and nothing of what lies
// behind it for any other question. Transfers show the zone as it is written.
func (e *edge) answer(q dns.Question, m *dns.Msg) {
	soa, ok := e.find(dns.CanonicalName(q.Name), m)
	if !ok {
		return
	}
	header := dns.RR_Header{Name: q.Name, Class: dns.ClassINET, Ttl: edgeTTL}
	four, six := dns.Copy(&dns.A{Hdr: header, A: net.ParseIP(EdgeA)}), dns.Copy(&dns.AAAA{Hdr: header, AAAA: net.ParseIP(EdgeAAAA)})
	four.Header().Rrtype, six.Header().Rrtype = dns.TypeA, dns.TypeAAAA
	switch q.Qtype {
	case dns.TypeA:
		m.Answer, m.Ns = []dns.RR{four}, nil
	case dns.TypeAAAA:
		m.Answer, m.Ns = []dns.RR{six}, nil
	default:
		if len(m.Answer) == 0 || q.Qtype != dns.TypeANY && m.Answer[0].Header().Rrtype != dns.TypeCNAME {
			return
		}
		m.Answer, m.Ns = nil, nil
		if q.Qtype == dns.TypeANY {
			m.Answer = []dns.RR{four, six}
		} else if soa != nil {
			m.Ns = []dns.RR{soa}
		}
	}
	m.Rcode = dns.RcodeSuccess
}
