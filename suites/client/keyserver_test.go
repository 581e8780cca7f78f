package client

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestKeyServer(t *testing.T) {
	s, err := NewKeyServer(t.Context(), "127.0.0.1:0", "keys.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	long := "p=1,a=RS256,d=" + strings.Repeat("A", 300)
	if err := s.PublishKey(t.Context(), "_dck1.Keys.example", []string{long, "p=2,d=B"}); err != nil {
		t.Fatal(err)
	}
	ask := func(network, name string, rrtype uint16) *dns.Msg {
		t.Helper()
		c := dns.Client{Net: network}
		m, _, err := c.ExchangeContext(t.Context(), new(dns.Msg).SetQuestion(name, rrtype), s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, network := range []string{"udp", "tcp"} {
		m := ask(network, "_dck1.keys.example.", dns.TypeTXT)
		var got []string
		for _, rr := range m.Answer {
			got = append(got, strings.Join(rr.(*dns.TXT).Txt, ""))
		}
		slices.Sort(got)
		if want := []string{long, "p=2,d=B"}; !slices.Equal(got, want) || !m.Authoritative {
			t.Errorf("%s: %v, want %v", network, got, want)
		}
	}
	for _, c := range []struct {
		name   string
		rrtype uint16
		rcode  int
	}{
		{"_other.keys.example.", dns.TypeTXT, dns.RcodeNameError},
		{"_dck1.keys.example.", dns.TypeA, dns.RcodeSuccess},
		{"keys.example.", dns.TypeSOA, dns.RcodeSuccess},
		{"elsewhere.example.", dns.TypeTXT, dns.RcodeRefused},
	} {
		if m := ask("udp", c.name, c.rrtype); m.Rcode != c.rcode {
			t.Errorf("%s: %s, want %s", c.name, dns.RcodeToString[m.Rcode], dns.RcodeToString[c.rcode])
		}
	}
	if err := s.PublishKey(t.Context(), "_dck1.keys.example", nil); err != nil {
		t.Fatal(err)
	}
	if m := ask("udp", "_dck1.keys.example.", dns.TypeTXT); m.Rcode != dns.RcodeNameError {
		t.Errorf("a key that was taken away: %s", dns.RcodeToString[m.Rcode])
	}
	const want = "the key name _dck1.foreign.example. is not below keys.example., which is what the key server serves"
	if err := s.PublishKey(t.Context(), "_dck1.foreign.example", []string{"x"}); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestKeyServerPortTaken(t *testing.T) {
	first, err := NewKeyServer(t.Context(), "127.0.0.1:0", "keys.example")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	second, err := NewKeyServer(context.Background(), first.Addr(), "keys.example")
	if err == nil {
		_ = second.Close()
		t.Fatal("two key servers at one port")
	}
	if !strings.HasPrefix(err.Error(), "the key zone cannot be served: listen tcp "+first.Addr()) {
		t.Error(err)
	}
}
