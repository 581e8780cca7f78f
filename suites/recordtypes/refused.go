package recordtypes

import "github.com/dcconform/dcconform/suites/trial"

// Types that are not for templates, or do not exist.
var refused = []trial.Case{
	// 6.2, 8.2, 10.7: a template is supported whole or not at all.
	{Key: "recordtypes-unknown-type", Title: "a template with a type that does not exist is refused whole",
		Requirements: []string{"DC-RT-UNSUPPORTED-WHOLE"}, Templates: []string{"unknown-type", "address"},
		Body: func(t *trial.Trial) {
			t.Watch("extra")
			t.Refuses("DC-RT-UNSUPPORTED-WHOLE", t.Request("unknown-type"), t.Request("address"), "@ 600 A 192.0.2.10")
		}},
	// dcspec-2.3, General information: types that the name server writes by
	// itself.
	keptOut("recordtypes-no-rrsig", "RRSIG", "type-rrsig"),
	keptOut("recordtypes-no-dnskey", "DNSKEY", "type-dnskey"),
	keptOut("recordtypes-no-nsec", "NSEC", "type-nsec"),
	keptOut("recordtypes-no-soa", "SOA", "type-soa"),
}

// keptOut is the case of a type that belongs to the name server.
func keptOut(key, what, template string) trial.Case {
	return trial.Case{Key: key, Title: "a template cannot write " + what,
		Requirements: []string{"DC-RT-DNSSEC-TYPES-KEPT-OUT"}, Templates: []string{template, "text"},
		Body: func(t *trial.Trial) {
			t.Observe(what)
			t.Refuses("DC-RT-DNSSEC-TYPES-KEPT-OUT", t.Request(template), t.Request("text"), `@ 600 TXT "plain"`)
		}}
}
