package dnsd

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// The key of the tests; its secret is that of nothing else.
const (
	keyName   = "seed.test."
	keySecret = "c2VjcmV0IG9mIHRoZSB0ZXN0cywgYW5kIG9mIG5vdGhpbmcgZWxzZQ=="
)

const updateZone = `
@          300 IN SOA ns1 hostmaster 7 7200 900 1209600 60
@         3600 IN NS  ns1
@          300 IN TXT "v=spf1 -all"
@          300 APEXCNAME www.example.net.
www        300 IN A   192.0.2.1
www        300 IN A   192.0.2.2
www        300 IN MX  10 Mail
alias      300 IN CNAME www
tree       300 IN DNAME example.net.
go         300 REDIR301 https://www.example.com/
a.ent      300 IN TXT "below"
`

// updatable serves the zone that the tests of updates change.
func updatable(t *testing.T) (*Server, *store.Store) {
	t.Helper()
	st := store.New(nil)
	if _, err := st.NewTenant(store.TenantConfig{Name: "a", Zones: []store.Hosted{{Zone: mustParse(t, "example.com.", updateZone), Owner: "alice"}}}); err != nil {
		t.Fatal(err)
	}
	s, err := Listen(t.Context(), Config{Store: st, TSIG: map[string]string{"Seed.Test": keySecret}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s, st
}

// updateOf reads lines of a word and what it is about:
//
//	has RR, in-use NAME, not-in-use NAME, exists NAME TYPE, missing NAME TYPE
//	add RR, del RR, del-set NAME TYPE, del-name NAME
//
// where a RR in brackets has a TTL or class that it should not have, or lacks
// data.
func updateOf(t testing.TB, lines string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg).SetUpdate("Example.com.")
	for line := range strings.Lines(lines) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" {
			continue
		}
		rr, class := wireRecord(t, rest)
		h := rr.Header()
		h.Class = map[string]uint16{
			"has": dns.ClassINET, "in-use": dns.ClassANY, "not-in-use": dns.ClassNONE, "exists": dns.ClassANY, "missing": dns.ClassNONE,
			"add": dns.ClassINET, "del": dns.ClassNONE, "del-set": dns.ClassANY, "del-name": dns.ClassANY,
		}[word]
		switch {
		case h.Class == 0:
			t.Fatalf("no such word: %s", line)
		case class != 0:
			h.Class = class
		}
		if word == "add" || word[:3] == "del" {
			m.Ns = append(m.Ns, rr)
		} else {
			m.Answer = append(m.Answer, rr)
		}
	}
	return m
}

// wireRecord reads NAME, NAME TYPE, or NAME TTL TYPE DATA, where TTL may be
// left out and is 0 then, and class CH may stand before the type.
func wireRecord(t testing.TB, text string) (dns.RR, uint16) {
	t.Helper()
	words := strings.Fields(text)
	if len(words) == 1 {
		return &dns.ANY{Hdr: dns.RR_Header{Name: words[0], Rrtype: dns.TypeANY}}, 0
	}
	if len(words) == 2 {
		return &dns.ANY{Hdr: dns.RR_Header{Name: words[0], Rrtype: dns.StringToType[words[1]]}}, 0
	}
	class := uint16(0)
	if slices.Contains(words, "CH") {
		class = dns.ClassCHAOS
	}
	rr, err := dns.NewRR("$TTL 0\n" + text)
	if err != nil || rr == nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rr, class
}

// signedExchange sends a request with a TSIG and checks that of the answer.
func signedExchange(t *testing.T, network, addr, algorithm string, m *dns.Msg) (*dns.Msg, error) {
	t.Helper()
	m.SetTsig(keyName, algorithm, 300, time.Now().Unix())
	c := dns.Client{Net: network, Timeout: 5 * time.Second, TsigSecret: map[string]string{keyName: keySecret}}
	answer, _, err := c.ExchangeContext(t.Context(), m, addr)
	if errors.Is(err, dns.ErrAuth) {
		err = nil // That is what the client makes of any NOTAUTH.
	}
	if err == nil && answer.IsTsig() == nil {
		t.Errorf("the answer is not signed: %v", answer)
	}
	return answer, err
}

