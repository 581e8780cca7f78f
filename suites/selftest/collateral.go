package selftest

import (
	"fmt"
	"strings"

	_ "embed" // collateral.yaml

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/dcconform/dcconform/mockprovider/fault"
)

// Entry says that a fault makes a case fail which is about something else, and
// why that cannot be otherwise.
type Entry struct {
	Fault string `yaml:"-"`
	// Case is the id of the case.
	Case string `yaml:"case"`
	// Why is a sentence.
	Why string `yaml:"why"`
	// Line is where it stands.
	Line int `yaml:"-"`
}

// Collateral is the list of what faults break beside their own requirements.
type Collateral struct {
	File    string
	entries []*Entry
}

//go:embed collateral.yaml
var collateralYAML []byte

// LoadCollateral reads the list that is built in. An entry about a fault that
// the mock has not, or about none of the cases, is an error.
func LoadCollateral(cases []string) (*Collateral, error) {
	return ParseCollateral("suites/selftest/collateral.yaml", collateralYAML, fault.Names(), cases)
}

// ParseCollateral reads a list strictly: an unknown key, fault or case, an
// entry without a reason and one that stands twice are errors that name file
// and line. An empty list is {}.
func ParseCollateral(file string, data []byte, faults, cases []string) (*Collateral, error) {
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: not YAML: %s", file, yaml.FormatError(err, false, false))
	}
	if len(doc.Docs) != 1 || doc.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s: collateral is one mapping from faults to cases; write {} when there is none", file)
	}
	c := &Collateral{File: file}
	pairs, ok := mapping(doc.Docs[0].Body)
	if !ok {
		return nil, fmt.Errorf("%s:%d: collateral is a mapping from faults to cases", file, lineOf(doc.Docs[0].Body))
	}
	known := func(list []string) map[string]bool {
		set := map[string]bool{}
		for _, s := range list {
			set[s] = true
		}
		return set
	}
	isFault, isCase := known(faults), known(cases)
	for _, pair := range pairs {
		name := pair.Key.GetToken().Value
		if !isFault[name] {
			return nil, fmt.Errorf("%s:%d: there is no fault %q: correct the name, or take the entry out", file, lineOf(pair.Key), name)
		}
		if err := c.add(name, pair.Value, isCase); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// add takes the cases of one fault in.
func (c *Collateral) add(name string, node ast.Node, isCase map[string]bool) error {
	seq, ok := node.(*ast.SequenceNode)
	if !ok || len(seq.Values) == 0 {
		return fmt.Errorf("%s:%d: %s: write a list of cases, each with case and why", c.File, lineOf(node), name)
	}
	for _, v := range seq.Values {
		e := &Entry{Fault: name, Line: lineOf(v)}
		if pairs, ok := mapping(v); ok && len(pairs) > 0 {
			e.Line = lineOf(pairs[0].Key)
		}
		if err := yaml.NewDecoder(strings.NewReader(""), yaml.Strict()).DecodeFromNode(v, e); err != nil {
			return fmt.Errorf("%s: entry in line %d: %s", c.File, e.Line, yaml.FormatError(err, false, false))
		}
		switch {
		case !isCase[e.Case]:
			return fmt.Errorf("%s:%d: %s: there is no case %q: correct the id, or take the entry out", c.File, e.Line, name, e.Case)
		case strings.TrimSpace(e.Why) == "":
			return fmt.Errorf("%s:%d: %s: %s is not justified: say why under why", c.File, e.Line, name, e.Case)
		case c.find(name, e.Case) != nil:
			return fmt.Errorf("%s:%d: %s: %s stands in line %d already", c.File, e.Line, name, e.Case, c.find(name, e.Case).Line)
		}
		c.entries = append(c.entries, e)
	}
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

func lineOf(node ast.Node) int {
	if node == nil || node.GetToken() == nil {
		return 0
	}
	return node.GetToken().Position.Line
}

// Justifies reports whether the list has a case that a fault makes fail.
func (c *Collateral) Justifies(faultName, id string) bool { return c.find(faultName, id) != nil }

func (c *Collateral) find(faultName, id string) *Entry {
	for _, e := range c.entries {
		if e.Fault == faultName && e.Case == id {
			return e
		}
	}
	return nil
}

// stale says what to do about the entries that are wrong to have.
func (c *Collateral) stale(wrong func(*Entry) bool) []string {
	var list []string
	for _, e := range c.entries {
		if wrong(e) {
			list = append(list, fmt.Sprintf("%s:%d: %s does not make %s fail: take the entry out", c.File, e.Line, e.Fault, e.Case))
		}
	}
	return list
}
