package dnsd

import (
	"context"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// A tenant's hook has its own questions go unanswered over one network.
func TestDrop(t *testing.T) {
	st := store.New(nil)
	var c store.TenantConfig
	c.Hooks.Drop = append(c.Hooks.Drop, func(network string, q dns.Question) bool {
		return network == "tcp" && q.Qtype == dns.TypeTXT
	})
	c.Zones = []store.Hosted{{Zone: mustParse(t, "drop.test.", "@ 60 IN TXT \"here\"\n"), Owner: "u"}}
	c.Users = []store.User{{Name: "u", Password: "p"}}
	if _, err := st.NewTenant(c); err != nil {
		t.Fatal(err)
	}
	s := listen(t, st)
	txt, soa := new(dns.Msg).SetQuestion("drop.test.", dns.TypeTXT), new(dns.Msg).SetQuestion("drop.test.", dns.TypeSOA)
	for _, q := range []*dns.Msg{txt, soa} {
		if m := exchange(t, "udp", s.Addr(), q); len(m.Answer) != 1 {
			t.Errorf("over UDP: %v", m)
		}
	}
	if m := exchange(t, "tcp", s.Addr(), soa); len(m.Answer) != 1 {
		t.Errorf("another question over TCP: %v", m)
	}
	client := dns.Client{Net: "tcp", Timeout: 5 * time.Second}
	if m, _, err := client.ExchangeContext(context.Background(), txt, s.Addr()); err == nil {
		t.Errorf("answered: %v", m)
	}
}
