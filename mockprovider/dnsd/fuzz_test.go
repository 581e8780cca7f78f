package dnsd

import (
	"bytes"
	"testing"

	"github.com/miekg/dns"
)

// catcher keeps what the server writes.
type catcher struct {
	sink
	written [][]byte
}

func (c *catcher) Write(b []byte) (int, error) {
	c.written = append(c.written, bytes.Clone(b))
	return len(b), nil
}

// FuzzQuery hands the server what miekg/dns could read of a packet: there is
// always one answer, it can be read, belongs to the query, and fits UDP.
func FuzzQuery(f *testing.F) {
	s, _ := start(f)
	for _, c := range answers {
		q := new(dns.Msg).SetQuestion(c.name, c.qtype)
		for _, m := range []*dns.Msg{q, q.Copy().SetEdns0(4096, true)} {
			packet, err := m.Pack()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(packet)
		}
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		q := new(dns.Msg)
		if q.Unpack(packet) != nil || q.Response {
			return
		}
		w := new(catcher)
		s.ServeDNS(w, q)
		if len(w.written) != 1 {
			t.Fatalf("%d answers to\n%v", len(w.written), q)
		}
		limit := dns.MinMsgSize
		if q.IsEdns0() != nil {
			limit = udpSize
		}
		m := new(dns.Msg)
		if err := m.Unpack(w.written[0]); err != nil {
			t.Fatalf("%v in the answer to\n%v", err, q)
		}
		if m.Id != q.Id || !m.Response || m.RecursionAvailable || m.AuthenticatedData || m.Opcode != q.Opcode {
			t.Errorf("header %+v to\n%v", m.MsgHdr, q)
		}
		if n := len(w.written[0]); n > limit {
			t.Errorf("%d octets over UDP to\n%v", n, q)
		}
	})
}
