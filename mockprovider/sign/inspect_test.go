package sign

import (
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
)

func TestInspect(t *testing.T) {
	second, third, long, short := pair(t, keys.Second), pair(t, keys.Third), pair(t, keys.Long), pair(t, keys.Short)
	swapped := eachRecord(records(second.Data, 100), func(n int, x string) string {
		return strings.Replace(x, "p="+string(rune('0'+n)), "p="+string("01324"[n]), 1)
	})
	tests := []struct {
		name string
		txt  [][]string
		// strict is how the refusal of a strict provider begins, "" for none.
		strict    string
		bits      int
		overlooks []Mistake
		others    int
		warnings  []Mistake
	}{
		{name: "sound", txt: records(second.Data, 200), bits: 2048},
		{name: "one string of 255 and more", txt: [][]string{{"p=1,a=RS256,d=" + second.Data[:200], second.Data[200:]}}, bits: 2048},
		{name: "a long key", txt: records(long.Data, 200), bits: 4096},
		{name: "a short key", txt: records(short.Data, 200), bits: 1024, warnings: []Mistake{KeyWeak}},
		{name: "many fragments", txt: records(second.Data, 40), bits: 2048, warnings: []Mistake{KeyManyPieces}},
		{name: "beside others", txt: append(records(second.Data, 200), []string{"v=spf1 -all"}), bits: 2048, warnings: []Mistake{KeyBeside}},
		{name: "no number", txt: [][]string{{"a=RS256,d=" + second.Data}}, bits: 2048, warnings: []Mistake{KeyUnnumbered}},
		{name: "no algorithm", txt: [][]string{{"p=1,d=" + second.Data}}, bits: 2048, warnings: []Mistake{KeyNoAlgorithm}},
		{name: "PKCS#1", txt: records(second.PKCS1, 200), strict: "the key is in PKCS#1 form", bits: 2048, overlooks: []Mistake{PublishedPKCS1}},
		{name: "fragments that make a key in the wrong order", txt: swapped,
			strict: "the records make a key as they are numbered, whose modulus is no product of two large primes", bits: 2048, overlooks: []Mistake{PublishedOrder}},
		{name: "two keys", txt: [][]string{{"p=1,a=RS256,d=" + second.Data}, {"p=1,a=RS256,d=" + third.Data}},
			strict: "two key records have p=1", bits: 2048, overlooks: []Mistake{PublishedTwo}, others: 1},
		{name: "cut short", txt: records(second.Data, 200)[:1], strict: "the key is cut short: 150 of its 294 octets are there"},
		{name: "nothing", strict: "none of the 0 TXT records"},
		{name: "a modulus with a small factor", txt: records(second.Data[:200]+"A"+second.Data[201:], 200), strict: "the modulus of the key is no product of two large primes", overlooks: []Mistake{KeyDamaged}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := Inspect(test.txt)
			if (in.Strict == nil) != (test.strict == "") || in.Strict != nil && !strings.HasPrefix(in.Strict.Error(), test.strict) {
				t.Errorf("strict: %v, want %q", in.Strict, test.strict)
			}
			bits := 0
			if in.Key != nil {
				bits = in.Key.N.BitLen()
			}
			if bits != test.bits || in.Others != test.others || in.Records != len(test.txt) {
				t.Errorf("%d bits, %d others, %d records, want %d, %d, %d", bits, in.Others, in.Records, test.bits, test.others, len(test.txt))
			}
			if got := mistakes(in.Overlooks); !slices.Equal(got, codes(test.overlooks)) {
				t.Errorf("overlooks %v, want %v", got, test.overlooks)
			}
			if got := mistakes(in.Warnings); !slices.Equal(got, codes(test.warnings)) {
				t.Errorf("warnings %v, want %v", got, test.warnings)
			}
		})
	}
}
