package zone

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// lived is a zone with all that a look-up can meet.
const lived = "$TTL 3600" + apex + `
@ 300 A 192.0.2.1
@ 600 A 192.0.2.2
@ APEXCNAME Target.example.net.
www CNAME @
a.b.c TXT "deep"
*.w A 192.0.2.3
foo NS ns.foo
ns.foo A 192.0.2.4
x.ns.foo NS ns.example.net.
foobar A 192.0.2.5
r REDIR301 "https://R.example/a;b"
\046dot TXT "escaped"
ab\.c TXT "dot in a label"
t TYPE65280 \# 4 0a000001
`

func TestZoneOrder(t *testing.T) {
	got := text(zoneOf(t, lived).Records())
	same(t, "records", got, []string{
		"@ 300 IN A 192.0.2.1",
		"@ 600 IN A 192.0.2.2",
		"@ 3600 IN APEXCNAME Target.example.net.",
		`\.dot 3600 IN TXT "escaped"`,
		`ab\.c 3600 IN TXT "dot in a label"`,
		`a.b.c 3600 IN TXT "deep"`,
		"foo 3600 IN NS ns.foo.example.com.",
		"ns.foo 3600 IN A 192.0.2.4",
		"x.ns.foo 3600 IN NS ns.example.net.",
		"foobar 3600 IN A 192.0.2.5",
		`r 3600 IN REDIR301 "https://R.example/a;b"`,
		`t 3600 IN TYPE65280 \# 4 0A000001`,
		"*.w 3600 IN A 192.0.2.3",
		"www 3600 IN CNAME example.com.",
	})
	z := zoneOf(t, lived)
	if z.Len() != len(got)+3 {
		t.Errorf("Len is %d, want %d", z.Len(), len(got)+3)
	}
	if z.Origin() != "example.com." {
		t.Errorf("Origin is %q", z.Origin())
	}
}

func TestZoneAtAndBelow(t *testing.T) {
	z := zoneOf(t, lived)
	same(t, "At", text(z.At("WWW.Example.com")), []string{"www 3600 IN CNAME example.com."})
	same(t, "At of nothing", text(z.At("nope.example.com.")), nil)
	same(t, "At elsewhere", text(z.At("www.example.net.")), nil)
	same(t, "At an empty non-terminal", text(z.At("b.c.example.com.")), nil)
	same(t, "At with another spelling", text(z.At(`\046\100ot.example.com.`)), []string{`\.dot 3600 IN TXT "escaped"`})
	same(t, "Below", text(z.Below("Foo.example.com.")), []string{
		"foo 3600 IN NS ns.foo.example.com.", "ns.foo 3600 IN A 192.0.2.4", "x.ns.foo 3600 IN NS ns.example.net.",
	})
	same(t, "Below an empty non-terminal", text(z.Below("c.example.com.")), []string{`a.b.c 3600 IN TXT "deep"`})
	same(t, "Below elsewhere", text(z.Below("com.")), nil)
	same(t, "Below the apex", len(slices.Collect(z.Below("example.com."))), z.Len())
	for r := range z.Records() {
		if r.Owner != "example.com." {
			t.Errorf("first record is %s, want the apex", r)
		}
		break // Stopping early must be possible.
	}
}

func TestZoneExists(t *testing.T) {
	z := zoneOf(t, lived)
	for name, want := range map[string]bool{
		"example.com.": true, "EXAMPLE.com": true, "www.example.com.": true, "c.example.com.": true, "b.c.example.com.": true,
		"a.b.c.example.com.": true, "w.example.com.": true, "*.w.example.com.": true, "r.example.com.": true,
		"x.w.example.com.": false, "bar.example.com.": false, "oo.example.com.": false, "fo.example.com.": false, "com.": false,
		"example.net.": false, "notexample.com.": false, `a\.b.c.example.com.`: false, "dot.example.com.": false, `ab\.c.example.com.`: true,
		`\.example.com.`: false, "..example.com.": false, "": false, ".": false,
	} {
		if got := z.Exists(name); got != want {
			t.Errorf("Exists(%q) is %v, want %v", name, got, want)
		}
	}
	if empty := zoneOf(t, ""); !empty.Exists("example.com.") || empty.Exists("a.example.com.") {
		t.Error("an empty zone has its apex and nothing else")
	}
}

