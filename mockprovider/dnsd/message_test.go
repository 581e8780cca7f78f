package dnsd

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

func TestHeaderBits(t *testing.T) {
	s, _ := start(t)
	q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
	q.RecursionDesired, q.AuthenticatedData, q.CheckingDisabled, q.Zero = true, true, true, true
	got := exchange(t, "udp", s.Addr(), q).MsgHdr
	want := dns.MsgHdr{Id: q.Id, Response: true, Authoritative: true, RecursionDesired: true, CheckingDisabled: true}
	if got != want {
		t.Errorf("header\n got %+v\nwant %+v", got, want)
	}
	q.RecursionDesired, q.CheckingDisabled = false, false
	if got := exchange(t, "udp", s.Addr(), q).MsgHdr; got.RecursionDesired || got.CheckingDisabled || got.RecursionAvailable {
		t.Errorf("bits that were not asked for: %+v", got)
	}
}

func TestClasses(t *testing.T) {
	s, _ := start(t)
	for _, c := range []struct {
		class uint16
		want  []string
	}{
		{dns.ClassANY, []string{"NOERROR", "www.example.com. 300 IN AAAA 2001:db8::1"}},
		{dns.ClassCHAOS, []string{"REFUSED"}},
		{dns.ClassHESIOD, []string{"REFUSED"}},
		{dns.ClassNONE, []string{"REFUSED"}},
	} {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeAAAA)
		q.Question[0].Qclass = c.class
		if diff := cmp.Diff(c.want, show(exchange(t, "udp", s.Addr(), q))); diff != "" {
			t.Errorf("class %s (-want +got)\n%s", dns.Class(c.class), diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	s, _ := start(t)
	question := func(change func(*dns.Msg)) *dns.Msg {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
		change(q)
		return q
	}
	a, err := dns.NewRR("www.example.com. 1 IN A 192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		about string
		q     *dns.Msg
		rcode int
	}{
		{"no question", question(func(q *dns.Msg) { q.Question = nil }), dns.RcodeFormatError},
		{"two questions", question(func(q *dns.Msg) { q.Question = append(q.Question, q.Question[0]) }), dns.RcodeFormatError},
		{"an answer in the query", question(func(q *dns.Msg) { q.Answer = []dns.RR{a} }), dns.RcodeFormatError},
		{"an authority in the query", question(func(q *dns.Msg) { q.Ns = []dns.RR{a} }), dns.RcodeFormatError},
		{"NOTIFY", question(func(q *dns.Msg) { q.Opcode = dns.OpcodeNotify }), dns.RcodeNotImplemented},
		{"UPDATE", question(func(q *dns.Msg) { q.Opcode = dns.OpcodeUpdate; q.Ns = []dns.RR{a} }), dns.RcodeNotImplemented},
		{"STATUS", question(func(q *dns.Msg) { q.Opcode = dns.OpcodeStatus; q.Question = nil }), dns.RcodeNotImplemented},
		{"opcode 15", question(func(q *dns.Msg) { q.Opcode = 15 }), dns.RcodeNotImplemented},
		{"two OPT", question(func(q *dns.Msg) { q.SetEdns0(4096, false); q.SetEdns0(4096, false) }), dns.RcodeFormatError},
		{"OPT with a name", question(func(q *dns.Msg) { q.SetEdns0(4096, false); q.Extra[0].Header().Name = "x." }), dns.RcodeFormatError},
	} {
		t.Run(c.about, func(t *testing.T) {
			m := exchange(t, "udp", s.Addr(), c.q)
			if m.Rcode != c.rcode || m.Opcode != c.q.Opcode || m.Authoritative || len(m.Answer) > 0 {
				t.Errorf("got\n%v\nwant %s", m, dns.RcodeToString[c.rcode])
			}
		})
	}
}

// raw sends octets and returns the octets that come back.
func raw(t *testing.T, addr string, packet []byte) []byte {
	t.Helper()
	c, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(packet); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}

func TestMalformed(t *testing.T) {
	s, _ := start(t)
	good, err := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).Pack()
	if err != nil {
		t.Fatal(err)
	}
	for about, packet := range map[string][]byte{
		"a question that is cut":           good[:len(good)-3],
		"a label that is too long":         append(slices.Clone(good[:12]), 64, 'x'),
		"a compression pointer to itself":  append(slices.Clone(good[:12]), 0xC0, 12, 0, 1, 0, 1),
		"a pointer that goes out of range": append(slices.Clone(good[:12]), 0xC3, 0xFF, 0, 1, 0, 1),
	} {
		t.Run(about, func(t *testing.T) {
			var m dns.Msg
			if err := m.Unpack(raw(t, s.Addr(), packet)); err != nil {
				t.Fatal(err)
			}
			if m.Rcode != dns.RcodeFormatError || !m.Response || m.Id != uint16(packet[0])<<8|uint16(packet[1]) {
				t.Errorf("got %v, want FORMERR", &m)
			}
		})
	}
}

// Responses and packets without a header get no answer; the journal shows that
// they came, and the next question that the server is alive.
func TestUnanswered(t *testing.T) {
	s, st := start(t)
	good, err := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).Pack()
	if err != nil {
		t.Fatal(err)
	}
	response := slices.Clone(good)
	response[2] |= 0x80
	c, err := net.Dial("udp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, packet := range [][]byte{response, {1, 2, 3}, good} {
		if _, err := c.Write(packet); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	var m dns.Msg
	if err := m.Unpack(buf[:n]); err != nil || m.Rcode != dns.RcodeSuccess || len(m.Answer) != 2 {
		t.Errorf("the answer to the good question is %v, %v", &m, err)
	}
	short := "a message of 3 octets that cannot be read: dns: short read"
	if _, err := st.Journal().Await(t.Context(), func(e store.Event) bool { return e.Summary == short }); err != nil {
		t.Error(err)
	}
	// The entry of a question may come after its answer.
	if _, err := st.Journal().Await(t.Context(), func(e store.Event) bool { return e.DNS.Name == "www.example.com." }); err != nil {
		t.Error(err)
	}
	if n := len(st.Journal().Events()); n != 2 {
		t.Errorf("%d journal entries for a response, a short packet and a question; want 2", n)
	}
}

func TestEDNS(t *testing.T) {
	s, _ := start(t)
	t.Run("size, version and DO", func(t *testing.T) {
		for _, do := range []bool{false, true} {
			m := exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(4096, do))
			opt := m.IsEdns0()
			if opt == nil || opt.UDPSize() != 1232 || opt.Version() != 0 || opt.Do() != do || m.Rcode != dns.RcodeSuccess {
				t.Errorf("DO %v: %v", do, m)
			}
		}
	})
	t.Run("no OPT without OPT", func(t *testing.T) {
		if m := exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)); len(m.Extra) > 0 {
			t.Errorf("%v", m)
		}
	})
	t.Run("BADVERS", func(t *testing.T) {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(4096, false)
		q.IsEdns0().SetVersion(1)
		m := exchange(t, "udp", s.Addr(), q)
		if m.Rcode != dns.RcodeBadVers || m.IsEdns0() == nil || m.IsEdns0().Version() != 0 || len(m.Answer) > 0 {
			t.Errorf("%v", m)
		}
	})
	t.Run("options are ignored", func(t *testing.T) {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(4096, false)
		q.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_LOCAL{Code: 65001, Data: []byte("x")}, &dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "0123456789abcdef"}}
		if m := exchange(t, "udp", s.Addr(), q); m.Rcode != dns.RcodeSuccess || len(m.Answer) != 2 || len(m.IsEdns0().Option) != 0 {
			t.Errorf("%v", m)
		}
	})
	t.Run("BADVERS over TCP", func(t *testing.T) {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(4096, false)
		q.IsEdns0().SetVersion(200)
		if m := exchange(t, "tcp", s.Addr(), q); m.Rcode != dns.RcodeBadVers {
			t.Errorf("%v", m)
		}
	})
}

