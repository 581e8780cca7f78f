package sign

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/mockprovider/dc"
)

// The key of ietf-05 section 6.4: fragments of 190, 188 and 14 characters,
// the first and last of which do not decode alone.
func TestPrintedKey(t *testing.T) {
	key, records, _ := spec(t)
	der, err := x509.MarshalPKIXPublicKey(key.RSA)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	if got, want := hex.EncodeToString(sum[:]), "0022d0d1c32f62cd69ea0cf29ee7dcb2b7e93898c3326b40fc338db46cb7ebb2"; got != want {
		t.Errorf("SHA-256 of the key is %s, want %s", got, want)
	}
	if key.Fragments != 3 || key.Algorithm != "RS256" || key.Format != "x509" || len(key.Warnings) != 0 {
		t.Errorf("key is %+v", key)
	}
	accepted := 0
	for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		shuffled, err := ParseKey(one(records[order[0]], records[order[1]], records[order[2]]))
		if err != nil || !shuffled.RSA.Equal(key.RSA) {
			t.Errorf("answer in order %v: %v", order, err)
		}
		var renumbered []string
		for i, from := range order {
			renumbered = append(renumbered, "p="+strconv.Itoa(i+1)+records[from][3:])
		}
		if _, err := ParseKey(one(renumbered...)); err == nil {
			accepted++
		}
	}
	if accepted != 1 {
		t.Errorf("%d of the six numberings make a key, want 1", accepted)
	}
}

