package sign

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
)

// pemOf is key data as a PEM file has it.
func pemOf(t *testing.T, kind, data string) string {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

var publishedSeeds = []seed{
	{name: "PKCS#1", change: func(_ *testing.T, s *seeded) { s.txt = records(s.key.PKCS1, 200) }, want: []Mistake{PublishedPKCS1}},
	{name: "certificate", change: func(_ *testing.T, s *seeded) { s.txt = records(s.key.Certificate, 200) }, want: []Mistake{PublishedCertificate}},
	{name: "PEM in d", change: func(t *testing.T, s *seeded) {
		s.txt = [][]string{{"p=1,a=RS256,d=" + pemOf(t, "PUBLIC KEY", s.key.Data)}}
	}, want: []Mistake{PublishedArmour}},
	{name: "PEM cut into fragments", change: func(t *testing.T, s *seeded) {
		s.txt = records(strings.ReplaceAll(pemOf(t, "PUBLIC KEY", s.key.Data), "\n", ""), 200)
	}, want: []Mistake{PublishedArmour}},
	{name: "blank in d", change: func(_ *testing.T, s *seeded) { s.txt[0][0] = s.txt[0][0][:80] + " " + s.txt[0][0][80:] }, want: []Mistake{PublishedBlank}},
	{name: "blanks after the commas", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(s.txt, func(_ int, x string) string { return strings.ReplaceAll(x, ",", ", ") })
	}, want: []Mistake{PublishedBlank}},
	{name: "quotes kept", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(s.txt, func(_ int, x string) string { return `"` + x + `"` })
	}, want: []Mistake{PublishedQuotes}},
	{name: "quotes between strings kept", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(s.txt, func(_ int, x string) string { return `"` + x[:100] + `" "` + x[100:] + `"` })
	}, want: []Mistake{PublishedQuotes}},
	{name: "semicolons", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(s.txt, func(_ int, x string) string { return strings.ReplaceAll(x, ",", "; ") })
	}, want: []Mistake{PublishedSeparator}},
	{name: "DKIM form", change: func(_ *testing.T, s *seeded) { s.txt = [][]string{{"v=DKIM1; k=rsa; p=" + s.key.Data}} }, want: []Mistake{PublishedDKIM}},
	{name: "bare base64", change: func(_ *testing.T, s *seeded) { s.txt = [][]string{{s.key.Data}} }, want: []Mistake{PublishedBare}},
	{name: "base64url key", change: func(_ *testing.T, s *seeded) {
		s.txt = records(strings.NewReplacer("+", "-", "/", "_").Replace(s.key.Data), 200)
	}, want: []Mistake{PublishedURLSafe}},
	{name: "fragments encoded apart", change: func(t *testing.T, s *seeded) {
		der, err := base64.StdEncoding.DecodeString(s.key.Data)
		if err != nil {
			t.Fatal(err)
		}
		text := base64.StdEncoding.EncodeToString
		s.txt = [][]string{{"p=1,a=RS256,d=" + text(der[:100])}, {"p=2,a=RS256,d=" + text(der[100:])}}
	}, want: []Mistake{PublishedApart}},
	{name: "fragments in the wrong order", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(records(s.key.Data, 140), func(n int, x string) string {
			return strings.Replace(x, fmt.Sprintf("p=%d", n), fmt.Sprintf("p=%d", []int{0, 1, 3, 2}[n]), 1)
		})
	}, want: []Mistake{PublishedOrder}},
	{name: "numbers with a gap", change: func(_ *testing.T, s *seeded) { s.txt[1][0] = strings.Replace(s.txt[1][0], "p=2", "p=3", 1) }, want: []Mistake{PublishedGap}},
	{name: "numbered from 0", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(s.txt, func(n int, x string) string {
			return strings.Replace(x, fmt.Sprintf("p=%d", n), fmt.Sprintf("p=%d", n-1), 1)
		})
	}, want: []Mistake{PublishedFromZero}},
	{name: "no numbers", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(s.txt, func(n int, x string) string { return strings.Replace(x, fmt.Sprintf("p=%d,", n), "", 1) })
		slices.Reverse(s.txt)
	}, want: []Mistake{PublishedNoNumbers}},
	{name: "a fragment twice", change: func(_ *testing.T, s *seeded) { s.txt = append(s.txt, s.txt[0]) }, want: []Mistake{PublishedRepeated}},
	{name: "two keys at one name", change: func(t *testing.T, s *seeded) { s.txt = append(records(pair(t, keys.Third).Data, 200), s.txt...) }, want: []Mistake{PublishedTwo}},
	{name: "two whole keys at one name", change: func(t *testing.T, s *seeded) {
		s.txt = [][]string{{"p=1,a=RS256,d=" + pair(t, keys.Third).Data}, {"p=1,a=RS256,d=" + s.key.Data}}
	}, want: []Mistake{PublishedTwo}},
	{name: "algorithm in other words", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(s.txt, func(_ int, x string) string { return strings.Replace(x, "RS256", "SHA256", 1) })
	}, want: []Mistake{PublishedAlgorithm}},
	{name: "format in other words", change: func(_ *testing.T, s *seeded) {
		s.txt = eachRecord(s.txt, func(_ int, x string) string { return strings.Replace(x, "a=RS256", "t=pem", 1) })
	}, want: []Mistake{PublishedFormat}},
	{name: "doubled key label", change: func(_ *testing.T, s *seeded) { misplace(s, PlaceLabelTwice) }, want: []Mistake{PlaceLabelTwice}},
	{name: "key at the bare domain", change: func(_ *testing.T, s *seeded) { misplace(s, PlaceBareDomain) }, want: []Mistake{PlaceBareDomain}},
}

func misplace(s *seeded, how Mistake) {
	s.places = []Place{{Name: "elsewhere.example.net.", TXT: s.txt, Slip: how}}
	s.txt = nil
}

// pairsOfSeeds are plausible together, by their names.
var pairsOfSeeds = [][2]string{
	{"decoded before signing", "sorted before signing"},
	{"decoded before signing", "base64url, unpadded"},
	{"decoded before signing", "key signed along"},
	{"redirect_uri left out", "tracking appended"},
	{"all three left out", "base64url"},
	{"space signed as plus", "sorted before signing"},
	{"space signed as plus", "unpadded"},
	{"space sent as plus", "key signed along"},
	{"space sent as plus", "lower-case digits signed"},
	{"lower-case digits signed", "sorted before signing"},
	{"sorted after signing", "browser: apostrophe"},
	{"browser: all of them", "SHA-1"},
	{"trailing newline", "SHA-1"},
	{"trailing newline", "sig with line breaks"},
	{"question mark signed", "base64url"},
	{"question mark signed", "sorted before signing"},
	{"key signed along", "tracking appended"},
	{"tracking appended", "sorted before signing"},
	{"PSS", "base64url"},
	{"digest signed", "sorted before signing"},
	{"whole URL signed", "unpadded"},
	{"sig not escaped, read as a form", "sorted before signing"},
	{"PEM in d", "decoded before signing"},
	{"quotes kept", "blank in d"},
	{"quotes kept", "key signed along"},
	{"PKCS#1", "key signed along"},
	{"PKCS#1", "quotes kept"},
	{"doubled key label", "state left out"},
	{"fragments in the wrong order", "base64url"},
	{"two keys at one name", "sorted before signing"},
}
