package main

import (
	"os"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/suites/target"
)

// TestReadmeTarget loads the target.yaml that the README shows.
func TestReadmeTarget(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var p mockprovider.Provider
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ca := p.CAPEM()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, block := range strings.Split(string(data), "```yaml\n")[1:] {
		text, _, ok := strings.Cut(block, "```")
		if !ok || !strings.HasPrefix(text, "edition:") {
			continue
		}
		tried++
		dir := t.TempDir()
		if err := os.WriteFile(dir+"/ca.pem", ca, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := target.Parse(dir+"/target.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if c.Domains[0].Name != "target.example" || !c.Domains[0].Apex || c.Hooks.Update == nil {
			t.Errorf("the README's target is not what it says: %+v", c.Domains)
		}
	}
	if tried != 1 {
		t.Errorf("the README shows %d targets, want 1", tried)
	}
}
