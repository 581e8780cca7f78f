package register

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

var (
	areas = []string{
		"apply", "apply-request", "async", "conflict", "consent", "discovery",
		"extensibility", "groups", "host-rendering", "public-key",
		"record-types", "redirect", "revert", "security", "settings",
		"signature", "spf", "state", "template", "template-query",
		"variables", "verification",
	}
	roles  = []Role{DNSProvider, ServiceProvider, TemplateAuthor}
	checks = []Check{ProviderBlackbox, TemplateStatic, ClientObserved, Untestable}
	needs  = []Need{
		NeedAsync, NeedRevert, NeedStateful, NeedStateless, NeedSPFM, NeedNS,
		NeedGenericTypes, NeedNumericVariables, NeedSharedNames, NeedExtTypes,
		NeedOnboarding, NeedBrowser,
	}
	editions = []Edition{IETF05, DCSpec23, Async00}
	levels   = []Level{MUST, SHOULD, MAY}
	bases    = []Basis{Keyword, Prose, LowerCase, Derived}

	idForm = regexp.MustCompile(`^DC(-[A-Z0-9]+)+$`)
)

// Parse reads a register strictly: an unknown key or word, a missing field, a
// duplicate id and an empty list are errors that name file and line.
func Parse(file string, data []byte) (*Register, error) {
	entries, err := sequence(file, data)
	if err != nil {
		return nil, err
	}
	r := &Register{byID: make(map[string]*Requirement, len(entries))}
	faults := make(map[string]string, len(entries))
	for _, node := range entries {
		q, err := entry(file, node)
		if err != nil {
			return nil, err
		}
		if first, ok := r.byID[q.ID]; ok {
			return nil, fmt.Errorf("%s:%d: id %s is already used in line %d: ids are unique", file, q.Line, q.ID, first.Line)
		}
		if first, ok := faults[q.Fault.Name]; ok {
			return nil, fmt.Errorf("%s:%d: %s: fault %s is that of %s already: fault names are unique", file, q.Line, q.ID, q.Fault.Name, first)
		}
		faults[q.Fault.Name] = q.ID
		r.byID[q.ID] = q
		r.list = append(r.list, q)
	}
	return r, nil
}

// sequence returns the entries of the file's one document.
func sequence(file string, data []byte) ([]ast.Node, error) {
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: not YAML: %s", file, yaml.FormatError(err, false, false))
	}
	if len(doc.Docs) > 1 {
		return nil, fmt.Errorf("%s: holds %d documents: a register is one list", file, len(doc.Docs))
	}
	if len(doc.Docs) == 0 || doc.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s: holds no requirement", file)
	}
	seq, ok := doc.Docs[0].Body.(*ast.SequenceNode)
	if !ok {
		return nil, fmt.Errorf("%s:%d: a register is a list of requirements", file, line(doc.Docs[0].Body))
	}
	if len(seq.Values) == 0 {
		return nil, fmt.Errorf("%s: holds no requirement", file)
	}
	return seq.Values, nil
}

func line(node ast.Node) int {
	if node == nil || node.GetToken() == nil {
		return 0
	}
	return node.GetToken().Position.Line
}

// entry decodes and checks one requirement.
func entry(file string, node ast.Node) (*Requirement, error) {
	start, lines := keyLines(node)
	q := &Requirement{Line: start}
	decoder := yaml.NewDecoder(strings.NewReader(""), yaml.Strict())
	if err := decoder.DecodeFromNode(node, q); err != nil {
		return nil, fmt.Errorf("%s: entry in line %d: %s", file, start, yaml.FormatError(err, false, false))
	}
	if field, fault := q.fault(); fault != "" {
		at := start
		if l, ok := lines[field]; ok {
			at = l
		}
		name := q.ID
		if name == "" {
			name = "entry"
		}
		return nil, fmt.Errorf("%s:%d: %s: %s", file, at, name, fault)
	}
	return q, nil
}

// keyLines says where an entry starts and in which line each of its keys
// stands.
func keyLines(node ast.Node) (int, map[string]int) {
	lines := map[string]int{}
	var pairs []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	}
	start := line(node)
	for i, pair := range pairs {
		l := line(pair.Key)
		if i == 0 {
			start = l
		}
		lines[pair.Key.String()] = l
	}
	return start, lines
}

// fault returns the first field of q that is not as the header of the register
// says, and what is wrong with it; "" when all is well.
func (q *Requirement) fault() (field, message string) {
	if !idForm.MatchString(q.ID) {
		return "id", fmt.Sprintf("id %q: an id is DC and further upper-case words joined by hyphens", q.ID)
	}
	for _, f := range []struct{ name, value string }{
		{"text", q.Text}, {"how", q.How},
	} {
		if strings.TrimSpace(f.value) == "" {
			return f.name, f.name + " is missing"
		}
	}
	if m := q.Fault.fault(); m != "" {
		return "fault", m
	}
	if m := word("area", q.Area, areas); m != "" {
		return "area", m
	}
	if m := word("role", q.Role, roles); m != "" {
		return "role", m
	}
	if m := word("check", q.Check, checks); m != "" {
		return "check", m
	}
	for i, n := range q.Needs {
		if m := word("needs", n, needs); m != "" {
			return "needs", m
		}
		if slices.Contains(q.Needs[:i], n) {
			return "needs", fmt.Sprintf("needs %q stands twice", n)
		}
	}
	if (q.Check == Untestable) != (q.Reason != "") {
		return "check", "reason goes with check untestable, and only with it"
	}
	return q.editionFault()
}

// editionFault checks the parts that are said per edition.
func (q *Requirement) editionFault() (field, message string) {
	if len(q.Editions) == 0 {
		return "editions", "editions is missing: a requirement stands in at least one"
	}
	for _, e := range sortedKeys(q.Editions) {
		d := q.Editions[e]
		for _, m := range []string{
			word("editions", e, editions),
			word("level", d.Level, levels),
			word("basis", d.Basis, bases),
		} {
			if m != "" {
				return "editions", m
			}
		}
		if d.Section == "" {
			return "editions", fmt.Sprintf("section is missing for %s", e)
		}
	}
	for _, e := range sortedKeys(q.Expect) {
		if _, ok := q.Editions[e]; !ok {
			return "expect", fmt.Sprintf("expect names %s, which editions does not list", e)
		}
	}
	return "", ""
}

func sortedKeys[V any](m map[Edition]V) []Edition {
	keys := make([]Edition, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// word returns what is wrong with a word of a closed list, or "".
func word[T ~string](field string, value T, known []T) string {
	if slices.Contains(known, value) {
		return ""
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	return fmt.Sprintf("%s %q is not one of %s", field, string(value), strings.Join(names, ", "))
}