func TestZoneCut(t *testing.T) {
	z := zoneOf(t, lived)
	for name, want := range map[string]string{
		"foo.example.com.": "foo.example.com.", "NS.Foo.example.com": "foo.example.com.", "y.x.ns.foo.example.com.": "foo.example.com.",
		"example.com.": "", "foobar.example.com.": "", "www.example.com.": "", "example.net.": "",
	} {
		got, ok := z.Cut(name)
		if got != want || ok != (want != "") {
			t.Errorf("Cut(%q) is %q, %v; want %q", name, got, ok, want)
		}
	}
}

func TestZoneRRset(t *testing.T) {
	z := zoneOf(t, lived)
	var got []string
	for _, rr := range z.RRset("Example.COM.", dns.TypeA) {
		got = append(got, rr.String())
	}
	same(t, "A", got, []string{"example.com.\t300\tIN\tA\t192.0.2.1", "example.com.\t300\tIN\tA\t192.0.2.2"})
	if rrs := z.RRset("www.example.com.", dns.TypeA); rrs != nil {
		t.Errorf("A of www: %v, want nil", rrs)
	}
	if rrs := z.RRset("r.example.com.", 0); rrs != nil {
		t.Errorf("type 0 of a redirect: %v, want nil", rrs)
	}
	same(t, "types at the apex", z.Types("example.com."), []uint16{dns.TypeA, dns.TypeNS, dns.TypeSOA})
	same(t, "types at a redirect", z.Types("r.example.com."), nil)
	same(t, "types at nothing", z.Types("b.c.example.com."), nil)
	if n := testing.AllocsPerRun(100, func() {
		if len(z.RRset("example.com.", dns.TypeA)) != 2 || !z.Exists("a.b.c.example.com.") {
			t.Error("not found")
		}
	}); n != 0 {
		t.Errorf("a look-up allocates %v times, want 0", n)
	}
}

func TestZoneSerial(t *testing.T) {
	z := zoneOf(t, lived)
	next := z.WithSerial(math.MaxUint32)
	if z.Serial() != 1 || next.Serial() != math.MaxUint32 || next.Len() != z.Len() {
		t.Errorf("serials %d and %d, %d and %d records; want 1 and 4294967295, equal numbers", z.Serial(), next.Serial(), z.Len(), next.Len())
	}
	soa := next.RRset("example.com.", dns.TypeSOA)
	if len(soa) != 1 || soa[0].String() != "example.com.\t3600\tIN\tSOA\tns1.provider.test. hostmaster.provider.test. 4294967295 7200 1800 1209600 3600" {
		t.Errorf("SOA: %v", soa)
	}
	if empty := zoneOf(t, ""); empty.Serial() != 0 || empty.WithSerial(7) != empty {
		t.Error("a zone without SOA has serial 0, and stays itself")
	}
}

func TestNewRefuses(t *testing.T) {
	soa := Record{"example.com.", "SOA", 60, "a. b. 1 2 3 4 5"}
	for _, c := range []struct {
		origin  string
		records []Record
		want    string
	}{
		{"", nil, "origin an empty name is no domain name"},
		{"a..b", nil, `origin "a..b." is no domain name: labels have 1 to 63 octets, names at most 255`},
		{"example.com", []Record{{"example.net.", "A", 1, "192.0.2.1"}}, "example.net. is outside the zone example.com."},
		{"example.com", []Record{{"xexample.com.", "A", 1, "192.0.2.1"}}, "xexample.com. is outside the zone example.com."},
		{"example.com", []Record{{`x\.example.com.`, "A", 1, "192.0.2.1"}}, `x\.example.com. is outside the zone example.com.`},
		{"example.com", []Record{{"example.com.", "A", 1, "192.0.2.256"}}, `example.com. A: bad A A: "192.0.2.256"`},
		{"example.com", []Record{{"example.com.", "A", 1, "192.0.2.1\n"}}, "example.com. A: the data has a line break"},
		{"example.com", []Record{{"example.com.", "300", 1, "A 192.0.2.1"}}, `example.com. 300: "300" is no record type`},
		{"example.com", []Record{{"example.com.", "SPFM", 1, "a"}}, `example.com. SPFM: "SPFM" is no record type`},
		{"example.com", []Record{{"example.com.", "TYPE65536", 1, `\# 0`}}, `example.com. TYPE65536: "TYPE65536" is no record type`},
		{"example.com", []Record{{"example.com.", "TYPE41", 1, `\# 0`}}, `example.com.: TYPE41 is no type that a zone can hold`},
		{"example.com", []Record{{"example.com.", "TYPE252", 1, `\# 0`}}, `example.com.: AXFR is no type that a zone can hold`},
		{"example.com", []Record{{"example.com.", "MX", 1, `\# 2 000a`}}, "example.com. MX: the data is too short for its type"},
		{"example.com", []Record{{"example.com.", "SRV", 1, `\# 6 000000000000`}}, "example.com. SRV: the data is too short for its type"},
		{"example.com", []Record{{"example.com.", "SOA", 1, `\# 1 00`}}, "example.com. SOA: SOA.Minttl: overflow unpacking uint32"},
		{"example.com", []Record{{"example.com.", "NSEC3", 1, `\# 5 0000000001`}}, `example.com. NSEC3: NSEC3.HashLength: overflow unpacking uint8`},
		{"example.com", []Record{{"example.com.", "A", 1 << 31, "192.0.2.1"}}, "the TTL 2147483648 of example.com. A is over 2147483647"},
		{"example.com", []Record{{"example.com.", "APEXCNAME", 1, ""}}, `example.com. APEXCNAME: "" is no domain name`},
		{"example.com", []Record{{"example.com.", "REDIR302", 1, "a\nb"}}, `example.com. REDIR302: "a\nb" is no redirect target`},
		{"example.com", []Record{soa, {"example.com.", "SOA", 60, "a. b. 2 2 3 4 5"}}, "example.com. has 2 SOA records; a zone has one"},
		{"com", []Record{soa}, "example.com. SOA: a zone has its SOA at the apex, com."},
	} {
		_, err := New(c.origin, c.records...)
		refused(t, err, dc.ErrZone, c.want)
	}
}

