package mockprovider

import (
	"fmt"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// TestKeysAtDirectOnly is what the fault that follows no alias rests on.
func TestKeysAtDirectOnly(t *testing.T) {
	p := started(t, &Provider{})
	tenant(t, p, "sp", "sp.example", zone.Record{Owner: "alias.sp.example.", Type: "CNAME", TTL: 60, Data: "_dck1.keys.example."})
	if err := p.PublishKey("_dck1.keys.example", []string{"p=1,d=abc"}); err != nil {
		t.Fatal(err)
	}
	resolve, direct := KeysAt(p.DNSAddr()), store.DirectOnly(t.Context())
	for name, want := range map[string]string{"alias.sp.example": "[]", "_dck1.keys.example": "[[p=1,d=abc]]"} {
		if txt, err := resolve(direct, name); err != nil || fmt.Sprint(txt) != want {
			t.Errorf("%s: %v, %v, want %s", name, txt, err, want)
		}
	}
	if txt, err := resolve(t.Context(), "alias.sp.example"); err != nil || fmt.Sprint(txt) != "[[p=1,d=abc]]" {
		t.Errorf("behind the alias, by default: %v, %v", txt, err)
	}
}
