package client

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestNewKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	key, err := NewKeyFile(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseKey(path, data)
	if err != nil || !read.Equal(key) || key.N.BitLen() != DefaultKeyBits {
		t.Errorf("the file holds another key: %v", err)
	}
	// What is there stays, whatever it is.
	if _, err := NewKeyFile(path, 0); err == nil || err.Error() != path+" exists, and no key is ever overwritten: name another file" {
		t.Errorf("a second key: %v", err)
	}
	if again, err := os.ReadFile(path); err != nil || string(again) != string(data) {
		t.Errorf("the file has changed: %v", err)
	}
}

func TestNewKeyFileRefuses(t *testing.T) {
	for bits, want := range map[int]string{
		1024: "a key of 1024 bits: want 2048 to 8192, in steps of 8",
		8200: "a key of 8200 bits: want 2048 to 8192, in steps of 8",
		2049: "a key of 2049 bits: want 2048 to 8192, in steps of 8",
		-1:   "a key of -1 bits: want 2048 to 8192, in steps of 8",
	} {
		path := filepath.Join(t.TempDir(), "key.pem")
		if _, err := NewKeyFile(path, bits); err == nil || err.Error() != want {
			t.Errorf("%d bits: %v, want %s", bits, err, want)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%d bits: there is a file: %v", bits, err)
		}
	}
	if _, err := NewKeyFile(filepath.Join(t.TempDir(), "none", "key.pem"), 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestKeyThatCannotBeWritten(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "closed.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := writeKey(f, DefaultKeyBits); !errors.Is(err, os.ErrClosed) {
		t.Errorf("writing to a closed file: %v", err)
	}
}
