package client

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func keyServer(t *testing.T) *KeyServer {
	t.Helper()
	s, err := NewKeyServer(t.Context(), "127.0.0.1:0", "keys.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask sends one question and returns the answer in one line a record.
func askKey(t *testing.T, s *KeyServer, network, name string, typ uint16, size uint16) string {
	t.Helper()
	q := new(dns.Msg).SetQuestion(name, typ)
	if size > 0 {
		q.SetEdns0(size, false)
	}
	client := dns.Client{Net: network, Timeout: 5 * time.Second}
	m, _, err := client.ExchangeContext(t.Context(), q, s.Addr())
	if err != nil {
		return "error"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s aa=%t tc=%t", dns.RcodeToString[m.Rcode], m.Authoritative, m.Truncated)
	for _, rr := range append(m.Answer, m.Ns...) {
		b.WriteString("\n" + strings.Join(strings.Fields(rr.String()), " "))
	}
	return b.String()
}

func publishKey(t *testing.T, s *KeyServer, name string, txt ...string) {
	t.Helper()
	if err := s.PublishKey(t.Context(), name, txt); err != nil {
		t.Fatal(err)
	}
}

func TestKeyAnswers(t *testing.T) {
	s := keyServer(t)
	publishKey(t, s, "_k1.keys.example", "p=1,d=AA==")
	publishKey(t, s, "a.b.keys.example.", strings.Repeat("x", 255)+"y", `a"b\c`+"\x00\xff")
	if err := s.Alias("Alias.keys.example", "_k1.keys.example"); err != nil {
		t.Fatal(err)
	}
	const soa = "\nkeys.example. 1 IN SOA ns.keys.example. hostmaster.keys.example. 1 3600 600 86400 1"
	for _, c := range []struct {
		name string
		typ  uint16
		want string
	}{
		{"_k1.keys.example.", dns.TypeTXT, "NOERROR aa=true tc=false\n_k1.keys.example. 1 IN TXT \"p=1,d=AA==\""},
		{"_K1.Keys.Example.", dns.TypeTXT, "NOERROR aa=true tc=false\n_K1.Keys.Example. 1 IN TXT \"p=1,d=AA==\""},
		{"alias.keys.example.", dns.TypeTXT, "NOERROR aa=true tc=false\nalias.keys.example. 1 IN CNAME _k1.keys.example.\n_k1.keys.example. 1 IN TXT \"p=1,d=AA==\""},
		{"alias.keys.example.", dns.TypeA, "NOERROR aa=true tc=false\nalias.keys.example. 1 IN CNAME _k1.keys.example."},
		{"_k1.keys.example.", dns.TypeA, "NOERROR aa=true tc=false" + soa},
		{"b.keys.example.", dns.TypeTXT, "NOERROR aa=true tc=false" + soa},
		{"nothing.keys.example.", dns.TypeTXT, "NXDOMAIN aa=true tc=false" + soa},
		{"keys.example.", dns.TypeTXT, "NOERROR aa=true tc=false" + soa},
		{"keys.example.", dns.TypeNS, "NOERROR aa=true tc=false\nkeys.example. 1 IN NS ns.keys.example."},
		{"keys.example.", dns.TypeSOA, "NOERROR aa=true tc=false" + soa},
		{"xkeys.example.", dns.TypeTXT, "REFUSED aa=false tc=false"},
	} {
		for _, network := range []string{"udp", "tcp"} {
			if got := askKey(t, s, network, c.name, c.typ, 0); got != c.want {
				t.Errorf("%s %s over %s:\n%s\nwant\n%s", c.name, dns.Type(c.typ), network, got, c.want)
			}
		}
	}
	want := "NOERROR aa=true tc=false\n" +
		`a.b.keys.example. 1 IN TXT "` + strings.Repeat("x", 255) + `" "y"` + "\n" +
		`a.b.keys.example. 1 IN TXT "a\"b\\c\000\255"`
	seen := map[string]bool{}
	for range 4 {
		seen[askKey(t, s, "tcp", "a.b.keys.example.", dns.TypeTXT, 0)] = true
	}
	if len(seen) != 2 || !seen[want] {
		t.Errorf("two records have to come in both orders, and came as %v", seen)
	}
}

func TestKeyOrderChanges(t *testing.T) {
	s := keyServer(t)
	publishKey(t, s, "k.keys.example", "a", "b", "c")
	var got []string
	for range 7 {
		var order strings.Builder
		for l := range strings.SplitSeq(askKey(t, s, "udp", "k.keys.example.", dns.TypeTXT, 0), "\n") {
			if _, text, ok := strings.Cut(l, "TXT "); ok {
				order.WriteString(strings.Trim(text, `"`))
			}
		}
		got = append(got, order.String())
	}
	if diff := cmp.Diff([]string{"abc", "bca", "cab", "cba", "acb", "bac", "abc"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestKeyTruncation(t *testing.T) {
	s := keyServer(t)
	publishKey(t, s, "k.keys.example", strings.Repeat("x", 600))
	publishKey(t, s, "big.keys.example", strings.Repeat("x", 1300))
	for _, c := range []struct {
		name string
		size uint16
		cut  bool
	}{{"k", 0, true}, {"k", 512, true}, {"k", 700, false}, {"k", 4096, false}, {"big", 4096, true}} {
		got := askKey(t, s, "udp", c.name+".keys.example.", dns.TypeTXT, c.size)
		if cut := strings.HasPrefix(got, "NOERROR aa=true tc=true"); cut != c.cut {
			t.Errorf("%s with %d octets: cut is %t, want %t", c.name, c.size, cut, c.cut)
		}
		if got := askKey(t, s, "tcp", c.name+".keys.example.", dns.TypeTXT, c.size); !strings.HasPrefix(got, "NOERROR aa=true tc=false\n"+c.name) {
			t.Errorf("%s over TCP: %s", c.name, got)
		}
	}
}

func TestKeyTrouble(t *testing.T) {
	s := keyServer(t)
	for name, how := range map[string]KeyTrouble{"fails": KeyFails, "silent": KeySilent, "cut": KeyCut} {
		if err := s.Disturb(name+".keys.example", how); err != nil {
			t.Fatal(err)
		}
		if got := s.Troubled(strings.ToUpper(name) + ".keys.example."); got != how {
			t.Errorf("%s: trouble is %d, want %d", name, got, how)
		}
	}
	for _, c := range []struct{ network, name, want string }{
		{"udp", "fails", "SERVFAIL aa=true tc=false"},
		{"tcp", "fails", "SERVFAIL aa=true tc=false"},
		{"udp", "cut", "NOERROR aa=true tc=true"},
		{"tcp", "cut", "error"},
	} {
		if got := askKey(t, s, c.network, c.name+".keys.example.", dns.TypeTXT, 0); got != c.want {
			t.Errorf("%s over %s: %s, want %s", c.name, c.network, got, c.want)
		}
	}
	// Over one connection questions are answered in turn, so that what comes
	// first after a silence is the answer to the next question.
	conn, err := dns.DialTimeout("tcp", s.Addr(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"silent", "fails"} {
		if err := conn.WriteMsg(new(dns.Msg).SetQuestion(name+".keys.example.", dns.TypeTXT)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := conn.ReadMsg()
	if err != nil || m.Question[0].Name != "fails.keys.example." || m.Rcode != dns.RcodeServerFailure {
		t.Errorf("the first answer has to be the one for fails: %v, %v", m, err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Disturb("fails.keys.example", NoTrouble); err != nil {
		t.Fatal(err)
	}
	if got := askKey(t, s, "udp", "fails.keys.example.", dns.TypeTXT, 0); !strings.HasPrefix(got, "NXDOMAIN ") {
		t.Errorf("after the trouble: %s", got)
	}
}

func TestKeyAsked(t *testing.T) {
	s := keyServer(t)
	for _, name := range []string{"_K1.keys.example.", "_k1._k1.keys.example.", "_k1.elsewhere.test.", "_k12.keys.example.", "example."} {
		askKey(t, s, "udp", name, dns.TypeTXT, 0)
	}
	askKey(t, s, "udp", "_k1.keys.example.", dns.TypeA, 0)
	want := []KeyQuestion{{"_K1.keys.example.", "TXT"}, {"_k1._k1.keys.example.", "TXT"}, {"_k1.elsewhere.test.", "TXT"}, {"_k1.keys.example.", "A"}}
	if diff := cmp.Diff(want, s.Asked("_k1", 0)); diff != "" {
		t.Error(diff)
	}
	if n := len(s.Asked("", 0)); n != 6 || s.Questions() != 6 {
		t.Errorf("%d questions, and %d counted, want 6", n, s.Questions())
	}
	if diff := cmp.Diff(want[2:], s.Asked("_k1", 2)); diff != "" {
		t.Error(diff)
	}
}
