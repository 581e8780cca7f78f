package syncapply

import (
	"strings"

	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 8.3.3 and 9.2.2: which parameters a request has to have, and which
// do not matter.
var parameters = []trial.Case{
	{Key: "syncapply-validated-first", Title: "what is wrong with a request shows before the user is asked",
		Requirements: []string{"DC-REQ-VALIDATE-BEFORE-CONSENT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			t.RefusesEach("DC-REQ-VALIDATE-BEFORE-CONSENT", r, r.Records(),
				trial.Variant{What: "without a variable", Request: r.Without("text")},
				trial.Variant{What: "without variables", Request: r.Without("text", "ip")},
				trial.Variant{What: "without domain", Request: r.Without("domain")},
				trial.Variant{What: "with an empty label in host", Request: r.With("host", "a..{host}")})
		}},
	{Key: "syncapply-signature-first", Title: "the signature is checked before the user is asked",
		Requirements: []string{"DC-REQ-VALIDATE-BEFORE-CONSENT"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			t.RefusesEach("DC-REQ-VALIDATE-BEFORE-CONSENT", r, r.Records(),
				trial.Variant{What: "without a signature", Request: r.Unsigned()},
				trial.Variant{What: "changed after signing", Request: r.Raw(func(query string) string { return strings.Replace(query, "text=signed", "text=other", 1) })},
				trial.Variant{What: "signed, without a variable", Request: r.Without("text")})
		}},
	{Key: "syncapply-missing-variable", Title: "a request that lacks a variable fails",
		Requirements: []string{"DC-REQ-MISSING-VARIABLE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			t.RefusesEach("DC-REQ-MISSING-VARIABLE", r, r.Records(),
				trial.Variant{What: "without the text", Request: r.Without("text")},
				trial.Variant{What: "without the address", Request: r.Without("ip")})
		}},
	{Key: "syncapply-empty-variable", Title: "a variable with an empty value is not missing",
		Requirements: []string{"DC-REQ-MISSING-VARIABLE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			t.Given(below(r, "twin"), "twin 600 A 192.0.2.1", `note.twin 600 TXT "v=plain"`)
			includes(t, "DC-REQ-MISSING-VARIABLE", r.With("text", ""), "@ 600 A 192.0.2.1", `note 600 TXT "v="`)
		}},
	{Key: "syncapply-unreferenced-ignored", Title: "parameters that the template does not use are ignored",
		Requirements: []string{"DC-REQ-IGNORE-UNREFERENCED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-IGNORE-UNREFERENCED"
			more := []string{"utm_source=x", "foo=%25bar%25", "vnd.example.x=1", "dc.foo=1", "flag"}
			r := t.Request("plain")
			t.Given(below(r, "twin"), "twin 600 A 192.0.2.1", `note.twin 600 TXT "v=plain"`)
			includes(t, id, appended(r, more...), "@ 600 A 192.0.2.1", `note 600 TXT "v=plain"`)
			t.Settled(below(appended(r.With("ip", "192.0.2.9"), more...), "other"), "other 600 A 192.0.2.9", `note.other 600 TXT "v=plain"`)
		}},
	{Key: "syncapply-names-keep-case", Title: "a parameter whose name differs in letter case is another parameter",
		Requirements: []string{"DC-REQ-CASE-SENSITIVE-NAMES"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			t.RefusesEach("DC-REQ-CASE-SENSITIVE-NAMES", r, r.Records(),
				trial.Variant{What: "IP and not ip", Request: r.Without("ip").With("IP", "192.0.2.1")},
				trial.Variant{What: "Text and not text", Request: r.Without("text").With("Text", "plain")},
				trial.Variant{What: "Domain and not domain", Request: r.Without("domain").With("Domain", "{domain}")})
		}},
	{Key: "syncapply-instance-id", Title: "instanceId does not make a request fail",
		Requirements: []string{"DC-REQ-INSTANCEID-ACCEPTED"}, Templates: []string{"state-flags", "plain", "signed"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-INSTANCEID-ACCEPTED"
			var variants []trial.Variant
			for _, service := range []string{"state-flags", "plain", "signed"} {
				r := t.Request(service)
				t.Twin(r)
				variants = append(variants, trial.Variant{What: service, Request: r.With("instanceId", "i1")})
			}
			t.ReachesEach(id, variants...)
			t.Confirms(id, t.Request("plain").With("instanceId", "i1"))
		}},
}
