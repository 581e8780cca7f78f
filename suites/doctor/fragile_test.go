package doctor

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/suites/client"
)

// What is fragile does not wait until the signature verifies; what the mend of
// the cause settles is not said twice.
func TestFragileIsSaidBesideTheCause(t *testing.T) {
	pair, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	const sorted, unsorted = "a=1&domain=example.com", "domain=example.com&a=1"
	// A signature of this text has a plus sign in it: signing is deterministic.
	raw := signature(t, sorted, pair.Private)
	if !strings.Contains(raw, "+") {
		t.Fatal("the signature has no plus sign: choose another text")
	}
	escaped := client.Encode(raw)
	octets, err := base64.StdEncoding.DecodeString(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, query string
		causes      []string
		warnings    []string
	}{
		{"the order alone", unsorted + "&key=_dck1&sig=" + escaped, []string{"text-sorted"}, nil},
		{"and sig not escaped", unsorted + "&key=_dck1&sig=" + raw, []string{"text-sorted"}, []string{"fragile-sig-plus"}},
		{"and sig before key", unsorted + "&sig=" + escaped + "&key=_dck1", []string{"text-sorted"}, []string{"sig-not-last"}},
		{"and both", unsorted + "&sig=" + raw + "&key=_dck1", []string{"text-sorted"}, []string{"sig-not-last", "fragile-sig-plus"}},
		{"base64url, before key", sorted + "&sig=" + base64.URLEncoding.EncodeToString(octets) + "&key=_dck1", []string{"sig-base64url"}, []string{"sig-not-last"}},
		{"another text, before key", "b=1&a=2&sig=" + escaped + "&key=_dck1", nil, []string{"sig-not-last", "fragile-order"}},
		{"not signed", unsorted + "&key=_dck1", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := examine(t, Question{Link: endpoint + test.query, Keys: file(t, "p=1,a=RS256,d="+pair.Data)})
			if test.causes != nil {
				wantCauses(t, r, test.causes)
			} else if r.Verdict != Refused || len(r.Signature.Causes) > 0 {
				t.Errorf("%s: %+v", r.Verdict, r.Signature)
			}
			if got := found(r, Warning); !slices.Equal(got, test.warnings) {
				t.Errorf("warnings %q, want %q", got, test.warnings)
			}
			var out strings.Builder
			if err := r.WriteText(&out); err != nil {
				t.Fatal(err)
			}
			if said := strings.Contains(out.String(), "\nAlso fragile\n"); said != (len(test.warnings) > 0) {
				t.Errorf("says that something is fragile: %v\n%s", said, out.String())
			}
		})
	}
}
