package fault

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// publicKeys are misbehaviours of finding and reading public keys.
var publicKeys = []Fault{
	{"doubled-key-label", "The key label is put before the name of the key twice.",
		[]string{"DC-KEY-LOCATION"}, naming(func(key, name string) string { return key + "." + name })},
	{"key-alias-not-followed", "A public key behind a CNAME is not found.",
		[]string{"DC-KEY-LOCATION"}, func(c *store.TenantConfig) { c.Faults.NoKeyAlias = true }},
	{"key-cached-by-label", "A key is remembered by its label alone, and used for templates with another key domain.",
		[]string{"DC-KEY-LOCATION"}, func(c *store.TenantConfig) {
			remembering(func(name string) string { label, _, _ := strings.Cut(name, "."); return label })(c)
		}},
	{"first-key-cached", "The first key of a template is remembered and used for every label.",
		[]string{"DC-KEY-ROTATION-BY-LABEL"}, func(c *store.TenantConfig) {
			remembering(func(name string) string { _, domain, _ := strings.Cut(name, "."); return domain })(c)
		}},
	{"missing-key-accepted", "Where no key is published, the request is let through.",
		[]string{"DC-KEY-NO-RECORD-REJECTS"}, around(func(raw string, txt [][]string, next verifier) error {
			if len(txt) == 0 {
				return nil
			}
			return next(raw, txt)
		})},
	{"fail-open-on-servfail", "Where the key cannot be looked up, the request is let through.",
		[]string{"DC-KEY-NO-RECORD-REJECTS"}, signed(func(_ *dc.Template, raw string, next func(string) (bool, error)) (bool, error) {
			yes, err := next(raw)
			var lookup *store.KeyLookupError
			if errors.As(err, &lookup) {
				return true, nil
			}
			return yes, err
		})},

	{"positional-parser", "A key record is read by position: p first, d last.",
		[]string{"DC-KEY-PAIR-ORDER"}, reading(func(text string) string {
			if isKey(text) && (!strings.HasPrefix(text, "p=") || strings.LastIndex(text, "d=") < strings.LastIndexByte(text, ',')) {
				return "p=1,d=unreadable"
			}
			return text
		})},
	{"lexicographic-fragment-order", "Fragments are joined in the order of p as text: 1, 10, 11, 12, 2.",
		[]string{"DC-KEY-FRAGMENT-ORDER"}, found(func(txt [][]string) [][]string {
			return renumbered(txt, func(a, b string) int { return strings.Compare(pair(a, "p"), pair(b, "p")) })
		})},
	{"one-digit-fragment-numbers", "Of the number of a fragment only the first digit is read.",
		[]string{"DC-KEY-FRAGMENT-ORDER"}, found(func(txt [][]string) [][]string {
			return renumbered(txt, func(a, b string) int { return strings.Compare(pair(a, "p")[:1], pair(b, "p")[:1]) })
		})},
	{"decode-each-fragment", "Each fragment is decoded from base64 by itself.",
		[]string{"DC-KEY-JOIN-THEN-DECODE"}, reading(func(text string) string {
			if _, err := base64.StdEncoding.DecodeString(pair(text, "d")); isKey(text) && err != nil {
				return "p=1,d=unreadable"
			}
			return text
		})},
	{"first-string-only", "Of a TXT record of several character-strings, the first one is read.",
		[]string{"DC-KEY-JOIN-THEN-DECODE"}, found(func(txt [][]string) [][]string {
			for i := range txt {
				txt[i] = txt[i][:1]
			}
			return txt
		})},
	{"letter-n-stripped", "Line breaks are stripped from a fragment in such a way that the letter n goes too.",
		[]string{"DC-KEY-JOIN-THEN-DECODE"}, reading(func(text string) string {
			if d := pair(text, "d"); isKey(text) && d != "" {
				return strings.Replace(text, "d="+d, "d="+strings.Trim(d, `\n`), 1)
			}
			return text
		})},
	{"fragment-bomb", "A key in more than a hundred fragments brings the server down.",
		[]string{"DC-KEY-FRAGMENT-LIMIT"}, breaking(func(_ string, txt [][]string, _ verifier) bool { return len(txt) > 100 })},
	{"foreign-txt-crash", "A text beside a key that is no key record ends in a server error.",
		[]string{"DC-KEY-UNRELATED-TXT"}, breaking(func(_ string, txt [][]string, _ verifier) bool {
			foreign := func(parts []string) bool { return !strings.Contains(strings.Join(parts, ""), "d=") }
			keys := len(slices.DeleteFunc(slices.Clone(txt), foreign))
			return keys > 0 && keys < len(txt)
		})},

	{"missing-a-rejected", "A key record has to name its algorithm.",
		[]string{"DC-SIG-ALG-FROM-RECORD", "DC-KEY-DEFAULTS"}, reading(func(text string) string {
			if isKey(text) && pair(text, "a") == "" {
				return text + ",a=missing"
			}
			return text
		})},
	{"certificate-parser", "The key is taken for a certificate, and nothing else can be read.",
		[]string{"DC-KEY-X509-IS-SPKI"}, found(certificates)},
	{"unknown-alg-falls-back", "An algorithm that the provider does not know is taken for RS256.",
		[]string{"DC-KEY-UNKNOWN-ALG"}, reading(func(text string) string {
			if a := pair(text, "a"); isKey(text) && a != "" {
				return strings.Replace(text, "a="+a, "a=RS256", 1)
			}
			return text
		})},
	{"alg-none-accepted", "A key with the algorithm none verifies everything.",
		[]string{"DC-KEY-UNKNOWN-ALG"}, around(func(raw string, txt [][]string, next verifier) error {
			if len(txt) > 0 && pair(strings.Join(txt[0], ""), "a") == "none" {
				return nil
			}
			return next(raw, txt)
		})},
	{"hmac-with-public-key", "With the algorithm HS256 the public key is the secret of a MAC, which everybody can make.",
		[]string{"DC-KEY-UNKNOWN-ALG"}, around(func(raw string, txt [][]string, next verifier) error {
			text, sig, _, err := sign.Split(raw)
			if err != nil || len(txt) != 1 || pair(strings.Join(txt[0], ""), "a") != "HS256" {
				return next(raw, txt)
			}
			mac := hmac.New(sha256.New, []byte(pair(strings.Join(txt[0], ""), "d")))
			mac.Write([]byte(text))
			if sig == base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
				return nil
			}
			return errors.New("the MAC is another one")
		})},
	{"unknown-format-ignored", "The format t of a key is not looked at.",
		[]string{"DC-KEY-UNKNOWN-ALG"}, reading(func(text string) string {
			if t := pair(text, "t"); isKey(text) && t != "" {
				return strings.Replace(text, "t="+t, "t=x509", 1)
			}
			return text
		})},

	{"key-absolute-name", "A key label with a dot at its end is the whole name of the key.",
		[]string{"DC-KEY-PARAM-NO-ESCAPE"}, labelling(func(key string) (string, bool) { return key, strings.HasSuffix(key, ".") })},
	{"key-dots-followed", "A key label with dots in it leads into names below the key domain.",
		[]string{"DC-KEY-PARAM-NO-ESCAPE"}, func(c *store.TenantConfig) {
			c.Hooks.KeyName = append(c.Hooks.KeyName, func(key string, t *dc.Template, next func(string) (string, error)) (string, error) {
				if strings.Contains(strings.Trim(key, "."), ".") && !strings.HasSuffix(key, ".") {
					return key + "." + t.SyncPubKeyDomain + ".", nil
				}
				return next(key)
			})
		}},
	{"key-cut-at-zero-octet", "A key label ends at a zero octet.",
		[]string{"DC-KEY-PARAM-NO-ESCAPE"}, func(c *store.TenantConfig) {
			c.Hooks.KeyName = append(c.Hooks.KeyName, func(key string, _ *dc.Template, next func(string) (string, error)) (string, error) {
				label, _, _ := strings.Cut(key, "\x00")
				return next(label)
			})
		}},
}

