package dnsd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// ask writes a message and reads what comes back.
func ask(t *testing.T, c net.Conn, message []byte) []byte {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(message); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}

// What a pipe answers is what a socket answers, octet by octet.
func TestPipeAnswersAsUDP(t *testing.T) {
	s, _ := start(t)
	pipe := s.Pipe()
	defer pipe.Close()
	plain := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
	edns := new(dns.Msg).SetQuestion("a.b.ent.example.com.", dns.TypeTXT)
	edns.SetEdns0(4096, true)
	questions := []*dns.Msg{
		plain, edns,
		new(dns.Msg).SetQuestion("nothing.example.com.", dns.TypeA),
		new(dns.Msg).SetQuestion("host.sub.example.com.", dns.TypeA),
		new(dns.Msg).SetQuestion("elsewhere.example.org.", dns.TypeA),
	}
	var messages [][]byte
	for _, q := range questions {
		wire, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, wire)
	}
	messages = append(messages, messages[0][:len(messages[0])-3]) // a question that is cut
	for _, m := range messages {
		if got, want := ask(t, pipe, m), raw(t, s.Addr(), m); !bytes.Equal(got, want) {
			t.Errorf("%x: the pipe answers %x, the socket %x", m, got, want)
		}
	}
	var m dns.Msg
	if err := m.Unpack(ask(t, pipe, messages[0])); err != nil || len(m.Answer) != 2 {
		t.Errorf("www: %v, %v", &m, err)
	}
}

// Many questions may be under way before one answer is read, and a library
// knows by the type that no lengths stand before messages.
func TestPipeManyAtOnce(t *testing.T) {
	s, st := start(t)
	pipe := s.Pipe()
	defer pipe.Close()
	if err := pipe.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	c := dns.Conn{Conn: pipe}
	var asked, answered []uint16
	for range 64 {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
		q.Id = uint16(len(asked) + 1)
		asked = append(asked, q.Id)
		if err := c.WriteMsg(q); err != nil {
			t.Fatal(err)
		}
	}
	for range asked {
		m, err := c.ReadMsg()
		if err != nil {
			t.Fatal(err)
		}
		answered = append(answered, m.Id)
	}
	if slices.Sort(answered); !slices.Equal(asked, answered) {
		t.Errorf("answered %v of %v", answered, asked)
	}
	for _, e := range st.Journal().Events() {
		if e.DNS.Network != "udp" || e.DNS.Client.String() != "127.0.0.1:0" {
			t.Fatalf("the journal has %q by %v", e.DNS.Network, e.DNS.Client)
		}
	}
}

// A response is not answered, waiting for an answer ends by the asker's
// deadline, and pipes end with the server.
func TestPipeEnds(t *testing.T) {
	s, _ := start(t)
	pipe := s.Pipe()
	response, err := new(dns.Msg).SetReply(new(dns.Msg).SetQuestion("www.example.com.", dns.TypeMX)).Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipe.Write(response); err != nil {
		t.Fatal(err)
	}
	question, err := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).Pack()
	if err != nil {
		t.Fatal(err)
	}
	var m dns.Msg
	if err := m.Unpack(ask(t, pipe, question)); err != nil || m.Question[0].Qtype != dns.TypeA {
		t.Errorf("first came %v, %v", &m, err)
	}
	if err := pipe.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if n, err := pipe.Read(make([]byte, 512)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d octets, %v", n, err)
	}
	left := s.Pipe() // nobody closes it: goleak sees what stays
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, p := range []net.Conn{pipe, left} {
		if _, err := p.Read(make([]byte, 512)); !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %v", err)
		}
	}
}

// A delay that a script has set holds one answer back, and no other.
func TestPipeDelays(t *testing.T) {
	st := store.New(nil)
	tenant, err := st.NewTenant(store.TenantConfig{Users: []store.User{{Name: "u", Password: "p"}},
		Zones: []store.Hosted{{Zone: mustParse(t, "slow.test.", "@ 60 IN TXT \"here\"\n"), Owner: "u"}}})
	if err != nil {
		t.Fatal(err)
	}
	s := listen(t, st)
	pipe := s.Pipe()
	defer pipe.Close()
	if _, err := tenant.AddStep(store.Step{Kind: store.RequestDNS, Match: "*TXT*", Left: 1, Reaction: store.Reaction{Delay: time.Minute}}); err != nil {
		t.Fatal(err)
	}
	c := dns.Conn{Conn: pipe}
	if err := pipe.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, qtype := range []uint16{dns.TypeTXT, dns.TypeSOA} {
		if err := c.WriteMsg(new(dns.Msg).SetQuestion("slow.test.", qtype)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := c.ReadMsg()
	if err != nil || m.Question[0].Qtype != dns.TypeSOA {
		t.Errorf("first came %v, %v", m, err)
	}
}
