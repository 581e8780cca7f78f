package zone

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func TestParse(t *testing.T) {
	got := zoneOf(t, "; a comment\r\n"+`
$TTL 1h
@ IN SOA ns.provider.test. hostmaster (
	2026112301 ; serial
	2h 30m
	2w 1d )
	NS	ns.provider.test.
A 10 A 192.0.2.1 ; the owner is A
	IN 20 AAAA 2001:db8::1
	20 IN AAAA 2001:db8::2
b 1W2D3H4M5S IN MX 10 mail
c CLASS1 TXT "semi;colon" (
	"in (brackets)" )
$ORIGIN sub
d CNAME @
@ TXT x\;y
$ORIGIN example.com.
$TTL 60
e TYPE1 \# 4 C0 00 02 07
e CAA \# 4 00 01 61 62
f.example.com. HTTPS 1 . alpn="h2,h3"
g apexcname Target
h REDIR301 https://r.example/path?q=1#f
i REDIR302 "https://r.example/a;\"b\\c()"
j A 192.0.2.9
j 30 A 192.0.2.9
`)
	var list []string
	for r := range got.Records() {
		list = append(list, short(r))
	}
	same(t, "records", list, []string{
		"@ 3600 IN NS ns.provider.test.",
		"@ 3600 IN SOA ns.provider.test. hostmaster.example.com. 2026112301 7200 1800 1209600 86400",
		"a 10 IN A 192.0.2.1",
		"a 20 IN AAAA 2001:db8::1",
		"a 20 IN AAAA 2001:db8::2",
		"b 788645 IN MX 10 mail.example.com.",
		`c 3600 IN TXT "semi;colon" "in (brackets)"`,
		"e 60 IN A 192.0.2.7",
		`e 60 IN CAA 0 a "b"`,
		`f 60 IN HTTPS 1 . alpn="h2,h3"`,
		"g 60 IN APEXCNAME target.example.com.",
		"h 60 IN REDIR301 https://r.example/path?q=1#f",
		`i 60 IN REDIR302 "https://r.example/a;\"b\\c()"`,
		"j 60 IN A 192.0.2.9",
		`sub 3600 IN TXT "x;y"`,
		"d.sub 3600 IN CNAME sub.example.com.",
	})
	if r := slices.Collect(got.At("i.example.com.")); len(r) != 1 || r[0].Data != `https://r.example/a;"b\c()` {
		t.Errorf("redirect: %q", r)
	}
}

// Without $TTL a record has the TTL of the one before it (RFC 1035 section 5.1).
func TestParseTTL(t *testing.T) {
	same(t, "records", text(zoneOf(t, "a A 192.0.2.1\nb 60 A 192.0.2.1\nc A 192.0.2.1\n$TTL 5\nd 60 A 192.0.2.1\ne A 192.0.2.1").Records()), []string{
		"a 3600 IN A 192.0.2.1", "b 60 IN A 192.0.2.1", "c 60 IN A 192.0.2.1", "d 60 IN A 192.0.2.1", "e 5 IN A 192.0.2.1",
	})
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"\n\n@ A 300.1.1.1":                     `test.zone:3: example.com. A: bad A A: "300.1.1.1"`,
		"@ A 192.0.2.1\nwww FOO x":              `test.zone:2: www.example.com. FOO: "FOO" is no record type`,
		"www.example.net. A 192.0.2.1":          "test.zone:1: www.example.net. is outside the zone example.com.",
		" A 192.0.2.1":                          "test.zone:1: the line starts with white space, but there is no record before it whose owner it could have",
		"@":                                     "test.zone:1: a record needs a type and data",
		"@ 300 IN":                              "test.zone:1: a record needs a type and data",
		"@ CH TXT x":                            "test.zone:1: class CH; only IN is served",
		"@ CLASS3 TXT x":                        "test.zone:1: class CLASS3; only IN is served",
		"@ 5x A 192.0.2.1":                      `test.zone:1: "5x" is no TTL; 3600 and 1h are`,
		"@ 1hh A 192.0.2.1":                     `test.zone:1: "1hh" is no TTL; 3600 and 1h are`,
		"@ 2147483648 A 192.0.2.1":              "test.zone:1: the TTL 2147483648 is over 2147483647 seconds",
		"@ 99999999999999999999999 A 192.0.2.1": "test.zone:1: the TTL 99999999999999999999999 is over 2147483647 seconds",
		"@ 2147483647s1 A 192.0.2.1":            `test.zone:1: the TTL "2147483647s1" is no number up to 2147483647`,
		"$TTL":                                  "test.zone:1: $TTL takes one value",
		"$TTL abc":                              `test.zone:1: "abc" is no TTL; 3600 and 1h are`,
		"$ORIGIN a..b":                          `test.zone:1: "a..b.example.com." is no domain name: labels have 1 to 63 octets, names at most 255`,
		"$INCLUDE other.zone":                   "test.zone:1: $INCLUDE is not followed; put the records into this file",
		"$GENERATE 1-2 a A 192.0.2.$":           "test.zone:1: $GENERATE is not understood; $ORIGIN and $TTL are",
		"@ TXT \"open\n@ TXT x":                 "test.zone:1: the quoted string is not closed on its line",
		"@ TXT \"open":                          "test.zone:1: the quoted string is not closed on its line",
		"@ TXT ( x\n@ TXT y":                    "test.zone:1: the parenthesis that opens here is never closed",
		"\n@ TXT x )":                           "test.zone:2: a closing parenthesis without an opening one",
		"a..b A 192.0.2.1":                      `test.zone:1: "a..b.example.com." is no domain name: labels have 1 to 63 octets, names at most 255`,
		"@ TXT":                                 "test.zone:1: example.com. TXT: the data is empty",
		"@ MX mail":                             `test.zone:1: example.com. MX: bad MX Pref: "mail"`,
		"@ A 192.0.2.1 x":                       `test.zone:1: example.com. A: garbage after rdata: "x"`,
		"@ APEXCNAME a..b":                      `test.zone:1: "a..b.example.com." is no domain name: labels have 1 to 63 octets, names at most 255`,
		"@ REDIR301":                            `test.zone:1: example.com. REDIR301: "" is no redirect target`,
		"@ SOA a b 1 2 3 4 5\n@ SOA a b 2 2 3 4 5": "test.zone: example.com. has 2 SOA records; a zone has one",
		"w SOA a b 1 2 3 4 5":                      "test.zone: w.example.com. SOA: a zone has its SOA at the apex, example.com.",
		strings.Repeat("x", 64) + " A 192.0.2.1":   "test.zone:1: \"" + strings.Repeat("x", 64) + ".example.com.\" is no domain name: labels have 1 to 63 octets, names at most 255",
	} {
		_, err := Parse("example.com", strings.NewReader(in), "test.zone")
		refused(t, err, dc.ErrZone, want)
	}
	_, err := Parse("", strings.NewReader(""), "x")
	refused(t, err, dc.ErrZone, "origin an empty name is no domain name")
	_, err = Parse("example.com", strings.NewReader("@ A x"), "")
	refused(t, err, dc.ErrZone, `zone:1: example.com. A: bad A A: "x"`)
	_, err = Parse("example.com", io.MultiReader(strings.NewReader("@ A 192.0.2.1\n"), iotest.ErrReader(errors.New("disk on fire"))), "x.zone")
	refused(t, err, dc.ErrZone, "x.zone: disk on fire")
}
