package zone

import (
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func TestSPFRecord(t *testing.T) {
	for text, want := range map[string]bool{
		"v=spf1": true, "v=spf1 -all": true, "V=SPF1 a -all": true, "v=spf1  a": true,
		"v=spf10 x": false, "v=spf1-all": false, "v=spf1\ta": false, " v=spf1 a": false, "v=spf": false, "": false, "spf1 a": false, "v=spf1.": false,
	} {
		if _, ok := spfRecord(text); ok != want {
			t.Errorf("%q: SPF %v, want %v", text, ok, want)
		}
	}
}

// Terms with their normal form; RFC 7208 section 12.
func TestParseSPFTerm(t *testing.T) {
	for _, c := range []struct{ word, key, written string }{
		{"a", "a", "a"},
		{"+a", "a", "+a"},
		{"-MX", "mx", "-MX"},
		{"~all", "all", "~all"},
		{"?ptr", "ptr", "?ptr"},
		{"ptr:Example.com", "ptr:example.com", "ptr:Example.com"},
		{"a:Mail.Example.COM.", "a:mail.example.com", "a:Mail.Example.COM."},
		{"a/32", "a", "a/32"},
		{"a/24", "a/24", "a/24"},
		{"mx//128", "mx", "mx//128"},
		{"mx/24//64", "mx/24//64", "mx/24//64"},
		{"mx/32//64", "mx//64", "mx/32//64"},
		{"a:example.com/0//0", "a:example.com/0//0", "a:example.com/0//0"},
		{"ip4:192.0.2.1", "ip4:192.0.2.1/32", "ip4:192.0.2.1"},
		{"ip4:192.0.2.1/32", "ip4:192.0.2.1/32", "ip4:192.0.2.1/32"},
		{"IP4:192.0.2.77/24", "ip4:192.0.2.0/24", "IP4:192.0.2.77/24"},
		{"ip6:2001:DB8:0:0::1", "ip6:2001:db8::1/128", "ip6:2001:DB8:0:0::1"},
		{"ip6:2001:db8::/32", "ip6:2001:db8::/32", "ip6:2001:db8::/32"},
		{"ip6:::ffff:192.0.2.1", "ip6:::ffff:192.0.2.1/128", "ip6:::ffff:192.0.2.1"},
		{"include:_spf.Google.com", "include:_spf.google.com", "include:_spf.Google.com"},
		{"include:xn--bcher-kva.xn--p1ai", "include:xn--bcher-kva.xn--p1ai", "include:xn--bcher-kva.xn--p1ai"},
		{"exists:%{ir}.%{v}._spf.%{d2}", "exists:%{ir}.%{v}._spf.%{d2}", "exists:%{ir}.%{v}._spf.%{d2}"},
		{"exists:%{i}._SPF.%{D}", "exists:%{i}._spf.%{D}", "exists:%{i}._SPF.%{D}"},
		{"include:%{d1r.+-/}", "include:%{d1r.+-/}", "include:%{d1r.+-/}"},
		{"a:%{d/}/24", "a:%{d/}/24", "a:%{d/}/24"},
		{"exists:%%%_%-.example.com", "exists:%%%_%-.example.com", "exists:%%%_%-.example.com"},
		{"redirect=_spf.example.com", "redirect:_spf.example.com", "redirect=_spf.example.com"},
		{"Exp=explain._spf.%{d}", "exp:explain._spf.%{d}", "Exp=explain._spf.%{d}"},
		{"x-Y_z.1=Some:Thing/else", "x-y_z.1=Some:Thing/else", "x-Y_z.1=Some:Thing/else"},
		{"moo=", "moo=", "moo="},
	} {
		term, err := parseSPFTerm(c.word)
		if err != nil {
			t.Errorf("%s: %v", c.word, err)
			continue
		}
		if term.key != c.key || term.String() != c.written {
			t.Errorf("%s: key %q, written %q; want %q, %q", c.word, term.key, term, c.key, c.written)
		}
	}
}

const mechanisms = "no such mechanism; there are all, a, mx, ptr, ip4, ip6, include and exists"

// notSPF are words that are no terms, and why.
var notSPF = map[string]string{
	"foo":                    mechanisms,
	"foo:bar":                mechanisms,
	"%spfRules%":             mechanisms,
	"-":                      mechanisms,
	"--all":                  mechanisms,
	"a.example.com":          mechanisms,
	"include":                "include needs a domain: include:domain",
	"include:":               "the domain is missing",
	"include/24":             "include needs a domain: include:domain",
	"exists":                 "exists needs a domain: exists:domain",
	"ptr/24":                 "ptr takes a domain and no prefix length",
	"ptr:":                   "the domain is missing",
	"a:":                     "the domain is missing",
	"a:/24":                  "the domain is missing",
	"all:example.com":        "all takes no argument",
	"all/8":                  "all takes no argument",
	"a/33":                   `"33" is no prefix length from 0 to 32`,
	"a/024":                  `"024" is no prefix length from 0 to 32`,
	"a/":                     `"" is no prefix length from 0 to 32`,
	"a/24/64":                `"24/64" is no prefix length from 0 to 32`,
	"mx//129":                `"129" is no prefix length from 0 to 128`,
	"mx//-1":                 `"-1" is no prefix length from 0 to 128`,
	"ip4":                    "ip4 needs a network: ip4:address",
	"ip4:300.1.1.1":          `"300.1.1.1" is no IPv4 address`,
	"ip4:1.2.3":              `"1.2.3" is no IPv4 address`,
	"ip4:2001:db8::1":        `"2001:db8::1" is no IPv4 address`,
	"ip4:1.2.3.4/33":         `"33" is no prefix length from 0 to 32`,
	"ip4:1.2.3.4/":           `"" is no prefix length from 0 to 32`,
	"ip6:192.0.2.1":          `"192.0.2.1" is no IPv6 address`,
	"ip6:fe80::1%eth0":       `"fe80::1%eth0" is no IPv6 address`,
	"include:localhost":      `"localhost" is no domain name: it needs a dot and a top-level label`,
	"a:192.0.2.1":            `"192.0.2.1" is no domain name: "1" cannot be a top-level label`,
	"include:example.c_m":    `"example.c_m" is no domain name: "c_m" cannot be a top-level label`,
	"include:example.-com":   `"example.-com" is no domain name: "-com" cannot be a top-level label`,
	"include:a..example.com": `"a..example.com" is no domain name: labels have 1 to 63 characters`,
	"include:.example.com":   `".example.com" is no domain name: labels have 1 to 63 characters`,
	"include:example.com..":  `"example.com.." is no domain name: "" cannot be a top-level label`,
	"include:.com":           `".com" is no domain name: labels have 1 to 63 characters`,
	"include:%{d}.":          `"%{d}." is no domain name: it needs a dot and a top-level label`,
	"include:%{x}":           `"%{x}" has a bad macro; macros look like %{d} or %{i1r.}`,
	"include:%{d0}":          `"%{d0}" has a bad macro; macros look like %{d} or %{i1r.}`,
	"include:%{d!}":          `"%{d!}" has a bad macro; macros look like %{d} or %{i1r.}`,
	"include:%{}":            `"%{}" has a bad macro; macros look like %{d} or %{i1r.}`,
	"include:%{d":            `"%{d" has a bad macro; macros look like %{d} or %{i1r.}`,
	"include:%domain%.x":     `"%domain%.x" has a per cent sign that starts no macro; write %% for the sign itself`,
	"include:x.com%":         `"x.com%" has a per cent sign that starts no macro; write %% for the sign itself`,
	"redirect=":              "the domain is missing",
	"exp=x":                  `"x" is no domain name: it needs a dot and a top-level label`,
	"=x":                     "a modifier needs a name before the equals sign",
	"v=spf1":                 "the version stands once, at the start of the record",
	"1x=y":                   "no mechanism, and no modifier, whose name would be letters, digits, hyphen, underscore and dot",
	"+x=y":                   "no mechanism, and no modifier, whose name would be letters, digits, hyphen, underscore and dot",
	"x=%":                    `"%" has a per cent sign that starts no macro; write %% for the sign itself`,
	"a\tmx":                  "terms are printable ASCII, with spaces between them",
	"include:bücher.example": "terms are printable ASCII, with spaces between them",
}

func TestParseSPFTermRefuses(t *testing.T) {
	for word, want := range notSPF {
		if _, err := parseSPFTerm(word); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", word, err, want)
		}
	}
	long := strings.Repeat("a", 64) + ".example.com"
	if _, err := parseSPFTerm("a:" + long); err == nil || !strings.HasSuffix(err.Error(), "labels have 1 to 63 characters") {
		t.Errorf("label of 64: %v", err)
	}
	if _, err := parseSPFTerm("a:" + long[1:]); err != nil {
		t.Errorf("label of 63: %v", err)
	}
	name := strings.Repeat("a.", 126)
	if _, err := parseSPFTerm("a:" + name + "aa"); err == nil || !strings.HasSuffix(err.Error(), "it has more than 253 characters") {
		t.Errorf("name of 254: %v", err)
	}
	if _, err := parseSPFTerm("a:" + name + "a"); err != nil {
		t.Errorf("name of 253: %v", err)
	}
}

