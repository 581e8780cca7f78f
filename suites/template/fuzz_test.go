package template

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
)

// exampleFiles are all templates of the examples.
func exampleFiles(tb testing.TB) [][]byte {
	tb.Helper()
	archives, err := filepath.Glob(filepath.Join("testdata", "rules", "*.txtar"))
	if err != nil || len(archives) == 0 {
		tb.Fatalf("no examples (%v)", err)
	}
	var files [][]byte
	for _, a := range archives {
		archive, err := txtar.ParseFile(a)
		if err != nil {
			tb.Fatal(err)
		}
		for _, f := range archive.Files {
			if !strings.HasPrefix(f.Name, "want") {
				files = append(files, f.Data)
			}
		}
	}
	return files
}

// Whatever a file holds, every finding is of a known rule that applies, has a
// place in the file, and says what to do.
func FuzzCheckSource(f *testing.F) {
	for _, data := range exampleFiles(f) {
		f.Add(data, false)
		f.Add(data, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, old bool) {
		o := Options{Profile: ProfileCloudflare}
		if old {
			o.Edition = dc.DCSpec23
		}
		lines := strings.Split(string(data), "\n")
		findings, parsed := CheckSource(Source{File: "f.json", Data: data}, o)
		if parsed == nil && len(findings) == 0 {
			t.Error("no template, and nothing says why")
		}
		errors := 0
		for _, found := range findings {
			rule, ok := Find(found.Rule)
			switch {
			case !ok || !rule.Applies(o):
				t.Errorf("%s does not apply", found.Rule)
			case found.Line < 1 || found.Line > len(lines) || found.Column < 1 || found.Column > len(lines[found.Line-1])+1:
				t.Errorf("no such place: %s", found)
			case found.Message == "" || found.Mend == "" || found.File != "f.json" || found.Level < Info || found.Level > Error:
				t.Errorf("incomplete: %+v", found)
			case parsed != nil && found.Record > 0 && found.Record > len(parsed.Records):
				t.Errorf("no such record: %s", found)
			}
			if strings.ContainsAny(found.String(), "\n\r\x1b") {
				t.Errorf("more than a line: %q", found.String())
			}
			if found.Level == Error {
				errors++
			}
		}
		if parsed == nil && errors == 0 && !old {
			t.Errorf("no template, and no error: %v", findings)
		}
	})
}

// Findings do not depend on what else is judged, nor on how often.
func TestCheckIsPure(t *testing.T) {
	for _, data := range exampleFiles(t) {
		s := Source{File: "f.json", Data: data}
		first, _ := CheckSource(s, Options{})
		CheckSource(Source{File: "other.json", Data: build("warnPhishing", "true")}, Options{Edition: dc.DCSpec23})
		again, _ := CheckSource(s, Options{})
		if len(first) != len(again) {
			t.Fatalf("%d findings, then %d", len(first), len(again))
		}
		for i := range first {
			if first[i] != again[i] {
				t.Errorf("%s, then %s", first[i], again[i])
			}
		}
	}
}

// BenchmarkCheckAll judges the embedded templates; ns/file is what an editor
// waits for.
func BenchmarkCheckAll(b *testing.B) {
	embedded, err := fixtures.Templates()
	if err != nil {
		b.Fatal(err)
	}
	sources := make([]Source, len(embedded))
	for i, f := range embedded {
		sources[i] = Source{File: f.Name, Data: f.Data}
	}
	for b.Loop() {
		if len(CheckAll(sources, Options{})) == 0 {
			b.Fatal("nothing found")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(sources)), "ns/file")
}
