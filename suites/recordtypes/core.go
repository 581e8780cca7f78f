package recordtypes

import (
	"slices"

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
		Requirements: []string{"DC-RT-NUMBER-OR-STRING"}, Templates: []string{"digits-bare", "digits-quoted"}, Body: digits},
}

func digits(t *trial.Trial) {
	const id = "DC-RT-NUMBER-OR-STRING"
	of := func(host string) []string {
		return []string{host + " 1800 MX 10 mx.service.example.", "_sip._tcp." + host + " 1800 SRV 10 20 5060 sip.service.example."}
	}
	t.Given(t.Request("digits-bare").With("host", "bare.{host}"), of("bare")...)
	e := t.Confirms(id, t.Request("digits-quoted").With("host", "quoted.{host}"))
	t.Holds(id, sent(e), slices.Concat(of("bare"), of("quoted"))...)
	// A provider may have times to live of its own, but not two for one number.
	for i := range of("bare") {
		bare, quoted := t.Answers(of("bare")[i])[0].Records[0], t.Answers(of("quoted")[i])[0].Records[0]
		about := sent(e)
		about.Expected, about.Actual = []string{"the TTL of " + bare.String()}, quoted.String()
		t.Require(id, quoted.TTL, gomega.Equal(bare.TTL), about)
	}
}
