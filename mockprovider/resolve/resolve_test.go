package resolve

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// parse makes a template of records; members are further members of the
// template, with a comma in front.
func parse(t testing.TB, members string, records ...string) *dc.Template {
	t.Helper()
	src := `{"providerId":"example.com","providerName":"E","serviceId":"s","serviceName":"S"` + members +
		`,"records":[` + strings.Join(records, ",") + `]}`
	tmpl, err := dc.Parse("test.json", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// lines prints resolved records: presentation form, or type, owner and value
// of those that are not DNS records.
func lines(records []dc.Resolved) []string {
	out := []string{}
	for _, r := range records {
		if r.RR == nil {
			out = append(out, fmt.Sprintf("%s %d %s %s", r.Owner, r.TTL, r.Type, r.Value))
			continue
		}
		out = append(out, strings.ReplaceAll(r.RR.String(), "\t", " "))
	}
	return out
}

// result is what a resolve gives as one text: the records, or class and
// message of the error.
func result(t testing.TB, tmpl *dc.Template, req Request, rules dc.Rules) string {
	t.Helper()
	if req.Domain == "" {
		req.Domain = "example.com"
	}
	records, err := Resolve(tmpl, req, rules)
	if err == nil {
		return strings.Join(lines(records), "\n")
	}
	var e *dc.Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %T, not *dc.Error", err)
	}
	if records != nil {
		t.Error("records are returned together with an error")
	}
	return string(e.Class) + ": " + err.Error()
}

func vars(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// hostRendering is the table of ietf-05 section 9.3: the owner at the apex and
// with host bar, or the class of the error.
var hostRendering = []struct {
	host, v, apex, bar string
}{
	{"@", "", "example.com.", "bar.example.com."},
	{"", "", "example.com.", "bar.example.com."},
	{"www", "", "www.example.com.", "www.bar.example.com."},
	{"WWW", "", "www.example.com.", "www.bar.example.com."},
	{"a.b", "", "a.b.example.com.", "a.b.bar.example.com."},
	{"_dmarc", "", "_dmarc.example.com.", "_dmarc.bar.example.com."},
	{"*", "", "*.example.com.", "*.bar.example.com."},
	{"*.x", "", "*.x.example.com.", "*.x.bar.example.com."},
	{"www.example.com.", "", "www.example.com.", "www.example.com."},
	{"www.%domain%.", "", "www.example.com.", "www.example.com."},
	{"*.%domain%.", "", "*.example.com.", "*.example.com."},
	{"%domain%.", "", "example.com.", "example.com."},
	{"%fqdn%.", "", "example.com.", "bar.example.com."},
	{"%fqdn%", "", "example.com.example.com.", "bar.example.com.bar.example.com."},
	{"%domain%", "", "example.com.example.com.", "example.com.bar.example.com."},
	{"%host%", "", "example.com.", "bar.bar.example.com."},
	{"_x.%host%", "", "out-of-zone", "_x.bar.bar.example.com."},
	{"%v%", "@", "example.com.", "bar.example.com."},
	{"%v%", "", "example.com.", "bar.example.com."},
	{"%v%", "www.example.com.", "www.example.com.", "www.example.com."},
	{"%v%", "www.other.test.", "out-of-zone", "out-of-zone"},
	{"%v%", "%host%", "invalid-name", "invalid-name"},
	{"%v%", ".", "out-of-zone", "out-of-zone"},
	{"%v%", "com.", "out-of-zone", "out-of-zone"},
	{"%v%", "xexample.com.", "out-of-zone", "out-of-zone"},
	{"%v%.x", "", "invalid-name", "invalid-name"},
	{"foo.", "", "out-of-zone", "out-of-zone"},
	{"@.foo", "", "invalid-name", "invalid-name"},
	{"*.@", "", "invalid-name", "invalid-name"},
	{"a..b", "", "invalid-name", "invalid-name"},
	{".a", "", "invalid-name", "invalid-name"},
	{"a b", "", "invalid-name", "invalid-name"},
	{"foo.*", "", "invalid-name", "invalid-name"},
	{"*foo", "", "invalid-name", "invalid-name"},
	{"-a", "", "invalid-name", "invalid-name"},
	{"a-", "", "invalid-name", "invalid-name"},
	{`a\.b`, "", "invalid-name", "invalid-name"},
	{"%v%", "a\nb", "invalid-name", "invalid-name"},
	{"%v%", "a\x00", "invalid-name", "invalid-name"},
	{"%v%", "\xff", "invalid-name", "invalid-name"},
	{"%v%", "bücher", "xn--bcher-kva.example.com.", "xn--bcher-kva.bar.example.com."},
	{"%v%", "BÜCHER", "xn--bcher-kva.example.com.", "xn--bcher-kva.bar.example.com."},
	{"%v%", "xn--bcher-kva", "xn--bcher-kva.example.com.", "xn--bcher-kva.bar.example.com."},
	{"%v%", "_ä", "xn--_-0fa.example.com.", "xn--_-0fa.bar.example.com."},
	// An ideographic full stop is a dot, so this is absolute in no reading.
	{"%v%", "a。b", "a.b.example.com.", "a.b.bar.example.com."},
	{"%v%", strings.Repeat("l", 63), strings.Repeat("l", 63) + ".example.com.", strings.Repeat("l", 63) + ".bar.example.com."},
	{"%v%", strings.Repeat("l", 64), "invalid-name", "invalid-name"},
	{"%v%", strings.Repeat("ü", 2000), "invalid-name", "invalid-name"},
}

func TestHostRendering(t *testing.T) {
	for _, tc := range hostRendering {
		tmpl := parse(t, "", fmt.Sprintf(`{"type":"TXT","host":%q,"data":"x","ttl":60}`, tc.host))
		for host, want := range map[string]string{"": tc.apex, "bar": tc.bar} {
			got := result(t, tmpl, Request{Host: host, Variables: vars("v", tc.v)}, dc.Rules{})
			if strings.HasSuffix(want, ".") {
				want += ` 60 IN TXT "x"`
			} else {
				got, _, _ = strings.Cut(got, ":")
			}
			if got != want {
				t.Errorf("%q, v=%q, host=%q:\n got %s\nwant %s", tc.host, tc.v, host, got, want)
			}
		}
	}
}

// TestNameLength tries owners at the limit of 255 octets on the wire.
func TestNameLength(t *testing.T) {
	tmpl := parse(t, "", `{"type":"TXT","host":"%v%","data":"x","ttl":60}`)
	label := strings.Repeat("a", 63)
	long := strings.Join([]string{label, label, label}, ".") // 191 characters
	for _, tc := range []struct {
		v    string
		want string
	}{
		// 191 + 1 + 49 + 1 + len("example.com") + 2 octets
		{long + "." + strings.Repeat("b", 49), ""},
		{long + "." + strings.Repeat("b", 50), "invalid-name: record 1, host: the owner name "},
	} {
		got := result(t, tmpl, Request{Variables: vars("v", tc.v)}, dc.Rules{})
		switch {
		case tc.want == "" && got != tc.v+`.example.com. 60 IN TXT "x"`:
			t.Errorf("255 octets: %s", got)
		case tc.want != "" && (!strings.HasPrefix(got, tc.want) || !strings.HasSuffix(got, " has 256 octets in DNS, the limit is 255")):
			t.Errorf("256 octets: %s", got)
		}
	}
}

// TestPrintedPair is the example printed in ietf-05 section 9.3.
func TestPrintedPair(t *testing.T) {
	tmpl := parse(t, "", `{"type":"CNAME","host":"www","pointsTo":"@","ttl":1800}`, `{"type":"A","host":"@","pointsTo":"192.0.2.1","ttl":1800}`)
	for host, want := range map[string]string{
		"":    "www.example.com. 1800 IN CNAME example.com.\nexample.com. 1800 IN A 192.0.2.1",
		"bar": "www.bar.example.com. 1800 IN CNAME bar.example.com.\nbar.example.com. 1800 IN A 192.0.2.1",
	} {
		if got := result(t, tmpl, Request{Host: host}, dc.Rules{}); got != want {
			t.Errorf("host %q:\n got %s\nwant %s", host, got, want)
		}
	}
}

// TestSubstitution is the table of ietf-05 section 9.2.2.
func TestSubstitution(t *testing.T) {
	for _, tc := range []struct {
		field string
		vars  map[string]string
		want  string
	}{
		{"%a%%b%-%a%", vars("a", "1", "b", "2"), "12-1"},
		{"%a%", vars("a", "%b%", "b", "X"), "%b%"},
		{"%a%", vars("a", "%a%"), "%a%"},
		{"%a%b%", vars("a", "%", "b", "X"), "%b%"},
		{"198.51.100.%srv%", vars("srv", "2"), "198.51.100.2"},
		{"100%", nil, "100%"},
		{"%%", nil, "%%"},
		{"%", nil, "%"},
		{"%{i}._spf.%{d}", nil, "%{i}._spf.%{d}"},
		{"%a.b%", nil, "%a.b%"},
		{"%a b%", nil, "%a b%"},
		{"%é%", nil, `%\195\169%`},
		{"50% off %v%", vars("v", "now"), "50% off now"},
		{"%v%%", vars("v", "5"), "5%"},
		{"%%v%", vars("v", "5"), "%5"},
		{"5%%a%", vars("a", "X"), "5%X"},
		{"%a.%b%", vars("b", "X"), "%a.X"},
		{"[%v%]", vars("v", ""), "[]"},
		{"%apex-verification_1%", vars("apex-verification_1", "t"), "t"},
		{"%v%", vars("v", "007"), "007"},
		{"%v%", vars("v", "1e3"), "1e3"},
		{"%v%", vars("v", "true"), "true"},
		{"%v%", vars("v", "null"), "null"},
		{"%v%", vars("v", "$1 &amp; ${1}"), "$1 &amp; ${1}"},
		{"%v%", vars("v", "@"), "@"},
		{"[%v%]", vars("v", " a  B "), "[ a  B ]"},
		{"%domain%|%host%|%fqdn%", vars("domain", "evil.test", "host", "evil", "fqdn", "evil.test"), "example.com|sub1|sub1.example.com"},
		{"%Domain%", vars("Domain", "own"), "own"},
	} {
		tmpl := parse(t, "", fmt.Sprintf(`{"type":"TXT","host":"@","data":%q,"ttl":60}`, tc.field))
		got := result(t, tmpl, Request{Host: "sub1", Variables: tc.vars}, dc.Rules{})
		if want := `sub1.example.com. 60 IN TXT "` + tc.want + `"`; got != want {
			t.Errorf("%s with %v:\n got %s\nwant %s", tc.field, tc.vars, got, want)
		}
	}
	escaped := parse(t, "", `{"type":"TXT","host":"@","data":"\u0025v\u0025","ttl":60}`)
	if got := result(t, escaped, Request{Variables: vars("v", "x")}, dc.Rules{}); got != `example.com. 60 IN TXT "x"` {
		t.Errorf("JSON escapes are read first: %s", got)
	}
	builtins := parse(t, "", `{"type":"TXT","host":"@","data":"%domain%|%host%|%fqdn%","ttl":60}`)
	if got := result(t, builtins, Request{Domain: "BÜCHER.Example."}, dc.Rules{}); got != `xn--bcher-kva.example. 60 IN TXT "xn--bcher-kva.example||xn--bcher-kva.example"` {
		t.Errorf("built-ins at the apex: %s", got)
	}
}

func TestMissingVariables(t *testing.T) {
	tmpl := parse(t, "",
		`{"type":"A","host":"@","pointsTo":"192.0.2.1","ttl":60,"data":"%stray%"}`,
		`{"type":"A","host":"%h%","pointsTo":"%ip%","ttl":60,"groupId":"g1"}`,
		`{"type":"SPFM","host":"@","spfRules":"%rules%","ttl":"%ttl%","groupId":"g2"}`)
	for _, tc := range []struct {
		groups []string
		vars   map[string]string
		want   string
	}{
		{nil, nil, "missing-variable: record 2, host: the variables %h%, %ip%, %rules% have no values; give them in the request"},
		{nil, vars("h", "", "rules", "a"), "missing-variable: record 2, pointsTo: the variable %ip% has no value; give it in the request"},
		{nil, vars("h", "", "IP", "192.0.2.2", "rules", "a"), "missing-variable: record 2, pointsTo: the variable %ip% has no value; give it in the request"},
		{[]string{"g2"}, vars("rules", "a"), "example.com. 60 IN A 192.0.2.1\nexample.com. 0 SPFM a"},
	} {
		if got := result(t, tmpl, Request{Groups: tc.groups, Variables: tc.vars}, dc.Rules{}); got != tc.want {
			t.Errorf("groups %v, variables %v:\n got %s\nwant %s", tc.groups, tc.vars, got, tc.want)
		}
	}
}

// TestGroups is the example A.1 of ietf-05, and section 10.3.
func TestGroups(t *testing.T) {
	records := []string{
		`{"type":"A","groupId":"service","host":"www","pointsTo":"%var1%","ttl":600}`,
		`{"type":"A","groupId":"service","host":"m","pointsTo":"%var2%","ttl":600}`,
		`{"type":"CNAME","groupId":"service","host":"webmail","pointsTo":"%var3%","ttl":600}`,
		`{"type":"TXT","groupId":"verification","host":"example","data":"%var4%","ttl":600}`,
	}
	tmpl := parse(t, "", records...)
	ungrouped := parse(t, "", append(records, `{"type":"TXT","host":"@","data":"always","ttl":600}`)...)
	noGroups := parse(t, "", `{"type":"TXT","host":"@","data":"always","ttl":600}`)
	values := vars("var1", "192.0.2.1", "var2", "192.0.2.2", "var3", "w.example.net", "var4", "token")
	for _, tc := range []struct {
		name   string
		tmpl   *dc.Template
		groups []string
		active []int
		err    string
	}{
		{"absent", tmpl, nil, []int{0, 1, 2, 3}, ""},
		{"service", tmpl, []string{"service"}, []int{0, 1, 2}, ""},
		{"verification", tmpl, []string{"verification"}, []int{3}, ""},
		{"both", tmpl, []string{"verification", "service"}, []int{0, 1, 2, 3}, ""},
		{"repeated", tmpl, []string{"verification", "verification"}, []int{3}, ""},
		{"partial match", tmpl, []string{"verification", "nope"}, []int{3}, ""},
		{"no match", tmpl, []string{"nope"}, nil, "no-such-group: groupId: no record is in group nope; the template has service, verification (compared with case)"},
		{"another case", tmpl, []string{"Service"}, nil, "no-such-group: groupId: no record is in group Service; the template has service, verification (compared with case)"},
		{"part of a name", tmpl, []string{"serv"}, nil, "no-such-group: groupId: no record is in group serv; the template has service, verification (compared with case)"},
		{"empty list", tmpl, []string{}, nil, "invalid-request: groupId: the list has an empty member; leave the parameter out to apply every group"},
		{"empty member", tmpl, []string{"service", ""}, nil, "invalid-request: groupId: the list has an empty member; leave the parameter out to apply every group"},
		{"ungrouped is always active", ungrouped, []string{"verification"}, []int{3, 4}, ""},
		{"ungrouped alone is no match", ungrouped, []string{"nope"}, nil, "no-such-group: groupId: no record is in group nope; the template has service, verification (compared with case)"},
		{"no groups at all", noGroups, []string{"x", "y"}, nil, "no-such-group: groupId: no record is in group x, y; no record of the template has a group (compared with case)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.err != "" {
				if got := result(t, tc.tmpl, Request{Groups: tc.groups, Variables: values}, dc.Rules{}); got != tc.err {
					t.Errorf("got %s\nwant %s", got, tc.err)
				}
				return
			}
			records, err := Resolve(tc.tmpl, Request{Domain: "example.com", Groups: tc.groups, Variables: values}, dc.Rules{})
			if err != nil {
				t.Fatal(err)
			}
			var active []int
			for _, r := range records {
				active = append(active, r.Index)
				if r.GroupID != tc.tmpl.Records[r.Index].GroupID {
					t.Errorf("record %d carries group %q", r.Index, r.GroupID)
				}
			}
			if diff := cmp.Diff(tc.active, active); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGroupsNeedTheirVariablesOnly(t *testing.T) {
	tmpl := parse(t, "",
		`{"type":"A","groupId":"service","host":"www","pointsTo":"%var1%","ttl":600}`,
		`{"type":"TXT","groupId":"verification","host":"example","data":"%var4%","ttl":600}`,
		`{"type":"TXT","host":"%var5%","data":"x","ttl":600}`)
	for group, want := range map[string][]string{"service": {"var1", "var5"}, "verification": {"var4", "var5"}, "nope": {"var5"}} {
		var names []string
		for _, v := range Variables(tmpl, []string{group}) {
			names = append(names, v.Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s needs %v, want %v", group, names, want)
		}
	}
}

func TestRequest(t *testing.T) {
	plain := parse(t, "", `{"type":"TXT","host":"@","data":"x","ttl":60}`)
	hostRequired := parse(t, `,"hostRequired":true`, `{"type":"TXT","host":"@","data":"x","ttl":60}`)
	for _, tc := range []struct {
		tmpl         *dc.Template
		domain, host string
		want         string
	}{
		{plain, "example.com.", "", `example.com. 60 IN TXT "x"`},
		{plain, "EXAMPLE.com", "A.b", `a.b.example.com. 60 IN TXT "x"`},
		{plain, "bücher.example", "ä", `xn--4ca.xn--bcher-kva.example. 60 IN TXT "x"`},
		{plain, "xn--bcher-kva.example", "XN--4CA", `xn--4ca.xn--bcher-kva.example. 60 IN TXT "x"`},
		{plain, "example.com", "_x._y", `_x._y.example.com. 60 IN TXT "x"`},
		{plain, ".", "", `invalid-request: domain: "" is empty; write a domain name`},
		{plain, "-a.example", "", `invalid-request: domain: "-a.example" has the label "-a", which starts or ends with a hyphen`},
		{plain, "a b", "", `invalid-request: domain: "a b" holds the character ' '; a name has letters, digits, hyphens, underscores and dots`},
		{plain, "*.x", "", `invalid-request: domain: "*.x" has an asterisk where none may stand; a wildcard is the whole first label of an owner name`},
		{plain, "a..b", "", `invalid-request: domain: "a..b" has an empty label; write one dot between two labels`},
		{plain, "example.com\n", "", "invalid-request: domain: \"example.com\\n\" holds the character '\\n'; a name has letters, digits, hyphens, underscores and dots"},
		{plain, "a\xff", "", `invalid-request: domain: "a\xff" is not UTF-8; write an internationalised name in UTF-8 or as A-labels (xn--)`},
		{plain, "a\u200d.example", "", "invalid-request: domain: \"a\\u200d.example\" is not a legal internationalised name; write it as A-labels (xn--)"},
		{plain, "example.com", "@", `invalid-request: host: "@" is not a domain name; leave host out for the apex`},
		{plain, "example.com", "sub.", `invalid-request: host: "sub." ends in a dot; the host is relative to the domain, write it without`},
		{plain, "example.com", "a,b", `invalid-request: host: "a,b" holds the character ','; a name has letters, digits, hyphens, underscores and dots`},
		{plain, "example.com", "*", `invalid-request: host: "*" has an asterisk where none may stand; a wildcard is the whole first label of an owner name`},
		{plain, "example.com", strings.Repeat("a", 64), `invalid-request: host: "` + strings.Repeat("a", 64) + `" has a label of 64 octets, the limit is 63`},
		{plain, strings.Repeat("a.", 100) + "b", strings.Repeat("c.", 30) + "d", "invalid-request: host: the name of host and domain has 265 octets in DNS, the limit is 255"},
		{hostRequired, "example.com", "", "host-required: host: the template is for sub-domains only (hostRequired); name one in the host parameter"},
		{hostRequired, "example.com", "a", `a.example.com. 60 IN TXT "x"`},
	} {
		if got := result(t, tc.tmpl, Request{Domain: tc.domain, Host: tc.host}, dc.Rules{}); got != tc.want {
			t.Errorf("%q %q:\n got %s\nwant %s", tc.domain, tc.host, got, tc.want)
		}
	}
	long := strings.Repeat("ü.", 400) // over the limit however it is mapped
	if _, err := FQDN(long, ""); err == nil || !strings.HasSuffix(err.Error(), "… has more than 255 octets, the limit of DNS") {
		t.Errorf("a very long domain: %v", err)
	}
	if _, err := Resolve(plain, Request{}, dc.Rules{}); err == nil || err.Error() != `domain: "" is empty; write a domain name` {
		t.Errorf("without domain: %v", err)
	}
}

func TestFQDN(t *testing.T) {
	for _, tc := range [][3]string{
		{"example.com", "", "example.com."}, {"Example.com.", "", "example.com."}, {"example.com", "A.b", "a.b.example.com."}, {"bücher.example", "ä", "xn--4ca.xn--bcher-kva.example."},
	} {
		if got, err := FQDN(tc[0], tc[1]); got != tc[2] || err != nil {
			t.Errorf("%v: %s %v", tc, got, err)
		}
	}
	if got, err := FQDN("a b", ""); got != "" || !errors.Is(err, &dc.Error{Class: dc.ErrRequest}) {
		t.Errorf("a b: %q %v", got, err)
	}
}

// TestCritical is the example A.5 of ietf-05 and its neighbours.
func TestCritical(t *testing.T) {
	record := `{"type":"A","host":"www","pointsTo":"192.0.2.1","ttl":600`
	proxied := record + `,"vnd.example.proxied":true,"crit":["vnd.example.proxied"]}`
	comment := `{"type":"CNAME","host":"static","pointsTo":"cdn.example.com","ttl":600,"vnd.example.comment":"x"}`
	const both = "www.example.com. 600 IN A 192.0.2.1\nstatic.example.com. 600 IN CNAME cdn.example.com."
	const refusedTemplate = `unsupported-critical: crit: the critical member "vnd.example.lockRecords" is not understood`
	for _, tc := range []struct {
		name, members string
		records       []string
		groups        []string
		ietf, dcspec  string
	}{
		{"both marked", `,"vnd.example.contact":{},"vnd.example.lockRecords":true,"crit":["vnd.example.lockRecords"]`, []string{proxied, comment}, nil, refusedTemplate, both},
		{"template marked", `,"vnd.example.lockRecords":false,"crit":["records","vnd.example.lockRecords"]`, []string{record + "}", comment}, nil, refusedTemplate, both},
		{"record marked", "", []string{proxied, comment}, nil, `unsupported-critical: record 1, crit: the critical member "vnd.example.proxied" is not understood`, both},
		{"nothing marked", `,"vnd.example.contact":{},"vnd.example.lockRecords":true,"foo":1`, []string{record + `,"vnd.example.proxied":true,"bar":2}`, comment}, nil, both, both},
		{"absent names", `,"crit":["vnd.example.absent","records"]`, []string{record + `,"crit":["vnd.example.absent","ttl","priority"]}`, comment}, nil, both, both},
		{"null is absent", `,"vnd.example.x":null,"crit":["vnd.example.x"]`, []string{record + "}", comment}, nil, both, both},
		{"version 1", `,"templateSpecVersion":1`, []string{record + "}", comment}, nil, both, both},
		{"version 2", `,"templateSpecVersion":2`, []string{record + "}", comment}, nil, "unsupported-critical: templateSpecVersion: version 2 is not supported; this is version 1", both},
		{"version 0", `,"templateSpecVersion":0`, []string{record + "}", comment}, nil, "unsupported-critical: templateSpecVersion: version 0 is not supported; this is version 1", both},
		{"an inactive record", "", []string{record + `,"groupId":"g"}`, strings.Replace(proxied, `"type"`, `"groupId":"h","type"`, 1)}, []string{"g"},
			`unsupported-critical: record 2, crit: the critical member "vnd.example.proxied" is not understood`, "www.example.com. 600 IN A 192.0.2.1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tmpl := parse(t, tc.members, tc.records...)
			for edition, want := range map[dc.Edition]string{dc.IETF05: tc.ietf, dc.DCSpec23: tc.dcspec} {
				if got := result(t, tmpl, Request{Groups: tc.groups}, dc.Rules{Edition: edition}); got != want {
					t.Errorf("%v:\n got %s\nwant %s", edition, got, want)
				}
			}
		})
	}
}

func TestVariables(t *testing.T) {
	tmpl := parse(t, "",
		`{"type":"TYPE5","host":"%h%","pointsTo":"%a%.%b%.example.net","ttl":"%ttl%","data":"%stray%"}`,
		`{"type":"SRV","name":"%h%","service":"%s%","protocol":"_tcp","target":"%fqdn%","ttl":1,"priority":"%p%","weight":0,"port":"%p%","host":"%stray%"}`,
		`{"type":"TXT","host":"@","data":"%a%=%a%","ttl":1,"txtConflictMatchingMode":"Prefix","txtConflictMatchingPrefix":"%stray%","groupId":"%stray%"}`,
		`{"type":"NS1","host":"%stray%"}`)
	want := []Variable{
		{"h", []Use{{0, "host", "CNAME", true, "", ""}, {1, "name", "SRV", true, "", ""}}},
		{"ttl", []Use{{0, "ttl", "CNAME", true, "", ""}}},
		{"a", []Use{{0, "pointsTo", "CNAME", false, "", ".%b%.example.net"}, {2, "data", "TXT", false, "", "=%a%"}, {2, "data", "TXT", false, "%a%=", ""}}},
		{"b", []Use{{0, "pointsTo", "CNAME", false, "%a%.", ".example.net"}}},
		{"s", []Use{{1, "service", "SRV", true, "", ""}}},
		{"p", []Use{{1, "priority", "SRV", true, "", ""}, {1, "port", "SRV", true, "", ""}}},
	}
	if diff := cmp.Diff(want, Variables(tmpl, nil)); diff != "" {
		t.Error(diff)
	}
}
