package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/target"
)

// nameServer answers from a table of records in presentation format, keyed by
// the question "name TYPE". It is this test's own, so that discovery is not
// judged by the mock it is meant to judge.
type nameServer struct {
	addr     string
	mu       sync.Mutex
	answers  map[string][]string
	rcode    int
	truncate bool
	silent   bool
	asked    []string
}

func newNameServer(t *testing.T) *nameServer {
	t.Helper()
	s := &nameServer{answers: make(map[string][]string)}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		t.Skipf("the UDP port of %s is taken: %v", tcp.Addr(), err)
	}
	s.addr = tcp.Addr().String()
	for _, srv := range []*dns.Server{{Listener: tcp, Handler: s}, {PacketConn: udp, Handler: s}} {
		up := make(chan struct{})
		srv.NotifyStartedFunc = func() { close(up) }
		done := make(chan error, 1)
		go func() { done <- srv.ActivateAndServe() }()
		<-up
		t.Cleanup(func() {
			if err := errors.Join(srv.Shutdown(), <-done); err != nil {
				t.Error(err)
			}
		})
	}
	return s
}

func (s *nameServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	network := w.LocalAddr().Network()
	key := strings.ToLower(q.Question[0].Name) + " " + dns.TypeToString[q.Question[0].Qtype]
	s.asked = append(s.asked, network+" "+key)
	if s.silent {
		return
	}
	r := new(dns.Msg)
	r.SetRcode(q, s.rcode)
	for _, text := range s.answers[key] {
		rr, err := dns.NewRR(text)
		if err != nil {
			panic(err)
		}
		r.Answer = append(r.Answer, rr)
	}
	if s.truncate && network == "udp" {
		r.Truncated, r.Answer = true, nil
	}
	_ = w.WriteMsg(r)
}

// with changes the server under its lock.
func (s *nameServer) with(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *nameServer) questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *nameServer) client() *client.Client {
	return &client.Client{DNS: s.addr, Dialer: &target.Dialer{Allow: []string{s.addr}}}
}

const question = "_domainconnect.example.com. TXT"

func txt(values ...string) (out []string) {
	for _, v := range values {
		out = append(out, fmt.Sprintf(`_domainconnect.example.com. 60 IN TXT %q`, v))
	}
	return out
}

// nine are more prefixes than are kept.
var nine = []string{"p0.example", "p1.example", "p2.example", "p3.example", "p4.example", "p5.example", "p6.example", "p7.example", "p8.example"}

var discoveries = map[string]struct {
	answers  map[string][]string
	truncate bool
	rcode    int
	want     client.Discovery
	err      string
	asked    []string
}{
	"one": {
		answers: map[string][]string{question: txt("dp.example:8443/dc")},
		want:    client.Discovery{TXT: []string{"dp.example:8443/dc"}, Prefixes: []string{"dp.example:8443/dc"}},
		asked:   []string{"udp " + question},
	},
	"several strings in one record": {
		answers: map[string][]string{question: {`_domainconnect.example.com. 60 IN TXT "dp." "example" "/dc"`}},
		want:    client.Discovery{TXT: []string{"dp.example/dc"}, Prefixes: []string{"dp.example/dc"}},
		asked:   []string{"udp " + question},
	},
	"valid among garbage": {
		answers: map[string][]string{question: txt("v=spf1 -all", "dp.example", "https://x")},
		want: client.Discovery{TXT: []string{"v=spf1 -all", "dp.example", "https://x"}, Prefixes: []string{"dp.example"},
			Rejected: []client.RejectedTXT{{Text: "v=spf1 -all", Reason: `character ' ' cannot stand in a URL`}, {Text: "https://x", Reason: "it has a scheme; want the authority and an optional path alone"}}},
		asked: []string{"udp " + question},
	},
	"bounded": {
		answers: map[string][]string{question: txt(nine...)},
		want:    client.Discovery{TXT: nine, Prefixes: nine[:8], Dropped: 1},
		asked:   []string{"udp " + question},
	},
	"truncated over UDP": {
		answers: map[string][]string{question: txt("dp.example")}, truncate: true,
		want:  client.Discovery{TXT: []string{"dp.example"}, Prefixes: []string{"dp.example"}},
		asked: []string{"udp " + question, "tcp " + question},
	},
	"CNAME with the data": {
		answers: map[string][]string{question: {"_domainconnect.example.com. 60 IN CNAME dc.DP.example.", `dc.dp.example. 60 IN TXT "dp.example"`}},
		want:    client.Discovery{Aliases: []string{"dc.DP.example."}, TXT: []string{"dp.example"}, Prefixes: []string{"dp.example"}},
		asked:   []string{"udp " + question},
	},
	"CNAME without the data": {
		answers: map[string][]string{question: {"_domainconnect.example.com. 60 IN CNAME dc.dp.example."}, "dc.dp.example. TXT": {`dc.dp.example. 60 IN TXT "dp.example"`}},
		want:    client.Discovery{Aliases: []string{"dc.dp.example."}, TXT: []string{"dp.example"}, Prefixes: []string{"dp.example"}},
		asked:   []string{"udp " + question, "udp dc.dp.example. TXT"},
	},
	"TXT beside the alias is not ours": {
		answers: map[string][]string{question: {`other.example. 60 IN TXT "evil.example"`}},
		err:     "discover example.com: no usable _domainconnect TXT record (none at _domainconnect.example.com.)",
		asked:   []string{"udp " + question},
	},
	"none": {
		rcode: dns.RcodeNameError,
		err:   "discover example.com: no usable _domainconnect TXT record (none at _domainconnect.example.com.)",
		asked: []string{"udp " + question},
	},
	"only garbage": {
		answers: map[string][]string{question: txt("/dc")},
		want:    client.Discovery{TXT: []string{"/dc"}, Rejected: []client.RejectedTXT{{Text: "/dc", Reason: "it has no authority"}}},
		err:     `discover example.com: no usable _domainconnect TXT record ("/dc": it has no authority)`,
		asked:   []string{"udp " + question},
	},
	"refused": {
		rcode: dns.RcodeRefused,
		err:   "discover example.com at ADDR: _domainconnect.example.com. TXT: the server answers REFUSED",
		asked: []string{"udp " + question},
	},
}

