package sign

import "slices"

// Mistake is the code of one known way to make a signature fail. The list is
// closed; Catalogue holds all of it, and a code never changes its meaning.
type Mistake string

// What was signed is not what the link carries.
const (
	TextOrder        Mistake = "text-order"
	TextSorted       Mistake = "text-sorted"
	TextSortedNoCase Mistake = "text-sorted-no-case"
	TextDecoded      Mistake = "text-decoded"
	TextSpacePlus    Mistake = "text-space-plus"
	TextSpace20      Mistake = "text-space-20"
	TextPlusBare     Mistake = "text-plus-bare"
	TextHexCase      Mistake = "text-hex-case"
	TextSpelling     Mistake = "text-spelling"
	TextTwice        Mistake = "text-encoded-twice"
	LinkTwice        Mistake = "link-encoded-twice"
	LinkBrowser      Mistake = "link-browser"
	LinkHTML         Mistake = "link-html"
	LinkFragment     Mistake = "link-fragment"
	TextKey          Mistake = "text-key"
	TextSig          Mistake = "text-sig"
	TextLeftOut      Mistake = "text-left-out"
	LinkAdded        Mistake = "link-added"
	LinkEmptyGone    Mistake = "link-empty-gone"
	TextQuestionMark Mistake = "text-question-mark"
	TextAmpersand    Mistake = "text-ampersand"
	TextNewline      Mistake = "text-newline"
	TextURL          Mistake = "text-url"
	TextDigest       Mistake = "text-digest"
)

// How it was signed, and how sig is written.
const (
	SchemeHash    Mistake = "scheme-hash"
	SchemePSS     Mistake = "scheme-pss"
	SchemeBare    Mistake = "scheme-bare-digest"
	SigURLSafe    Mistake = "sig-base64url"
	SigUnpadded   Mistake = "sig-unpadded"
	SigPlus       Mistake = "sig-not-escaped"
	SigTwice      Mistake = "sig-escaped-twice"
	SigLines      Mistake = "sig-line-breaks"
	SigHex        Mistake = "sig-hex"
	SigReversed   Mistake = "sig-reversed"
	SigRepeated   Mistake = "sig-repeated"
	SigName       Mistake = "sig-name"
	SigMissing    Mistake = "sig-missing"
	KeyMissing    Mistake = "key-missing"
	SigCut        Mistake = "sig-cut"
	WrongKey      Mistake = "wrong-key"
	WrongKeyNamed Mistake = "wrong-key-published"
	TextUnknown   Mistake = "text-unknown"
)

// What is wrong with the published key, and where it stands.
const (
	PublishedPKCS1       Mistake = "key-pkcs1"
	PublishedCertificate Mistake = "key-certificate"
	PublishedArmour      Mistake = "key-pem-lines"
	PublishedBlank       Mistake = "key-blank"
	PublishedQuotes      Mistake = "key-quotes"
	PublishedSeparator   Mistake = "key-separator"
	PublishedURLSafe     Mistake = "key-base64url"
	PublishedUnpadded    Mistake = "key-unpadded"
	PublishedApart       Mistake = "key-encoded-apart"
	PublishedOrder       Mistake = "key-fragment-order"
	PublishedGap         Mistake = "key-fragment-gap"
	PublishedFromZero    Mistake = "key-fragment-from-zero"
	PublishedNoNumbers   Mistake = "key-fragment-no-numbers"
	PublishedRepeated    Mistake = "key-fragment-repeated"
	PublishedTwo         Mistake = "key-two-at-one-name"
	PublishedAlgorithm   Mistake = "key-algorithm"
	PublishedFormat      Mistake = "key-format"
	PublishedBare        Mistake = "key-no-pairs"
	PublishedDKIM        Mistake = "key-dkim"
	PublishedBroken      Mistake = "key-broken"
	PublishedNowhere     Mistake = "key-nowhere"
	PlaceLabelTwice      Mistake = "place-label-twice"
	PlaceBareDomain      Mistake = "place-bare-domain"
	PlaceDomainTwice     Mistake = "place-domain-twice"
	PlaceUnderscore      Mistake = "place-underscore"
	PlaceFullName        Mistake = "place-full-name"
)

