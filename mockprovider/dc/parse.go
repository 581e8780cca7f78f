package dc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"
)

// The limits of Parse.
const (
	// MaxFileSize is the largest template file, in octets. The largest public
	// template has about 20,000.
	MaxFileSize = 1 << 20
	// MaxDepth is how deep values may be nested.
	MaxDepth = 64
	// MaxIDLength is the longest providerId and serviceId, in characters
	// (ietf-05 section 3, dc-id).
	MaxIDLength = 63
)

// ReadFile parses a template file. The error is of type Problems, or that of
// the file system.
func ReadFile(name string) (*Template, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	src, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return Parse(name, src)
}

// Parse reads a template (ietf-05 section 6; dcspec-2.3, Template
// Definition). The file name serves messages only. The error is of type
// Problems and lists everything that is wrong; the template is nil then.
//
// Parse takes what real templates do: numbers as strings, null for absent,
// members of other types and unknown members, CRLF, tabs, a byte order mark.
// Values of members are not judged here, ids excepted: what a type or a
// variable makes of them is known to package resolve, and style is a matter
// for a linter.
func Parse(file string, src []byte) (*Template, error) {
	t, problems := Examine(file, src)
	if len(problems) > 0 {
		return nil, problems
	}
	return t, nil
}

// Examine is Parse for whoever has more to say about a file than that it is
// wrong, such as a linter: beside the problems it returns as much of the
// template as could be read, nil when the file holds no JSON object. A member
// that stands twice has its first value there, one of the wrong type none. It
// must not be applied when there are problems.
func Examine(file string, src []byte) (*Template, Problems) {
	if len(src) > MaxFileSize {
		return nil, Problems{{File: file, Class: ProblemTooLarge,
			Message: fmt.Sprintf("the file is larger than the limit of %d octets for a template", MaxFileSize),
			Mend:    "split the template or remove what is not part of it"}}
	}
	src = bytes.Clone(src) // the template outlives the caller's buffer
	r := newReader(file, bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")))
	if r.unreadable() {
		return nil, r.problems
	}
	root, err := r.document()
	if err != nil {
		return nil, r.problems
	}
	t := r.template(root)
	sortProblems(r.problems)
	problems := r.problems
	t.File, t.Raw = file, src
	r.dec, r.problems = nil, nil
	if root.kind != '{' {
		return nil, problems
	}
	return t, problems
}

// unreadable catches what the decoder would describe badly.
func (r *reader) unreadable() bool {
	switch {
	case len(bytes.TrimSpace(r.src)) == 0:
		r.report(0, "", ProblemEmpty, "the file is empty", "write a template, a JSON object")
	case bytes.HasPrefix(r.src, []byte("\xff\xfe")), bytes.HasPrefix(r.src, []byte("\xfe\xff")):
		r.report(0, "", ProblemNotJSON, "the file is in UTF-16", "save it as UTF-8")
	}
	return len(r.problems) > 0
}

// template reads the template's own members.
func (r *reader) template(root *node) *Template {
	t := &Template{members: map[string]member{}, reader: r}
	if root.kind != '{' {
		r.report(root.start, "", ProblemType, "the file holds "+kindName(root)+" where a template is expected", "a template is a JSON object: write { … }")
		return t
	}
	strs, bools, ints := t.stringMembers(), t.boolMembers(), t.intMembers()
	for _, m := range root.members {
		if _, again := t.members[m.name]; again {
			continue // reported already
		}
		t.members[m.name] = m
		at := "/" + escapePointer(m.name)
		if m.value.kind == 'n' {
			continue
		}
		switch {
		case strs[m.name] != nil:
			r.text(m, at, strs[m.name])
		case bools[m.name] != nil:
			r.boolean(m, at, bools[m.name])
		case ints[m.name] != nil:
			r.integer(m, at, ints[m.name])
		case m.name == "crit":
			t.Crit = r.strings(m, at)
		case m.name == "records":
			t.Records = r.records(m)
		default:
			keep(&t.Unknown, m, r.src)
		}
	}
	r.required(root)
	return t
}

func (t *Template) stringMembers() map[string]*string {
	return map[string]*string{
		"providerId": &t.ProviderID, "providerName": &t.ProviderName,
		"serviceId": &t.ServiceID, "serviceName": &t.ServiceName,
		"logoUrl": &t.LogoURL, "description": &t.Description,
		"variableDescription": &t.VariableDescription,
		"syncPubKeyDomain":    &t.SyncPubKeyDomain, "syncRedirectDomain": &t.SyncRedirectDomain,
	}
}

func (t *Template) boolMembers() map[string]*bool {
	return map[string]*bool{
		"syncBlock": &t.SyncBlock, "hostRequired": &t.HostRequired, "multiInstance": &t.MultiInstance,
		"shared": &t.Shared, "sharedProviderName": &t.SharedProviderName,
		"sharedServiceName": &t.SharedService, "warnPhishing": &t.WarnPhishing,
	}
}

func (t *Template) intMembers() map[string]*int64 {
	return map[string]*int64{"version": &t.Version, "templateSpecVersion": &t.SpecVersion}
}

// required checks that the members that every template has are there, and
// the form of the ids, which are part of URLs.
func (r *reader) required(root *node) {
	for _, name := range []string{"providerId", "providerName", "serviceId", "serviceName", "records"} {
		m, ok := root.find(name)
		if !ok {
			start := root.start
			if m.value != nil {
				start = m.start
			}
			r.report(start, "", ProblemMissing, fmt.Sprintf("the template has no %s", name), fmt.Sprintf("add the member %q", name))
			continue
		}
		if (name == "providerId" || name == "serviceId") && m.value.kind == '"' {
			r.id(m)
		}
	}
}

func (r *reader) id(m member) {
	id, at := m.value.text, "/"+m.name
	const letters = "ASCII letters, digits, hyphens, underscores and dots"
	switch bad := strings.IndexFunc(id, func(c rune) bool { return !isIDRune(c) }); {
	case id == "":
		r.report(m.value.start, at, ProblemID, m.name+" is empty", "write 1 to 63 "+letters)
	case bad >= 0:
		c := []rune(id[bad:])[0]
		r.report(m.value.start, at, ProblemID, fmt.Sprintf("%s holds the character %q", m.name, c), "use only "+letters)
	case len(id) > MaxIDLength:
		r.report(m.value.start, at, ProblemIDLength,
			fmt.Sprintf("%s has %d characters, the limit is %d", m.name, len(id), MaxIDLength), "shorten it")
	}
}

func isIDRune(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
}

// mismatch reports a member of the wrong JSON type.
func (r *reader) mismatch(m member, at, want, mend string) {
	r.report(m.value.start, at, ProblemType, fmt.Sprintf("%s is %s where %s is expected", m.name, kindName(m.value), want), mend)
}

func (r *reader) text(m member, at string, to *string) {
	if m.value.kind != '"' {
		r.mismatch(m, at, "a string", "put the value in double quotes")
		return
	}
	*to = m.value.text
}

func (r *reader) boolean(m member, at string, to *bool) {
	if m.value.kind != 't' && m.value.kind != 'f' {
		r.mismatch(m, at, "true or false", "write true or false without quotes")
		return
	}
	*to = m.value.kind == 't'
}

// integer accepts every spelling of an integer, as dcspec-2.3 does; that
// ietf-05 wants digits alone is for a linter to say.
func (r *reader) integer(m member, at string, to *int64) {
	if m.value.kind != '0' {
		r.mismatch(m, at, "an integer", "write digits without quotes")
		return
	}
	// SetString refuses exponents over a million, so that a few octets cannot
	// make an enormous number.
	n, ok := new(big.Rat).SetString(m.value.text)
	switch {
	case ok && !n.IsInt():
		r.report(m.value.start, at, ProblemType, fmt.Sprintf("%s is %s where an integer is expected", m.name, m.value.text), "write digits alone")
	case !ok || !n.Num().IsInt64():
		r.report(m.value.start, at, ProblemRange, m.name+" is a number that does not fit 64 bits", "use a smaller one")
	default:
		*to = n.Num().Int64()
	}
}

func (r *reader) strings(m member, at string) []string {
	if m.value.kind != '[' {
		r.mismatch(m, at, "an array of strings", "write [ … ] around it")
		return nil
	}
	list := make([]string, 0, len(m.value.elements))
	for i, e := range m.value.elements {
		if e.kind != '"' {
			r.report(e.start, fmt.Sprintf("%s/%d", at, i), ProblemType,
				fmt.Sprintf("%s holds %s where a string is expected", m.name, kindName(e)), "write names in double quotes")
			continue
		}
		list = append(list, e.text)
	}
	return list
}

// keep stores a member as it stands in the file.
func keep(to *map[string]json.RawMessage, m member, src []byte) {
	if *to == nil {
		*to = map[string]json.RawMessage{}
	}
	(*to)[m.name] = bytes.Clone(src[m.value.start:m.value.end])
}

func kindName(n *node) string {
	switch n.kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	}
	return "an array"
}