// changed is what an update has done to the zone: "- record", "+ record".
func changed(before, after *zone.Zone) []string {
	was := map[string]bool{}
	for r := range before.Records() {
		was[r.String()] = true
	}
	var diff []string
	for r := range after.Records() {
		if !was[r.String()] {
			diff = append(diff, "+ "+r.String())
		}
		delete(was, r.String())
	}
	for r := range was {
		diff = append(diff, "- "+r)
	}
	slices.Sort(diff)
	return diff
}

// soa is what a change of the serial alone looks like.
func soa(serial string, diff ...string) []string {
	return append([]string{"+ example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. " + serial + " 7200 900 1209600 60"},
		append(diff, "- example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 7 7200 900 1209600 60")...)
}

func TestUpdates(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		want        []string
	}{
		{"nothing", "", nil},
		{"add", `add new.example.com. 60 TXT "one" "tw\"o" "\255"`, soa("8", `+ new.example.com. 60 IN TXT "one" "tw\"o" "\255"`)},
		{"add in other letters", "add NEW.Example.COM. 60 MX 5 MAIL.Example.com.", soa("8", "+ new.example.com. 60 IN MX 5 MAIL.Example.com.")},
		{"add a type that has no name", `add new.example.com. 60 TYPE65400 \# 2 0A0B`, soa("8", `+ new.example.com. 60 IN TYPE65400 \# 2 0A0B`)},
		{"add what is there", "add www.example.com. 300 A 192.0.2.1", nil},
		{"add what is there, in other letters", "add www.example.com. 300 MX 10 MAIL.EXAMPLE.COM.", nil},
		{"add with another TTL", "add www.example.com. 60 A 192.0.2.3", soa("8",
			"+ www.example.com. 60 IN A 192.0.2.1", "+ www.example.com. 60 IN A 192.0.2.2", "+ www.example.com. 60 IN A 192.0.2.3",
			"- www.example.com. 300 IN A 192.0.2.1", "- www.example.com. 300 IN A 192.0.2.2")},
		{"another TTL", "add alias.example.com. 60 CNAME www.example.com.", soa("8",
			"+ alias.example.com. 60 IN CNAME www.example.com.", "- alias.example.com. 300 IN CNAME www.example.com.")},
		{"a CNAME where other data is", "add www.example.com. 60 CNAME x.example.com.", nil},
		{"other data where a CNAME is", "add alias.example.com. 60 A 192.0.2.9", nil},
		{"KEY beside a CNAME", "add alias.example.com. 60 KEY 256 3 8 AQID", soa("8", "+ alias.example.com. 60 IN KEY 256 3 8 AQID")},
		{"another CNAME", "add alias.example.com. 60 CNAME x.example.com.", soa("8",
			"+ alias.example.com. 60 IN CNAME x.example.com.", "- alias.example.com. 300 IN CNAME www.example.com.")},
		{"another DNAME", "add tree.example.com. 300 DNAME example.org.", soa("8",
			"+ tree.example.com. 300 IN DNAME example.org.", "- tree.example.com. 300 IN DNAME example.net.")},
		{"a CNAME beside a redirect", "add go.example.com. 60 CNAME x.example.com.", soa("8", "+ go.example.com. 60 IN CNAME x.example.com.")},

		{"delete a record", "del www.example.com. A 192.0.2.1", soa("8", "- www.example.com. 300 IN A 192.0.2.1")},
		{"delete a record, in other letters", "del WWW.example.com. MX 10 MAIL.EXAMPLE.COM.", soa("8", "- www.example.com. 300 IN MX 10 Mail.example.com.")},
		{"delete what is not there", "del www.example.com. A 192.0.2.9\ndel-set www.example.com. AAAA\ndel-name nothing.example.com.", nil},
		{"delete a set", "del-set www.example.com. A", soa("8", "- www.example.com. 300 IN A 192.0.2.1", "- www.example.com. 300 IN A 192.0.2.2")},
		{"delete a name", "del-name www.example.com.", soa("8", "- www.example.com. 300 IN A 192.0.2.1", "- www.example.com. 300 IN A 192.0.2.2", "- www.example.com. 300 IN MX 10 Mail.example.com.")},
		{"delete a redirect with its name", "del-name go.example.com.", soa("8", "- go.example.com. 300 IN REDIR301 https://www.example.com/")},
		{"delete an empty name", "del-name ent.example.com.", nil},
		{"delete the apex", "del-name example.com.", soa("8", "- example.com. 300 IN APEXCNAME www.example.net.", `- example.com. 300 IN TXT "v=spf1 -all"`)},
		{"delete what the apex needs", "del-set example.com. SOA\ndel-set example.com. NS\ndel example.com. NS ns1.example.com.\n" +
			"del example.com. SOA ns1.example.com. hostmaster.example.com. 7 7200 900 1209600 60", nil},
		{"delete one of two NS", "add example.com. 3600 NS ns2.example.com.\ndel example.com. NS ns1.example.com.", soa("8",
			"+ example.com. 3600 IN NS ns2.example.com.", "- example.com. 3600 IN NS ns1.example.com.")},

		{"one after another", "del-name www.example.com.\nadd www.example.com. 60 CNAME x.example.com.\nadd www.example.com. 60 A 192.0.2.3", soa("8",
			"+ www.example.com. 60 IN CNAME x.example.com.",
			"- www.example.com. 300 IN A 192.0.2.1", "- www.example.com. 300 IN A 192.0.2.2", "- www.example.com. 300 IN MX 10 Mail.example.com.")},
		{"a newer SOA", "add example.com. 300 SOA ns1.example.com. hostmaster.example.com. 40 7200 900 1209600 60", soa("40")},
		{"an older SOA", "add example.com. 300 SOA ns1.example.com. hostmaster.example.com. 6 1 1 1 1", nil},
		{"the SOA of another name", "add www.example.com. 300 SOA ns1.example.com. hostmaster.example.com. 40 7200 900 1209600 60", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, network := range []string{"udp", "tcp"} {
				s, st := updatable(t)
				before, _ := st.Zone("example.com")
				answer, err := signedExchange(t, network, s.Addr(), dns.HmacSHA256, updateOf(t, c.lines))
				if err != nil || answer.Rcode != dns.RcodeSuccess || answer.Opcode != dns.OpcodeUpdate {
					t.Fatalf("%v, %v", err, answer)
				}
				after, _ := st.Zone("example.com")
				slices.Sort(c.want)
				if diff := cmp.Diff(c.want, changed(before, after)); diff != "" {
					t.Errorf("%s: (-want +got)\n%s", network, diff)
				}
			}
		})
	}
}