// What does not keep a signature from verifying here, and may elsewhere.
const (
	SigNotLast      Mistake = "sig-not-last"
	FragileSig      Mistake = "fragile-sig-plus"
	FragileBrowser  Mistake = "fragile-browser"
	FragilePlus     Mistake = "fragile-plus"
	FragileOrder    Mistake = "fragile-order"
	FragileSpelling Mistake = "fragile-spelling"
	FragileEmpty    Mistake = "fragile-empty"
	FragileLong     Mistake = "fragile-long"
	KeyWeak         Mistake = "key-weak"
	KeyBeside       Mistake = "key-beside-others"
	KeyUnnumbered   Mistake = "key-without-number"
	KeyNoAlgorithm  Mistake = "key-without-algorithm"
	KeyManyPieces   Mistake = "key-many-fragments"
	KeyExponent     Mistake = "key-exponent"
	KeyDamaged      Mistake = "key-damaged"
)

// Entry is a mistake in the catalogue.
type Entry struct {
	Code Mistake
	// What says what happened, as a clause that a detail may follow.
	What string
	// Mend is what to change, in one line.
	Mend string
}

// Catalogue lists every mistake that can be named, in the order in which
// explanations of equal weight are given: of two that lead to the same octets
// the plainer one stands first.
func Catalogue() []Entry { return slices.Clone(catalogue) }

// entryOf finds a mistake in the catalogue, with its place there.
func entryOf(code Mistake) (Entry, int) {
	for i, e := range catalogue {
		if e.Code == code {
			return e, i
		}
	}
	return Entry{Code: code, What: string(code)}, len(catalogue)
}

