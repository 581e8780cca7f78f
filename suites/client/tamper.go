package client

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Tamper is one way to break a signed link. Each differs from the sound link
// in exactly one point, so that the sound link is its control twin.
type Tamper string

// The ways to break a link.
const (
	// TamperValue changes the last character of the first value that is not
	// the domain: the query that arrives is not the one that was signed.
	TamperValue Tamper = "value"
	// TamperAppend adds a parameter behind the signature, as a mailing tool
	// does.
	TamperAppend Tamper = "append"
	// TamperOrder swaps the first two pairs of the signed text.
	TamperOrder Tamper = "order"
	// TamperCase writes the first percent-encoding with lower-case digits.
	TamperCase Tamper = "case"
	// TamperNoSig and TamperNoKey leave one of the two out.
	TamperNoSig Tamper = "no-sig"
	TamperNoKey Tamper = "no-key"
	// TamperSig changes one character in the middle of the signature.
	TamperSig Tamper = "sig"
	// TamperBase64URL writes the signature in the URL-safe alphabet without
	// padding.
	TamperBase64URL Tamper = "base64url"
	// TamperPSS signs by RSASSA-PSS.
	TamperPSS Tamper = "pss"
	// TamperKeyInText signs the text with the key parameter in it.
	TamperKeyInText Tamper = "key-in-text"
	// TamperDecoded signs the names and values before percent-encoding.
	TamperDecoded Tamper = "decoded-text"
	// TamperWrongKey signs with a key that is published nowhere.
	TamperWrongKey Tamper = "wrong-key"
)

// Tampers lists every way, in the order of their documentation.
func Tampers() []Tamper {
	return []Tamper{
		TamperValue, TamperAppend, TamperOrder, TamperCase, TamperNoSig, TamperNoKey, TamperSig,
		TamperBase64URL, TamperPSS, TamperKeyInText, TamperDecoded, TamperWrongKey,
	}
}

// ErrNotTamperable says that a link has nothing that could be broken in the
// way asked for: no second pair to swap, no percent-encoding to rewrite.
var ErrNotTamperable = errors.New("the link cannot be broken in this way")

// tampered writes the query of a broken link.
func (r ApplyRequest) tampered(l Link) (string, error) {
	if r.Key == nil {
		return "", fmt.Errorf("apply link: tamper %q: %w: it is not signed", r.Options.Tamper, ErrNotTamperable)
	}
	text, sig, key := l.Text, l.Sig, l.Key
	var err error
	switch r.Options.Tamper {
	case TamperValue, TamperOrder, TamperCase:
		if text, err = tamperText(r.Options.Tamper, text); err != nil {
			return "", err
		}
	case TamperAppend:
		return text + "&" + tail(sig, key, r.Options.SigLast) + "&utm=1", nil
	case TamperNoSig:
		return text + "&key=" + Encode(key), nil
	case TamperNoKey:
		return text + "&sig=" + Encode(sig), nil
	case TamperSig:
		sig = flip(sig, len(sig)/2)
	case TamperBase64URL:
		sig = strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(sig), "=")
	default:
		if sig, err = r.resigned(l); err != nil {
			return "", err
		}
	}
	return text + "&" + tail(sig, key, r.Options.SigLast), nil
}

// tamperText breaks the signed text in the named way.
func tamperText(how Tamper, text string) (string, error) {
	pairs := strings.Split(text, "&")
	switch how {
	case TamperOrder:
		if len(pairs) > 1 && pairs[0] != pairs[1] {
			pairs[0], pairs[1] = pairs[1], pairs[0]
			return strings.Join(pairs, "&"), nil
		}
	case TamperCase:
		if out, ok := lowerFirstEscape(text); ok {
			return out, nil
		}
	case TamperValue:
		for i, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			if name != "domain" && value != "" {
				pairs[i] = flip(pair, len(pair)-1)
				return strings.Join(pairs, "&"), nil
			}
		}
	}
	return "", fmt.Errorf("apply link: tamper %q: %w: text %q", how, ErrNotTamperable, text)
}

// lowerFirstEscape rewrites the first escape that has a letter digit.
func lowerFirstEscape(text string) (string, bool) {
	for i := 0; i+2 < len(text); i++ {
		if text[i] != '%' {
			continue
		}
		if esc := text[i : i+3]; strings.ToLower(esc) != esc {
			return text[:i] + strings.ToLower(esc) + text[i+3:], true
		}
	}
	return "", false
}

// flip replaces one character by another that is legal in the same place.
func flip(s string, i int) string {
	c := byte('A')
	if s[i] == c {
		c = 'B'
	}
	return s[:i] + string(c) + s[i+1:]
}

// resigned signs in a wrong way.
func (r ApplyRequest) resigned(l Link) (string, error) {
	switch r.Options.Tamper {
	case TamperPSS:
		digest := sha256.Sum256([]byte(l.Text))
		sig, err := rsa.SignPSS(rand.Reader, r.Key.Private, crypto.SHA256, digest[:], nil)
		if err != nil {
			return "", fmt.Errorf("apply link: %w", err)
		}
		return base64.StdEncoding.EncodeToString(sig), nil
	case TamperKeyInText:
		return Sign(l.Text+"&key="+Encode(l.Key), r.Key.Private)
	case TamperDecoded:
		params, err := r.params()
		if err != nil {
			return "", err
		}
		return signDecoded(l.Text, params, r.Key.Private)
	case TamperWrongKey:
		other, err := strangersKey()
		if err != nil {
			return "", fmt.Errorf("apply link: %w", err)
		}
		return Sign(l.Text, other)
	}
	return "", fmt.Errorf("apply link: tamper %q is not one of %q", r.Options.Tamper, Tampers())
}

// signDecoded signs the plain values in the order of the encoded text.
func signDecoded(text string, params []Param, key *rsa.PrivateKey) (string, error) {
	plain := make(map[string]string, len(params))
	for _, p := range params {
		plain[Encode(p.Name)+"="+Encode(p.Value)] = p.Name + "=" + p.Value
	}
	pairs := strings.Split(text, "&")
	for i, pair := range pairs {
		pairs[i] = plain[pair]
	}
	decoded := strings.Join(pairs, "&")
	if decoded == text {
		return "", fmt.Errorf("apply link: tamper %q: %w: nothing in %q is encoded", TamperDecoded, ErrNotTamperable, text)
	}
	return Sign(decoded, key)
}

// strangersKey is published nowhere. One is enough for a process: making it
// costs more than a whole flow.
var strangersKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 2048)
})
