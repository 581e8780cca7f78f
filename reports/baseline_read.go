package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// BaselineVersion is the version of the format of a baseline file.
const BaselineVersion = 1

var (
	baselineKeys = []string{"version", "known"}
	knownKeys    = []string{"case", "matches", "at-most", "outcome", "reason", "owner", "link", "expires", "note"}
	reasonKeys   = []string{"requirement", "actual", "pattern"}
)

// ReadBaseline reads a baseline file strictly. What is wrong is said for every
// place at once, each with file, line and column; now is the day from which
// the expiry dates are looked at. A list that is empty on purpose (known: [])
// is a baseline, an empty file is not.
func ReadBaseline(file string, data []byte, now time.Time) (*Baseline, error) {
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, notYAML(file, err)
	}
	if len(doc.Docs) > 1 {
		return nil, fmt.Errorf("%s: holds %d documents; a baseline is one", file, len(doc.Docs))
	}
	if len(doc.Docs) == 0 || doc.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s: is empty; a baseline without entries is written \"version: 1\" and \"known: []\"", file)
	}
	sum := sha256.Sum256(data)
	r := &baselineReader{file: file, now: now, baseline: &Baseline{File: file, SHA256: hex.EncodeToString(sum[:])}}
	r.document(doc.Docs[0].Body)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b problem) int { return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column)) })
		texts := make([]string, len(r.problems))
		for i, p := range r.problems {
			texts[i] = fmt.Sprintf("%s:%d:%d: %s", file, p.line, p.column, p.text)
		}
		return nil, errors.New(strings.Join(texts, "\n"))
	}
	return r.baseline, nil
}

// notYAML words a parser's error in one line with its place.
func notYAML(file string, err error) error {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		at := syntax.GetToken().Position
		return fmt.Errorf("%s:%d:%d: not YAML: %s", file, at.Line, at.Column, oneLine(syntax.GetMessage()))
	}
	return fmt.Errorf("%s: not YAML: %s", file, oneLine(err.Error()))
}

type problem struct {
	line, column int
	text         string
}

// baselineReader gathers what is wrong while it reads.
type baselineReader struct {
	file     string
	now      time.Time
	baseline *Baseline
	problems []problem
}

func (r *baselineReader) wrong(at ast.Node, format string, args ...any) {
	p := problem{line: 1, column: 1, text: fmt.Sprintf(format, args...)}
	if pair, ok := at.(*ast.MappingValueNode); ok {
		at = pair.Key
	}
	if m, ok := at.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		at = m.Values[0].Key
	}
	if at != nil && at.GetToken() != nil {
		p.line, p.column = at.GetToken().Position.Line, at.GetToken().Position.Column
	}
	r.problems = append(r.problems, p)
}

func (r *baselineReader) document(body ast.Node) {
	m := r.mapping(body, "a baseline", baselineKeys)
	if m == nil {
		return
	}
	if v := m["version"]; v == nil {
		r.wrong(body, "version is missing: the first line of a baseline is \"version: %d\"", BaselineVersion)
	} else if n, ok := r.number(v); ok && n != BaselineVersion {
		r.wrong(v.Value, "version %d; this version of %s reads %d", n, Tool, BaselineVersion)
	}
	list := m["known"]
	if list == nil {
		r.wrong(body, "known is missing: it is the list of known failures, [] when there are none")
		return
	}
	seq, ok := list.Value.(*ast.SequenceNode)
	if !ok {
		r.wrong(list, "known is a list of failures, [] when there are none")
		return
	}
	lines := map[string]int{}
	for _, node := range seq.Values {
		before := len(r.problems)
		e := r.entry(node)
		if len(r.problems) > before {
			continue
		}
		key := e.Case + "\x00" + string(e.Outcome) + "\x00" + e.Reason.Requirement + "\x00" + e.Reason.Actual + "\x00" + fmt.Sprint(e.Reason.Pattern)
		if first, twice := lines[key]; twice {
			r.wrong(node, "the entry in line %d says the same; take one of them out", first)
			continue
		}
		lines[key] = e.Line
		r.baseline.Entries = append(r.baseline.Entries, *e)
	}
}

// mapping returns the pairs of a mapping by key, or nil when it is none.
func (r *baselineReader) mapping(node ast.Node, what string, keys []string) map[string]*ast.MappingValueNode {
	var pairs []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.wrong(node, "%s is a mapping with %s", what, strings.Join(keys, ", "))
		return nil
	}
	m := map[string]*ast.MappingValueNode{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		switch {
		case !slices.Contains(keys, key):
			r.wrong(pair, "unknown key %q; did you mean %q? %s has %s", key, nearest(key, keys), what, strings.Join(keys, ", "))
		case m[key] != nil:
			r.wrong(pair, "the key %q stands twice", key)
		default:
			m[key] = pair
		}
	}
	return m
}