var catalogue = []Entry{
	{LinkHTML, "the link was copied out of HTML: it has &amp; between its parameters where & belongs", "take the value of the attribute as a browser reads it, or write & where no HTML is written"},
	{LinkFragment, "a bare # cuts the link: what follows it is never sent", "percent-encode # in values as %23"},
	{TextQuestionMark, "the question mark before the query was signed along", "sign what stands behind the question mark"},
	{TextNewline, "a line break at the end of the text was signed along", "sign the text without its line break (printf %s, not echo)"},
	{TextAmpersand, "an & at the beginning or end of the text was signed along, where none stands in the link", "join the parameters with & between two, and nowhere else"},
	{TextURL, "more of the URL than its query was signed", "sign the query alone: what stands behind the question mark, without sig and key"},
	{TextKey, "key was signed along", "sign the other parameters, then append sig and key"},
	{TextSig, "an empty sig was signed along", "sign the other parameters, then append sig and key"},
	{TextSorted, "the parameters were sorted by name for signing and are sent in another order", "send the parameters in the order in which they were signed"},
	{TextSortedNoCase, "the parameters were sorted without regard to case for signing and are sent in another order", "sort by the octets of the encoded names, upper case before lower, and send the same order"},
	{TextHexCase, "percent-encodings were signed with other digits (%2B against %2b) than are sent", "encode once, with upper-case digits, and send the text that was signed"},
	{TextSpacePlus, "a space was signed as + and is sent as %20", "encode a space as %20, and send the text that was signed"},
	{TextSpace20, "a space was signed as %20 and is sent as +", "encode a space as %20, and send the text that was signed"},
	{TextPlusBare, "a plus sign was signed as %2B and is sent as +", "encode a plus sign as %2B, and send the text that was signed"},
	{LinkBrowser, "a browser encodes characters on the way that were signed as they are", "percent-encode everything but letters, digits and -._~ before signing; a browser then leaves it alone"},
	{LinkTwice, "the parameters were percent-encoded once more after signing", "send the text that was signed as it is; encode sig and key alone"},
	{TextTwice, "the parameters were percent-encoded once more for signing than for the link", "encode names and values once, sign the result, and send that"},
	{TextDecoded, "values were signed before they were percent-encoded", "percent-encode names and values first, sign the result, and send that"},
	{TextSpelling, "other characters were percent-encoded for signing than for the link", "encode once, everything but letters, digits and -._~, and send the text that was signed"},
	{TextOrder, "the parameters were signed in another order than they are sent in", "send the parameters in the order in which they were signed"},
	{LinkEmptyGone, "an empty parameter was signed and is not in the link", "leave empty parameters out before signing, or see what drops them on the way"},
	{TextLeftOut, "parameters of the protocol are in the link and not in the signature: left out when signing, or added afterwards", "sign every parameter but sig and key, and add nothing afterwards"},
	{LinkAdded, "other parameters are in the link and not in the signature: added after signing, or forgotten", "sign every parameter but sig and key, and add nothing afterwards"},
	{TextDigest, "a digest of the text was signed as if it were the text, so that it was hashed twice", "give the text to the RS256 function; it hashes by itself"},

	{SchemeHash, "another hash function than SHA-256 was used", "sign by RS256: RSASSA-PKCS1-v1_5 with SHA-256"},
	{SchemePSS, "the signature is RSASSA-PSS", "sign by RS256: RSASSA-PKCS1-v1_5, not PSS"},
	{SchemeBare, "the digest was encrypted with the private key as it is, without the name of its hash function", "use a signing function (RSASSA-PKCS1-v1_5 with SHA-256), not private-key encryption"},
	{SigPlus, "sig was not percent-encoded, so that its + arrived as a space", "percent-encode sig: + as %2B, / as %2F, = as %3D"},
	{SigTwice, "sig was percent-encoded twice", "percent-encode sig once"},
	{SigLines, "sig has line breaks in it", "write base64 without line breaks (openssl base64 -A)"},
	{SigURLSafe, "sig is base64url, with - and _", "use standard base64, with + and /, and percent-encode it"},
	{SigUnpadded, "sig lacks the = at its end", "keep the padding of base64, and percent-encode it as %3D"},
	{SigHex, "sig is hexadecimal", "write the signature in standard base64"},
	{SigReversed, "the octets of the signature are in reverse order", "reverse them: this cryptographic interface gives the least significant octet first"},
	{SigRepeated, "sig or key is in the link more than once", "append sig and key once"},
	{SigName, "sig or key has another name", "call them sig and key, in lower case"},
	{SigMissing, "the link has no sig", "sign the query, and append sig and key"},
	{KeyMissing, "the link has no key", "append key with the label that the public key is published at"},
	{SigCut, "the signature is not as long as the key makes them: it was cut, or made with another key", "send the whole signature, made with the private half of the published key"},
	{WrongKeyNamed, "the signature was made with the key that you hold, and another key is published", "publish the public half of the key that you sign with, or sign with the one that is published"},
	{WrongKey, "the signature was not made with the private half of this key, or it was damaged", "compare dcconform key txt of the key that you sign with to the published records"},
	{TextUnknown, "the signature was made with this key, over a text that is none of those tried", "print the text at the place where it is signed and compare it with the text that a provider verifies, octet by octet"},

	{PublishedQuotes, "the quotation marks of the zone file became part of the key record", "enter the text without quotation marks at the DNS provider"},
	{PublishedArmour, "lines of a PEM file (-----BEGIN) stand in the key record", "publish the base64 between these lines only, in one piece"},
	{PublishedBlank, "blanks or line breaks stand in the key record", "publish the record without them"},
	{PublishedSeparator, "the pairs of the key record are not divided by commas", "write p=1,a=RS256,d=BASE64"},
	{PublishedDKIM, "the key is published in the form of DKIM", "write p=1,a=RS256,d=BASE64"},
	{PublishedBare, "the base64 is published without p= and d=", "write p=1,a=RS256,d=BASE64"},
	{PublishedAlgorithm, "a= is not RS256", "publish a=RS256, or leave a out"},
	{PublishedFormat, "t= is not x509", "publish t=x509, or leave t out"},
	{PublishedRepeated, "a fragment of the key is published more than once", "publish each fragment once"},
	{PublishedTwo, "two keys are published at one name", "publish the second key at a label of its own"},
	{PublishedFromZero, "the fragments of the key are numbered from 0", "number the fragments p=1, p=2 and so on"},
	{PublishedGap, "the fragments of the key are numbered with a gap", "number the fragments p=1, p=2 and so on, and publish all of them"},
	{PublishedNoNumbers, "fragments of the key have no p=", "number the fragments p=1, p=2 and so on"},
	{PublishedOrder, "the fragments of the key are numbered in the wrong order", "number the fragments in the order in which they were cut"},
	{PublishedURLSafe, "the key is base64url, with - and _", "publish the key in standard base64, with + and /"},
	{PublishedUnpadded, "the base64 of the key lacks the = at its end", "keep the padding"},
	{PublishedApart, "each fragment of the key was encoded in base64 by itself", "encode the key once, and cut the base64"},
	{PublishedPKCS1, "the key is published in PKCS#1 form (RSA PUBLIC KEY)", "publish the SubjectPublicKeyInfo: openssl rsa -RSAPublicKey_in -pubout"},
	{PublishedCertificate, "a certificate is published in the place of the key", "publish its public key: openssl x509 -pubkey -noout"},
	{PlaceLabelTwice, "the key label stands in the looked-up name twice: syncPubKeyDomain begins with it already", "take the label out of syncPubKeyDomain, or publish the key at the name that is looked up"},
	{PlaceDomainTwice, "the domain stands in the name of the published key twice", "enter only the label at the DNS provider, or the whole name with a dot at its end"},
	{PlaceBareDomain, "the key is published at the bare domain, without its label", "publish the key at the label that key names, below syncPubKeyDomain"},
	{PlaceUnderscore, "the key is published at the label with an underscore more, or less", "use the same label in key and in the DNS"},
	{PlaceFullName, "key holds the whole name of the key record", "send only the label in key; syncPubKeyDomain is appended"},
	{PublishedBroken, "the published key cannot be read", "publish it anew: dcconform key txt writes the records"},
	{KeyDamaged, "the modulus of the key is no product of two large primes: it was damaged, or its fragments are in the wrong order", "publish it anew: dcconform key txt writes the records"},
	{PublishedNowhere, "there is no key record at the name that is looked up", "publish the key at the label that key names, below syncPubKeyDomain"},

	{FragileBrowser, "the link holds characters that a browser encodes on the way, and its signature does not survive that", "percent-encode everything but letters, digits and -._~ before signing"},
	{SigNotLast, "sig is not the last parameter", "put key before sig; some providers take nothing else"},
	{FragileSig, "sig holds a + that is not percent-encoded, and many providers read it as a space", "percent-encode sig: + as %2B, / as %2F, = as %3D"},
	{FragilePlus, "a value holds +, which is a plus sign in ietf-05 and a space in dcspec-2.3", "write a space as %20 and a plus sign as %2B"},
	{FragileOrder, "the parameters are not sorted by name, and some providers sort before they verify", "sort by the octets of the encoded names before signing (ietf-05 section 8.3.2.1)"},
	{FragileSpelling, "values are not encoded as RFC 3986 has it, and what stands between may normalise them", "percent-encode everything but letters, digits and -._~, with upper-case digits"},
	{FragileEmpty, "there is an empty parameter, and what stands between may drop it", "leave empty parameters out before signing"},
	{FragileLong, "the link is longer than the 8,000 octets that every provider should take (ietf-05 section 8.3.1)", "use fewer or shorter variables, or cut the template into several"},
	{KeyWeak, "the key has fewer than 2,048 bits", "make a key of 2,048 bits: dcconform key new"},
	{KeyBeside, "there are other TXT records at the name of the key", "give the key a label of its own"},
	{KeyUnnumbered, "the key record has no p=", "write p=1; ietf-05 section 6.4 requires it"},
	{KeyNoAlgorithm, "the key record has no a=", "write a=RS256: some providers insist, though it is the default"},
	{KeyManyPieces, "the key is in more than 8 fragments", "use pieces of about 200 characters"},
	{KeyExponent, "the public exponent is not 65537", "make a key with the usual exponent: dcconform key new"},
}
