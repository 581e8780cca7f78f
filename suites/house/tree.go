package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MaxLines is how long a Go file may be. A longer one holds a second concept.
const MaxLines = 500

// topLevel is all that may stand there, dot-files aside.
var topLevel = []string{"suites", "mockprovider", "fixtures", "reports", "go.mod", "go.sum", "Makefile", "README.md", "LICENSE"}

// unlisted are folders that a build or a run makes there; version control
// ignores them.
var unlisted = []string{"bin", "conformance-report"}

// CheckTopLevel returns one message for each name that does not belong at the
// top level, and for each that is missing.
func CheckTopLevel(names []string) []string {
	var broken []string
	for _, n := range names {
		if strings.HasPrefix(n, ".") || slices.Contains(topLevel, n) || slices.Contains(unlisted, n) {
			continue
		}
		broken = append(broken, fmt.Sprintf("%s does not belong at the top level: it holds %s and dot-files", n, strings.Join(topLevel, ", ")))
	}
	for _, want := range topLevel {
		if !slices.Contains(names, want) {
			broken = append(broken, fmt.Sprintf("%s is missing at the top level", want))
		}
	}
	return broken
}

// Imports lists every import of the Go files of a tree, those in testdata
// aside.
func Imports(tree fs.FS) ([]Import, error) {
	var imports []Import
	err := goFiles(tree, func(name string, src []byte) error {
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
			}
			imports = append(imports, Import{From: path.Dir(name), Path: p, Test: isTest(name), File: name})
		}
		return nil
	})
	return imports, err
}

// CheckFiles returns one message for each Go file that breaks a rule about its
// own text: length, sleeping, panicking, focused specs, paths of one machine.
// Doc comments are the linter's.
func CheckFiles(tree fs.FS) ([]string, error) {
	var broken []string
	err := goFiles(tree, func(name string, src []byte) error {
		found, err := checkFile(name, src)
		broken = append(broken, found...)
		return err
	})
	return broken, err
}

var (
	generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	// machinePath is a path in somebody's home, or where no other machine has
	// anything; "me" is nobody, for tests of looking things up in a home.
	machinePath = regexp.MustCompile(`^(/root/|(/home/|/Users/|[A-Za-z]:\\Users\\)([^m/\\]|m[^e/\\]|me[^/\\]))`)
)

// specNodes are the Ginkgo nodes that leave other specs out, or themselves, and
// the decorators that do.
var specNodes = func() map[string]bool {
	nodes := map[string]bool{"FlakeAttempts": true, "Focus": true, "Pending": true}
	for _, base := range []string{"Describe", "Context", "When", "It", "Specify", "Entry", "DescribeTable", "DescribeTableSubtree"} {
		for _, prefix := range []string{"F", "P", "X"} {
			nodes[prefix+base] = true
		}
	}
	return nodes
}()

func checkFile(name string, src []byte) ([]string, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var broken []string
	say := func(pos token.Pos, text string) {
		broken = append(broken, fmt.Sprintf("%s:%d: %s", name, set.Position(pos).Line, text))
	}
	if n := bytes.Count(src, []byte("\n")); n > MaxLines && !generated.Match(src) {
		broken = append(broken, fmt.Sprintf("%s: %d lines, more than %d: which concept is missing?", name, n, MaxLines))
	}
	ginkgo := imports(file, "github.com/onsi/ginkgo/v2")
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if isTest(name) {
				break
			}
			if selected(n.Fun, "time", "Sleep") {
				say(n.Pos(), "time.Sleep: waits are event-driven here, a sleep is too short or too long")
			}
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "panic" && !unwinds(n) {
				say(n.Pos(), "panic: product code returns errors, the edge renders them")
			}
		case *ast.Ident:
			if ginkgo && specNodes[n.Name] {
				say(n.Pos(), n.Name+": focused, pending and flake-tolerant specs are green by absence")
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && machinePath.MatchString(s) {
				say(n.Pos(), fmt.Sprintf("%s: a path of one machine", n.Value))
			}
		}
		return true
	})
	return broken, nil
}

// unwinds reports whether a panic throws a value of a type made for it, Stop{},
// which a recover further up waits for: how a case ends early.
func unwinds(call *ast.CallExpr) bool {
	if len(call.Args) != 1 {
		return false
	}
	lit, ok := call.Args[0].(*ast.CompositeLit)
	return ok && len(lit.Elts) == 0
}

func selected(fun ast.Expr, pkg, name string) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == pkg
}

func imports(file *ast.File, path string) bool {
	for _, spec := range file.Imports {
		if spec.Path.Value == strconv.Quote(path) {
			return true
		}
	}
	return false
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// goFiles calls f for every Go file of the tree; testdata, folders that start
// with a dot or an underscore, and build output are left out.
func goFiles(tree fs.FS, f func(name string, src []byte) error) error {
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			if name != "." && (base == "testdata" || base[0] == '.' || base[0] == '_' || slices.Contains(unlisted, name)) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		return f(name, src)
	})
}
