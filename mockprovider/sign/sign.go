// Package sign reads published keys and verifies apply requests as a DNS
// provider does (ietf-05 sections 6.4 and 8.3.4). It is pure: the TXT data
// comes from the caller.
//
// What is verified is the query string as received, less the sig and key
// pairs, and nothing else: it is never sorted, decoded or encoded again. So
// both the sorted query of ietf-05 and the unsorted one of dcspec-2.3 verify
// (ietf-05 section 11.3).
package sign

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// Split takes a raw query string apart: the text that the signature covers
// (every pair but sig and key, bytes and order unchanged), and the decoded
// sig and key values. Absent ones are "".
//
// A pair ends at & and nowhere else; its name is what stands before the first
// =, compared undecoded, so that %73ig and apikey are not taken out. A sig or
// key that stands there twice is refused (RepeatedParameter), since one could
// be checked and the other used; so is one whose percent-encoding is broken
// (BadEncoding). The values are percent-decoded once, where + stays a plus
// sign (RFC 3986). The error is an *Error.
func Split(rawQuery string) (text, sig, key string, err error) {
	found := map[string]string{}
	var covered []string
	for segment := range strings.SplitSeq(rawQuery, "&") {
		name, value, _ := strings.Cut(segment, "=")
		if name != "sig" && name != "key" {
			covered = append(covered, segment)
			continue
		}
		if _, again := found[name]; again {
			return "", "", "", refuse(RepeatedParameter, "the query carries %s more than once; send it once", name)
		}
		decoded, err := url.PathUnescape(value)
		if err != nil {
			return "", "", "", refuse(BadEncoding, "the value of %s is not percent-encoded: %v; encode it by RFC 3986", name, err)
		}
		found[name] = decoded
	}
	return strings.Join(covered, "&"), found["sig"], found["key"], nil
}

// Verify checks the signature over the raw query: RSASSA-PKCS1-v1_5 with
// SHA-256, whatever else the key could do. Both sig and key have to be there
// (ietf-05 section 8.3.4 step 1). sig is standard base64 with padding. The
// error is an *Error of a class that Split returns, or of MissingSignature,
// MissingKey, SignatureBase64, SignatureLength or SignatureMismatch.
func Verify(rawQuery string, pub *PublicKey) error {
	text, sig, key, err := Split(rawQuery)
	if err != nil {
		return err
	}
	if sig == "" {
		return refuse(MissingSignature, "the query has no sig; sign it and append sig and key")
	}
	if key == "" {
		return refuse(MissingKey, "the query has a sig but no key; append key with the label that the public key is published at")
	}
	signature, problem := decodeBase64(sig)
	if problem != "" {
		return refuse(SignatureBase64, "sig is no standard base64 with padding: %s", problem)
	}
	if want := pub.RSA.Size(); len(signature) != want {
		return refuse(SignatureLength, "sig has %d octets and the key at %q makes signatures of %d; it was cut, or made with another key", len(signature), key, want)
	}
	digest := sha256.Sum256([]byte(text))
	if err := rsa.VerifyPKCS1v15(pub.RSA, crypto.SHA256, digest[:], signature); err != nil {
		return &Error{Class: SignatureMismatch, Err: err, Message: fmt.Sprintf(
			"the signature does not verify over the query as received without sig and key, which is %q; sign exactly that with the private half of the key at %q (RS256)", text, key)}
	}
	return nil
}

// decodeBase64 decodes standard base64 with padding and nothing else, and
// says what is wrong with anything else. Package base64 alone would skip line
// breaks and accept stray bits at the end.
func decodeBase64(s string) ([]byte, string) {
	if i := strings.IndexAny(s, " \t\r\n"); i >= 0 {
		return nil, fmt.Sprintf("there is whitespace at character %d; leave it out (a + that was decoded as a space looks like this, too)", i+1)
	}
	if i := strings.IndexAny(s, "-_"); i >= 0 {
		return nil, fmt.Sprintf("%q at character %d belongs to base64url; use the alphabet with + and /", s[i], i+1)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err == nil {
		return raw, ""
	}
	if _, unpadded := base64.RawStdEncoding.Strict().DecodeString(s); unpadded == nil {
		return nil, "the padding is missing; keep the = at the end"
	}
	return nil, err.Error()
}
