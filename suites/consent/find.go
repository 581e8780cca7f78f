package consent

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html/atom"

	"github.com/dcconform/dcconform/fixtures/recipes"
)

// Recipe says how the parts of a provider's pages are found; see package
// recipes.
type Recipe = recipes.Recipe

// Role describes one control by what users and scripts know it by.
type Role = recipes.Role

// DefaultRecipe finds the controls of pages that nobody has described.
func DefaultRecipe() (Recipe, error) { return recipes.Default() }

// finder is a recipe made ready for use in flows.
type finder struct {
	user, password, signIn   *role
	details, confirm, cancel *role
	never                    []string
	ignore                   cascadia.Matcher
	steps                    []step
	scripts                  bool
	// extra are the elements that are controls because the recipe names them.
	extra []cascadia.Matcher
}

// role is a Role made ready: texts folded, selectors compiled.
type role struct {
	css, within                  cascadia.SelectorGroup
	names, values, labels, types []string
	links, absent                bool
}

// defaultFinder is made once: most flows use it.
var defaultFinder = sync.OnceValues(func() (*finder, error) {
	r, err := recipes.Default()
	if err != nil {
		return nil, err
	}
	return newFinder(r, subject{})
})

// subject is what a flow is about, for the placeholders of recipes.
type subject struct{ user, domain, host string }

// fillIn puts the subject into a text, and quoted into a selector.
func (s subject) fillIn(text string) string {
	return strings.NewReplacer("{user}", s.user, "{domain}", s.domain, "{host}", s.host).Replace(text)
}

func (s subject) quoted() subject {
	q := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `'`, `\'`)
	return subject{q.Replace(s.user), q.Replace(s.domain), q.Replace(s.host)}
}

// newFinder compiles a recipe. A recipe that came through the loader has no
// errors left; one that was written in Go may.
func newFinder(r Recipe, about subject) (*finder, error) {
	f := &finder{scripts: r.Scripts}
	for _, word := range r.Never {
		f.never = append(f.never, fold(word))
	}
	if r.Ignore != "" {
		ignore, err := cascadia.ParseGroup(r.Ignore)
		if err != nil {
			return nil, fmt.Errorf("recipe %s: ignore: %w", r.Name, err)
		}
		f.ignore = ignore
	}
	for _, p := range []struct {
		name string
		role Role
		to   **role
	}{
		{"user", r.User, &f.user}, {"password", r.Password, &f.password}, {"signIn", r.SignIn, &f.signIn},
		{"details", r.Details, &f.details}, {"confirm", r.Confirm, &f.confirm}, {"cancel", r.Cancel, &f.cancel},
	} {
		ready, err := f.ready(p.role, about)
		if err != nil {
			return nil, fmt.Errorf("recipe %s: %s: %w", r.Name, p.name, err)
		}
		*p.to = ready
	}
	for _, s := range r.Steps {
		ready, err := f.readyStep(s, about)
		if err != nil {
			return nil, fmt.Errorf("recipe %s: step %s: %w", r.Name, s.Name, err)
		}
		f.steps = append(f.steps, ready)
	}
	return f, nil
}

func (f *finder) ready(r Role, about subject) (*role, error) {
	out := &role{links: r.Links, absent: r.Absent, types: r.Types}
	var err error
	if out.css, err = about.selector(r.CSS); err != nil {
		return nil, err
	}
	if out.within, err = about.selector(r.Within); err != nil {
		return nil, err
	}
	if out.css != nil {
		f.extra = append(f.extra, out.css)
	}
	for _, p := range []struct {
		from []string
		to   *[]string
	}{{r.Names, &out.names}, {r.Values, &out.values}, {r.Labels, &out.labels}} {
		for _, text := range p.from {
			*p.to = append(*p.to, fold(about.fillIn(text)))
		}
	}
	return out, nil
}

func (s subject) selector(text string) (cascadia.SelectorGroup, error) {
	if text == "" {
		return nil, nil
	}
	return cascadia.ParseGroup(s.quoted().fillIn(text))
}

// Strengths of a match.
const (
	matchNone = iota
	matchType
	matchPrefix
	matchName
	matchLabel
	matchValue
	matchSelector
)

// score is how well a control plays the role.
func (r *role) score(c *control) int {
	if r.absent || r.within != nil && !inside(r.within, c) {
		return matchNone
	}
	if r.css != nil && r.css.Match(c.node) {
		return matchSelector
	}
	if c.link() && !r.links && !c.looksPressed() {
		return matchNone
	}
	label := fold(c.label)
	switch {
	case c.button() && c.value != "" && slices.Contains(r.values, fold(c.value)):
		return matchValue
	case label != "" && slices.Contains(r.labels, label):
		return matchLabel
	case c.name != "" && slices.Contains(r.names, fold(c.name)) || c.id != "" && slices.Contains(r.names, fold(c.id)):
		return matchName
	case slices.ContainsFunc(r.labels, func(l string) bool { return beginsWith(label, l) }):
		return matchPrefix
	case slices.Contains(r.types, c.typ):
		return matchType
	}
	return matchNone
}

// inside reports whether a control stands in something smaller than the page.
func inside(what cascadia.Matcher, c *control) bool {
	for n := c.node; n != nil && n.DataAtom != atom.Body; n = n.Parent {
		if what.Match(n) {
			return true
		}
	}
	return false
}

// search returns the best control among those that eligible admits: the
// strongest, real buttons before links, then the first on the page. rivals are
// the others that are as good and do something else.
func (f *finder) search(r *role, d *document, eligible func(*control) bool) (best *control, rivals []*control) {
	most := matchNone
	var equals []*control
	for _, c := range d.controls {
		if c.hidden || c.disabled {
			continue
		}
		s := r.score(c)
		if s == matchNone || s < matchSelector && (!eligible(c) || r.within == nil && f.ignores(c)) {
			continue
		}
		s *= 2
		if !c.link() {
			s++
		}
		switch {
		case s > most:
			best, most, equals = c, s, nil
		case s == most && !c.does(best):
			equals = append(equals, c)
		}
	}
	return best, equals
}

func (f *finder) ignores(c *control) bool { return f.ignore != nil && inside(f.ignore, c) }

// does reports whether two controls do the same: pages repeat buttons above
// and below a long list.
func (c *control) does(other *control) bool {
	same := c.tag == other.tag && c.typ == other.typ && c.form == other.form && c.name == other.name && c.href == other.href && c.formAction == other.formAction
	if !same || c.field() {
		return false
	}
	if c.form == nil && c.href == "" {
		return false // what a script does with each is unknown
	}
	return c.value == other.value
}

// forbidden reports whether the name of a control has a word that keeps it
// from being pressed.
func (f *finder) forbidden(c *control) bool {
	label := fold(c.label)
	return slices.ContainsFunc(f.never, func(word string) bool { return hasWord(label, word) })
}

func hasWord(label, word string) bool {
	for from := 0; ; {
		i := strings.Index(label[from:], word)
		if i < 0 || word == "" {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || !isWord(label[i-1])) && (end == len(label) || !isWord(label[end])) {
			return true
		}
		from = i + 1
	}
}

func beginsWith(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || prefix == "" {
		return false
	}
	return rest == "" || !isWord(rest[0])
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c >= 0x80
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