// naming changes the name that a key is looked up at.
func naming(change func(key, name string) string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.KeyName = append(c.Hooks.KeyName, func(key string, _ *dc.Template, next func(string) (string, error)) (string, error) {
			name, err := next(key)
			if err != nil {
				return "", err
			}
			return change(key, name), nil
		})
	}
}

// labelling takes some labels as they are for the whole name.
func labelling(whole func(key string) (name string, ok bool)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.KeyName = append(c.Hooks.KeyName, func(key string, _ *dc.Template, next func(string) (string, error)) (string, error) {
			if name, ok := whole(key); ok {
				return name, nil
			}
			return next(key)
		})
	}
}

// found changes the TXT data at a key name; it gets a copy.
func found(change func(txt [][]string) [][]string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Keys = append(c.Hooks.Keys, func(_ string, txt [][]string) [][]string { return change(slices.Clone(txt)) })
	}
}

// reading changes the texts of the records at a key name, one by one.
func reading(change func(text string) string) func(*store.TenantConfig) {
	return found(func(txt [][]string) [][]string {
		for i, parts := range txt {
			txt[i] = []string{change(strings.Join(parts, ""))}
		}
		return txt
	})
}

// remembering keeps what was found first for all names that by puts together.
func remembering(by func(name string) string) func(*store.TenantConfig) {
	var mu sync.Mutex
	kept := map[string][][]string{}
	return func(c *store.TenantConfig) {
		c.Hooks.Keys = append(c.Hooks.Keys, func(name string, txt [][]string) [][]string {
			mu.Lock()
			defer mu.Unlock()
			if first, known := kept[by(name)]; known {
				return first
			}
			if len(txt) > 0 {
				kept[by(name)] = txt
			}
			return txt
		})
	}
}

// isKey reports whether a text is a key record.
func isKey(text string) bool { return strings.HasPrefix(text, "d=") || strings.Contains(text, ",d=") }

// pair is the value of a pair of a key record, "" without one.
func pair(text, name string) string {
	for p := range strings.SplitSeq(text, ",") {
		if n, v, _ := strings.Cut(p, "="); n == name {
			return v
		}
	}
	return ""
}

// renumbered numbers fragments anew in another order.
func renumbered(txt [][]string, compare func(a, b string) int) [][]string {
	texts := make([]string, 0, len(txt))
	for _, parts := range txt {
		texts = append(texts, strings.Join(parts, ""))
	}
	slices.SortStableFunc(texts, compare)
	for i, text := range texts {
		if p := pair(text, "p"); isKey(text) && p != "" {
			texts[i] = strings.Replace(text, "p="+p, "p="+strconv.Itoa(i+1), 1)
		}
	}
	for i := range txt {
		txt[i] = []string{texts[i]}
	}
	return txt
}

// certificates reads a certificate in d, and nothing else.
func certificates(txt [][]string) [][]string {
	texts := renumbered(txt, func(a, b string) int { return strings.Compare(pair(a, "p"), pair(b, "p")) })
	var d strings.Builder
	for _, parts := range texts {
		d.WriteString(pair(parts[0], "d"))
	}
	der, err := base64.StdEncoding.DecodeString(d.String())
	if err != nil {
		return [][]string{{"p=1,d=unreadable"}}
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return [][]string{{"p=1,d=unreadable"}}
	}
	return [][]string{{"p=1,d=" + base64.StdEncoding.EncodeToString(c.RawSubjectPublicKeyInfo)}}
}
