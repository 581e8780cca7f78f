package signature

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.4 and 8.3.4 (4): RS256 is RSASSA-PKCS1-v1_5 with SHA-256, with
// keys of any size that is in use, and nothing else is.
var algorithms = []trial.Case{
	{Key: "signature-rs256", Title: "a request signed by RS256 with a key of 2,048 bits verifies",
		Requirements: []string{"DC-SIG-RS256-SUPPORTED"}, Templates: []string{"signed", "plain"},
		Body: func(t *trial.Trial) {
			t.SignedIn(t.Request("plain"))
			r := t.Request("signed")
			// Some take sig only at the end, or stumble over plus signs, which
			// are matters of their own.
			for _, other := range []func() trial.Request{
				func() trial.Request {
					return r.Assembled(func(text, sig, label string) string { return text + "&" + keyIs(label) + "&" + sigIs(sig) })
				},
				func() trial.Request {
					return signedLike(t, r.With("text", "signed"), "state", func(sig string) bool { return !strings.Contains(sig, "+") })
				},
			} {
				if t.Look(r).Asked() {
					break
				}
				r = other()
			}
			t.Confirms("DC-SIG-RS256-SUPPORTED", r)
		}},
	{Key: "signature-rs256-long-key", Title: "a request signed by RS256 with a key of 4,096 bits verifies",
		Requirements: []string{"DC-SIG-RS256-SUPPORTED"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			second, long, short := t.Label("a"), t.Label("b"), t.Label("c")
			t.PublishKey(second, t.TestKey("second"))
			t.PublishKey(long, t.TestKey("long"))
			t.PublishKey(short, t.TestKey("short"))
			r := t.Request("signed")
			t.Twin(r.SignedBy(t.Signing(t.TestKey("second"), second)))
			t.Confirms("DC-SIG-RS256-SUPPORTED", r.SignedBy(t.Signing(t.TestKey("long"), long)))
			reading := "refused"
			if t.Look(r.SignedBy(t.Signing(t.TestKey("short"), short))).Asked() {
				reading = "taken"
			}
			t.Note("reading", "a key of 1,024 bits, which is too short to be safe, is "+reading)
		}},
	{Key: "signature-algorithm-stated", Title: "RS256 is the algorithm of a key that says nothing, as of one that says so",
		Requirements: []string{"DC-SIG-ALG-FROM-RECORD"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			pair := t.TestKey("second")
			stated, silent := t.Label("a"), t.Label("b")
			t.Publish(stated, "p=1,a=RS256,d="+pair.Data[:200], "p=2,a=RS256,d="+pair.Data[200:])
			t.Publish(silent, "p=1,d="+pair.Data[:200], "p=2,d="+pair.Data[200:])
			t.Twin(t.Request("signed").SignedBy(t.Signing(pair, stated)))
			t.Reaches("DC-SIG-ALG-FROM-RECORD", t.Request("signed").SignedBy(t.Signing(pair, silent)))
		}},
	{Key: "signature-other-schemes", Title: "under RS256 no signature by PSS, or over a SHA-1 or SHA-512 digest, is taken",
		Requirements: []string{"DC-SIG-ALG-FROM-RECORD"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			by := func(what string, scheme func(text []byte) ([]byte, error)) trial.Variant {
				return assembled(what, r, func(text, _, label string) string {
					sig, err := scheme([]byte(text))
					t.Broken(err)
					return text + "&" + pair(base64.StdEncoding.EncodeToString(sig), label)
				})
			}
			key := t.World.Key.Private
			t.RefusesEach("DC-SIG-ALG-FROM-RECORD", r, r.Records(),
				by("PSS with SHA-256", func(text []byte) ([]byte, error) {
					digest := sha256.Sum256(text)
					return rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], nil)
				}),
				by("PKCS#1 v1.5 with SHA-1", func(text []byte) ([]byte, error) {
					digest := sha1.Sum(text)
					return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, digest[:])
				}),
				by("PKCS#1 v1.5 with SHA-512", func(text []byte) ([]byte, error) {
					digest := sha512.Sum512(text)
					return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA512, digest[:])
				}))
		}},
}

