package dnsd

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

const (
	// maxChain bounds the aliases that are followed in one answer.
	maxChain = 16
	// maxFlatten bounds APEXCNAMEs that point at each other.
	maxFlatten = 4
)

// answer looks a question up and fills the response; false is none at all.
func (s *Server) answer(k *work, q dns.Question) bool {
	name := dns.CanonicalName(q.Name)
	f, ok := s.find(name, q.Qtype)
	if !ok {
		k.resp.Rcode = dns.RcodeRefused
		return true
	}
	k.note.Tenant = f.Tenant.Name()
	hooks := k.hooks(f.Tenant)
	for _, drop := range hooks.Drop {
		if drop(k.note.DNS.Network, q) {
			return false
		}
	}
	// An answer to class ANY speaks for classes that are not served, so it is
	// not authoritative (RFC 1035 section 6.2).
	k.resp.Authoritative = q.Qclass == dns.ClassINET
	l := lookup{store: s.store, resp: &k.resp, tenant: f.Tenant, qtype: q.Qtype, forward: s.forward}
	l.follow(f.Zone, name, q.Name)
	for _, change := range hooks.Answer {
		change(q, &k.resp)
	}
	return true
}

// find returns the zone that answers. A DS record belongs to the parent, when
// the parent is hosted here and delegates the name (RFC 4035 section 3.1.4.1).
func (s *Server) find(name string, qtype uint16) (store.Found, bool) {
	f, ok := s.store.Find(name)
	if !ok || qtype != dns.TypeDS || f.Zone.Origin() != name || name == "." {
		return f, ok
	}
	up, end := dns.NextLabel(name, 0)
	if end {
		return f, ok
	}
	if parent, ok := s.store.Find(name[up:]); ok {
		if cut, ok := parent.Zone.Cut(name); ok && cut == name {
			return parent, true
		}
	}
	return f, ok
}

// lookup is the algorithm of RFC 1034 section 4.3.2, as RFC 4592 and RFC 6672
// have it, for one question.
type lookup struct {
	store  *store.Store
	resp   *dns.Msg
	tenant *store.Tenant
	qtype  uint16
	// forward is the address of redirected names, invalid for none.
	forward netip.Addr
	// flattened counts the APEXCNAMEs that led here.
	flattened int
}

// follow answers for a name and, through aliases, for what it stands for, as
// long as that is data of the same tenant or of a key zone. name is
// canonical; shown is how it is to be written.
func (l *lookup) follow(z *zone.Zone, name, shown string) {
	for range maxChain {
		target := l.step(z, name, shown)
		if target == "" {
			return
		}
		shown, name = target, dns.CanonicalName(target)
		if l.passed(name) {
			return
		}
		f, ok := l.store.Find(name)
		if !ok || f.Tenant != l.tenant && f.Owner != "" {
			return
		}
		z = f.Zone
	}
}

// passed reports whether the chain has gone through a name already.
func (l *lookup) passed(name string) bool {
	for _, rr := range l.resp.Answer {
		if rr.Header().Rrtype == dns.TypeCNAME && strings.EqualFold(rr.Header().Name, name) {
			return true
		}
	}
	return false
}

// step answers for one name in one zone and returns the target of an alias
// that is to be followed, else "".
func (l *lookup) step(z *zone.Zone, name, shown string) string {
	if cut, ok := z.Cut(name); ok && (l.qtype != dns.TypeDS || cut != name) {
		l.refer(z, cut)
		return ""
	}
	if z.Exists(name) {
		return l.node(z, name, shown)
	}
	encloser := closest(z, name)
	if dname := z.RRset(encloser, dns.TypeDNAME); dname != nil {
		return l.redirect(dname, encloser, shown)
	}
	if wild := wildcard(encloser); z.Exists(wild) {
		return l.node(z, wild, shown)
	}
	l.resp.Rcode = dns.RcodeNameError
	l.deny(z)
	return ""
}

// closest is the longest existing ancestor of a name that does not exist.
func closest(z *zone.Zone, name string) string {
	for {
		off, end := dns.NextLabel(name, 0)
		if end {
			return z.Origin()
		}
		name = name[off:]
		if name == z.Origin() || z.Exists(name) {
			return name
		}
	}
}

func wildcard(encloser string) string {
	if encloser == "." {
		return "*."
	}
	return "*." + encloser
}

// node answers from the records of one owner, which exists.
func (l *lookup) node(z *zone.Zone, owner, shown string) string {
	if l.qtype == dns.TypeANY {
		for _, t := range z.Types(owner) {
			l.add(z.RRset(owner, t), shown)
		}
		if len(l.resp.Answer) == 0 {
			l.deny(z)
		}
		return ""
	}
	if rrs := z.RRset(owner, l.qtype); rrs != nil {
		l.add(rrs, shown)
		return ""
	}
	if alias := z.RRset(owner, dns.TypeCNAME); alias != nil {
		l.add(alias, shown)
		return alias[0].(*dns.CNAME).Target
	}
	if !l.flatten(z, owner, shown) && !l.redirected(z, owner, shown) {
		l.deny(z)
	}
	return ""
}

