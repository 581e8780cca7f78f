package reports

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ranReport leaves a report with evidence in a folder.
func ranReport(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	a := planned("a", SubjectTemplate, MUST)
	r := newRun(a)
	d := mustCreate(t, out, r)
	res := result(a, Fail)
	res.Failure = &Failure{Clause: "It holds (section 5).", Actual: "it does not"}
	if err := d.Store().Keep(&res, Item{Kind: "observation", Title: "www A", Content: []byte("www 300 IN A 192.0.2.1\n")}); err != nil {
		t.Fatal(err)
	}
	r.Results = append(r.Results, res)
	r.Finish(finished)
	if err := d.Finish(r); err != nil {
		t.Fatal(err)
	}
	return out
}

func rendered(t *testing.T, from, to string) *Run {
	t.Helper()
	r, err := Open(from)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Render(r, from, to, Writers()); err != nil {
		t.Fatal(err)
	}
	return r
}

// What render writes is what the run wrote, byte by byte, evidence included.
func TestRenderedAsRun(t *testing.T) {
	from := ranReport(t)
	to := filepath.Join(t.TempDir(), "deep", "to")
	r := rendered(t, from, to)
	if got := names(t, to); !slices.Equal(got, names(t, from)) || len(got) != 6 {
		t.Errorf("%v, want %v", got, names(t, from))
	}
	for _, name := range names(t, from) {
		want, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(to, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is another one: %v", name, err)
		}
	}
	// Again, and into the same place.
	rendered(t, to, to)
	page, err := os.ReadFile(filepath.Join(to, HTMLFile))
	if err != nil || !bytes.Contains(page, []byte("www 300 IN A 192.0.2.1")) || len(r.Results) != 1 {
		t.Errorf("the evidence is not shown: %v", err)
	}
}

// With nothing but report.json the formats name the evidence and show none; so
// they do with evidence that was changed, or that leads elsewhere.
func TestRenderedWithoutEvidence(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, from string){
		"gone": func(t *testing.T, from string) {
			if err := os.RemoveAll(filepath.Join(from, EvidenceFolder)); err != nil {
				t.Fatal(err)
			}
		},
		"changed": func(t *testing.T, from string) {
			list, err := filepath.Glob(filepath.Join(from, EvidenceFolder, "*"))
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			write(t, list[0], "www 300 IN A 192.0.2.1 \n")
		},
		"elsewhere": func(t *testing.T, from string) {
			file := filepath.Join(from, ReportFile)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			at := strings.Index(string(text), `"evidence/`)
			end := at + 1 + strings.Index(string(text[at+1:]), `"`)
			// Its digest is right, and it is none of the report's evidence.
			secret := "SECRET OF ANOTHER FILE"
			name := fmt.Sprintf("%x.txt", sha256.Sum256([]byte(secret)))
			write(t, file, string(text[:at])+`"evidence/../`+name+string(text[end:]))
			write(t, filepath.Join(from, name), secret)
		},
	} {
		from, to := ranReport(t), t.TempDir()
		spoil(t, from)
		rendered(t, from, to)
		page, err := os.ReadFile(filepath.Join(to, HTMLFile))
		if err != nil || !bytes.Contains(page, []byte("it does not")) || bytes.Contains(page, []byte("SECRET")) || bytes.Contains(page, []byte(`<pre>www 300 IN A`)) {
			t.Errorf("%s: %v", name, err)
		}
		if got := names(t, to); len(got) != 5 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRenderRefusesAForeignFolder(t *testing.T) {
	from, to := ranReport(t), t.TempDir()
	write(t, filepath.Join(to, "thesis.txt"), "years of work")
	r, err := Open(from)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Render(r, from, to, Writers())
	var foreign *NotOursError
	if !errors.As(err, &foreign) || foreign.Found != "thesis.txt" {
		t.Error(err)
	}
	if got := names(t, to); !slices.Equal(got, []string{"thesis.txt"}) {
		t.Errorf("%v", got)
	}
}

// What a case saw is told from what changes with every request.
func TestSaw(t *testing.T) {
	exchange := func(method, path, status string) Item {
		return Item{Kind: "exchange", Title: "t", Content: []byte(method + " https://127.0.0.1:1/" + path + "\nCookie: a\n\nHTTP/1.1 " + status + "\nDate: now\n")}
	}
	zone := func(text string) Item { return Item{Kind: "zone", Title: "z", Content: []byte(text)} }
	base := saw("", []Item{exchange("GET", "a?x=1", "303 See Other"), zone("a. 300 IN TXT \"127.0.0.1:4711/t\"")})
	for name, c := range map[string]struct {
		items []Item
		same  bool
	}{
		"another port, path and date": {[]Item{exchange("GET", "b", "303 Other"), zone("a. 300 IN TXT \"127.0.0.1:4712/t\"")}, true},
		"a link and a screenshot":     {[]Item{exchange("GET", "a", "303"), {Kind: "link", Content: []byte("x")}, zone("a. 300 IN TXT \"127.0.0.1:1/t\""), {Kind: "screenshot"}}, true},
		"another status":              {[]Item{exchange("GET", "a", "302 Found"), zone("a. 300 IN TXT \"127.0.0.1:4711/t\"")}, false},
		"another method":              {[]Item{exchange("POST", "a", "303"), zone("a. 300 IN TXT \"127.0.0.1:4711/t\"")}, false},
		"another record":              {[]Item{exchange("GET", "a", "303"), zone("a. 301 IN TXT \"127.0.0.1:4711/t\"")}, false},
		"less":                        {[]Item{exchange("GET", "a", "303")}, false},
		"another order":               {[]Item{zone("a. 300 IN TXT \"127.0.0.1:4711/t\""), exchange("GET", "a", "303")}, false},
	} {
		if got := saw("", c.items); (got == base) != c.same {
			t.Errorf("%s: the same is %v", name, got == base)
		}
	}
	if got := saw(saw("", []Item{exchange("GET", "a", "303")}), []Item{zone("a. 300 IN TXT \"127.0.0.1:1/t\"")}); got != base {
		t.Error("kept in two steps it is another digest")
	}
	for text, want := range map[string]string{"GET x\n\nHTTP/2.0 404 Not Found": "GET 404", "GET x": "GET without an answer", "GET x\nHTTP/1.1": "GET without a status"} {
		if got := methodAndStatus(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
