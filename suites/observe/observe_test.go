package observe

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a name server with one handler for UDP and TCP on one port.
func serve(t *testing.T, handler func(w dns.ResponseWriter, q *dns.Msg)) Server {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{Listener: tcp}, {PacketConn: udp}} {
		ready, ended := make(chan struct{}), make(chan error, 1)
		s.Handler = dns.HandlerFunc(handler)
		s.NotifyStartedFunc = func() { close(ready) }
		go func() { ended <- s.ActivateAndServe() }()
		<-ready
		t.Cleanup(func() {
			if err := errors.Join(s.Shutdown(), <-ended); err != nil {
				t.Error(err)
			}
		})
	}
	return Server{Addr: tcp.Addr().String(), Timeout: 5 * time.Second}
}

func rr(t *testing.T, line string) dns.RR {
	t.Helper()
	r, err := dns.NewRR(line)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func rrs(t *testing.T, lines ...string) []dns.RR {
	t.Helper()
	all := make([]dns.RR, len(lines))
	for i, line := range lines {
		all[i] = rr(t, line)
	}
	return all
}

func overTCP(w dns.ResponseWriter) bool {
	_, ok := w.RemoteAddr().(*net.TCPAddr)
	return ok
}

func reply(t *testing.T, w dns.ResponseWriter, m *dns.Msg) {
	t.Helper()
	if err := w.WriteMsg(m); err != nil {
		t.Error(err)
	}
}

func TestAsk(t *testing.T) {
	s := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Authoritative = true
		switch strings.ToLower(q.Question[0].Name) {
		case "www.example.com.":
			m.Answer = rrs(t, "WWW.example.com. 60 IN CNAME Other.example.com.", "Other.example.com. 30 IN A 192.0.2.1")
		case "big.example.com.":
			m.Truncated = !overTCP(w)
			if overTCP(w) {
				m.Answer = rrs(t, `big.example.com. 60 IN TXT "one" "two"`)
			}
		case "cut.example.com.":
			m.Truncated = true
		case "refused.example.com.":
			m.Rcode, m.Authoritative, m.Question = dns.RcodeRefused, false, nil
		case "badvers.example.com.":
			m.SetEdns0(1232, false)
			m.Rcode = dns.RcodeBadVers
		default:
			m.Rcode = dns.RcodeNameError
			m.Ns = rrs(t, "example.com. 60 IN SOA Ns.example.com. H.example.com. 1 2 3 4 5")
		}
		reply(t, w, m)
	})
	for _, c := range []struct {
		name  string
		qtype uint16
		want  Observation
		err   string
	}{
		{"www.example.com", dns.TypeA, Observation{Question: "www.example.com. IN A", Network: "udp", Rcode: "NOERROR", AA: true,
			Answer: []string{"other.example.com. 30 IN A 192.0.2.1", "www.example.com. 60 IN CNAME other.example.com."}}, ""},
		{"BIG.example.com.", dns.TypeTXT, Observation{Question: "big.example.com. IN TXT", Network: "tcp", Rcode: "NOERROR", AA: true,
			Answer: []string{`big.example.com. 60 IN TXT "onetwo"`}}, ""},
		{"nothing.example.com", dns.TypeA, Observation{Question: "nothing.example.com. IN A", Network: "udp", Rcode: "NXDOMAIN", AA: true,
			Answer: []string{}, Authority: []string{"example.com. 60 IN SOA ns.example.com. h.example.com. 1 2 3 4 5"}}, ""},
		{"refused.example.com", dns.TypeA, Observation{Question: "refused.example.com. IN A", Network: "udp", Rcode: "REFUSED", Answer: []string{}}, ""},
		{"badvers.example.com", dns.TypeA, Observation{Question: "badvers.example.com. IN A", Network: "udp", Rcode: "BADVERS", AA: true, Answer: []string{}}, ""},
		{"cut.example.com", dns.TypeA, Observation{}, "cut.example.com. IN A at " + s.Addr + " over tcp, try 2: the answer is cut over TCP too"},
		{"a..b", dns.TypeA, Observation{}, `"a..b" is not a domain name that can be asked for`},
	} {
		a, err := s.Ask(t.Context(), c.name, c.qtype)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: got %v, want %s", c.name, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		c.want.Server = s.Addr
		if len(c.want.Authority) == 0 {
			c.want.Authority = []string{}
		}
		if diff := cmp.Diff(c.want, a.Observation()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
	a, err := s.Ask(t.Context(), "www.example.com", dns.TypeA)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"other.example.com. 30 IN A 192.0.2.1"}, Lines(a.Of(dns.TypeA))); diff != "" {
		t.Errorf("Of (-want +got)\n%s", diff)
	}
	want := "www.example.com. IN A at " + s.Addr + " over udp: NOERROR, authoritative\n  other.example.com. 30 IN A 192.0.2.1\n  www.example.com. 60 IN CNAME other.example.com."
	if got := a.Observation().String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	none, err := json.Marshal(Answer{Name: "x.", Type: dns.TypeA}.Observation())
	if err != nil || !strings.Contains(string(none), `"answer":[]`) {
		t.Errorf("nothing is written as %s (%v)", none, err)
	}
}