func (r *baselineReader) entry(node ast.Node) *KnownFailure {
	m := r.mapping(node, "an entry", knownKeys)
	if m == nil {
		return nil
	}
	e := &KnownFailure{Line: entryLine(node)}
	for _, key := range []string{"case", "outcome", "reason", "owner", "expires"} {
		if m[key] == nil {
			r.wrong(node, "%s is missing: an entry has case, outcome, reason, owner and expires", key)
		}
	}
	for key, into := range map[string]*string{"case": &e.Case, "owner": &e.Owner, "link": &e.Link, "note": &e.Note} {
		if m[key] != nil {
			*into, _ = r.text(m[key])
		}
	}
	if p := m["owner"]; p != nil && strings.TrimSpace(e.Owner) == "" {
		r.wrong(p, "owner is empty: name who mends it")
	}
	if p := m["link"]; p != nil && !strings.HasPrefix(e.Link, "https://") && !strings.HasPrefix(e.Link, "http://") {
		r.wrong(p.Value, "link %q is no http or https URL; leave it out when there is none", e.Link)
	}
	r.outcome(e, m["outcome"])
	r.expiry(e, m["expires"])
	r.pattern(e, m)
	if m["reason"] != nil {
		r.reason(e, m["reason"].Value)
	}
	return e
}

func entryLine(node ast.Node) int {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return n.Values[0].Key.GetToken().Position.Line
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken().Position.Line
	}
	return node.GetToken().Position.Line
}

func (r *baselineReader) outcome(e *KnownFailure, p *ast.MappingValueNode) {
	if p == nil {
		return
	}
	text, ok := r.text(p)
	if e.Outcome = Outcome(text); ok && e.Outcome != Fail && e.Outcome != Warning {
		r.wrong(p.Value, "outcome %q is neither fail nor warning: nothing else can be known", text)
	}
}

func (r *baselineReader) expiry(e *KnownFailure, p *ast.MappingValueNode) {
	if p == nil {
		return
	}
	text, ok := r.text(p)
	if !ok {
		return
	}
	day, err := time.Parse(time.DateOnly, text)
	latest := r.now.UTC().Add(BaselineLife)
	switch {
	case err != nil:
		r.wrong(p.Value, "expires %q is no day in the form 2026-12-31", text)
	case day.After(latest):
		r.wrong(p.Value, "expires %s is more than a year away; the latest day is %s", text, latest.Format(time.DateOnly))
	}
	e.Expires = day
}

// pattern reads case, matches and at-most, which hang together.
func (r *baselineReader) pattern(e *KnownFailure, m map[string]*ast.MappingValueNode) {
	if m["matches"] != nil {
		e.Matches, _ = r.positive(m["matches"])
	}
	if m["at-most"] != nil {
		e.AtMost, _ = r.positive(m["at-most"])
	}
	if m["case"] == nil {
		return
	}
	if strings.TrimSpace(e.Case) == "" {
		r.wrong(m["case"], "case is empty: name the case")
		return
	}
	pattern, fault := casePattern(e.Case)
	if fault != "" {
		r.wrong(m["case"].Value, "case %q: %s", e.Case, fault)
		return
	}
	e.pattern = pattern
	switch {
	case pattern != nil && m["matches"] == nil && m["at-most"] == nil:
		r.wrong(m["case"].Value, "case %q has a *: say in matches how many cases it covers, or in at-most how many at the most", e.Case)
	case m["matches"] != nil && m["at-most"] != nil:
		r.wrong(m["at-most"], "at-most beside matches: one of them is enough")
	case pattern == nil && (m["matches"] != nil || m["at-most"] != nil):
		r.wrong(m["case"].Value, "case %q names one case; matches and at-most go with a *", e.Case)
	}
}

func (r *baselineReader) reason(e *KnownFailure, node ast.Node) {
	m := r.mapping(node, "a reason", reasonKeys)
	if m == nil {
		return
	}
	p := m["requirement"]
	if p == nil {
		r.wrong(node, "requirement is missing: a reason names the requirement or rule that is missed")
	} else if e.Reason.Requirement, _ = r.text(p); strings.TrimSpace(e.Reason.Requirement) == "" {
		r.wrong(p, "requirement is empty: a reason names the requirement or rule that is missed")
	}
	if p := m["actual"]; p != nil {
		if e.Reason.Actual, _ = r.text(p); strings.TrimSpace(e.Reason.Actual) == "" {
			r.wrong(p, "actual is empty; leave it out when any will do")
		}
	}
	if p := m["pattern"]; p != nil {
		text, ok := r.text(p)
		if !ok {
			return
		}
		re, err := regexp.Compile(text)
		if err != nil || text == "" {
			r.wrong(p.Value, "pattern %q is no regular expression (RE2)", text)
			return
		}
		e.Reason.Pattern = re
	}
}

// text is the value of a pair that has to be a string.
func (r *baselineReader) text(p *ast.MappingValueNode) (string, bool) {
	switch n := p.Value.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	r.wrong(p, "%s is a text; put it in quotation marks", p.Key.GetToken().Value)
	return "", false
}

func (r *baselineReader) number(p *ast.MappingValueNode) (int, bool) {
	if n, ok := p.Value.(*ast.IntegerNode); ok {
		if v, err := strconv.Atoi(n.GetToken().Value); err == nil {
			return v, true
		}
	}
	r.wrong(p, "%s is a whole number", p.Key.GetToken().Value)
	return 0, false
}

func (r *baselineReader) positive(p *ast.MappingValueNode) (int, bool) {
	n, ok := r.number(p)
	if ok && n < 1 {
		r.wrong(p.Value, "%s is a number from 1", p.Key.GetToken().Value)
	}
	return n, ok
}

// nearest is the word of a list that resembles a word most.
func nearest(word string, list []string) string {
	return slices.MinFunc(list, func(a, b string) int {
		return cmp.Compare(levenshtein.ComputeDistance(word, a), levenshtein.ComputeDistance(word, b))
	})
}
