package consent

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dcconform/dcconform/fixtures/recipes"
)

// fewestPages is how many pages the corpus has at least.
const fewestPages = 25

// CorpusPage is one hand-written page and what has to be found on it.
type CorpusPage struct {
	Name   string
	HTML   []byte
	Want   map[string]string
	Recipe Recipe
}

// wanted are the keys of a want section; those with true must be there.
//
//	confirm, cancel  the selector of what is found; none; several with "or"
//	form: no         what is pressed needs a script
//	approves         "browser" where a script lets only that driver confirm
//	sends            the form's data, as confirming sends it
//	shows            text that stands on the page once its details are open
var wanted = map[string]bool{"confirm": true, "cancel": true, "form": false, "approves": false, "sends": false, "shows": false}

// Corpus reads the pages, for the tests of both packages.
func Corpus(t *testing.T) []CorpusPage {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "pages", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < fewestPages {
		t.Fatalf("%d pages, want at least %d", len(files), fewestPages)
	}
	var all []CorpusPage
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := CorpusPage{Name: strings.TrimSuffix(filepath.Base(file), ".txtar"), Want: map[string]string{}}
		if p.Recipe, err = recipes.Default(); err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			switch f.Name {
			case "page.html":
				p.HTML = f.Data
			case "recipe.yaml":
				if p.Recipe, err = recipes.Parse(file, f.Data); err != nil {
					t.Fatal(err)
				}
			case "want":
				for line := range strings.Lines(string(f.Data)) {
					key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
					if _, known := wanted[key]; !ok || !known {
						t.Fatalf("%s: unknown line %q", file, line)
					}
					p.Want[key] = value
				}
			default:
				t.Fatalf("%s: unknown section %q", file, f.Name)
			}
		}
		for key, must := range wanted {
			if must && p.Want[key] == "" {
				t.Fatalf("%s wants no %s", file, key)
			}
		}
		if len(strings.TrimSpace(string(a.Comment))) == 0 || len(p.HTML) == 0 {
			t.Fatalf("%s has no description or no page", file)
		}
		all = append(all, p)
	}
	return all
}

// A step is for pages before the button or behind it, and says where.
func TestWhenAStepApplies(t *testing.T) {
	about := subject{user: "alice", domain: "example.com"}
	v := &view{url: "https://p.test/account/choose", doc: parse([]byte(`<main><p>Which  Account?</p><button>Go on</button></main>`), false)}
	press := []recipes.Action{{Verb: recipes.Press, Role: Role{Labels: []string{"go on"}}}}
	for _, c := range []struct {
		step    recipes.Step
		pressed bool
		want    bool
	}{
		{recipes.Step{Do: press}, false, true},
		{recipes.Step{Do: press}, true, false},
		{recipes.Step{Do: press, When: recipes.When{Pressed: true}}, false, false},
		{recipes.Step{Do: press, When: recipes.When{Pressed: true}}, true, true},
		{recipes.Step{Do: press, When: recipes.When{URL: "/choose"}}, false, true},
		{recipes.Step{Do: press, When: recipes.When{URL: "/choice"}}, false, false},
		{recipes.Step{Do: press, When: recipes.When{Text: "which account"}}, false, true},
		{recipes.Step{Do: press, When: recipes.When{Text: "which domain"}}, false, false},
		{recipes.Step{Do: press, When: recipes.When{CSS: "main > p"}}, false, true},
		{recipes.Step{Do: press, When: recipes.When{CSS: "main > a"}}, false, false},
		{recipes.Step{Do: append(press, recipes.Action{Verb: recipes.Tick, Role: Role{Labels: []string{"go on"}}})}, false, false},
	} {
		f := &finder{}
		s, err := f.readyStep(c.step, about)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.applies(s, v, c.pressed); got != c.want {
			t.Errorf("%+v after the button %v: applies %v", c.step, c.pressed, got)
		}
	}
}

// On every page the right control is found, and a selector that finds nothing
// else.
func TestCorpus(t *testing.T) {
	for _, p := range Corpus(t) {
		f, err := newFinder(p.Recipe, subject{user: "alice", domain: "example.com"})
		if err != nil {
			t.Fatal(err)
		}
		d := parse(p.HTML, false, f.extra...)
		got := f.find(d)
		for role, pair := range map[string]struct {
			c      *control
			rivals []*control
		}{"confirm": {got.confirm, got.confirmRivals}, "cancel": {got.refusal, got.refusalRivals}} {
			found := "none"
			if pair.c != nil {
				found = d.selectorOf(pair.c.node)
			}
			for _, r := range pair.rivals {
				found += " or " + d.selectorOf(r.node)
			}
			if found != p.Want[role] {
				t.Errorf("%s: %s is %s, want %s", p.Name, role, found, p.Want[role])
			}
		}
		for _, c := range d.controls {
			if s := d.selectorOf(c.node); !d.only(s, c.node) {
				t.Errorf("%s: %s does not find %q alone", p.Name, s, c.label)
			}
		}
	}
}
