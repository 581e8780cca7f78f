package client

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// The sizes of keys that are made, in bits. Some providers take none above
// 4,096.
const (
	DefaultKeyBits = 2048
	MaxKeyBits     = 8192
)

// NewKeyFile makes an RSA key and writes it to a file that must not be there
// yet: PKCS#8 in PEM form, readable by its owner alone. bits is the size of
// the modulus; 0 is DefaultKeyBits, fewer than those or more than MaxKeyBits
// is an error. A file that could not be written whole is taken away again.
func NewKeyFile(path string, bits int) (*rsa.PrivateKey, error) {
	if bits == 0 {
		bits = DefaultKeyBits
	}
	if bits < DefaultKeyBits || bits > MaxKeyBits || bits%8 != 0 {
		return nil, fmt.Errorf("a key of %d bits: want %d to %d, in steps of 8", bits, DefaultKeyBits, MaxKeyBits)
	}
	// The file is taken before the key is made: who would lose a key is told
	// at once.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s exists, and no key is ever overwritten: name another file", path)
	} else if err != nil {
		return nil, err
	}
	key, err := writeKey(f, bits)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), os.Remove(path))
	}
	return key, nil
}

func writeKey(f *os.File, bits int) (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der}); err != nil {
		return nil, err
	}
	return key, f.Sync()
}
