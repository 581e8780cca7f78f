package sign

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	tests := []struct{ name, query, text, sig, key string }{
		{"look-alikes stay", "apikey=K1&domain=example.net&mysig=Z&sig=AAA%3D&key=_dck1", "apikey=K1&domain=example.net&mysig=Z", "AAA=", "_dck1"},
		{"at the front", "sig=AAA%3D&key=_k&domain=example.net&host=", "domain=example.net&host=", "AAA=", "_k"},
		{"in the middle, escapes untouched", "domain=example.net&key=_k&v=a%2bb&sig=AAA%3D", "domain=example.net&v=a%2bb", "AAA=", "_k"},
		{"a value with =", "domain=example.net&v=a=b&key=_k&sig=AAA%3D", "domain=example.net&v=a=b", "AAA=", "_k"},
		{"sig unescaped, = kept", "a=1&sig=AA==&key=_k", "a=1", "AA==", "_k"},
		{"plus in sig is a plus", "a=1&sig=A+A%2B&key=_k", "a=1", "A+A+", "_k"},
		{"decoded once", "a=1&sig=%252B&key=_k", "a=1", "%2B", "_k"},
		{"encoded name is not sig", "%73ig=x&a=1&sig=AA&key=_k", "%73ig=x&a=1", "AA", "_k"},
		{"encoded name alone", "%73ig=x&ke%79=y", "%73ig=x&ke%79=y", "", ""},
		{"semicolon splits nothing", "a=1;sig=x&key=_k", "a=1;sig=x", "", "_k"},
		{"semicolon inside sig", "a=1&sig=x;key=y", "a=1", "x;key=y", ""},
		{"upper case is not sig", "SIG=x&Key=y", "SIG=x&Key=y", "", ""},
		{"empty segments stay", "&&a=1&&sig=x&&key=y&", "&&a=1&&&", "x", "y"},
		{"names without =", "sig&key&a", "a", "", ""},
		{"prefix and suffix", "sigs=1&xsig=2&keys=3&key2=4&monkey=5", "sigs=1&xsig=2&keys=3&key2=4&monkey=5", "", ""},
		{"empty", "", "", "", ""},
		{"only the two", "key=_k&sig=AA", "", "AA", "_k"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, sig, key, err := Split(test.query)
			if err != nil {
				t.Fatal(err)
			}
			if text != test.text || sig != test.sig || key != test.key {
				t.Errorf("Split(%q) = %q, %q, %q\nwant %q, %q, %q", test.query, text, sig, key, test.text, test.sig, test.key)
			}
		})
	}
}

func TestSplitRefuses(t *testing.T) {
	tests := []struct {
		query, message string
		class          Class
	}{
		{"a=1&sig=good&sig=bad&key=k", "the query carries sig more than once; send it once", RepeatedParameter},
		{"sig=same&sig=same&key=k", "the query carries sig more than once; send it once", RepeatedParameter},
		{"sig=&sig=x&key=k", "the query carries sig more than once; send it once", RepeatedParameter},
		{"key=a&sig=x&key=b", "the query carries key more than once; send it once", RepeatedParameter},
		{"sig=A%3&key=k", `the value of sig is not percent-encoded: invalid URL escape "%3"; encode it by RFC 3986`, BadEncoding},
		{"sig=A&key=%zz", `the value of key is not percent-encoded: invalid URL escape "%zz"; encode it by RFC 3986`, BadEncoding},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			_, _, _, err := Split(test.query)
			wantError(t, err, test.class, test.message)
		})
	}
}

func wantError(t *testing.T, err error, class Class, message string) {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatalf("error is %v, want class %s", err, class)
	}
	if refused.Class != class {
		t.Errorf("class is %s, want %s", refused.Class, class)
	}
	if err.Error() != message {
		t.Errorf("message is\n%s\nwant\n%s", err, message)
	}
	if !errors.Is(err, &Error{Class: class}) || errors.Is(err, &Error{Class: "other"}) {
		t.Errorf("errors.Is does not go by the class %s", class)
	}
}

