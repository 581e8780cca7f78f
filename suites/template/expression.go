package template

import (
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// piece is literal text, or a variable when it has a name (ietf-05 section
// 9.1.1).
type piece struct {
	text, variable string
}

// pieces takes a field apart. A per cent sign that is not part of a variable
// expression is text.
func pieces(field string) []piece {
	var out []piece
	literal := 0
	for i := 0; i < len(field); i++ {
		if field[i] != '%' {
			continue
		}
		n := 0
		for i+1+n < len(field) && isNameByte(field[i+1+n]) {
			n++
		}
		if n == 0 || i+1+n == len(field) || field[i+1+n] != '%' {
			continue
		}
		if literal < i {
			out = append(out, piece{text: field[literal:i]})
		}
		out = append(out, piece{variable: field[i+1 : i+1+n]})
		i += n + 1
		literal = i + 1
	}
	if literal < len(field) {
		out = append(out, piece{text: field[literal:]})
	}
	return out
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// variables lists the names of a field's variables, in order, built-ins
// included.
func variables(field string) []string {
	if !strings.Contains(field, "%") {
		return nil
	}
	var names []string
	for _, p := range pieces(field) {
		if p.variable != "" {
			names = append(names, p.variable)
		}
	}
	return names
}

// named lists the variables that a caller gives: the built-ins are left out.
func named(field string) []string {
	return slices.DeleteFunc(variables(field), builtIn)
}

func builtIn(name string) bool { return name == "domain" || name == "host" || name == "fqdn" }

// bare reports whether a field is made of the caller's variables alone.
func bare(field string) bool {
	ps := pieces(field)
	return len(ps) > 0 && !slices.ContainsFunc(ps, func(p piece) bool { return p.variable == "" || builtIn(p.variable) })
}

// lone returns the variable that is the whole field.
func lone(field string) (name string, ok bool) {
	ps := pieces(field)
	if len(ps) != 1 || ps[0].variable == "" {
		return "", false
	}
	return ps[0].variable, true
}

// filled replaces every variable, so that what is around them can be judged.
func filled(field, with string) string {
	if !strings.Contains(field, "%") {
		return field
	}
	var b strings.Builder
	for _, p := range pieces(field) {
		if p.variable != "" {
			b.WriteString(with)
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// literal reports whether a field has no variables.
func literal(field string) bool { return len(variables(field)) == 0 }

// head is the literal text in front of the first variable.
func head(field string) string {
	ps := pieces(field)
	if len(ps) == 0 || ps[0].variable != "" {
		return ""
	}
	return ps[0].text
}

// fieldNames are the members of a record that hold text, numbers included, in
// the order of the specification.
var fieldNames = []string{
	"type", "groupId", "essential", "host", "name", "pointsTo", "target", "data", "spfRules", "ttl", "priority",
	"weight", "port", "protocol", "service", "txtConflictMatchingMode", "txtConflictMatchingPrefix",
}

// ownMembers are the members that carry the value of a type that has members
// of its own (ietf-05 Table 1); other types have data.
var ownMembers = map[string][]string{
	"A": {"pointsTo"}, "AAAA": {"pointsTo"}, "CNAME": {"pointsTo"}, "NS": {"pointsTo"},
	"MX":             {"pointsTo", "priority"},
	"SRV":            {"target", "priority", "weight", "port", "protocol", "service"},
	"SPFM":           {"spfRules"},
	dc.TypeAPEXCNAME: {"pointsTo"}, dc.TypeREDIR301: {"target"}, dc.TypeREDIR302: {"target"},
}

// generic reports whether the record's value is in data.
func generic(r *dc.Record) bool { return ownMembers[r.Type] == nil }

// substituted are the members of a record in which variables are replaced.
func substituted(r *dc.Record) []string {
	if r.Type == "SRV" {
		return []string{"name", "service", "protocol", "target", "ttl", "priority", "weight", "port"}
	}
	if generic(r) {
		return []string{"host", "data", "ttl"}
	}
	out := append([]string{"host"}, ownMembers[r.Type]...)
	if r.Type == "SPFM" || isRedirect(r.Type) {
		return out
	}
	return append(out, "ttl")
}

func isRedirect(recordType string) bool {
	return recordType == dc.TypeREDIR301 || recordType == dc.TypeREDIR302
}

// hostField is where a record's owner name stands.
func hostField(r *dc.Record) (name, value string) {
	if r.Type == "SRV" {
		return "name", r.Name
	}
	return "host", r.Host
}