func TestDiscover(t *testing.T) {
	for name, c := range discoveries {
		t.Run(name, func(t *testing.T) {
			s := newNameServer(t)
			s.with(func() { s.answers, s.truncate, s.rcode = c.answers, c.truncate, c.rcode })
			got, err := s.client().Discover(t.Context(), "example.com")
			if text := strings.ReplaceAll(fmt.Sprint(err), s.addr, "ADDR"); err != nil && text != c.err || err == nil && c.err != "" {
				t.Errorf("error\n got %s\nwant %s", text, c.err)
			}
			c.want.Domain, c.want.Question = "example.com", "_domainconnect.example.com."
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.asked, s.questions()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDiscoverAliasesEnd(t *testing.T) {
	s := newNameServer(t)
	loop := map[string][]string{
		question:         {"_domainconnect.example.com. 60 IN CNAME a.example."},
		"a.example. TXT": {"a.example. 60 IN CNAME _domainconnect.example.com."},
	}
	s.with(func() { s.answers = loop })
	_, err := s.client().Discover(t.Context(), "example.com")
	want := "discover example.com at " + s.addr + ": _domainconnect.example.com.: more than 8 CNAMEs"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if n := len(s.questions()); n > 9 {
		t.Errorf("%d questions", n)
	}
}

func TestDiscoverGivesUp(t *testing.T) {
	s := newNameServer(t)
	s.with(func() { s.silent = true })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.client().Discover(ctx, "example.com")
	want := "discover example.com at " + s.addr + ": no answer over udp"
	if err == nil || err.Error() != want || !errors.Is(err, client.ErrNoAnswer) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestDiscoverIsDeniedByDefault(t *testing.T) {
	c := &client.Client{DNS: "192.0.2.53:53"}
	_, err := c.Discover(t.Context(), "example.com")
	var denied *target.DeniedError
	if !errors.As(err, &denied) || denied.Address != "192.0.2.53:53" {
		t.Errorf("got %v, want a DeniedError", err)
	}
	for _, bad := range []string{"", ".", strings.Repeat("a", 64) + ".example", "a..b"} {
		if _, err := c.Discover(t.Context(), bad); err == nil || err.Error() != fmt.Sprintf("discover: %q is not a domain name", bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestCheckPrefix(t *testing.T) {
	for in, want := range map[string]string{
		"domainconnect.virtucondomains.example":    "",
		"domainconnect.virtucondomains.example/dc": "",
		"dp.example/a/b":          "",
		"dp.example/a/":           "",
		"dp.example:8443":         "",
		"127.0.0.1:8443/t/x":      "",
		"[::1]:8443":              "",
		"_dc.example":             "",
		"dp.example/a%20b":        "",
		"":                        "it is empty",
		"https://x":               "it has a scheme; want the authority and an optional path alone",
		"x?y=1":                   "it has a query",
		"x#f":                     "it has a fragment",
		"/dc":                     "it has no authority",
		":443":                    "it has no authority",
		"x y":                     "character ' ' cannot stand in a URL",
		"dp.example ":             "character ' ' cannot stand in a URL",
		"dp.example\n":            `character '\n' cannot stand in a URL`,
		`"dp.example"`:            `character '"' cannot stand in a URL`,
		"dp.éxample":              "character 'Ã' cannot stand in a URL",
		"v=spf1 -all":             "character ' ' cannot stand in a URL",
		"paddle-verification=abc": `host "paddle-verification=abc" is not a domain name`,
		"u@dp.example":            "it has a user name",
		"dp.example:":             `port "" is not between 1 and 65535`,
		"dp.example:0":            `port "0" is not between 1 and 65535`,
		"dp.example:65536":        `port "65536" is not between 1 and 65535`,
		"dp.example:x":            "it does not make a URL with https:// before and /v2 behind it",
		"dp.example/%zz":          "it does not make a URL with https:// before and /v2 behind it",
		"a..b":                    `host "a..b" is not a domain name`,
	} {
		got := ""
		if err := client.CheckPrefix(in); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("CheckPrefix(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzCheckPrefix(f *testing.F) {
	for _, seed := range []string{"dp.example/dc", "https://x", "[::1]:8443", "dp.example:65536", "a%zz", "@", "[", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if client.CheckPrefix(s) == nil && strings.ContainsAny(s, " ?#\\\"<>\r\n") {
			t.Errorf("%q passes", s)
		}
	})
}
