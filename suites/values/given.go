package values

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// Given is a file of values that a person wrote, in YAML or JSON: template id
// (providerId.serviceId) -> variable -> value.
//
//	mail.example.net.mailbox:
//	  dkim: MIIBIjANBgkqh
//	  ttl: 600
type Given struct {
	file      string
	templates map[string]givenTemplate
}

type givenTemplate struct {
	line   int
	values Set
	lines  map[string]int
}

// ReadGiven reads a file of values strictly: one that is empty, a value that
// is not text or a number, and a name that stands twice are errors with file
// and line.
func ReadGiven(file string, data []byte) (*Given, error) {
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: not YAML or JSON: %s", file, yaml.FormatError(err, false, false))
	}
	if len(doc.Docs) > 1 {
		return nil, fmt.Errorf("%s: holds %d documents: values are one mapping", file, len(doc.Docs))
	}
	if len(doc.Docs) == 0 || doc.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s: holds no values", file)
	}
	g := &Given{file: file, templates: map[string]givenTemplate{}}
	pairs, ok := mapping(doc.Docs[0].Body)
	if !ok {
		return nil, fmt.Errorf("%s:%d: values are a mapping: template id -> variable -> value", file, line(doc.Docs[0].Body))
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%s: holds no values", file)
	}
	for _, pair := range pairs {
		if err := g.template(pair); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *Given) template(pair *ast.MappingValueNode) error {
	id, at := key(pair), line(pair.Key)
	pairs, ok := mapping(pair.Value)
	if !ok || len(pairs) == 0 {
		return fmt.Errorf("%s:%d: template %q has no mapping of variables to values", g.file, at, id)
	}
	t := givenTemplate{line: at, values: Set{}, lines: map[string]int{}}
	for _, p := range pairs {
		name, at := key(p), line(p.Key)
		value, ok := scalar(p.Value)
		if !ok {
			return fmt.Errorf("%s:%d: variable %q of %s: a value is text or a number", g.file, at, name, id)
		}
		t.values[name], t.lines[name] = value, at
	}
	g.templates[id] = t
	return nil
}

func mapping(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func line(node ast.Node) int {
	if node == nil || node.GetToken() == nil {
		return 0
	}
	return node.GetToken().Position.Line
}

func key(pair *ast.MappingValueNode) string { return pair.Key.GetToken().Value }

// scalar is the text of a value. A number keeps the digits that were written:
// 007 is not 7.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return node.GetToken().Value, true
	}
	return "", false
}

// For returns the values given for a template; nil when there are none. A nil
// Given has none for any.
func (g *Given) For(t *dc.Template) Set {
	if g == nil {
		return nil
	}
	return g.templates[t.ID().String()].values
}

// Check refuses what would be ignored: values for a template that is not among
// the given ones, and for a variable that its template does not have. All of
// them are named, with their lines.
func (g *Given) Check(templates []*dc.Template) error {
	if g == nil {
		return nil
	}
	known := map[string]*dc.Template{}
	for _, t := range templates {
		known[t.ID().String()] = t
	}
	type fault struct {
		line int
		text string
	}
	var faults []fault
	for id, given := range g.templates {
		t, ok := known[id]
		if !ok {
			faults = append(faults, fault{given.line, fmt.Sprintf("no template %q among those to try: an id is providerId.serviceId, in the template's letter case", id)})
			continue
		}
		for name, at := range given.lines {
			if why := unknown(t, name); why != "" {
				faults = append(faults, fault{at, why})
			}
		}
	}
	if len(faults) == 0 {
		return nil
	}
	slices.SortFunc(faults, func(a, b fault) int { return cmp.Or(cmp.Compare(a.line, b.line), strings.Compare(a.text, b.text)) })
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = fmt.Sprintf("%s:%d: %s", g.file, f.line, f.text)
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// unknown says why a template has no use for a value, or "".
func unknown(t *dc.Template, name string) string {
	switch name {
	case "domain", "host", "fqdn":
		return fmt.Sprintf("variable %q is built in: it follows from where the template is applied", name)
	}
	var names []string
	for _, v := range resolve.Variables(t, nil) {
		if v.Name == name {
			return ""
		}
		names = append(names, v.Name)
	}
	if len(names) == 0 {
		return fmt.Sprintf("template %s has no variable %q, and no other", t.ID(), name)
	}
	slices.Sort(names)
	return fmt.Sprintf("template %s has no variable %q: it has %s", t.ID(), name, strings.Join(names, ", "))
}