// TestAskPassesOver sends what is no answer before what is one.
func TestAskPassesOver(t *testing.T) {
	s := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		for _, spoil := range []func(m *dns.Msg){
			func(m *dns.Msg) { m.Id++ },
			func(m *dns.Msg) { m.Response = false },
			func(m *dns.Msg) { m.Question[0].Name = "other.example.com." },
			func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeAAAA },
			func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS },
			func(m *dns.Msg) { m.Question = nil },
			func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) },
			func(m *dns.Msg) {},
		} {
			m := new(dns.Msg).SetReply(q)
			spoil(m)
			if m.Id == q.Id && m.Response && len(m.Question) == 1 && m.Question[0] == q.Question[0] {
				if _, err := w.Write([]byte{1, 2, 3}); err != nil {
					t.Error(err)
				}
				m.Answer = rrs(t, "www.example.com. 60 IN A 192.0.2.1")
			} else {
				m.Answer = rrs(t, "www.example.com. 60 IN A 192.0.2.66")
			}
			reply(t, w, m)
		}
	})
	a, err := s.Ask(t.Context(), "www.example.com", dns.TypeA)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"www.example.com. 60 IN A 192.0.2.1"}, Lines(a.Records)); diff != "" || a.Tries != 1 {
		t.Errorf("after %d tries (-want +got)\n%s", a.Tries, diff)
	}
}

func TestAskTriesAgain(t *testing.T) {
	var asked atomic.Int32
	s := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if asked.Add(1)%3 == 0 {
			reply(t, w, new(dns.Msg).SetReply(q))
		}
	})
	s.Timeout = 50 * time.Millisecond
	a, err := s.Ask(t.Context(), "www.example.com", dns.TypeA)
	if err != nil || a.Tries != 3 {
		t.Errorf("%d tries, %v; want an answer to the third", a.Tries, err)
	}
	s.Tries = 2
	_, err = s.Ask(t.Context(), "www.example.com", dns.TypeA)
	var n net.Error
	if !errors.As(err, &n) || !n.Timeout() || !strings.HasPrefix(err.Error(), "www.example.com. IN A at "+s.Addr+" over udp, try 2: ") {
		t.Errorf("got %v", err)
	}
}

