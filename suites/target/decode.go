package target

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/dcconform/dcconform/suites/register"
)

// reader takes a YAML tree into a Config and goes on after what is wrong, so
// that a file is mended in one go. A decoder of the library stops at the first
// mistake and does not say where values stood.
type reader struct {
	file     string
	env      func(string) (string, bool)
	profiles func(string) (register.Edition, error)
	problems Problems
	places   map[string]place
}

// place is where a key or an element of a list stands.
type place struct{ line, column int }

// say notes a problem at a path, or, where that is not in the file, at the
// nearest enclosing one that is.
func (r *reader) say(path, format string, args ...any) {
	at := path
	for {
		if p, ok := r.places[at]; ok {
			r.add(p, path, fmt.Sprintf(format, args...))
			return
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			r.add(place{}, path, fmt.Sprintf(format, args...))
			return
		}
		at = at[:cut]
	}
}

func (r *reader) add(p place, path, message string) {
	r.problems = append(r.problems, Problem{File: r.file, Line: p.line, Column: p.column, Path: path, Message: message})
}

// bad notes a problem at a node.
func (r *reader) bad(node ast.Node, path, format string, args ...any) {
	r.add(placeOf(node), path, fmt.Sprintf(format, args...))
}

func placeOf(node ast.Node) place {
	if m, ok := node.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		node = m.Values[0].Key // its own token is a colon
	}
	if t := node.GetToken(); t != nil && t.Position != nil {
		return place{t.Position.Line, t.Position.Column}
	}
	return place{}
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	secretType   = reflect.TypeFor[Secret]()
	claimsType   = reflect.TypeFor[Config]().Field(fieldIndex("Claims")).Type
)

func fieldIndex(name string) int {
	f, _ := reflect.TypeFor[Config]().FieldByName(name)
	return f.Index[0]
}

// value decodes node into v.
func (r *reader) value(node ast.Node, v reflect.Value, path string) {
	// What is wrong with a list or a mapping is told at its key.
	_, known := r.places[path]
	if _, scalar := node.(ast.ScalarNode); scalar || !known {
		r.places[path] = placeOf(node)
	}
	switch n := node.(type) {
	case *ast.NullNode:
		if section(v, path) {
			return
		}
		r.bad(node, path, "has no value: give one, or remove the key to get the default")
		return
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.bad(node, path, "anchors, aliases and tags are not read here: write the value itself")
		return
	case *ast.StringNode:
		if slices.Contains(strings.FieldsFunc(n.Value, notOfWord), Placeholder) {
			r.placeholder(node, path)
		}
	}
	switch {
	case v.Type() == secretType:
		r.secret(node, v, path)
	case v.Type() == durationType:
		r.duration(node, v, path)
	case v.Type() == claimsType:
		r.claims(node, v, path)
	case v.Kind() == reflect.Struct:
		r.structure(node, v, path)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(node, v.Elem(), path)
	case v.Kind() == reflect.Slice:
		r.list(node, v, path)
	case v.Kind() == reflect.Map:
		r.names(node, v, path)
	default:
		r.scalar(node, v, path)
	}
}

// section reports whether v is one of the top-level groups, which may be left
// empty: in what Init wrote, every field of theirs may be commented out.
func section(v reflect.Value, path string) bool {
	return !strings.ContainsAny(path, ".[") && path != "" && (v.Kind() == reflect.Struct || v.Type() == claimsType)
}

// structure decodes a mapping whose keys are the fields of a struct.
func (r *reader) structure(node ast.Node, v reflect.Value, path string) {
	fields := map[string]int{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "-" {
			fields[name] = i
		}
	}
	for _, p := range r.pairs(node, path) {
		i, ok := fields[p.name]
		if !ok {
			r.bad(p.key, p.path, "unknown key; %s", suggest(p.name, slices.Sorted(maps.Keys(fields))))
			continue
		}
		r.value(p.value, v.Field(i), p.path)
	}
}

// names decodes a mapping whose keys are free.
func (r *reader) names(node ast.Node, v reflect.Value, path string) {
	pairs := r.pairs(node, path)
	v.Set(reflect.MakeMapWithSize(v.Type(), len(pairs)))
	for _, p := range pairs {
		element := reflect.New(v.Type().Elem()).Elem()
		r.value(p.value, element, p.path)
		v.SetMapIndex(reflect.ValueOf(p.name).Convert(v.Type().Key()), element)
	}
}

// claims decodes true, false and unknown; an unknown claim is not there.
func (r *reader) claims(node ast.Node, v reflect.Value, path string) {
	pairs := r.pairs(node, path)
	v.Set(reflect.MakeMapWithSize(v.Type(), len(pairs)))
	for _, p := range pairs {
		if n, ok := p.value.(*ast.StringNode); ok && n.Value == "unknown" {
			continue
		}
		n, ok := p.value.(*ast.BoolNode)
		if !ok {
			r.bad(p.value, p.path, "want true, false or unknown, not %s", kind(p.value))
			continue
		}
		v.SetMapIndex(reflect.ValueOf(p.name).Convert(v.Type().Key()), reflect.ValueOf(n.Value))
	}
}

// pair is one entry of a mapping.
type pair struct {
	name, path string
	key, value ast.Node
}

