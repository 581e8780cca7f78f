package variables

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.2 and 10.2 (4a): what came out is checked before anything is
// applied.
var checked = []trial.Case{
	// Variables in numbers may be unsupported, but then for all to see.
	{Key: "variables-numeric-support", Title: "variables in numbers are supported, or the template is not",
		Requirements: []string{"DC-VAR-NUMERIC-SUPPORT"}, Templates: []string{"numbers", "telephony"},
		Body: func(t *trial.Trial) {
			// The twin has the same record, with numbers that are written out.
			t.Settled(t.Request("telephony").With("host", "twin.{host}"), "_sip._tcp.twin 600 SRV 10 20 5060 sip.service.example.")
			supported := t.Supports("numbers")
			e := t.Approve(t.Request("numbers"))
			t.Abuse("DC-VAR-NUMERIC-SUPPORT", supported && !e.Succeeded(), check.About{Sent: "the template query, then GET " + e.Link,
				Expected: []string{"a template that is said to be supported can be applied"}, Actual: e.String()})
		}},
	{Key: "variables-numeric-range", Title: "numbers from variables are integers from 0 to 65535",
		Requirements: []string{"DC-VAR-NUMERIC-RANGE"}, Templates: []string{"numbers"},
		Body: func(t *trial.Trial) {
			r := t.Request("numbers")
			for _, v := range []string{"-1", "65536", "1.5", "", "x"} {
				t.Refuses("DC-VAR-NUMERIC-RANGE", r.With("port", v), r, r.Records()...)
				t.ResetHost()
			}
			for _, v := range []string{"0", "65535"} {
				holds(t, "DC-VAR-NUMERIC-RANGE", r.With("weight", v), "_sip._tcp 600 SRV 10 "+v+" 5060 sip.service.example.")
				t.ResetHost()
			}
		}},
	illegal("variables-a-checked", "A", "address", "ip", "@ 600 A 192.0.2.10", "999.1.1.1", "2001:db8::1"),
	illegal("variables-aaaa-checked", "AAAA", "address6", "ip", "@ 600 AAAA 2001:db8::10", "192.0.2.1", "2001:db8::g"),
	illegal("variables-cname-checked", "CNAME", "alias", "target", "@ 600 CNAME alias.service.example.", "a b", strings.Repeat("a", 64)+".example"),
	// One bad record fails the whole request, and is not left out.
	{Key: "variables-bad-record-not-skipped", Title: "a bad value fails the request, and not only its record",
		Requirements: []string{"DC-VAR-TYPE-CHECK"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			t.Refuses("DC-VAR-TYPE-CHECK", r.With("ip", "999.1.1.1").With("text", "bad"), r, r.Records()...)
		}},
}

// illegal is the case of values that are none of a record type.
func illegal(key, what, template, variable, record string, bad ...string) trial.Case {
	return trial.Case{Key: key, Title: "a value that is no data of the record's type is refused: " + what,
		Requirements: []string{"DC-VAR-TYPE-CHECK"}, Templates: []string{template},
		Body: func(t *trial.Trial) {
			r := t.Request(template)
			for _, v := range bad {
				t.Refuses("DC-VAR-TYPE-CHECK", r.With(variable, v), r, record)
				t.ResetHost()
			}
		}}
}

// noneInGroup lists the group that the variable would make.
func noneInGroup(t *trial.Trial) {
	const id = "DC-VAR-NO-SUBSTITUTION-ELSEWHERE"
	e := t.Approve(t.Request("variable-group").With("groupId", "one"))
	about := check.About{Sent: "GET " + e.Link, Expected: []string{"the template is not supported", "no record has the group that the request names"}, Actual: e.String()}
	t.Require(id, e.Succeeded(), gomega.BeFalse(), about)
	about.Actual = "the record was written: the caller has chosen its group"
	t.Require(id, t.Present(`@ 600 TXT "chosen"`), gomega.BeEmpty(), about)
	t.Given(t.Request("text"), `@ 600 TXT "plain"`)
}
