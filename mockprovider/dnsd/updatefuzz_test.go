package dnsd

import (
	"log/slog"
	"testing"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// trusted passes every signature.
type trusted struct{ catcher }

func (*trusted) TsigStatus() error { return nil }

// FuzzUpdate hands the server updates that claim to be signed: there is one
// answer, the zone keeps its SOA and NS, and it changes only on NOERROR.
func FuzzUpdate(f *testing.F) {
	for _, lines := range []string{
		"add new.example.com. 60 TXT x\ndel www.example.com. A 192.0.2.1",
		"del-name example.com.\nadd example.com. 60 SOA a. b. 9 1 1 1 1",
		"has www.example.com. A 192.0.2.1\nin-use go.example.com.\nadd alias.example.com. 60 CNAME x.",
		"del-set example.com. NS\ndel example.com. NS ns1.example.com.\nadd tree.example.com. 1 DNAME .",
	} {
		m := updateOf(f, lines)
		m.SetTsig(keyName, dns.HmacSHA256, 300, 1)
		packet, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packet)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		q := new(dns.Msg)
		if q.Unpack(packet) != nil || q.Response || q.Opcode != dns.OpcodeUpdate {
			return
		}
		if sig := q.IsTsig(); sig != nil {
			sig.Hdr.Name, sig.Algorithm = keyName, dns.HmacSHA256
		}
		st := store.New(nil)
		if _, err := st.NewTenant(store.TenantConfig{Zones: []store.Hosted{{Zone: mustParse(t, "example.com.", updateZone)}}}); err != nil {
			t.Fatal(err)
		}
		before, _ := st.Zone("example.com")
		s := &Server{store: st, journal: st.Journal(), keys: tsigKeys{keyName: keySecret}, log: slog.New(slog.DiscardHandler)}
		s.pool.New = func() any { return new(work) }
		w := new(trusted)
		s.ServeDNS(w, q)
		if len(w.written) != 1 {
			t.Fatalf("%d answers to\n%v", len(w.written), q)
		}
		m := new(dns.Msg)
		// NOTAUTH is an error of its own in miekg/dns.
		if err := m.Unpack(w.written[0]); err != nil && m.Rcode != dns.RcodeNotAuth {
			t.Fatalf("%v in the answer to\n%v", err, q)
		}
		after, _ := st.Zone("example.com")
		if after != before && m.Rcode != dns.RcodeSuccess {
			t.Errorf("%s, and the zone has changed by\n%v", dns.RcodeToString[m.Rcode], q)
		}
		if len(after.RRset("example.com.", dns.TypeSOA)) != 1 || len(after.RRset("example.com.", dns.TypeNS)) == 0 {
			t.Errorf("SOA or NS are gone after\n%v", q)
		}
	})
}
