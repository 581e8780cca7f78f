package mockprovider_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// A provider with StateDir comes back with what it had, and answers DNS from
// it; a second one cannot have the folder at the same time.
func TestStateDir(t *testing.T) {
	dir := t.TempDir()
	first := &mockprovider.Provider{StateDir: dir}
	start(t, first)
	z, err := zone.Parse("kept.example", strings.NewReader("www 60 A 192.0.2.1\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.NewTenant(store.TenantConfig{Users: []store.User{{Name: "a", Password: "b"}}, Zones: []store.Hosted{{Zone: z, Owner: "a"}}}); err != nil {
		t.Fatal(err)
	}
	second := &mockprovider.Provider{StateDir: dir}
	if err := second.Start(t.Context()); err == nil || err.Error() != "StateDir: "+dir+": another mock provider keeps its state here; end that one, or name another folder" {
		t.Errorf("%v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	third := &mockprovider.Provider{StateDir: dir}
	start(t, third)
	tenant, ok := third.Tenant("")
	if !ok || !tenant.Authenticate("a", "b") {
		t.Fatalf("the tenant or its user is gone")
	}
	for name, want := range map[string]string{"www.kept.example.": "192.0.2.1", "_domainconnect.kept.example.": strings.TrimPrefix(third.URL(), "https://")} {
		kind := dns.TypeA
		if strings.HasPrefix(name, "_") {
			kind = dns.TypeTXT
		}
		m, err := dns.ExchangeContext(context.Background(), new(dns.Msg).SetQuestion(name, kind), third.DNSAddr())
		if err != nil || len(m.Answer) != 1 || !strings.Contains(m.Answer[0].String(), want) {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	if _, ok := third.Tenant(""); ok {
		t.Error("a provider that does not run has a tenant")
	}
}

// A state that cannot be used keeps the provider from starting, and gives the
// ports and the folder back.
func TestStateDirBroken(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "state.json")
	if err := os.WriteFile(file, []byte(`{"format":"dcconform-state","version":1,"authority":"x","tenants":[{"name":"","edition":"v9","users":[],"zones":[],"templates":[]}],"keys":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &mockprovider.Provider{StateDir: dir}
	want := "StateDir: " + file + `: tenant "": unknown edition "v9": the editions are ietf-05 and dcspec-2.3; it is left as it is: move it away to begin anew, or name another folder`
	if err := p.Start(t.Context()); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	again := &mockprovider.Provider{StateDir: dir}
	start(t, again)
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// start starts a provider that the test will close.
func start(t *testing.T, p *mockprovider.Provider) {
	t.Helper()
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
}
