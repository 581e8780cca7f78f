// Package sign reads published keys and verifies apply requests as a DNS
// provider does (ietf-05 sections 6.4 and 8.3.4). It is pure: the TXT data
// comes from the caller.
package sign

import "crypto/rsa"

// PublicKey is a key as published in TXT fragments.
type PublicKey struct {
	RSA *rsa.PublicKey
	// Algorithm is RS256, Format x509.
	Algorithm, Format string
	// Fragments counts the TXT records that the key was joined from.
	Fragments int
	// Warnings are findings that do not stop verification.
	Warnings []string
}

// ParseKey joins the fragments found at a key name. txt has one element per
// TXT record, each the record's character-strings, decoded.
func ParseKey(txt [][]string) (*PublicKey, error) { panic("contract only") }

// Split takes a raw query string apart: the text that the signature covers
// (every pair but sig and key, bytes and order unchanged), and the decoded
// sig and key values. Absent ones are "".
func Split(rawQuery string) (text, sig, key string, err error) { panic("contract only") }

// Verify checks the signature over the raw query.
func Verify(rawQuery string, pub *PublicKey) error { panic("contract only") }