func TestNewRoot(t *testing.T) {
	z, err := New(".", Record{".", "NS", 60, "a.root."}, Record{"com.", "NS", 60, "a.gtld."})
	if err != nil {
		t.Fatal(err)
	}
	if cut, ok := z.Cut("www.example.com."); cut != "com." || !ok || !z.Exists(".") || len(z.RRset(".", dns.TypeNS)) != 1 {
		t.Errorf("cut %q, %v", cut, ok)
	}
}

func TestFromRR(t *testing.T) {
	for line, want := range map[string]string{
		"WWW.Example.com. 300 IN A 192.0.2.1":                              "www.example.com. 300 IN A 192.0.2.1",
		"a. 300 IN AAAA 2001:DB8:0:0:0:0:0:1":                              "a. 300 IN AAAA 2001:db8::1",
		"a. 300 IN AAAA ::ffff:192.0.2.1":                                  "a. 300 IN AAAA ::ffff:192.0.2.1",
		`a. 300 IN MX 5 Mail.Ex\097mple.COM.`:                              "a. 300 IN MX 5 Mail.Example.COM.",
		`a. 300 IN TXT a\"b "c;d" "\195\188"`:                              `a. 300 IN TXT "a\"b" "c;d" "\195\188"`,
		`a. 300 IN TXT ""`:                                                 `a. 300 IN TXT ""`,
		`a. 300 IN TYPE16 \# 2 0161`:                                       `a. 300 IN TXT "a"`,
		`a. 300 IN TYPE65280 \# 2 abcd`:                                    `a. 300 IN TYPE65280 \# 2 ABCD`,
		`a. 300 IN TYPE65280 \# 0`:                                         `a. 300 IN TYPE65280 \# 0`,
		`a. 300 IN CAA 0 issue "ca.example"`:                               `a. 300 IN CAA 0 issue "ca.example"`,
		`a. 300 IN HTTPS 1 Svc.Example.com. alpn=h2`:                       `a. 300 IN HTTPS 1 Svc.Example.com. alpn="h2"`,
		`a. 300 IN NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" Repl.Example.`: `a. 300 IN NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" Repl.Example.`,
		`a. 300 IN CNAME a\.b\032c.example.`:                               `a. 300 IN CNAME a\.b\ c.example.`,
		"a. 300 IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m":          "a. 300 IN LOC 52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m",
		"a. 300 IN DS 1 8 2 00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff":      "a. 300 IN DS 1 8 2 00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF",
	} {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		r, err := FromRR(rr)
		if err != nil || r.String() != want {
			t.Errorf("%s: got %s, %v; want %s", line, r, err, want)
		}
		again, err := New(".", r)
		if err != nil || !slices.Equal(slices.Collect(again.Records()), []Record{r}) {
			t.Errorf("%s does not come back: %v", r, err)
		}
	}
	unpacked := &dns.RFC3597{Hdr: dns.RR_Header{Name: "A.", Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 5}, Rdata: "c0000201"}
	if r, err := FromRR(unpacked); err != nil || r.String() != "a. 5 IN A 192.0.2.1" {
		t.Errorf("RFC 3597 form of A: %s, %v", r, err)
	}
}

