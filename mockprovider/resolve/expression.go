package resolve

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// part is a piece of a field: literal text of the template, or a variable.
type part struct {
	// text is the literal, or the value after substitution.
	text string
	// name is the variable; "" for a literal.
	name string
}

// parts splits a template field at its variable expressions (9.1.1): a name
// of ASCII letters, digits, hyphens and underscores between two per cent
// signs. Every other per cent sign is text, so that "100%" and the macros of
// SPF stay as they are. The scan goes from left to right; a per cent sign
// that opens no expression can still be followed by one that does: in
// "5%%a%" the first is text and %a% a variable.
func parts(field string) []part {
	var out []part
	literal := 0
	for i := 0; i < len(field); {
		if field[i] != '%' {
			i++
			continue
		}
		n := nameLength(field[i+1:])
		if n == 0 || i+1+n >= len(field) || field[i+1+n] != '%' {
			i++
			continue
		}
		if literal < i {
			out = append(out, part{text: field[literal:i]})
		}
		out = append(out, part{name: field[i+1 : i+1+n]})
		i += n + 2
		literal = i
	}
	if literal < len(field) {
		out = append(out, part{text: field[literal:]})
	}
	return out
}

// nameLength is the length of the variable name at the start of s.
func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return i
		}
	}
	return len(s)
}

// rendered is a field with its variables replaced. The parts are kept, since
// text that a caller sent is syntax less often than text of the template.
type rendered struct {
	template string
	text     string
	parts    []part
}

// render replaces variables once; what they bring is not looked at again
// (9.2.2). Missing ones have been reported before and read as empty.
func (s *scope) render(field string) rendered {
	r := rendered{template: field, parts: parts(field)}
	var b strings.Builder
	for i := range r.parts {
		p := &r.parts[i]
		if p.name != "" {
			p.text, _ = s.lookup(p.name)
		}
		b.WriteString(p.text)
	}
	r.text = b.String()
	return r
}

// whole reports whether the field is one variable and nothing else.
func (r rendered) whole() bool { return len(r.parts) == 1 && r.parts[0].name != "" }

// constant reports whether the field has no variables.
func (r rendered) constant() bool {
	return len(r.parts) == 0 || len(r.parts) == 1 && r.parts[0].name == ""
}

// Use is one place where a template uses a variable.
type Use struct {
	// Record is the index in Template.Records, Field the JSON member.
	Record int
	Field  string
	// Type is the record's canonical type.
	Type string
	// Whole is set when the variable is the field's entire value.
	Whole bool
	// Before and After are the field's text around this use, as the template
	// has it, other variables included.
	Before, After string
}

// Variable is a variable that active records need, built-ins left out.
type Variable struct {
	Name string
	Uses []Use
}

// Variables lists what the records of the given groups need (nil: all
// records), in order of first use. Members that mean nothing on a record's
// type need no variables (6.2.1), nor do records of a type that Resolve
// refuses.
func Variables(t *dc.Template, groups []string) []Variable {
	return variables(t, selected(t, groups))
}

func variables(t *dc.Template, active []int) []Variable {
	var list []Variable
	known := map[string]int{"domain": -1, "host": -1, "fqdn": -1}
	for _, i := range active {
		sh, err := shapeOf(&t.Records[i])
		if err != nil {
			continue
		}
		for _, name := range sh.fields {
			for _, use := range usesIn(t.Records[i].Text(name)) {
				at, seen := known[use.name]
				if at < 0 {
					continue
				}
				if !seen {
					at = len(list)
					known[use.name] = at
					list = append(list, Variable{Name: use.name})
				}
				use.Record, use.Field, use.Type = i, name, sh.name
				list[at].Uses = append(list[at].Uses, use.Use)
			}
		}
	}
	return list
}

type namedUse struct {
	Use
	name string
}

func usesIn(field string) []namedUse {
	if strings.IndexByte(field, '%') < 0 {
		return nil
	}
	var uses []namedUse
	offset := 0
	for _, p := range parts(field) {
		if p.name == "" {
			offset += len(p.text)
			continue
		}
		end := offset + len(p.name) + 2
		uses = append(uses, namedUse{name: p.name, Use: Use{
			Whole: offset == 0 && end == len(field), Before: field[:offset], After: field[end:],
		}})
		offset = end
	}
	return uses
}
