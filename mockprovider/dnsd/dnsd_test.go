package dnsd

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is the zones that the tables ask about: tenant a has the first three,
// tenant b the fourth; the key zone belongs to nobody.
var world = []struct{ tenant, origin, owner, text string }{
	{"a", "example.com.", "alice", `
@                300 IN SOA ns1 hostmaster 7 7200 900 1209600 60
@               3600 IN NS  ns1
@               3600 IN NS  ns.example.net.
@                300 IN MX  10 Mail
@                300 IN TXT "v=spf1 -all"
@                300 APEXCNAME www.example.net.
ns1              300 IN A   192.0.2.53
www              300 IN A   192.0.2.1
www              300 IN A   192.0.2.2
www              300 IN AAAA 2001:db8::1
alias            300 IN CNAME WWW
far              300 IN CNAME www.example.net.
away             300 IN CNAME www.example.org.
gone             300 IN CNAME nothing
foreign          300 IN CNAME www.tenant-b.example.
shared           300 IN CNAME _dck1.keys.example.
loop1            300 IN CNAME loop2
loop2            300 IN CNAME loop1
down             300 IN CNAME host.sub
a.b.ent          300 IN TXT "below"
*.wild           300 IN TXT "any"
*.wild           300 IN MX  5 mail
x.wild           300 IN A   192.0.2.7
x.deep.wild      300 IN A   192.0.2.8
*.wcname         300 IN CNAME www
sub              300 IN NS  ns.sub
sub              300 IN NS  ns1
sub              300 IN NS  ns.example.org.
sub              300 IN DS  12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
ns.sub           300 IN A   192.0.2.54
ns.sub           300 IN AAAA 2001:db8::54
long             300 IN TXT "first" "second" "with \"quotes\" and \\ and \200"
odd              300 IN TYPE65400 \# 4 0A000001
redirect         300 REDIR301 https://www.example.com/
flat             300 APEXCNAME alias.example.com.
flatout          300 APEXCNAME www.example.org.
tree             300 IN DNAME www.example.net.
`},
	{"a", "example.net.", "alice", `
@ 30 IN SOA ns1.example.com. hostmaster 9 7200 900 1209600 600
@ 3600 IN NS ns1.example.com.
www 100 IN A 198.51.100.1
x.www 100 IN A 198.51.100.2
back 100 IN APEXCNAME back.example.net.
`},
	{"a", "held.sub.example.com.", "alice", `
@ 30 IN SOA ns1.example.com. hostmaster 9 7200 900 1209600 600
@ 3600 IN NS ns1.example.com.
@ 30 IN A 192.0.2.99
`},
	{"b", "tenant-b.example.", "bob", `
@ 30 IN SOA ns1 hostmaster 9 7200 900 1209600 600
@ 3600 IN NS ns1
www 30 IN A 203.0.113.1
`},
}

