package recordtypes

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 6.2: the types that everybody has.
var core = []trial.Case{
	applied("recordtypes-a", "an A is written as it is", "DC-RT-CORE", "address",
		map[string]string{"ip": "192.0.2.255"}, "@ 600 A 192.0.2.255"),
	applied("recordtypes-aaaa", "an AAAA is written as it is", "DC-RT-CORE", "address6",
		map[string]string{"ip": "2001:db8:1234:5678:9abc:def0:1234:5678"}, "@ 600 AAAA 2001:db8:1234:5678:9abc:def0:1234:5678"),
	applied("recordtypes-cname", "a CNAME is written as it is", "DC-RT-CORE", "alias",
		map[string]string{"target": "_alias.service.example"}, "@ 600 CNAME _alias.service.example."),
	applied("recordtypes-txt", "a TXT is written as it is", "DC-RT-CORE", "text",
		map[string]string{"text": "MixedCase=Base64+/=="}, `@ 600 TXT "MixedCase=Base64+/=="`),
	applied("recordtypes-mx-and-srv", "the numbers of MX and SRV are written in their places, zeros too", "DC-RT-CORE", "zeros", nil,
		"@ 600 MX 0 mx.service.example.", "_imaps._tcp 600 SRV 0 5 993 imap.service.example.", "_pop3s._tcp 600 SRV 10 0 995 pop.service.example."),
	{Key: "recordtypes-number-or-string", Title: "numbers mean the same with and without quotes",
		Requirements: []string{"DC-RT-NUMBER-OR-STRING"}, Templates: []string{"digits-bare", "digits-quoted", "address"}, Body: digits},
}

func digits(t *trial.Trial) {
	const id = "DC-RT-NUMBER-OR-STRING"
	bare := t.Request("digits-bare")
	t.Given(bare, bare.Records()...)
	before := t.Zone()
	e := t.Confirms(id, t.Request("digits-quoted"))
	// What the second template has done is seen with what comes after it.
	const barrier = "twin 600 A 192.0.2.10"
	t.Settled(t.Request("address").With("host", "twin.{host}"), barrier)
	t.Holds(id, sent(e), slices.Concat(bare.Records(), []string{barrier})...)
	after := slices.DeleteFunc(t.Zone(), func(l string) bool { return strings.HasPrefix(l, "twin.") })
	about := sent(e)
	about.Sent = "the template with bare numbers, then " + about.Sent
	about.Expected, about.Actual = append([]string{"the same zone, times to live too"}, before...), strings.Join(after, ", ")
	t.Require(id, after, gomega.Equal(before), about)
}
