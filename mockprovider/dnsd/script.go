package dnsd

import (
	"context"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// scripted does what the script of the question's tenant has for it. It is
// false when nothing is left to answer.
func (s *Server) scripted(w dns.ResponseWriter, k *work, q dns.Question) bool {
	if !s.store.Scripted() {
		return true
	}
	f, ok := s.find(dns.CanonicalName(q.Name), q.Qtype)
	if !ok {
		return true
	}
	step, ok := f.Tenant.NextStep(store.RequestDNS, store.DNSSubject(q))
	if !ok {
		return true
	}
	k.note.Tenant = f.Tenant.Name()
	if step.Close || step.Delay > 0 && !s.pause(k, step.Delay) {
		s.hangUp(w, k)
		return false
	}
	if step.Rcode != 0 {
		k.resp.Rcode = step.Rcode
		if step.Rcode > 0xf && k.resp.IsEdns0() == nil {
			// Without EDNS there is no room for it: the lower half remains.
			k.resp.Rcode = step.Rcode & 0xf
		}
		s.send(w, k)
		return false
	}
	k.fault = step.Fault
	return true
}

// hooks are those of the tenant, with what its script has set for this
// question.
func (k *work) hooks(t *store.Tenant) store.Hooks {
	if k.fault == nil {
		return t.Hooks()
	}
	return t.Config().With(*k.fault).Hooks
}

// pause waits. It is false when the server is about to stop.
func (s *Server) pause(k *work, d time.Duration) bool {
	defer s.journal.Begin("delay of " + k.note.DNS.String())()
	ctx, cancel := context.WithTimeout(s.stopping, d)
	defer cancel()
	<-ctx.Done()
	return s.stopping.Err() == nil
}

// hangUp leaves a question without an answer, and over TCP without its
// connection.
func (s *Server) hangUp(w dns.ResponseWriter, k *work) {
	k.note.DNS.Unanswered = true
	s.enter(k)
	if !k.stream {
		return
	}
	if err := w.Close(); err != nil {
		s.log.Debug("a connection was closed already", "query", k.note.DNS.String(), "error", err)
	}
}
