package consent

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"

	"github.com/dcconform/dcconform/fixtures/recipes"
)

// step is a recipes.Step made ready.
type step struct {
	name      string
	url, text string
	css       cascadia.Matcher
	pressed   bool
	times     int
	do        []action
}

type action struct {
	verb recipes.Verb
	role *role
	text string
}

func (f *finder) readyStep(s recipes.Step, about subject) (step, error) {
	out := step{
		name: s.Name, url: about.fillIn(s.When.URL), text: fold(about.fillIn(s.When.Text)),
		pressed: s.When.Pressed, times: max(s.Times, 1),
	}
	css, err := about.selector(s.When.CSS)
	if err != nil {
		return step{}, err
	}
	if css != nil {
		out.css = css
	}
	for _, a := range s.Do {
		r, err := f.ready(a.Role, about)
		if err != nil {
			return step{}, err
		}
		out.do = append(out.do, action{verb: a.Verb, role: r, text: about.fillIn(a.Text)})
	}
	return out, nil
}

// applies reports whether the conditions of a step hold and all its controls
// are on the page.
func (f *finder) applies(s step, v *view, pressed bool) bool {
	if s.pressed != pressed || !strings.Contains(v.url, s.url) || !strings.Contains(fold(v.doc.text), s.text) {
		return false
	}
	if s.css != nil && (v.doc.root == nil || cascadia.Query(v.doc.root, s.css) == nil) {
		return false
	}
	return !slices.ContainsFunc(s.do, func(a action) bool {
		c, _ := f.search(a.role, v.doc, a.eligible)
		return c == nil
	})
}

// eligible says what an action can be done to.
func (a action) eligible(c *control) bool {
	switch a.verb {
	case recipes.Press, recipes.Dismiss:
		return c.button() || c.link()
	case recipes.Tick:
		return c.typ == "checkbox" || c.typ == "radio"
	case recipes.Choose:
		return c.tag == "select"
	}
	return c.field()
}

// between does what the recipe says of a page that lies between others. It
// returns nil where there is nothing to do, else the page as it is then.
func (f *flow) between(ctx context.Context, v *view) (*view, error) {
	for i, s := range f.finder.steps {
		if f.did[i] >= s.times || !f.finder.applies(s, v, f.out.Pressed) {
			continue
		}
		f.did[i]++
		next, err := f.carryOut(ctx, s, v)
		if err != nil {
			return nil, fmt.Errorf("step %q: %w", s.name, err)
		}
		return next, nil
	}
	return nil, nil
}

func (f *flow) carryOut(ctx context.Context, s step, v *view) (*view, error) {
	var err error
	for _, a := range s.do {
		c, _ := f.finder.search(a.role, v.doc, a.eligible)
		if c == nil {
			return nil, fmt.Errorf("%w: %s has nothing to %s after the actions before it", ErrControl, v.url, a.verb)
		}
		switch a.verb {
		case recipes.Press:
			f.see(Between, v)
			return f.press(ctx, c)
		case recipes.Dismiss:
			v, err = f.reveal(ctx, c)
		case recipes.Tick:
			if !c.checked {
				err = f.tick(ctx, c)
			}
		case recipes.Choose:
			err = f.choose(ctx, c, a.text)
		case recipes.Fill:
			err = f.fill(ctx, c, a.text)
		}
		if err != nil {
			return nil, err
		}
	}
	return f.again(ctx)
}
