package run

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/reports/delta"
	"github.com/dcconform/dcconform/reports/github"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
)

// canaries are the secrets of a target.yaml, one of each kind, with letters
// that encodings change.
var canaries = map[string]string{
	"account":  "Canary/account+ö1!",
	"gate":     "Canary/gate&2\"<",
	"header":   "Canary/header%3~token",
	"tsig":     "Q2FuYXJ5L3RzaWcrNA==",
	"proxy":    "Canaryproxy5",
	"rotation": "Canary/of/another/account 6",
}

const canaryTarget = `edition: ietf-05
domains: [{name: one.customer.test}]
dns: {servers: ["192.0.2.53:53"]}
settings: staging.provider.example:8443/dc
accounts: [{user: alice, password: {env: C_ACCOUNT}}, {user: bob, password: {env: C_ROTATION}}]
http: {basicUser: gate, basicPassword: {env: C_GATE}, headers: {X-Gate: {env: C_HEADER}}, proxy: "http://user:Canaryproxy5@proxy.example:3128"}
hooks: {update: {server: "192.0.2.53:53", key: seed.example, secret: {env: C_TSIG}}}
`

// leaking is a ground on which every case says every secret wherever it can,
// as a target does that repeats what it was sent.
type leaking struct{}

func (leaking) open(_ context.Context, data json.RawMessage, around *surroundings) (*stage, error) {
	var w providerWorld
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	c, err := w.config()
	if err != nil {
		return nil, err
	}
	if err := around.redactor.Add(c.Redactor().Secrets...); err != nil {
		return nil, err
	}
	reg, err := register.Load()
	if err != nil {
		return nil, err
	}
	said := strings.Join(leaks(), " | ")
	scenarios := provider.Scenarios(c.Edition, reg, nil)
	for i, sc := range scenarios {
		id := sc.Checks[0].Requirements[0]
		sc.Setup, sc.Teardown = nil, nil
		for j := range sc.Checks {
			sc.Checks[j].Body = func(cs *check.Case) {
				for _, kind := range []string{"exchange", "zone", "dom", "console", "link", "observation"} {
					cs.Record(kind, "title "+said, []byte("GET /?password="+url.QueryEscape(canaries["account"])+" HTTP/1.1\nCookie: sid=CanaryCookie7\nAuthorization: Bearer CanaryBearer8\n\n"+said+"\n"+kind+"\n"))
				}
				cs.Note("leak", said)
				switch i % 4 {
				case 0:
					cs.Inconclusive("leak", said)
				case 1:
					cs.Broken(fmt.Errorf("the provider says %s", said))
				case 2:
					cs.Lacking("leak", said)
				}
				cs.Fail(id, check.About{Sent: said, Expected: []string{said}, Actual: said, Mend: said})
			}
		}
	}
	return &stage{scenarios: scenarios, close: func() error { return nil }}, nil
}

func (leaking) close() error { return nil }

// leaks are the canaries as they come along, and those that nobody was told of
// and whose place gives them away.
func leaks() []string {
	var all []string
	for _, secret := range canaries {
		all = append(all, forms(secret)...)
	}
	return append(all, canaryKey())
}

// canaryKey is a private key that stands in a text.
func canaryKey() string {
	return "-----BEGIN PRIVATE KEY-----\nCanaryKeyLine9CanaryKeyLine9CanaryKeyLine9\n-----END PRIVATE KEY-----"
}

// forms are how a secret comes to stand in a text.
func forms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	return []string{secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		hex.EncodeToString([]byte(secret)), string(quoted), base64.StdEncoding.EncodeToString([]byte("gate:" + secret))}
}

// sought is what may stand in no file.
func sought() []string {
	all := []string{"CanaryCookie7", "CanaryBearer8", "CanaryKeyLine9"}
	for _, secret := range canaries {
		all = append(all, secret, strings.Trim(secret, "="), url.QueryEscape(secret), base64.RawStdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)))
	}
	return all
}

// leakless holds everything below a folder, and texts, against the canaries.
func leakless(t *testing.T, dir string, words []string, texts ...string) {
	t.Helper()
	files := 0
	look := func(name, text string) {
		for _, word := range words {
			if strings.Contains(text, word) {
				t.Errorf("%s holds the secret %q", name, word)
			}
		}
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		look("the name "+path, filepath.Base(path))
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		look(path, string(data))
		return err
	})
	if err != nil || files < 5 {
		t.Errorf("%d files in %s, %v", files, dir, err)
	}
	for i, text := range texts {
		if text == "" {
			t.Errorf("text %d is empty", i)
		}
		look(fmt.Sprint("text ", i), text)
	}
}

// The secrets of a target appear in no file and no text of any format, however
// the target repeats them: not in the run, not in what is made of it later.
func TestCanariesOfATarget(t *testing.T) {
	o := providerOptions(t, canaryTarget)
	o.Child = as("leaking")
	o.Env = func(name string) (string, bool) {
		secret, ok := canaries[strings.ToLower(strings.TrimPrefix(name, "C_"))]
		return secret, ok
	}
	o.Cases = []string{"discovery/*", "groups/*"}
	_, r := provides(t, o)
	if r.Counts[reports.Fail] == 0 || r.Counts[reports.Inconclusive] == 0 || r.Counts[reports.HarnessError] == 0 || r.Counts[reports.NotApplicable] == 0 {
		t.Fatalf("not every outcome: %v", r.Counts)
	}
	var later bytes.Buffer
	r.Scope = reports.ScopeFull // a filtered run makes no baseline
	known, err := r.MakeBaseline(reports.BaselineDefaults{Owner: "ops", Expires: r.Finished})
	if err != nil {
		t.Fatal(err)
	}
	if err := known.Write(&later); err != nil {
		t.Fatal(err)
	}
	rendered := t.TempDir()
	if _, err := reports.Render(r, o.Out, rendered, Formats()); err != nil {
		t.Fatal(err)
	}
	if err := github.Annotate(&later, r); err != nil {
		t.Fatal(err)
	}
	d, err := delta.Compare("old", &reports.Run{Subject: r.Subject}, "new", r)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range delta.Formats() {
		if err := d.Write(&later, format); err != nil {
			t.Fatal(err)
		}
	}
	words := sought()
	leakless(t, o.Out, words, fmt.Sprint(o.Stdout), fmt.Sprint(o.Stderr), later.String())
	leakless(t, rendered, words)
	if page, err := os.ReadFile(filepath.Join(o.Out, reports.HTMLFile)); err != nil || !bytes.Contains(page, []byte(reports.Redacted)) {
		t.Errorf("nothing was there to take out: %v", err)
	}
}

// Neither does the service provider's own key, which signs the links, nor the
// one that signs the bundle.
func TestCanariesOfACertification(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t, template(t, t.TempDir()))
	o.Key, o.Sign = file, file
	if code, _, err := certifies(t.Context(), t, o); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, o.Stderr)
	}
	words := []string{hex.EncodeToString(key.D.Bytes()), base64.RawStdEncoding.EncodeToString(key.Primes[0].Bytes())}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.HasPrefix(line, "-----") {
			words = append(words, line)
		}
	}
	leakless(t, o.Out, words, fmt.Sprint(o.Stdout), fmt.Sprint(o.Stderr))
}
