package observe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

// zone is a name server whose records a test changes.
type zone struct {
	Server
	mu      sync.Mutex
	records []dns.RR
	asked   int
	// change edits an answer before it is sent.
	change func(q, m *dns.Msg)
}

func newZone(t *testing.T, lines ...string) *zone {
	t.Helper()
	z := &zone{records: rrs(t, lines...)}
	z.Server = serve(t, func(w dns.ResponseWriter, q *dns.Msg) { reply(t, w, z.answer(t, q)) })
	return z
}

func (z *zone) answer(t *testing.T, q *dns.Msg) *dns.Msg {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.asked++
	m := new(dns.Msg).SetReply(q)
	m.Authoritative = true
	exists := false
	for _, r := range z.records {
		if !strings.EqualFold(r.Header().Name, q.Question[0].Name) {
			continue
		}
		exists = true
		if r.Header().Rrtype == q.Question[0].Qtype || r.Header().Rrtype == dns.TypeCNAME {
			m.Answer = append(m.Answer, r)
		}
		if alias, ok := r.(*dns.CNAME); ok && q.Question[0].Qtype == dns.TypeA {
			m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: alias.Target, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(192, 0, 2, 7)})
		}
	}
	if len(m.Answer) == 0 {
		m.Ns = rrs(t, "example.com. 60 IN SOA ns.example.com. h.example.com. 1 2 3 4 5")
	}
	if !exists {
		m.Rcode = dns.RcodeNameError
	}
	if z.change != nil {
		z.change(q, m)
	}
	return m
}

// on sets what edits the answers from now on, and counts anew.
func (z *zone) on(change func(q, m *dns.Msg)) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.change, z.asked = change, 0
}

// count is how many questions there were.
func (z *zone) count() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.asked
}

// set replaces the records.
func (z *zone) set(t *testing.T, lines ...string) {
	records := rrs(t, lines...)
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records = records
}

func servers(zones ...*zone) Servers {
	s := Servers{Ceiling: 10 * time.Second, Interval: time.Millisecond}
	for _, z := range zones {
		s.List = append(s.List, z.Server)
	}
	return s
}

var nine = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeMX, dns.TypeTXT, dns.TypeSRV, dns.TypeNS, dns.TypeCAA, dns.TypeSPF}

func TestSnapshot(t *testing.T) {
	z := newZone(t,
		`www.example.com. 300 IN TXT "b"`, `WWW.example.com. 300 IN TXT "a"`, "www.example.com. 60 IN A 192.0.2.1",
		"alias.example.com. 60 IN CNAME elsewhere.example.com.", "mail.example.com. 60 IN MX 10 WWW.example.com.")
	snap, err := servers(z).Snapshot(t.Context(), []string{"WWW.example.com", "alias.example.com.", "no.example.com", "www.example.com"}, nine)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"alias.example.com. 60 IN CNAME elsewhere.example.com.",
		`www.example.com. 300 IN TXT "a"`, `www.example.com. 300 IN TXT "b"`, "www.example.com. 60 IN A 192.0.2.1",
	}
	if diff := cmp.Diff(want, snap.Lines()); diff != "" || len(snap.Records) != 4 {
		t.Errorf("-want +got\n%s%d records", diff, len(snap.Records))
	}
	if diff := cmp.Diff([]string{"alias.example.com. IN CNAME elsewhere.example.com.", "www.example.com. IN A 192.0.2.1",
		`www.example.com. IN TXT "a"`, `www.example.com. IN TXT "b"`}, snap.WithoutTTL()); diff != "" {
		t.Errorf("without TTL, -want +got\n%s", diff)
	}
	// An alias is told for every type; it is there when it was asked for.
	snap, err = servers(z).Snapshot(t.Context(), []string{"alias.example.com"}, []uint16{dns.TypeA})
	if err != nil || len(snap.Records) != 0 || snap.String() != "no record of A at alias.example.com." {
		t.Errorf("%v, %v", snap, err)
	}
}

