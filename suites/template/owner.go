package template

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// root is the owner key of the name that a template is applied to.
const root = "@"

// ownerKey brings the ways to write one owner name to one form: lower case
// outside variables, "@" for the root of the scope, %fqdn%. cut off. Two
// records with the same key have the same owner whatever the request says;
// records with different keys can still meet when variables bring it about.
func ownerKey(r *dc.Record) string {
	_, host := hostField(r)
	name := lowerLiteral(host)
	switch {
	case name == "" || name == "@" || name == "%fqdn%.":
		name = root
	case strings.HasSuffix(name, ".%fqdn%."):
		name = strings.TrimSuffix(name, ".%fqdn%.")
	}
	switch {
	case r.Type == dc.TypeAPEXCNAME:
		return root
	case r.Type != "SRV":
		return name
	case name == root:
		return lowerLiteral(r.Service + "." + r.Protocol)
	}
	return lowerLiteral(r.Service+"."+r.Protocol) + "." + name
}

// ownership is who owns which records, computed once for a template.
type ownership struct {
	key map[int]string // by Record.Index
	// records have one owner each, in the order of the file.
	records map[string][]*dc.Record
}

func ownersOf(t *dc.Template) ownership {
	o := ownership{key: map[int]string{}, records: map[string][]*dc.Record{}}
	for i := range t.Records {
		r := &t.Records[i]
		key := ownerKey(r)
		o.key[r.Index] = key
		o.records[key] = append(o.records[key], r)
	}
	return o
}

// beside calls a function for each earlier record with the same owner that is
// applied together with r in every choice of groups, until it returns true.
func (p *pass) beside(r *dc.Record, f func(other *dc.Record) bool) {
	for _, other := range p.owners.records[p.owners.key[r.Index]] {
		if other.Index >= r.Index || together(r, other) && f(other) {
			return
		}
	}
}

// lowerLiteral lowers the text around variables; their names keep their case.
func lowerLiteral(field string) string {
	var b strings.Builder
	for _, p := range pieces(field) {
		if p.variable != "" {
			b.WriteString("%" + p.variable + "%")
		} else {
			b.WriteString(strings.ToLower(p.text))
		}
	}
	return b.String()
}

// together reports whether two records are applied together whatever groups
// the request asks for.
func together(a, b *dc.Record) bool {
	return a.GroupID == b.GroupID || a.GroupID == "" || b.GroupID == ""
}

// quoted shows a value in a message, shortened.
func quoted(s string) string {
	const limit = 80
	if len(s) > limit {
		cut := limit
		for cut > 0 && s[cut]&0xc0 == 0x80 {
			cut--
		}
		return `"` + s[:cut] + `…"`
	}
	return `"` + s + `"`
}
