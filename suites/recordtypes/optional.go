package recordtypes

import (
	"strings"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 6.2: types that a provider may do without, but not by half.
var optional = []trial.Case{
	whole("recordtypes-ns-whole", "a template with an NS is applied whole or not at all", "DC-RT-NS-OPTIONAL", "with-ns"),
	whole("recordtypes-web-types-whole", "a template with CAA, HTTPS and TLSA is applied whole or not at all", "DC-RT-GENERIC-OPTIONAL", "web-types"),
	whole("recordtypes-private-type-whole", "a template with a type for private use is applied whole or not at all", "DC-RT-GENERIC-OPTIONAL", "private-type"),
}

// whole is the case of a template with an address, which everybody has, and
// records of optional types.
func whole(key, title, id, template string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{id}, Templates: []string{template, "address"},
		Body: func(t *trial.Trial) {
			r := t.Request(template)
			e := t.Approve(r)
			about := sent(e)
			about.Expected = []string{"all records of the template", "a refusal, and none of them"}
			if !e.Succeeded() {
				// The twin: without those records it works. What a refused request
				// has written all the same is seen with it.
				t.Settled(t.Request("address").With("host", "twin.{host}"), "twin 600 A 192.0.2.10")
				t.Note("reading", "the types of "+template+" are not supported")
				there := t.Present(r.Records()...)
				about.Actual = e.String() + "; written: " + strings.Join(there, ", ")
				t.Abuse(id, len(there) > 0, about)
				return
			}
			t.Note("reading", "the types of "+template+" are supported")
			t.Settle(r.Records()...)
			missing := t.Missing(r.Records()...)
			about.Actual = "success was reported, and these are missing: " + strings.Join(missing, ", ")
			t.Abuse(id, len(missing) > 0, about)
		}}
}
