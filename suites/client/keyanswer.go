package client

import (
	"slices"

	"github.com/miekg/dns"
)

// maxUDP bounds an answer over UDP whatever the asker would take, in octets,
// so that none is lost to fragmentation.
const maxUDP = 1232

// ServeDNS implements dns.Handler.
func (s *KeyServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	if q.Opcode != dns.OpcodeQuery || len(q.Question) != 1 {
		m.Rcode = dns.RcodeNotImplemented
		reply(w, q, m)
		return
	}
	udp := w.LocalAddr().Network() == "udp"
	switch s.answer(q.Question[0], m) {
	case KeySilent:
		return
	case KeyCut:
		if !udp {
			// The asker is told that there is nothing more to come.
			_ = w.Close()
			return
		}
		m.Truncated = true
	case NoTrouble, KeyFails:
	}
	reply(w, q, m)
}

// reply sends the message, cut to what the asker takes.
func reply(w dns.ResponseWriter, q, m *dns.Msg) {
	size := dns.MaxMsgSize
	if w.LocalAddr().Network() == "udp" {
		size = dns.MinMsgSize
	}
	if o := q.IsEdns0(); o != nil {
		m.SetEdns0(maxUDP, false)
		if size == dns.MinMsgSize {
			size = min(max(dns.MinMsgSize, int(o.UDPSize())), maxUDP)
		}
	}
	m.Truncate(size)
	// Who does not take the answer asks again.
	_ = w.WriteMsg(m)
}

// answer fills in the reply and says what goes wrong with it.
func (s *KeyServer) answer(q dns.Question, m *dns.Msg) KeyTrouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked = append(s.asked, KeyQuestion{q.Name, dns.Type(q.Qtype).String()}); len(s.asked) > maxAsked {
		s.asked = slices.Delete(s.asked, 0, maxAsked/2)
		s.dropped += maxAsked / 2
	}
	name := dns.CanonicalName(q.Name)
	if !dns.IsSubDomain(s.zone, name) {
		m.Rcode = dns.RcodeRefused
		return NoTrouble
	}
	m.Authoritative = true
	e, there := s.names[name]
	switch {
	case e.trouble == KeyFails:
		m.Rcode = dns.RcodeServerFailure
		return KeyFails
	case e.trouble != NoTrouble:
		return e.trouble
	case e.alias != "":
		s.follow(q, e, m)
		return NoTrouble
	case q.Qtype == dns.TypeTXT && there:
		m.Answer = s.texts(q.Name, e.txt)
	case name == s.zone && (q.Qtype == dns.TypeSOA || q.Qtype == dns.TypeNS):
		m.Answer = []dns.RR{apex(s.zone, q.Qtype)}
	}
	if len(m.Answer) == 0 {
		m.Ns = []dns.RR{apex(s.zone, dns.TypeSOA)}
		if !there && name != s.zone && !s.above(name) {
			m.Rcode = dns.RcodeNameError
		}
	}
	return NoTrouble
}

// follow answers with an alias and what is behind it here.
func (s *KeyServer) follow(q dns.Question, e keyEntry, m *dns.Msg) {
	m.Answer = []dns.RR{&dns.CNAME{Hdr: header(q.Name, dns.TypeCNAME), Target: e.alias}}
	if q.Qtype == dns.TypeTXT {
		m.Answer = append(m.Answer, s.texts(e.alias, s.names[e.alias].txt)...)
	}
}

// above reports whether there are names below a name, so that it exists.
func (s *KeyServer) above(name string) bool {
	for n := range s.names {
		if n != name && dns.IsSubDomain(name, n) {
			return true
		}
	}
	return false
}

// texts are the records of a name. Each answer begins with another record, and
// runs backwards when every one has begun, since no asker may count on an
// order.
func (s *KeyServer) texts(owner string, txt []string) []dns.RR {
	records := make([]dns.RR, 0, len(txt))
	for i := range txt {
		text := txt[(i+s.turn)%len(txt)]
		records = append(records, &dns.TXT{Hdr: header(owner, dns.TypeTXT), Txt: characterStrings(text)})
	}
	if len(txt) > 0 && s.turn/len(txt)%2 == 1 {
		slices.Reverse(records)
	}
	s.turn++
	return records
}

// characterStrings splits a text into pieces of 255 octets at most, in the
// presentation form that package dns keeps them in.
func characterStrings(text string) []string {
	const most = MaxCharacterString
	var pieces []string
	for len(text) > most {
		pieces, text = append(pieces, escape(text[:most])), text[most:]
	}
	return append(pieces, escape(text))
}

func escape(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

func header(name string, typ uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: typ, Class: dns.ClassINET, Ttl: keyTTL}
}

// apex is the SOA or NS record of a domain.
func apex(domain string, typ uint16) dns.RR {
	ns := "ns." + domain
	if typ == dns.TypeNS {
		return &dns.NS{Hdr: header(domain, typ), Ns: ns}
	}
	return &dns.SOA{Hdr: header(domain, typ), Ns: ns, Mbox: "hostmaster." + domain,
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: keyTTL}
}
