package template

import (
	"fmt"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-HOST-SYNTAX", Title: "host is no name", Level: Error, DCTL: []string{"DCTL1027", "DCTL1005"},
		Requirements: []string{"DC-TMPL-HOST-SYNTAX"},
		Why:          `DNS or the provider cannot write the name. "@" means the root only when it stands alone: "www.@" is rendered by some providers and refused by others. A name outside ASCII is a warning.`,
		Mend:         `Write "@", or labels with dots between them: letters, digits, hyphens inside a label, underscores, %variables%, and * as the whole first label.`,
		Differs:      `The linter knows a set of characters alone, so that "a..b", hyphens at the end of a label and long labels pass, while "*.sub", which is legal, does not. It does not look at name.`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				name, host := hostField(r)
				if why := hostProblem(host); why != "" {
					f := p.record(r, name, "%s %s %s", name, quoted(host), why)
					if strings.Contains(why, "outside ASCII") {
						f.Level, f.Mend = Warning, "Write internationalised labels as A-labels (xn--)."
					}
					switch {
					case name == "host" && linterIllegal(host):
					case name == "host" && len([]rune(host)) > 255:
						f.DCTL = "DCTL1005"
					default:
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-HOST-OUTSIDE", Title: "host is outside every customer's zone", Level: Error,
		Requirements: []string{"DC-TMPL-HOST-SYNTAX"},
		Why:          "A name with a trailing dot is absolute. It is in the customer's zone only when it ends in %domain%. or %fqdn%.",
		Mend:         "Delete the trailing dot, or write %domain%. at the end.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				name, host := hostField(r)
				if !strings.HasSuffix(host, ".") {
					return
				}
				ps := pieces(strings.TrimSuffix(host, "."))
				if len(ps) == 0 || ps[len(ps)-1].variable == "" {
					p.record(r, name, "%s %s is absolute and in no customer's zone", name, quoted(host))
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-HOST-NO-DOT", Title: "host ends in the domain without a trailing dot", Level: Error,
		Why:  "A host without a trailing dot is relative, so the domain is written twice: www.example.com.example.com.",
		Mend: "Write the trailing dot, or leave the domain out.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				name, host := hostField(r)
				for _, v := range []string{"%domain%", "%fqdn%"} {
					if strings.HasSuffix(host, v) {
						p.record(r, name, "%s %s has no trailing dot: the domain is written twice", name, quoted(host))
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-HOST-VARIABLE", Title: "%host% stands in a record", Level: Warning, DCTL: []string{"DCTL1024"},
		Why:     "A relative host is put in front of the host parameter by itself, so %host% doubles it; and without a sub-domain %host% is empty.",
		Mend:    `Write "@" in host and %fqdn% in values.`,
		Differs: "The linter has this as information, and looks for the text alone: it takes the host between %x%host%y% for it.",
		check: func(p *pass) {
			p.eachVariable(func(r *dc.Record, m, v string) {
				if v == "host" {
					p.record(r, m, "%s %s has the variable %%host%%", m, quoted(r.Text(m)))
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-HOST-BESIDE-DOT", Title: "%host% beside a dot", Level: Error,
		Why:  "Applied without a sub-domain %host% is empty, and an empty label remains: the name begins with a dot, or has two in a row.",
		Mend: "Write %fqdn%, or set hostRequired.",
		check: func(p *pass) {
			if p.t.HostRequired {
				return
			}
			p.each(func(r *dc.Record) {
				for _, m := range substituted(r) {
					text := r.Text(m)
					if m == "data" && generic(r) && r.Type == "TXT" {
						continue // dots mean nothing in a text
					}
					if strings.Contains(text, "%host%.") || strings.Contains(text, ".%host%") {
						p.record(r, m, "%s %s has an empty label when there is no sub-domain", m, quoted(text))
					}
				}
			})
		},
	})
}

// eachVariable calls a function for each variable of each record, once per
// field and name.
func (p *pass) eachVariable(f func(r *dc.Record, member, variable string)) {
	p.each(func(r *dc.Record) {
		for _, m := range substituted(r) {
			seen := map[string]bool{}
			for _, v := range variables(r.Text(m)) {
				if !seen[v] {
					seen[v] = true
					f(r, m, v)
				}
			}
		}
	})
}

// hostProblem says what keeps a host from being a name in a zone, whatever
// its variables bring; "" when nothing does. A per cent sign that is no
// variable is left to the rule for variables.
func hostProblem(host string) string {
	if host == "" || host == "@" || host == "." {
		return ""
	}
	if n := len(filled(host, "")); n > 253 {
		return fmt.Sprintf("has %d characters beside its variables, a name has 253", n)
	}
	if strings.Contains(host, "@") {
		return `has "@" inside a longer value`
	}
	name := strings.TrimSuffix(host, ".")
	// A variable may be empty or hold several labels, so only text between
	// two dots that nothing touches is a label for sure.
	for i, label := range strings.Split(filled(name, "\x00"), ".") {
		text := strings.ReplaceAll(label, "\x00", "")
		switch {
		case label == "":
			return "has an empty label"
		case len(text) > 63:
			return fmt.Sprintf("has a label of %d characters, the limit is 63", len(text))
		case label[0] == '-' || label[len(label)-1] == '-':
			return "has the label " + quoted(strings.ReplaceAll(label, "\x00", "%…%")) + " that starts or ends with a hyphen"
		case text == "*" && label == "*" && i == 0:
			continue
		}
		for j := range len(text) {
			switch c := text[j]; {
			case isNameByte(c), c == '%':
			case c >= 0x80:
				return fmt.Sprintf("has %q, which is outside ASCII", runeAt(text, j))
			case c == '*':
				return "has an asterisk that is not the whole first label"
			default:
				return fmt.Sprintf("has the character %q", c)
			}
		}
	}
	return ""
}

// linterIllegal is the linter's test of a host.
func linterIllegal(host string) bool {
	if host == "*" || host == "@" {
		return false
	}
	return strings.IndexFunc(host, func(c rune) bool {
		return c >= 0x80 || !isNameByte(byte(c)) && c != '.' && c != '%'
	}) >= 0
}
