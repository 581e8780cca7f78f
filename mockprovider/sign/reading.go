package sign

import (
	"slices"
	"strings"
)

// reading is one way to take a query apart into sig, key and the rest.
type reading struct {
	// covered are the segments beside sig and key, as received.
	covered []string
	// sig and key are the values as received, keySegment the whole pair.
	sig, key, keySegment string
	// keyAt is how many covered segments stand before key, tail how many
	// stand behind both.
	keyAt, tail int
	// sigLast is set when nothing follows sig.
	sigLast bool
	slips   []Slip
}

// readings lists the ways to read a query, the plain one first. A later one is
// only tried where an earlier one does not lead to a sound signature.
func readings(query, fragment string) []reading {
	plain := strings.Split(query, "&")
	all := takeApart(plain, nil)
	if fixed := withoutEntities(plain); fixed != nil {
		all = append(all, takeApart(fixed, []Slip{{Mistake: LinkHTML}})...)
	}
	if fragment != "" {
		whole := strings.Split(query+"#"+fragment, "&")
		all = append(all, takeApart(whole, []Slip{{Mistake: LinkFragment}})...)
	}
	return all
}

// withoutEntities takes the rest of &amp; off names; nil when there is none.
func withoutEntities(segments []string) []string {
	fixed := slices.Clone(segments)
	found := false
	for i, s := range fixed {
		for _, entity := range []string{"amp;", "#38;", "#x26;"} {
			if rest, ok := strings.CutPrefix(s, entity); ok && i > 0 {
				fixed[i], found = rest, true
			}
		}
	}
	if !found {
		return nil
	}
	return fixed
}

// otherNames are what sig and key are called by mistake, in lower case.
var otherNames = map[string]string{
	"sig": "sig", "signature": "sig", "%73ig": "sig",
	"key": "key", "keyid": "key", "keyhost": "key", "%6bey": "key",
}

// takeApart finds sig and key in the segments: by their names, or else by names
// that they are given by mistake. Repeated ones are tried one by one.
func takeApart(segments []string, slips []Slip) []reading {
	sigs, otherSigs := find(segments, "sig")
	keys, otherKeys := find(segments, "key")
	if len(sigs) == 0 {
		sigs = otherSigs
	}
	if len(keys) == 0 {
		keys = otherKeys
	}
	drop := map[int]bool{}
	for _, i := range slices.Concat(sigs, keys) {
		drop[i] = true
	}
	if len(sigs) == 0 {
		sigs = []int{-1}
	}
	if len(keys) == 0 {
		keys = []int{-1}
	}
	var all []reading
	for _, s := range sigs {
		for _, k := range keys {
			r := reading{slips: slices.Clone(slips)}
			if len(sigs) > 1 || len(keys) > 1 {
				r.slips = append(r.slips, Slip{Mistake: SigRepeated})
			}
			r.fill(segments, s, k, drop)
			all = append(all, r)
		}
	}
	return all
}

// find returns where the name stands, and where another name for it does.
func find(segments []string, name string) (exact, other []int) {
	for i, s := range segments {
		n, _, _ := strings.Cut(s, "=")
		switch {
		case n == name:
			exact = append(exact, i)
		case otherNames[strings.ToLower(n)] == name:
			other = append(other, i)
		}
	}
	return exact, other
}

func (r *reading) fill(segments []string, sig, key int, drop map[int]bool) {
	for i, s := range segments {
		name, value, _ := strings.Cut(s, "=")
		switch {
		case i == sig:
			r.sig = value
		case i == key:
			r.key, r.keySegment, r.keyAt = value, s, len(r.covered)
		case !drop[i]:
			r.covered = append(r.covered, s)
			if i > sig && i > key {
				r.tail++
			}
		}
		if (i == sig && name != "sig") || (i == key && name != "key") {
			r.slips = append(r.slips, Slip{Mistake: SigName, Detail: name})
		}
	}
	r.sigLast = sig == len(segments)-1
}
