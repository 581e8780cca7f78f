package sign

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// keyReading is one way to read a published key.
type keyReading struct {
	key   *rsa.PublicKey
	slips []Slip
}

// keyReadings reads the TXT records of a name in every way that makes a key:
// as a provider does, and then with the mistakes in view that people make.
// What is wrong with the form of a record can be seen, and is named by what is
// seen; in which order fragments belong has to be tried. The error is that of
// ParseKey.
func keyReadings(txt [][]string) ([]keyReading, error) {
	var all []keyReading
	strict, err := ParseKey(txt)
	if err == nil {
		all = append(all, keyReading{key: strict.RSA})
	}
	pieces, slips := loosePieces(txt)
	for _, sequence := range sequences(pieces) {
		key, more, ok := assemble(sequence.pieces)
		if !ok {
			continue
		}
		r := keyReading{key, once(sorted(slices.Concat(slips, sequence.slips, more)))}
		if !slices.ContainsFunc(all, func(k keyReading) bool { return k.key.Equal(key) }) {
			all = append(all, r)
		}
	}
	return all, err
}

// once leaves out a mistake that stands there already: blanks are seen in the
// form of a record and in its data.
func once(slips []Slip) []Slip { return slices.Compact(slips) }

// piece is a fragment as people write it. index is -1 without a number.
type piece struct {
	index int
	data  string
}

// loosePieces finds the fragments, and what is wrong with their form.
func loosePieces(txt [][]string) (pieces []piece, slips []Slip) {
	for _, parts := range txt {
		p, more, ok := loosePiece(strings.Join(parts, ""))
		if !ok {
			continue
		}
		pieces = append(pieces, p)
		for _, s := range more {
			if !slices.Contains(slips, s) {
				slips = append(slips, s)
			}
		}
	}
	return pieces, slips
}

// bareKey matches base64 that is long enough for a key, or the lines of a PEM
// file around it.
var bareKey = regexp.MustCompile(`^(-----BEGIN [A-Z ]+-----)?[A-Za-z0-9+/_=\s-]{100,}$`)

func loosePiece(text string) (piece, []Slip, bool) {
	var slips []Slip
	if strings.Contains(text, `"`) {
		text = strings.NewReplacer(`\"`, `"`).Replace(text)
		text = strings.ReplaceAll(strings.ReplaceAll(text, `" "`, ""), `"`, "")
		slips = append(slips, Slip{Mistake: PublishedQuotes})
	}
	switch {
	case strings.Contains(text, "v=DKIM1") || strings.Contains(text, "k=rsa"):
		_, data, ok := strings.Cut(text, "p=")
		data, _, _ = strings.Cut(data, ";")
		return piece{-1, strings.TrimSpace(data)}, append(slips, Slip{Mistake: PublishedDKIM}), ok
	case bareKey.MatchString(strings.TrimSpace(text)):
		return piece{-1, text}, append(slips, Slip{Mistake: PublishedBare}), true
	case !strings.Contains(text, ",") && strings.Contains(text, ";"):
		text = strings.ReplaceAll(text, ";", ",")
		slips = append(slips, Slip{Mistake: PublishedSeparator})
	case !strings.Contains(text, ",") && strings.Contains(strings.TrimSpace(text), " "):
		text = strings.Join(strings.Fields(text), ",")
		slips = append(slips, Slip{Mistake: PublishedSeparator})
	}
	if !isFragment(text) {
		return piece{}, nil, false
	}
	p, more := loosePairs(text, slices.Contains(slips, Slip{Mistake: PublishedSeparator}))
	return p, append(slips, more...), p.data != ""
}

// loosePairs reads the pairs of a fragment; blanks that come with another
// separator are not a second mistake.
func loosePairs(text string, separated bool) (piece, []Slip) {
	p := piece{index: -1}
	var slips []Slip
	blank := false
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(pair, "=")
		trimmed := strings.TrimSpace(name)
		blank = blank || trimmed != name || strings.TrimSpace(value) != value
		value = strings.TrimSpace(value)
		switch trimmed {
		case "p":
			if n, err := strconv.ParseUint(value, 10, 31); err == nil {
				p.index = int(n)
			}
		case "d":
			p.data = value
		case "a":
			if value != algorithmRS256 {
				slips = append(slips, Slip{Mistake: PublishedAlgorithm, Detail: "a=" + value})
			}
		case "t":
			if value != formatX509 {
				slips = append(slips, Slip{Mistake: PublishedFormat, Detail: "t=" + value})
			}
		}
	}
	if blank && !separated && !strings.Contains(p.data, "-----") {
		slips = append(slips, Slip{Mistake: PublishedBlank})
	}
	return p, slips
}

// sequence is an order in which fragments may belong together.
type sequence struct {
	pieces []piece
	slips  []Slip
}

// maxSequences bounds how many choices of fragments are tried, maxRearranged
// of how many fragments every order is.
const (
	maxSequences  = 1024
	maxRearranged = 6
)

// sequences lists the ways to join fragments, by how much is wrong with them.
func sequences(pieces []piece) []sequence {
	if len(pieces) == 0 || len(pieces) > MaxFragments {
		return nil
	}
	var slips []Slip
	unique := pieces[:0:0]
	for _, p := range pieces {
		if !slices.Contains(unique, p) {
			unique = append(unique, p)
		}
	}
	if len(unique) < len(pieces) {
		slips = append(slips, Slip{Mistake: PublishedRepeated})
	}
	slices.SortStableFunc(unique, func(a, b piece) int { return a.index - b.index })
	var list []sequence
	for _, chosen := range choices(unique) {
		more := slices.Concat(slips, numbering(chosen))
		if len(chosen) < len(unique) {
			more = append(more, Slip{Mistake: PublishedTwo})
		}
		list = append(list, sequence{chosen, more})
	}
	if len(unique) > 1 {
		for _, p := range unique {
			list = append(list, sequence{[]piece{p}, append(slices.Clone(slips), Slip{Mistake: PublishedTwo})})
		}
	}
	if len(unique) > 1 && len(unique) <= maxRearranged {
		list = append(list, rearranged(unique, slips)...)
	}
	slices.SortStableFunc(list, func(a, b sequence) int { return len(a.slips) - len(b.slips) })
	return list
}

