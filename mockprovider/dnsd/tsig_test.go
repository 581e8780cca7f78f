package dnsd

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

func TestTSIGKeys(t *testing.T) {
	for _, c := range []struct {
		keys map[string]string
		want string
	}{
		{map[string]string{"": keySecret}, `TSIG key "": the name of a key is a domain name, such as seed.example`},
		{map[string]string{"a..b": keySecret}, `TSIG key "a..b": the name of a key is a domain name, such as seed.example`},
		{map[string]string{"seed": ""}, `TSIG key "seed": the secret is not base64; make one with: openssl rand -base64 32`},
		{map[string]string{"seed": "%secret%"}, `TSIG key "seed": the secret is not base64; make one with: openssl rand -base64 32`},
	} {
		_, err := Listen(t.Context(), Config{Store: store.New(nil), TSIG: c.keys})
		if err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	_, err := Listen(t.Context(), Config{Store: store.New(nil), TSIG: map[string]string{"seed": keySecret, "SEED.": keySecret}})
	if err == nil || !strings.HasSuffix(err.Error(), " is given twice: key names compare without regard to letter case") {
		t.Errorf("got  %v", err)
	}
}

// roundTrip sends octets over UDP and reads a message, without a client that
// has opinions of its own about TSIG.
func roundTrip(t *testing.T, addr string, packet []byte) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	if err := m.Unpack(raw(t, addr, packet)); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTSIGRefusals(t *testing.T) {
	const other = "YW5vdGhlciBzZWNyZXQgYWx0b2dldGhlcg=="
	now := time.Now().Unix()
	for _, c := range []struct {
		name, key, secret, algorithm string
		at                           int64
		error                        uint16
		why                          string
		signed                       bool
	}{
		{"another secret", keyName, other, dns.HmacSHA256, now, dns.RcodeBadSig, "key seed.test.: BADSIG", false},
		{"another key", "other.test.", keySecret, dns.HmacSHA256, now, dns.RcodeBadKey, "key other.test.: BADKEY", false},
		{"another algorithm", keyName, keySecret, dns.HmacSHA384, now, dns.RcodeBadKey, "key seed.test.: BADKEY", false},
		{"an old request", keyName, keySecret, dns.HmacSHA512, now - 3600, dns.RcodeBadTime, "key seed.test.: BADTIME", true},
		{"a request of tomorrow", keyName, keySecret, dns.HmacSHA512, now + 86400, dns.RcodeBadTime, "key seed.test.: BADTIME", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, st := updatable(t)
			before, _ := st.Zone("example.com")
			m := updateOf(t, "add new.example.com. 60 A 192.0.2.1")
			m.SetTsig(c.key, c.algorithm, 300, c.at)
			packet, mac, err := dns.TsigGenerate(m, c.secret, "", false)
			if err != nil {
				t.Fatal(err)
			}
			wire := raw(t, s.Addr(), packet)
			answer := new(dns.Msg)
			if err := answer.Unpack(wire); err != nil {
				t.Fatal(err)
			}
			sig := answer.IsTsig()
			if answer.Rcode != dns.RcodeNotAuth || sig == nil || sig.Error != c.error || sig.Hdr.Name != c.key || (sig.MAC != "") != c.signed {
				t.Fatalf("%v", answer)
			}
			if c.signed {
				// miekg/dns does not verify a NOTAUTH, but it can sign one. The time
				// that is signed is the client's.
				again := answer.Copy()
				if _, want, err := dns.TsigGenerate(again, c.secret, mac, false); err != nil || sig.MAC != want {
					t.Errorf("the answer has the signature %s, want %s (%v)", sig.MAC, want, err)
				}
				var server int64
				if _, err := fmt.Sscanf(sig.OtherData, "%012x", &server); err != nil || sig.OtherLen != 6 || server < now || server > now+60 || sig.TimeSigned != uint64(c.at) {
					t.Errorf("%v: other data %q (%v), server's time %d, now %d", sig, sig.OtherData, err, server, now)
				}
			}
			if after, _ := st.Zone("example.com"); after != before {
				t.Error("the zone has changed")
			}
			if event := st.Journal().Events()[0]; !strings.HasSuffix(event.Summary, ": NOTAUTH, 0 records; "+c.why) {
				t.Errorf("journal: %s", event.Summary)
			}
		})
	}
}

// TestTSIGPlace refuses a TSIG that is not the last record, or is there twice.
func TestTSIGPlace(t *testing.T) {
	s, _ := updatable(t)
	m := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
	m.SetTsig(keyName, dns.HmacSHA256, 300, time.Now().Unix())
	sig := m.Extra[0]
	for _, extra := range [][]dns.RR{{sig, sig}, {sig, &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}}} {
		m.Extra = extra
		packet, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if answer := roundTrip(t, s.Addr(), packet); answer.Rcode != dns.RcodeFormatError || answer.IsTsig() != nil {
			t.Errorf("%v", answer)
		}
	}
}

