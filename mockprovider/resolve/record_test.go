package resolve

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// tried is a record with the variable v, applied at bar.example.com.
type tried struct {
	record, v, want string
}

func tryAll(t *testing.T, rules dc.Rules, cases []tried) {
	t.Helper()
	for _, tc := range cases {
		tmpl := parse(t, "", tc.record)
		got := result(t, tmpl, Request{Host: "bar", Variables: vars("v", tc.v)}, rules)
		if got != tc.want {
			t.Errorf("%s, v=%q, %v:\n got %s\nwant %s", tc.record, tc.v, rules.Edition, got, tc.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	const a, aaaa = `{"type":"A","host":"@","pointsTo":"%v%","ttl":60}`, `{"type":"AAAA","host":"@","pointsTo":"%v%","ttl":60}`
	const not4, not6 = " is not an IPv4 address such as 192.0.2.1", " is not an IPv6 address such as 2001:db8::1"
	cases := []tried{
		{a, "192.0.2.1", "bar.example.com. 60 IN A 192.0.2.1"},
		{a, "0.0.0.0", "bar.example.com. 60 IN A 0.0.0.0"},
		{aaaa, "2001:DB8:0::1", "bar.example.com. 60 IN AAAA 2001:db8::1"},
		{aaaa, "2620:0127:f00f:5::", "bar.example.com. 60 IN AAAA 2620:127:f00f:5::"},
		{aaaa, "::ffff:192.0.2.1", "bar.example.com. 60 IN AAAA ::ffff:192.0.2.1"},
	}
	for _, v := range []string{"999.1.1.1", "2001:db8::1", "192.0.2.01", "192.0.2", "192.0.2.1.", " 192.0.2.1", "::ffff:192.0.2.1", "@", "", "0x7f.1", "192.0.2.1/32", "example.com"} {
		cases = append(cases, tried{a, v, fmt.Sprintf("invalid-address: record 1, pointsTo: %q%s", v, not4)})
	}
	for _, v := range []string{"192.0.2.1", "fe80::1%eth0", "[2001:db8::1]", "2001:db8::g", "@", "", ":::"} {
		cases = append(cases, tried{aaaa, v, fmt.Sprintf("invalid-address: record 1, pointsTo: %q%s", v, not6)})
	}
	tryAll(t, dc.Rules{}, cases)
	at := []tried{{`{"type":"A","host":"@","pointsTo":"@","ttl":60}`, "", `invalid-address: record 1, pointsTo: "@"` + not4}}
	tryAll(t, dc.Rules{}, at)
	tryAll(t, dc.Rules{Edition: dc.DCSpec23}, at)
}

// Records with a target, at bar.example.com, and what they are.
func cname(to string) string {
	return fmt.Sprintf(`{"type":"CNAME","host":"www","pointsTo":%q,"ttl":60}`, to)
}

func mx(to string) string {
	return fmt.Sprintf(`{"type":"MX","host":"@","pointsTo":%q,"ttl":60,"priority":10}`, to)
}

func ns(to string) string {
	return fmt.Sprintf(`{"type":"NS","host":"sub","pointsTo":%q,"ttl":60}`, to)
}

func srv(to string) string {
	return fmt.Sprintf(`{"type":"SRV","name":"@","service":"_sip","protocol":"_tcp","target":%q,"ttl":60,"priority":1,"weight":2,"port":3}`, to)
}

const (
	isCNAME   = "www.bar.example.com. 60 IN CNAME "
	isMX      = "bar.example.com. 60 IN MX 10 "
	isNS      = "sub.bar.example.com. 60 IN NS "
	isSRV     = "_sip._tcp.bar.example.com. 60 IN SRV 1 2 3 "
	pointTo   = "invalid-name: record 1, pointsTo: "
	letters   = "a name has letters, digits, hyphens, underscores and dots"
	emptyName = `the name "" is empty; write a domain name`
	dotName   = `the name "." is empty; write a domain name`
)

func TestTargets(t *testing.T) {
	tryAll(t, dc.Rules{}, []tried{
		{cname("@"), "", isCNAME + "bar.example.com."},
		{cname("mail"), "", isCNAME + "mail."},
		{cname("s%v%.example.net"), "01", isCNAME + "s01.example.net."},
		{cname("%fqdn%"), "", isCNAME + "bar.example.com."},
		{cname("T.Example.NET"), "", isCNAME + "T.Example.NET."},
		{cname("bücher.example"), "", isCNAME + "xn--bcher-kva.example."},
		{cname("_x.example.net."), "", isCNAME + "_x.example.net."},
		{mx("mx1.example.net"), "", isMX + "mx1.example.net."},
		{mx("mx1.example.net."), "", isMX + "mx1.example.net."},
		{mx("@"), "", isMX + "bar.example.com."},
		{ns("ns.example.net"), "", isNS + "ns.example.net."},
		{srv("@"), "", isSRV + "bar.example.com."},
		{srv("."), "", isSRV + "."},
		{srv("%v%"), ".", isSRV + "."},
		{srv("sip.example.net"), "", isSRV + "sip.example.net."},

		{ns("@"), "", pointTo + "@ has no meaning here; write the name of a host"},
		{cname("%v%"), "@", pointTo + `the name "@" holds the character '@'; ` + letters},
		{mx("mail.@"), "", pointTo + `the name "mail.@" holds the character '@'; ` + letters},
		{cname("%v%"), "a b", pointTo + `the name "a b" holds the character ' '; ` + letters},
		{cname("%v%"), "http://x", pointTo + `the name "http://x" holds the character ':'; ` + letters},
		{cname("%v%"), "x. 60 IN A 192.0.2.1", pointTo + `the name "x. 60 IN A 192.0.2.1" holds the character ' '; ` + letters},
		{cname("%v%"), "x\ny", pointTo + `the name "x\ny" holds the character '\n'; ` + letters},
		{cname("%v%"), "x..", pointTo + `the name "x.." has an empty label; write one dot between two labels`},
		{cname("%v%"), strings.Repeat("a", 64), pointTo + `the name "` + strings.Repeat("a", 64) + `" has a label of 64 octets, the limit is 63`},
		{cname("*.example.net"), "", pointTo + `the name "*.example.net" has an asterisk where none may stand; a wildcard is the whole first label of an owner name`},
		{cname("%v%"), "", pointTo + emptyName},
		{cname(""), "", pointTo + emptyName},
		{cname("."), "", pointTo + dotName},
		{mx("."), "", pointTo + dotName},
		{srv(""), "", "invalid-name: record 1, target: " + emptyName},
	})
}

func TestTargetsOfCommunityEdition(t *testing.T) {
	tryAll(t, dc.Rules{Edition: dc.DCSpec23}, []tried{
		{cname("@"), "", isCNAME + "bar.example.com."},
		{cname(""), "", isCNAME + "bar.example.com."},
		{mx(""), "", isMX + "bar.example.com."},
		{ns(""), "", isNS + "bar.example.com."},
		{ns("@"), "", isNS + "bar.example.com."},
		{srv("@"), "", isSRV + "bar.example.com."},
		{cname("%v%"), "", pointTo + emptyName},
		{srv(""), "", "invalid-name: record 1, target: " + emptyName},
	})
}

func TestService(t *testing.T) {
	srv := func(service, protocol, name string) string {
		return fmt.Sprintf(`{"type":"SRV","name":%q,"service":%q,"protocol":%q,"target":"t.example.","ttl":60,"priority":0,"weight":0,"port":65535}`, name, service, protocol)
	}
	const is = ".bar.example.com. 60 IN SRV 0 0 65535 t.example."
	bad := func(field, label string) string {
		return fmt.Sprintf("invalid-service: record 1, %s: %q is not a label with an underscore in front, such as _sip or _tcp", field, label)
	}
	tryAll(t, dc.Rules{}, []tried{
		{srv("_sip", "_tcp", "voip"), "", "_sip._tcp.voip" + is},
		{srv("_sip", "_tcp", ""), "", "_sip._tcp" + is},
		{srv("_SIP", "_TLS", "@"), "", "_sip._tls" + is},
		{srv("_%v%", "_tcp", "%v%"), "a-1", "_a-1._tcp.a-1" + is},
		{srv("_sip", "_tcp", "x.example.com."), "", "_sip._tcp.x.example.com. 60 IN SRV 0 0 65535 t.example."},
		{srv("_sip", "_tcp", "x.test."), "", `out-of-zone: record 1, name: "_sip._tcp.x.test." is not in the zone example.com; leave out the trailing dot, or write %domain%. at the end`},
		{srv("_sip", "_tcp", "*"), "", `invalid-name: record 1, name: the owner name "_sip._tcp.*.bar.example.com" has an asterisk where none may stand; a wildcard is the whole first label of an owner name`},
		{srv("sip", "_tcp", "@"), "", bad("service", "sip")},
		{srv("_sip", "tcp", "@"), "", bad("protocol", "tcp")},
		{srv("_a._b", "_tcp", "@"), "", bad("service", "_a._b")},
		{srv("_", "_tcp", "@"), "", bad("service", "_")},
		{srv("%v%", "_tcp", "@"), "", bad("service", "")},
		{srv("_%v%", "_tcp", "@"), "a b", bad("service", "_a b")},
		{srv("_a-", "_tcp", "@"), "", bad("service", "_a-")},
		{srv("_sip", "_%v%", "@"), strings.Repeat("p", 63), bad("protocol", "_"+strings.Repeat("p", 63))},
	})
	tryAll(t, dc.Rules{Edition: dc.DCSpec23}, []tried{
		{srv("sip", "TCP", "voip"), "", "_sip._tcp.voip" + is},
		{srv("_sip", "_tcp", "voip"), "", "_sip._tcp.voip" + is},
		{srv("a.b", "_tcp", "@"), "", bad("service", "_a.b")},
		{srv("", "_tcp", "@"), "", bad("service", "")},
	})
}

func TestNumbers(t *testing.T) {
	mx := func(priority string) string {
		return `{"type":"MX","host":"@","pointsTo":"m.example","ttl":60,"priority":` + priority + `}`
	}
	ttl := func(ttl string) string { return `{"type":"A","host":"@","pointsTo":"192.0.2.1","ttl":` + ttl + `}` }
	prio := func(n string) string { return "bar.example.com. 60 IN MX " + n + " m.example." }
	seconds := func(n string) string { return "bar.example.com. " + n + " IN A 192.0.2.1" }
	bad := func(field, text string) string {
		return fmt.Sprintf("invalid-number: record 1, %s: %q is not written in digits alone; write it as 10 or 3600", field, text)
	}
	mixed := func(field, text string) string {
		return fmt.Sprintf("invalid-number: record 1, %s: %q mixes a variable with other text; write digits, or one variable alone", field, text)
	}
	tryAll(t, dc.Rules{}, []tried{
		{mx("0"), "", prio("0")}, {mx(`"10"`), "", prio("10")}, {mx("65535"), "", prio("65535")},
		{mx(`"00010"`), "", prio("10")}, {mx(`"%v%"`), "7", prio("7")},
		{mx("65536"), "", `invalid-number: record 1, priority: "65536" is over 65535; write a number from 0 to 65535`},
		{mx(`"%v%"`), "99999999999999999999", `invalid-number: record 1, priority: "99999999999999999999" is over 65535; write a number from 0 to 65535`},
		{mx("-1"), "", bad("priority", "-1")}, {mx("1.5"), "", bad("priority", "1.5")}, {mx("1e1"), "", bad("priority", "1e1")},
		{mx(`""`), "", bad("priority", "")}, {mx(`"%v%"`), "", bad("priority", "")}, {mx(`"%v%"`), "x", bad("priority", "x")},
		{mx(`"%v%"`), "+5", bad("priority", "+5")}, {mx(`"%v%"`), " 5", bad("priority", " 5")}, {mx(`"%v%"`), "٣", bad("priority", "٣")},
		{mx(`"1%v%"`), "0", mixed("priority", "1%v%")}, {mx(`"%v%%v%"`), "1", mixed("priority", "%v%%v%")}, {mx(`"%v%0"`), "1", mixed("priority", "%v%0")},

		{ttl("0"), "", seconds("0")}, {ttl(`"1800"`), "", seconds("1800")}, {ttl(`"%v%"`), "0600", seconds("600")},
		{ttl("999999999"), "", seconds("999999999")}, {ttl("2147483647"), "", seconds("2147483647")},
		{ttl("2147483648"), "", seconds("2147483647")}, {ttl(`"%v%"`), strings.Repeat("9", 50), seconds("2147483647")},
		{ttl(`"1h"`), "", bad("ttl", "1h")}, {ttl("-1"), "", bad("ttl", "-1")}, {ttl(`"%v%"`), "abc", bad("ttl", "abc")},
		{ttl(`"%v%0"`), "6", mixed("ttl", "%v%0")},
	})
}

func TestEssential(t *testing.T) {
	for word, want := range map[string][2]bool{
		"": {false, false}, "Always": {false, false}, "OnApply": {true, true}, "onApply": {true, false}, "No": {false, false},
	} {
		tmpl := parse(t, "", fmt.Sprintf(`{"type":"TXT","host":"@","data":"x","ttl":60,"essential":%q}`, word))
		for i, edition := range []dc.Edition{dc.IETF05, dc.DCSpec23} {
			got, err := Resolve(tmpl, Request{Domain: "example.com"}, dc.Rules{Edition: edition})
			if err != nil || got[0].OnApply != want[i] {
				t.Errorf("%q in %v: %v %v", word, edition, got, err)
			}
		}
	}
}

// TestGeneric tries data of generic types; the first lines are the example
// A.4 of ietf-05.
func TestGeneric(t *testing.T) {
	rec := func(recordType, data string) string {
		return fmt.Sprintf(`{"type":%q,"host":"@","data":%q,"ttl":1800}`, recordType, data)
	}
	is := func(s string) string { return "bar.example.com. 1800 IN " + s }
	bad := func(why string) string { return "invalid-data: record 1, data: " + why }
	tryAll(t, dc.Rules{}, []tried{
		{rec("CAA", `0 issue "ca1.example.net"`), "", is(`CAA 0 issue "ca1.example.net"`)},
		{rec("CAA", `0 issuewild "ca2.example."`), "", is(`CAA 0 issuewild "ca2.example."`)},
		{rec("TYPE257", `0 issue "ca1.example.net"`), "", is(`CAA 0 issue "ca1.example.net"`)},
		{rec("CAA", `\# 22 000569737375656361312e6578616d706c652e6e6574`), "", is(`CAA 0 issue "ca1.example.net"`)},
		{rec("TYPE257", `\# 22 000569737375656361312e6578616d706c652e6e6574`), "", is(`CAA 0 issue "ca1.example.net"`)},
		{rec("CAA", `0 issue %v%`), "ca.example", is(`CAA 0 issue "ca.example"`)},
		{rec("CAA", `0 issue "%v%"`), "ca.example; validationmethods=dns-01", is(`CAA 0 issue "ca.example; validationmethods=dns-01"`)},
		{rec("CAA", `%v%`), `0 issue "ca.example"`, is(`CAA 0 issue "ca.example"`)},
		{rec("CAA", `0 iodef "a @ (b)"`), "", is(`CAA 0 iodef "a @ (b)"`)},
		{rec("TYPE65280", `\# 4 0A000001`), "", "bar.example.com. 1800 CLASS1 TYPE65280 \\# 4 0a000001"},
		{rec("TYPE256", `10 1 "https://x.example/"`), "", is(`URI 10 1 "https://x.example/"`)},
		{rec("HTTPS", `1 . alpn=h2`), "", is(`HTTPS 1 . alpn="h2"`)},
		{rec("DNAME", `other.example`), "", is("DNAME other.example.")},
		{rec("PTR", `other.example.`), "", is("PTR other.example.")},
		{rec("DS", `1 8 2 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766`), "", is("DS 1 8 2 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766")},

		{rec("CAA", `%v%`), "issue x", bad(`"issue x" is not CAA data: bad CAA Flag: "issue"`)},
		{rec("CAA", `0 issue "%v%"`), `ca.example" "x`, bad(`the value of %v% holds a quote; write \" for a quote`)},
		{rec("CAA", `0 issue "%v%"`), `ca.example\`, bad(`"ca.example\\" ends in a backslash; write \\ for a backslash`)},
		{rec("CAA", `0 issue %v%`), `x ; y`, bad(`the data holds ';' outside quotes; put the string in quotes`)},
		{rec("CAA", `0 issue %v%`), `x (`, bad(`the data holds '(' outside quotes; put the string in quotes`)},
		{rec("CAA", `0 issue %v%`), "x\nevil 60 IN A 192.0.2.66", bad(`the data holds the control character '\n'; remove it`)},
		{rec("CAA", `0 issue "%v%"`), "x\n$INCLUDE /etc/passwd", bad(`the data holds the control character '\n'; remove it`)},
		{rec("CAA", `0 issue "x`), "", bad(`a quote is not closed; write \" for a quote inside a string`)},
		{rec("CAA", `0 issue \25x`), "", bad(`"0 issue \\25x" has an escape that is not three digits up to 255`)},
		{rec("CAA", `@`), "", bad("@ has no meaning in data; write the name")},
		{rec("DNAME", `%v%`), "@", bad("@ has no meaning in data; write the name")},
		{rec("CAA", ``), "", bad("the data is empty")},
		{rec("CAA", `%v%`), "  ", bad("the data is empty")},
		{rec("TYPE65280", `10 a`), "", bad(`"10 a" is not TYPE65280 data: bad RFC3597 Rdata: "10"`)},
		{rec("DNAME", `a b`), "", bad(`"a b" is not DNAME data: garbage after rdata: "b"`)},
	})
	tryAll(t, dc.Rules{Edition: dc.DCSpec23}, []tried{
		{rec("DNAME", `@`), "", is("DNAME bar.example.com.")},
	})
}

// TestCoreTypesByNumber: a type by number is the type, in every rule.
func TestCoreTypesByNumber(t *testing.T) {
	rec := func(recordType, value string) string {
		return fmt.Sprintf(`{"type":%q,"host":"www",%s,"ttl":60}`, recordType, value)
	}
	const at = "www.bar.example.com. 60 IN "
	tryAll(t, dc.Rules{}, []tried{
		{rec("TYPE1", `"pointsTo":"192.0.2.1"`), "", at + "A 192.0.2.1"},
		{rec("TYPE1", `"data":"192.0.2.1"`), "", at + "A 192.0.2.1"},
		{rec("TYPE1", `"data":"\\# 4 c0000201"`), "", at + "A 192.0.2.1"},
		{rec("TYPE28", `"data":"2001:db8::1"`), "", at + "AAAA 2001:db8::1"},
		{rec("TYPE5", `"pointsTo":"@"`), "", at + "CNAME bar.example.com."},
		{rec("TYPE5", `"data":"x.example"`), "", at + "CNAME x.example."},
		{rec("TYPE05", `"data":"x.example"`), "", at + "CNAME x.example."},
		{rec("TYPE2", `"data":"ns.example."`), "", at + "NS ns.example."},
		{rec("TYPE15", `"data":"10 mx.example."`), "", at + "MX 10 mx.example."},
		{rec("TYPE15", `"pointsTo":"mx.example.","priority":"5"`), "", at + "MX 5 mx.example."},
		{rec("TYPE16", `"data":"a b; c"`), "", at + `TXT "a b; c"`},
		{rec("TYPE16", `"data":"\\# 4 03616263"`), "", at + `TXT "abc"`},
		{rec("TXT", `"data":"\\# 4 03616263"`), "", at + `TXT "# 4 03616263"`},
		{rec("TYPE33", `"data":"1 2 3 t.example."`), "", at + "SRV 1 2 3 t.example."},
		{rec("TYPE33", `"data":"1 2 3 ."`), "", at + "SRV 1 2 3 ."},

		{rec("TYPE1", `"data":"::ffff:192.0.2.1"`), "", `invalid-data: record 1, data: "::ffff:192.0.2.1" is not A data: bad A A: "::ffff:192.0.2.1"`},
		{rec("TYPE5", `"data":"@"`), "", "invalid-data: record 1, data: @ has no meaning in data; write the name"},
		{rec("TYPE5", `"data":"a\\032b"`), "", `invalid-name: record 1, data: the name "a\\032b." holds the character '\\'; a name has letters, digits, hyphens, underscores and dots`},
		{rec("TYPE5", `"data":"\\# 1 00"`), "", `invalid-name: record 1, data: the name "." is empty; write a domain name`},
		{rec("TYPE15", `"data":"0 ."`), "", `invalid-name: record 1, data: the name "." is empty; write a domain name`},
		{rec("TYPE33", `"data":"1 2 3 *.x."`), "", `invalid-name: record 1, data: the name "*.x." has an asterisk where none may stand; a wildcard is the whole first label of an owner name`},
		{rec("TYPE2", `"data":"-x."`), "", `invalid-name: record 1, data: the name "-x." has the label "-x", which starts or ends with a hyphen`},
	})
}

func TestTypesKeptOut(t *testing.T) {
	const server, none = " is written by the name server and not open to templates", " is no type of zone data"
	unknown := func(s string) string {
		return fmt.Sprintf("unsupported-type: record 1, type: %q is not a record type; write an upper-case mnemonic or TYPE and a number", s)
	}
	for recordType, want := range map[string]string{
		"SOA": server, "TYPE6": server, "RRSIG": server, "TYPE46": server, "DNSKEY": server, "NSEC": server, "NSEC3": server,
		"NSEC3PARAM": server, "CDS": server, "CDNSKEY": server, "ZONEMD": server, "SIG": server, "NXT": server,
		"ANY": none, "AXFR": none, "IXFR": none, "OPT": none, "TYPE41": none, "TSIG": none, "TKEY": none, "TYPE128": none,
		"TYPE255": none, "TYPE65535": none, "NULL": none, "MAILB": none,
	} {
		tmpl := parse(t, "", fmt.Sprintf(`{"type":%q,"host":"@","data":"x","ttl":60}`, recordType))
		if got := result(t, tmpl, Request{}, dc.Rules{}); got != "unsupported-type: record 1, type: "+recordType+want {
			t.Errorf("%s: %s", recordType, got)
		}
	}
	for _, recordType := range []string{"a", "type5", "TYPE0", "TYPE65536", "NS1", "NS2", "FUTURE", "TYPE 65", "CLASS1", "None", "!INVALID"} {
		tmpl := parse(t, "", fmt.Sprintf(`{"type":%q,"host":"@","data":"x","ttl":60}`, recordType))
		if got := result(t, tmpl, Request{}, dc.Rules{}); got != unknown(recordType) {
			t.Errorf("%s: %s", recordType, got)
		}
	}
	inactive := parse(t, "", `{"type":"TXT","host":"@","data":"x","ttl":60,"groupId":"a"}`, `{"type":"FUTURE","host":"@","groupId":"b"}`)
	if got := result(t, inactive, Request{Groups: []string{"a"}}, dc.Rules{}); got != strings.Replace(unknown("FUTURE"), "record 1", "record 2", 1) {
		t.Errorf("an unsupported type makes the whole template unsupported: %s", got)
	}
}

// TestRecordNumberOfTemplatesInCode: errors count records by their place, also
// where Index was not set.
func TestRecordNumberOfTemplatesInCode(t *testing.T) {
	good := dc.Record{Type: "TXT", Host: "@", Data: "x", TTL: "60"}
	for _, bad := range []dc.Record{{Type: "FUTURE"}, {Type: "TXT", Host: "a b", TTL: "60"}, {Type: "TXT", Data: "%v%", TTL: "60"}} {
		var e *dc.Error
		_, err := Resolve(&dc.Template{Records: []dc.Record{good, bad}}, Request{Domain: "example.com"}, dc.Rules{})
		if !errors.As(err, &e) || e.Record != 1 {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestExtensionTypes(t *testing.T) {
	tryAll(t, dc.Rules{}, []tried{
		{`{"type":"SPFM","host":"@","spfRules":"a %v% exists:%{i}.x","ttl":"%no%"}`, "include:x", "bar.example.com. 0 SPFM a include:x exists:%{i}.x"},
		{`{"type":"SPFM","host":"m","spfRules":"a"}`, "", "m.bar.example.com. 0 SPFM a"},
		{`{"type":"APEXCNAME","pointsTo":"T.example","ttl":60}`, "", "bar.example.com. 60 APEXCNAME T.example."},
		{`{"type":"APEXCNAME","host":"@","pointsTo":"%v%","ttl":"60"}`, "x.example.", "bar.example.com. 60 APEXCNAME x.example."},
		{`{"type":"APEXCNAME","host":"%fqdn%.","pointsTo":"x.example","ttl":60}`, "", "bar.example.com. 60 APEXCNAME x.example."},
		{`{"type":"APEXCNAME","host":"sub","pointsTo":"x.example","ttl":60}`, "", "invalid-name: record 1, host: an APEXCNAME stands at the applied name bar.example.com. itself, not at sub.bar.example.com.; leave out host or write @"},
		{`{"type":"APEXCNAME","host":"%domain%.","pointsTo":"x.example","ttl":60}`, "", "invalid-name: record 1, host: an APEXCNAME stands at the applied name bar.example.com. itself, not at example.com.; leave out host or write @"},
		{`{"type":"APEXCNAME","pointsTo":"@","ttl":60}`, "", "invalid-name: record 1, pointsTo: @ has no meaning here; write the name of a host"},
		{`{"type":"REDIR301","target":"%v%"}`, "https://X.example/Path?q=%41#F", "bar.example.com. 0 REDIR301 https://X.example/Path?q=%41#F"},
		{`{"type":"REDIR302","host":"www","target":"http://www.%domain%:8080/","ttl":60}`, "", "www.bar.example.com. 0 REDIR302 http://www.example.com:8080/"},
	})
	for v, why := range map[string]string{
		"":                          "is not an http or https URL",
		"//evil.example":            "is not an http or https URL",
		"/path":                     "is not an http or https URL",
		"www.example.com":           "is not an http or https URL",
		"javascript:alert(1)":       "is not an http or https URL",
		"ftp://x.example/":          "is not an http or https URL",
		"https://":                  "names no host",
		"https:///x":                "names no host",
		"https:x.example":           "names no host",
		"https://u@x.example/":      "carries user information",
		"https://x.example:99999/":  "has a port over 65535",
		"https://x.example:port/":   "is not a URL",
		"https://x.example/%zz":     "is not a URL",
		"https://x.example/a b":     "holds a character that a URL has percent-encoded",
		"https://x.example/\r\nA:b": "holds a character that a URL has percent-encoded",
		`https://x.example\@y/`:     "holds a character that a URL has percent-encoded",
		"https://bücher.example/":   "holds a character that a URL has percent-encoded",
	} {
		tmpl := parse(t, "", `{"type":"REDIR301","host":"@","target":"%v%"}`)
		want := fmt.Sprintf("invalid-url: record 1, target: %q %s; write an absolute URL such as https://www.example.com/", v, why)
		if got := result(t, tmpl, Request{Variables: vars("v", v)}, dc.Rules{}); got != want {
			t.Errorf("%q:\n got %s\nwant %s", v, got, want)
		}
	}
	for _, recordType := range []string{"APEXCNAME", "REDIR301", "REDIR302"} {
		tmpl := parse(t, "", fmt.Sprintf(`{"type":%q,"pointsTo":"x.example","target":"https://x.example","ttl":1}`, recordType))
		want := "unsupported-type: record 1, type: " + recordType + " is not supported by this provider"
		if got := result(t, tmpl, Request{}, dc.Rules{NoExtensionTypes: true}); got != want {
			t.Errorf("%s: %s", recordType, got)
		}
	}
	spfm := parse(t, "", `{"type":"SPFM","host":"@","spfRules":"a"}`)
	if got := result(t, spfm, Request{}, dc.Rules{NoExtensionTypes: true}); got != "example.com. 0 SPFM a" {
		t.Errorf("SPFM is of every edition: %s", got)
	}
}

// TestStrayMembers: members of other types change nothing (ietf-05 6.2.1).
func TestStrayMembers(t *testing.T) {
	tryAll(t, dc.Rules{}, []tried{
		{`{"type":"CNAME","host":"www","pointsTo":"x.example","ttl":60,"priority":"%no%","data":"y","target":"z","name":"n","weight":true}`, "", "www.bar.example.com. 60 IN CNAME x.example."},
		{`{"type":"A","host":"@","pointsTo":"192.0.2.1","ttl":60,"data":"192.0.2.2"}`, "", "bar.example.com. 60 IN A 192.0.2.1"},
		{`{"type":"SRV","name":"n","host":"h","service":"_s","protocol":"_tcp","target":"t.example","ttl":60,"priority":1,"weight":1,"port":1,"pointsTo":"p"}`, "", "_s._tcp.n.bar.example.com. 60 IN SRV 1 1 1 t.example."},
		{`{"type":"TXT","host":"@","data":"x","ttl":60,"target":"t","txtConflictMatchingPrefix":"%no%"}`, "", `bar.example.com. 60 IN TXT "x"`},
	})
}

func TestResolvedFields(t *testing.T) {
	tmpl := parse(t, "", `{"type":"TYPE1","host":"WWW","pointsTo":"192.0.2.1","ttl":"60","groupId":"g","essential":"OnApply"}`)
	got, err := Resolve(tmpl, Request{Domain: "example.com"}, dc.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	r := got[0]
	if r.Index != 0 || r.GroupID != "g" || r.Owner != "www.example.com." || r.Type != "A" || r.TTL != 60 || !r.OnApply || r.Value != "" {
		t.Errorf("%+v", r)
	}
	if h := *r.RR.Header(); h != (dns.RR_Header{Name: "www.example.com.", Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}) {
		t.Errorf("%+v", h)
	}
}