func mustParse(tb testing.TB, origin, text string) *zone.Zone {
	tb.Helper()
	z, err := zone.Parse(origin, strings.NewReader(text), origin+"zone")
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// start serves the world.
func start(tb testing.TB) (*Server, *store.Store) {
	tb.Helper()
	st := store.New(nil)
	tenants := map[string]*store.Tenant{}
	for _, w := range world {
		t := tenants[w.tenant]
		if t == nil {
			var err error
			if t, err = st.NewTenant(store.TenantConfig{Name: w.tenant}); err != nil {
				tb.Fatal(err)
			}
			tenants[w.tenant] = t
		}
		if err := t.AddZone(store.Hosted{Zone: mustParse(tb, w.origin, w.text), Owner: w.owner}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := st.PublishTXT("_dck1.keys.example", []string{"p=1,a=RS256,d=abc"}); err != nil {
		tb.Fatal(err)
	}
	return listen(tb, st), st
}

func listen(tb testing.TB, st *store.Store) *Server {
	tb.Helper()
	s, err := Listen(tb.Context(), Config{Store: st})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return s
}

func exchange(tb testing.TB, network, addr string, q *dns.Msg) *dns.Msg {
	tb.Helper()
	c := dns.Client{Net: network, Timeout: 5 * time.Second}
	m, _, err := c.ExchangeContext(context.Background(), q, addr)
	if err != nil {
		tb.Fatalf("%v: %v", q.Question, err)
	}
	return m
}

// show is a response as text: rcode, AA, and the sections, one line each.
func show(m *dns.Msg) []string {
	head := dns.RcodeToString[m.Rcode]
	if m.Authoritative {
		head += " aa"
	}
	if m.Truncated {
		head += " tc"
	}
	lines := []string{head}
	for _, section := range []struct {
		mark string
		rrs  []dns.RR
	}{{"", m.Answer}, {"auth ", m.Ns}, {"add ", m.Extra}} {
		for _, rr := range section.rrs {
			if rr.Header().Rrtype != dns.TypeOPT {
				lines = append(lines, section.mark+strings.ReplaceAll(rr.String(), "\t", " "))
			}
		}
	}
	return lines
}

const (
	soaCom  = "auth example.com. 60 IN SOA ns1.example.com. hostmaster.example.com. 7 7200 900 1209600 60"
	soaNet  = "auth example.net. 30 IN SOA ns1.example.com. hostmaster.example.net. 9 7200 900 1209600 600"
	refSub1 = "auth sub.example.com. 300 IN NS ns.example.org."
	refSub2 = "auth sub.example.com. 300 IN NS ns.sub.example.com."
	refSub3 = "auth sub.example.com. 300 IN NS ns1.example.com."
	glue1   = "add ns.sub.example.com. 300 IN A 192.0.2.54"
	glue2   = "add ns.sub.example.com. 300 IN AAAA 2001:db8::54"
	glue3   = "add ns1.example.com. 300 IN A 192.0.2.53"
)

var answers = []struct {
	about, name string
	qtype       uint16
	want        []string
}{
	{"an RRset", "www.example.com.", dns.TypeA, []string{"NOERROR aa", "www.example.com. 300 IN A 192.0.2.1", "www.example.com. 300 IN A 192.0.2.2"}},
	{"the question's letters are kept", "wWw.ExAmPlE.cOm.", dns.TypeAAAA, []string{"NOERROR aa", "wWw.ExAmPlE.cOm. 300 IN AAAA 2001:db8::1"}},
	{"SOA", "example.com.", dns.TypeSOA, []string{"NOERROR aa", "example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 7 7200 900 1209600 60"}},
	{"NS of the apex is no referral", "example.com.", dns.TypeNS, []string{"NOERROR aa", "example.com. 3600 IN NS ns.example.net.", "example.com. 3600 IN NS ns1.example.com."}},
	{"case in RDATA is kept", "example.com.", dns.TypeMX, []string{"NOERROR aa", "example.com. 300 IN MX 10 Mail.example.com."}},
	{"NODATA", "www.example.com.", dns.TypeTXT, []string{"NOERROR aa", soaCom}},
	{"NODATA by the SOA's TTL when that is less", "www.example.net.", dns.TypeTXT, []string{"NOERROR aa", soaNet}},
	{"NXDOMAIN", "nothing.example.com.", dns.TypeA, []string{"NXDOMAIN aa", soaCom}},
	{"NXDOMAIN below a name", "deep.www.example.com.", dns.TypeA, []string{"NXDOMAIN aa", soaCom}},
	{"an empty non-terminal is NODATA", "b.ent.example.com.", dns.TypeA, []string{"NOERROR aa", soaCom}},
	{"beside an empty non-terminal is NXDOMAIN", "c.ent.example.com.", dns.TypeA, []string{"NXDOMAIN aa", soaCom}},

	{"CNAME in the zone", "alias.example.com.", dns.TypeAAAA, []string{"NOERROR aa", "alias.example.com. 300 IN CNAME WWW.example.com.", "WWW.example.com. 300 IN AAAA 2001:db8::1"}},
	{"CNAME itself", "alias.example.com.", dns.TypeCNAME, []string{"NOERROR aa", "alias.example.com. 300 IN CNAME WWW.example.com."}},
	{"CNAME then NODATA", "alias.example.com.", dns.TypeTXT, []string{"NOERROR aa", "alias.example.com. 300 IN CNAME WWW.example.com.", soaCom}},
	{"CNAME then NXDOMAIN", "gone.example.com.", dns.TypeA, []string{"NXDOMAIN aa", "gone.example.com. 300 IN CNAME nothing.example.com.", soaCom}},
	{"CNAME into another zone", "far.example.com.", dns.TypeA, []string{"NOERROR aa", "far.example.com. 300 IN CNAME www.example.net.", "www.example.net. 100 IN A 198.51.100.1"}},
	{"CNAME out of all zones", "away.example.com.", dns.TypeA, []string{"NOERROR aa", "away.example.com. 300 IN CNAME www.example.org."}},
	{"CNAME to another tenant is not followed", "foreign.example.com.", dns.TypeA, []string{"NOERROR aa", "foreign.example.com. 300 IN CNAME www.tenant-b.example."}},
	{"CNAME to a key zone is", "shared.example.com.", dns.TypeTXT, []string{"NOERROR aa", "shared.example.com. 300 IN CNAME _dck1.keys.example.", `_dck1.keys.example. 300 IN TXT "p=1,a=RS256,d=abc"`}},
	{"CNAME loop ends", "loop1.example.com.", dns.TypeA, []string{"NOERROR aa", "loop1.example.com. 300 IN CNAME loop2.example.com.", "loop2.example.com. 300 IN CNAME loop1.example.com."}},
	{"CNAME below a delegation", "down.example.com.", dns.TypeA, []string{"NOERROR aa", "down.example.com. 300 IN CNAME host.sub.example.com.", refSub1, refSub2, refSub3, glue1, glue2, glue3}},

	{"wildcard", "y.wild.example.com.", dns.TypeTXT, []string{"NOERROR aa", `y.wild.example.com. 300 IN TXT "any"`}},
	{"wildcard, several labels, letters kept", "Z.y.wild.example.com.", dns.TypeTXT, []string{"NOERROR aa", `Z.y.wild.example.com. 300 IN TXT "any"`}},
	{"wildcard NODATA", "y.wild.example.com.", dns.TypeA, []string{"NOERROR aa", soaCom}},
	{"a name that exists hides the wildcard", "x.wild.example.com.", dns.TypeTXT, []string{"NOERROR aa", soaCom}},
	{"so does an empty non-terminal", "deep.wild.example.com.", dns.TypeTXT, []string{"NOERROR aa", soaCom}},
	{"which is the closest encloser below it", "y.deep.wild.example.com.", dns.TypeTXT, []string{"NXDOMAIN aa", soaCom}},
	{"below a name that hides the wildcard", "y.x.wild.example.com.", dns.TypeTXT, []string{"NXDOMAIN aa", soaCom}},
	{"the wildcard's own name", "*.wild.example.com.", dns.TypeTXT, []string{"NOERROR aa", `*.wild.example.com. 300 IN TXT "any"`}},
	{"the name above a wildcard is an empty non-terminal", "wild.example.com.", dns.TypeTXT, []string{"NOERROR aa", soaCom}},
	{"wildcard CNAME", "q.wcname.example.com.", dns.TypeAAAA, []string{"NOERROR aa", "q.wcname.example.com. 300 IN CNAME www.example.com.", "www.example.com. 300 IN AAAA 2001:db8::1"}},

	{"referral with glue", "sub.example.com.", dns.TypeA, []string{"NOERROR", refSub1, refSub2, refSub3, glue1, glue2, glue3}},
	{"referral below, existing or not", "a.b.sub.example.com.", dns.TypeTXT, []string{"NOERROR", refSub1, refSub2, refSub3, glue1, glue2, glue3}},
	{"glue is not authoritative data", "ns.sub.example.com.", dns.TypeA, []string{"NOERROR", refSub1, refSub2, refSub3, glue1, glue2, glue3}},
	{"NS of a delegation is a referral", "sub.example.com.", dns.TypeNS, []string{"NOERROR", refSub1, refSub2, refSub3, glue1, glue2, glue3}},
	{"DS at a delegation belongs to the parent", "sub.example.com.", dns.TypeDS, []string{"NOERROR aa", "sub.example.com. 300 IN DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"}},
	{"DS below a delegation is a referral", "x.sub.example.com.", dns.TypeDS, []string{"NOERROR", refSub1, refSub2, refSub3, glue1, glue2, glue3}},
	{"DS of an apex without a parent here", "example.com.", dns.TypeDS, []string{"NOERROR aa", soaCom}},
	{"a child zone held here answers itself", "held.sub.example.com.", dns.TypeA, []string{"NOERROR aa", "held.sub.example.com. 30 IN A 192.0.2.99"}},

	{"several strings, quotes, octets", "long.example.com.", dns.TypeTXT, []string{"NOERROR aa", `long.example.com. 300 IN TXT "first" "second" "with \"quotes\" and \\ and \200"`}},
	{"unknown type", "odd.example.com.", 65400, []string{"NOERROR aa", `odd.example.com. 300 CLASS1 TYPE65400 \# 4 0a000001`}},
	{"ANY", "www.example.com.", dns.TypeANY, []string{"NOERROR aa", "www.example.com. 300 IN A 192.0.2.1", "www.example.com. 300 IN A 192.0.2.2", "www.example.com. 300 IN AAAA 2001:db8::1"}},
	{"ANY at an alias does not follow it", "alias.example.com.", dns.TypeANY, []string{"NOERROR aa", "alias.example.com. 300 IN CNAME WWW.example.com."}},
	{"ANY without data", "ent.example.com.", dns.TypeANY, []string{"NOERROR aa", soaCom}},
	{"ANY at a wildcard", "y.wild.example.com.", dns.TypeANY, []string{"NOERROR aa", "y.wild.example.com. 300 IN MX 5 mail.example.com.", `y.wild.example.com. 300 IN TXT "any"`}},

	{"REDIR301 shows nothing but the name", "redirect.example.com.", dns.TypeA, []string{"NOERROR aa", soaCom}},
	{"REDIR301 under ANY", "redirect.example.com.", dns.TypeANY, []string{"NOERROR aa", soaCom}},
	{"APEXCNAME is flattened", "example.com.", dns.TypeA, []string{"NOERROR aa", "example.com. 100 IN A 198.51.100.1"}},
	{"APEXCNAME through a CNAME, letters kept", "FLAT.example.com.", dns.TypeA, []string{"NOERROR aa", "FLAT.example.com. 300 IN A 192.0.2.1", "FLAT.example.com. 300 IN A 192.0.2.2"}},
	{"APEXCNAME without such addresses", "example.com.", dns.TypeAAAA, []string{"NOERROR aa", soaCom}},
	{"APEXCNAME out of all zones", "flatout.example.com.", dns.TypeA, []string{"NOERROR aa", soaCom}},
	{"APEXCNAME is not a CNAME", "flat.example.com.", dns.TypeCNAME, []string{"NOERROR aa", soaCom}},
	{"APEXCNAME to itself", "back.example.net.", dns.TypeA, []string{"NOERROR aa", soaNet}},

	{"DNAME", "x.tree.example.com.", dns.TypeA, []string{"NOERROR aa", "tree.example.com. 300 IN DNAME www.example.net.", "x.tree.example.com. 300 IN CNAME x.www.example.net.", "x.www.example.net. 100 IN A 198.51.100.2"}},
	{"DNAME says nothing about its owner", "tree.example.com.", dns.TypeA, []string{"NOERROR aa", soaCom}},

	{"outside of all zones", "example.org.", dns.TypeA, []string{"REFUSED"}},
	{"above a zone", "com.", dns.TypeNS, []string{"REFUSED"}},
	{"the root", ".", dns.TypeNS, []string{"REFUSED"}},
	{"a sibling by letters", "notexample.com.", dns.TypeA, []string{"REFUSED"}},
	{"meta type", "www.example.com.", dns.TypeMAILB, []string{"NOTIMP"}},
	{"OPT as question", "www.example.com.", dns.TypeOPT, []string{"FORMERR"}},
	{"a key", "_dck1.keys.example.", dns.TypeTXT, []string{"NOERROR aa", `_dck1.keys.example. 300 IN TXT "p=1,a=RS256,d=abc"`}},
	{"no key", "_dck2.keys.example.", dns.TypeTXT, []string{"NXDOMAIN aa", "auth keys.example. 60 IN SOA ns1.dcconform.example. hostmaster.dcconform.example. 2 7200 900 1209600 60"}},
}

func TestAnswers(t *testing.T) {
	s, _ := start(t)
	for _, c := range answers {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(c.about+"/"+network, func(t *testing.T) {
				m := exchange(t, network, s.Addr(), new(dns.Msg).SetQuestion(c.name, c.qtype))
				if diff := cmp.Diff(c.want, show(m)); diff != "" {
					t.Errorf("%s %s (-want +got)\n%s", c.name, dns.Type(c.qtype), diff)
				}
				if m.Question[0].Name != c.name {
					t.Errorf("the question came back as %q", m.Question[0].Name)
				}
			})
		}
	}
}

func TestHeaderBits(t *testing.T) {
	s, _ := start(t)
	q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
	q.RecursionDesired, q.AuthenticatedData, q.CheckingDisabled, q.Zero = true, true, true, true
	got := exchange(t, "udp", s.Addr(), q).MsgHdr
	want := dns.MsgHdr{Id: q.Id, Response: true, Authoritative: true, RecursionDesired: true, CheckingDisabled: true}
	if got != want {
		t.Errorf("header\n got %+v\nwant %+v", got, want)
	}
	q.RecursionDesired, q.CheckingDisabled = false, false
	if got := exchange(t, "udp", s.Addr(), q).MsgHdr; got.RecursionDesired || got.CheckingDisabled || got.RecursionAvailable {
		t.Errorf("bits that were not asked for: %+v", got)
	}
}

func TestClasses(t *testing.T) {
	s, _ := start(t)
	for _, c := range []struct {
		class uint16
		want  []string
	}{
		{dns.ClassANY, []string{"NOERROR", "www.example.com. 300 IN AAAA 2001:db8::1"}},
		{dns.ClassCHAOS, []string{"REFUSED"}},
		{dns.ClassHESIOD, []string{"REFUSED"}},
		{dns.ClassNONE, []string{"REFUSED"}},
	} {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeAAAA)
		q.Question[0].Qclass = c.class
		if diff := cmp.Diff(c.want, show(exchange(t, "udp", s.Addr(), q))); diff != "" {
			t.Errorf("class %s (-want +got)\n%s", dns.Class(c.class), diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	s, _ := start(t)
	question := func(change func(*dns.Msg)) *dns.Msg {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
		change(q)
		return q
	}
	a, err := dns.NewRR("www.example.com. 1 IN A 192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		about string
		q     *dns.Msg
		rcode int
	}{
		{"no question", question(func(q *dns.Msg) { q.Question = nil }), dns.RcodeFormatError},
		{"two questions", question(func(q *dns.Msg) { q.Question = append(q.Question, q.Question[0]) }), dns.RcodeFormatError},
		{"an answer in the query", question(func(q *dns.Msg) { q.Answer = []dns.RR{a} }), dns.RcodeFormatError},
		{"an authority in the query", question(func(q *dns.Msg) { q.Ns = []dns.RR{a} }), dns.RcodeFormatError},
		{"NOTIFY", question(func(q *dns.Msg) { q.Opcode = dns.OpcodeNotify }), dns.RcodeNotImplemented},
		{"UPDATE", question(func(q *dns.Msg) { q.Opcode = dns.OpcodeUpdate; q.Ns = []dns.RR{a} }), dns.RcodeNotImplemented},
		{"STATUS", question(func(q *dns.Msg) { q.Opcode = dns.OpcodeStatus; q.Question = nil }), dns.RcodeNotImplemented},
		{"opcode 15", question(func(q *dns.Msg) { q.Opcode = 15 }), dns.RcodeNotImplemented},
		{"two OPT", question(func(q *dns.Msg) { q.SetEdns0(4096, false); q.SetEdns0(4096, false) }), dns.RcodeFormatError},
		{"OPT with a name", question(func(q *dns.Msg) { q.SetEdns0(4096, false); q.Extra[0].Header().Name = "x." }), dns.RcodeFormatError},
	} {
		t.Run(c.about, func(t *testing.T) {
			m := exchange(t, "udp", s.Addr(), c.q)
			if m.Rcode != c.rcode || m.Opcode != c.q.Opcode || m.Authoritative || len(m.Answer) > 0 {
				t.Errorf("got\n%v\nwant %s", m, dns.RcodeToString[c.rcode])
			}
		})
	}
}

// raw sends octets and returns the octets that come back.
func raw(t *testing.T, addr string, packet []byte) []byte {
	t.Helper()
	c, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(packet); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}

func TestMalformed(t *testing.T) {
	s, st := start(t)
	good, err := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).Pack()
	if err != nil {
		t.Fatal(err)
	}
	for about, packet := range map[string][]byte{
		"a question that is cut":           good[:len(good)-3],
		"a label that is too long":         append(slices.Clone(good[:12]), 64, 'x'),
		"a compression pointer to itself":  append(slices.Clone(good[:12]), 0xC0, 12, 0, 1, 0, 1),
		"a pointer that goes out of range": append(slices.Clone(good[:12]), 0xC3, 0xFF, 0, 1, 0, 1),
	} {
		t.Run(about, func(t *testing.T) {
			var m dns.Msg
			if err := m.Unpack(raw(t, s.Addr(), packet)); err != nil {
				t.Fatal(err)
			}
			if m.Rcode != dns.RcodeFormatError || !m.Response || m.Id != uint16(packet[0])<<8|uint16(packet[1]) {
				t.Errorf("got %v, want FORMERR", &m)
			}
		})
	}
	// Responses and packets without a header get no answer; the journal shows
	// that they came, and the next question that the server is alive.
	before := len(st.Journal().Events())
	response := slices.Clone(good)
	response[2] |= 0x80
	c, err := net.Dial("udp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, packet := range [][]byte{response, {1, 2, 3}, good} {
		if _, err := c.Write(packet); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	var m dns.Msg
	if err := m.Unpack(buf[:n]); err != nil || m.Rcode != dns.RcodeSuccess || len(m.Answer) != 2 {
		t.Errorf("the answer to the good question is %v, %v", &m, err)
	}
	short := "a message of 3 octets that cannot be read: dns: short read"
	if _, err := st.Journal().Await(t.Context(), func(e store.Event) bool { return e.Summary == short }); err != nil {
		t.Error(err)
	}
	if n := len(st.Journal().Events()) - before; n != 2 {
		t.Errorf("%d journal entries for a response, a short packet and a question; want 2", n)
	}
}

func TestEDNS(t *testing.T) {
	s, _ := start(t)
	t.Run("size, version and DO", func(t *testing.T) {
		for _, do := range []bool{false, true} {
			m := exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(4096, do))
			opt := m.IsEdns0()
			if opt == nil || opt.UDPSize() != 1232 || opt.Version() != 0 || opt.Do() != do || m.Rcode != dns.RcodeSuccess {
				t.Errorf("DO %v: %v", do, m)
			}
		}
	})
	t.Run("no OPT without OPT", func(t *testing.T) {
		if m := exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)); len(m.Extra) > 0 {
			t.Errorf("%v", m)
		}
	})
	t.Run("BADVERS", func(t *testing.T) {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(4096, false)
		q.IsEdns0().SetVersion(1)
		m := exchange(t, "udp", s.Addr(), q)
		if m.Rcode != dns.RcodeBadVers || m.IsEdns0() == nil || m.IsEdns0().Version() != 0 || len(m.Answer) > 0 {
			t.Errorf("%v", m)
		}
	})
	t.Run("options are ignored", func(t *testing.T) {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(4096, false)
		q.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_LOCAL{Code: 65001, Data: []byte("x")}, &dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "0123456789abcdef"}}
		if m := exchange(t, "udp", s.Addr(), q); m.Rcode != dns.RcodeSuccess || len(m.Answer) != 2 || len(m.IsEdns0().Option) != 0 {
			t.Errorf("%v", m)
		}
	})
	t.Run("BADVERS over TCP", func(t *testing.T) {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA).SetEdns0(4096, false)
		q.IsEdns0().SetVersion(200)
		if m := exchange(t, "tcp", s.Addr(), q); m.Rcode != dns.RcodeBadVers {
			t.Errorf("%v", m)
		}
	})
}