func TestPrerequisites(t *testing.T) {
	for _, c := range []struct {
		lines string
		rcode int
		why   string
	}{
		{"in-use www.example.com.", dns.RcodeSuccess, ""},
		{"in-use WWW.example.com.", dns.RcodeSuccess, ""},
		{"in-use ent.example.com.", dns.RcodeNameError, "prerequisite 1, ent.example.com. ANY: the zone has it otherwise"},
		{"in-use go.example.com.", dns.RcodeSuccess, ""},
		{"in-use nothing.example.com.", dns.RcodeNameError, "prerequisite 1, nothing.example.com. ANY: the zone has it otherwise"},
		{"not-in-use nothing.example.com.", dns.RcodeSuccess, ""},
		{"not-in-use www.example.com.", dns.RcodeYXDomain, "prerequisite 1, www.example.com. ANY: the zone has it otherwise"},
		{"exists www.example.com. A", dns.RcodeSuccess, ""},
		{"exists www.example.com. AAAA", dns.RcodeNXRrset, "prerequisite 1, www.example.com. AAAA: the zone has it otherwise"},
		{"missing www.example.com. AAAA", dns.RcodeSuccess, ""},
		{"missing www.example.com. A", dns.RcodeYXRrset, "prerequisite 1, www.example.com. A: the zone has it otherwise"},
		{"has www.example.com. A 192.0.2.2\nhas www.example.com. A 192.0.2.1", dns.RcodeSuccess, ""},
		{"has www.example.com. MX 10 MAIL.example.com.", dns.RcodeSuccess, ""},
		{"has www.example.com. A 192.0.2.2", dns.RcodeNXRrset, "www.example.com. A is not exactly as the prerequisites say"},
		{"has www.example.com. A 192.0.2.2\nhas www.example.com. A 192.0.2.3", dns.RcodeNXRrset, "www.example.com. A is not exactly as the prerequisites say"},
		{"has nothing.example.com. A 192.0.2.2", dns.RcodeNXRrset, "nothing.example.com. A is not exactly as the prerequisites say"},
		{"exists www.example.com. A\nmissing www.example.com. MX", dns.RcodeYXRrset, "prerequisite 2, www.example.com. MX: the zone has it otherwise"},
		{"has www.example.com. 60 A 192.0.2.2", dns.RcodeFormatError, "prerequisite 1, www.example.com. A: it has a TTL"},
		{"exists www.example.com. A 192.0.2.2", dns.RcodeFormatError, "prerequisite 1, www.example.com. A: it is none of the forms of section 2.4 of RFC 2136"},
		{"missing www.example.com. A 192.0.2.2", dns.RcodeFormatError, "prerequisite 1, www.example.com. A: it is none of the forms of section 2.4 of RFC 2136"},
		{"has www.example.com. CH A 192.0.2.2", dns.RcodeFormatError, "prerequisite 1, www.example.com. A: it is none of the forms of section 2.4 of RFC 2136"},
		{"has www.example.com. A", dns.RcodeFormatError, "prerequisite 1, www.example.com. A: www.example.com. A: the data is empty"},
		{"exists www.example.org. A", dns.RcodeNotZone, "prerequisite 1, www.example.org. A: it is outside the zone example.com."},

		{"add www.example.org. 60 A 192.0.2.1", dns.RcodeNotZone, "change 1: www.example.org. is outside the zone example.com."},
		{"add x.example.com. CH A 192.0.2.1", dns.RcodeFormatError, "change 1, x.example.com. A: the class is none of IN, ANY and NONE"},
		{"del x.example.com. 60 A 192.0.2.1", dns.RcodeFormatError, "change 1, x.example.com. A: taking out a record goes without TTL"},
		{"del-set x.example.com. A 192.0.2.1", dns.RcodeFormatError, "change 1, x.example.com. A: taking out a whole set goes without TTL and data"},
		{"del-set x.example.com. AXFR", dns.RcodeFormatError, "change 1, x.example.com. AXFR: taking out a whole set goes without TTL and data"},
		{"add x.example.com. AXFR", dns.RcodeFormatError, "change 1, x.example.com. AXFR: x.example.com.: AXFR is no type that a zone can hold"},
		{"add x.example.com.", dns.RcodeFormatError, "change 1, x.example.com. ANY: x.example.com.: ANY is no type that a zone can hold"},
		{"add y.example.com. 60 A 192.0.2.1\nadd www.example.org. 60 A 192.0.2.1", dns.RcodeNotZone, "change 2: www.example.org. is outside the zone example.com."},
	} {
		s, st := updatable(t)
		before, _ := st.Zone("example.com")
		// With every prerequisite comes a change, to see whether it is held back.
		lines := c.lines + "\nadd mark.example.com. 60 A 192.0.2.77"
		answer, err := signedExchange(t, "udp", s.Addr(), dns.HmacSHA512, updateOf(t, lines))
		if err != nil || answer.Rcode != c.rcode {
			t.Errorf("%s: %v, %v, want %s", c.lines, err, answer, dns.RcodeToString[c.rcode])
			continue
		}
		after, _ := st.Zone("example.com")
		if (after == before) != (c.rcode != dns.RcodeSuccess) {
			t.Errorf("%s: %s, and the zone changed: %v", c.lines, dns.RcodeToString[c.rcode], changed(before, after))
		}
		events := st.Journal().Events()
		if _, got, _ := strings.Cut(events[len(events)-1].Summary, "0 records; "); c.why != "" && got != c.why {
			t.Errorf("%s:\ngot  %s\nwant %s", c.lines, got, c.why)
		}
	}
}

