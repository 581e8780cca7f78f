package dc

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// A class that is declared and not listed would be missing from plan --help.
func TestErrorClassesAreAllListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []ErrorClass
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "ErrorClass" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Error(err)
			}
			declared = append(declared, ErrorClass(text))
		}
		return true
	})
	if len(declared) < 15 || !slices.Equal(declared, ErrorClasses()) {
		t.Errorf("declared are %q, listed are %q", declared, ErrorClasses())
	}
}