// TestSignedQueries are answered with a signature, errors too.
func TestSignedQueries(t *testing.T) {
	s, _ := updatable(t)
	for _, c := range []struct {
		name  string
		rcode int
	}{{"www.example.com.", dns.RcodeSuccess}, {"nothing.example.com.", dns.RcodeNameError}, {"example.org.", dns.RcodeRefused}} {
		for _, network := range []string{"udp", "tcp"} {
			answer, err := signedExchange(t, network, s.Addr(), dns.HmacSHA512, new(dns.Msg).SetQuestion(c.name, dns.TypeA))
			if err != nil || answer.Rcode != c.rcode {
				t.Errorf("%s: %v, %v", c.name, err, answer)
			}
		}
	}
	if answer := exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)); len(answer.Answer) != 2 || answer.IsTsig() != nil {
		t.Errorf("a query without a signature: %v", answer)
	}
}

// TestSignedTruncation leaves the signature its room.
func TestSignedTruncation(t *testing.T) {
	s, st := updatable(t)
	var lines strings.Builder
	for i := range 10 {
		fmt.Fprintf(&lines, "add many.example.com. 60 TXT \"%d%s\"\n", i, strings.Repeat("x", 40))
	}
	if _, err := signedExchange(t, "tcp", s.Addr(), dns.HmacSHA256, updateOf(t, lines.String())); err != nil {
		t.Fatal(err)
	}
	q := new(dns.Msg).SetQuestion("many.example.com.", dns.TypeTXT)
	answer, err := signedExchange(t, "udp", s.Addr(), dns.HmacSHA512, q.Copy())
	if err != nil || !answer.Truncated || len(answer.Answer) != 0 || answer.Len() > dns.MinMsgSize {
		t.Errorf("over UDP: %v, %v", err, answer)
	}
	answer, err = signedExchange(t, "tcp", s.Addr(), dns.HmacSHA512, q.Copy())
	if err != nil || answer.Truncated || len(answer.Answer) != 10 {
		t.Errorf("over TCP: %v, %v", err, answer)
	}
	events := st.Journal().Events()
	if len(events) != 3 || !events[1].DNS.Truncated || events[1].DNS.Answers != 0 || events[2].DNS.Answers != 10 {
		t.Errorf("journal: %+v", events)
	}
}