func TestTruncation(t *testing.T) {
	st := store.New(nil)
	var text strings.Builder
	text.WriteString("@ 60 IN SOA ns1 h 1 7200 900 1209600 60\n@ 60 IN NS ns1\n")
	for i := range 20 {
		fmt.Fprintf(&text, "medium 60 IN TXT \"%02d%s\"\n", i, strings.Repeat("m", 40))
		fmt.Fprintf(&text, "large 60 IN TXT \"%02d%s\"\n", i, strings.Repeat("l", 200))
	}
	if _, err := st.NewTenant(store.TenantConfig{Zones: []store.Hosted{{Zone: mustParse(t, "example.com.", text.String())}}}); err != nil {
		t.Fatal(err)
	}
	s := listen(t, st)
	for _, c := range []struct {
		name       string
		edns       uint16
		network    string
		limit      int
		truncated  bool
		wantRecord int
	}{
		{"medium", 0, "udp", 512, true, -1},
		{"medium", 100, "udp", 512, true, -1},
		{"medium", 1000, "udp", 1000, true, -1},
		{"medium", 1200, "udp", 1200, false, 20},
		{"medium", 0, "tcp", 65535, false, 20},
		{"large", 1232, "udp", 1232, true, -1},
		{"large", 65535, "udp", 1232, true, -1},
		{"large", 65535, "tcp", 65535, false, 20},
		{"large", 512, "tcp", 65535, false, 20},
	} {
		t.Run(fmt.Sprintf("%s/%d/%s", c.name, c.edns, c.network), func(t *testing.T) {
			q := new(dns.Msg).SetQuestion(c.name+".example.com.", dns.TypeTXT)
			if c.edns > 0 {
				q.SetEdns0(c.edns, false)
			}
			client := dns.Client{Net: c.network, UDPSize: 65535}
			m, _, err := client.Exchange(q, s.Addr())
			if err != nil {
				t.Fatal(err)
			}
			m.Compress = true
			if m.Truncated != c.truncated || m.Len() > c.limit {
				t.Errorf("TC %v, %d octets; want TC %v and at most %d", m.Truncated, m.Len(), c.truncated, c.limit)
			}
			if c.wantRecord >= 0 && len(m.Answer) != c.wantRecord {
				t.Errorf("%d records, want %d", len(m.Answer), c.wantRecord)
			}
			if (m.IsEdns0() != nil) != (c.edns > 0) {
				t.Errorf("OPT lost or invented: %v", m.Extra)
			}
		})
	}
}