func TestTruncation(t *testing.T) {
	st := store.New(nil)
	var text strings.Builder
	text.WriteString("@ 60 IN SOA ns1 h 1 7200 900 1209600 60\n@ 60 IN NS ns1\n")
	for i := range 20 {
		fmt.Fprintf(&text, "medium 60 IN TXT \"%02d%s\"\n", i, strings.Repeat("m", 40))
		fmt.Fprintf(&text, "large 60 IN TXT \"%02d%s\"\n", i, strings.Repeat("l", 200))
	}
	if _, err := st.NewTenant(store.TenantConfig{Zones: []store.Hosted{{Zone: mustParse(t, "example.com.", text.String())}}}); err != nil {
		t.Fatal(err)
	}
	s := listen(t, st)
	for _, c := range []struct {
		name      string
		edns      uint16
		network   string
		limit     int
		truncated bool
		least     int
	}{
		{"medium", 0, "udp", 512, true, 7},
		{"medium", 100, "udp", 512, true, 7},
		{"medium", 1000, "udp", 1000, true, 16},
		{"medium", 1200, "udp", 1200, false, 20},
		{"medium", 0, "tcp", 65535, false, 20},
		{"large", 1232, "udp", 1232, true, 5},
		{"large", 65535, "udp", 1232, true, 5},
		{"large", 65535, "tcp", 65535, false, 20},
		{"large", 512, "tcp", 65535, false, 20},
	} {
		t.Run(fmt.Sprintf("%s/%d/%s", c.name, c.edns, c.network), func(t *testing.T) {
			q := new(dns.Msg).SetQuestion(c.name+".example.com.", dns.TypeTXT)
			if c.edns > 0 {
				q.SetEdns0(c.edns, false)
			}
			client := dns.Client{Net: c.network, UDPSize: 65535}
			m, _, err := client.Exchange(q, s.Addr())
			if err != nil {
				t.Fatal(err)
			}
			m.Compress = true
			if m.Truncated != c.truncated || m.Len() > c.limit {
				t.Errorf("TC %v, %d octets; want TC %v and at most %d", m.Truncated, m.Len(), c.truncated, c.limit)
			}
			if len(m.Answer) < c.least {
				t.Errorf("%d records, want at least %d", len(m.Answer), c.least)
			}
			if (m.IsEdns0() != nil) != (c.edns > 0) {
				t.Errorf("OPT lost or invented: %v", m.Extra)
			}
		})
	}
}

