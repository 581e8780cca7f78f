package state_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/state"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

const template = `{"providerId":"a.example","providerName":"Ä","serviceId":"s","serviceName":"S",
  "version":1, "records":[{"type":"A","host":"@","pointsTo":"%ip%","ttl":60}]}
`

// lived is a store with one of everything, and some of it twice.
func lived(t *testing.T) *store.Store {
	t.Helper()
	s := store.New(nil)
	parsed, err := dc.Parse("a.example.s.json", []byte(template))
	if err != nil {
		t.Fatal(err)
	}
	text := "@ 60 A 192.0.2.1\nwww 60 CNAME other.example.\n" +
		`txt 60 TXT "a \"b\" \200" "second"` + "\ngo 60 REDIR301 \"https://example.net/?a=1;b=2\"\n" +
		"alias 60 APEXCNAME target.example.\nraw 60 TYPE65400 \\# 3 010203\n"
	_, err = s.NewTenant(store.TenantConfig{
		Discovery: "127.0.0.1:1000", Query: store.QueryTemplate, ProviderName: "P",
		Users:     []store.User{{Name: "alice", Password: "pa:ss \"word\""}, {Name: "bob", Password: "b"}},
		Zones:     []store.Hosted{{Zone: parse(t, "example.com", text), Owner: "alice"}, {Zone: parse(t, "example.net", ""), Owner: "bob"}},
		Templates: []*dc.Template{parsed}, Rules: dc.Rules{Edition: edition(t, "dcspec-2.3")},
		Testing: map[dc.TemplateID]string{parsed.ID(): "bob"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.NewTenant(store.TenantConfig{Name: "second", Discovery: "elsewhere.example/x"}); err != nil {
		t.Fatal(err)
	}
	if err := s.PublishTXT("_k.keys.example", []string{"p=1,d=" + strings.Repeat("x", 300), "p=2,d=y"}); err != nil {
		t.Fatal(err)
	}
	return s
}

func parse(t *testing.T, origin, text string) *zone.Zone {
	t.Helper()
	z, err := zone.Parse(origin, strings.NewReader(text), origin)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func edition(t *testing.T, name string) dc.Edition {
	t.Helper()
	e, err := dc.ParseEdition(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// keep writes a store into a folder.
func keep(t *testing.T, dir string, s *store.Store, authority string) {
	t.Helper()
	f, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Keep(s, authority, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// bringBack reads a folder into a new store.
func bringBack(t *testing.T, dir, authority string) *store.Store {
	t.Helper()
	f, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(nil)
	if err := f.Restore(s, authority); err != nil || !f.Found() {
		t.Fatal(err, f.Found())
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

// zoneText is a zone as text.
func zoneText(z *zone.Zone) string {
	var b strings.Builder
	for r := range z.Records() {
		b.WriteString(r.String() + "\n")
	}
	return b.String()
}

// Everything comes back as it was, octet by octet.
func TestRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	before := lived(t)
	keep(t, dir, before, "127.0.0.1:1000")
	after := bringBack(t, dir, "127.0.0.1:1000")
	if n := len(after.Tenants()); n != 2 {
		t.Fatalf("%d tenants", n)
	}
	for _, old := range before.Tenants() {
		now, _ := after.Tenant(old.Name())
		was, is := old.Plain(), now.Plain()
		if is.Discovery != was.Discovery || is.Query != was.Query || is.ProviderName != was.ProviderName || is.Rules != was.Rules || !slices.Equal(is.Users, was.Users) || !maps.Equal(is.Testing, was.Testing) {
			t.Errorf("tenant %q: %+v, was %+v", old.Name(), is, was)
		}
		if len(is.Zones) != len(was.Zones) || len(is.Templates) != len(was.Templates) {
			t.Fatalf("tenant %q: %d zones, %d templates", old.Name(), len(is.Zones), len(is.Templates))
		}
		for i, z := range was.Zones {
			if is.Zones[i].Owner != z.Owner || zoneText(is.Zones[i].Zone) != zoneText(z.Zone) || is.Zones[i].Zone.Serial() != z.Zone.Serial() {
				t.Errorf("zone of %s\n%s\nwas of %s\n%s", is.Zones[i].Owner, zoneText(is.Zones[i].Zone), z.Owner, zoneText(z.Zone))
			}
		}
		for i, tmpl := range was.Templates {
			if is.Templates[i].Digest() != tmpl.Digest() || is.Templates[i].File != tmpl.File {
				t.Errorf("template %s differs", tmpl.File)
			}
		}
	}
	first, _ := after.Tenant("")
	if account := first.Plain().Testing[dc.TemplateID{Provider: "a.example", Service: "s"}]; account != "bob" {
		t.Errorf("the template is under test for %q, want bob", account)
	}
	if text := zoneText(after.KeyZones()[0]); text != zoneText(before.KeyZones()[0]) || !strings.Contains(text, "p=2,d=y") {
		t.Errorf("keys\n%s", text)
	}
}

// A mock that comes back at another port says so in its zones, where it spoke
// of itself, and raises their serial; a record that somebody has taken out or
// changed stays so.
func TestAnotherPort(t *testing.T) {
	dir := t.TempDir()
	s := lived(t)
	tenant, _ := s.Tenant("")
	_, err := tenant.Edit("example.net", func(z *zone.Zone) (*zone.Zone, error) {
		var c zone.Change
		for r := range z.At("_domainconnect.example.net.") {
			c.Remove = append(c.Remove, r)
		}
		return c.Apply(z)
	})
	if err != nil {
		t.Fatal(err)
	}
	keep(t, dir, s, "127.0.0.1:1000")
	after, _ := bringBack(t, dir, "127.0.0.1:2000").Tenant("")
	if got := after.Config().Discovery; got != "127.0.0.1:2000" {
		t.Errorf("discovery %s", got)
	}
	z, _, _ := after.Zone("example.com")
	was, _, _ := tenant.Zone("example.com")
	if text := zoneText(z); !strings.Contains(text, "_domainconnect.example.com. 3600 IN TXT \"127.0.0.1:2000\"\n") || strings.Contains(text, ":1000") || z.Serial() != was.Serial()+1 {
		t.Errorf("serial %d, was %d\n%s", z.Serial(), was.Serial(), text)
	}
	if z, _, _ := after.Zone("example.net"); z.Exists("_domainconnect.example.net.") {
		t.Errorf("the record that was taken out is there again\n%s", zoneText(z))
	}
	second, _ := bringBack(t, dir, "127.0.0.1:2000").Tenant("second")
	if got := second.Config().Discovery; got != "elsewhere.example/x" {
		t.Errorf("discovery of the other tenant: %s", got)
	}
}

// What is no state of this program is refused in words, and stays as it was.
func TestRefused(t *testing.T) {
	dir := t.TempDir()
	keep(t, dir, lived(t), "127.0.0.1:1000")
	whole, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(whole)
	for name, tc := range map[string]struct{ text, want string }{
		"empty":    {"", "it ends too early, as if its writer had been stopped half-way"},
		"torn":     {text[:len(text)/2], "it ends too early, as if its writer had been stopped half-way"},
		"torn end": {strings.TrimSuffix(text, "}\n"), "it ends too early, as if its writer had been stopped half-way"},
		"zeroes":   {text[:100] + strings.Repeat("\x00", 100), ""},
		"foreign":  {`{"name":"x","version":"1.0.0"}`, `it is no state of a mock provider: there is no "format":"dcconform-state" in it`},
		"no JSON":  {"zone example.com", "it is not JSON at octet 0: invalid character 'z' at start of value"},
		"a list":   {"[]", "it is no JSON object"},
		"newer":    {strings.Replace(text, `"version": 2`, `"version": 3`, 1), "a newer dcconform has written it, in version 3; this one reads versions up to 2"},
		"newer with more": {strings.Replace(text, `"version": 2`, `"version": 4, "orders": []`, 1),
			"a newer dcconform has written it, in version 4; this one reads versions up to 2"},
		"no version":   {`{"format":"dcconform-state"}`, "it has no version that could be read"},
		"odd version":  {`{"format":"dcconform-state","version":"1"}`, "it has no version that could be read"},
		"unknown":      {strings.Replace(text, `"authority"`, `"orders": [], "authority"`, 1), "the member /orders is not known"},
		"wrong type":   {strings.Replace(text, `"name": "second"`, `"name": 7`, 1), "the member /tenants/1/name cannot be used"},
		"two of a key": {strings.Replace(text, `"keys"`, `"tenants"`, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "state.json")
			if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := state.Open(dir)
			broken, ok := errors.AsType[*state.FileError](err)
			if !ok || broken.File != file {
				t.Fatalf("%v", err)
			}
			if want := file + ": " + tc.want + "; it is left as it is: move it away to begin anew, or name another folder"; tc.want != "" && err.Error() != want {
				t.Errorf("it says\n%s\nand not\n%s", err, want)
			}
			if now, err := os.ReadFile(file); err != nil || string(now) != tc.text {
				t.Errorf("the file was changed: %v", err)
			}
			// The lock is given back: the mend can be tried at once.
			if err := os.WriteFile(file, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := state.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// What cannot be a store is refused with its place.
func TestRefusedByTheStore(t *testing.T) {
	dir := t.TempDir()
	keep(t, dir, lived(t), "127.0.0.1:1000")
	file := filepath.Join(dir, "state.json")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range [][3]string{
		{"192.0.2.1", "192.0.2.256", `tenant "": zone example.com.:1: example.com. A: bad A A: "192.0.2.256"`},
		{`"dcspec-2.3"`, `"v9"`, `tenant "": unknown edition "v9": the editions are ietf-05 and dcspec-2.3`},
		{`"name": "second"`, `"name": ""`, `tenant "": tenant "" exists already: remove it first, or choose another name`},
		{`"serviceId": "s"`, `"serviceId": "t"`, `tenant "": testing: there is no template with providerId a.example and serviceId t; `},
		{`\"version\":1`, `\"version\":x`, `tenant "": a.example.s.json:2:13: `},
		{`"name": "keys.example."`, `"name": "keys..example."`, `keys: origin "keys..example." is no domain name: `},
	} {
		text := strings.Replace(string(whole), tc[0], tc[1], 1)
		if text == string(whole) {
			t.Fatalf("there is no %s in\n%s", tc[0], text)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := state.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Restore(store.New(nil), "127.0.0.1:1000"); err == nil || !strings.HasPrefix(err.Error(), file+": "+tc[2]) || !strings.HasSuffix(err.Error(), "it is left as it is: move it away to begin anew, or name another folder") {
			t.Errorf("%v", err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if now, _ := os.ReadFile(file); string(now) != text {
			t.Error("the file was changed")
		}
	}
}

// One process has the folder at a time.
func TestBusy(t *testing.T) {
	dir := t.TempDir()
	f, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := state.Open(dir); err == nil || err.Error() != dir+": another mock provider keeps its state here; end that one, or name another folder" {
		t.Errorf("%v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// The passwords in it are its owner's alone, and what a killed process has left
// half-written is taken away.
func TestModeAndSweep(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, ".state-123.json")
	if err := os.WriteFile(left, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	keep(t, dir, lived(t), "127.0.0.1:1000")
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v", left, err)
	}
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	info, err := os.Stat(filepath.Join(dir, "state.json"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// Each change is on disk without anybody closing anything: whoever pulls the
// plug has lost little.
func TestKeptWhileRunning(t *testing.T) {
	dir := t.TempDir()
	s := lived(t)
	f, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Keep(s, "127.0.0.1:1000", func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	watch, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close()
	if err := watch.Add(dir); err != nil {
		t.Fatal(err)
	}
	tenant, _ := s.Tenant("")
	_, err = tenant.Edit("example.com", func(z *zone.Zone) (*zone.Zone, error) {
		return zone.Change{Add: []zone.Record{{Owner: "late.example.com.", Type: "A", TTL: 60, Data: "192.0.2.9"}}}.Apply(z)
	})
	if err != nil {
		t.Fatal(err)
	}
	tooLong := time.After(20 * time.Second)
	for written := false; !written; {
		select {
		case <-watch.Events:
		case <-tooLong:
			t.Fatal("the change is not on disk")
		}
		text, err := os.ReadFile(filepath.Join(dir, "state.json"))
		if err != nil {
			t.Fatal(err)
		}
		written = strings.Contains(string(text), "late.example.com. 60 IN A 192.0.2.9")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A write that fails is said, and the state that was there stays whole; the
// next change tries again.
func TestWriteFails(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open folder cannot be moved away there")
	}
	parent := t.TempDir()
	dir, away := filepath.Join(parent, "state"), filepath.Join(parent, "away")
	s := lived(t)
	f, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan error, 1)
	if err := f.Keep(s, "127.0.0.1:1000", func(err error) { said <- err }); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, away); err != nil {
		t.Fatal(err)
	}
	if err := s.PublishTXT("_k2.keys.example", []string{"p=1,d=z"}); err != nil {
		t.Fatal(err)
	}
	if err := <-said; !strings.HasPrefix(err.Error(), "the state cannot be written: ") {
		t.Error(err)
	}
	if text, _ := os.ReadFile(filepath.Join(away, "state.json")); strings.Contains(string(text), "_k2") {
		t.Error("it was written after all")
	}
	if err := os.Rename(away, dir); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "state.json")); !strings.Contains(string(text), "_k2") {
		t.Error("the end did not write what was missing")
	}
}

// Whoever reads the state while it is written has all of the old one: the file
// is replaced and never written over.
func TestAReaderKeepsWhatItOpened(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be replaced there")
	}
	dir, s := t.TempDir(), lived(t)
	keep(t, dir, s, "127.0.0.1:1000")
	before, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	open, err := os.Open(filepath.Join(dir, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = open.Close() })
	s = bringBack(t, dir, "127.0.0.1:1000")
	if err := s.PublishTXT("_k2.keys.example", []string{"p=1,d=z"}); err != nil {
		t.Fatal(err)
	}
	keep(t, dir, s, "127.0.0.1:1000")
	held, err := io.ReadAll(open)
	if err != nil || !bytes.Equal(held, before) {
		t.Errorf("the file was written over, %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "state.json")); err != nil || bytes.Equal(after, before) {
		t.Errorf("nothing was written, %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.json")); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
