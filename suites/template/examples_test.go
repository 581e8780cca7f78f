package template

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

var update = flag.Bool("update", false, "write what the rules say into the examples; read every line before you commit it")

// example is what one rule says in one edition: templates that it condemns,
// with its findings, and templates that it does not.
type example struct {
	bad, against, good []Source
	want               string
	wantAt             int
}

// readExamples takes an archive apart. Files are bad/…, against/…, good/… and
// want, each with @edition behind the first word when it is not the newest.
func readExamples(t *testing.T, archive *txtar.Archive) map[string]*example {
	t.Helper()
	editions := map[string]*example{}
	for i, f := range archive.Files {
		kind, name, _ := strings.Cut(f.Name, "/")
		kind, edition, _ := strings.Cut(kind, "@")
		if editions[edition] == nil {
			editions[edition] = &example{wantAt: -1}
		}
		e := editions[edition]
		s := Source{File: name, Data: f.Data}
		switch kind {
		case "bad":
			e.bad = append(e.bad, s)
		case "good":
			e.good = append(e.good, s)
		case "against":
			e.against = append(e.against, s)
		case "want":
			e.want, e.wantAt = string(f.Data), i
		default:
			t.Fatalf("%s: files are bad/…, good/…, against/… and want", f.Name)
		}
	}
	return editions
}

// saidBy lists what one rule has against sources.
func saidBy(id string, sources, against []Source, o Options) string {
	findings := CheckAll(sources, o)
	for _, s := range against {
		earlier, err := dc.Parse("earlier/"+s.File, s.Data)
		if err != nil {
			return err.Error()
		}
		for _, now := range sources {
			if t, err := dc.Parse(now.File, now.Data); err == nil && t.ID() == earlier.ID() {
				findings = append(findings, CheckChange(earlier, t, o)...)
			}
		}
	}
	var b strings.Builder
	for _, f := range findings {
		if f.Rule == id {
			b.WriteString(f.String() + "\n")
		}
	}
	return b.String()
}

// Every rule has templates that it condemns, at a place, and ones that it
// leaves alone and that have no error at all.
func TestRulesByExample(t *testing.T) {
	for _, rule := range Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			file := filepath.Join("testdata", "rules", rule.ID+".txtar")
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatalf("the rule has no examples: %v", err)
			}
			for word, e := range readExamples(t, archive) {
				edition, err := dc.ParseEdition(word)
				if err != nil {
					t.Fatal(err)
				}
				o := Options{Edition: edition, Profile: rule.Profile}
				if len(e.bad) > 0 {
					said := saidBy(rule.ID, e.bad, e.against, o)
					if *update && e.wantAt >= 0 {
						archive.Files[e.wantAt].Data = []byte(said)
					} else if said == "" || said != e.want {
						t.Errorf("%s: says\n%swant\n%s", edition, said, e.want)
					}
				}
				for _, s := range e.good {
					checkGood(t, rule.ID, s, e.against, o)
				}
				if word == "" && (len(e.bad) == 0 || len(e.good) == 0) && slices.Contains(applicable(rule), dc.IETF05) {
					t.Error("needs a bad and a good template in the newest edition")
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func applicable(r Rule) []dc.Edition {
	if r.Editions == nil {
		return []dc.Edition{dc.IETF05, dc.DCSpec23}
	}
	return r.Editions
}

func checkGood(t *testing.T, id string, s Source, against []Source, o Options) {
	t.Helper()
	if said := saidBy(id, []Source{s}, against, o); said != "" {
		t.Errorf("%s: the good template %s is condemned:\n%s", o.Edition, s.File, said)
	}
	findings, parsed := CheckSource(s, o)
	if parsed == nil {
		t.Errorf("%s: the good template %s is none: %v", o.Edition, s.File, findings)
	}
	for _, f := range findings {
		if f.Level == Error {
			t.Errorf("%s: the good template has an error: %s", o.Edition, f)
		}
	}
}

// Examples without a rule are of a rule that was renamed, and ids never
// change.
func TestNoExamplesWithoutRule(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "rules", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples (%v)", err)
	}
	for _, f := range files {
		id := strings.TrimSuffix(filepath.Base(f), ".txtar")
		if _, ok := Find(id); !ok {
			t.Errorf("%s: no rule has this id", f)
		}
	}
}
