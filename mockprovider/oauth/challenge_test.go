package oauth

import (
	"slices"
	"testing"
)

// The example of RFC 7636, appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func TestParseChallenge(t *testing.T) {
	const (
		method = "invalid_request: transform algorithm not supported; code_challenge_method is S256"
		form   = "invalid_request: code_challenge is no SHA-256 in base64url without padding"
	)
	for _, tc := range []struct {
		challenge, method string
		hasMethod         bool
		want              string
	}{
		{challenge, "S256", true, ""},
		{"", "", false, ""},
		{"", "S256", true, "invalid_request: code_challenge_method stands there without code_challenge"},
		{"", "", true, "invalid_request: code_challenge_method stands there without code_challenge"},
		{challenge, "", false, method},
		{challenge, "plain", true, method},
		{challenge, "s256", true, method},
		{challenge + "=", "S256", true, form},
		{challenge[1:], "S256", true, form},
		{challenge + "A", "S256", true, form},
		{"+" + challenge[1:], "S256", true, form},
		// The last letter has two bits too many.
		{challenge[:42] + "N", "S256", true, form},
	} {
		got, err := ParseChallenge(tc.challenge, tc.method, tc.hasMethod)
		switch {
		case tc.want == "" && (err != nil || got != Challenge(tc.challenge)), tc.want != "" && (err == nil || err.Error() != tc.want || got != ""):
			t.Errorf("%q by %q: %q, %v, want %q", tc.challenge, tc.method, got, err, tc.want)
		}
	}
}

// A code is good for who knows the verifier, and what was refused spends
// nothing.
func TestVerifier(t *testing.T) {
	for _, tc := range []struct {
		name              string
		challenge         Challenge
		verifier, want    string
		afterwards, again string
	}{
		{"the right one", challenge, verifier, "<nil>", "", ""},
		{"none", challenge, "", "invalid_grant: code_verifier is missing; the authorization request had a code_challenge", verifier, "<nil>"},
		{"another one", challenge, verifier + "x", "invalid_grant: code_verifier is not the one of code_challenge", verifier, "<nil>"},
		{"the challenge itself", challenge, challenge, "invalid_grant: code_verifier is not the one of code_challenge", verifier, "<nil>"},
		{"one where there was no challenge", "", verifier, "invalid_grant: code_verifier stands here, and the authorization request had no code_challenge", "", "<nil>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			b.challenge = tc.challenge
			r := good("sp.test", b.authorize("sp.test"))
			r.Verifier = tc.verifier
			_, err := b.exchange(r)
			b.want(err, tc.want)
			if tc.again == "" {
				return
			}
			if !slices.Equal(b.guards, []Guard{GuardVerifier}) {
				t.Errorf("guards %v, want verifier alone", b.guards)
			}
			r.Verifier = tc.afterwards
			_, err = b.exchange(r)
			b.want(err, tc.again)
		})
	}
}