// add appends records to the answer under the name as it is to be written:
// the question's own letters, the instance of a wildcard.
func (l *lookup) add(rrs []dns.RR, shown string) {
	for _, rr := range rrs {
		if rr.Header().Name != shown {
			rr = dns.Copy(rr)
			rr.Header().Name = shown
		}
		l.resp.Answer = append(l.resp.Answer, rr)
	}
}

// deny adds the SOA that says how long a negative answer holds: the lesser of
// its TTL and its minimum field (RFC 2308 section 3).
func (l *lookup) deny(z *zone.Zone) {
	for _, rr := range z.RRset(z.Origin(), dns.TypeSOA) {
		soa := *rr.(*dns.SOA)
		soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
		l.resp.Ns = append(l.resp.Ns, &soa)
	}
}

// refer answers with a delegation and the addresses of its servers as far as
// this zone has them. It is not authoritative, unless it ends a chain that
// began with authoritative data.
func (l *lookup) refer(z *zone.Zone, cut string) {
	if len(l.resp.Answer) == 0 {
		l.resp.Authoritative = false
	}
	for _, rr := range z.RRset(cut, dns.TypeNS) {
		l.resp.Ns = append(l.resp.Ns, rr)
		ns, ok := rr.(*dns.NS)
		if !ok || !dns.IsSubDomain(z.Origin(), ns.Ns) {
			continue
		}
		server := dns.CanonicalName(ns.Ns)
		l.resp.Extra = append(l.resp.Extra, z.RRset(server, dns.TypeA)...)
		l.resp.Extra = append(l.resp.Extra, z.RRset(server, dns.TypeAAAA)...)
	}
}

// redirect answers below a DNAME: the record and the CNAME made from it.
func (l *lookup) redirect(dname []dns.RR, encloser, shown string) string {
	d, ok := dname[0].(*dns.DNAME)
	if !ok {
		return ""
	}
	l.add(dname, encloser)
	// Case does not change lengths: what is before the encloser is the prefix.
	prefix := shown[:len(shown)-len(encloser)]
	target := prefix + d.Target
	if d.Target == "." {
		target = prefix
	}
	if _, ok := dns.IsDomainName(target); !ok {
		l.resp.Rcode = dns.RcodeYXDomain
		return ""
	}
	l.resp.Answer = append(l.resp.Answer, &dns.CNAME{
		Hdr:    dns.RR_Header{Name: shown, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: d.Hdr.Ttl},
		Target: target,
	})
	return target
}

// flatten answers an address question at an APEXCNAME with the addresses of
// its target, as far as they are data of this mock.
func (l *lookup) flatten(z *zone.Zone, owner, shown string) bool {
	if l.qtype != dns.TypeA && l.qtype != dns.TypeAAAA || l.flattened == maxFlatten {
		return false
	}
	for r := range z.At(owner) {
		if r.Type != dc.TypeAPEXCNAME {
			continue
		}
		target := dns.CanonicalName(r.Data)
		f, ok := l.store.Find(target)
		if !ok || f.Tenant != l.tenant && f.Owner != "" {
			return false
		}
		inner := lookup{store: l.store, resp: new(dns.Msg), tenant: l.tenant, qtype: l.qtype, flattened: l.flattened + 1, forward: l.forward}
		inner.follow(f.Zone, target, target)
		return l.take(inner.resp.Answer, shown, r.TTL)
	}
	return false
}

// redirected answers an address question at a REDIR301 or REDIR302 with the
// address of the web server that redirects, where there is one. Nothing else
// of the extension types shows in the DNS; see DIVERGENCES.md.
func (l *lookup) redirected(z *zone.Zone, owner, shown string) bool {
	if !l.forward.IsValid() || l.qtype == dns.TypeA != l.forward.Is4() || l.qtype != dns.TypeA && l.qtype != dns.TypeAAAA {
		return false
	}
	for r := range z.At(owner) {
		if r.Type != dc.TypeREDIR301 && r.Type != dc.TypeREDIR302 {
			continue
		}
		h := dns.RR_Header{Name: shown, Rrtype: l.qtype, Class: dns.ClassINET, Ttl: r.TTL}
		if l.forward.Is4() {
			l.resp.Answer = append(l.resp.Answer, &dns.A{Hdr: h, A: l.forward.AsSlice()})
		} else {
			l.resp.Answer = append(l.resp.Answer, &dns.AAAA{Hdr: h, AAAA: l.forward.AsSlice()})
		}
		return true
	}
	return false
}

// take adds the addresses of another name's answer as the shown name's own.
func (l *lookup) take(answer []dns.RR, shown string, ttl uint32) bool {
	found := false
	for _, rr := range answer {
		ttl = min(ttl, rr.Header().Ttl)
	}
	for _, rr := range answer {
		if rr.Header().Rrtype != l.qtype {
			continue
		}
		rr = dns.Copy(rr)
		rr.Header().Name, rr.Header().Ttl = shown, ttl
		l.resp.Answer = append(l.resp.Answer, rr)
		found = true
	}
	return found
}