// pairs lists a mapping's entries and refuses what is no mapping, keys that
// are no text and keys that are there twice.
func (r *reader) pairs(node ast.Node, path string) []pair {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		r.bad(node, path, "want keys with values, not %s", kind(node))
		return nil
	}
	var out []pair
	first := map[string]place{}
	for _, v := range values {
		key, ok := v.Key.(*ast.StringNode)
		if !ok {
			r.bad(v.Key, path, "%s is no key here: write a text", v.Key.String())
			continue
		}
		p := pair{name: key.Value, path: key.Value, key: v.Key, value: v.Value}
		if path != "" {
			p.path = path + "." + key.Value
		}
		if at, twice := first[p.name]; twice {
			r.bad(v.Key, p.path, "is there twice, first in line %d: remove one", at.line)
			continue
		}
		first[p.name] = placeOf(v.Key)
		r.places[p.path] = placeOf(v.Key)
		out = append(out, p)
	}
	return out
}

func (r *reader) list(node ast.Node, v reflect.Value, path string) {
	n, ok := node.(*ast.SequenceNode)
	if !ok {
		r.bad(node, path, "want a list, not %s: begin each entry with a hyphen", kind(node))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Values), len(n.Values)))
	for i, element := range n.Values {
		r.value(element, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (r *reader) scalar(node ast.Node, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		if s, ok := r.text(node, path); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		if n, ok := node.(*ast.BoolNode); ok {
			v.SetBool(n.Value)
			return
		}
		r.bad(node, path, "want true or false, not %s", kind(node))
	case reflect.Int:
		if n, ok := node.(*ast.IntegerNode); ok {
			switch i := n.Value.(type) {
			case int64:
				v.SetInt(i)
				return
			case uint64:
				if i <= 1<<31 {
					v.SetInt(int64(i))
					return
				}
			}
		}
		r.bad(node, path, "want a whole number, not %s", kind(node))
	case reflect.Float64:
		switch n := node.(type) {
		case *ast.FloatNode:
			v.SetFloat(n.Value)
			return
		case *ast.IntegerNode:
			switch i := n.Value.(type) {
			case int64:
				v.SetFloat(float64(i))
				return
			case uint64:
				v.SetFloat(float64(i))
				return
			}
		}
		r.bad(node, path, "want a number, not %s", kind(node))
	default:
		r.bad(node, path, "cannot be read (%s)", v.Type())
	}
}

// text reads a text. A number or a list in its place is refused, not turned
// into one: 0123 would lose its zero, and [::1]:53 is a list to YAML.
func (r *reader) text(node ast.Node, path string) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSuffix(n.Value.Value, "\n"), true
	}
	r.bad(node, path, "want a text, not %s: put it in quotes", kind(node))
	return "", false
}

func (r *reader) duration(node ast.Node, v reflect.Value, path string) {
	n, ok := node.(*ast.StringNode)
	if !ok {
		r.bad(node, path, `want a time with its unit, as "10s" or "2m", not %s`, kind(node))
		return
	}
	d, err := time.ParseDuration(n.Value)
	if err != nil || d < 0 {
		r.bad(node, path, `%q is not a time: write a number with its unit, as "10s" or "2m"`, n.Value)
		return
	}
	v.SetInt(int64(d))
}

// secret reads a text, {file: PATH} or {env: NAME}. No message quotes it.
func (r *reader) secret(node ast.Node, v reflect.Value, path string) {
	if _, mapping := node.(ast.MapNode); !mapping {
		if text, ok := r.text(node, path); ok {
			v.Set(reflect.ValueOf(NewSecret(text)))
		}
		return
	}
	pairs := r.pairs(node, path)
	if len(pairs) != 1 || pairs[0].name != "file" && pairs[0].name != "env" {
		r.bad(node, path, "want a text, {file: PATH} or {env: NAME}, one of them")
		return
	}
	source, ok := r.text(pairs[0].value, pairs[0].path)
	switch {
	case !ok:
	case source == "":
		r.bad(pairs[0].value, pairs[0].path, "is empty: give the name of the %s that holds the secret", pairs[0].name)
	case strings.Contains(source, Placeholder):
		r.placeholder(pairs[0].value, pairs[0].path)
	case pairs[0].name == "env":
		text, set := r.env(source)
		if !set || text == "" {
			r.bad(pairs[0].value, pairs[0].path, "the environment variable %s is not set: set it before the run", source)
			return
		}
		v.Set(reflect.ValueOf(NewSecret(text)))
	default:
		data, err := os.ReadFile(r.resolve(source))
		if err != nil {
			r.bad(pairs[0].value, pairs[0].path, "%s", plain(err))
			return
		}
		// Editors end a file with a newline, and passwords have none.
		text := strings.TrimRight(string(data), "\r\n")
		if text == "" {
			r.bad(pairs[0].value, pairs[0].path, "the file %s is empty: write the secret into it", source)
			return
		}
		v.Set(reflect.ValueOf(NewSecret(text)))
	}
}

// resolve takes a relative path to the folder of the file.
func (r *reader) resolve(path string) string {
	path = filepath.FromSlash(path)
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.file), path)
}

// placeholder notes a value that has to be edited first.
func (r *reader) placeholder(node ast.Node, path string) {
	r.bad(node, path, "still says %s, as --init wrote it: put your own value here", Placeholder)
	r.problems[len(r.problems)-1].Placeholder = true
}

func notOfWord(c rune) bool {
	return c != '-' && (c < 'a' || c > 'z')
}

// kind names what a node is, without its value.
func kind(node ast.Node) string {
	switch node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.NullNode:
		return "nothing"
	}
	return "a " + strings.ToLower(node.Type().String())
}