func TestPipelining(t *testing.T) {
	s, _ := start(t)
	c, err := dns.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := map[uint16]bool{}
	for range 300 {
		q := new(dns.Msg).SetQuestion("www.example.com.", dns.TypeA)
		want[q.Id] = true
		if err := c.WriteMsg(q); err != nil {
			t.Fatal(err)
		}
	}
	for n := len(want); n > 0; n = len(want) {
		m, err := c.ReadMsg()
		if err != nil {
			t.Fatalf("%d answers are missing: %v", n, err)
		}
		delete(want, m.Id)
	}
}

func TestJournal(t *testing.T) {
	s, st := start(t)
	exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("wWw.example.com.", dns.TypeA))
	exchange(t, "tcp", s.Addr(), new(dns.Msg).SetQuestion("nothing.tenant-b.example.", dns.TypeTXT))
	exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("example.org.", dns.TypeMX))
	exchange(t, "udp", s.Addr(), &dns.Msg{MsgHdr: dns.MsgHdr{Id: 1, Opcode: dns.OpcodeStatus}})
	last := func(e store.Event) bool { return e.DNS.Opcode == dns.OpcodeStatus }
	if _, err := st.Journal().Await(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range st.Journal().Events() {
		client := e.DNS.Client.String()
		if !strings.HasPrefix(client, "127.0.0.1:") || e.Time.IsZero() || e.Kind != store.KindDNS {
			t.Errorf("event %+v", e)
		}
		got = append(got, e.Tenant+"|"+strings.Replace(e.Summary, client, "CLIENT", 1))
	}
	slices.Sort(got)
	want := []string{
		"a|udp CLIENT wWw.example.com. IN A: NOERROR, 2 records",
		"b|tcp CLIENT nothing.tenant-b.example. IN TXT: NXDOMAIN, 0 records",
		"|udp CLIENT STATUS no question: NOTIMP, 0 records",
		"|udp CLIENT example.org. IN MX: REFUSED, 0 records",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
