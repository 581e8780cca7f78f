package dc

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seeds loads the files of a seed folder; an empty one fails.
func seeds(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", filepath.FromSlash(pattern)))
	if err != nil || len(files) == 0 {
		t.Fatalf("no seeds in testdata/%s: %v", pattern, err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = data
	}
	return out
}

// TestSeeds holds the seed corpora to what their names promise: files named
// bad-… do not parse, the others do.
func TestSeeds(t *testing.T) {
	for name, src := range seeds(t, "templates/*.json") {
		_, err := Parse(name, src)
		if bad := strings.HasPrefix(name, "bad-"); bad != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range seeds(t, "queries/*.txt") {
		_, err := ParseQuery(strings.TrimSpace(string(raw)), false)
		if bad := strings.HasPrefix(name, "bad-"); bad != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, src := range seeds(f, "templates/*.json") {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tmpl, err := Parse("fuzz.json", src)
		if (tmpl == nil) == (err == nil) {
			t.Fatalf("template %v and error %v", tmpl, err)
		}
		var ps Problems
		if err != nil && (!errors.As(err, &ps) || len(ps) == 0 || err.Error() == "") {
			t.Fatalf("the error is %T %v", err, err)
		}
		lines := strings.Split(string(src), "\n")
		for _, p := range ps {
			if p.Class == ProblemTooLarge {
				continue
			}
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len(lines[p.Line-1])+1 {
				t.Fatalf("no such place: %v", p)
			}
			if p.Message == "" || p.Class == "" {
				t.Fatalf("unexplained: %+v", p)
			}
		}
		if tmpl == nil {
			return
		}
		if len(tmpl.ProviderID) == 0 || len(tmpl.ProviderID) > MaxIDLength || string(tmpl.Raw) != string(src) {
			t.Fatalf("accepted: %+v", tmpl)
		}
		for i, r := range tmpl.Records {
			if r.Index != i || r.Pos.Line < 1 || r.Type == "" {
				t.Fatalf("record %d is %+v", i, r)
			}
		}
	})
}

// FuzzParseQuery holds ParseQuery against net/url, which decodes values the
// same way once plus is a space.
func FuzzParseQuery(f *testing.F) {
	for _, raw := range seeds(f, "queries/*.txt") {
		f.Add(strings.TrimSpace(string(raw)), true)
		f.Add(strings.TrimSpace(string(raw)), false)
	}
	f.Fuzz(func(t *testing.T, raw string, plus bool) {
		q, err := ParseQuery(raw, plus)
		if err != nil {
			if !errors.Is(err, &Error{Class: ErrRequest}) {
				t.Fatalf("the error is %T %v", err, err)
			}
			return
		}
		if q.Raw() != raw {
			t.Fatalf("Raw is %q", q.Raw())
		}
		for _, p := range q.Pairs() {
			decode := url.PathUnescape
			if plus {
				decode = url.QueryUnescape
			}
			name, err1 := decode(p.RawName)
			value, err2 := decode(p.RawValue)
			if err1 != nil || err2 != nil || name != p.Name || value != p.Value {
				t.Fatalf("%+v, want %q %q (%v %v)", p, name, value, err1, err2)
			}
			if !q.Has(p.Name) || !strings.Contains(raw, p.RawName) || !strings.Contains(raw, p.RawValue) {
				t.Fatalf("%+v is not of %q", p, raw)
			}
		}
	})
}
