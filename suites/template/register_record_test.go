package template

import (
	"fmt"
	"strings"
	"testing"
)

// rec makes stimuli of one record by putting values into a form.
func rec(ietf, dcspec, form string, values ...string) []stimulus {
	var list []stimulus
	for _, v := range values {
		list = append(list, stimulus{"record", strings.ReplaceAll(form, "§", v), ietf, dcspec})
	}
	return list
}

const (
	aHost     = `{"type": "A", "host": "§", "pointsTo": "192.0.2.1", "ttl": 300}`
	aTTL      = `{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": §}`
	aMember   = `{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 300, §}`
	cnameTo   = `{"type": "CNAME", "host": "www", "pointsTo": "§", "ttl": 300}`
	mxTo      = `{"type": "MX", "host": "@", "pointsTo": "§", "priority": 10, "ttl": 300}`
	mxPrio    = `{"type": "MX", "host": "@", "pointsTo": "mail.example.net", "priority": §, "ttl": 300}`
	txtData   = `{"type": "TXT", "host": "@", "data": "§", "ttl": 300}`
	txtMember = `{"type": "TXT", "host": "@", "data": "ms=%v%", "ttl": 300, §}`
	typed     = `{"type": "§", "host": "@", "data": "a=b", "ttl": 300}`
	spfm      = `{"type": "SPFM", "host": "@", "spfRules": "§"}`
	srvForm   = `{"type": "SRV", "name": "@", "service": "_sip", "protocol": "_tcp", "target": "sip.example.net", "priority": 0, "weight": 0, "port": 5060, "ttl": 300}`
)

// srvWith replaces one member of an SRV.
func srvWith(member string) string {
	for _, m := range []string{"service\": \"_sip", "protocol\": \"_tcp", "target\": \"sip.example.net"} {
		if name, _, _ := strings.Cut(m, `"`); name == member {
			return strings.Replace(srvForm, m, name+`": "§`, 1)
		}
	}
	return srvForm
}

// without takes each member in turn out of a record.
func without(record string) []string {
	parts := strings.Split(strings.Trim(record, "{}"), ", ")
	var out []string
	for i := range parts {
		if i == 0 {
			continue // without type it is another requirement's
		}
		rest := append(append([]string{}, parts[:i]...), parts[i+1:]...)
		out = append(out, "{"+strings.Join(rest, ", ")+"}")
	}
	return out
}

func dropped(records ...string) []stimulus {
	var list []stimulus
	for _, r := range records {
		for _, w := range without(r) {
			list = append(list, stimulus{"record", w, "error", "error"})
		}
		list = append(list, stimulus{"record", r, "", ""})
	}
	return list
}

func fill(form, value string) string { return strings.ReplaceAll(form, "§", value) }

