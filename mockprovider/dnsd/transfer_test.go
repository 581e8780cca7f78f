package dnsd

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// transfer reads all messages of a transfer.
func transfer(tb testing.TB, addr string, q *dns.Msg) []*dns.Msg {
	tb.Helper()
	c, err := dns.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		tb.Fatal(err)
	}
	if err := c.WriteMsg(q); err != nil {
		tb.Fatal(err)
	}
	var messages []*dns.Msg
	for soas := 0; ; {
		m, err := c.ReadMsg()
		if err != nil {
			tb.Fatalf("after %d messages: %v", len(messages), err)
		}
		messages = append(messages, m)
		for _, rr := range m.Answer {
			if rr.Header().Rrtype == dns.TypeSOA {
				soas++
			}
		}
		single := len(messages) == 1 && len(m.Answer) == 1
		if soas == 2 || m.Rcode != dns.RcodeSuccess || single {
			return messages
		}
	}
}

func records(messages []*dns.Msg) []string {
	var lines []string
	for _, m := range messages {
		for _, rr := range m.Answer {
			lines = append(lines, strings.ReplaceAll(rr.String(), "\t", " "))
		}
	}
	return lines
}

func TestAXFR(t *testing.T) {
	st := store.New(nil)
	text := `
@      300 IN SOA ns1 hostmaster 7 7200 900 1209600 60
@     3600 IN NS  ns1
@      300 APEXCNAME www.example.net.
ns1    300 IN A   192.0.2.53
sub    300 IN NS  ns.sub
ns.sub 300 IN A   192.0.2.54
*.wild 300 IN TXT "a" "b"
odd    300 IN TYPE65400 \# 4 0A000001
redir  300 REDIR302 https://www.example.com/
`
	if _, err := st.NewTenant(store.TenantConfig{Zones: []store.Hosted{{Zone: mustParse(t, "example.com.", text)}}}); err != nil {
		t.Fatal(err)
	}
	s := listen(t, st)
	want := []string{
		"example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 7 7200 900 1209600 60",
		"example.com. 3600 IN NS ns1.example.com.",
		"ns1.example.com. 300 IN A 192.0.2.53",
		`odd.example.com. 300 CLASS1 TYPE65400 \# 4 0a000001`,
		"sub.example.com. 300 IN NS ns.sub.example.com.",
		"ns.sub.example.com. 300 IN A 192.0.2.54",
		`*.wild.example.com. 300 IN TXT "a" "b"`,
		"example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 7 7200 900 1209600 60",
	}
	soa, err := dns.NewRR(want[0])
	if err != nil {
		t.Fatal(err)
	}
	ixfr := func(serial uint32) *dns.Msg {
		q := new(dns.Msg).SetQuestion("example.com.", dns.TypeIXFR)
		old := *soa.(*dns.SOA)
		old.Serial = serial
		q.Ns = []dns.RR{&old}
		return q
	}
	for _, c := range []struct {
		about string
		q     *dns.Msg
		want  []string
	}{
		{"AXFR", new(dns.Msg).SetAxfr("example.com."), want},
		{"AXFR, other letters", new(dns.Msg).SetAxfr("EXAMPLE.com."), want},
		{"AXFR with EDNS", new(dns.Msg).SetAxfr("example.com.").SetEdns0(512, false), want},
		{"IXFR from an older serial", ixfr(6), want},
		{"IXFR from a serial before the wrap", ixfr(4294967290), want},
		{"IXFR from this serial", ixfr(7), want[:1]},
		{"IXFR from a newer serial", ixfr(8), want[:1]},
	} {
		t.Run(c.about, func(t *testing.T) {
			got := transfer(t, s.Addr(), c.q)
			if diff := cmp.Diff(c.want, records(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if m := got[0]; !m.Authoritative || m.Id != c.q.Id || len(m.Question) != 1 {
				t.Errorf("header %+v", m.MsgHdr)
			}
		})
	}
	t.Run("IXFR over UDP sends to TCP", func(t *testing.T) {
		m := exchange(t, "udp", s.Addr(), ixfr(6))
		if diff := cmp.Diff([]string{"NOERROR aa", want[0]}, show(m)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestTransferRefused(t *testing.T) {
	s, _ := start(t)
	for _, c := range []struct {
		about, network, name string
		qtype                uint16
		want                 string
	}{
		{"AXFR over UDP", "udp", "example.com.", dns.TypeAXFR, "REFUSED"},
		{"of a name that is no apex", "tcp", "www.example.com.", dns.TypeAXFR, "NOTAUTH"},
		{"of a zone that is not here", "tcp", "example.org.", dns.TypeAXFR, "NOTAUTH"},
		{"IXFR of a zone that is not here", "tcp", "example.org.", dns.TypeIXFR, "NOTAUTH"},
		{"IXFR without a SOA", "tcp", "example.com.", dns.TypeIXFR, "FORMERR"},
	} {
		t.Run(c.about, func(t *testing.T) {
			m := exchange(t, c.network, s.Addr(), new(dns.Msg).SetQuestion(c.name, c.qtype))
			if diff := cmp.Diff([]string{c.want}, show(m)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// big is a zone of n TXT records that all carry the same mark.
func big(tb testing.TB, n int) *zone.Zone {
	tb.Helper()
	all := []zone.Record{
		{Owner: "example.com.", Type: "SOA", TTL: 60, Data: "ns1.example.com. h.example.com. 100 7200 900 1209600 60"},
		{Owner: "example.com.", Type: "NS", TTL: 60, Data: "ns1.example.com."},
	}
	z, err := zone.New("example.com.", append(all, marked(n, "100")...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func marked(n int, mark string) []zone.Record {
	rs := make([]zone.Record, n)
	for i := range rs {
		rs[i] = zone.Record{Owner: fmt.Sprintf("host-%d.example.com.", i), Type: "TXT", TTL: 60, Data: `"` + mark + `"`}
	}
	return rs
}

func TestTransferInManyMessages(t *testing.T) {
	const n = 5000
	st := store.New(nil)
	if _, err := st.NewTenant(store.TenantConfig{Zones: []store.Hosted{{Zone: big(t, n)}}}); err != nil {
		t.Fatal(err)
	}
	s := listen(t, st)
	messages := transfer(t, s.Addr(), new(dns.Msg).SetAxfr("example.com."))
	if len(messages) < 3 {
		t.Errorf("%d messages, want several", len(messages))
	}
	owners := map[string]bool{}
	for _, line := range records(messages) {
		owners[strings.Fields(line)[0]] = true
	}
	if len(records(messages)) != n+3 || len(owners) != n+1 {
		t.Errorf("%d records of %d owners, want %d of %d", len(records(messages)), len(owners), n+3, n+1)
	}
	e, err := st.Journal().Await(t.Context(), func(e store.Event) bool { return e.DNS.Type == dns.TypeAXFR })
	if err != nil || e.DNS.Answers != n+3 {
		t.Errorf("the journal counts %d records (%v), want %d", e.DNS.Answers, err, n+3)
	}
	if err := st.Journal().Settled(t.Context(), 0); err != nil {
		t.Error(err)
	}
}

// TestApplyIsAtomic reads the zone by AXFR while it is changed as fast as it
// goes: every record of a state carries the state's serial, so a mixture
// shows, and so does a serial that was skipped or given twice.
func TestApplyIsAtomic(t *testing.T) {
	const records, writers, applies = 200, 4, 50
	st := store.New(nil)
	tenant, err := st.NewTenant(store.TenantConfig{Zones: []store.Hosted{{Zone: big(t, records)}}})
	if err != nil {
		t.Fatal(err)
	}
	s := listen(t, st)

	done := make(chan struct{})
	var readers, storm sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			last := uint32(0)
			for running := true; running; {
				select {
				case <-done:
					running = false // One more, which sees the last state.
				default:
				}
				last = checkState(t, s.Addr(), records, last)
			}
			if want := uint32(100 + writers*applies); last != want {
				t.Errorf("the last serial is %d, want %d: one per apply", last, want)
			}
		})
	}
	var mu sync.Mutex
	given := map[uint32]int{}
	for range writers {
		storm.Go(func() {
			for range applies {
				z, err := tenant.Update("example.com", remark)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				given[z.Serial()]++
				mu.Unlock()
			}
		})
	}
	storm.Wait()
	close(done)
	readers.Wait()
	for serial := uint32(101); serial <= 100+writers*applies; serial++ {
		if given[serial] != 1 {
			t.Errorf("serial %d was given %d times", serial, given[serial])
		}
	}
}

// remark replaces all TXT records by such that carry the next serial.
func remark(z *zone.Zone) (*zone.Zone, error) {
	var c zone.Change
	mark := fmt.Sprintf(`"%d"`, z.Serial()+1)
	for r := range z.Records() {
		if r.Type == "TXT" {
			c.Remove = append(c.Remove, r)
			r.Data = mark
			c.Add = append(c.Add, r)
		}
	}
	return c.Apply(z)
}

// checkState transfers the zone and returns its serial.
func checkState(t *testing.T, addr string, records int, last uint32) uint32 {
	t.Helper()
	var serials []uint32
	marks := map[string]int{}
	for _, m := range transfer(t, addr, new(dns.Msg).SetAxfr("example.com.")) {
		for _, rr := range m.Answer {
			switch rr := rr.(type) {
			case *dns.SOA:
				serials = append(serials, rr.Serial)
			case *dns.TXT:
				marks[rr.Txt[0]]++
			}
		}
	}
	if len(serials) != 2 || serials[0] != serials[1] || marks[fmt.Sprint(serials[0])] != records || len(marks) != 1 {
		t.Errorf("a mixed state: serials %v, marks %v", serials, marks)
		return last
	}
	if serials[0] < last {
		t.Errorf("serial %d after %d", serials[0], last)
	}
	return serials[0]
}

// TestCloseCutsWhoDoesNotRead shows that a client that stops in the middle of
// a transfer does not keep Close from ending, and is named.
func TestCloseCutsWhoDoesNotRead(t *testing.T) {
	st := store.New(nil)
	// More than the system buffers between the two: 40,000 times 250 octets.
	tenant, err := st.NewTenant(store.TenantConfig{Zones: []store.Hosted{{Zone: big(t, 0)}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tenant.Update("example.com", func(z *zone.Zone) (*zone.Zone, error) {
		return zone.Change{Add: marked(40000, strings.Repeat("x", 250))}.Apply(z)
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Listen(t.Context(), Config{Store: st})
	if err != nil {
		t.Fatal(err)
	}
	c, err := dns.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteMsg(new(dns.Msg).SetAxfr("example.com.")); err != nil {
		t.Fatal(err)
	}
	// The first octet says that the transfer has begun.
	if _, err := iotest.OneByteReader(c.Conn).Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	want := "DNS connections were still busy after 2s and were cut: " + c.LocalAddr().String()
	if err := s.Close(); err == nil || err.Error() != want {
		t.Errorf("Close: %v\nwant: %s", err, want)
	}
	if err := s.Close(); err == nil || err.Error() != want {
		t.Errorf("Close again: %v\nwant: %s", err, want)
	}
	if got := st.Journal().InFlight(); len(got) != 0 {
		t.Errorf("still in flight: %v", got)
	}
}

func TestListenErrors(t *testing.T) {
	s, st := start(t)
	const hint = " (when another program has the port, stop it or choose another; port 0 lets the system choose)"
	for _, c := range []struct {
		about  string
		config Config
		want   string
	}{
		{"no store", Config{}, "dnsd: Config.Store is nil; give the store whose zones are to be served"},
		{"no port", Config{Store: st, Addr: "127.0.0.1"}, `DNS address "127.0.0.1" is not host:port: address 127.0.0.1: missing port in address`},
		{"taken", Config{Store: st, Addr: s.Addr()}, "DNS over TCP cannot listen on " + s.Addr() + ": listen tcp " + s.Addr() + ": bind: address already in use" + hint},
	} {
		t.Run(c.about, func(t *testing.T) {
			got, err := Listen(t.Context(), c.config)
			if err == nil {
				t.Fatal(got.Close(), "started")
			}
			// Windows words the system's part differently.
			if m := err.Error(); m != c.want && !(strings.HasPrefix(m, c.want[:min(len(c.want), 50)]) && strings.HasSuffix(m, hint)) {
				t.Errorf("got  %s\nwant %s", m, c.want)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := Listen(ctx, Config{Store: st}); err == nil {
			t.Error(got.Close(), "started")
		}
	})
}

func TestUDPPortTaken(t *testing.T) {
	s, st := start(t)
	// Free the number for TCP, keep it for UDP.
	other, err := Listen(t.Context(), Config{Store: st, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if other.Addr() == s.Addr() {
		t.Fatal("one port was given twice")
	}
	if err := other.tcp.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := Listen(t.Context(), Config{Store: st, Addr: other.Addr()})
	if err == nil {
		t.Fatal(got.Close(), "started")
	}
	if want := "DNS over UDP cannot listen on " + other.Addr() + ": "; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}
