package recordtypes

import (
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 6.2: data is the presentation form of the type, or that of RFC 3597.
var generic = []trial.Case{
	{Key: "recordtypes-generic-data", Title: "record data means the same in every form that it can have",
		Requirements: []string{"DC-RT-GENERIC-DATA"}, Templates: []string{"generic-data"},
		Body: func(t *trial.Trial) {
			r := t.Request("generic-data")
			t.Applies("DC-RT-GENERIC-DATA", r, r.Records()...)
		}},
	{Key: "recordtypes-private-data", Title: "the octets of a type without a name are written",
		Requirements: []string{"DC-RT-GENERIC-DATA"}, Templates: []string{"private-type"},
		Body: func(t *trial.Trial) {
			r := t.Request("private-type")
			t.Applies("DC-RT-GENERIC-DATA", r, r.Records()...)
		}},
	// 10.2 (4a): data is looked at before it is written.
	{Key: "recordtypes-generic-checked", Title: "data that is none of its type is refused",
		Requirements: []string{"DC-RT-GENERIC-CHECKED"}, Templates: []string{"certificate"}, Editions: []register.Edition{register.IETF05},
		Body: func(t *trial.Trial) {
			r := t.Request("certificate")
			t.RefusesEach("DC-RT-GENERIC-CHECKED", r, r.Records(),
				trial.Variant{What: "no number in front", Request: r.With("data", "issue x")},
				trial.Variant{What: "a number beyond one octet", Request: r.With("data", `300 issue "ca1.example.net"`)},
				trial.Variant{What: "octets that are no CAA", Request: r.With("data", `\# 1 00`)})
		}},
}
