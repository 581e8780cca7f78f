package target

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dcconform/dcconform/suites/register"
)

// certificate writes editor.ca.pem, editor.client.pem and editor.client.key.
func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "target test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"editor.ca.pem": {Type: "CERTIFICATE", Bytes: der}, "editor.client.pem": {Type: "CERTIFICATE", Bytes: der},
		"editor.client.key": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// sound is a target.yaml with nothing wrong; the bad ones differ from it in
// one point.
const sound = `edition: ietf-05
domains:
  - name: customer.test
  - name: other.test
    account: bob
    role: foreign
dns:
  servers: ["192.0.2.53:53", "[2001:db8::53]:53"]
settings: staging.provider.example:8443/dc
http:
  basicUser: gate
  basicPassword: {env: DC_GATE_PASSWORD}
  headers: {X-Staging: "1"}
  hosts: {"provider.example:443": "127.0.0.1:8443"}
  rate: 2.5
accounts:
  - {user: alice, password: {env: DC_PASSWORD}}
  - {user: bob, password: hunter2}
templates: {missing: [spf]}
callback: {listen: "127.0.0.1:0", port: 8443}
keyZone: {listen: ":5353"}
claims: {async: false, spfm: true, stateful: unknown}
hosts: {prefix: Dcc-1, limit: 20}
limits: {request: 5s, flow: 1m30s, propagation: 1h, case: 30m}
consent: {recipe: powerdns-admin, home: ["Login.provider.example:8443"]}
hooks:
  update: {server: "192.0.2.53:53", key: Harness., secret: c2VjcmV0}
`

func TestParse(t *testing.T) {
	c, err := Parse("target.yaml", []byte(sound), WithEnv(environment))
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []struct{ what, is, want any }{
		{"name", c.Name, "staging.provider.example:8443"},
		{"password", c.Accounts[0].Password.Reveal(), "correct horse"},
		{"literal password", c.Accounts[1].Password.Reveal(), "hunter2"},
		{"rate", c.HTTP.Rate, 2.5},
		{"flow", c.Limits.Flow, 90 * time.Second},
		{"prefix", c.Hosts.Prefix, "dcc-1"},
		{"home", c.Consent.Home[0], "login.provider.example:8443"},
		{"key", c.Hooks.Update.Key, "harness"},
		{"algorithm", c.Hooks.Update.Algorithm, "hmac-sha256"},
		{"claimed false", c.Claim(register.NeedAsync), Unsupported},
		{"claimed true", c.Claim(register.NeedSPFM), Supported},
		{"claimed unknown", c.Claim(register.NeedStateful), Unknown},
		{"not claimed", c.Claim(register.NeedNS), Unknown},
	} {
		if got.is != got.want {
			t.Errorf("%v is %v, want %v", got.what, got.is, got.want)
		}
	}
}

func TestNamesInBothForms(t *testing.T) {
	for name, want := range map[string]string{
		"Bücher.Example":        "xn--bcher-kva.example",
		"xn--bcher-kva.example": "xn--bcher-kva.example",
		"straße.example.":       "xn--strae-oqa.example",
		"中文.example":            "xn--fiq228c.example",
		"under._sub.example":    "under._sub.example",
	} {
		text := strings.Replace(sound, "customer.test", name, 1)
		c, err := Parse("target.yaml", []byte(text), WithEnv(environment))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.Domains[0].Name != want {
			t.Errorf("%s is %s, want %s", name, c.Domains[0].Name, want)
		}
	}
}

func TestSecretsFromFilesAndRelativePaths(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte("from a file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "target.yaml"), []byte(strings.Replace(sound, "hunter2", "{file: pw}", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(filepath.Join(dir, "target.yaml"), WithEnv(environment))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Accounts[1].Password.Reveal(); got != "from a file" {
		t.Errorf("password %q", got)
	}
	if _, err := Load(filepath.Join(dir, "no.yaml")); err == nil || err.Error() != "target: the file "+filepath.Join(dir, "no.yaml")+" is not there" {
		t.Errorf("error %v", err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	c, err := Parse("target.yaml", []byte(sound), WithEnv(environment))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{c.Accounts[1].Password.String(), sprint(c), sprintPlus(*c), sprintGo(*c), marshal(t, c)} {
		for _, secret := range []string{"hunter2", "correct horse", "battery staple", "c2VjcmV0"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is printed in %s", secret, text)
			}
		}
	}
	// What is wrong with a secret is said without it.
	bad := strings.NewReplacer("hunter2", "{env: hunter-unset, file: sesame-open}", "c2VjcmV0", "'not base64 but secret'",
		`"1"`, `"sesame\nopen"`, "rate: 2.5", "proxy: 'ftp://user:sesame@proxy'").Replace(sound)
	_, err = Parse("target.yaml", []byte(bad), WithEnv(environment))
	if err == nil {
		t.Fatal("it loads")
	}
	for _, secret := range []string{"sesame", "not base64 but secret"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is printed in %v", secret, err)
		}
	}
}

func TestEmptyFiles(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "target.yaml: is empty: provider --init writes one to begin with",
		"# nothing\n":       "target.yaml: is empty: provider --init writes one to begin with",
		"null\n":            "target.yaml: is empty: provider --init writes one to begin with",
		"a: 1\n---\nb: 2\n": "target.yaml: holds 2 documents: a target is one, without --- in between",
		"- a\n":             "target.yaml:1:1: want keys with values, not a list",
		"a: [1\n":           "target.yaml:1:4: not YAML: sequence end token ']' not found",
	} {
		_, err := Parse("target.yaml", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	if err := Init(&b, InitOptions{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add(commented.ReplaceAllString(b.String(), "$1$2"))
	f.Add(sound)
	for _, bad := range refused {
		f.Add(bad.edit(sound))
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("target.yaml", []byte(text), WithEnv(environment))
		if err != nil {
			if c != nil {
				t.Fatal("a configuration beside an error")
			}
			return
		}
		if c.Edition == "" || len(c.Domains) == 0 || len(c.DNS.Servers) == 0 && c.DNS.Resolver == "" || c.Limits.Case <= 0 || c.Hosts.Limit < 1 {
			t.Fatalf("it loads and cannot be run with: %+v", c)
		}
	})
}