func TestParseKeyAccepts(t *testing.T) {
	body := base64Body(t, "rsa2048.pub.pem")
	want := opensslKey(t, "rsa2048").RSA
	// beginsInN cuts the key before a letter n and after one, where a known
	// library strips too much.
	n := strings.IndexByte(body, 'n')
	if n < 1 || n > 250 {
		t.Fatalf("the test key has its first n at %d; take another key", n)
	}
	twelve := fragments(body, 33)
	if len(twelve) != 12 {
		t.Fatalf("%d fragments, want 12", len(twelve))
	}
	slices.Reverse(twelve)
	textSorted := fragments(body, 33)
	slices.SortFunc(textSorted, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	tests := []struct {
		name     string
		txt      [][]string
		pieces   int
		warnings []string
	}{
		{"one record", fragments(body, 1000), 1, nil},
		{"two records", fragments(body, 200), 2, nil},
		{"two strings in one record", [][]string{{"p=1,a=RS256,d=" + body[:100], body[100:]}}, 1, nil},
		{"string cut inside a pair name", [][]string{{"p=1,a=RS", "256,", "d", "=" + body}}, 1, nil},
		{"twelve fragments backwards", twelve, 12, nil},
		{"twelve fragments in text order", textSorted, 12, nil},
		{"as many fragments as allowed", fragments(body, 13), 31, nil},
		{"defaults", one("p=1,d=" + body), 1, nil},
		{"defaults in one fragment only", one("p=1,a=RS256,t=x509,d="+body[:150], "p=2,d="+body[150:]), 2, nil},
		{"pairs in another order", one("d="+body[:7]+",t=x509,p=1", "a=RS256,d="+body[7:]+",p=2"), 2, nil},
		{"leading zeros", one("p=02,d="+body[9:], "p=01,d="+body[:9]), 2, nil},
		{"fragment begins with n", one("p=1,d="+body[:n], "p=2,d="+body[n:]), 2, nil},
		{"fragment ends with n", one("p=1,d="+body[:n+1], "p=2,d="+body[n+1:]), 2, nil},
		{"one record without p", one("d=" + body), 1, []string{"the key record has no p=; ietf-05 section 6.4 requires p=1"}},
		{
			"foreign TXT beside it",
			one("v=spf1 -all", "p=1,d="+body, "verification=abc=", "", "v=DKIM1; k=rsa; p=MIIB", "v=DMARC1; p=none", "hello, world", "d", "p,a"),
			1, []string{"8 TXT records at the key name are no key records and were left aside; other providers may refuse the key for that"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := ParseKey(test.txt)
			if err != nil {
				t.Fatal(err)
			}
			if !key.RSA.Equal(want) {
				t.Error("another key came out")
			}
			if key.Fragments != test.pieces {
				t.Errorf("%d fragments, want %d", key.Fragments, test.pieces)
			}
			if diff := cmp.Diff(test.warnings, key.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKeySizes(t *testing.T) {
	key := opensslKey(t, "rsa1024")
	if diff := cmp.Diff([]string{"the RSA key has 1024 bits; use at least 2048"}, key.Warnings); diff != "" {
		t.Errorf("warnings of a 1,024-bit key (-want +got):\n%s", diff)
	}
	for _, bits := range []int{2048, 8192} {
		if key, err := ParseKey(fragments(artificialKey(t, bits, 65537, 1), 250)); err != nil || key.RSA.N.BitLen() != bits || len(key.Warnings) != 0 {
			t.Errorf("%d bits: %v, %v", bits, key, err)
		}
	}
	if key, err := ParseKey(fragments(artificialKey(t, 1024, 3, 1), 250)); err != nil || key.RSA.E != 3 {
		t.Errorf("exponent 3: %v, %v", key, err)
	}
}

// artificialKey is a SubjectPublicKeyInfo in base64 whose modulus is
// 2^(bits-1) + low. Nobody can sign with it.
func artificialKey(t testing.TB, bits, exponent int, low int64) string {
	t.Helper()
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	n.Add(n, big.NewInt(low))
	der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: exponent})
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// keyRefusal is a published key that is refused. An empty message stands for
// the words of a decoder, which are not ours to fix.
type keyRefusal struct {
	name    string
	txt     [][]string
	class   Class
	message string
}

// fragmentRefusals are records that do not make a key.
func fragmentRefusals(t *testing.T) []keyRefusal {
	t.Helper()
	body := base64Body(t, "rsa2048.pub.pem")
	half, rest := body[:200], body[200:]
	short := func(text string) string { return `"` + text[:40] + `..."` }
	return []keyRefusal{
		{"no TXT at all", nil, NoKeyRecord, "none of the 0 TXT records at the key name is a key record; publish p=1,a=RS256,d=... there, and see that the name is the key label followed by syncPubKeyDomain once"},
		{"only foreign TXT", one("v=spf1 -all", "x"), NoKeyRecord, "none of the 2 TXT records at the key name is a key record; publish p=1,a=RS256,d=... there, and see that the name is the key label followed by syncPubKeyDomain once"},
		{"no p in several", one("p=1,d="+half, "a=RS256,d="+rest), FragmentNoIndex, `there are 2 key records and ` + short("a=RS256,d="+rest) + ` has no p=; number every fragment from 1`},
		{"p=0", one("p=0,d="+half, "p=1,d="+rest), FragmentIndex, "the key record " + short("p=0,d="+half) + " has p=0; number the fragments 1, 2, 3 and so on"},
		{"p=0 alone", one("p=0,d=" + body), FragmentIndex, "the key record " + short("p=0,d="+half) + " has p=0; number the fragments 1, 2, 3 and so on"},
		{"p not a number", one("p=one,d=" + body), FragmentIndex, "the key record " + short("p=one,d="+half) + " has p=one; number the fragments 1, 2, 3 and so on"},
		{"p with a sign", one("p=+1,d=" + body), FragmentIndex, "the key record " + short("p=+1,d="+half) + " has p=+1; number the fragments 1, 2, 3 and so on"},
		{"p negative", one("p=-1,d=" + body), FragmentIndex, "the key record " + short("p=-1,d="+half) + " has p=-1; number the fragments 1, 2, 3 and so on"},
		{"p empty", one("p=,d=" + body), FragmentIndex, "the key record " + short("p=,d="+half) + " has p=; number the fragments 1, 2, 3 and so on"},
		{"p huge", one("p=99999999999999999999,d=" + body), FragmentIndex, "the key record " + short("p=99999999999999999999,d="+half) + " has p=99999999999999999999; number the fragments 1, 2, 3 and so on"},
		{"gap", one("p=1,d="+half, "p=3,d="+rest), FragmentGap, "fragment p=2 is missing: of 2 key records one has p=3; publish all of them, numbered from 1"},
		{"first one missing", one("p=2,d=" + rest), FragmentGap, "fragment p=1 is missing: of 1 key records one has p=2; publish all of them, numbered from 1"},
		{"duplicate p", one("p=1,d="+half, "p=2,d="+rest, "p=2,d="+rest), FragmentDuplicate, "two key records have p=2; a name holds one key, so number its fragments apart and publish a second key at another label"},
		{"two keys at the name", one("p=1,d="+body, "p=1,d="+artificialKey(t, 2048, 3, 1)), FragmentDuplicate, "two key records have p=1; a name holds one key, so number its fragments apart and publish a second key at another label"},
		{"too many fragments", fragments(body, 11), TooManyFragments, "the key is split into 36 records and at most 32 are read; use pieces of about 200 characters"},
		{"no d", one("p=1,d="+half, "p=2,a=RS256"), FragmentNoData, `the key record "p=2,a=RS256" has no d= with the key in base64; add it`},
		{"empty d", one("p=1,d="), FragmentNoData, `the key record "p=1,d=" has no d= with the key in base64; add it`},
		{"d twice", one("p=1,d=" + half + ",d=" + rest), FragmentSyntax, "the key record " + short("p=1,d="+half) + " has d= twice; leave one"},
		{"p twice", one("p=1,p=1,d=" + body), FragmentSyntax, "the key record " + short("p=1,p=1,d="+half) + " has p= twice; leave one"},
		{"unknown pair", one("p=1,k=rsa,d=" + body), FragmentSyntax, "the key record " + short("p=1,k=rsa,d="+half) + " has the pair k=, and only p, d, a and t are defined; remove it"},
		{"upper-case pair", one("P=1,d=" + body), FragmentSyntax, "the key record " + short("P=1,d="+half) + " has the pair P=, and only p, d, a and t are defined; remove it"},
		{"no pair", one("p=1,RS256,d=" + body), FragmentSyntax, "the key record " + short("p=1,RS256,d="+half) + ` has "RS256" where a pair like p=1 is expected`},
		{"comma at the end", one("p=1,d=AA=,"), FragmentSyntax, `the key record "p=1,d=AA=," has "" where a pair like p=1 is expected`},
		{"mixed a", one("p=1,a=RS256,d="+half, "p=2,a=RS512,d="+rest), MixedAlgorithm, "the fragments of the key disagree on the algorithm: a=RS256 and a=RS512; publish the same a= in all"},
		{"mixed a by default", one("p=1,d="+half, "p=2,a=RS512,d="+rest), MixedAlgorithm, "the fragments of the key disagree on the algorithm: a=RS256 and a=RS512; publish the same a= in all"},
		{"mixed t", one("p=1,t=x509,d="+half, "p=2,t=pkcs1,d="+rest), MixedFormat, "the fragments of the key disagree on the format: t=x509 and t=pkcs1; publish the same t= in all"},
		{"a=ES256", one("p=1,a=ES256,d=" + body), UnknownAlgorithm, "the key is published for algorithm a=ES256; only RS256 is supported, written exactly so"},
		{"a=none", one("p=1,a=none,d=" + body), UnknownAlgorithm, "the key is published for algorithm a=none; only RS256 is supported, written exactly so"},
		{"a=HS256", one("p=1,a=HS256,d=" + body), UnknownAlgorithm, "the key is published for algorithm a=HS256; only RS256 is supported, written exactly so"},
		{"a empty", one("p=1,a=,d=" + body), UnknownAlgorithm, "the key is published for algorithm a=; only RS256 is supported, written exactly so"},
		{"a in lower case", one("p=1,a=rs256,d=" + body), UnknownAlgorithm, "the key is published for algorithm a=rs256; only RS256 is supported, written exactly so"},
		{"t=foo", one("p=1,t=foo,d=" + body), UnknownFormat, "the key is published in format t=foo; only x509 is supported, written exactly so"},
		{"PEM armour", one("p=1,d=-----BEGIN PUBLIC KEY-----" + body), FragmentArmour, "the key record " + short("p=1,d=-----BEGIN PUBLIC KEY-----"+body) + " holds lines of a PEM file; publish only the base64 between the BEGIN and END lines, in one piece"},
		{"quotes kept", one(`"p=1,d=AAAA"`), FragmentQuotes, `the key record "\"p=1,d=AAAA\"" has quotation marks in its data; enter the text without them at the DNS provider`},
		{"quotes between strings", one(`p=1,d=AA" "AA`), FragmentQuotes, `the key record "p=1,d=AA\" \"AA" has quotation marks in its data; enter the text without them at the DNS provider`},
		{"blank after comma", one("p=1, d=AAAA"), FragmentWhitespace, `the key record "p=1, d=AAAA" has a blank or a line break in it; publish it without`},
		{"blank in front", one(" d=AAAA"), FragmentWhitespace, `the key record " d=AAAA" has a blank or a line break in it; publish it without`},
		{"strings joined with a blank", one("p=1,d=" + body[:20] + " " + body[20:]), FragmentWhitespace, "the key record " + short("p=1,d="+body[:20]+" "+body[20:]) + " has a blank or a line break in it; publish it without"},
		{"line break", one("p=1,d=AA\nAA"), FragmentWhitespace, `the key record "p=1,d=AA\nAA" has a blank or a line break in it; publish it without`},
	}
}

// materialRefusals are keys that are no good.
func materialRefusals(t *testing.T) []keyRefusal {
	t.Helper()
	body := base64Body(t, "rsa2048.pub.pem")
	half, rest := body[:200], body[200:]
	testKey, err := keys.Signing()
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(testKey.Private)
	if err != nil {
		t.Fatal(err)
	}
	private := base64.StdEncoding.EncodeToString(pkcs8)
	pkcs1Private := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(testKey.Private))
	spki := derOf(t, "rsa2048.pub.pem")
	twoKeys := base64.StdEncoding.EncodeToString(append(slices.Clone(spki), spki...))
	return []keyRefusal{
		{"two keys in one", fragments(twoKeys, 200), KeyEncoding, "the key is no DER SubjectPublicKeyInfo: x509: trailing data after ASN.1 of public-key; publish the output of openssl rsa -pubout"},
		{"base64url", one("p=1,d=" + body[:20] + "-" + body[21:]), KeyBase64, "the joined d= values of 1 key records are no standard base64 with padding: '-' at character 21 belongs to base64url; use the alphabet with + and /"},
		{"unpadded", one("p=1,d=" + strings.TrimRight(base64Body(t, "rsa4096.pub.pem"), "=")), KeyBase64, "the joined d= values of 1 key records are no standard base64 with padding: the padding is missing; keep the = at the end"},
		{"garbage", one("p=1,d=****"), KeyBase64, "the joined d= values of 1 key records are no standard base64 with padding: illegal base64 data at input byte 0"},
		{"cut", one("p=1,d=" + body[:200]), KeyEncoding, "the key is cut short: 150 of its 294 octets are there; publish every fragment, whole"},
		{"fragments swapped", one("p=1,d="+rest, "p=2,d="+half), KeyEncoding, ""},
		{"PKCS#1", one("p=1,d=" + base64Body(t, "rsa2048.pkcs1.pem")), KeyPKCS1, "the key is in PKCS#1 form (RSA PUBLIC KEY); convert it with openssl rsa -RSAPublicKey_in -pubout"},
		{"certificate", fragments(base64Body(t, "rsa2048.cert.pem"), 200), KeyCertificate, "a certificate is published; publish only its public key, openssl x509 -pubkey -noout"},
		{"private key", fragments(private, 200), KeyPrivate, "a private key is published; take it down, make a new key, and publish its public half"},
		{"private key, PKCS#1", fragments(pkcs1Private, 200), KeyPrivate, "a private key is published; take it down, make a new key, and publish its public half"},
		{"elliptic key", one("p=1,d=" + base64Body(t, "ec.pub.pem")), KeyNotRSA, "the key is a *ecdsa.PublicKey and RS256 needs an RSA key; make one of 2048 bits"},
		{"512 bits", one("p=1,d=" + base64Body(t, "rsa512.pub.pem")), KeyTooSmall, "the RSA key has 512 bits; at least 1024 are taken, and 2048 or more are advised"},
		{"1023 bits", one("p=1,d=" + artificialKey(t, 1023, 65537, 1)), KeyTooSmall, "the RSA key has 1023 bits; at least 1024 are taken, and 2048 or more are advised"},
		{"8193 bits", fragments(artificialKey(t, 8193, 65537, 1), 250), KeyTooLarge, "the RSA key has 8193 bits; at most 8192 are taken"},
		{"even modulus", one("p=1,d=" + artificialKey(t, 2048, 65537, 2)), KeyNumbers, "modulus or exponent (65537) cannot be those of an RSA key; the data was damaged, publish the key again"},
		{"exponent 1", one("p=1,d=" + artificialKey(t, 2048, 1, 1)), KeyNumbers, "modulus or exponent (1) cannot be those of an RSA key; the data was damaged, publish the key again"},
		{"even exponent", one("p=1,d=" + artificialKey(t, 2048, 65536, 1)), KeyNumbers, "modulus or exponent (65536) cannot be those of an RSA key; the data was damaged, publish the key again"},
		{"huge exponent", one("p=1,d=" + artificialKey(t, 2048, 1<<31+1, 1)), KeyNumbers, "modulus or exponent (2147483649) cannot be those of an RSA key; the data was damaged, publish the key again"},
	}
}

func TestParseKeyRefuses(t *testing.T) {
	seen := map[Class]bool{}
	for _, test := range append(fragmentRefusals(t), materialRefusals(t)...) {
		t.Run(test.name, func(t *testing.T) {
			key, err := ParseKey(test.txt)
			if key != nil {
				t.Error("a key came back with the error")
			}
			message := test.message
			if message == "" && err != nil {
				message = err.Error()
			}
			wantError(t, err, test.class, message)
		})
		seen[test.class] = true
	}
	for _, class := range Classes()[slices.Index(Classes(), NoKeyRecord):] {
		if !seen[class] {
			t.Errorf("no case for class %s", class)
		}
	}
}

func TestKeyName(t *testing.T) {
	long := strings.Repeat("a", 63)
	tests := []struct {
		key, domain string
		edition     dc.Edition
		want        string // "" is refused
	}{
		{"_dcpubkeyv1", "sp.example", dc.IETF05, "_dcpubkeyv1.sp.example."},
		{"Dev1", "SP.example.", dc.IETF05, "dev1.sp.example."},
		{"xn--a", "sp.example", dc.IETF05, "xn--a.sp.example."},
		{long, "sp.example", dc.IETF05, long + ".sp.example."},
		{long + "a", "sp.example", dc.IETF05, ""},
		{"_a._b", "sp.example", dc.IETF05, ""},
		{"_a._b", "sp.example", dc.DCSpec23, "_a._b.sp.example."},
		{"evil.test.", "sp.example", dc.IETF05, ""},
		{"evil.test.", "sp.example", dc.DCSpec23, ""},
		{"", "sp.example", dc.IETF05, ""},
		{"a..b", "sp.example", dc.DCSpec23, ""},
		{".", "sp.example", dc.DCSpec23, ""},
		{"a/b", "sp.example", dc.DCSpec23, ""},
		{"a\x00", "sp.example", dc.IETF05, ""},
		{`a\.b`, "sp.example", dc.IETF05, ""},
		{"ä", "sp.example", dc.IETF05, ""},
		{"a b", "sp.example", dc.IETF05, ""},
		{"k", strings.Repeat("a.", 125) + "b", dc.IETF05, "k." + strings.Repeat("a.", 125) + "b."},
		{"kk", strings.Repeat("a.", 125) + "b", dc.IETF05, ""},
	}
	for _, test := range tests {
		t.Run(test.key+" "+test.edition.String(), func(t *testing.T) {
			name, err := KeyName(test.key, test.domain, test.edition)
			if test.want == "" {
				if !errors.Is(err, &Error{Class: BadKeyLabel}) || name != "" {
					t.Errorf("got %q, %v, want class %s", name, err, BadKeyLabel)
				}
				return
			}
			if err != nil || name != test.want {
				t.Errorf("got %q, %v, want %q", name, err, test.want)
			}
		})
	}
	_, err := KeyName("a.b", "sp.example", dc.IETF05)
	wantError(t, err, BadKeyLabel, `key is "a.b"; it has to be a DNS label such as _dcpubkeyv1, without dots at its end or elsewhere`)
}

// The embedded test key is published as ParseKey wants it.
func TestEmbeddedKeyParses(t *testing.T) {
	embedded, err := keys.Signing()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(one(embedded.TXT...))
	if err != nil {
		t.Fatal(err)
	}
	if !key.RSA.Equal(&embedded.Private.PublicKey) || len(key.Warnings) != 0 {
		t.Errorf("key is %+v", key)
	}
}