func TestUpdateOfNoZone(t *testing.T) {
	s, st := updatable(t)
	question := func(name string, rrtype, class uint16, times int) *dns.Msg {
		m := new(dns.Msg).SetUpdate(name)
		m.Question[0].Qtype, m.Question[0].Qclass = rrtype, class
		m.Question = slices.Repeat(m.Question, times)
		return m
	}
	for _, c := range []struct {
		m     *dns.Msg
		rcode int
	}{
		{question("www.example.com.", dns.TypeSOA, dns.ClassINET, 1), dns.RcodeNotAuth},
		{question("example.org.", dns.TypeSOA, dns.ClassINET, 1), dns.RcodeNotAuth},
		{question("example.com.", dns.TypeSOA, dns.ClassCHAOS, 1), dns.RcodeNotAuth},
		{question("example.com.", dns.TypeA, dns.ClassINET, 1), dns.RcodeFormatError},
		{question("example.com.", dns.TypeSOA, dns.ClassINET, 2), dns.RcodeFormatError},
		{question("example.com.", dns.TypeSOA, dns.ClassINET, 0), dns.RcodeFormatError},
	} {
		answer, err := signedExchange(t, "udp", s.Addr(), dns.HmacSHA256, c.m)
		if err != nil || answer.Rcode != c.rcode {
			t.Errorf("%v, %v\nwant %s", err, answer, dns.RcodeToString[c.rcode])
		}
	}
	if z, _ := st.Zone("example.com"); z.Serial() != 7 {
		t.Errorf("the zone has changed: serial %d", z.Serial())
	}
}

