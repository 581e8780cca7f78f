package run

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures"
)

// staticRun judges and returns what it says.
func staticRun(t *testing.T, o StaticOptions) (code int, stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	o.Stdout, o.Stderr = &out, &errs
	code, err = Static(o)
	return code, out.String(), errs.String(), err
}

func TestStaticJudgesTheEmbeddedTemplates(t *testing.T) {
	embedded, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, _, err := staticRun(t, StaticOptions{})
	if err != nil || code > 1 {
		t.Fatalf("exit code %d, %v", code, err)
	}
	for _, f := range []string{embedded[0].Name, embedded[len(embedded)-1].Name} {
		if strings.Count(stdout, "\n") < len(embedded) || !strings.Contains(stdout, " files: ") {
			t.Errorf("%s may not have been judged:\n%s", f, stdout)
		}
	}
}

func TestStaticSaysWhatIsNew(t *testing.T) {
	dir := t.TempDir()
	write := func(name, id, record string) string {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		data := `{"providerId": "a.example.net", "providerName": "A", "serviceId": "` + id + `", "serviceName": "S", "version": 1,
 "syncPubKeyDomain": "a.example.net", "syncRedirectDomain": "www.example.net", "records": [` + record + `]}`
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const one, two = `{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 300}`, `{"type": "A", "host": "@", "pointsTo": "192.0.2.2", "ttl": 300}`
	var files []string
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		files = append(files, write("new/a.example.net."+id+".json", id, one))
	}
	old := filepath.Dir(write("old/a.example.net.z.json", "z", one))

	code, _, stderr, err := staticRun(t, StaticOptions{Paths: files, Against: old})
	want := "6 of 6 templates are not in " + old + " and so are new: a.example.net.a.json, a.example.net.b.json, a.example.net.c.json, a.example.net.d.json, a.example.net.e.json, …\n"
	if code != 0 || err != nil || stderr != want {
		t.Errorf("exit code %d, %v, stderr\n%swant\n%s", code, err, stderr, want)
	}

	// A file against a file is the same template under other ids.
	changed := write("new/a.example.net.y.json", "y", two)
	code, stdout, stderr, err := staticRun(t, StaticOptions{Paths: []string{changed}, Against: filepath.Join(old, "a.example.net.z.json")})
	if code != 1 || err != nil || stderr != "" || !strings.Contains(stdout, "TMPL-VERSION-UNCHANGED") {
		t.Errorf("exit code %d, %v, stderr %q\n%s", code, err, stderr, stdout)
	}

	// One that is no template among several is said, and the others count.
	if err := os.WriteFile(filepath.Join(old, "broken.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, stderr, err = staticRun(t, StaticOptions{Paths: files[:1], Against: old})
	if err != nil || !strings.HasPrefix(stderr, "--against: "+filepath.Join(old, "broken.json")+" is no template and so is not compared with\n") {
		t.Errorf("%v, stderr %q", err, stderr)
	}
}

func TestStaticKeepsTheOrderOfFiles(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"z.json", "a.json"} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(`{"providerId": "`+name+`.example.net"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	_, stdout, _, err := staticRun(t, StaticOptions{Paths: files})
	if err != nil {
		t.Fatal(err)
	}
	if z, a := strings.LastIndex(stdout, "z.json:"), strings.Index(stdout, "a.json:1"); z < 0 || a < z {
		t.Errorf("a.json at %d comes before z.json at %d:\n%s", a, z, stdout)
	}
}