// TestSignedTransfer signs each message over the one before.
func TestSignedTransfer(t *testing.T) {
	st := store.New(nil)
	if _, err := st.NewTenant(store.TenantConfig{Zones: []store.Hosted{{Zone: big(t, 3000)}}}); err != nil {
		t.Fatal(err)
	}
	s, err := Listen(t.Context(), Config{Store: st, TSIG: map[string]string{keyName: keySecret}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	z := st.Tenants()[0].Zones()[0].Zone
	m := new(dns.Msg).SetAxfr(z.Origin())
	m.SetTsig(keyName, dns.HmacSHA256, 300, time.Now().Unix())
	tr := dns.Transfer{TsigSecret: map[string]string{keyName: keySecret}}
	envelopes, err := tr.In(m, s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	messages, records := 0, 0
	for e := range envelopes {
		if e.Error != nil {
			t.Fatalf("message %d: %v", messages+1, e.Error)
		}
		messages++
		records += len(e.RR)
	}
	if messages < 3 || records != z.Len()+1 {
		t.Errorf("%d records in %d messages, want %d in three or more", records, messages, z.Len()+1)
	}
}

func TestScriptedQuestions(t *testing.T) {
	s, st := start(t)
	tenant, _ := st.Tenant("a")
	step := func(match string, times int, r store.Reaction) {
		t.Helper()
		if _, err := tenant.AddStep(store.Step{Kind: store.RequestDNS, Match: match, Left: times, Reaction: r}); err != nil {
			t.Fatal(err)
		}
	}
	step("www.example.com A", 1, store.Reaction{Rcode: dns.RcodeServerFailure})
	step("www.example.com AAAA", 2, store.Reaction{Rcode: dns.RcodeBadVers})
	step("example.com TXT", 1, store.Reaction{Delay: time.Nanosecond})
	step("example.com TXT", 1, store.Reaction{Fault: &store.Misbehaviour{Name: "lying", Set: func(c *store.TenantConfig) {
		c.Hooks.Answer = append(c.Hooks.Answer, func(_ dns.Question, m *dns.Msg) { m.Answer = nil })
	}}})
	step("* AXFR", 1, store.Reaction{Rcode: dns.RcodeRefused})
	q := func(name string, rrtype uint16) *dns.Msg { return new(dns.Msg).SetQuestion(name, rrtype) }
	for _, c := range []struct {
		q    *dns.Msg
		want string
	}{
		{q("www.tenant-b.example.", dns.TypeA), "NOERROR 1"},
		{q("WWW.example.com.", dns.TypeA), "SERVFAIL 0"},
		{q("www.example.com.", dns.TypeA), "NOERROR 2"},
		{q("www.example.com.", dns.TypeAAAA).SetEdns0(1232, false), "BADSIG 0"}, // 16, as miekg/dns calls it.
		{q("www.example.com.", dns.TypeAAAA), "NOERROR 0"},                      // Its lower four bits.
		{q("www.example.com.", dns.TypeAAAA), "NOERROR 1"},
		{q("example.com.", dns.TypeTXT), "NOERROR 1"},
		{q("example.com.", dns.TypeTXT), "NOERROR 0"},
		{q("example.com.", dns.TypeTXT), "NOERROR 1"},
		{q("example.com.", dns.TypeAXFR), "REFUSED 0"},
	} {
		m := exchange(t, "tcp", s.Addr(), c.q)
		if got := fmt.Sprint(dns.RcodeToString[m.Rcode], " ", len(m.Answer)); got != c.want {
			t.Errorf("%v: %s, want %s", c.q.Question[0], got, c.want)
		}
	}
	if len(tenant.Steps()) != 0 {
		t.Errorf("steps are left: %v", tenant.Steps())
	}
}

func TestScriptedSilence(t *testing.T) {
	s, st := start(t)
	tenant, _ := st.Tenant("a")
	if _, err := tenant.AddStep(store.Step{Kind: store.RequestDNS, Left: 2, Reaction: store.Reaction{Close: true}}); err != nil {
		t.Fatal(err)
	}
	tcp := dns.Client{Net: "tcp", Timeout: 5 * time.Second}
	if _, _, err := tcp.Exchange(new(dns.Msg).SetQuestion("example.com.", dns.TypeA), s.Addr()); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("over TCP the connection is not closed: %v", err)
	}
	// Over UDP the next question is answered, and nothing comes before that.
	conn, err := net.Dial("udp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	c := &dns.Conn{Conn: conn}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := c.WriteMsg(new(dns.Msg).SetQuestion("first.example.com.", dns.TypeA)); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Journal().Await(t.Context(), func(e store.Event) bool { return strings.Contains(e.Summary, "first.example.com. IN A: no answer") }); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteMsg(new(dns.Msg).SetQuestion("second.example.com.", dns.TypeA)); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if m, err := c.ReadMsg(); err != nil || m.Question[0].Name != "second.example.com." {
		t.Errorf("%v, %v", err, m)
	}
	var got []string
	for _, e := range st.Journal().Events() {
		got = append(got, e.Kind+" "+strings.Replace(e.Summary, e.DNS.Client.String(), "CLIENT", 1))
	}
	if diff := cmp.Diff([]string{
		"script dns example.com A: step 1, connection closed (1 left)",
		"dns tcp CLIENT example.com. IN A: no answer",
		"script dns first.example.com A: step 1, connection closed (0 left)",
		"dns udp CLIENT first.example.com. IN A: no answer",
		"dns udp CLIENT second.example.com. IN A: NXDOMAIN, 0 records",
	}, got); diff != "" {
		t.Error(diff)
	}
}

// TestCloseEndsDelays closes a server at which answers are delayed by a
// minute, of which the journal knows.
func TestCloseEndsDelays(t *testing.T) {
	s, st := start(t)
	tenant, _ := st.Tenant("a")
	if _, err := tenant.AddStep(store.Step{Kind: store.RequestDNS, Left: 2, Reaction: store.Reaction{Delay: time.Minute}}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	for _, network := range []string{"udp", "tcp"} {
		conn, err := dns.DialTimeout(network, s.Addr(), 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if err := conn.WriteMsg(new(dns.Msg).SetQuestion("example.com.", dns.TypeA)); err != nil {
			t.Fatal(err)
		}
	}
	steps := 0
	if _, err := st.Journal().Await(t.Context(), func(e store.Event) bool {
		if e.Kind == store.KindScript {
			steps++
		}
		return steps == 2
	}); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- s.Close() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Close: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("Close waits for delayed answers")
	}
	if running := st.Journal().InFlight(); len(running) != 0 {
		t.Errorf("still running: %v", running)
	}
}