// Rules that cannot be merged are refused before anything is written.
func TestPlanSPFRulesRefused(t *testing.T) {
	for rules, want := range map[string]string{
		"":                    "record 1, spfRules: spfRules are empty; at least one mechanism is expected, such as include:spf.example.net",
		"  ":                  "record 1, spfRules: spfRules are empty; at least one mechanism is expected, such as include:spf.example.net",
		"v=spf1":              "record 1, spfRules: spfRules hold terms only; leave v=spf1 out",
		" V=SPF1 a":           "record 1, spfRules: spfRules hold terms only; leave v=spf1 out",
		"v=spf1 a -all":       "record 1, spfRules: spfRules hold terms only; leave v=spf1 out",
		"-all":                "record 1, spfRules: spfRules hold terms only; leave -all out, the provider closes the record",
		"a ALL":               "record 1, spfRules: spfRules hold terms only; leave ALL out, the provider closes the record",
		"a redirect=x.test":   "record 1, spfRules: spfRules cannot hold redirect=, which has no effect in a record that ends in all",
		"exp=a.test exp=b.te": "record 1, spfRules: exp= may stand only once",
		"foo:bar":             `record 1, spfRules: "foo:bar": no such mechanism; there are all, a, mx, ptr, ip4, ip6, include and exists`,
		"a ip4:300.1.1.1":     `record 1, spfRules: "ip4:300.1.1.1": "300.1.1.1" is no IPv4 address`,
	} {
		_, _, err := Plan(zoneOf(t, apex), []dc.Resolved{{Owner: "example.com.", Type: dc.TypeSPFM, Value: rules}}, nil, dc.Rules{})
		refused(t, err, dc.ErrSPF, want)
	}
}