func TestPipelining(t *testing.T) {
	s, _ := start(t)
	c, err := dns.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := map[uint16]bool{}
	for range 300 {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
		want[q.Id] = true
		if err := c.WriteMsg(q); err != nil {
			t.Fatal(err)
		}
	}
	for n := len(want); n > 0; n = len(want) {
		m, err := c.ReadMsg()
		if err != nil {
			t.Fatalf("%d answers are missing: %v", n, err)
		}
		delete(want, m.Id)
	}
}

func TestJournal(t *testing.T) {
	s, st := start(t)
	exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("wWw.example.com.", dns.TypeA))
	exchange(t, "tcp", s.Addr(), new(dns.Msg).SetQuestion("nothing.tenant-b.example.", dns.TypeTXT))
	exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("example.org.", dns.TypeMX))
	exchange(t, "udp", s.Addr(), &dns.Msg{MsgHdr: dns.MsgHdr{Id: 1, Opcode: dns.OpcodeStatus}})
	last := func(e store.Event) bool { return e.DNS.Opcode == dns.OpcodeStatus }
	if _, err := st.Journal().Await(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range st.Journal().Events() {
		client := e.DNS.Client.String()
		if !strings.HasPrefix(client, "127.0.0.1:") || e.Time.IsZero() || e.Kind != store.KindDNS {
			t.Errorf("event %+v", e)
		}
		got = append(got, e.Tenant+"|"+strings.Replace(e.Summary, client, "CLIENT", 1))
	}
	slices.Sort(got)
	want := []string{
		"a|udp CLIENT wWw.example.com. IN A: NOERROR, 2 records",
		"b|tcp CLIENT nothing.tenant-b.example. IN TXT: NXDOMAIN, 0 records",
		"|udp CLIENT STATUS no question: NOTIMP, 0 records",
		"|udp CLIENT example.org. IN MX: REFUSED, 0 records",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
