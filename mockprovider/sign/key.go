package sign

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// The sizes of an RSA modulus that are taken, in bits. Below WeakBits the key
// gets a warning: 1,024-bit keys are still published.
const (
	MinBits  = 1024
	WeakBits = 2048
	MaxBits  = 8192
)

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
// TXT record, each the record's character-strings, decoded; these are joined
// without a separator, then the d of the fragments in the numeric order of p,
// and only then is base64 decoded (ietf-05 section 6.4). The key has to be a
// DER SubjectPublicKeyInfo with an RSA key of MinBits to MaxBits.
//
// TXT records that are no key fragments are left aside with a warning: ones
// that have no pair d=, unless they consist of p, a and t pairs alone. A lone
// fragment may do without p (dcspec-2.3 shows p in an example only), with a
// warning. The error is an *Error.
func ParseKey(txt [][]string) (*PublicKey, error) {
	var fragments []fragment
	unrelated := 0
	for _, parts := range txt {
		text := strings.Join(parts, "")
		if !isFragment(text) {
			unrelated++
			continue
		}
		f, err := parseFragment(text)
		if err != nil {
			return nil, err
		}
		fragments = append(fragments, f)
	}
	if len(fragments) == 0 {
		return nil, refuse(NoKeyRecord, "none of the %d TXT records at the key name is a key record; publish p=1,a=RS256,d=... there, and see that the name is the key label followed by syncPubKeyDomain once", len(txt))
	}
	joined, err := join(fragments)
	if err != nil {
		return nil, err
	}
	if err := agree(fragments); err != nil {
		return nil, err
	}
	der, problem := decodeBase64(joined)
	if problem != "" {
		return nil, refuse(KeyBase64, "the joined d= values of %d key records are no standard base64 with padding: %s", len(fragments), problem)
	}
	public, err := parseDER(der)
	if err != nil {
		return nil, err
	}
	return &PublicKey{
		RSA: public, Algorithm: algorithmRS256, Format: formatX509, Fragments: len(fragments),
		Warnings: warnings(fragments, unrelated, public),
	}, nil
}

func warnings(fragments []fragment, unrelated int, public *rsa.PublicKey) []string {
	var found []string
	if fragments[0].index == 0 {
		found = append(found, "the key record has no p=; ietf-05 section 6.4 requires p=1")
	}
	if unrelated > 0 {
		found = append(found, fmt.Sprintf("%d TXT records at the key name are no key records and were left aside; other providers may refuse the key for that", unrelated))
	}
	if bits := public.N.BitLen(); bits < WeakBits {
		found = append(found, fmt.Sprintf("the RSA key has %d bits; use at least %d", bits, WeakBits))
	}
	return found
}

// parseDER reads a SubjectPublicKeyInfo, and names what else it may be.
func parseDER(der []byte) (*rsa.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, nameDER(der, err)
	}
	public, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, refuse(KeyNotRSA, "the key is a %T and RS256 needs an RSA key; make one of 2048 bits", parsed)
	}
	switch bits := public.N.BitLen(); {
	case bits < MinBits:
		return nil, refuse(KeyTooSmall, "the RSA key has %d bits; at least %d are taken, and %d or more are advised", bits, MinBits, WeakBits)
	case bits > MaxBits:
		return nil, refuse(KeyTooLarge, "the RSA key has %d bits; at most %d are taken", bits, MaxBits)
	}
	if public.N.Bit(0) == 0 || public.E < 3 || public.E%2 == 0 || int64(public.E) > 1<<31-1 {
		return nil, refuse(KeyNumbers, "modulus or exponent (%d) cannot be those of an RSA key; the data was damaged, publish the key again", public.E)
	}
	return public, nil
}

// nameDER says what the octets are, when they are no SubjectPublicKeyInfo.
func nameDER(der []byte, cause error) error {
	class, message := KeyEncoding, fmt.Sprintf("the key is no DER SubjectPublicKeyInfo: %v; publish the output of openssl rsa -pubout", cause)
	whole, cut := cutShort(der)
	switch {
	case cut:
		message = fmt.Sprintf("the key is cut short: %d of its %d octets are there; publish every fragment, whole", len(der), whole)
	case isPKCS1(der):
		class, message = KeyPKCS1, "the key is in PKCS#1 form (RSA PUBLIC KEY); convert it with openssl rsa -RSAPublicKey_in -pubout"
	case isCertificate(der):
		class, message = KeyCertificate, "a certificate is published; publish only its public key, openssl x509 -pubkey -noout"
	case isPrivate(der):
		class, message = KeyPrivate, "a private key is published; take it down, make a new key, and publish its public half"
	}
	return &Error{Class: class, Message: message, Err: cause}
}

// cutShort reports whether the octets begin as a key does and end before it
// does, and how many it has.
func cutShort(der []byte) (whole int, cut bool) {
	// A SEQUENCE with a length in two octets, and in it another SEQUENCE: an
	// RSA key of any size that is taken, of 1,024 bits aside.
	if len(der) < 5 || der[0] != 0x30 || der[1] != 0x82 || der[4] != 0x30 {
		return 0, false
	}
	whole = 4 + int(der[2])<<8 + int(der[3])
	return whole, len(der) < whole
}

func isPKCS1(der []byte) bool {
	_, err := x509.ParsePKCS1PublicKey(der)
	return err == nil
}

func isCertificate(der []byte) bool {
	_, err := x509.ParseCertificate(der)
	return err == nil
}

func isPrivate(der []byte) bool {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return true
	}
	_, err := x509.ParseECPrivateKey(der)
	return err == nil
}

// KeyName is the name that the key's TXT records stand at: the key parameter
// in front of syncPubKeyDomain, absolute and in lower case. The caller of an
// apply link must not be able to move the look-up out of that domain, so
// ietf-05 takes one label of letters, digits, hyphens and underscores;
// dcspec-2.3 speaks of a host, and takes several. The error is an *Error of
// class BadKeyLabel.
func KeyName(key, syncPubKeyDomain string, edition dc.Edition) (string, error) {
	labels := []string{key}
	if edition == dc.DCSpec23 {
		labels = strings.Split(key, ".")
	}
	for _, label := range labels {
		if !isLabel(label) {
			return "", refuse(BadKeyLabel, "key is %q; it has to be a DNS label such as _dcpubkeyv1, without dots at its end or elsewhere", key)
		}
	}
	name := strings.ToLower(key + "." + strings.TrimSuffix(syncPubKeyDomain, ".") + ".")
	if len(name) > 254 {
		return "", refuse(BadKeyLabel, "key and syncPubKeyDomain together make a name of %d characters; DNS holds 253", len(name)-1)
	}
	return name, nil
}

func isLabel(label string) bool {
	if label == "" || len(label) > 63 {
		return false
	}
	for _, c := range []byte(label) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}
