package dnsd

import (
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/zone"
)

// messageSize is about how much of a transfer goes into one message: name
// compression reaches back 16 KiB, beyond that a message only gets longer.
const messageSize = 16 << 10

// transfer answers AXFR and IXFR. All messages come from one zone value, so a
// transfer that overlaps with updates shows one state. The history of a zone
// is not kept: IXFR is answered with the whole zone, as RFC 1995 section 4
// allows, or with the SOA alone when the client is up to date or asks over
// UDP, where the whole zone does not go.
func (s *Server) transfer(w dns.ResponseWriter, req *dns.Msg, k *work) {
	q := req.Question[0]
	f, ok := s.store.Find(q.Name)
	if ok {
		k.note.Tenant = f.Tenant.Name()
	}
	soa := []dns.RR(nil)
	if ok && f.Zone.Origin() == dns.CanonicalName(q.Name) {
		soa = f.Zone.RRset(f.Zone.Origin(), dns.TypeSOA)
	}
	switch {
	case q.Qtype == dns.TypeAXFR && !k.stream:
		// RFC 5936 section 4.2 leaves AXFR over UDP undefined.
		k.resp.Rcode = dns.RcodeRefused
	case len(soa) != 1:
		k.resp.Rcode = dns.RcodeNotAuth
	case q.Qtype == dns.TypeIXFR:
		client, ok := clientSerial(req)
		switch {
		case !ok:
			k.resp.Rcode = dns.RcodeFormatError
		case !k.stream || !newer(f.Zone.Serial(), client):
			k.resp.Authoritative = true
			k.resp.Answer = append(k.resp.Answer, soa[0])
		default:
			s.stream(w, k, f.Zone, soa[0])
			return
		}
	default:
		s.stream(w, k, f.Zone, soa[0])
		return
	}
	s.send(w, k)
}

// clientSerial is the serial of the SOA in the authority section of an IXFR.
func clientSerial(req *dns.Msg) (uint32, bool) {
	if len(req.Ns) != 1 {
		return 0, false
	}
	soa, ok := req.Ns[0].(*dns.SOA)
	if !ok {
		return 0, false
	}
	return soa.Serial, true
}

// newer compares serials as RFC 1982 section 3.2 does.
func newer(ours, theirs uint32) bool {
	return ours != theirs && ours-theirs < 1<<31
}

// stream writes the zone in as many messages as it takes. The records of the
// last message are left in the response for the journal to count.
func (s *Server) stream(w dns.ResponseWriter, k *work, z *zone.Zone, soa dns.RR) {
	defer s.journal.Begin("transfer of " + z.Origin() + " to " + k.note.DNS.Client.String())()
	defer s.enter(k)
	k.resp.Authoritative = true
	size := 0
	put := func(rr dns.RR) bool {
		n := dns.Len(rr)
		if len(k.resp.Answer) > 0 && size+n > messageSize {
			if !s.flush(w, k) {
				return false
			}
			size = 0
		}
		k.resp.Answer = append(k.resp.Answer, rr)
		size += n
		return true
	}
	if !put(soa) || !eachRR(z, put) || !put(soa) {
		return
	}
	s.flush(w, k)
}

// flush writes one message of a transfer. A transfer that cannot go on is cut,
// since nothing else tells the client that it is incomplete.
func (s *Server) flush(w dns.ResponseWriter, k *work) bool {
	wire, err := s.pack(k)
	if err == nil {
		if cap(wire) > cap(k.buf) {
			k.buf = wire[:0]
		}
		_, err = w.Write(wire)
	}
	if err != nil {
		s.log.Warn("a zone transfer was cut", "query", k.note.DNS.String(), "error", err)
		w.Close()
	}
	k.note.DNS.Answers += len(k.resp.Answer)
	k.resp.Answer = k.resp.Answer[:0]
	return err == nil
}

// eachRR yields the DNS records of a zone but its SOA, in canonical order. The
// extension types are no DNS types and do not go out.
func eachRR(z *zone.Zone, yield func(dns.RR) bool) bool {
	var owner, rrtype string
	for r := range z.Records() {
		if r.Owner == owner && r.Type == rrtype {
			continue
		}
		owner, rrtype = r.Owner, r.Type
		code, ok := typeCode(r.Type)
		if !ok || code == dns.TypeSOA {
			continue
		}
		for _, rr := range z.RRset(owner, code) {
			if !yield(rr) {
				return false
			}
		}
	}
	return true
}

// typeCode is the number of a type's canonical name, a mnemonic or TYPEnnn;
// false for an extension type.
func typeCode(name string) (uint16, bool) {
	if code, ok := dns.StringToType[name]; ok {
		return code, true
	}
	digits, ok := strings.CutPrefix(name, "TYPE")
	code, err := strconv.ParseUint(digits, 10, 16)
	return uint16(code), ok && err == nil
}
