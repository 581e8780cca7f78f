package signature

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.4 (6): a user who has to sign in first comes back to the query
// as it was. The control twin is the same link for a user who is signed in.
var signIn = []trial.Case{
	{Key: "signature-kept-over-sign-in", Title: "a signed request is the same after the user has signed in",
		Requirements: []string{"DC-SIG-QUERY-KEPT-OVER-LOGIN"}, Templates: []string{"signed", "plain"},
		Body: func(t *trial.Trial) {
			keptOverSignIn(t, trial.Variant{What: "the sorted and encoded query", Request: t.Request("signed").With("text", "a b+c")})
		}},
	{Key: "signature-raw-kept-over-sign-in", Title: "a signed request in unusual form is the same after the user has signed in",
		Requirements: []string{"DC-SIG-QUERY-KEPT-OVER-LOGIN"}, Templates: []string{"signed", "plain"},
		Body: func(t *trial.Trial) {
			sending := func(what, text string) trial.Variant {
				return trial.Variant{What: what, Request: octets(t, text)}
			}
			keptOverSignIn(t,
				sending("escapes in lower case", "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=a%2bb"),
				sending("unreserved characters, plain and escaped", "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=~%7E:%61"),
				sending("a plus sign", "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=a+b"),
				sending("an escaped ampersand", "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=a%26b%3dc%25"),
				sending("an empty parameter", "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&state=&text=a"),
				sending("another order", "text=signed&redirect_uri={back}&ip=192.0.2.2&host={host}&domain={domain}"))
		}},
}

// keptOverSignIn judges each request that works with a session without one.
func keptOverSignIn(t *trial.Trial, variants ...trial.Variant) {
	const id = "DC-SIG-QUERY-KEPT-OVER-LOGIN"
	t.SignedIn(t.Request("plain"))
	for _, v := range variants {
		t.Twin(v.Request)
	}
	t.SignedOut()
	var wrong, links []string
	for _, v := range variants {
		e := t.Look(v.Request)
		if e.Asked() && !e.Outcome.SignedIn {
			t.Inconclusive("no-sign-in", "the provider did not ask to sign in, though the user came without a session")
		}
		if !e.Asked() {
			wrong, links = append(wrong, v.What+": "+e.String()), append(links, "GET "+e.Link)
		}
	}
	t.Require(id, wrong, gomega.BeEmpty(), check.About{Sent: strings.Join(links, " and ") + ", without a session, then the password",
		Expected: []string{"the user is asked for consent"}, Actual: strings.Join(wrong, "; "),
		Mend: "keep the query as received on the server while the user signs in, or check the signature before"})
}
