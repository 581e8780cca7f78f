package sign

import "fmt"

// Class says in one word what is wrong with a signature or a published key.
// The list is closed; Classes holds all of it.
type Class string

// What Split and Verify refuse.
const (
	// MissingSignature: sig is absent or empty.
	MissingSignature Class = "missing-signature"
	// MissingKey: key is absent or empty.
	MissingKey Class = "missing-key"
	// RepeatedParameter: sig or key stands in the query more than once.
	RepeatedParameter Class = "repeated-parameter"
	// BadEncoding: the percent-encoding of sig or key is broken.
	BadEncoding Class = "bad-encoding"
	// BadKeyLabel: key cannot be put in front of syncPubKeyDomain.
	BadKeyLabel Class = "bad-key-label"
	// SignatureBase64: sig is no standard base64 with padding.
	SignatureBase64 Class = "signature-base64"
	// SignatureLength: sig is not as long as the modulus of the key.
	SignatureLength Class = "signature-length"
	// SignatureMismatch: sig does not verify over the received query.
	SignatureMismatch Class = "signature-mismatch"
)

// What ParseKey refuses.
const (
	// NoKeyRecord: no TXT record at the name is a key fragment.
	NoKeyRecord Class = "no-key-record"
	// FragmentSyntax: a fragment is not a list of p=, d=, a= and t= pairs.
	FragmentSyntax Class = "fragment-syntax"
	// FragmentQuotes: the quotation marks of the zone file became data.
	FragmentQuotes Class = "fragment-quotes"
	// FragmentWhitespace: spaces, tabs or line breaks stand in a fragment.
	FragmentWhitespace Class = "fragment-whitespace"
	// FragmentArmour: d holds the BEGIN or END line of a PEM file.
	FragmentArmour Class = "fragment-armour"
	// FragmentNoIndex: p is missing although there are several fragments.
	FragmentNoIndex Class = "fragment-no-index"
	// FragmentNoData: d is missing or empty.
	FragmentNoData Class = "fragment-no-data"
	// FragmentIndex: p is no positive number, or larger than MaxFragments.
	FragmentIndex Class = "fragment-index"
	// FragmentDuplicate: two fragments have the same p.
	FragmentDuplicate Class = "fragment-duplicate"
	// FragmentGap: the p do not count from 1 without a gap.
	FragmentGap Class = "fragment-gap"
	// TooManyFragments: more than MaxFragments.
	TooManyFragments Class = "too-many-fragments"
	// MixedAlgorithm: the fragments do not agree on a.
	MixedAlgorithm Class = "mixed-algorithm"
	// MixedFormat: the fragments do not agree on t.
	MixedFormat Class = "mixed-format"
	// UnknownAlgorithm: a is not RS256.
	UnknownAlgorithm Class = "unknown-algorithm"
	// UnknownFormat: t is not x509.
	UnknownFormat Class = "unknown-format"
	// KeyBase64: the joined d are no standard base64 with padding.
	KeyBase64 Class = "key-base64"
	// KeyEncoding: the octets are no DER SubjectPublicKeyInfo.
	KeyEncoding Class = "key-encoding"
	// KeyPKCS1: the octets are an RSAPublicKey of PKCS#1.
	KeyPKCS1 Class = "key-pkcs1"
	// KeyCertificate: the octets are an X.509 certificate.
	KeyCertificate Class = "key-certificate"
	// KeyPrivate: the octets are a private key.
	KeyPrivate Class = "key-private"
	// KeyNotRSA: the key is of another kind than RSA.
	KeyNotRSA Class = "key-not-rsa"
	// KeyTooSmall: the modulus has fewer than MinBits.
	KeyTooSmall Class = "key-too-small"
	// KeyTooLarge: the modulus has more than MaxBits.
	KeyTooLarge Class = "key-too-large"
	// KeyNumbers: modulus or exponent cannot be those of an RSA key.
	KeyNumbers Class = "key-numbers"
)

// Classes lists every class, those of Split and Verify first.
func Classes() []Class {
	return []Class{
		MissingSignature, MissingKey, RepeatedParameter, BadEncoding, BadKeyLabel,
		SignatureBase64, SignatureLength, SignatureMismatch,
		NoKeyRecord, FragmentSyntax, FragmentQuotes, FragmentWhitespace, FragmentArmour,
		FragmentNoIndex, FragmentNoData, FragmentIndex, FragmentDuplicate, FragmentGap,
		TooManyFragments, MixedAlgorithm, MixedFormat, UnknownAlgorithm, UnknownFormat,
		KeyBase64, KeyEncoding, KeyPKCS1, KeyCertificate, KeyPrivate, KeyNotRSA,
		KeyTooSmall, KeyTooLarge, KeyNumbers,
	}
}

// Error is a refusal by this package.
type Error struct {
	// Class is the reason in one word.
	Class Class
	// Message is a sentence for a person: what was found and how to mend it.
	Message string
	// Err is the cause in the cryptography below, if there is one.
	Err error
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause, if any.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is match on the class alone:
// errors.Is(err, &sign.Error{Class: sign.SignatureMismatch}).
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Class == e.Class && t.Message == ""
}

func refuse(class Class, format string, args ...any) *Error {
	return &Error{Class: class, Message: fmt.Sprintf(format, args...)}
}
