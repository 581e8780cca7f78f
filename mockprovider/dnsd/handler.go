package dnsd

import (
	"net"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// work is what one query needs; it is pooled.
type work struct {
	resp   dns.Msg
	opt    dns.OPT
	buf    []byte
	answer [8]dns.RR
	ns     [4]dns.RR
	extra  [4]dns.RR
	note   store.Event
	stream bool
	size   int
	// fault is what the tenant's script has set for this question.
	fault *store.Misbehaviour
	tsig  tsigState
	// remark is what the journal says beside the exchange itself.
	remark string
}

// ServeDNS answers one query and enters it in the journal. It is the handler
// of both transports.
func (s *Server) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	k := s.pool.Get().(*work)
	defer s.release(k)
	k.begin(w, req)
	switch {
	case !s.authenticate(w, k, req):
	case req.Opcode == dns.OpcodeUpdate && s.keys != nil:
		s.update(k, req)
	case k.check(req):
		if !s.scripted(w, k, req.Question[0]) {
			return
		}
		switch req.Question[0].Qtype {
		case dns.TypeAXFR, dns.TypeIXFR:
			s.transfer(w, req, k)
			return
		}
		if !s.answer(k, req.Question[0]) {
			s.hangUp(w, k)
			return
		}
	}
	s.send(w, k)
}

// release gives the work back without anything that belongs to a zone.
func (s *Server) release(k *work) {
	buf := k.buf
	*k = work{buf: buf}
	s.pool.Put(k)
}

// begin prepares the response: identifier, opcode, question and the bits that
// are copied. AA is set when an answer is found; RA and AD never are.
func (k *work) begin(w dns.ResponseWriter, req *dns.Msg) {
	k.resp.MsgHdr = dns.MsgHdr{
		Id: req.Id, Response: true, Opcode: req.Opcode,
		RecursionDesired: req.RecursionDesired, CheckingDisabled: req.CheckingDisabled,
	}
	k.resp.Compress = true
	// One question comes back; of several, which is an error, the first.
	k.resp.Question = req.Question[:min(1, len(req.Question))]
	k.resp.Answer, k.resp.Ns, k.resp.Extra = k.answer[:0], k.ns[:0], k.extra[:0]
	k.size = dns.MinMsgSize
	k.note = store.Event{Kind: store.KindDNS}
	k.note.DNS.Network, k.note.DNS.Opcode = "udp", req.Opcode
	switch a := w.RemoteAddr().(type) {
	case *net.UDPAddr:
		k.note.DNS.Client = a.AddrPort()
	case *net.TCPAddr:
		k.note.DNS.Client = a.AddrPort()
		k.note.DNS.Network = "tcp"
		k.stream, k.size = true, dns.MaxMsgSize
	}
	if len(req.Question) > 0 {
		q := req.Question[0]
		k.note.DNS.Name, k.note.DNS.Type, k.note.DNS.Class = q.Name, q.Qtype, q.Qclass
	}
}

// check refuses what is not a query for data; then the response is complete.
func (k *work) check(req *dns.Msg) bool {
	k.resp.Rcode = k.verdict(req)
	return k.resp.Rcode == dns.RcodeSuccess
}

func (k *work) verdict(req *dns.Msg) int {
	if req.Opcode != dns.OpcodeQuery {
		return dns.RcodeNotImplemented
	}
	if len(req.Question) != 1 || len(req.Answer) > 0 {
		return dns.RcodeFormatError
	}
	if rcode := k.edns(req); rcode != dns.RcodeSuccess {
		return rcode
	}
	q := req.Question[0]
	if len(req.Ns) > 0 && q.Qtype != dns.TypeIXFR {
		return dns.RcodeFormatError
	}
	switch q.Qtype {
	case dns.TypeNone, dns.TypeOPT:
		return dns.RcodeFormatError
	case dns.TypeTKEY, dns.TypeTSIG, dns.TypeMAILA, dns.TypeMAILB:
		return dns.RcodeNotImplemented
	}
	switch q.Qclass {
	case dns.ClassINET, dns.ClassANY:
		return dns.RcodeSuccess
	}
	// No other class is served, CHAOS included: the mock has nothing to say
	// about itself that it does not say elsewhere.
	return dns.RcodeRefused
}

// edns reads the query's OPT and adds ours (RFC 6891 section 6).
func (k *work) edns(req *dns.Msg) int {
	var theirs *dns.OPT
	for _, rr := range req.Extra {
		if opt, ok := rr.(*dns.OPT); ok {
			if theirs != nil || opt.Hdr.Name != "." {
				return dns.RcodeFormatError
			}
			theirs = opt
		}
	}
	if theirs == nil {
		return dns.RcodeSuccess
	}
	k.opt = dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	k.opt.SetUDPSize(udpSize)
	if theirs.Do() {
		k.opt.SetDo()
	}
	k.resp.Extra = append(k.resp.Extra, &k.opt)
	if !k.stream {
		k.size = int(min(max(theirs.UDPSize(), dns.MinMsgSize), udpSize))
	}
	if theirs.Version() != 0 {
		return dns.RcodeBadVers
	}
	return dns.RcodeSuccess
}

// send enters the exchange in the journal and writes the response, cut to what
// the transport holds. The entry comes first, so that whoever has the answer
// finds it there.
func (s *Server) send(w dns.ResponseWriter, k *work) {
	request := k.tsig
	wire, err := s.pack(k)
	if err == nil && len(wire) > k.size {
		k.tsig = request
		wire, err = s.shorten(k)
	}
	if err != nil {
		s.log.Error("a DNS answer cannot be written", "query", k.note.DNS.String(), "error", err)
		k.resp.Rcode, k.resp.Authoritative = dns.RcodeServerFailure, false
		k.resp.Answer, k.resp.Ns, k.resp.Extra = nil, nil, nil
		k.tsig = request
		if wire, err = s.pack(k); err != nil {
			return
		}
	}
	s.enter(k)
	if cap(wire) > cap(k.buf) {
		k.buf = wire[:0]
	}
	if _, err := w.Write(wire); err != nil {
		s.log.Debug("a DNS answer did not get out", "query", k.note.DNS.String(), "error", err)
	}
}

// enter puts the exchange into the journal.
func (s *Server) enter(k *work) {
	k.note.DNS.Rcode = k.resp.Rcode
	k.note.DNS.Answers += len(k.resp.Answer)
	k.note.DNS.Truncated = k.resp.Truncated
	if k.remark != "" {
		k.note.Summary = k.note.DNS.String() + "; " + k.remark
	}
	s.journal.Add(k.note)
}
