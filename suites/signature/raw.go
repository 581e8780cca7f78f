package signature

import "github.com/dcconform/dcconform/suites/trial"

// Sections 8.3.4 (6) and 11.3: what is verified is the query as it came, less
// sig and key. The control twin of each request is the canonical one, which
// whoever decodes, sorts and encodes again gets right by accident.
var raw = []trial.Case{
	{Key: "signature-raw-query", Title: "a signature over percent-escapes in lower case verifies",
		Requirements: []string{"DC-SIG-RAW-QUERY"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			t.Twin(t.Request("signed").With("text", "a+b"))
			r := octets(t, "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=a%2bb")
			t.Confirms("DC-SIG-RAW-QUERY", r)
		}},
	{Key: "signature-raw-unreserved", Title: "a signature over a tilde, a colon and letters, escaped and plain, verifies",
		Requirements: []string{"DC-SIG-RAW-QUERY"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			t.Twin(t.Request("signed").With("text", "~~:a"))
			r := octets(t, "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=~%7E:%61")
			t.Confirms("DC-SIG-RAW-QUERY", r)
		}},
	{Key: "signature-raw-plus", Title: "a signature over a plus sign verifies",
		Requirements: []string{"DC-SIG-RAW-QUERY"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			// What the plus stands for differs by edition, and is judged with
			// the variables.
			t.Twin(t.Request("signed"))
			t.Reaches("DC-SIG-RAW-QUERY", octets(t, "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=a+b"))
		}},
	{Key: "signature-raw-empty-parameter", Title: "a signature over parameters without a value verifies",
		Requirements: []string{"DC-SIG-RAW-QUERY"}, Templates: []string{"signed", "plain"},
		Body: func(t *trial.Trial) {
			// The page about the apex is only looked at. That an empty host is
			// taken at all is shown by the template that needs no signature.
			t.Twin(t.Request("signed"))
			t.Twin(t.Request("plain").With("host", "").With("state", ""))
			t.ReachesEach("DC-SIG-RAW-QUERY",
				trial.Variant{What: "an empty state", Request: octets(t, "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&state=&text=a")},
				trial.Variant{What: "an empty host", Request: octets(t, "domain={domain}&host=&ip=192.0.2.2&redirect_uri={back}&text=a")})
		}},
	{Key: "signature-raw-semicolon", Title: "a signature over a semicolon verifies",
		Requirements: []string{"DC-SIG-RAW-QUERY"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			t.Twin(t.Request("signed").With("text", "a;b"))
			t.Reaches("DC-SIG-RAW-QUERY", octets(t, "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=a;b"))
		}},
	{Key: "signature-unsorted", Title: "a signature over parameters in another order than by name verifies",
		Requirements: []string{"DC-SIG-UNSORTED-ACCEPTED"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			t.Twin(t.Request("signed"))
			r := octets(t, "text=signed&redirect_uri={back}&ip=192.0.2.2&host={host}&domain={domain}")
			t.Confirms("DC-SIG-UNSORTED-ACCEPTED", r)
		}},
	{Key: "signature-sorted-repeatedly", Title: "a sorted and encoded request verifies every time",
		Requirements: []string{"DC-SIG-REBUILD-STEPS"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			// Whoever takes the text from a hash map is right now and then.
			r := t.Request("signed").With("text", "a b+c/ä")
			t.Twin(t.Request("signed"))
			ten := make([]trial.Variant, 10)
			for i := range ten {
				ten[i] = trial.Variant{What: "the same request again", Request: r}
			}
			t.ReachesEach("DC-SIG-REBUILD-STEPS", ten...)
		}},
}