var recordStimuli = map[string][][]stimulus{
	"DC-TMPL-TYPE-SYNTAX": {
		rec("error", "error", typed, "", "txt", "TYPE 65", "TYPE0x41", "CLASS1", "a_", "A-"), rec("", "", typed, "TXT"), rec("warning", "warning", typed, "TYPE16"),
		rec("", "", `{"type": "TYPE65", "host": "@", "data": "\\# 3 000100", "ttl": 300}`, ""),
	},
	"DC-TMPL-GROUPID-SYNTAX": {
		rec("error", "", aMember, `"groupId": "a,b"`, `"groupId": "a b"`, `"groupId": "`+strings.Repeat("g", 64)+`"`),
		rec("error", "error", aMember, `"groupId": "%g%"`), rec("", "", aMember, `"groupId": "g1"`),
	},
	"DC-TMPL-ESSENTIAL-ENUM": {
		rec("error", "error", aMember, `"essential": "No"`), rec("warning", "error", aMember, `"essential": "onApply"`, `"essential": "always"`),
		rec("", "", aMember, `"essential": "Always"`, `"essential": "OnApply"`, `"groupId": "g"`),
	},
	"DC-TMPL-HOST-PRESENT": {
		rec("error", "error", `{"type": "A", § "pointsTo": "192.0.2.1", "ttl": 300}`, "", `"host": null,`), rec("", "", aHost, "", "@"),
		{{"record", strings.Replace(srvForm, `"name": "@"`, `"host": "@"`, 1), "error", "error"}},
	},
	"DC-TMPL-HOST-SYNTAX": {
		rec("error", "error", aHost, "@.foo", "foo@", "mail.@", "a..b", strings.Repeat("a", 64), "www.@"),
		rec("", "", aHost, "www", "_dmarc", "sel._domainkey", "*", "*.%v%", "", "@"),
	},
	"DC-TMPL-POINTSTO-SYNTAX": {
		rec("error", "error", cnameTo, "mail.@", "a b", "http://x"), rec("error", "info", cnameTo, ""), rec("", "", cnameTo, "@", "mail.example.net"),
		rec("error", "error", mxTo, "mail.@", "a b", "http://x"), rec("error", "info", mxTo, ""), rec("", "", mxTo, "@", "mail.example.net"),
	},
	"DC-TMPL-POINTSTO-NO-AT-ADDRESS": {
		rec("error", "", `{"type": "§", "host": "sub", "pointsTo": "@", "ttl": 300}`, "A", "AAAA", "NS"), rec("", "", cnameTo, "@"), rec("", "", mxTo, "@"),
		rec("", "", `{"type": "AAAA", "host": "sub", "pointsTo": "§", "ttl": 300}`, "2001:db8::1"),
	},
	"DC-TMPL-TTL-SYNTAX":      {rec("error", "error", aTTL, `"1h"`, "-1", "1.5", `"%a%0"`, `"%a%%b%"`), rec("", "", aTTL, "600", `"600"`, `"%ttl%"`, `"%ttl1%"`)},
	"DC-TMPL-TTL-NO-VARIABLE": {rec("warning", "warning", aTTL, `"%ttl%"`), rec("", "", aTTL, "600")},
	"DC-TMPL-RRSET-TTL-EQUAL": {
		{{"records", "[" + fill(aTTL, "300") + "," + strings.Replace(fill(aTTL, "600"), "2.1", "2.2", 1) + "]", "warning", "warning"}},
		{{"records", "[" + fill(aTTL, "300") + "," + strings.Replace(fill(aTTL, "300"), "2.1", "2.2", 1) + "]", "", ""}},
		{{"records", "[" + strings.Replace(fill(aTTL, "300"), "{", `{"groupId": "a", `, 1) + "," + strings.Replace(fill(aTTL, "600"), "{", `{"groupId": "b", `, 1) + "]", "", ""}},
	},
	"DC-TMPL-DATA-ONLY-GENERIC": {
		rec("error", "error", aMember, `"data": "x"`), {{"record", strings.Replace(fill(cnameTo, "a.example.net"), "{", `{"data": "x", `, 1), "error", "error"}},
		{{"record", strings.Replace(srvForm, "{", `{"data": "x", `, 1), "error", "error"}}, {{"record", strings.Replace(fill(spfm, "mx"), "{", `{"data": "x", `, 1), "error", "error"}},
		rec("", "", txtData, "a=b"), rec("", "", `{"type": "CAA", "host": "@", "data": "0 issue §", "ttl": 300}`, `\"ca.example.net\"`),
	},
	"DC-TMPL-TXT-MODE-ENUM": {
		rec("error", "error", txtMember, `"txtConflictMatchingMode": "Most"`), rec("warning", "error", txtMember, `"txtConflictMatchingMode": "prefix"`),
		rec("", "", txtMember, `"txtConflictMatchingMode": "None"`, `"txtConflictMatchingMode": "All"`, `"txtConflictMatchingMode": "Prefix"`, `"groupId": "g"`),
		rec("warning", "warning", aMember, `"txtConflictMatchingMode": "All"`),
	},
	"DC-TMPL-TXT-PREFIX-SYNTAX": {
		rec("error", "error", txtMember, `"txtConflictMatchingMode": "Prefix"`, `"txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": ""`, `"txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "%v%"`),
		rec("error", "warning", txtMember, `"txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "a b"`, `"txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "é"`),
		rec("", "", txtMember, `"txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "ms="`), rec("warning", "warning", txtMember, `"txtConflictMatchingPrefix": "ms="`),
	},
	"DC-TMPL-UINT16-SYNTAX": {
		rec("error", "error", mxPrio, "-1", "65536", `"123456"`, `"1%p%"`, "1.5"), rec("info", "info", mxPrio, `"00010"`), rec("", "", mxPrio, "0", `"10"`, `"%p%"`, "65535"),
	},
	"DC-TMPL-SRV-PROTOCOL": {rec("error", "", srvWith("protocol"), "tcp", "_tls", "%p%"), rec("info", "", srvWith("protocol"), "_TCP"), rec("", "", srvWith("protocol"), "_tcp", "_udp", "_sctp", "_dccp")},
	"DC-TMPL-SRV-SERVICE":  {rec("error", "", srvWith("service"), "sip", "_a._b", "_"), rec("error", "error", srvWith("service"), ""), rec("", "", srvWith("service"), "_sip")},
	"DC-TMPL-SRV-TARGET":   {rec("error", "error", srvWith("target"), "", "mail.@", "https://sip.example.net"), rec("", "", srvWith("target"), ".", "@", "sip.%domain%")},
	"DC-TMPL-SPFRULES-TERMS": {
		rec("error", "error", spfm, "v=spf1 a", "a -all", "include:", "foo:bar", "ip4:300.1.1.1"),
		rec("", "", spfm, "a mx include:x.example ip4:192.0.2.0/24 exists:%{i}.x.example", "%spf%"),
	},
	"DC-TMPL-SPF-NOT-TXT": {
		rec("warning", "warning", txtData, "v=spf1 mx -all", "V=SPF1 mx -all", `\"v=spf1 mx -all\"`), rec("", "", spfm, "mx"),
		rec("warning", "", `{"type": "TXT", "host": "@", "data": "v=spf1 %spfRules% ~all", "ttl": 300, "essential": "§"}`, "OnApply"),
	},
	"DC-TMPL-RECORD-CRIT-FORM": {
		rec("error", "", aMember, `"crit": []`, `"crit": ["%v%"]`), rec("error", "error", aMember, `"crit": "x"`),
		rec("", "", aMember, `"crit": ["vnd.example.proxied"], "vnd.example.proxied": true`, `"crit": ["absent"]`),
	},
	"DC-TMPL-RECORD-FIELD-NAMES": {
		rec("error", "warning", aMember, `"x-proxied": 1`, `"vnd.a1": 1`, `"foo_bar": 1`), rec("warning", "warning", aMember, `"proxied": 1`), rec("", "warning", aMember, `"vnd.example.proxied": 1`),
		rec("", "", aMember, `"groupId": "g"`),
	},
	"DC-TMPL-FIELDS-PER-TYPE": {
		dropped(fill(aHost, "@"), fill(cnameTo, "a.example.net"), fill(mxTo, "mail.example.net"), fill(txtData, "a=b"), srvForm, fill(spfm, "mx"),
			`{"type": "CAA", "host": "@", "data": "0 issue \"ca.example.net\"", "ttl": 300}`,
			`{"type": "AAAA", "host": "@", "pointsTo": "2001:db8::1", "ttl": 300}`, `{"type": "NS", "host": "sub", "pointsTo": "ns.example.net", "ttl": 300}`),
	},
	"DC-TMPL-APEX-CNAME-HOSTREQUIRED": {rec("error", "error", `{"type": "CNAME", "host": "§", "pointsTo": "a.example.net", "ttl": 300}`, "@", "", "%fqdn%.", "%domain%."), rec("", "", cnameTo, "a.example.net")},
	"DC-TMPL-APEX-NS-HOSTREQUIRED":    {rec("error", "error", `{"type": "NS", "host": "§", "pointsTo": "a.example.net", "ttl": 300}`, "@", ""), rec("", "", `{"type": "NS", "host": "§", "pointsTo": "a.example.net", "ttl": 300}`, "sub")},
	"DC-TMPL-VARIABLE-MINIMAL": {
		rec("warning", "warning", cnameTo, "%n%"), rec("warning", "warning", txtData, "%n%"), rec("warning", "warning", spfm, "%n%"), rec("warning", "warning", srvWith("target"), "%n%"),
		rec("", "", cnameTo, "s%n%.example.net"),
	},
	"DC-TMPL-HOST-NO-SUBDOMAIN-VARIABLE": {
		rec("warning", "warning", aHost, "%sub%", "www.%sub%"), rec("", "", aHost, "www", "www.%domain%.", "%fqdn%."), rec("info", "", `{"type": "TXT", "host": "§", "data": "a=b", "ttl": 300}`, "_%code%.x"),
	},
	"DC-TMPL-VARIABLE-SYNTAX": {
		rec("warning", "warning", txtData, "%a b%", "%a.b%", "%%", "%é-acute%", "x%y"), rec("", "", txtData, "%a-b_1%"), rec("", "", spfm, "exists:%{i}.x.example"),
	},
	"DC-TMPL-VARIABLE-RESERVED": {
		rec("error", "", txtData, "a=%providerId%", "a=%serviceId%", "a=%redirect_uri%", "a=%state%", "a=%providerName%", "a=%serviceName%", "a=%groupId%", "a=%sig%", "a=%key%",
			"a=%crit%", "a=%client_id%", "a=%response_type%", "a=%scope%"),
		rec("warning", "", txtData, "a=%instanceId%", "a=%force%", "a=%code%", "a=%properties%"), rec("", "", txtData, "a=%ip%", "a=%domain%", "a=%fqdn%"),
	},
	"DC-TMPL-AT-ONLY-ALLOWED-FIELDS": {
		rec("", "", aHost, "@"), rec("", "", cnameTo, "@"), rec("", "", srvWith("target"), "@"), rec("info", "", txtData, "@"), rec("error", "error", spfm, "@"),
		rec("error", "error", srvWith("service"), "@"), rec("", "", txtData, "mailto:a@example.net", "@dv=1"),
	},
	"DC-TMPL-MULTIINSTANCE-NO-SELF-CONFLICT": multiStimuli(),
}

// multiStimuli are records of a multiInstance template on a fixed host.
func multiStimuli() [][]stimulus {
	multi := func(level string, records ...string) []stimulus {
		var list []stimulus
		for _, r := range records {
			list = append(list, stimulus{"multiInstance", fmt.Sprintf("true,\n\"hostRequired\": true, \"records\": [%s]", r), level, level})
		}
		return list
	}
	return [][]stimulus{
		multi("error", fill(cnameTo, "%v%.example.net"), fill(mxTo, "%v%.example.net"), fill(strings.Replace(aHost, "192.0.2.1", "%ip%", 1), "@"),
			fill(txtMember, `"txtConflictMatchingMode": "All"`), fill(txtMember, `"txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "ms="`),
			`{"type": "NS", "host": "sub", "pointsTo": "%v%.example.net", "ttl": 300}`),
		multi("", fill(txtMember, `"txtConflictMatchingMode": "None"`), fill(txtMember, `"txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "other"`), fill(mxTo, "mail.example.net")),
	}
}

func TestRecordsByTheRegister(t *testing.T) { judgeStimuli(t, recordStimuli) }
