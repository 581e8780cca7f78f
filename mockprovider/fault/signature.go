package fault

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// signatures are misbehaviours of the verification, beside those of the key
// (publickey.go).
var signatures = []Fault{
	{"unsigned-accepted-with-warning", "A request without a signature is let through for a template that demands one.",
		[]string{"DC-SIG-REQUIRED"}, passing(func(raw string) bool { return !hasPair(raw, "sig") && !hasPair(raw, "key") })},
	{"default-key-label", "A request without a key parameter is verified with a built-in key label.",
		[]string{"DC-SIG-BOTH-PARAMS"}, received(func(raw string) string {
			if pairValue(raw, "key") != "" || pairValue(raw, "sig") == "" {
				return raw
			}
			return withoutPairs(raw, "key") + "&key=_dck1"
		})},
	{"empty-signature-passes", "A sig without a value counts as verified.",
		[]string{"DC-SIG-BOTH-PARAMS"}, passing(func(raw string) bool { return hasPair(raw, "sig") && pairValue(raw, "sig") == "" })},

	{"reencode-before-verify", "The query is decoded and encoded again before its signature is verified.",
		[]string{"DC-SIG-RAW-QUERY", "DC-SIG-TAMPER-VALUE"}, verifying(reencode)},
	{"empty-parameter-dropped", "Parameters without a value are left out of what is verified.",
		[]string{"DC-SIG-RAW-QUERY"}, verifying(func(text string) string {
			return keepPairs(text, func(segment string) bool { return !strings.HasSuffix(segment, "=") })
		})},
	{"semicolon-as-separator", "A semicolon separates parameters, and becomes an ampersand in what is verified.",
		[]string{"DC-SIG-RAW-QUERY"}, verifying(func(text string) string { return strings.ReplaceAll(text, ";", "&") })},
	{"sort-before-verify", "The parameters are sorted before the signature is verified.",
		[]string{"DC-SIG-UNSORTED-ACCEPTED", "DC-SIG-TAMPER-VALUE"}, verifying(func(text string) string {
			segments := strings.Split(text, "&")
			slices.Sort(segments)
			return strings.Join(segments, "&")
		})},
	{"hash-map-rebuild", "What is verified is put together in the order of a hash map, which is another one now and then.",
		[]string{"DC-SIG-REBUILD-STEPS"}, func(c *store.TenantConfig) { verifying(everyNinthTurned())(c) }},

	{"sig-must-be-last", "A request is refused unless sig is its last parameter.",
		[]string{"DC-SIG-PAIR-POSITION"}, refusingSigned(func(raw string) bool {
			last := raw[strings.LastIndexByte(raw, '&')+1:]
			return hasPair(raw, "sig") && !strings.HasPrefix(last, "sig=")
		})},
	{"text-before-sig", "What is verified is what stands before the signature, whatever follows.",
		[]string{"DC-SIG-PAIR-POSITION", "DC-SIG-TAMPER-VALUE"}, received(func(raw string) string {
			text, _, found := strings.Cut("&"+raw, "&sig=")
			if !found {
				return raw
			}
			return strings.TrimPrefix(text, "&") + "&sig=" + pairValue(raw, "sig") + "&key=" + pairValue(raw, "key")
		})},
	{"substring-key-removal", "Whatever ends in key or sig is cut out of the names of other parameters too.",
		[]string{"DC-SIG-PAIR-EXACT-NAMES"}, verifying(func(text string) string { return signaturePairs.ReplaceAllString(text, "") })},
	{"first-sig-wins", "Of a repeated parameter, the signature is the first one and the key label the last one.",
		[]string{"DC-SIG-DUPLICATE-PAIRS"}, received(func(raw string) string { return firstAndLast(raw, func(name string) string { return name }) })},
	{"encoded-names-count", "Parameters whose percent-encoded name decodes to sig or key count as the pair, the first sig and the last key.",
		[]string{"DC-SIG-DUPLICATE-PAIRS"}, received(func(raw string) string {
			return firstAndLast(raw, func(name string) string {
				plain, err := url.PathUnescape(name)
				if err != nil {
					return name
				}
				return plain
			})
		})},

	{"partial-coverage", "redirect_uri and state need not be covered by the signature.",
		[]string{"DC-SIG-TAMPER-VALUE"}, around(func(raw string, txt [][]string, next verifier) error {
			err := next(raw, txt)
			if err != nil {
				return next(withoutPairs(raw, "redirect_uri", "state"), txt)
			}
			return nil
		})},
	{"mismatch-only-logged", "A signature that does not verify is logged, and the request goes on.",
		[]string{"DC-SIG-TAMPER-VALUE", "DC-SIG-ANY-FAILURE-REJECTS"},
		pardoning(sign.SignatureMismatch)},
	{"exception-lets-through", "An exception while signature or key are decoded is swallowed, and the request goes on as if it were unsigned.",
		[]string{"DC-SIG-ANY-FAILURE-REJECTS"}, pardoning(sign.SignatureBase64, sign.SignatureLength, sign.KeyBase64, sign.KeyEncoding, sign.FragmentArmour, sign.FragmentGap)},
	{"exception-breaks-down", "An exception while signature or key are decoded ends in a server error.",
		[]string{"DC-SIG-ANY-FAILURE-REJECTS"}, breaking(func(raw string, txt [][]string, next verifier) bool {
			return is(next(raw, txt), sign.SignatureBase64, sign.KeyBase64, sign.KeyEncoding)
		})},
	{"plus-in-sig-as-space", "The signature is decoded as form data once more, which turns its plus signs into spaces.",
		[]string{"DC-SIG-SIG-DECODING"}, received(func(raw string) string {
			return withPair(raw, "sig", strings.NewReplacer("%2B", "%20", "%2b", "%20", "+", "%20").Replace(pairValue(raw, "sig")))
		})},

	{"padding-auto-detect", "A signature with PSS padding is accepted for an RS256 key.",
		[]string{"DC-SIG-ALG-FROM-RECORD"}, alsoTaking(verifyPSS)},
	{"sha1-still-accepted", "A signature over a SHA-1 digest is accepted for an RS256 key.",
		[]string{"DC-SIG-ALG-FROM-RECORD"}, alsoTaking(verifySHA1)},
	{"es256-only", "Only elliptic keys are accepted.",
		[]string{"DC-SIG-RS256-SUPPORTED"}, around(func(string, [][]string, verifier) error {
			return errors.New("the key is no elliptic key")
		})},
	{"signature-buffer-of-256", "A signature of more than 256 octets, as keys of more than 2,048 bits make, is refused.",
		[]string{"DC-SIG-RS256-SUPPORTED"}, refusingSigned(func(raw string) bool { return len(octets(raw)) > 256 })},

	{"garbage-sig-refused", "A sig that is no base64 is refused for a template that demands no signature.",
		[]string{"DC-SIG-IGNORED-WHEN-NOT-REQUIRED"}, signed(func(t *dc.Template, raw string, next func(string) (bool, error)) (bool, error) {
			if t.SyncPubKeyDomain == "" && hasPair(raw, "sig") && octets(raw) == nil {
				return false, errors.New("sig is no base64")
			}
			return next(raw)
		})},
	{"presence-means-signed", "A request with a sig counts as signed, though nothing was verified.",
		[]string{"DC-SIG-SIGNED-STATUS-NOT-FAKED"}, signed(func(t *dc.Template, raw string, next func(string) (bool, error)) (bool, error) {
			yes, err := next(raw)
			return yes || t.SyncPubKeyDomain == "" && hasPair(raw, "sig"), err
		})},

	{"login-redirect-reencodes", "A request that has to wait for the user to sign in is kept decoded, and encoded again.",
		[]string{"DC-SIG-QUERY-KEPT-OVER-LOGIN"}, overSignIn(reencode)},
	{"login-decodes-query", "A request that has to wait for the user to sign in is decoded once, and not encoded again.",
		[]string{"DC-SIG-QUERY-KEPT-OVER-LOGIN"}, overSignIn(func(raw string) string {
			plain, err := url.PathUnescape(raw)
			if err != nil {
				return raw
			}
			return strings.ReplaceAll(plain, " ", "%20")
		})},
}