// rearranged are all orders of the fragments.
func rearranged(pieces []piece, slips []Slip) []sequence {
	numbers := make([]int, len(pieces))
	for i := range numbers {
		numbers[i] = i
	}
	wrong := numbering(pieces)
	if !slices.Contains(wrong, Slip{Mistake: PublishedNoNumbers}) {
		wrong = append(wrong, Slip{Mistake: PublishedOrder})
	}
	var list []sequence
	permute(numbers, func(at []int) {
		s := sequence{slips: slices.Concat(slips, wrong)}
		for _, i := range at {
			s.pieces = append(s.pieces, pieces[i])
		}
		list = append(list, s)
	})
	return list
}

// choices takes one fragment of each number, in every way. Fragments without
// a number stay all.
func choices(pieces []piece) [][]piece {
	all := [][]piece{nil}
	for i := 0; i < len(pieces); {
		end := i + 1
		for pieces[i].index >= 0 && end < len(pieces) && pieces[end].index == pieces[i].index {
			end++
		}
		var more [][]piece
		for _, before := range all {
			for _, p := range pieces[i:end] {
				more = append(more, append(slices.Clone(before), p))
			}
		}
		if len(more) > maxSequences {
			return all[:1]
		}
		all, i = more, end
	}
	return all
}

// numbering says what is wrong with the numbers of fragments in their order.
func numbering(pieces []piece) []Slip {
	if len(pieces) == 1 && pieces[0].index < 0 {
		return nil
	}
	if slices.ContainsFunc(pieces, func(p piece) bool { return p.index < 0 }) {
		return []Slip{{Mistake: PublishedNoNumbers}}
	}
	first := pieces[0].index
	for i, p := range pieces {
		if first > 1 || p.index != first+i {
			return []Slip{{Mistake: PublishedGap}}
		}
	}
	if first == 0 {
		return []Slip{{Mistake: PublishedFromZero}}
	}
	return nil
}

// armourLine matches the lines around the base64 of a PEM file, also where
// their line breaks were lost.
var armourLine = regexp.MustCompile(`-----(BEGIN|END) [A-Z0-9 ]+-----`)

// assemble makes a key of fragments in their order.
func assemble(pieces []piece) (*rsa.PublicKey, []Slip, bool) {
	var slips []Slip
	var joined strings.Builder
	for _, p := range pieces {
		joined.WriteString(p.data)
	}
	data := joined.String()
	if bare := armourLine.ReplaceAllString(data, ""); bare != data {
		// Line breaks belong to the form of a PEM file.
		data = strings.Join(strings.Fields(bare), "")
		slips = append(slips, Slip{Mistake: PublishedArmour})
	}
	if bare := strings.Join(strings.Fields(data), ""); bare != data {
		data = bare
		slips = append(slips, Slip{Mistake: PublishedBlank})
	}
	der, urlSafe, unpadded, ok := looseBase64(data)
	if urlSafe {
		slips = append(slips, Slip{Mistake: PublishedURLSafe})
	}
	if unpadded {
		slips = append(slips, Slip{Mistake: PublishedUnpadded})
	}
	if key, more, known := looseDER(der); ok && known {
		return key, append(slips, more...), true
	}
	if len(pieces) < 2 {
		return nil, nil, false
	}
	der = nil
	for _, p := range pieces {
		part, err := base64.StdEncoding.DecodeString(p.data)
		if err != nil {
			return nil, nil, false
		}
		der = append(der, part...)
	}
	key, more, ok := looseDER(der)
	return key, append([]Slip{{Mistake: PublishedApart}}, more...), ok
}

// looseDER reads an RSA key in each form that people publish.
func looseDER(der []byte) (*rsa.PublicKey, []Slip, bool) {
	var slips []Slip
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
			parsed = key
			slips = []Slip{{Mistake: PublishedPKCS1}}
		} else if certificate, err := x509.ParseCertificate(der); err == nil {
			parsed = certificate.PublicKey
			slips = []Slip{{Mistake: PublishedCertificate}}
		}
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < 512 || key.N.BitLen() > MaxBits || key.E < 3 || key.E%2 == 0 || key.N.Bit(0) == 0 {
		return nil, nil, false
	}
	return key, slips, true
}

// PublicHalf reads an RSA key of a PEM file, private or public, or of a
// certificate, and returns its public half: the key that a signer holds. The
// error says what the file holds.
func PublicHalf(file []byte) (*rsa.PublicKey, error) {
	for {
		var block *pem.Block
		if block, file = pem.Decode(bytes.TrimSpace(file)); block == nil {
			return nil, refuse(KeyEncoding, "there is no RSA key in PEM form; want a file with -----BEGIN PRIVATE KEY----- or -----BEGIN PUBLIC KEY-----")
		}
		if private, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := private.(*rsa.PrivateKey); ok {
				return &key.PublicKey, nil
			}
		}
		if private, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
			return &private.PublicKey, nil
		}
		if key, _, ok := looseDER(block.Bytes); ok {
			return key, nil
		}
	}
}
