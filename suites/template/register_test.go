package template

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/suites/register"
)

// stimulus is a value that the register says how to judge.
type stimulus struct {
	// member and value replace a member of the sound template; with the
	// member "record" the value is its one record, with "records" the list.
	// An empty value takes the member out.
	member, value string
	// want is the worst level of the requirement's rules in ietf-05 and in
	// dcspec-2.3: error, warning, info, or "" for clean.
	ietf, dcspec string
}

// both is the same in both editions.
func both(level, member string, values ...string) []stimulus {
	var list []stimulus
	for _, v := range values {
		list = append(list, stimulus{member, v, level, level})
	}
	return list
}

// newest is clean, or not judged, in dcspec-2.3.
func newest(level, member string, values ...string) []stimulus {
	var list []stimulus
	for _, v := range values {
		list = append(list, stimulus{member, v, level, ""})
	}
	return list
}

func text(n int) string { return `"` + strings.Repeat("😀", n) + `"` }

// sound has nothing that any requirement is against.
var sound = map[string]string{
	"providerId": `"a.example.net"`, "providerName": `"A"`, "serviceId": `"s"`, "serviceName": `"S"`, "version": "1",
	"syncPubKeyDomain": `"a.example.net"`, "syncRedirectDomain": `"www.example.net"`,
	"records": `[{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 300}]`,
}

// build makes a template with one member replaced.
func build(member, value string) []byte {
	names := []string{"providerId", "providerName", "serviceId", "serviceName", "version", "syncPubKeyDomain", "syncRedirectDomain", "records"}
	if member == "record" {
		member, value = "records", "["+value+"]"
	}
	if !slices.Contains(names, member) {
		names = append(names, member)
	}
	var parts []string
	if strings.Contains(value, `"records"`) { // the value brings its own
		names = slices.DeleteFunc(names, func(n string) bool { return n == "records" })
	}
	for _, n := range names {
		v := sound[n]
		if n == member {
			v = value
		}
		if v != "" {
			parts = append(parts, `"`+n+`": `+v)
		}
	}
	return []byte("{" + strings.Join(parts, ",\n") + "}")
}

// worst is the worst level that the rules of a requirement find.
func worst(requirement string, data []byte, edition dc.Edition) string {
	findings, _ := CheckSource(Source{File: "a.example.net.s.json", Data: data}, Options{Edition: edition})
	level := Level(0)
	for _, f := range findings {
		rule, _ := Find(f.Rule)
		if slices.Contains(rule.Requirements, requirement) {
			level = max(level, f.Level)
		}
	}
	if level == 0 {
		return ""
	}
	return level.String()
}

