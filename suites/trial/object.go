package trial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Object is a JSON object as it was sent: its members in their order, repeated
// ones as often as they stand, each value with the octets that it had.
type Object []Member

// Member is one member of an Object.
type Member struct {
	Name  string
	Value jsontext.Value
}

// ParseObject reads a JSON text (RFC 8259) whose top level is an object. What
// is no JSON, no UTF-8 or no object is an error that says which.
func ParseObject(body []byte) (Object, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil, errors.New("there is no body")
	}
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	if kind := d.PeekKind(); kind != '{' {
		if _, err := d.ReadValue(); err != nil {
			return nil, fmt.Errorf("it is no JSON: %w", err)
		}
		return nil, fmt.Errorf("its top level is %s, not an object", kindName(kind))
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	object := Object{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, fmt.Errorf("it is no JSON: %w", err)
		}
		word := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil, fmt.Errorf("it is no JSON: %w", err)
		}
		object = append(object, Member{word, value.Clone()})
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return object, nil
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 'n':
		return "null"
	}
	return "a boolean"
}

// All are the values of every member of a name.
func (o Object) All(name string) []jsontext.Value {
	var all []jsontext.Value
	for _, m := range o {
		if m.Name == name {
			all = append(all, m.Value)
		}
	}
	return all
}

// Has reports whether there is a member of a name, null or not.
func (o Object) Has(name string) bool { return len(o.All(name)) > 0 }

// Text is the value of a member that stands once and is a string.
func (o Object) Text(name string) (string, bool) {
	if all := o.All(name); len(all) == 1 {
		return Text(all[0])
	}
	return "", false
}

// Text is the string that a value is; ok is false for every other kind.
func Text(v jsontext.Value) (s string, ok bool) {
	if v.Kind() != '"' {
		return "", false
	}
	out, err := jsontext.AppendUnquote(nil, v)
	return string(out), err == nil
}

// Items are the elements of a value that is an array; ok is false for every
// other kind.
func Items(v jsontext.Value) (items []jsontext.Value, ok bool) {
	if v.Kind() != '[' {
		return nil, false
	}
	d := jsontext.NewDecoder(bytes.NewReader(v), jsontext.AllowDuplicateNames(true))
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	for d.PeekKind() != ']' {
		item, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		items = append(items, item.Clone())
	}
	return items, true
}

// once is the object with the last of every repeated member, as most receivers
// read it.
func (o Object) once() []byte {
	var b bytes.Buffer
	for i, m := range o {
		if slices.ContainsFunc(o[i+1:], func(later Member) bool { return later.Name == m.Name }) {
			continue
		}
		name, err := jsontext.AppendQuote(nil, m.Name)
		if err != nil {
			continue // It was read from JSON text, so that it can be written.
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(m.Value)
	}
	return []byte("{" + b.String() + "}")
}

// Lines has one "name: value" for each member, sorted, with white space and
// the order of inner members made alike, so that two objects compare.
func (o Object) Lines() []string {
	lines := make([]string, len(o))
	for i, m := range o {
		v := m.Value.Clone()
		if err := v.Canonicalize(jsontext.AllowDuplicateNames(true)); err != nil {
			v = m.Value
		}
		lines[i] = m.Name + ": " + string(v)
	}
	slices.Sort(lines)
	return lines
}

// String is the object's Lines, joined.
func (o Object) String() string { return "{" + strings.Join(o.Lines(), ", ") + "}" }

// Names are the members' names, sorted, each as often as it stands.
func (o Object) Names() []string {
	names := make([]string, len(o))
	for i, m := range o {
		names[i] = m.Name
	}
	slices.Sort(names)
	return names
}
