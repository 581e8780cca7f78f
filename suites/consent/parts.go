package consent

import (
	"fmt"
	"slices"
	"strings"
)

// parts are the controls of a page that a recipe found.
type parts struct {
	user, password, signIn    *control
	details, confirm, refusal *control
	// confirmRivals and refusalRivals are controls that could be it as well.
	confirmRivals, refusalRivals []*control
}

// find looks for every role. The sign-in button is looked for in the form of
// the password alone, since pages have other forms.
func (f *finder) find(d *document) parts {
	var p parts
	p.password, _ = f.search(f.password, d, (*control).field)
	sameForm := func(c *control) bool { return p.password == nil || c.form == p.password.form }
	p.user, _ = f.search(f.user, d, func(c *control) bool { return c.field() && c.typ != "password" && sameForm(c) })
	if p.user == nil && p.password != nil {
		// The only other field of the form is the user's, whatever its name.
		for _, c := range d.controls {
			if c.field() && c.typ != "password" && !c.hidden && sameForm(c) {
				p.user = c
				break
			}
		}
	}
	at := p.password
	if at == nil {
		at = p.user
	}
	if at != nil {
		p.signIn, _ = f.search(f.signIn, d, func(c *control) bool { return c.button() && c.form == at.form })
	}
	press := func(c *control) bool { return (c.button() || c.link()) && !f.forbidden(c) }
	p.confirm, p.confirmRivals = f.search(f.confirm, d, press)
	p.refusal, p.refusalRivals = f.search(f.cancel, d, press)
	p.details, _ = f.search(f.details, d, (*control).opens)
	if p.confirm == nil && at == nil && p.refusal != nil && !f.confirm.absent {
		p.confirm = f.remaining(d, p)
	}
	return p
}

// remaining is the button that is left when the one that cancels is known: the
// only other one that sends its form. Where there are two, nobody can tell.
func (f *finder) remaining(d *document, p parts) *control {
	if p.refusal.form == nil || p.refusalRivals != nil {
		return nil
	}
	var left *control
	for _, c := range d.controls {
		if !c.submits() || c.form != p.refusal.form || c.does(p.refusal) || c.hidden || c.disabled || f.ignores(c) {
			continue
		}
		if left != nil && !c.does(left) || f.forbidden(c) {
			return nil
		}
		left = c
	}
	return left
}

// maxListed bounds what a message lists.
const maxListed = 8

// candidates is a part of a message: controls with a line for the recipe.
func (d *document) candidates(list []*control) string {
	var b strings.Builder
	for i, c := range list {
		if i == maxListed {
			fmt.Fprintf(&b, "\n  and %d more", len(list)-maxListed)
			break
		}
		fmt.Fprintf(&b, "\n  %s %q: css: %s", c.what(), c.label, yamlQuoted(d.selectorOf(c.node)))
	}
	return b.String()
}

// pressable are the controls that somebody could press on a page, but for
// those whose part is known.
func (f *finder) pressable(d *document, known ...*control) []*control {
	var out []*control
	for _, c := range d.controls {
		if (c.button() || c.link() && c.looksPressed()) && !c.hidden && !c.disabled &&
			!f.ignores(c) && !f.forbidden(c) && !slices.Contains(known, c) {
			out = append(out, c)
		}
	}
	return out
}

// what names the kind of a control for people.
func (c *control) what() string {
	switch {
	case c.link() && !c.looksPressed():
		return "link"
	case c.button(), c.link():
		return "button"
	}
	return c.tag
}

func yamlQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
