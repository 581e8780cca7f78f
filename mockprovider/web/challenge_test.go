package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// The example of RFC 7636, appendix B, with the form that stock clients send.
func TestCodeChallenge(t *testing.T) {
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	w := newAsync(t)
	link := w.link(challenge, "code_challenge_method=S256")
	ask := func(code, more string) reply {
		return w.call(http.MethodPost, tokenPath, "", "grant_type=authorization_code&code="+code+"&redirect_uri="+
			strings.ReplaceAll(back, "?", "%3F")+"&client_id=sp.test&client_secret=hush"+more)
	}
	code := w.code(link)
	for more, want := range map[string]string{
		"":                  "code_verifier is missing; the authorization request had a code_challenge",
		"&code_verifier=no": "code_verifier is not the one of code_challenge",
	} {
		if r := ask(code, more); r.status != 400 || r.member("error") != "invalid_grant" || r.member("error_description") != want {
			t.Errorf("%q: %d %s", more, r.status, r.body)
		}
	}
	if r := ask(code, "&code_verifier="+verifier); r.status != 200 || r.member("access_token") == "" {
		t.Errorf("%d %s", r.status, r.body)
	}
	// Without the challenge the flow is as ever.
	if r := ask(w.code(w.link()), ""); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
	const refused = "redirect invalid_request: "
	for override, want := range map[string]string{
		"code_challenge_method=plain": refused + "transform algorithm not supported; code_challenge_method is S256&state=s1",
		"code_challenge_method":       refused + "transform algorithm not supported; code_challenge_method is S256&state=s1",
		"code_challenge=x":            refused + "code_challenge is no SHA-256 in base64url without padding&state=s1",
		"code_challenge=%0a":          refused + "code_challenge cannot be used&state=s1",
		"code_challenge":              refused + "code_challenge_method stands there without code_challenge&state=s1",
	} {
		if got := failedAt(w.browser().get(w.link(challenge, "code_challenge_method=S256", override))); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", override, got, want)
		}
	}
}
