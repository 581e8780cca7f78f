package signature

import "github.com/dcconform/dcconform/suites/trial"

// Sections 8.3.2.1 and 8.3.4 (1): a template with syncPubKeyDomain takes no
// request without a signature, which is sig and key together.
var required = []trial.Case{
	{Key: "signature-missing", Title: "a request without sig and key is refused",
		Requirements: []string{"DC-SIG-REQUIRED"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			t.Refuses("DC-SIG-REQUIRED", r.Unsigned(), r, r.Records()...)
		}},
	{Key: "signature-incomplete", Title: "a request with only one of sig and key, or with an empty one, is refused",
		Requirements: []string{"DC-SIG-BOTH-PARAMS"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			t.RefusesEach("DC-SIG-BOTH-PARAMS", r, r.Records(),
				assembled("sig without key", r, func(text, sig, _ string) string { return text + "&" + sigIs(sig) }),
				assembled("key without sig", r, func(text, _, label string) string { return text + "&" + keyIs(label) }),
				assembled("an empty key", r, func(text, sig, _ string) string { return text + "&" + pair(sig, "") }),
				assembled("an empty sig", r, func(text, _, label string) string { return text + "&" + pair("", label) }),
				assembled("both empty", r, func(text, _, _ string) string { return text + "&sig=&key=" }),
				assembled("both without an equals sign", r, func(text, _, _ string) string { return text + "&sig&key" }))
		}},
}