func TestOpenSSLSignatures(t *testing.T) {
	all, other := signatures(t, "signatures.txt")
	if len(all) != 11 || len(other) != 0 {
		t.Fatalf("%d signatures and %d other lines, want 11 and 0", len(all), len(other))
	}
	for _, s := range all {
		t.Run(s.key+" "+s.scheme+" "+s.text, func(t *testing.T) {
			err := Verify(s.query(), opensslKey(t, s.key))
			if s.scheme == "RS256" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, &Error{Class: SignatureMismatch}) {
				t.Errorf("error is %v, want %s: only RS256 verifies", err, SignatureMismatch)
			}
		})
	}
}

// The key and signature that ietf-05 prints fit the query that dcspec-2.3
// prints, not the string beside them in ietf-05 section 8.3.2.1.
func TestPrintedSignature(t *testing.T) {
	key, _, sigAndKey := spec(t)
	if err := Verify("a=1&b=2&ip=10.10.10.10&domain=example.net&"+sigAndKey, key); err != nil {
		t.Errorf("the query of dcspec-2.3, unsorted: %v", err)
	}
	for _, text := range []string{
		"a=1&b=2&domain=example.net&ip=10.10.10.10&text=a%2Bb",
		"a=1&b=2&domain=example.net&ip=10.10.10.10",
	} {
		if err := Verify(text+"&"+sigAndKey, key); !errors.Is(err, &Error{Class: SignatureMismatch}) {
			t.Errorf("%s: error is %v, want %s", text, err, SignatureMismatch)
		}
	}
}

// independent returns the vectors made elsewhere, with their key.
func independent(t testing.TB) ([]signature, *PublicKey, []string) {
	t.Helper()
	all, records := signatures(t, "independent.txt")
	if len(all) != 5 || len(records) != 3 {
		t.Fatalf("%d signatures and %d key records, want 5 and 3", len(all), len(records))
	}
	key, err := ParseKey(one(records...))
	if err != nil {
		t.Fatal(err)
	}
	return all, key, records
}

func TestIndependentSignatures(t *testing.T) {
	all, key, _ := independent(t)
	for _, s := range all {
		t.Run(s.key, func(t *testing.T) {
			sig := "sig=" + url.QueryEscape(s.base64)
			first, rest, _ := strings.Cut(s.text, "&")
			for place, query := range map[string]string{
				"key last":            s.text + "&" + sig + "&key=_k",
				"sig last":            s.text + "&key=_k&" + sig,
				"both first":          sig + "&key=_k&" + s.text,
				"in the middle":       first + "&" + sig + "&" + rest + "&key=_k",
				"on both ends":        "key=_k&" + s.text + "&" + sig,
				"sig without escapes": s.text + "&sig=" + s.base64 + "&key=_k",
			} {
				if err := Verify(query, key); err != nil {
					t.Errorf("%s: %v", place, err)
				}
			}
		})
	}
}

