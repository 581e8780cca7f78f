package bundle

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// The algorithms: Ed25519 over the manifest itself, and RSA PKCS #1 v1.5 over
// its SHA-256, both as openssl writes and checks them.
const (
	algorithmEd25519 = "ed25519"
	algorithmRSA     = "rsa-pkcs1-sha256"
)

// minRSABits is the least size of an RSA key.
const minRSABits = 2048

// Key is a private key that signs bundles.
type Key struct {
	private   crypto.Signer
	algorithm string
	spki      []byte
}

// ReadKey reads a private key, Ed25519 or RSA, in PKCS #8 PEM. Errors name what
// is there instead and never show any of it.
func ReadKey(data []byte) (*Key, error) {
	block, _ := pem.Decode(data)
	switch {
	case block == nil:
		return nil, errors.New("no PEM in it; a private key in PKCS #8 begins with -----BEGIN PRIVATE KEY-----")
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("the key is encrypted; decrypt it first, with openssl pkcs8")
	case block.Type == "PUBLIC KEY":
		return nil, errors.New("that is a public key; signing needs the private one")
	case block.Type != "PRIVATE KEY":
		return nil, fmt.Errorf("the PEM holds %q, expected \"PRIVATE KEY\" (PKCS #8); openssl pkcs8 -topk8 -nocrypt converts it", block.Type)
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the PEM holds no private key in PKCS #8")
	}
	k := &Key{}
	switch p := private.(type) {
	case ed25519.PrivateKey:
		k.private, k.algorithm = p, algorithmEd25519
	case *rsa.PrivateKey:
		if p.N.BitLen() < minRSABits {
			return nil, fmt.Errorf("an RSA key of %d bits; %d are the least", p.N.BitLen(), minRSABits)
		}
		k.private, k.algorithm = p, algorithmRSA
	default:
		return nil, fmt.Errorf("a key of type %T; bundles are signed with Ed25519 or RSA", private)
	}
	if k.spki, err = x509.MarshalPKIXPublicKey(k.private.Public()); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *Key) signer() *Signer {
	return &Signer{Algorithm: k.algorithm, PublicKey: base64.StdEncoding.EncodeToString(k.spki)}
}

func (k *Key) sign(text []byte) ([]byte, error) {
	if k.algorithm == algorithmEd25519 {
		return k.private.Sign(rand.Reader, text, crypto.Hash(0))
	}
	digest := sha256.Sum256(text)
	return k.private.Sign(rand.Reader, digest[:], crypto.SHA256)
}

// PublicKey is one that signatures are checked with.
type PublicKey struct {
	key       any
	algorithm string
	spki      []byte
}

// ReadPublicKey reads a public key, Ed25519 or RSA, in PEM.
func ReadPublicKey(data []byte) (*PublicKey, error) {
	block, _ := pem.Decode(data)
	switch {
	case block == nil:
		return nil, errors.New("no PEM in it; a public key begins with -----BEGIN PUBLIC KEY-----")
	case block.Type != "PUBLIC KEY":
		return nil, fmt.Errorf("the PEM holds %q, expected \"PUBLIC KEY\"; openssl pkey -pubout writes it", block.Type)
	}
	return parsePublic(block.Bytes)
}

func parsePublic(spki []byte) (*PublicKey, error) {
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, errors.New("no public key (SubjectPublicKeyInfo)")
	}
	p := &PublicKey{key: key, spki: spki}
	switch k := key.(type) {
	case ed25519.PublicKey:
		p.algorithm = algorithmEd25519
	case *rsa.PublicKey:
		if k.N.BitLen() < minRSABits {
			return nil, fmt.Errorf("an RSA key of %d bits; %d are the least", k.N.BitLen(), minRSABits)
		}
		p.algorithm = algorithmRSA
	default:
		return nil, fmt.Errorf("a key of type %T; bundles are signed with Ed25519 or RSA", key)
	}
	return p, nil
}

// Fingerprint names the key: the SHA-256 of its SubjectPublicKeyInfo in
// hexadecimal.
func (p *PublicKey) Fingerprint() string {
	digest := sha256.Sum256(p.spki)
	return hex.EncodeToString(digest[:])
}

func (p *PublicKey) verify(text, signature []byte) bool {
	switch k := p.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(k, text, signature)
	case *rsa.PublicKey:
		digest := sha256.Sum256(text)
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], signature) == nil
	}
	return false
}