func TestFromRRRefuses(t *testing.T) {
	header := func(rrtype, class uint16, ttl uint32) dns.RR_Header {
		return dns.RR_Header{Name: "a.", Rrtype: rrtype, Class: class, Ttl: ttl}
	}
	for _, c := range []struct {
		rr   dns.RR
		want string
	}{
		{&dns.A{Hdr: header(dns.TypeA, dns.ClassCHAOS, 1)}, "a. A: class CH; only IN is served"},
		{&dns.A{Hdr: header(dns.TypeA, dns.ClassINET, 1<<31)}, "the TTL 2147483648 of a. A is over 2147483647"},
		{&dns.A{Hdr: header(dns.TypeA, dns.ClassINET, 1)}, "a. A: the data is empty"},
		{&dns.A{Hdr: header(dns.TypeAAAA, dns.ClassINET, 1), A: []byte{1, 2, 3, 4}}, "a. AAAA: AAAA: overflow unpacking aaaa"},
		{&dns.AAAA{Hdr: header(dns.TypeA, dns.ClassINET, 1), AAAA: make([]byte, 16)}, "a. A: bad rdlength"},
		{&dns.OPT{Hdr: header(dns.TypeOPT, dns.ClassINET, 1)}, "a.: TYPE41 is no type that a zone can hold"},
		{&dns.ANY{Hdr: header(dns.TypeANY, dns.ClassINET, 1)}, "a.: ANY is no type that a zone can hold"},
		{&dns.CNAME{Hdr: header(dns.TypeCNAME, dns.ClassINET, 1), Target: "a..b."}, "a. CNAME: bad rdata"},
		{&dns.A{Hdr: dns.RR_Header{Name: "a..b.", Rrtype: 1, Class: 1}}, `owner "a..b." is no domain name: labels have 1 to 63 octets, names at most 255`},
	} {
		_, err := FromRR(c.rr)
		refused(t, err, dc.ErrZone, c.want)
	}
}

// 2^31-1 is the largest TTL (RFC 2181 section 8).
func TestLargestTTL(t *testing.T) {
	rr, err := dns.NewRR("a. 2147483647 IN A 192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	r, err := FromRR(rr)
	if err != nil || r.TTL != math.MaxInt32 {
		t.Errorf("%s, %v", r, err)
	}
	if _, err := New(".", r); err != nil {
		t.Error(err)
	}
	same(t, "records", text(zoneOf(t, "a 2147483647 A 192.0.2.1\nb 2147483640s7 A 192.0.2.1").Records()),
		[]string{"a 2147483647 IN A 192.0.2.1", "b 2147483647 IN A 192.0.2.1"})
}

// FromRR and FromRRs keep nothing that the caller could change later.
func TestFromRRsCopies(t *testing.T) {
	rr := &dns.TXT{Hdr: dns.RR_Header{Name: "a.", Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 5}, Txt: []string{"x"}}
	z, err := FromRRs(".", rr)
	if err != nil {
		t.Fatal(err)
	}
	rr.Txt[0], rr.Hdr.Ttl = "y", 6
	same(t, "records", text(z.Records()), []string{`a. 5 IN TXT "x"`})
	if got := z.RRset("a.", dns.TypeTXT)[0].String(); got != "a.\t5\tIN\tTXT\t\"x\"" {
		t.Errorf("served: %s", got)
	}
}

func TestRecordCanonical(t *testing.T) {
	for in, want := range map[Record]string{
		{"WWW.example.com", "mx", 5, "10 MX.Example.net."}:                     "www.example.com. 5 IN MX 10 mx.example.net.",
		{"a.", "SRV", 5, "1 2 3 T.Example.net."}:                               "a. 5 IN SRV 1 2 3 t.example.net.",
		{"a.", "SOA", 5, "NS.A. H.A. 1 2 3 4 5"}:                               "a. 5 IN SOA ns.a. h.a. 1 2 3 4 5",
		{"a.", "SVCB", 5, `1 Svc.A. alpn="H2"`}:                                `a. 5 IN SVCB 1 svc.a. alpn="H2"`,
		{"a.", "NAPTR", 5, `1 2 "U" "E2U" "!A!B!" R.A.`}:                       `a. 5 IN NAPTR 1 2 "U" "E2U" "!A!B!" r.a.`,
		{"a.", "TXT", 5, "ABC"}:                                                `a. 5 IN TXT "ABC"`,
		{"a.", "CAA", 5, `0 issue "CA.Example"`}:                               `a. 5 IN CAA 0 issue "CA.Example"`,
		{"a.", "APEXCNAME", 5, "T.Example"}:                                    "a. 5 IN APEXCNAME t.example.",
		{"a.", "REDIR301", 5, "https://R.example/P"}:                           "a. 5 IN REDIR301 https://R.example/P",
		{"a.", "A", 5, "nonsense"}:                                             "a. 5 IN A nonsense",
		{"a.", "HIP", 5, "2 200100107B1A74DF365639CC39F1D578 AwEAAb9h RVS.A."}: "a. 5 IN HIP 2 200100107b1a74df365639cc39f1d578 AwEAAb9h RVS.A.",
	} {
		if got := in.Canonical().String(); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// Readers of old values and appliers of new ones work at the same time; the
// race detector watches.
func TestZoneConcurrent(t *testing.T) {
	z := zoneOf(t, lived)
	want := slices.Collect(z.Records())
	records := template(t, "@ 60 A 203.0.113.1", "www 60 A 203.0.113.1", "foo 60 TXT x", "@ 0 SPFM a")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				change, _, err := Plan(z, records, nil, dc.Rules{})
				if err != nil {
					t.Error(err)
					return
				}
				next, err := change.Apply(z)
				if err != nil || next.WithSerial(9).Serial() != 9 {
					t.Error("apply: ", err)
				}
			}
		})
		all.Go(func() {
			for range 50 {
				if got := slices.Collect(z.Records()); !slices.Equal(got, want) {
					t.Error(cmp.Diff(want, got))
					return
				}
				z.Exists("b.c.example.com.")
				z.RRset("example.com.", dns.TypeA)
			}
		})
	}
	all.Wait()
}