// unsigned are about templates that demand no signature (section 8.3.4, and
// 8.3.5 for where the user may be sent).
var unsigned = []trial.Case{
	{Key: "signature-ignored", Title: "a signature that no template demands is ignored, be it good, wrong or garbage",
		Requirements: []string{"DC-SIG-IGNORED-WHEN-NOT-REQUIRED"}, Templates: []string{"plain", "signed"},
		Body: func(t *trial.Trial) {
			const id = "DC-SIG-IGNORED-WHEN-NOT-REQUIRED"
			plain, signed := t.Request("plain"), t.Request("signed")
			t.Twin(plain)
			garbage := func(r trial.Request) trial.Request {
				return r.SignedBy(t.World.Key).Assembled(func(text, _, _ string) string { return text + "&sig=**garbage**&key=a.b..c" })
			}
			if t.Look(garbage(signed)).Asked() {
				t.Inconclusive("control-twin", "the signature that is garbage is taken for a template that demands one")
			}
			beside := plain.With("host", "twin.{host}")
			t.ReachesEach(id,
				trial.Variant{What: "a good signature", Request: beside.SignedBy(t.World.Key)},
				changed(t, "a signature over another text", beside.SignedBy(t.World.Key), "text=plain", "text=other"),
				appended("only a key", beside, "&"+keyIs("_nobody")))
			t.Confirms(id, garbage(plain))
		}},
	{Key: "signature-not-faked", Title: "a request does not count as signed because it has sig and key",
		Requirements: []string{"DC-SIG-SIGNED-STATUS-NOT-FAKED"}, Templates: []string{"plain", "signed"}, Body: notFaked},
}

// notFaked sends the user along with a signature that nobody can check and a
// place to return to that the template does not list.
func notFaked(t *trial.Trial) {
	const id = "DC-SIG-SIGNED-STATUS-NOT-FAKED"
	elsewhere := t.Callback("elsewhere.example")
	control := t.Approve(t.Request("signed").With("redirect_uri", elsewhere))
	if _, back := control.Back(); !back {
		t.Note("control-twin", "a request that is really signed is not redirected to a host that the template does not list, either")
	}
	plain := t.Request("plain")
	if anywhere := t.Approve(plain.With("redirect_uri", elsewhere)); anywhere.Outcome.Returned {
		t.Inconclusive("control-twin", "the user is sent to a host that the template does not list without a signature, too: "+anywhere.String())
	}
	bare, signed := t.Look(plain), t.Look(plain.SignedBy(t.World.Key))
	one, asked := bare.Page()
	other, askedAgain := signed.Page()
	if !asked || !askedAgain {
		t.Inconclusive("control-twin", "the template that demands no signature cannot be applied: "+signed.String())
	}
	t.Require(id, other.Alerts, gomega.Equal(one.Alerts), check.About{Sent: "GET " + signed.Link,
		Expected: []string{"the consent page warns as it does of the same request without sig and key"}})
	for _, v := range []trial.Variant{
		{What: "a signature by somebody's key", Request: plain.With("redirect_uri", elsewhere).SignedBy(t.World.Key)},
		{What: "a signature that is garbage", Request: plain.With("redirect_uri", elsewhere).SignedBy(t.World.Key).
			Assembled(func(text, _, _ string) string { return text + "&sig=x&key=" + client.Encode("x") })},
	} {
		e := t.Approve(v.Request)
		t.Require(id, e.Outcome.Returned || len(e.Hits) > 0, gomega.BeFalse(), check.About{Sent: "GET " + e.Link + ", then Confirm",
			Expected: []string{"the user stays at the provider: elsewhere.example is not in syncRedirectDomain"}, Actual: v.What + ": " + e.String()})
	}
}
