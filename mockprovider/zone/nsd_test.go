package zone

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// A real name server loads what comes out of applying templates to zones that
// it would load: the final word on what can stand together.
func TestNameServerLoadsZones(t *testing.T) {
	nsd, err := exec.LookPath("nsd-checkzone")
	if err != nil {
		t.Skip("nsd-checkzone is not on PATH: no name server has looked at the zones that come out")
	}
	check := func(z *Zone) (string, bool) {
		var text strings.Builder
		for r := range z.Records() {
			if !extension(r.Type) {
				fmt.Fprintln(&text, r)
			}
		}
		file := filepath.Join(t.TempDir(), "example.com.zone")
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(nsd, "example.com", file).CombinedOutput()
		return text.String() + string(out), err == nil
	}
	if out, ok := check(zoneOf(t, apex+"w A 192.0.2.1\nw CNAME a.test.\n")); ok {
		t.Fatalf("the name server takes a CNAME beside an A, so it proves nothing:\n%s", out)
	}
	applied := 0
	worlds := rapid.Custom(func(t *rapid.T) *Zone {
		z := drawZone(t, true)
		change, _, err := Plan(z, drawTemplate(t, true), nil, dc.Rules{})
		if err != nil {
			return z
		}
		applied++
		after, err := change.Apply(z)
		if err != nil {
			t.Fatal(err)
		}
		return after
	})
	for seed := range 60 {
		if out, ok := check(worlds.Example(seed)); !ok {
			t.Errorf("seed %d is not loaded:\n%s", seed, out)
		}
	}
	if applied < 30 {
		t.Errorf("%d templates were applied, want at least 30 of 60", applied)
	}
}