// Names are ordered as RFC 4034 section 6.1 orders its example.
func TestKeyOrder(t *testing.T) {
	names := []string{"example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.", "z.example.",
		`\000.z.example.`, `\001.z.example.`, `\001\000.z.example.`, `\002.z.example.`, "*.z.example.", `\200.z.example.`}
	var keys []string
	for _, name := range names {
		key, ok := appendKey(nil, name, "example.")
		if !ok {
			t.Fatalf("%s is not below example.", name)
		}
		keys = append(keys, string(key))
	}
	for i := 1; i < len(keys); i++ {
		if keys[i-1] >= keys[i] {
			t.Errorf("%s does not come before %s", names[i-1], names[i])
		}
	}
	if _, ok := appendKey(nil, strings.Repeat("a.", 300)+"example.", "example."); ok {
		t.Error("a name of 300 labels has a key")
	}
}

// The short cut for plain data and the parser agree: they make the same of
// what both can read, and the short cut reads nothing that the parser refuses.
func TestQuickData(t *testing.T) {
	quick := 0
	for _, data := range []string{
		"192.0.2.1", "192.0.2.01", "192.0.2", "2001:db8::1", "2001:DB8::0", "::ffff:192.0.2.1", "fe80::1%eth0", "",
		".", "a.", "A.Example.", "a", "a..b.", "@", "*._x.example.", `a\.b.`, strings.Repeat("a", 64) + ".", "a. b.",
		"10 a.", "10 .", "65535 A.example.", "65536 a.", "-1 a.", "+1 a.", "010 a.", "10  a.", "10", "10 a",
		`"x"`, `"a b;c"`, `""`, `"`, `"a" "b"`, `"a\"b"`, "x", "\"ü\"", `"` + strings.Repeat("x", 255) + `"`, `"` + strings.Repeat("x", 256) + `"`, "\"a\nb\"", "\"\t\"",
	} {
		for _, typ := range []string{"A", "AAAA", "NS", "CNAME", "MX", "TXT", "CAA"} {
			rrtype, wire, ok := quickData(typ, data)
			if !ok {
				continue
			}
			quick++
			rr, err := parseData(typ, data, ".")
			if err != nil {
				t.Errorf("%s %q: the parser says %v", typ, data, err)
				continue
			}
			slow, err := packData(rr)
			if err != nil || string(slow) != string(wire) || rr.Header().Rrtype != rrtype {
				t.Errorf("%s %q: short cut %x, parser %x, %v", typ, data, wire, slow, err)
			}
		}
	}
	if quick < 15 {
		t.Errorf("%d records took the short cut, want at least 15", quick)
	}
}