func TestChangedRequestsDoNotVerify(t *testing.T) {
	all, key, _ := independent(t)
	for _, s := range all {
		t.Run(s.key, func(t *testing.T) {
			first, rest, _ := strings.Cut(s.text, "&")
			changed := map[string]string{
				"parameter added":         s.text + "&utm=1",
				"parameter put in front":  "utm=1&" + s.text,
				"pair moved":              rest + "&" + first,
				"parameter dropped":       rest,
				"parameter doubled":       first + "&" + s.text,
				"empty segment":           s.text + "&",
				"question mark":           "?" + s.text,
				"upper-case hexadecimals": strings.ReplaceAll(s.text, "%2b", "%2B"),
				"lower-case hexadecimals": strings.ReplaceAll(s.text, "%2B", "%2b"),
				"unescaped tilde":         strings.ReplaceAll(s.text, "%7E", "~"),
				"blank for plus":          strings.ReplaceAll(s.text, "+", "%20"),
				"plus for blank":          strings.ReplaceAll(s.text, "%20", "+"),
				"empty host dropped":      strings.ReplaceAll(s.text, "&host=", ""),
				"look-alike cut":          strings.ReplaceAll(s.text, "apikey=K1", "api"),
			}
			for i := range s.text {
				flipped := []byte(s.text)
				flipped[i] ^= 1
				changed["flipped at "+strconv.Itoa(i)] = string(flipped)
			}
			tried := 0
			for what, text := range changed {
				if text == s.text {
					continue
				}
				tried++
				bad := signature{text: text, base64: s.base64}
				if err := Verify(bad.query(), key); err == nil {
					t.Errorf("%s: %s verifies", what, text)
				}
			}
			if tried < len(s.text)+7 {
				t.Errorf("only %d changes tried", tried)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	all, _ := signatures(t, "signatures.txt")
	good := all[0]
	key := opensslKey(t, "rsa2048")
	sig := url.QueryEscape(good.base64)
	base64url := strings.NewReplacer("+", "-", "/", "_").Replace(good.base64)
	badAt := strings.IndexAny(base64url, "-_")
	if badAt < 0 {
		t.Fatal("the signature has neither + nor /; take another vector")
	}
	tests := []struct {
		name, query string
		class       Class
		message     string
	}{
		{"no sig", good.text + "&key=_k", MissingSignature, "the query has no sig; sign it and append sig and key"},
		{"empty sig", good.text + "&sig=&key=_k", MissingSignature, "the query has no sig; sign it and append sig and key"},
		{"no key", good.text + "&sig=" + sig, MissingKey, "the query has a sig but no key; append key with the label that the public key is published at"},
		{"empty key", good.text + "&key=&sig=" + sig, MissingKey, "the query has a sig but no key; append key with the label that the public key is published at"},
		{"two sig", good.text + "&key=_k&sig=" + sig + "&sig=" + sig, RepeatedParameter, "the query carries sig more than once; send it once"},
		{"unpadded", good.text + "&key=_k&sig=" + strings.TrimRight(good.base64, "="), SignatureBase64, "sig is no standard base64 with padding: the padding is missing; keep the = at the end"},
		{"base64url", good.text + "&key=_k&sig=" + base64url, SignatureBase64, "sig is no standard base64 with padding: '" + base64url[badAt:badAt+1] + "' at character " + strconv.Itoa(badAt+1) + " belongs to base64url; use the alphabet with + and /"},
		{"line break", good.text + "&key=_k&sig=" + good.base64[:64] + "%0A" + good.base64[64:], SignatureBase64, "sig is no standard base64 with padding: there is whitespace at character 65; leave it out (a + that was decoded as a space looks like this, too)"},
		{"garbage", good.text + "&key=_k&sig=****", SignatureBase64, "sig is no standard base64 with padding: illegal base64 data at input byte 0"},
		{"stray bits", good.text + "&key=_k&sig=AB==", SignatureBase64, "sig is no standard base64 with padding: illegal base64 data at input byte 2"},
		{"cut", good.text + "&key=_k&sig=" + good.base64[:80], SignatureLength, `sig has 60 octets and the key at "_k" makes signatures of 256; it was cut, or made with another key`},
		{"other key", good.text + "x&key=_k&sig=" + sig, SignatureMismatch, `the signature does not verify over the query as received without sig and key, which is "` + good.text + `x"; sign exactly that with the private half of the key at "_k" (RS256)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantError(t, Verify(test.query, key), test.class, test.message)
		})
	}
	if err := Verify(good.query(), key); err != nil {
		t.Errorf("control: the untouched request: %v", err)
	}
	if err := Verify(good.query(), opensslKey(t, "rsa2048e3")); !errors.Is(err, &Error{Class: SignatureMismatch}) {
		t.Errorf("another key of the same size: %v", err)
	}
}