// TestUpdatesOffByDefault is what a server without keys says, signed or not.
func TestUpdatesOffByDefault(t *testing.T) {
	s, st := start(t)
	before, _ := st.Zone("example.com")
	m := updateOf(t, "add new.example.com. 60 A 192.0.2.1")
	if answer := exchange(t, "udp", s.Addr(), m); answer.Rcode != dns.RcodeNotImplemented {
		t.Errorf("%v", answer)
	}
	if z, _ := st.Zone("example.com"); z != before {
		t.Error("the zone has changed")
	}
}

func TestUpdateJournal(t *testing.T) {
	s, st := updatable(t)
	if _, err := signedExchange(t, "tcp", s.Addr(), dns.HmacSHA256, updateOf(t, "add new.example.com. 60 A 192.0.2.1")); err != nil {
		t.Fatal(err)
	}
	exchange(t, "udp", s.Addr(), updateOf(t, "add new.example.com. 60 A 192.0.2.2"))
	var got []string
	for _, e := range st.Journal().Events() {
		got = append(got, e.Tenant+"|"+strings.Replace(e.Summary, e.DNS.Client.String(), "CLIENT", 1))
	}
	if diff := cmp.Diff([]string{
		"a|tcp CLIENT UPDATE Example.com. IN SOA: NOERROR, 0 records; key seed.test.: 11 records before, 12 after, serial 8",
		"a|udp CLIENT UPDATE Example.com. IN SOA: REFUSED, 0 records; the update is not signed",
	}, got); diff != "" {
		t.Error(diff)
	}
}

// TestUpdatesAreSerialised lets many count, each on the condition that nobody
// else has come between.
func TestUpdatesAreSerialised(t *testing.T) {
	s, st := updatable(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	rcodes := map[int]int{}
	for range 8 {
		all.Go(func() {
			m := updateOf(t, "missing new.example.com. A\nadd new.example.com. 60 A 192.0.2.1")
			answer, err := signedExchange(t, "udp", s.Addr(), dns.HmacSHA256, m)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			rcodes[answer.Rcode]++
		})
	}
	all.Wait()
	z, _ := st.Zone("example.com")
	if rcodes[dns.RcodeSuccess] != 1 || rcodes[dns.RcodeYXRrset] != 7 || z.Serial() != 8 {
		t.Errorf("rcodes %v, serial %d", rcodes, z.Serial())
	}
}
