package consent

import (
	"slices"
	"strings"
)

// Recipe says how the parts of a provider's pages are found. It is data, so
// that a provider with other pages needs another recipe and no other code.
type Recipe struct {
	// User and Password are fields of the sign-in page, SignIn its button.
	User, Password, SignIn Role
	// Details opens what a consent page hides; it is optional.
	Details Role
	// Confirm and Cancel are the buttons of the consent page.
	Confirm, Cancel Role
}

// Role describes one control by what users and scripts know it by. Texts are
// compared without regard to case and to outer space. Of several matches the
// strongest wins (a value, a whole label, a name, the beginning of a label, a
// type), then the first on the page.
type Role struct {
	// Names are values of the name or id attribute.
	Names []string
	// Values are values of the value attribute.
	Values []string
	// Labels are accessible names, or beginnings of them at a word boundary.
	Labels []string
	// Types are values of the type attribute of an input.
	Types []string
	// Links lets an <a> play the role.
	Links bool
}

// DefaultRecipe finds the controls of pages in English that use the usual
// names.
func DefaultRecipe() Recipe {
	return Recipe{
		User: Role{
			Names:  []string{"user", "username", "login", "email", "user_name", "userid", "loginid", "identifier", "account"},
			Labels: []string{"user", "user name", "username", "email", "e-mail", "login", "account", "customer number"},
			Types:  []string{"email"},
		},
		Password: Role{Types: []string{"password"}},
		SignIn: Role{
			Labels: []string{"sign in", "log in", "login", "signin", "continue", "next", "submit"},
			Values: []string{"login", "signin", "sign-in"},
			Types:  []string{"submit"},
		},
		Details: Role{Labels: []string{"details", "show details", "show records", "records", "more"}},
		Confirm: Role{
			Values: []string{"confirm", "approve", "accept", "allow", "authorize"},
			Labels: []string{"confirm", "approve", "allow", "authorize", "authorise", "accept", "apply", "connect", "agree", "yes"},
		},
		Cancel: Role{
			Values: []string{"cancel", "deny", "decline", "reject"},
			Labels: []string{"cancel", "deny", "decline", "reject", "abort", "do not allow", "don't allow", "no"},
			Links:  true,
		},
	}
}

// Strengths of a match.
const (
	matchNone = iota
	matchType
	matchPrefix
	matchName
	matchLabel
	matchValue
)

// score is how well a control plays the role.
func (r Role) score(c *control) int {
	if c.tag == "a" && !r.Links {
		return matchNone
	}
	label := fold(c.label)
	switch {
	case contains(r.Values, c.value) && c.button():
		return matchValue
	case contains(r.Labels, label):
		return matchLabel
	case contains(r.Names, c.name) || contains(r.Names, c.id):
		return matchName
	case slices.ContainsFunc(r.Labels, func(l string) bool { return beginsWith(label, fold(l)) }):
		return matchPrefix
	case contains(r.Types, c.typ):
		return matchType
	}
	return matchNone
}

// find returns the best control among those that eligible admits.
func (r Role) find(all []*control, eligible func(*control) bool) *control {
	var best *control
	most := matchNone
	for _, c := range all {
		if c.hidden || c.disabled || !eligible(c) {
			continue
		}
		if s := r.score(c); s > most {
			best, most = c, s
		}
	}
	return best
}

func contains(list []string, s string) bool {
	s = fold(s)
	return s != "" && slices.ContainsFunc(list, func(l string) bool { return fold(l) == s })
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

// parts are the controls of a page that a recipe found.
type parts struct {
	user, password, signIn    *control
	details, confirm, refusal *control
}

// find looks for every role. The sign-in button is looked for in the form of
// the password alone, since pages have other forms.
func (r Recipe) find(d *document) parts {
	var p parts
	p.password = r.Password.find(d.controls, (*control).field)
	sameForm := func(c *control) bool { return p.password == nil || c.form == p.password.form }
	p.user = r.User.find(d.controls, func(c *control) bool { return c.field() && c.typ != "password" && sameForm(c) })
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
		p.signIn = r.SignIn.find(d.controls, func(c *control) bool { return c.button() && c.form == at.form })
	}
	press := func(c *control) bool { return c.button() || c.tag == "a" }
	p.confirm = r.Confirm.find(d.controls, press)
	p.refusal = r.Cancel.find(d.controls, press)
	p.details = r.Details.find(d.controls, func(c *control) bool { return c.tag == "summary" || c.button() })
	return p
}