// What the register says of each static requirement, under how, pair, expect
// and open.
var stimuli = map[string][][]stimulus{
	"DC-TMPL-REQUIRED-PROPS": {
		both("error", "providerId", "", "null", "7"), both("error", "providerName", "", "null", "7", `""`), both("error", "serviceId", "", "null", "7"),
		both("error", "serviceName", "", "null", "7"), both("error", "records", "", "null", "7"), both("", "version", "1"),
	},
	"DC-TMPL-PROVIDERID-SYNTAX": {
		both("", "providerId", `"a.example.net"`, `"`+strings.Repeat("a", 63)+`"`),
		{{"providerId", `"` + strings.Repeat("a", 64) + `"`, "error", "info"}, {"providerId", `"a~b.net"`, "error", "info"}},
		both("error", "providerId", `""`, `"a/b"`, `"a b"`, `"a%b"`, `"é.net"`),
	},
	"DC-TMPL-PROVIDERID-DOMAIN": {both("warning", "providerId", `"acme"`, `"-a.net"`), both("", "providerId", `"acme.net"`)},
	"DC-TMPL-SERVICEID-SYNTAX": {
		both("", "serviceId", `"a-b_c.D9"`), both("error", "serviceId", `""`, `"a b"`, `"a/b"`, `"a%b"`),
		{{"serviceId", `"a~b"`, "error", "info"}, {"serviceId", `"` + strings.Repeat("a", 64) + `"`, "error", "info"}},
	},
	"DC-TMPL-DISPLAY-NAMES": {
		both("", "providerName", text(255), text(1)), newest("error", "providerName", text(256)), both("error", "serviceName", `""`, `"\u0000"`, `"\u0085"`, `"\ufffe"`),
		both("warning", "serviceName", `"a\tb"`, `"a\nb"`, `"a\rb"`),
	},
	"DC-TMPL-VERSION-SYNTAX": {
		both("", "version", "1", "2022010112"), newest("error", "version", "0", "-1", "1.0", "1e2"), both("error", "version", "1.5", `"1"`),
	},
	"DC-TMPL-SPECVERSION-VALUE": {both("", "templateSpecVersion", "", "1"), both("error", "templateSpecVersion", `"1"`, "1.5"), newest("error", "templateSpecVersion", "0"), newest("warning", "templateSpecVersion", "2")},
	"DC-TMPL-LOGO-HTTPS": {
		newest("error", "logoUrl", `"http://a.example.net/l.svg"`, `"data:image/png;base64,AA"`, `"javascript:alert(1)"`, `"//a.example.net/l.svg"`, `"/l.svg"`, `""`),
		both("", "logoUrl", `"https://a.example.net/l.svg"`),
	},
	"DC-TMPL-DESCRIPTION-LENGTH": {
		both("", "description", `""`, text(2048)), newest("error", "description", text(2049), `"\u0000"`), newest("error", "variableDescription", text(2049), `"\ufffe"`),
	},
	"DC-TMPL-BOOLEAN-MEMBERS": {
		both("error", "syncBlock", `"true"`, "0", "1"), both("error", "warnPhishing", `"false"`), both("error", "hostRequired", "1"),
		both("warning", "multiInstance", "null"), both("", "sharedServiceName", "true", "false"),
	},
	"DC-TMPL-SHARED-COMPANION":    {both("info", "sharedProviderName", "true"), both("", "sharedProviderName", "true,\n\"shared\": true", "false")},
	"DC-TMPL-PUBKEYDOMAIN-SYNTAX": {both("", "syncPubKeyDomain", `"keys.example.com"`, `"_dck.example.com"`), both("error", "syncPubKeyDomain", `"https://keys.example.com"`, `"*.example.com"`, `"example.com/keys"`, `""`, `"%v%.example.com"`), both("warning", "syncPubKeyDomain", `"domainconnect.example.com"`, `"_dck1.example.com"`)},
	"DC-TMPL-REDIRECTDOMAIN-SYNTAX": {
		both("", "syncRedirectDomain", `"a.example.com,b.example.com"`), both("info", "syncRedirectDomain", `"a.example.com , b.example.com"`),
		both("error", "syncRedirectDomain", `"https://a.example.com"`, `"a.example.com:443"`, `"a.example.com/x"`, `"a.example.com,,b.example.com"`, `"*.example.com"`, `"a.example.com,"`),
	},
	"DC-TMPL-WARNPHISHING-UNSET":  {newest("warning", "warnPhishing", "true", "false"), newest("error", "warnPhishing", "true,\n\"templateSpecVersion\": 1"), both("", "warnPhishing", "")},
	"DC-TMPL-WARNPHISHING-LEGACY": {both("error", "warnPhishing", "true"), both("", "warnPhishing", "", "false")},
	"DC-TMPL-CRIT-FORM": {
		newest("error", "crit", "[]", `["vnd.example.foo2"]`, `["a-b"]`), both("error", "crit", `"x"`, "[1]"),
		both("", "crit", `["vnd.example.foo"]`, "[\"vnd.example.foo\"],\n\"vnd.example.foo\": 1"),
	},
	"DC-TMPL-PROPERTY-NAMESPACE": {
		{{"proxied", "true", "error", "warning"}, {"vnd.example.fooBar", "true", "", "warning"}, {"vnd.my-co.x", "1", "error", "warning"}, {"vnd.foo1", "1", "error", "warning"}, {"x-foo", "1", "error", "warning"}},
	},
	"DC-TMPL-VND-VENDOR-LABEL": {newest("warning", "vnd.foo", "1"), both("", "vnd.example.foo", "1")},
	"DC-TMPL-RECORDS-ARRAY":    {both("error", "records", "null", "{}", `"x"`, `["x"]`), both("warning", "records", "[]"), both("", "version", "1")},
	"DC-TMPL-FILE-NAME":        {both("", "version", "1"), both("warning", "serviceId", `"other"`)},
}

func TestTemplateMembersByTheRegister(t *testing.T) { judgeStimuli(t, stimuli) }

func judgeStimuli(t *testing.T, table map[string][][]stimulus) {
	t.Helper()
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	for id, lists := range table {
		if _, ok := reg.Get(id); !ok {
			t.Errorf("the register has no %s", id)
		}
		bad, good := false, false
		for _, s := range slices.Concat(lists...) {
			data := build(s.member, s.value)
			if !json.Valid(data) {
				t.Errorf("%s: %s: %s is no JSON", id, s.member, data)
			}
			if got := worst(id, data, dc.IETF05); got != s.ietf {
				t.Errorf("%s: %s %.200s is %q in ietf-05, want %q", id, s.member, s.value, got, s.ietf)
			}
			if got := worst(id, data, dc.DCSpec23); got != s.dcspec {
				t.Errorf("%s: %s %.200s is %q in dcspec-2.3, want %q", id, s.member, s.value, got, s.dcspec)
			}
			bad, good = bad || s.ietf != "" || s.dcspec != "", good || s.ietf == "" || s.dcspec == ""
		}
		if !bad || !good {
			t.Errorf("%s: needs stimuli that are reported and ones that are not", id)
		}
	}
}

// Every static requirement has stimuli here or in the table for records.
func TestRegisterIsTried(t *testing.T) {
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range reg.All() {
		if q.Check != register.TemplateStatic || q.ID == "DC-TMPL-VERSION-CHANGES" { // compares two: see its example
			continue
		}
		if stimuli[q.ID] == nil && recordStimuli[q.ID] == nil {
			t.Errorf("%s has no stimuli: %s", q.ID, q.How)
		}
	}
}
