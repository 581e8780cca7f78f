package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// KeyServer is an authoritative name server for the domain that public keys
// are published below: the service provider's own DNS. A provider under test
// has to find it, by a delegation or a forwarder. Answers may be kept for a
// second. It is safe for concurrent use.
type KeyServer struct {
	zone    string
	servers []*dns.Server
	addr    string

	mu  sync.RWMutex
	txt map[string][]string
}

// keyTTL is how long answers may be kept, in seconds; that nothing is there,
// too.
const keyTTL = 1

// NewKeyServer serves a domain at host:port over UDP and TCP; port 0 is one
// that the system chooses. The caller ends it with Close.
func NewKeyServer(ctx context.Context, listen, zone string) (*KeyServer, error) {
	s := &KeyServer{zone: dns.CanonicalName(zone), txt: map[string][]string{}}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("the key zone cannot be served: %w", err)
	}
	s.addr = l.Addr().String()
	pc, err := lc.ListenPacket(ctx, "udp", s.addr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the key zone cannot be served: %w", err), l.Close())
	}
	for _, server := range []*dns.Server{{Listener: l, Handler: s}, {PacketConn: pc, Handler: s}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		failed := make(chan error, 1)
		go func() { failed <- server.ActivateAndServe() }()
		select {
		case <-started:
		case err := <-failed:
			return nil, errors.Join(fmt.Errorf("the key zone cannot be served: %w", err), s.Close())
		}
		s.servers = append(s.servers, server)
	}
	return s, nil
}

// Addr is host:port, for UDP and TCP.
func (s *KeyServer) Addr() string { return s.addr }

// PublishKey makes the TXT records at a name be exactly txt, one record for
// each; none takes them away. A name outside the domain is an error.
func (s *KeyServer) PublishKey(_ context.Context, name string, txt []string) error {
	name = dns.CanonicalName(name)
	if !dns.IsSubDomain(s.zone, name) {
		return fmt.Errorf("the key name %s is not below %s, which is what the key server serves", name, s.zone)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.txt[name] = append([]string(nil), txt...)
	return nil
}

// ServeDNS answers one question.
func (s *KeyServer) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	m := new(dns.Msg).SetReply(req)
	s.answer(m, req)
	size := dns.MinMsgSize
	if opt := req.IsEdns0(); opt != nil {
		m.SetEdns0(dns.DefaultMsgSize, false)
		size = int(max(opt.UDPSize(), dns.MinMsgSize))
	}
	if w.LocalAddr().Network() == "tcp" {
		size = dns.MaxMsgSize
	}
	m.Truncate(size)
	// Whoever asked and went away misses nothing of ours.
	_ = w.WriteMsg(m)
}

func (s *KeyServer) answer(m, req *dns.Msg) {
	if req.Opcode != dns.OpcodeQuery || len(req.Question) != 1 {
		m.Rcode = dns.RcodeNotImplemented
		return
	}
	q := req.Question[0]
	name := dns.CanonicalName(q.Name)
	if !dns.IsSubDomain(s.zone, name) {
		m.Rcode = dns.RcodeRefused
		return
	}
	m.Authoritative = true
	head := func(owner string, rrtype uint16) dns.RR_Header {
		return dns.RR_Header{Name: owner, Rrtype: rrtype, Class: dns.ClassINET, Ttl: keyTTL}
	}
	soa := &dns.SOA{Hdr: head(s.zone, dns.TypeSOA), Ns: "ns." + s.zone, Mbox: "hostmaster." + s.zone,
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: keyTTL}
	switch {
	case name == s.zone && q.Qtype == dns.TypeSOA:
		m.Answer = []dns.RR{soa}
	case name == s.zone && q.Qtype == dns.TypeNS:
		m.Answer = []dns.RR{&dns.NS{Hdr: head(s.zone, dns.TypeNS), Ns: "ns." + s.zone}}
	case q.Qtype == dns.TypeTXT || q.Qtype == dns.TypeANY:
		for _, text := range s.published(name) {
			m.Answer = append(m.Answer, &dns.TXT{Hdr: head(q.Name, dns.TypeTXT), Txt: characterStrings(text)})
		}
	}
	if len(m.Answer) == 0 {
		m.Ns = []dns.RR{soa}
		if !s.exists(name) {
			m.Rcode = dns.RcodeNameError
		}
	}
}

func (s *KeyServer) published(name string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.txt[name]
}

// exists reports whether a name or one below it has records.
func (s *KeyServer) exists(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if name == s.zone {
		return true
	}
	for n, txt := range s.txt {
		if len(txt) > 0 && dns.IsSubDomain(name, n) {
			return true
		}
	}
	return false
}

// characterStrings cuts a text for a TXT record, in which a backslash begins
// an escape (RFC 1035 section 5.1).
func characterStrings(text string) []string {
	var parts []string
	for len(text) > MaxCharacterString {
		parts, text = append(parts, text[:MaxCharacterString]), text[MaxCharacterString:]
	}
	parts = append(parts, text)
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], `\`, `\\`)
	}
	return parts
}

// Close ends the server and waits for the answers that are being written, at
// most five seconds.
func (s *KeyServer) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.ShutdownContext(ctx))
	}
	return errors.Join(errs...)
}
