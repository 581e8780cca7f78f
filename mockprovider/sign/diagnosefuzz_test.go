package sign

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
)

// Whatever a link and the records hold, the diagnosis ends, and says that a
// link verifies exactly when Verify does.
func FuzzDiagnose(f *testing.F) {
	pair, err := keys.Load(keys.Second)
	if err != nil {
		f.Fatal(err)
	}
	digest := sha256.Sum256([]byte("b=2&a=1 x\n"))
	octets, err := rsa.SignPKCS1v15(nil, pair.Private, crypto.SHA256, digest[:])
	if err != nil {
		f.Fatal(err)
	}
	f.Add("a=1%20x&b=2&key=_k&sig="+base64.URLEncoding.EncodeToString(octets), "", "p=1,d="+pair.Data)
	f.Add("a=1&sig=AA%3D%3D&key=_k", "", "p=1,d=AAAA")
	f.Add("a=1&amp;sig=&amp;key", "x&sig=1", "\"p=0,a=x,t=y,d=-----BEGIN PUBLIC KEY-----AAAA\"\np=2;d=__")
	f.Add("%=%&&=&a+b=%zz&sig=%2&sig=++&Key=%", "#", "v=DKIM1; k=rsa; p=\np=3\n,d=\n"+strings.Repeat("A", 120))
	f.Fuzz(func(t *testing.T, query, fragment, records string) {
		var txt [][]string
		for line := range strings.SplitSeq(records, "\n") {
			txt = append(txt, []string{line})
		}
		d := Diagnose(Evidence{URL: "https://a.example/", Query: query, Fragment: fragment, Places: []Place{{Name: "k", TXT: txt}}, Effort: 100})
		pub, err := ParseKey(txt)
		if sound := err == nil && Verify(query, pub) == nil; sound != d.Verifies {
			t.Errorf("verifies: %v, and Verify: %v", d.Verifies, sound)
		}
		if d.String() == "" {
			t.Error("says nothing")
		}
		Inspect(txt)
		Fragile("https://a.example/?"+query, query)
		Misreaders(query)
	})
}
