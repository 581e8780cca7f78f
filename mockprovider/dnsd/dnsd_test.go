package dnsd

import (
	"context"
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

// world is the zones that the tables ask about. The key zone, which start
// adds, belongs to nobody.
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
child 50 IN NS ns1.example.com.
child 50 IN DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
`},
	{"a", "child.example.net.", "alice", `
@ 30 IN SOA ns1.example.com. hostmaster 9 7200 900 1209600 600
@ 3600 IN NS ns1.example.com.
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
	{"DS of a child zone held here comes from the parent", "child.example.net.", dns.TypeDS, []string{"NOERROR aa", "child.example.net. 50 IN DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"}},
	{"unless the parent delegates another name", "held.sub.example.com.", dns.TypeDS, []string{"NOERROR aa", "auth held.sub.example.com. 30 IN SOA ns1.example.com. hostmaster.held.sub.example.com. 9 7200 900 1209600 600"}},
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

// TestZonesStayAsTheyAre shows that answers to odd spellings leave the shared
// records alone.
func TestZonesStayAsTheyAre(t *testing.T) {
	s, st := start(t)
	z, _ := st.Zone("example.com")
	for _, name := range []string{"WWW.example.com.", "WWW.wild.example.com."} {
		for _, qtype := range []uint16{dns.TypeA, dns.TypeTXT, dns.TypeANY} {
			exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion(name, qtype))
		}
	}
	exchange(t, "udp", s.Addr(), new(dns.Msg).SetQuestion("FLAT.example.com.", dns.TypeA))
	for r := range z.Records() {
		code, ok := typeCode(r.Type)
		if !ok {
			continue
		}
		for _, rr := range z.RRset(r.Owner, code) {
			if rr.Header().Name != r.Owner || rr.Header().Ttl != r.TTL {
				t.Errorf("%s has become %s", r, rr)
			}
		}
	}
}
