package bundle

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dcconform/dcconform/reports"
)

const (
	template    = "{\"version\": 1,\n \"providerId\": \"a\"}\n"
	reformatted = "{\"providerId\":\"a\",\"version\":1}"
)

var day = time.Date(2026, 10, 7, 12, 0, 0, 0, time.UTC)

// ranReport leaves a report about template, with a piece of evidence.
func ranReport(t *testing.T, scope reports.Scope) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	digest, err := Digest([]byte(template))
	if err != nil {
		t.Fatal(err)
	}
	r := &reports.Run{ToolVersion: "1", Subject: reports.SubjectTemplate, Edition: "ietf-05", Scope: scope,
		Selftest:  &reports.Score{Killed: 379, Faults: 380},
		Templates: []reports.Template{{Key: "a.s", File: "a.json", SHA256: sum([]byte(template)), CanonicalSHA256: digest}}}
	p := reports.Planned{ID: "a", Case: "a", Title: "T", Requirements: []string{"DC-A"}, Subject: reports.SubjectTemplate, Level: reports.MUST, Exemplar: true}
	r.Begin([]reports.Planned{p}, day)
	d, err := reports.Create(out, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	res := reports.Result{Planned: p, Outcome: reports.Pass, Assertions: 1}
	if err := d.Store().Keep(&res, reports.Item{Kind: "zone", Title: "z", Content: []byte("www 300 IN A 192.0.2.1\n")}); err != nil {
		t.Fatal(err)
	}
	r.Results = []reports.Result{res}
	r.Finish(day)
	if err := d.Finish(r); err != nil {
		t.Fatal(err)
	}
	return out
}

func encode(t *testing.T, key crypto.Signer) (private, public []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})
}

