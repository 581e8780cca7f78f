package recordtypes

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Types that are not for templates, or do not exist.
var refused = []trial.Case{
	// 6.2, 8.2, 10.7: a template is supported whole or not at all.
	{Key: "recordtypes-unknown-type", Title: "a template with a type that does not exist is refused whole",
		Requirements: []string{"DC-RT-UNSUPPORTED-WHOLE"}, Templates: []string{"unknown-type", "address"},
		Body: func(t *trial.Trial) { notApplied(t, "DC-RT-UNSUPPORTED-WHOLE", "unknown-type", "@ 600 A 192.0.2.80") }},
	// dcspec-2.3, General information: types that the name server writes by
	// itself.
	keptOut("recordtypes-no-rrsig", "RRSIG", "type-rrsig", "@ 600 RRSIG A 8 2 3600 20300101000000 20250101000000 12345 example.com. AAAA"),
	keptOut("recordtypes-no-dnskey", "DNSKEY", "type-dnskey", "@ 600 DNSKEY 257 3 8 AwEAAQ=="),
	keptOut("recordtypes-no-nsec", "NSEC", "type-nsec", "@ 600 NSEC host.example. A TXT"),
	keptOut("recordtypes-no-soa", "SOA", "type-soa", "@ 600 SOA ns1.service.example. hostmaster.service.example. 1 7200 3600 1209600 3600"),
}

// keptOut is the case of a type that belongs to the name server.
func keptOut(key, what, template, record string) trial.Case {
	return trial.Case{Key: key, Title: "a template cannot write " + what,
		Requirements: []string{"DC-RT-DNSSEC-TYPES-KEPT-OUT"}, Templates: []string{template, "address"},
		Body: func(t *trial.Trial) {
			notApplied(t, "DC-RT-DNSSEC-TYPES-KEPT-OUT", template, record)
		}}
}

// notApplied states that a template is not applied, and no record of it
// written. How an unknown template is refused has cases of its own.
func notApplied(t *trial.Trial, id, template, record string) {
	e := t.Approve(t.Request(template))
	// The twin, with a type that everybody has, is applied.
	t.Settled(t.Request("address").With("host", "twin.{host}"), "twin 600 A 192.0.2.10")
	about := check.About{Sent: "GET " + e.Link, Expected: []string{"a refusal: the provider does not support the template"}, Actual: e.String()}
	if t.Require(id, e.Asked(), gomega.BeFalse(), about) {
		written := t.Present(record)
		about.Actual = "this was written: " + strings.Join(written, ", ")
		t.Require(id, written, gomega.BeEmpty(), about)
	}
}
