package values

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// search finds a value for each variable such that every record of the
// template can be written. A record is a constraint on its variables; the
// validation of package resolve decides it.
type search struct {
	t            *dc.Template
	groups       []string
	domain, host string
	given        Set
	variables    []resolve.Variable
	source       source

	// byRecord lists for each record with variables their indexes.
	byRecord map[int][]int
	// records is byRecord's keys in order.
	records []int
	// candidates are what is left for each variable.
	candidates [][]string
	// tries bounds the work on one template.
	tries int
}

const (
	// triesPerTemplate bounds how often a record is rendered for a template.
	// Nearly all templates need one for each record.
	triesPerTemplate = 20000
	// triesPerCandidate bounds how many values of its neighbours are tried
	// beside one candidate.
	triesPerCandidate = 300
)

// run searches with long values where places ask for them, or without.
func (s *search) run(long bool) (Set, error) {
	s.tries = 0
	if err := s.applicable(); err != nil {
		return nil, err
	}
	s.collect(long)
	for _, r := range s.records {
		if err := s.filter(r); err != nil {
			return nil, err
		}
	}
	set := Set{}
	if !s.assign(0, set) {
		return nil, s.combination()
	}
	if _, err := s.resolve(s.t, set); err != nil {
		return nil, s.refusal(err, set)
	}
	return set, nil
}

// applicable refuses what no value can mend: a template that is not usable, a
// host that is missing, a record without variables that is wrong by itself.
func (s *search) applicable() error {
	_, err := s.resolve(s.t, nil)
	var e *dc.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	if e.Record < 0 && e.Class != dc.ErrVariable {
		return &Impossible{Record: -1, Constraint: e.Message, Err: e}
	}
	return nil
}

// collect lists the candidates of each variable, those of the strictest place
// first, and which records hold which variables.
func (s *search) collect(long bool) {
	s.byRecord, s.records = map[int][]int{}, nil
	s.candidates = make([][]string, len(s.variables))
	for i, v := range s.variables {
		var strict [strictText + 1][]string
		for _, u := range v.Uses {
			class, values := s.source.candidates(s.t, v.Name, u, long)
			strict[class] = append(strict[class], values...)
			if vars := s.byRecord[u.Record]; !slices.Contains(vars, i) {
				s.byRecord[u.Record] = append(vars, i)
			}
		}
		if value, ok := s.given[v.Name]; ok {
			s.candidates[i] = []string{value}
			continue
		}
		for _, values := range strict {
			for _, value := range values {
				if !slices.Contains(s.candidates[i], value) {
					s.candidates[i] = append(s.candidates[i], value)
				}
			}
		}
	}
	for r := range s.byRecord {
		s.records = append(s.records, r)
	}
	slices.Sort(s.records)
}

// filter drops from the variables of a record the candidates that it accepts
// beside no value of its other variables.
func (s *search) filter(record int) error {
	vars := s.byRecord[record]
	tried := s.firstOf(vars)
	for _, v := range vars {
		var kept []string
		for _, value := range s.candidates[v] {
			if s.accepts(record, v, value) {
				kept = append(kept, value)
			}
		}
		if len(kept) == 0 {
			return s.explain(record, tried)
		}
		s.candidates[v] = kept
	}
	return nil
}

// accepts reports whether the record takes the value beside some values of its
// other variables.
func (s *search) accepts(record, variable int, value string) bool {
	set := Set{s.variables[variable].Name: value}
	budget := triesPerCandidate
	var others []int
	for _, v := range s.byRecord[record] {
		if v != variable {
			others = append(others, v)
		}
	}
	var try func(rest []int) bool
	try = func(rest []int) bool {
		if len(rest) == 0 {
			budget--
			return s.check(record, set) == nil
		}
		for _, c := range s.candidates[rest[0]] {
			set[s.variables[rest[0]].Name] = c
			if try(rest[1:]) {
				return true
			}
			if budget <= 0 || s.tries >= triesPerTemplate {
				return false
			}
		}
		return false
	}
	return try(others)
}

