package signature

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 3 and 8.3.4: sig is standard base64 in percent-encoding, and a
// request is refused, in order, whatever is wrong with it.
var refused = []trial.Case{
	{Key: "signature-unusable", Title: "a request whose signature is damaged, cut or somebody else's is refused in order",
		Requirements: []string{"DC-SIG-ANY-FAILURE-REJECTS"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			stranger := t.TestKey("third")
			with := func(what string, change func(sig string) string) trial.Variant {
				return assembled(what, r, func(text, sig, label string) string { return text + "&" + pair(change(sig), label) })
			}
			t.RefusesEach("DC-SIG-ANY-FAILURE-REJECTS", r, r.Records(),
				with("what is no base64", func(string) string { return "*** no base64 ***" }),
				with("an octet that is no text", func(string) string { return "\xff\x00" }),
				with("three octets", func(string) string { return "AAAA" }),
				with("a signature without its end", func(sig string) string { return sig[:len(sig)/2/4*4] }),
				with("a signature twice as long", func(sig string) string { return strings.TrimRight(sig, "=") + "AA" + sig }),
				with("one character changed", bent),
				with("zeros only", func(sig string) string { return strings.Repeat("A", len(sig)-2) + "==" }),
				trial.Variant{What: "a signature by a key that is published nowhere",
					Request: r.SignedBy(t.Signing(stranger, t.World.Key.Label))})
		}},
	{Key: "signature-escaped-base64", Title: "plus, slash and equals signs of a signature arrive when they are percent-encoded",
		Requirements: []string{"DC-SIG-SIG-DECODING", "DC-SIG-ANY-FAILURE-REJECTS"}, Templates: []string{"signed"}, Body: escapedBase64},
}

// escapedBase64 sends a signature that holds every character which is escaped.
func escapedBase64(t *trial.Trial) {
	const id = "DC-SIG-SIG-DECODING"
	r := signedLike(t, t.Request("signed"), "text", func(sig string) bool { return strings.Contains(sig, "+") && strings.Contains(sig, "/") })
	e := t.Look(r)
	if !e.Asked() {
		// Where no signature works, it is not the plus sign that is to blame.
		t.Twin(signedLike(t, t.Request("signed"), "text", func(sig string) bool { return !strings.Contains(sig, "+") }))
	}
	t.Require(id, e.Asked(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link, Expected: []string{"the user is asked for consent"},
		Actual: e.String() + ", and is asked with a signature that has no plus sign",
		Mend:   "percent-decode sig once, without reading + as a space, and decode it as standard base64"})
	for _, v := range []trial.Variant{
		assembled("base64url without padding", r, func(text, sig, label string) string {
			return text + "&" + pair(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(sig), "="), label)
		}),
		assembled("standard base64 without padding", r, func(text, sig, label string) string {
			return text + "&" + pair(strings.TrimRight(sig, "="), label)
		}),
		assembled("plus, slash and equals signs unescaped", r, func(text, sig, label string) string {
			return text + "&sig=" + sig + "&" + keyIs(label)
		}),
		assembled("escapes in lower case", r, func(text, sig, label string) string {
			return text + "&sig=" + strings.NewReplacer("+", "%2b", "/", "%2f", "=", "%3d").Replace(sig) + "&" + keyIs(label)
		}),
	} {
		e := t.Look(v.Request)
		reading := "is refused"
		if e.Asked() {
			reading = "is taken"
		}
		t.Note("reading", "a signature in "+v.What+" "+reading)
		t.Require("DC-SIG-ANY-FAILURE-REJECTS", e.Asked() || e.Refused(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link,
			Expected: []string{"the request is refused in order", "the user is asked for consent"}, Actual: v.What + ": " + e.String()})
	}
}

// signedLike is the request whose signature is as wanted. It differs in one
// parameter.
func signedLike(t *trial.Trial, r trial.Request, param string, wanted func(sig string) bool) trial.Request {
	for found := false; !found; {
		t.Broken(t.Context().Err())
		r = r.With(param, r.Value(param)+"d")
		// The query is made for its signature alone.
		_ = r.Assembled(func(text, sig, _ string) string { found = wanted(sig); return text }).Query()
	}
	return r
}
