package trial

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/target"
)

// nameServer answers from a table of records; other names do not exist, and
// names that end in "elsewhere." are refused.
func nameServer(t *testing.T, records ...string) observe.Server {
	t.Helper()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	s := &dns.Server{PacketConn: udp, NotifyStartedFunc: func() { close(ready) }}
	s.Handler = dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetRcode(q, dns.RcodeNameError)
		if strings.HasSuffix(q.Question[0].Name, "elsewhere.") {
			m.Rcode = dns.RcodeRefused
		}
		for _, line := range records {
			rr, err := dns.NewRR(line)
			if err != nil {
				t.Error(err)
			} else if strings.EqualFold(rr.Header().Name, q.Question[0].Name) {
				m.Rcode, m.Answer = dns.RcodeSuccess, append(m.Answer, rr)
			}
		}
		if err := w.WriteMsg(m); err != nil {
			t.Error(err)
		}
	})
	go func() { ended <- s.ActivateAndServe() }()
	<-ready
	t.Cleanup(func() {
		if err := errors.Join(s.Shutdown(), <-ended); err != nil {
			t.Error(err)
		}
	})
	return observe.Server{Addr: udp.LocalAddr().String(), Timeout: 5 * time.Second}
}

func TestContents(t *testing.T) {
	first := nameServer(t,
		`_domainconnect.own.test. 60 IN TXT "provider.example" "/dc"`,
		`_domainconnect.alias.test. 60 IN CNAME shared.test.`, `shared.test. 60 IN TXT "shared.example"`,
		`_domainconnect.loop.test. 60 IN CNAME _domainconnect.loop.test.`,
		`_domainconnect.ring.test. 60 IN CNAME b.ring.test.`, `b.ring.test. 60 IN CNAME _domainconnect.ring.test.`,
		`_domainconnect.away.test. 60 IN CNAME shared.elsewhere.`,
		`_domainconnect.half.test. 60 IN TXT "one.example"`,
	)
	second := nameServer(t, `_domainconnect.half.test. 60 IN TXT "two.example"`)
	for _, c := range []struct {
		domain  string
		servers []observe.Server
		want    []string
		err     string
	}{
		{"own.test", []observe.Server{first}, []string{"provider.example/dc"}, ""},
		{"alias.test", []observe.Server{first}, []string{"shared.example"}, ""},
		{"none.test", []observe.Server{first}, nil, ""},
		{"loop.test", []observe.Server{first}, nil, ""},
		{"ring.test", []observe.Server{first}, nil, "there are more than 8 aliases at _domainconnect.ring.test."},
		{"away.test", []observe.Server{first}, nil, "the alias to shared.elsewhere. cannot be followed at " + first.Addr},
		{"half.test", []observe.Server{first, second}, []string{"one.example", "two.example"}, ""},
	} {
		w := &World{Target: &target.Config{}, Zones: observe.Servers{List: c.servers}, Dialer: &target.Dialer{}}
		got, err := w.contents(t.Context(), c.domain)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if !slices.Equal(got, c.want) || text != c.err {
			t.Errorf("%s: got %q, %q; want %q, %q", c.domain, got, text, c.want, c.err)
		}
	}
}

// An alias that leaves the name servers is followed at the resolver.
func TestContentsAtTheResolver(t *testing.T) {
	server := nameServer(t, `_domainconnect.away.test. 60 IN CNAME shared.elsewhere.`)
	resolver := nameServer(t, `shared.elsewhere. 60 IN TXT "away.example"`)
	w := &World{Target: &target.Config{DNS: target.DNS{Resolver: resolver.Addr}},
		Zones: observe.Servers{List: []observe.Server{server}}, Dialer: &target.Dialer{Allow: []string{resolver.Addr}}}
	got, err := w.contents(t.Context(), "away.test")
	if err != nil || !slices.Equal(got, []string{"away.example"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestPrefix(t *testing.T) {
	server := nameServer(t,
		`_domainconnect.two.test. 60 IN TXT "https://bad.example"`, `_domainconnect.two.test. 60 IN TXT "good.example:8443/dc"`,
		`_domainconnect.bad.test. 60 IN TXT "https://bad.example"`)
	w := &World{Target: &target.Config{}, Zones: observe.Servers{List: []observe.Server{server}}, Dialer: &target.Dialer{}}
	if got, err := w.prefix(t.Context(), "two.test"); err != nil || got != "good.example:8443/dc" {
		t.Errorf("%q, %v", got, err)
	}
	if _, ok := w.Dialer.Permits("good.example:8443"); !ok {
		t.Error("the host of the prefix is not admitted")
	}
	if _, ok := w.Dialer.Permits("bad.example:443"); ok {
		t.Error("the host of a bad content is admitted")
	}
	for domain, want := range map[string]error{"bad.test": errBadContent, "none.test": errNoContent} {
		if _, err := w.prefix(t.Context(), domain); !errors.Is(err, want) {
			t.Errorf("%s: %v", domain, err)
		}
	}
	w.Target.Settings = "staging.example/dc"
	if got, err := w.prefix(t.Context(), "none.test"); err != nil || got != "staging.example/dc" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestReplyString(t *testing.T) {
	reply := func(status int, header http.Header, body string) Reply {
		return Reply{Status: status, Header: header, Body: []byte(body), fields: []string{"Accept: text/x", "Cookie: a=secret"},
			Exchange: &target.Exchange{Method: "GET", URL: "https://p.example/x", Status: status, Header: header, Body: body,
				RequestHeader: http.Header{"Accept": {"text/x"}, "Cookie": {target.Redacted}}}}
	}
	for want, r := range map[string]Reply{
		"no answer":           {},
		"status 404, no body": reply(404, http.Header{}, ""),
		"status 302 to https://p.example/login, no body":      reply(302, http.Header{"Location": {"https://p.example/login"}}, ""),
		`status 200, text/html, 17 bytes that begin "<html>"`: reply(200, http.Header{"Content-Type": {"text/html"}}, "<html>\n<p>Hello.\n"),
		`status 200, "{}"`: reply(200, http.Header{}, "{}\n"),
	} {
		if got := r.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := reply(200, nil, "").Sent(); got != "GET https://p.example/x, Accept: text/x, Cookie: [redacted]" {
		t.Errorf("sent %s", got)
	}
}
