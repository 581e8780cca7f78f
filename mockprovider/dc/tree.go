package dc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// node is a JSON value with its place in the file.
type node struct {
	kind       jsontext.Kind
	start, end int
	// text is the decoded string or the literal number.
	text     string
	members  []member
	elements []*node
}

// member is a name and value of an object.
type member struct {
	name  string
	start int
	value *node
}

// find returns the member of a name; null counts as absent.
func (n *node) find(name string) (member, bool) {
	for _, m := range n.members {
		if m.name == name {
			return m, m.value.kind != 'n'
		}
	}
	return member{}, false
}

// reader turns a file into nodes and collects what is wrong with it.
type reader struct {
	file     string
	src      []byte
	lines    []int // offsets at which lines start
	dec      *jsontext.Decoder
	problems Problems
}

func newReader(file string, src []byte) *reader {
	lines := []int{0}
	for i, c := range src {
		if c == '\n' {
			lines = append(lines, i+1)
		}
	}
	// Duplicate names are allowed here because the decoder would stop at the
	// first one; object reports them all.
	dec := jsontext.NewDecoder(bytes.NewReader(src), jsontext.AllowDuplicateNames(true))
	return &reader{file: file, src: src, lines: lines, dec: dec}
}

// position turns an offset into line and column.
func (r *reader) position(offset int) Position {
	line := sort.SearchInts(r.lines, offset+1)
	return Position{Line: line, Column: offset - r.lines[line-1] + 1}
}

func (r *reader) report(offset int, pointer, class, message, mend string) {
	r.problems = append(r.problems, Problem{
		File: r.file, Position: r.position(offset), Pointer: pointer,
		Class: class, Message: message, Mend: mend,
	})
}

// errStop ends reading; the problem has been reported.
var errStop = errors.New("stop")

// document reads the one value of the file.
func (r *reader) document() (*node, error) {
	root, err := r.value("", 0)
	if err != nil {
		return nil, err
	}
	if rest := r.skip(root.end); rest < len(r.src) {
		r.report(rest, "", ProblemTrailing, "text follows the end of the template", "a file holds one template: delete it")
		return nil, errStop
	}
	return root, nil
}

// skip goes over white space and separators to where the next token starts.
func (r *reader) skip(offset int) int {
	for offset < len(r.src) && strings.IndexByte(" \t\r\n,:", r.src[offset]) >= 0 {
		offset++
	}
	return offset
}

func (r *reader) token() (jsontext.Token, int, error) {
	start := r.skip(int(r.dec.InputOffset()))
	token, err := r.dec.ReadToken()
	if err != nil {
		r.syntax(err)
		return token, start, errStop
	}
	return token, start, nil
}

func (r *reader) value(pointer string, depth int) (*node, error) {
	token, start, err := r.token()
	if err != nil {
		return nil, err
	}
	n := &node{kind: token.Kind(), start: start}
	switch n.kind {
	case '{', '[':
		if depth == MaxDepth {
			r.report(start, "", ProblemTooDeep, fmt.Sprintf("values are nested deeper than %d levels", MaxDepth), "take out what is nested so deep: a template has an object, its records, and their members")
			return nil, errStop
		}
		if n.kind == '{' {
			err = r.object(n, pointer, depth+1)
		} else {
			err = r.array(n, pointer, depth+1)
		}
		if err != nil {
			return nil, err
		}
	case '"', '0':
		n.text = token.String()
	}
	n.end = int(r.dec.InputOffset())
	return n, nil
}

func (r *reader) object(n *node, pointer string, depth int) error {
	first := map[string]int{}
	for r.dec.PeekKind() != '}' {
		token, start, err := r.token()
		if err != nil {
			return err
		}
		name := token.String()
		at := pointer + "/" + escapePointer(name)
		if before, ok := first[name]; ok {
			p := r.position(before)
			r.report(start, at, ProblemDuplicate,
				fmt.Sprintf("the member %q stands here a second time, first in line %d", name, p.Line), "delete one of them")
		} else {
			first[name] = start
		}
		v, err := r.value(at, depth)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{name: name, start: start, value: v})
	}
	_, _, err := r.token()
	return err
}

func (r *reader) array(n *node, pointer string, depth int) error {
	for r.dec.PeekKind() != ']' {
		v, err := r.value(pointer+"/"+strconv.Itoa(len(n.elements)), depth)
		if err != nil {
			return err
		}
		n.elements = append(n.elements, v)
	}
	_, _, err := r.token()
	return err
}

// syntax reports an error of the decoder.
func (r *reader) syntax(err error) {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		r.report(len(r.src), "", ProblemNotJSON, "the file ends before its JSON is complete", "close every string, array and object")
		return
	}
	var se *jsontext.SyntacticError
	if !errors.As(err, &se) {
		r.report(0, "", ProblemNotJSON, "the file is not JSON: "+err.Error(), "")
		return
	}
	offset := min(int(se.ByteOffset), len(r.src))
	r.report(offset, string(se.JSONPointer), ProblemNotJSON, "the file is not JSON: "+se.Err.Error(), r.mend(offset))
}

// mend guesses the slip behind a syntax error.
func (r *reader) mend(offset int) string {
	rest := r.src[offset:]
	before := bytes.TrimRight(r.src[:offset], " \t\r\n")
	after := bytes.TrimLeft(bytes.TrimPrefix(rest, []byte(",")), " \t\r\n")
	switch {
	case bytes.HasPrefix(rest, []byte("//")), bytes.HasPrefix(rest, []byte("/*")):
		return "JSON has no comments: delete it"
	case bytes.HasPrefix(rest, []byte("'")):
		return "write strings in double quotes"
	case bytes.HasPrefix(rest, []byte(",")) && len(after) > 0 && (after[0] == '}' || after[0] == ']'):
		return "delete the comma"
	case bytes.HasPrefix(rest, []byte(`"`)) && len(before) > 0 && strings.IndexByte("\"}]0123456789el", before[len(before)-1]) >= 0:
		return "write a comma before it"
	}
	return "mend it at this place, and check the file with any JSON tool"
}

// escapePointer writes a member name as a token of a JSON pointer.
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
