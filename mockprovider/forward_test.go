package mockprovider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/zone"
)

func TestForward(t *testing.T) {
	const target = "https://www.example.net/Path"
	for _, c := range []struct{ listen, want string }{
		{"127.0.0.1:0", "web.example.com.\t300\tIN\tA\t127.0.0.1"},
		{"", ""},
	} {
		p := started(t, &Provider{ForwardListen: c.listen})
		tenant(t, p, "a", "example.com.", zone.Record{Owner: "web.example.com.", Type: "REDIR301", TTL: 300, Data: target})
		q := new(dns.Msg).SetQuestion("web.example.com.", dns.TypeA)
		m, err := dns.Exchange(q, p.DNSAddr())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, rr := range m.Answer {
			got = append(got, rr.String())
		}
		if strings.Join(got, " ") != c.want || m.Rcode != dns.RcodeSuccess {
			t.Errorf("listening on %q: %q, want %q", c.listen, got, c.want)
		}
		if c.listen == "" {
			if p.ForwardAddr() != "" {
				t.Errorf("it serves redirected names at %s without being told to", p.ForwardAddr())
			}
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.ForwardAddr()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "web.example.com"
		transport := &http.Transport{}
		res, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
		if res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != target {
			t.Errorf("status %d to %q", res.StatusCode, res.Header.Get("Location"))
		}
	}
}
