package dnsd

import (
	"net"
	"testing"

	"github.com/miekg/dns"
)

// sink is a response writer that measures the handler without a network.
type sink struct{ dns.ResponseWriter }

var sinkAddr = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5353}

func (sink) RemoteAddr() net.Addr        { return sinkAddr }
func (sink) Write(b []byte) (int, error) { return len(b), nil }

func BenchmarkHandler(b *testing.B) {
	s, _ := start(b)
	for _, c := range []struct {
		name  string
		qname string
		qtype uint16
	}{
		{"answer", "www.example.com.", dns.TypeA},
		{"alias", "alias.example.com.", dns.TypeA},
		{"wildcard", "y.wild.example.com.", dns.TypeTXT},
		{"nxdomain", "nothing.example.com.", dns.TypeA},
		{"referral", "x.sub.example.com.", dns.TypeA},
		{"refused", "example.org.", dns.TypeA},
	} {
		b.Run(c.name, func(b *testing.B) {
			q := new(dns.Msg).SetQuestion(c.qname, c.qtype).SetEdns0(1232, false)
			b.ReportAllocs()
			for b.Loop() {
				s.ServeDNS(sink{}, q)
			}
		})
	}
}

// BenchmarkUDP is questions and answers over loopback, one client per
// processor, each with one question on the way.
func BenchmarkUDP(b *testing.B) {
	s, _ := start(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("udp", s.Addr())
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		q, err := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(1232, false).Pack()
		if err != nil {
			b.Error(err)
			return
		}
		buf := make([]byte, 1500)
		for pb.Next() {
			if _, err := c.Write(q); err != nil {
				b.Error(err)
				return
			}
			if _, err := c.Read(buf); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
