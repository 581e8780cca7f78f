package publickey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.4 and 8.3.4 (4, 5): a and t say what the key is for and how it is
// written, RS256 and x509 unless they say otherwise.
var formats = []trial.Case{
	{Key: "publickey-defaults", Title: "a key without a and t is an RS256 key in the x509 format",
		Requirements: []string{"DC-KEY-DEFAULTS"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			t.Twin(twin(t))
			d := data(t)
			t.ReachesEach("DC-KEY-DEFAULTS",
				accepted(t, "neither a nor t", published(t, "a", "p=1,d="+d[:200], "p=2,d="+d[200:])),
				accepted(t, "only t", published(t, "b", "p=1,t=x509,d="+d[:200], "p=2,t=x509,d="+d[200:])),
				accepted(t, "both", published(t, "c", "p=1,a=RS256,t=x509,d="+d[:200], "p=2,a=RS256,t=x509,d="+d[200:])))
		}},
	{Key: "publickey-spki", Title: "a key is read as a DER SubjectPublicKeyInfo",
		Requirements: []string{"DC-KEY-X509-IS-SPKI"}, Templates: []string{"signed"}, Keys: true, Body: asSPKI},
	{Key: "publickey-unknown-algorithm", Title: "a key for an algorithm that the provider cannot handle verifies nothing",
		Requirements: []string{"DC-KEY-UNKNOWN-ALG"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			alg := func(suffix, a string) trial.Request { return published(t, suffix, "p=1,a="+a+",d="+data(t)) }
			good := alg("good", "RS256")
			variants := []trial.Variant{
				{What: "a=none and a signature", Request: alg("none", "none")},
				{What: "a=none and a sig that is no signature", Request: alg("nosig", "none").Assembled(func(text, _, label string) string {
					return text + "&sig=AAAA&key=" + client.Encode(label)
				})},
				{What: "a=FOO", Request: alg("foo", "FOO")},
				{What: "a=ES256 with an RSA key", Request: alg("es", "ES256")},
				{What: "a=HS256 and a signature", Request: alg("hs", "HS256")},
			}
			for what, secret := range map[string]string{"the d of the record": data(t), "the octets of the key": string(decoded(t, data(t)))} {
				variants = append(variants, trial.Variant{What: "a=HS256 and a MAC with " + what + " as its secret",
					Request: alg("mac"+what[4:5], "HS256").Assembled(func(text, _, label string) string {
						mac := hmac.New(sha256.New, []byte(secret))
						mac.Write([]byte(text))
						return text + "&sig=" + client.Encode(base64.StdEncoding.EncodeToString(mac.Sum(nil))) + "&key=" + client.Encode(label)
					})})
			}
			t.RefusesEach("DC-KEY-UNKNOWN-ALG", good, good.Records(), variants...)
			for _, a := range []string{"rs256", "SHA256", "RS512"} {
				either(t, "DC-KEY-UNKNOWN-ALG", "an RS256 signature for a key with a="+a, alg("x"+a, a))
			}
		}},
	{Key: "publickey-unknown-format", Title: "a key in a format that the provider cannot handle verifies nothing",
		Requirements: []string{"DC-KEY-UNKNOWN-ALG"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			good := published(t, "good", "p=1,t=x509,d="+data(t))
			t.RefusesEach("DC-KEY-UNKNOWN-ALG", good, good.Records(),
				trial.Variant{What: "t=foo", Request: published(t, "foo", "p=1,t=foo,d="+data(t))},
				trial.Variant{What: "t=foo in the second of two fragments", Request: published(t, "second", "p=1,t=foo,d="+data(t)[:200], "p=2,t=foo,d="+data(t)[200:])})
		}},
}

// asSPKI publishes the three forms in which people write a public key.
func asSPKI(t *trial.Trial) {
	const id = "DC-KEY-X509-IS-SPKI"
	pair := t.TestKey("second")
	spki := t.Look(published(t, "spki", cut(pair.Data, 200)...))
	certificate := t.Look(published(t, "cert", cut(pair.Certificate, 200, 200, 200, 200, 200)...))
	if !spki.Asked() && !certificate.Asked() {
		t.Inconclusive("control-twin", "no form of the key works: "+spki.String())
	}
	t.Require(id, spki.Asked(), gomega.BeTrue(), check.About{Sent: "GET " + spki.Link,
		Expected: []string{"the user is asked for consent"}, Actual: spki.String() + ", and is asked when a certificate is published instead",
		Mend: "read d as the base64 of a DER SubjectPublicKeyInfo"})
	either(t, id, "a certificate in d", published(t, "cert", cut(pair.Certificate, 200, 200, 200, 200, 200)...))
	either(t, id, "a PKCS#1 key in d", published(t, "pkcs", cut(pair.PKCS1, 200)...))
}

func decoded(t *trial.Trial, text string) []byte {
	octets, err := base64.StdEncoding.DecodeString(text)
	t.Broken(err)
	return octets
}
