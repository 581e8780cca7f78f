package signature

import "github.com/dcconform/dcconform/suites/trial"

// Sections 8.3.2 and 8.3.3: a template with syncPubKeyDomain takes no request
// without a signature.
var required = []trial.Case{
	{Key: "signature-raw-query", Title: "the signature is verified over the query as received",
		Requirements: []string{"DC-SIG-RAW-QUERY"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			// Escapes in lower case: whoever decodes and encodes again before
			// verifying gets another text than was signed.
			r := t.Request("signed").Sending("domain={domain}&host={host}&ip=192.0.2.2&text=a%2bb")
			t.Applies("DC-SIG-RAW-QUERY", r, "@ 600 A 192.0.2.2", `note 600 TXT "v=a+b"`)
		}},
	{Key: "signature-missing", Title: "a request without sig and key is refused",
		Requirements: []string{"DC-SIG-REQUIRED"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			t.Refuses("DC-SIG-REQUIRED", r.Unsigned(), r, r.Records()...)
		}},
}
