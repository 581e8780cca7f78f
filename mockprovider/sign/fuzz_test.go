package sign

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// splitSeeds are queries that the fuzzer starts from.
func splitSeeds(t testing.TB) []string {
	seeds := []string{"", "&", "=", "sig", "sig=&key=", "a=1&sig=%2B%2f%3D&key=_k", "sig=1&sig=2", "key=%zz", "%73ig=x;sig=y&&"}
	made, _ := signatures(t, "signatures.txt")
	elsewhere, _ := signatures(t, "independent.txt")
	for _, s := range append(made, elsewhere...) {
		seeds = append(seeds, s.query())
	}
	return seeds
}

func FuzzSplit(f *testing.F) {
	for _, seed := range splitSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		text, sig, key, err := Split(query)
		if err != nil {
			if text+sig+key != "" {
				t.Error("values came back with the error")
			}
			return
		}
		// What is covered has no sig and no key, and splitting it again
		// changes nothing.
		again, sig2, key2, err := Split(text)
		if err != nil || again != text || sig2 != "" || key2 != "" {
			t.Errorf("Split(%q) = %q, %q, %q, %v", text, again, sig2, key2, err)
		}
		// Taken out and put back, the values are the same.
		// Query escaping writes a blank as +, which is a plus sign here.
		back := strings.ReplaceAll("sig="+url.QueryEscape(sig)+"&key="+url.QueryEscape(key), "+", "%20")
		if text != "" {
			back = text + "&" + back
		}
		if _, sig3, key3, err := Split(back); err != nil || sig3 != sig || key3 != key {
			t.Errorf("Split(%q) = %q, %q, %v, want %q, %q", back, sig3, key3, err, sig, key)
		}
		if len(text) > len(query) {
			t.Errorf("the covered text is longer than the query")
		}
	})
}

// keySeeds are answers, one record a line and strings split at |.
func keySeeds(t testing.TB) []string {
	body := base64Body(t, "rsa1024.pub.pem")
	return []string{
		"", "\n", "p=1", "d=", "p=1,a=RS256,d=" + body, "p=2,d=" + body[100:] + "\np=1,d=" + body[:100],
		"p=1,d=" + body[:50] + "|" + body[50:], "v=spf1 -all\nd=" + body, "p=1,t=foo,d=AA==",
		"p=1,d=" + base64Body(t, "rsa2048.pkcs1.pem"), "p=1,d=" + base64Body(t, "ec.pub.pem"), `"p=1,d=AAAA"`, "p=1, d=A",
		"p=1,d=-----BEGIN PUBLIC KEY-----",
	}
}

func FuzzParseKey(f *testing.F) {
	for _, seed := range keySeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		var txt [][]string
		for line := range strings.SplitSeq(answer, "\n") {
			txt = append(txt, strings.Split(line, "|"))
		}
		key, err := ParseKey(txt)
		if (key == nil) == (err == nil) {
			t.Fatalf("key %v and error %v", key, err)
		}
		if err != nil {
			var refused *Error
			if !errors.As(err, &refused) || refused.Message == "" {
				t.Errorf("error %#v is not a classed one", err)
			}
			return
		}
		if bits := key.RSA.N.BitLen(); bits < MinBits || bits > MaxBits || key.Fragments < 1 || key.Fragments > MaxFragments {
			t.Errorf("%d bits in %d fragments", bits, key.Fragments)
		}
		// Verification of nonsense is refused in an orderly way.
		if err := Verify("a=1&sig=AAAA&key=k", key); err == nil {
			t.Error("three octets verify")
		}
	})
}

func TestFuzzSeedsAreThere(t *testing.T) {
	if n := len(splitSeeds(t)); n < 20 {
		t.Errorf("%d seeds for FuzzSplit", n)
	}
	if n := len(keySeeds(t)); n < 10 {
		t.Errorf("%d seeds for FuzzParseKey", n)
	}
}
