package client

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"
)

// Tokens of a sequence come again from its beginning; without one no two are
// equal.
func TestTokensThatRepeat(t *testing.T) {
	c, err := NewCallback(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	round := func(sequence string) string {
		c.RepeatTokens(sequence)
		tokens := []string{c.NewToken(), c.NewToken(), c.NewToken()}
		for i, token := range tokens {
			if len(token) != 24 || i > 0 && token == tokens[i-1] {
				t.Errorf("tokens %q", tokens)
			}
			c.Forget(token)
		}
		return strings.Join(tokens, " ")
	}
	first, second, other := round("a"), round("a"), round("b")
	if first != second || first == other {
		t.Errorf("one sequence: %s\nagain: %s\nanother: %s", first, second, other)
	}
	if one, more := round(""), round(""); one == more {
		t.Error("without a sequence the tokens repeat")
	}
}

// A remembered signature is the one of its text and its key, and only so many
// are remembered.
func TestSignaturesAreRemembered(t *testing.T) {
	var keys []*rsa.PrivateKey
	for range 2 {
		key, err := rsa.GenerateKey(rand.Reader, MinKeyBits)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	seen := map[string]bool{}
	for _, key := range keys {
		for _, text := range []string{"domain=a.test", "domain=b.test"} {
			first, err := Sign(text, key)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Sign(text, key)
			if err != nil || again != first {
				t.Errorf("%s: %v, %s and %s", text, err, first, again)
			}
			seen[first] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d different signatures of two texts by two keys", len(seen))
	}
	var s signatures
	for i := range maxSignatures + 10 {
		s.put(keys[0], [32]byte{byte(i), byte(i >> 8)}, fmt.Sprint(i))
	}
	if n := len(s.made); n != 10 {
		t.Errorf("%d are remembered", n)
	}
	if sig, ok := s.get(keys[0], [32]byte{byte((maxSignatures + 5) & 0xff), byte((maxSignatures + 5) >> 8)}); !ok || sig != fmt.Sprint(maxSignatures+5) {
		t.Errorf("the last ones are forgotten: %q", sig)
	}
}