// assign chooses a candidate for the variables from the i-th on. Values that
// no other variable has come first, so that each can be told when read back.
func (s *search) assign(i int, set Set) bool {
	if i == len(s.variables) {
		return true
	}
	name := s.variables[i].Name
	for _, value := range unusedFirst(s.candidates[i], set) {
		set[name] = value
		if s.complete(i, set) && s.assign(i+1, set) {
			return true
		}
		delete(set, name)
		if s.tries >= triesPerTemplate {
			return false
		}
	}
	return false
}

// complete checks the records whose last variable is the i-th.
func (s *search) complete(i int, set Set) bool {
	for _, r := range s.records {
		vars := s.byRecord[r]
		if slices.Max(vars) == i && s.check(r, set) != nil {
			return false
		}
	}
	return true
}

func unusedFirst(candidates []string, set Set) []string {
	used := make(map[string]bool, len(set))
	for _, v := range set {
		used[v] = true
	}
	ordered := make([]string, 0, len(candidates))
	for _, again := range []bool{false, true} {
		for _, c := range candidates {
			if used[c] == again {
				ordered = append(ordered, c)
			}
		}
	}
	return ordered
}

// check renders one record alone.
func (s *search) check(record int, set Set) error {
	s.tries++
	alone := *s.t
	alone.Records = s.t.Records[record : record+1]
	_, err := resolve.Resolve(&alone, resolve.Request{Domain: s.domain, Host: s.host, Variables: set}, dc.Rules{})
	return err
}

func (s *search) resolve(t *dc.Template, set Set) ([]dc.Resolved, error) {
	return resolve.Resolve(t, resolve.Request{Domain: s.domain, Host: s.host, Groups: s.groups, Variables: set}, dc.Rules{})
}

// firstOf is the likeliest candidate of each of the variables.
func (s *search) firstOf(vars []int) Set {
	set := Set{}
	for _, v := range vars {
		if len(s.candidates[v]) > 0 {
			set[s.variables[v].Name] = s.candidates[v][0]
		}
	}
	return set
}

// explain says why a record takes none of the values, by what it says to the
// likeliest ones.
func (s *search) explain(record int, tried Set) error {
	err := s.check(record, tried)
	var e *dc.Error
	if !errors.As(err, &e) {
		return s.combination()
	}
	at := *e
	at.Record = record
	return s.refusal(&at, tried)
}

// combination words the case that each record has values, but all together
// have none, or none that was found within the bounds of the search.
func (s *search) combination() error {
	return &Impossible{Record: -1, Constraint: "each record has values that suit it, but no combination was found that suits all of them"}
}

// refusal turns what the core says to a set of values into an Impossible.
func (s *search) refusal(err error, set Set) error {
	var e *dc.Error
	if !errors.As(err, &e) {
		return err
	}
	out := &Impossible{Record: -1, Constraint: e.Message, Err: e}
	if e.Record < 0 || e.Record >= len(s.t.Records) {
		return out
	}
	r := &s.t.Records[e.Record]
	out.Record, out.Type, out.Field, out.Text = e.Record, r.Type, e.Field, r.Text(e.Field)
	for _, i := range s.byRecord[e.Record] {
		name := s.variables[i].Name
		if e.Field != "" && !strings.Contains(out.Text, "%"+name+"%") {
			continue
		}
		out.Variable, out.Value = name, set[name]
		_, out.Given = s.given[name]
		out.Constraint += s.elsewhere(i, e.Record)
		break
	}
	return out
}

// elsewhere names the other records that a variable has to suit.
func (s *search) elsewhere(variable, record int) string {
	for _, u := range s.variables[variable].Uses {
		if u.Record != record {
			return fmt.Sprintf("; the variable also stands in record %d (%s), %s", u.Record+1, s.t.Records[u.Record].Type, u.Field)
		}
	}
	return ""
}
