package sign

import (
	"cmp"
	"crypto/rsa"
	"math/big"
	"slices"
	"strings"
)

// Inspection is what providers make of the TXT records at a key name.
type Inspection struct {
	// Strict is why a provider that keeps to ietf-05 section 6.4 refuses the
	// key; nil when it takes it.
	Strict error
	// Key is what a provider reads that overlooks what can be overlooked; nil
	// when nothing can be made of the records.
	Key *rsa.PublicKey
	// Overlooks are the mistakes that it has to overlook for that.
	Overlooks []Slip
	// Others counts further keys that could be read there as well.
	Others int
	// Warnings are what some providers object to in a key that is sound.
	Warnings []Slip
	// Fragments counts the records of the key, Records all TXT records.
	Fragments, Records int
}

// usualExponent is the public exponent of nearly all RSA keys; some libraries
// take no other.
const usualExponent = 65537

// Inspect judges published key records without a signature at hand.
func Inspect(txt [][]string) *Inspection {
	in := &Inspection{Records: len(txt)}
	strict, err := ParseKey(txt)
	in.Strict = err
	keys, _ := keyReadings(txt)
	sound := slices.DeleteFunc(slices.Clone(keys), func(k keyReading) bool { return !plausibleModulus(k.key.N) })
	// Of the orders of fragments, those make a key that cannot have come about
	// by accident.
	slices.SortStableFunc(sound, func(a, b keyReading) int { return cmp.Compare(len(a.slips), len(b.slips)) })
	if strict != nil {
		in.Fragments = strict.Fragments
	}
	if len(sound) == 0 {
		if strict != nil {
			in.Overlooks = []Slip{{Mistake: KeyDamaged}}
			in.Strict = refuse(KeyNumbers, "%s", in.Overlooks[0].What())
		}
		return in
	}
	in.Key, in.Overlooks, in.Others = sound[0].key, sound[0].slips, len(sound)-1
	if strict != nil && !strict.RSA.Equal(in.Key) {
		in.Strict = refuse(KeyNumbers, "the records make a key as they are numbered, whose modulus is no product of two large primes")
	}
	in.warn(txt)
	return in
}

// warn lists what some providers object to.
func (in *Inspection) warn(txt [][]string) {
	unrelated, fragments, unnumbered, unsaid := 0, 0, false, false
	for _, parts := range txt {
		text := strings.Join(parts, "")
		if !isFragment(text) {
			unrelated++
			continue
		}
		fragments++
		names := map[string]bool{}
		for pair := range strings.SplitSeq(text, ",") {
			name, _, _ := strings.Cut(pair, "=")
			names[strings.Trim(name, "\" \t\r\n")] = true
		}
		unnumbered, unsaid = unnumbered || !names["p"], unsaid || !names["a"]
	}
	in.Fragments = fragments
	add := func(found bool, code Mistake) {
		if found {
			in.Warnings = append(in.Warnings, Slip{Mistake: code})
		}
	}
	add(in.Key.N.BitLen() < WeakBits, KeyWeak)
	add(in.Key.E != usualExponent, KeyExponent)
	add(unrelated > 0 && fragments > 0, KeyBeside)
	add(unnumbered && fragments == 1, KeyUnnumbered)
	add(unsaid, KeyNoAlgorithm)
	add(fragments > 8, KeyManyPieces)
}

// plausibleModulus reports whether a number can be the modulus of an RSA key:
// not a prime, and without a small factor. Of numbers that come about by
// damage one in twenty passes.
func plausibleModulus(n *big.Int) bool {
	if n.ProbablyPrime(0) {
		return false
	}
	return new(big.Int).GCD(nil, nil, n, smallPrimes()).Cmp(big.NewInt(1)) == 0
}

// smallPrimes is the product of the primes below 65,536.
func smallPrimes() *big.Int {
	const limit = 1 << 16
	composite := make([]bool, limit)
	product := big.NewInt(1)
	var word uint64 = 1
	for p := 2; p < limit; p++ {
		if composite[p] {
			continue
		}
		for m := p * p; m < limit; m += p {
			composite[m] = true
		}
		if word *= uint64(p); word >= 1<<47 {
			product.Mul(product, new(big.Int).SetUint64(word))
			word = 1
		}
	}
	return product.Mul(product, new(big.Int).SetUint64(word))
}