func TestContextEndsWaiting(t *testing.T) {
	asked := make(chan struct{}, 10)
	s := serve(t, func(dns.ResponseWriter, *dns.Msg) { asked <- struct{}{} })
	s.Timeout, s.Ceiling = time.Hour, time.Hour
	for about, ask := range map[string]func(context.Context) error{
		"Ask":      func(ctx context.Context) error { _, err := s.Ask(ctx, "example.com", dns.TypeA); return err },
		"Transfer": func(ctx context.Context) error { _, err := s.Transfer(ctx, "example.com"); return err },
		"WaitFor": func(ctx context.Context) error {
			_, err := s.WaitFor(ctx, "example.com", dns.TypeA, func(Answer) bool { return true })
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- ask(ctx) }()
		<-asked
		cancel()
		select {
		case err := <-ended:
			if err == nil {
				t.Errorf("%s: no error", about)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s does not end with its context", about)
		}
	}
}

func TestDialIsUsed(t *testing.T) {
	denied := errors.New("denied")
	s := Server{Addr: "192.0.2.1:53", Dial: func(context.Context, string, string) (net.Conn, error) { return nil, denied }}
	if _, err := s.Ask(t.Context(), "example.com", dns.TypeA); !errors.Is(err, denied) {
		t.Errorf("Ask: %v", err)
	}
	if _, err := s.Transfer(t.Context(), "example.com"); !errors.Is(err, denied) {
		t.Errorf("Transfer: %v", err)
	}
}

func TestTransfer(t *testing.T) {
	const soa, other = "example.com. 60 IN SOA ns.example.com. h.example.com. 1 2 3 4 5", "example.com. 60 IN SOA ns.example.com. h.example.com. 2 2 3 4 5"
	const a, b = "a.example.com. 60 IN A 192.0.2.1", "b.example.com. 60 IN A 192.0.2.2"
	for _, c := range []struct {
		about    string
		messages [][]string
		spoil    func(i int, m *dns.Msg)
		want     []string
		err      string
	}{
		{"one message", [][]string{{soa, a, b, soa}}, nil, []string{soa, a, b}, ""},
		{"several", [][]string{{soa}, {b, a}, {soa}}, nil, []string{soa, b, a}, ""},
		{"without questions from the second on", [][]string{{soa}, {a}, {soa}}, func(i int, m *dns.Msg) {
			if i > 0 {
				m.Question = nil
			}
		}, []string{soa, a}, ""},
		{"empty zone", [][]string{{soa, soa}}, nil, []string{soa}, ""},
		{"refused", [][]string{{}}, func(_ int, m *dns.Msg) { m.Rcode = dns.RcodeNotAuth }, nil, "0 records: the server answers NOTAUTH"},
		{"refused half way", [][]string{{soa, a}, {}}, func(i int, m *dns.Msg) { m.Rcode = i * dns.RcodeServerFailure }, nil, "2 records: the server answers SERVFAIL"},
		{"no SOA first", [][]string{{a, soa}}, nil, nil, "0 records: it does not begin with a SOA record"},
		{"another SOA last", [][]string{{soa, a, other}}, nil, nil, "2 records: it began with " + soa + " and ends with " + other},
		{"more after the end", [][]string{{soa, a, soa, b}}, nil, nil, "2 records: records follow the SOA record that ends it"},
		{"an empty message", [][]string{{soa}, {}}, nil, nil, "1 records: a message of it has no records"},
		{"cut", [][]string{{soa, a}}, nil, nil, "2 records: EOF"},
		{"another question", [][]string{{soa, a, soa}}, func(_ int, m *dns.Msg) { m.Question[0].Name = "example.org." }, nil,
			"0 records: what came back answers example.org. IN AXFR, the question was example.com. IN AXFR"},
		{"another identifier later on", [][]string{{soa, a}, {soa}}, func(i int, m *dns.Msg) { m.Id = uint16(7 - i) }, nil,
			"2 records: what came back has the identifier 6, the question had 7"},
	} {
		t.Run(c.about, func(t *testing.T) {
			s := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
				for i, lines := range c.messages {
					m := new(dns.Msg).SetReply(q)
					m.Answer = rrs(t, lines...)
					if c.spoil != nil {
						c.spoil(i, m)
					}
					if c.about == "another identifier later on" && i == 0 {
						m.Id = q.Id
					}
					reply(t, w, m)
				}
				if err := w.Close(); err != nil {
					t.Error(err)
				}
			})
			got, err := s.Transfer(t.Context(), "Example.com")
			if c.err != "" {
				want := "transfer of example.com. from " + s.Addr + " after " + c.err
				if c.about == "another identifier later on" {
					want, _, _ = strings.Cut(want, " the identifier")
				}
				if err == nil || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("got  %v\nwant %s", err, want)
				}
				if got != nil {
					t.Errorf("records beside an error: %v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, r := range got {
				lines = append(lines, r.String())
			}
			if diff := cmp.Diff(c.want, lines); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWaitFor(t *testing.T) {
	var asked atomic.Int32
	s := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if asked.Add(1) >= 4 {
			m.Answer = rrs(t, "www.example.com. 60 IN A 192.0.2.1")
		}
		reply(t, w, m)
	})
	s.Interval = time.Millisecond
	there := func(a Answer) bool { return len(a.Records) == 1 }
	if a, err := s.WaitFor(t.Context(), "www.example.com", dns.TypeA, there); err != nil || !there(a) || asked.Load() != 4 {
		t.Errorf("%v, %v after %d questions", a, err, asked.Load())
	}
	s.Ceiling = 100 * time.Millisecond
	a, err := s.WaitFor(t.Context(), "www.example.com", dns.TypeA, func(Answer) bool { return false })
	want := "waiting for www.example.com. IN A at " + s.Addr + ": the ceiling of 100ms is reached; seen last: www.example.com. IN A at " + s.Addr + " over udp: NOERROR\n  www.example.com. 60 IN A 192.0.2.1"
	if err == nil || err.Error() != want || !there(a) {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestRecords(t *testing.T) {
	for line, want := range map[string]string{
		"WWW.Example.com. 60 IN A 192.0.2.1":                            "www.example.com. 60 IN A 192.0.2.1",
		"x. 60 IN AAAA 2001:DB8:0:0::1":                                 "x. 60 IN AAAA 2001:db8::1",
		"x. 60 IN CNAME Y.Example.":                                     "x. 60 IN CNAME y.example.",
		"x. 60 IN MX 010 Mail.Example.":                                 "x. 60 IN MX 10 mail.example.",
		"_s._tcp.x. 60 IN SRV 1 2 3 Host.":                              "_s._tcp.x. 60 IN SRV 1 2 3 host.",
		`x. 60 IN TXT "One" "Two"`:                                      `x. 60 IN TXT "OneTwo"`,
		`x. 60 IN TXT "OneTwo"`:                                         `x. 60 IN TXT "OneTwo"`,
		`x. 60 IN TXT one two`:                                          `x. 60 IN TXT "onetwo"`,
		`x. 60 IN TXT "a\"b\\c\200"`:                                    `x. 60 IN TXT "a\"b\\c\200"`,
		`x. 60 IN TXT "\097"`:                                           `x. 60 IN TXT "a"`,
		`x. 60 IN TXT ""`:                                               `x. 60 IN TXT ""`,
		"x. 60 IN NS NS.x.":                                             "x. 60 IN NS ns.x.",
		"x. 60 IN SOA NS. H. 1 2 3 4 5":                                 "x. 60 IN SOA ns. h. 1 2 3 4 5",
		`x. 60 IN CAA 0 issue "CA.example"`:                             `x. 60 IN CAA 0 issue "CA.example"`,
		`x. 60 IN TYPE65400 \# 2 ABCD`:                                  `x. 60 IN TYPE65400 \# 2 abcd`,
		`x. 60 IN TYPE1 \# 4 C0000201`:                                  "x. 60 IN A 192.0.2.1",
		"x. 60 IN PTR Y.":                                               "x. 60 IN PTR y.",
		"x. 60 IN DNAME Y.":                                             "x. 60 IN DNAME y.",
		`x. 60 IN NAPTR 1 2 "S" "SIP+D2U" "" Y.`:                        `x. 60 IN NAPTR 1 2 "S" "SIP+D2U" "" y.`,
		"x. 60 IN HTTPS 1 Y.Example. alpn=h2":                           `x. 60 IN HTTPS 1 Y.Example. alpn="h2"`,
		"x. 60 IN DS 1 13 2 abcd":                                       "x. 60 IN DS 1 13 2 ABCD",
		`x. 60 IN TXT "` + strings.Repeat("a", 255) + `" "` + "b" + `"`: `x. 60 IN TXT "` + strings.Repeat("a", 255) + `b"`,
	} {
		r, err := Parse(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if r.String() != want {
			t.Errorf("%s\n got %s\nwant %s", line, r, want)
		}
		// What goes over the wire compares equal to what was written.
		parsed := rr(t, line)
		buf := make([]byte, 1000)
		off, err := dns.PackRR(parsed, buf, 0, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		seen, _, err := dns.UnpackRR(buf[:off], 0)
		if err != nil {
			t.Fatal(err)
		}
		if FromRR(seen) != r {
			t.Errorf("%s over the wire is %s", line, FromRR(seen))
		}
	}
	for line, want := range map[string]string{
		"":                    `record "": there is no record in it`,
		"; comment":           `record "; comment": there is no record in it`,
		"x. 60 IN A not-an-a": `record "x. 60 IN A not-an-a": dns: bad A A: "not-an-a" at line: 1:19`,
	} {
		if _, err := Parse(line); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", line, err, want)
		}
	}
}

func TestDiff(t *testing.T) {
	parse := func(lines ...string) []Record {
		var all []Record
		for _, line := range lines {
			r, err := Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		return all
	}
	before := parse("x. 60 IN SOA ns. h. 1 2 3 4 5", "a.x. 60 IN A 192.0.2.1", "a.x. 60 IN A 192.0.2.2", `t.x. 60 IN TXT "one" "two"`, "M.x. 60 IN MX 1 Mail.x.")
	after := parse(`t.x. 60 IN TXT "onetwo"`, "x. 60 IN SOA ns. h. 2 2 3 4 5", "a.x. 30 IN A 192.0.2.2", "b.x. 60 IN A 192.0.2.1", "m.X. 60 IN MX 1 mail.x.", "a.x. 60 IN AAAA 2001:db8::1")
	d := Diff(before, after)
	const want = "- a.x. 60 IN A 192.0.2.1\n+ a.x. 60 IN AAAA 2001:db8::1\n+ b.x. 60 IN A 192.0.2.1\n~ a.x. 30 IN A 192.0.2.2\n"
	if d.String() != want || d.Empty() {
		t.Errorf("got\n%swant\n%s", d, want)
	}
	if d := Diff(before, before); !d.Empty() || d.String() != "" {
		t.Errorf("a zone differs from itself: %s", d)
	}
	for _, c := range []struct{ before, after []Record }{{before, nil}, {nil, before}, {parse("x. 1 IN A 192.0.2.1"), parse("x. 2 IN A 192.0.2.1")}} {
		if Diff(c.before, c.after).Empty() {
			t.Errorf("no difference between %v and %v", c.before, c.after)
		}
	}
}

func TestAskTCP(t *testing.T) {
	s := serve(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if overTCP(w) {
			m.Answer = rrs(t, `x.example. 60 IN TXT "over" " tcp"`)
		}
		reply(t, w, m)
	})
	a, err := s.AskTCP(t.Context(), "x.example", dns.TypeTXT)
	if err != nil || a.Network != "tcp" || a.Server != s.Addr || len(a.Records) != 1 || a.Records[0].Text() != "over tcp" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err = s.Ask(t.Context(), "x.example", dns.TypeTXT); err != nil || a.Network != "udp" || len(a.Records) != 0 {
		t.Errorf("over UDP: %+v, %v", a, err)
	}
	if _, err := s.AskTCP(t.Context(), "..", dns.TypeTXT); err == nil || err.Error() != `".." is not a domain name that can be asked for` {
		t.Errorf("a name that is none: %v", err)
	}
	mute := serve(t, func(w dns.ResponseWriter, _ *dns.Msg) {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := mute.AskTCP(t.Context(), "x.example", dns.TypeTXT); err == nil || err.Error() != "x.example. IN TXT at "+mute.Addr+" over tcp, try 1: EOF" {
		t.Errorf("a closed connection: %v", err)
	}
}

func TestText(t *testing.T) {
	for line, want := range map[string]string{
		`x. 1 IN TXT "provider.example/dc"`:       "provider.example/dc",
		`x. 1 IN TXT "a" "b "`:                    "ab ",
		`x. 1 IN TXT ""`:                          "",
		`x. 1 IN TXT "say \"x\" \\ \195\169\000"`: "say \"x\" \\ é\x00",
		`x. 1 IN A 192.0.2.1`:                     "",
	} {
		r, err := Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Text(); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