// pair is a new key in PEM, as files have it.
func pair(t *testing.T, kind string) (private, public []byte) {
	t.Helper()
	if kind == "rsa" {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		return encode(t, key)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return encode(t, key)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func seal(t *testing.T, out string, private []byte) {
	t.Helper()
	var key *Key
	if private != nil {
		var err error
		if key, err = ReadKey(private); err != nil {
			t.Fatal(err)
		}
	}
	if err := Seal(out, key); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, out string, public []byte, o Options, given ...Given) *Checked {
	t.Helper()
	if public != nil {
		var err error
		if o.Key, err = ReadPublicKey(public); err != nil {
			t.Fatal(err)
		}
		o.KeyName = "pub.pem"
	}
	c, err := Verify(out, given, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func theTemplate() Given { return Given{"a.json", []byte(template)} }

func TestWhoStandsBehindIt(t *testing.T) {
	for _, kind := range []string{"rsa", "ed25519"} {
		out := ranReport(t, reports.ScopeFull)
		private, public := pair(t, kind)
		_, other := pair(t, kind)
		seal(t, out, nil)
		if c := check(t, out, nil, Options{}, theTemplate()); len(c.Problems) != 0 || c.Asserted != "Self-asserted: it is not signed, and anybody can make such a bundle." ||
			c.Manifest.Assertion != SelfAsserted || c.Manifest.Selftest.Killed != 379 || len(c.Manifest.Files) != 5 {
			t.Errorf("%s: %+v %+v", kind, c, c.Manifest)
		}
		if c := check(t, out, public, Options{}, theTemplate()); !slices.Equal(c.Problems, []string{"bundle.sig: the bundle is not signed, and a signature by pub.pem is wanted"}) {
			t.Errorf("%s: %q", kind, c.Problems)
		}
		seal(t, out, private)
		if c := check(t, out, nil, Options{}, theTemplate()); len(c.Problems) != 0 || !strings.HasPrefix(c.Asserted, "Self-asserted: it is signed by a key that only the bundle itself names (SHA-256 ") {
			t.Errorf("%s: %+v", kind, c)
		}
		if c := check(t, out, public, Options{}, theTemplate()); len(c.Problems) != 0 || !strings.HasPrefix(c.Asserted, "Signed by the key in pub.pem (SHA-256 ") {
			t.Errorf("%s: %+v", kind, c)
		}
		if c := check(t, out, other, Options{}, theTemplate()); len(c.Problems) != 1 || !strings.HasPrefix(c.Problems[0], "bundle.sig: signed by another key (SHA-256 ") {
			t.Errorf("%s: %q", kind, c.Problems)
		}
		// Sealed anew without a key it is not signed any more.
		seal(t, out, nil)
		if c := check(t, out, nil, Options{}, theTemplate()); len(c.Problems) != 0 || !strings.Contains(c.Asserted, "not signed") {
			t.Errorf("%s: %+v", kind, c)
		}
	}
}

// One byte of any file is found, and the file named: each file in turn.
func TestOneByte(t *testing.T) {
	out := ranReport(t, reports.ScopeFull)
	private, public := pair(t, "ed25519")
	seal(t, out, private)
	var files []string
	err := filepath.WalkDir(out, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && e.Name() != ".dcconform" {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) != 7 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		was, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(out, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, len(was) / 2, len(was) - 2} {
			spoilt := slices.Clone(was)
			spoilt[at] ^= 1
			write(t, file, string(spoilt))
			o := Options{KeyName: "pub.pem"}
			if o.Key, err = ReadPublicKey(public); err != nil {
				t.Fatal(err)
			}
			c, err := Verify(out, []Given{theTemplate()}, o)
			if err == nil && (len(c.Problems) == 0 || !strings.Contains(strings.Join(c.Problems, "\n"), filepath.ToSlash(name))) || err != nil && !strings.Contains(err.Error(), File) {
				t.Errorf("%s at %d: %v, %v", name, at, c, err)
			}
		}
		write(t, file, string(was))
	}
	if c := check(t, out, public, Options{}, theTemplate()); len(c.Problems) != 0 {
		t.Errorf("put back: %q", c.Problems)
	}
}

func TestWhatElseHasChanged(t *testing.T) {
	for want, change := range map[string]func(t *testing.T, out string){
		"report.html: the file is gone": func(t *testing.T, out string) {
			if err := os.Remove(filepath.Join(out, "report.html")); err != nil {
				t.Fatal(err)
			}
		},
		"note.txt: the file is not part of the bundle": func(t *testing.T, out string) { write(t, filepath.Join(out, "note.txt"), "x") },
		"bundle.sig: the bundle says that it is signed, and there is no signature": func(t *testing.T, out string) {
			if err := os.Remove(filepath.Join(out, SignatureFile)); err != nil {
				t.Fatal(err)
			}
		},
		"bundle.sig: not base64": func(t *testing.T, out string) { write(t, filepath.Join(out, SignatureFile), "!") },
	} {
		out := ranReport(t, reports.ScopeFull)
		private, _ := pair(t, "ed25519")
		seal(t, out, private)
		change(t, out)
		if c := check(t, out, nil, Options{}, theTemplate()); !slices.Equal(c.Problems, []string{want}) {
			t.Errorf("%q, want %q", c.Problems, want)
		}
	}
	// The ledger of a run goes on changing, and is none of the report.
	out := ranReport(t, reports.ScopeFull)
	seal(t, out, nil)
	write(t, filepath.Join(out, "created.jsonl"), "{}\n")
	if c := check(t, out, nil, Options{}, theTemplate()); len(c.Problems) != 0 {
		t.Errorf("%q", c.Problems)
	}
}

// A manifest made up to fit changed files does not fit the report, or the key.
func TestAManifestMadeUp(t *testing.T) {
	out := ranReport(t, reports.ScopeFull)
	private, public := pair(t, "ed25519")
	seal(t, out, private)
	text, err := os.ReadFile(filepath.Join(out, File))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(out, File), strings.Replace(string(text), `"killed":379`, `"killed":380`, 1))
	c := check(t, out, public, Options{}, theTemplate())
	want := []string{"bundle.sig: it is not the signature of bundle.json by this key: one of the two has changed", "bundle.json: it does not say what report.json says"}
	if !slices.Equal(c.Problems, want) {
		t.Errorf("%q", c.Problems)
	}
}

func TestTemplates(t *testing.T) {
	out := ranReport(t, reports.ScopeFull)
	seal(t, out, nil)
	for name, c := range map[string]struct {
		given []Given
		o     Options
		want  []string
	}{
		"none":      {nil, Options{}, []string{"a.s: the template is in the report and was not found among those given"}},
		"changed":   {[]Given{{"x.json", []byte(strings.Replace(template, "1", "2", 1))}}, Options{}, []string{"x.json: the report is not about this file, or the file has changed since", "a.s: the template is in the report and was not found among those given"}},
		"not JSON":  {[]Given{theTemplate(), {"x.json", []byte("{")}}, Options{}, []string{"x.json: the report is not about this file, or the file has changed since"}},
		"formatted": {[]Given{{"x.json", []byte(reformatted)}}, Options{}, []string{"x.json: the bytes of the file have changed, though not what it says (its canonical JSON is the same); --reformatted accepts that"}},
		"accepted":  {[]Given{{"x.json", []byte(reformatted)}}, Options{Reformatted: true}, nil},
		"twice":     {[]Given{theTemplate(), theTemplate()}, Options{}, nil},
	} {
		if got := check(t, out, nil, c.o, c.given...); !slices.Equal(got.Problems, c.want) {
			t.Errorf("%s: %q", name, got.Problems)
		}
	}
}

func TestWhatIsNoBundle(t *testing.T) {
	out := ranReport(t, reports.ScopeFiltered)
	if err := Seal(out, nil); !errors.Is(err, ErrNotWhole) {
		t.Errorf("a filtered run: %v", err)
	}
	for text, want := range map[string]string{
		"":                                      "there is no bundle.json: only a finished run of the whole plan leaves one",
		"{":                                     "bundle.json: not JSON: unexpected end of JSON input",
		`{"schema":1,"tool":"x"}`:               `bundle.json: the tool is "x"; only bundles of dcconform can be checked`,
		`{"schema":2,"tool":"dcconform"}`:       "bundle.json: schema version 2; this version of dcconform reads 1",
		`{"schema":1,"tool":"dcconform","a":1}`: `bundle.json: unknown field "a"`,
	} {
		if err := os.Remove(filepath.Join(out, File)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if text != "" {
			write(t, filepath.Join(out, File), text)
		}
		if _, err := Verify(out, nil, Options{}); err == nil || err.Error() != out+": "+want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	private, public := pair(t, "ed25519")
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	smallPrivate, smallPublic := encode(t, small)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curvePrivate, curvePublic := encode(t, curve)
	old := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)})
	for _, c := range []struct {
		name, private, public, want string
	}{
		{"no PEM", "x", "", "no PEM in it; a private key in PKCS #8 begins with -----BEGIN PRIVATE KEY-----"},
		{"public", string(public), "", "that is a public key; signing needs the private one"},
		{"PKCS #1", string(old), "", `the PEM holds "RSA PRIVATE KEY", expected "PRIVATE KEY" (PKCS #8); openssl pkcs8 -topk8 -nocrypt converts it`},
		{"encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "", "the key is encrypted; decrypt it first, with openssl pkcs8"},
		{"garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "", "the PEM holds no private key in PKCS #8"},
		{"small", string(smallPrivate), "", "an RSA key of 1024 bits; 2048 are the least"},
		{"curve", string(curvePrivate), "", "a key of type *ecdsa.PrivateKey; bundles are signed with Ed25519 or RSA"},
		{"no public PEM", "", "x", "no PEM in it; a public key begins with -----BEGIN PUBLIC KEY-----"},
		{"private for public", "", string(private), `the PEM holds "PRIVATE KEY", expected "PUBLIC KEY"; openssl pkey -pubout writes it`},
		{"public garbage", "", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key (SubjectPublicKeyInfo)"},
		{"small public", "", string(smallPublic), "an RSA key of 1024 bits; 2048 are the least"},
		{"curve public", "", string(curvePublic), "a key of type *ecdsa.PublicKey; bundles are signed with Ed25519 or RSA"},
	} {
		var err error
		if c.public == "" {
			_, err = ReadKey([]byte(c.private))
		} else {
			_, err = ReadPublicKey([]byte(c.public))
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