func TestSnapshotIsNotSilent(t *testing.T) {
	z := newZone(t, "www.example.com. 60 IN A 192.0.2.1")
	if snap, err := servers(z).Snapshot(t.Context(), []string{"www.example.com"}, []uint16{dns.TypeA}); err != nil || len(snap.Records) != 1 {
		t.Fatalf("the control: %v, %v", snap, err)
	}
	for name, c := range map[string]struct {
		change func(q, m *dns.Msg)
		want   string
	}{
		"refused":  {func(_, m *dns.Msg) { m.Rcode = dns.RcodeRefused }, "www.example.com. IN A at ADDR: the server answers REFUSED"},
		"servfail": {func(_, m *dns.Msg) { m.Rcode = dns.RcodeServerFailure }, "www.example.com. IN A at ADDR: the server answers SERVFAIL"},
		"no authority": {func(_, m *dns.Msg) { m.Authoritative = false },
			"www.example.com. IN A at ADDR: the server answers without authority: it does not hold the zone"},
		"nothing without authority": {func(_, m *dns.Msg) { m.Authoritative, m.Answer = false, nil },
			"www.example.com. IN A at ADDR: the server answers without authority: it does not hold the zone"},
		"upward referral": {func(_, m *dns.Msg) {
			m.Authoritative, m.Answer = false, nil
			m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "a.root-servers.net."}}
		}, "www.example.com. IN A at ADDR: the server answers without authority: it does not hold the zone"},
		"NXDOMAIN without authority": {func(_, m *dns.Msg) {
			m.Authoritative, m.Answer, m.Rcode = false, nil, dns.RcodeNameError
			m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: "com.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "a.gtld-servers.net."}}
		}, "www.example.com. IN A at ADDR: the server answers without authority: it does not hold the zone"},
	} {
		z.on(c.change)
		_, err := servers(z).Snapshot(t.Context(), []string{"www.example.com"}, []uint16{dns.TypeA})
		if want := strings.ReplaceAll(c.want, "ADDR", z.Addr); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	for want, ask := range map[string]func() (Snapshot, error){
		"a snapshot needs a name and a type at least":        func() (Snapshot, error) { return servers(z).Snapshot(t.Context(), nil, nine) },
		"no name server is given to observe the zones at":    func() (Snapshot, error) { return Servers{}.Snapshot(t.Context(), []string{"a"}, nine) },
		`"a..b." is not a domain name that can be asked for`: func() (Snapshot, error) { return servers(z).Snapshot(t.Context(), []string{"a..b"}, nine) },
	} {
		if _, err := ask(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestSnapshotOfADelegation(t *testing.T) {
	z := newZone(t)
	z.on(func(q, m *dns.Msg) {
		m.Authoritative, m.Rcode, m.Answer = false, dns.RcodeSuccess, nil
		m.Ns = rrs(t, "sub.example.com. 60 IN NS ns.elsewhere.example.")
	})
	snap, err := servers(z).Snapshot(t.Context(), []string{"sub.example.com", "a.sub.example.com"}, nine)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sub.example.com. 60 IN NS ns.elsewhere.example."}, snap.Lines()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestDisagreement(t *testing.T) {
	one := newZone(t, "www.example.com. 60 IN A 192.0.2.1", "www.example.com. 60 IN A 192.0.2.2")
	two := newZone(t, "www.example.com. 60 IN A 192.0.2.2", "www.example.com. 60 IN A 192.0.2.1")
	s := servers(one, two)
	if _, err := s.AskAll(t.Context(), "www.example.com", dns.TypeA); err != nil {
		t.Errorf("the order counts: %v", err)
	}
	two.set(t, "www.example.com. 60 IN A 192.0.2.2")
	want := "the name servers disagree on www.example.com. IN A:\n  " + one.Addr + " has www.example.com. 60 IN A 192.0.2.1\n  " + two.Addr + " has (none of what others have)"
	answers, err := s.AskAll(t.Context(), "www.example.com", dns.TypeA)
	if err == nil || err.Error() != want || len(answers) != 2 || len(answers[0].Records) != 2 || len(answers[1].Records) != 1 {
		t.Errorf("%v\nwant %s\nanswers %v", err, want, answers)
	}
	want = "the name servers disagree on A at www.example.com.:\n" + want[strings.Index(want, "  "):]
	snap, err := s.Snapshot(t.Context(), []string{"www.example.com"}, []uint16{dns.TypeA})
	if err == nil || err.Error() != want || len(snap.Records) != 2 {
		t.Errorf("%v\nwant %s", err, want)
	}
	two.set(t, "www.example.com. 61 IN A 192.0.2.2", "www.example.com. 60 IN A 192.0.2.1")
	if _, err := s.AskAll(t.Context(), "www.example.com", dns.TypeA); err == nil {
		t.Error("another TTL is no disagreement")
	}
	for i := range s.List {
		s.List[i].Recursive = true
	}
	if _, err := s.AskAll(t.Context(), "www.example.com", dns.TypeA); err != nil {
		t.Errorf("the TTL of resolvers counts: %v", err)
	}
	// NXDOMAIN is not NODATA.
	one.set(t)
	two.set(t, `www.example.com. 60 IN TXT "x"`)
	want = "the name servers disagree on www.example.com. IN A:\n  " + one.Addr + " has NXDOMAIN without records\n  " + two.Addr + " has NOERROR without records"
	if _, err := s.AskAll(t.Context(), "www.example.com", dns.TypeA); err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

func TestAServerThatIsDown(t *testing.T) {
	one, two := newZone(t, "www.example.com. 60 IN A 192.0.2.1"), newZone(t)
	s := servers(one, two)
	s.List[1].Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("it is down") }
	answers, err := s.AskAll(t.Context(), "www.example.com", dns.TypeA)
	if want := "www.example.com. IN A at " + two.Addr + " over udp, try 3: it is down"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if len(answers) != 2 || len(answers[0].Records) != 1 {
		t.Errorf("what the other says is lost: %v", answers)
	}
	if _, err := s.Snapshot(t.Context(), []string{"www.example.com"}, nine); err == nil || err.Error() != two.Addr+" over udp: it is down" {
		t.Errorf("%v", err)
	}
}

func isA(want string) func(Answer) bool {
	return func(a Answer) bool { return len(a.Records) == 1 && a.Records[0].Data == want }
}

func TestWaitForAllServers(t *testing.T) {
	one, two := newZone(t, "www.example.com. 60 IN A 192.0.2.9"), newZone(t)
	two.on(func(*dns.Msg, *dns.Msg) {
		// The second server follows when it has been asked a while.
		switch two.asked {
		case 3:
			two.records = rrs(t, "www.example.com. 60 IN A 192.0.2.9")
		}
	})
	answers, err := servers(one, two).WaitFor(t.Context(), "www.example.com", dns.TypeA, isA("192.0.2.9"))
	if err != nil || len(answers) != 2 || two.count() != 4 {
		t.Errorf("%v, %v, asked %d times", answers, err, two.count())
	}
	// One server is not enough, for however long.
	two.set(t)
	s := servers(one, two)
	s.Ceiling = 50 * time.Millisecond
	_, err = s.WaitFor(t.Context(), "www.example.com", dns.TypeA, isA("192.0.2.9"))
	want := "waiting for www.example.com. IN A: the ceiling of 50ms is reached; seen last: the name servers disagree on www.example.com. IN A:\n  " +
		one.Addr + " has www.example.com. 60 IN A 192.0.2.9\n  " + two.Addr + " has NXDOMAIN without records"
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the run is stopped"))
	if _, err = s.WaitFor(ctx, "www.example.com", dns.TypeA, isA("192.0.2.9")); err == nil || !strings.HasPrefix(err.Error(), "waiting for www.example.com. IN A: the run is stopped; seen last: ") {
		t.Errorf("%v", err)
	}
}

func TestSettled(t *testing.T) {
	z := newZone(t)
	s := servers(z)
	s.Interval = time.Hour // only the signal can bring the second look
	signal := make(chan struct{})
	s.Settled = func(context.Context) error { <-signal; return nil }
	z.on(func(q, m *dns.Msg) {
		if z.asked == 1 {
			z.records = rrs(t, "www.example.com. 60 IN A 192.0.2.9")
			close(signal)
		}
	})
	if _, err := s.WaitFor(t.Context(), "www.example.com", dns.TypeA, isA("192.0.2.9")); err != nil || z.count() != 2 {
		t.Errorf("%v, asked %d times", err, z.count())
	}

	// The look after the signal decides, whatever it sees.
	z.on(nil)
	s.Settled = func(context.Context) error { return nil }
	_, err := s.WaitFor(t.Context(), "www.example.com", dns.TypeA, isA("192.0.2.10"))
	want := "waiting for www.example.com. IN A: the target has settled; seen last: www.example.com. IN A at " + z.Addr + " over udp: NOERROR, authoritative\n  www.example.com. 60 IN A 192.0.2.9"
	if err == nil || err.Error() != want || z.count() != 2 {
		t.Errorf("%v\nwant %s\nasked %d times", err, want, z.count())
	}
	s.Settled = func(context.Context) error { return errors.New("the journal is closed") }
	_, err = s.WaitFor(t.Context(), "www.example.com", dns.TypeA, isA("192.0.2.10"))
	if err == nil || !strings.HasPrefix(err.Error(), "waiting for www.example.com. IN A: the target does not settle: the journal is closed; seen last: ") {
		t.Errorf("%v", err)
	}
	// What is accepted at once waits for no signal.
	s.Settled = func(ctx context.Context) error { <-ctx.Done(); return nil }
	if _, err = s.WaitFor(t.Context(), "www.example.com", dns.TypeA, isA("192.0.2.9")); err != nil {
		t.Error(err)
	}
}

func TestAwait(t *testing.T) {
	z := newZone(t)
	z.on(func(*dns.Msg, *dns.Msg) {
		if z.asked == 3 {
			z.records = rrs(t, "www.example.com. 60 IN A 192.0.2.9")
		}
	})
	s := servers(z)
	snap, err := s.Await(t.Context(), []string{"www.example.com"}, []uint16{dns.TypeA, dns.TypeTXT}, func(s Snapshot) bool { return len(s.Records) == 1 })
	if err != nil || snap.String() != "www.example.com. 60 IN A 192.0.2.9" {
		t.Errorf("%v, %v", snap, err)
	}
	s.Ceiling = 20 * time.Millisecond
	snap, err = s.Await(t.Context(), []string{"www.example.com"}, []uint16{dns.TypeA}, func(s Snapshot) bool { return len(s.Records) == 2 })
	want := "waiting for the records at www.example.com: the ceiling of 20ms is reached; seen last: www.example.com. 60 IN A 192.0.2.9"
	if err == nil || err.Error() != want || len(snap.Records) != 1 {
		t.Errorf("%v\nwant %s", err, want)
	}
}

func TestPipelineLosesNothing(t *testing.T) {
	// Every third packet is dropped, every fifth answer is to another
	// question, and one name needs TCP.
	var n atomic.Int64
	s := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Authoritative = true
		k := n.Add(1)
		name := q.Question[0].Name
		switch {
		case overTCP(w):
		case k%3 == 0:
			return
		case k%5 == 0:
			stray := m.Copy()
			stray.Question[0].Name = "stray.example.com."
			reply(t, w, stray)
		}
		if name == "big.example.com." && q.Question[0].Qtype == dns.TypeTXT {
			if m.Truncated = !overTCP(w); m.Truncated {
				reply(t, w, m)
				return
			}
		}
		if q.Question[0].Qtype == dns.TypeTXT {
			m.Answer = rrs(t, fmt.Sprintf("%s 60 IN TXT %q", name, name))
		}
		reply(t, w, m)
	})
	s.Timeout, s.Tries = 60*time.Millisecond, 20
	names, want := []string{"big.example.com"}, []string{`big.example.com. 60 IN TXT "big.example.com."`}
	for i := range 40 {
		names = append(names, fmt.Sprintf("h%02d.example.com", i))
		want = append(want, fmt.Sprintf(`h%02d.example.com. 60 IN TXT "h%02d.example.com."`, i, i))
	}
	snap, err := Servers{List: []Server{s}}.Snapshot(t.Context(), names, []uint16{dns.TypeA, dns.TypeTXT, dns.TypeMX})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, snap.Lines()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPipelineGivesUp(t *testing.T) {
	s := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if q.Question[0].Qtype == dns.TypeA {
			m := new(dns.Msg).SetReply(q)
			m.Authoritative = true
			reply(t, w, m)
		}
	})
	s.Timeout, s.Tries = 20*time.Millisecond, 2
	_, err := Servers{List: []Server{s}}.Snapshot(t.Context(), []string{"www.example.com"}, []uint16{dns.TypeA, dns.TypeTXT, dns.TypeMX})
	if err == nil || !strings.HasPrefix(err.Error(), "www.example.com. IN TXT and 1 more at "+s.Addr+" over udp, try 2: ") || !strings.HasSuffix(err.Error(), "i/o timeout") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	s.Timeout = time.Hour
	go cancel(errors.New("the run is stopped"))
	if _, err = (Servers{List: []Server{s}}).Snapshot(ctx, []string{"www.example.com"}, []uint16{dns.TypeTXT}); err == nil || !strings.Contains(err.Error(), "www.example.com. IN TXT at "+s.Addr+" over udp, try ") && !strings.Contains(err.Error(), "canceled") {
		t.Errorf("%v", err)
	}
}

