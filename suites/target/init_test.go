package target

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dcconform/dcconform/suites/register"
)

// commented matches a field that is commented out: "#name:" or "#- name:";
// prose has a blank behind the mark.
var commented = regexp.MustCompile(`(?m)^( *)#([^ #])`)

func written(t *testing.T, o InitOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Init(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func environment(name string) (string, bool) {
	value, ok := map[string]string{"DC_PASSWORD": "correct horse", "DC_GATE_PASSWORD": "battery staple",
		"DC_CLIENT_SECRET": "c7 secret", "DC_OTHER_CLIENT_SECRET": "o8 secret", "DC_BRIEF_CLIENT_SECRET": "b9 secret", "DC_CODE_CLIENT_SECRET": "k4 secret"}[name]
	return value, ok
}

func TestWhatInitWritesIsRefusedUntilItIsEdited(t *testing.T) {
	_, err := Parse("target.yaml", []byte(written(t, InitOptions{})), WithEnv(environment))
	want := strings.Join([]string{
		`target.yaml:15:10: edition: still says change-me, as --init wrote it: put your own value here`,
		`target.yaml:21:11: domains[0].name: still says change-me, as --init wrote it: put your own value here`,
		`target.yaml:40:7: dns.servers[0]: still says change-me, as --init wrote it: put your own value here`,
		`target.yaml:80:11: accounts[0].user: still says change-me, as --init wrote it: put your own value here`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
}

func TestWhatInitIsToldIsNoPlaceholder(t *testing.T) {
	text := written(t, InitOptions{
		Edition: register.DCSpec23, Domain: "customer.test", Servers: []string{"127.0.0.1:5301", "[::1]:5302"},
		Settings: "localhost:8443/dc", User: "it's me",
	})
	got, err := Parse("target.yaml", []byte(text), WithEnv(environment))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Name: "localhost:8443", File: "target.yaml", Edition: "dcspec-2.3", Settings: "localhost:8443/dc",
		Domains:  []Domain{{Name: "customer.test"}},
		DNS:      DNS{Servers: []string{"127.0.0.1:5301", "[::1]:5302"}},
		Accounts: []Account{{User: "it's me", Password: NewSecret("correct horse")}},
		Templates: Templates{ProviderID: "conformance.dcconform.example", KeyDomain: "keys.dcconform.example",
			RedirectDomain: "callback.dcconform.example"},
		Hosts:  Hosts{Prefix: "dcc", Limit: 1000},
		Limits: Limits{Request: 10 * time.Second, Flow: time.Minute, Propagation: time.Minute, Case: 5 * time.Minute, Linger: 5 * time.Second},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Secret{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Every optional field of the example, uncommented, is one that Load takes:
// a comment that teaches what is refused would be worse than none.
func TestTheUncommentedExampleLoads(t *testing.T) {
	text := commented.ReplaceAllString(written(t, InitOptions{}), "$1$2")
	_, err := Parse("target.yaml", []byte(text), WithEnv(environment))
	problems, ok := err.(Problems)
	if !ok {
		t.Fatalf("error %v", err)
	}
	var paths []string
	for _, p := range problems {
		if !p.Placeholder {
			t.Errorf("beyond the placeholders: %v", p)
		}
		paths = append(paths, p.Path)
	}
	want := []string{"edition", "domains[0].name", "domains[0].account", "domains[1].name", "dns.servers[0]",
		"http.ca[0]", "http.clientCert", "http.clientKey", "http.proxy", "accounts[0].user", "session"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("placeholders, -want +got\n%s", diff)
	}

	dir := t.TempDir()
	certificate(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "editor.cookies.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	text = strings.NewReplacer("edition: change-me", "edition: ietf-05", "change-me", "editor").Replace(text)
	got, err := Parse(filepath.Join(dir, "target.yaml"), []byte(text), WithEnv(environment))
	if err != nil {
		t.Fatal(err)
	}
	if got.HTTP.CA[0] != filepath.Join(dir, "editor.ca.pem") || got.Session != filepath.Join(dir, "editor.cookies.txt") {
		t.Errorf("paths %q and %q are not below %s", got.HTTP.CA, got.Session, dir)
	}
	// All fields but the exclusive ones have a value.
	if got.HTTP.Rate != 5 || got.Hosts.Limit != 1000 || got.Hooks.Seed[0] != "dns-admin" || !got.Consent.Manual ||
		got.HTTP.Headers["X-Staging"] != NewSecret("1") || len(got.Claims) != 0 {
		t.Errorf("read as %+v", got)
	}
}

func TestTheExampleNamesEveryField(t *testing.T) {
	text := written(t, InitOptions{})
	for path := range fieldPaths() {
		name := path[strings.LastIndexByte(path, '.')+1:]
		// keyZone.update and hooks.update are in prose: they exclude what
		// stands above them.
		if !regexp.MustCompile(`(?m)^ *(#|# |- |#- )?`+name+`:`).MatchString(text) && !strings.Contains(text, name+": {") && !strings.Contains(path, "update") && path != "keyZone.published" && path != "profile" {
			t.Errorf("the example does not mention %s", path)
		}
	}
	for _, c := range Claims() {
		if !strings.Contains(text, "\n  #"+string(c.Name)+": unknown\n") {
			t.Errorf("the example does not mention the claim %s", c.Name)
		}
	}
}