// signaturePairs are pairs as somebody looks for them who forgets that names
// begin somewhere.
var signaturePairs = regexp.MustCompile(`(sig|key)=[^&]*`)

// reencode decodes as form data and encodes by RFC 3986, pair by pair.
func reencode(raw string) string {
	segments := strings.Split(raw, "&")
	for i, segment := range segments {
		name, v, _ := strings.Cut(segment, "=")
		segments[i] = encodedAnew(name) + "=" + encodedAnew(v)
	}
	return strings.Join(segments, "&")
}

func encodedAnew(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return strings.ReplaceAll(url.QueryEscape(plain), "+", "%20")
}

// everyNinthTurned turns every ninth of equal texts around.
func everyNinthTurned() func(text string) string {
	var mu sync.Mutex
	seen := map[string]int{}
	return func(text string) string {
		mu.Lock()
		defer mu.Unlock()
		if seen[text]++; seen[text]%9 != 0 {
			return text
		}
		segments := strings.Split(text, "&")
		slices.Reverse(segments)
		return strings.Join(segments, "&")
	}
}

// firstAndLast leaves the first sig and the last key of a query.
func firstAndLast(raw string, meant func(name string) string) string {
	var sig, key string
	var rest []string
	for segment := range strings.SplitSeq(raw, "&") {
		name, v, _ := strings.Cut(segment, "=")
		switch meant(name) {
		case "sig":
			if sig == "" {
				sig = "&sig=" + v
			}
		case "key":
			key = "&key=" + v
		default:
			rest = append(rest, segment)
		}
	}
	return strings.Join(rest, "&") + sig + key
}

// alsoTaking accepts what another scheme verifies.
func alsoTaking(scheme func(pub *rsa.PublicKey, text string, sig []byte) error) func(*store.TenantConfig) {
	return around(func(raw string, txt [][]string, next verifier) error {
		err := next(raw, txt)
		if !is(err, sign.SignatureMismatch) {
			return err
		}
		pub, keyErr := sign.ParseKey(txt)
		text, sig, _, splitErr := sign.Split(raw)
		octets, sigErr := base64.StdEncoding.DecodeString(sig)
		if errors.Join(keyErr, splitErr, sigErr) != nil {
			return err
		}
		return scheme(pub.RSA, text, octets)
	})
}