func TestHolds(t *testing.T) {
	z := newZone(t, "example.com. 60 IN SOA ns.example.com. h.example.com. 1 2 3 4 5")
	other := newZone(t, "www.example.com. 60 IN A 192.0.2.1")
	if err := servers(z).Holds(t.Context(), "Example.com"); err != nil {
		t.Error(err)
	}
	err := servers(z, other).Holds(t.Context(), "example.com")
	if err == nil || !strings.HasPrefix(err.Error(), other.Addr+" does not hold the zone example.com.: asked for its SOA it answers example.com. IN SOA at "+other.Addr+" over udp: NXDOMAIN") {
		t.Errorf("%v", err)
	}
	if err := servers(z).Holds(t.Context(), "www.example.com"); err == nil {
		t.Error("a name below is held as a zone")
	}
	z.on(func(_, m *dns.Msg) { m.Authoritative = false })
	if err := servers(z).Holds(t.Context(), "example.com"); err == nil || err.Error() != z.Addr+" is not authoritative for example.com.: give it as dns.resolver, or name the zone's own servers" {
		t.Errorf("%v", err)
	}
	s := servers(z)
	s.List[0].Recursive = true
	if err := s.Holds(t.Context(), "example.com"); err != nil {
		t.Error(err)
	}
}

func TestOf(t *testing.T) {
	var recursive atomic.Int64
	z := newZone(t)
	z.on(func(q, _ *dns.Msg) {
		if q.RecursionDesired {
			recursive.Add(1)
		}
	})
	c := &target.Config{DNS: target.DNS{Servers: []string{z.Addr}, Resolver: "192.0.2.1:53"}, Limits: target.Limits{Propagation: 7 * time.Second}}
	s := Of(c, nil)
	if len(s.List) != 1 || s.List[0].Addr != z.Addr || s.List[0].Recursive || s.Ceiling != 7*time.Second {
		t.Errorf("servers %+v", s)
	}
	c.DNS = target.DNS{Resolver: z.Addr}
	s = Of(c, nil)
	if len(s.List) != 1 || !s.List[0].Recursive {
		t.Errorf("resolver %+v", s)
	}
	if _, err := s.Snapshot(t.Context(), []string{"a.example.com"}, []uint16{dns.TypeA}); err != nil || recursive.Load() != 1 {
		t.Errorf("%v, %d questions asked for recursion", err, recursive.Load())
	}
}

// Three names of nine types, as a case looks at its hosts.
func BenchmarkSnapshot(b *testing.B) {
	answer := []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: "www.example.com.", Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(192, 0, 2, 1)}}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	started, ended := make(chan struct{}), make(chan error, 1)
	server := &dns.Server{PacketConn: conn, NotifyStartedFunc: func() { close(started) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Authoritative = true
		if q.Question[0].Qtype == dns.TypeA {
			m.Answer = answer
		}
		if err := w.WriteMsg(m); err != nil {
			b.Error(err)
		}
	})}
	go func() { ended <- server.ActivateAndServe() }()
	<-started
	s := Servers{List: []Server{{Addr: conn.LocalAddr().String()}}}
	names := []string{"www.example.com", "mail.example.com", "_dmarc.example.com"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Snapshot(b.Context(), names, nine); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if err := errors.Join(server.Shutdown(), <-ended); err != nil {
		b.Error(err)
	}
}
