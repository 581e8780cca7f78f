package client

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"sync"
)

// SigningKey is a service provider's key and where its public half is
// published: the TXT records at <Label>.<syncPubKeyDomain>.
type SigningKey struct {
	Private *rsa.PrivateKey
	// Label is the value of the key parameter, one DNS label.
	Label string
}

// MinKeyBits is the smallest RSA key that is used to sign.
const MinKeyBits = 1024

// ParseKey reads an RSA private key in PEM: PKCS#8 ("PRIVATE KEY") or PKCS#1
// ("RSA PRIVATE KEY"). Blocks of other types before it are passed over. name
// is what errors call the input, such as a file name.
func ParseKey(name string, data []byte) (*rsa.PrivateKey, error) {
	var skipped []string
	for rest := data; ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			break
		}
		switch block.Type {
		case "PRIVATE KEY", "RSA PRIVATE KEY":
			return parseBlock(name, block)
		case "ENCRYPTED PRIVATE KEY":
			return nil, fmt.Errorf("%s: the private key is encrypted; write it out without a passphrase: openssl pkey -in %s -out plain.pem", name, name)
		}
		skipped = append(skipped, block.Type)
	}
	if len(skipped) > 0 {
		return nil, fmt.Errorf("%s: no RSA private key in PEM; found only %q", name, skipped)
	}
	return nil, fmt.Errorf("%s: no PEM block; want a file that holds -----BEGIN PRIVATE KEY-----", name)
}

func parseBlock(name string, block *pem.Block) (*rsa.PrivateKey, error) {
	if block.Headers["DEK-Info"] != "" {
		return nil, fmt.Errorf("%s: the private key is encrypted; write it out without a passphrase: openssl pkey -in %s -out plain.pem", name, name)
	}
	var key any
	var err error
	if block.Type == "RSA PRIVATE KEY" {
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	} else {
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", name, block.Type, err)
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: the key is a %T; Domain Connect signs with RS256, which needs an RSA key", name, key)
	}
	if bits := private.N.BitLen(); bits < MinKeyBits {
		return nil, fmt.Errorf("%s: the RSA key has %d bits; want at least %d", name, bits, MinKeyBits)
	}
	return private, nil
}

// Sign makes an RS256 signature (RSASSA-PKCS1-v1_5 with SHA-256) of text in
// standard base64 with padding, not percent-encoded. It is deterministic.
func Sign(text string, key *rsa.PrivateKey) (string, error) {
	if key == nil {
		return "", errors.New("sign: no private key")
	}
	digest := sha256.Sum256([]byte(text))
	if sig, ok := made.get(key, digest); ok {
		return sig, nil
	}
	// PKCS#1 v1.5 signatures take no randomness; the reader only blinds.
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	encoded := base64.StdEncoding.EncodeToString(sig)
	made.put(key, digest, encoded)
	return encoded, nil
}

// signatures remembers what was signed: it costs a thousand times a look, is
// always the same, and runs that repeat flows ask for it again and again.
type signatures struct {
	mu   sync.Mutex
	made map[signed]string
}

// signed is a key and the digest of a text.
type signed struct {
	key    *rsa.PrivateKey
	digest [sha256.Size]byte
}

// maxSignatures is how many are remembered: a few hundred octets each.
const maxSignatures = 4096

var made signatures

func (s *signatures) get(key *rsa.PrivateKey, digest [sha256.Size]byte) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sig, ok := s.made[signed{key, digest}]
	return sig, ok
}

func (s *signatures) put(key *rsa.PrivateKey, digest [sha256.Size]byte, sig string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil || len(s.made) >= maxSignatures {
		s.made = map[signed]string{}
	}
	s.made[signed{key, digest}] = sig
}

// MaxCharacterString is the length of the longest character-string of a TXT
// record in octets (RFC 1035 section 3.3).
const MaxCharacterString = 255

// KeyRecords publishes a public key (ietf-05 section 6.4): the contents of TXT
// records, each "p=<n>,a=RS256,d=<base64>" and no longer than maxLen octets,
// as few as possible. maxLen 0 is MaxCharacterString; under 32 is an error.
func KeyRecords(pub *rsa.PublicKey, maxLen int) ([]string, error) {
	if maxLen == 0 {
		maxLen = MaxCharacterString
	}
	if maxLen < 32 {
		return nil, fmt.Errorf("key records of %d octets: want at least 32, or 0 for %d", maxLen, MaxCharacterString)
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("key records: %w", err)
	}
	data := base64.StdEncoding.EncodeToString(der)
	var out []string
	for n := 1; data != ""; n++ {
		head := fmt.Sprintf("p=%d,a=RS256,d=", n)
		size := min(maxLen-len(head), len(data))
		out = append(out, head+data[:size])
		data = data[size:]
	}
	return out, nil
}
