package target

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/dcconform/dcconform/suites/register"
)

// Option changes how a configuration is read.
type Option func(*reader)

// WithEnv gives the function that {env: NAME} asks, os.LookupEnv in main.
// Without it no variable is set: nothing below main reads the environment.
func WithEnv(lookup func(name string) (string, bool)) Option {
	return func(r *reader) { r.env = lookup }
}

// WithProfiles gives the function that finds the edition of a provider by the
// name of its profile; its error goes into a Problem. Without it no profile is
// known.
func WithProfiles(edition func(profile string) (register.Edition, error)) Option {
	return func(r *reader) { r.profiles = edition }
}

// Load reads a target.yaml strictly, fills the defaults in, resolves relative
// paths against its folder and checks it. What is wrong with the file comes
// all at once as Problems; a file that cannot be read is an error of its own.
func Load(path string, options ...Option) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("target: %s", plain(err))
	}
	return Parse(path, data, options...)
}

// Parse is Load for what has been read already from the named file.
func Parse(name string, data []byte, options ...Option) (*Config, error) {
	r := &reader{file: name, places: map[string]place{}, env: func(string) (string, bool) { return "", false }}
	for _, option := range options {
		option(r)
	}
	c := &Config{File: name}
	if body := r.document(data); body != nil {
		r.value(body, reflect.ValueOf(c).Elem(), "")
		r.check(c)
	}
	if len(r.problems) > 0 {
		return nil, r.sorted()
	}
	return c, nil
}

// document returns the file's one document, or notes why there is none.
func (r *reader) document(data []byte) ast.Node {
	doc, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at, message := place{}, err.Error()
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			message = syntax.GetMessage()
			if t := syntax.GetToken(); t != nil && t.Position != nil {
				at = place{t.Position.Line, t.Position.Column}
			}
		}
		r.add(at, "", "not YAML: "+message)
		return nil
	}
	switch {
	case len(doc.Docs) > 1:
		r.add(place{}, "", fmt.Sprintf("holds %d documents: a target is one, without --- in between", len(doc.Docs)))
		return nil
	case len(doc.Docs) == 0 || doc.Docs[0].Body == nil:
	default:
		switch doc.Docs[0].Body.(type) {
		case *ast.CommentGroupNode, *ast.NullNode:
		default:
			return doc.Docs[0].Body
		}
	}
	r.add(place{}, "", "is empty: provider --init writes one to begin with")
	return nil
}

// sorted are the problems in the order of the file, those without a place
// last.
func (r *reader) sorted() Problems {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.problems
}

// plain is an error of the file system with the reason worded once for all
// operating systems.
func plain(err error) string {
	var p *fs.PathError
	if !errors.As(err, &p) {
		return err.Error()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("the file %s is not there", p.Path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("the file %s may not be read", p.Path)
	}
	return fmt.Sprintf("the file %s cannot be read: %v", p.Path, p.Err)
}
