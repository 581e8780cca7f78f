package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// Challenge is what the request for permission says of the code_verifier that
// only who has begun the flow knows (RFC 7636), "" for none: the code_challenge
// of the method S256. Neither text of the protocol speaks of it; it is checked
// where a client sends it.
type Challenge string

// challengeLength is that of a SHA-256 in base64url.
const challengeLength = 43

// ParseChallenge reads code_challenge and code_challenge_method. The error says
// what is wrong; it is an *Error of code invalid_request. The method plain,
// which is meant where there is none (section 4.3), is not taken: it keeps the
// secret from nobody who sees the link (RFC 9700 section 2.1.1).
func ParseChallenge(challenge, method string, hasMethod bool) (Challenge, error) {
	wrong := ""
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(challenge)
	switch {
	case challenge == "" && !hasMethod:
	case challenge == "":
		wrong = "code_challenge_method stands there without code_challenge"
	case method != "S256":
		wrong = "transform algorithm not supported; code_challenge_method is S256"
	case len(challenge) != challengeLength || err != nil || len(decoded) != sha256.Size:
		wrong = "code_challenge is no SHA-256 in base64url without padding"
	}
	if wrong != "" {
		return "", &Error{InvalidRequest, wrong}
	}
	return Challenge(challenge), nil
}

// met says what is wrong with a code_verifier, "" for none: that of a flow with
// a challenge has to be there, and in one without there is none (RFC 9700
// section 4.8.2).
func (c Challenge) met(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	answer := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case c == "" && verifier == "":
	case c == "":
		return "code_verifier stands here, and the authorization request had no code_challenge"
	case verifier == "":
		return "code_verifier is missing; the authorization request had a code_challenge"
	case subtle.ConstantTimeCompare([]byte(answer), []byte(c)) != 1:
		return "code_verifier is not the one of code_challenge"
	}
	return ""
}
