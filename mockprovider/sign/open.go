package sign

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // signatures over it are recognised, never accepted
	"crypto/sha256"
	_ "crypto/sha512" // as above
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
)

// An RSA signature can be opened with the public key alone: what comes out
// names the hash function and holds the digest of the text that was signed, or
// shows that another key made it. So a diagnosis does not guess about key and
// scheme, and looks for the text by its digest, which costs a microsecond.

// opened is what a signature was made over.
type opened struct {
	hash   crypto.Hash
	digest []byte
	// slips are those of the scheme: another hash, PSS.
	slips []Slip
	// pss is set in the place of digest.
	pss *pssParts
	// certain is set when the structure alone proves that the key fits. That
	// of PSS with a salt of the greatest length can come about by chance.
	certain bool
}

// pssParts are what EMSA-PSS (RFC 8017 section 9.1) leaves to be compared.
type pssParts struct{ salt, h []byte }

// prefixes are the DER DigestInfo headers of RSASSA-PKCS1-v1_5 (RFC 8017
// section 9.2), without the length-independent rest.
var prefixes = []struct {
	hash   crypto.Hash
	prefix []byte
}{
	{crypto.SHA256, []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}},
	{crypto.SHA1, []byte{0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}},
	{crypto.SHA512, []byte{0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40}},
	{crypto.SHA384, []byte{0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30}},
	{crypto.SHA224, []byte{0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c}},
}

// open applies the public key to a signature; every way in which the result
// has sense is returned, the certain one alone when there is one.
func open(signature []byte, key *rsa.PublicKey) []opened {
	if len(signature) != key.Size() {
		return nil
	}
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(key.N) >= 0 {
		return nil
	}
	em := s.Exp(s, big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, key.Size()))
	if o, ok := openPKCS1(em); ok {
		return []opened{o}
	}
	return openPSS(em, key.N.BitLen())
}

// openPKCS1 reads 00 01 FF...FF 00 and what follows.
func openPKCS1(em []byte) (opened, bool) {
	if em[0] != 0 || em[1] != 1 {
		return opened{}, false
	}
	end := 2
	for end < len(em) && em[end] == 0xff {
		end++
	}
	if end < 10 || end >= len(em) || em[end] != 0 {
		return opened{}, false
	}
	rest := em[end+1:]
	for _, p := range prefixes {
		if digest, ok := bytes.CutPrefix(rest, p.prefix); ok && len(digest) == p.hash.Size() {
			o := opened{hash: p.hash, digest: digest, certain: true}
			if p.hash != crypto.SHA256 {
				o.slips = []Slip{{Mistake: SchemeHash, Detail: p.hash.String()}}
			}
			return o, true
		}
	}
	bare := []Slip{{Mistake: SchemeBare}}
	if len(rest) == 2*sha256.Size {
		if digest, err := hex.DecodeString(string(rest)); err == nil {
			return opened{hash: crypto.SHA256, digest: digest, slips: bare, certain: true}, true
		}
	}
	for _, p := range prefixes {
		if len(rest) == p.hash.Size() {
			if p.hash != crypto.SHA256 {
				bare = append(bare, Slip{Mistake: SchemeHash, Detail: p.hash.String()})
			}
			return opened{hash: p.hash, digest: rest, slips: bare, certain: true}, true
		}
	}
	return opened{}, false
}

// leastPadding is how many octets of zero padding prove PSS.
const leastPadding = 8

// openPSS takes off the mask of EMSA-PSS for each hash function.
func openPSS(em []byte, bits int) []opened {
	emBits := bits - 1
	em = em[len(em)-(emBits+7)/8:]
	if em[len(em)-1] != 0xbc {
		return nil
	}
	var all []opened
	for _, p := range prefixes {
		n := p.hash.Size()
		if len(em) < n+2 {
			continue
		}
		db := slices.Clone(em[:len(em)-n-1])
		h := em[len(em)-n-1 : len(em)-1]
		unmask(db, h, p.hash)
		db[0] &= 0xff >> (8*len(em) - emBits)
		padding := 0
		for padding < len(db) && db[padding] == 0 {
			padding++
		}
		if padding == len(db) || db[padding] != 1 {
			continue
		}
		o := opened{hash: p.hash, pss: &pssParts{salt: db[padding+1:], h: h}, slips: []Slip{{Mistake: SchemePSS}}, certain: padding >= leastPadding}
		if p.hash != crypto.SHA256 {
			o.slips = append(o.slips, Slip{Mistake: SchemeHash, Detail: p.hash.String()})
		}
		all = append(all, o)
	}
	return all
}

// unmask is MGF1 (RFC 8017 appendix B.2.1), laid over db.
func unmask(db, seed []byte, hash crypto.Hash) {
	for at, counter := 0, uint32(0); at < len(db); counter++ {
		h := hash.New()
		h.Write(seed)
		h.Write([]byte{byte(counter >> 24), byte(counter >> 16), byte(counter >> 8), byte(counter)})
		for _, b := range h.Sum(nil) {
			if at == len(db) {
				return
			}
			db[at] ^= b
			at++
		}
	}
}

// over reports whether the signature was made over the text.
func (o *opened) over(text []byte) bool {
	if o.hash == crypto.SHA256 && o.pss == nil {
		sum := sha256.Sum256(text)
		return bytes.Equal(sum[:], o.digest)
	}
	return o.holds(hashed(o.hash, text))
}

// holds compares a digest of the text.
func (o *opened) holds(digest []byte) bool {
	if o.pss == nil {
		return bytes.Equal(digest, o.digest)
	}
	h := o.hash.New()
	h.Write(make([]byte, 8))
	h.Write(digest)
	h.Write(o.pss.salt)
	return bytes.Equal(h.Sum(nil), o.pss.h)
}

// hashedTwice says in which form a digest of the text was signed in its place;
// "" when none was.
func (o *opened) hashedTwice(text []byte) string {
	once := hashed(o.hash, text)
	for _, form := range []struct {
		name string
		text []byte
	}{
		{"as octets", once},
		{"in hexadecimal", []byte(hex.EncodeToString(once))},
		{"in base64", []byte(base64.StdEncoding.EncodeToString(once))},
	} {
		if o.over(form.text) {
			return form.name
		}
	}
	return ""
}

func hashed(hash crypto.Hash, text []byte) []byte {
	h := hash.New()
	h.Write(text)
	return h.Sum(nil)
}
