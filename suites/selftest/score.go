package selftest

import (
	"cmp"
	"maps"
	"slices"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
)

// Matrix is what a selftest found out.
type Matrix struct {
	Tool        string `json:"tool"`
	ToolVersion string `json:"toolVersion"`
	// Scope is full, or filtered when faults or cases were left out: then the
	// matrix says nothing about those.
	Scope    reports.Scope      `json:"scope"`
	Editions []register.Edition `json:"editions"`
	Seed     uint64             `json:"seed"`
	Summary  Summary            `json:"summary"`
	Faults   []Judged           `json:"faults"`
	// Baseline is the mock without faults, for each edition.
	Baseline []Sound `json:"baseline"`
	// Degenerate are the targets that are none; nil where a filter left them
	// out.
	Degenerate []Degenerate `json:"degenerate,omitempty"`
	// Unproven are cases that no fault made fail. They are not looked for
	// when faults were left out.
	Unproven []string `json:"unproven"`
	// Stale are entries of the collateral that did not occur.
	Stale []string `json:"staleCollateral"`
	// Wrong tells of every unexpected end of a case, with a fault or without.
	Wrong []Seen `json:"wrong"`
	// Lost are cases whose child process died, so that nothing is known.
	Lost []Seen `json:"lost"`

	someFaults bool
}

// Summary is a matrix in numbers.
type Summary struct {
	Faults     int     `json:"faults"`
	Killed     int     `json:"killed"`
	Survivors  int     `json:"survivors"`
	Undecided  int     `json:"undecided"`
	Unexpected int     `json:"unexpected"`
	Idle       int     `json:"idle"`
	Cases      int     `json:"cases"`
	Unproven   int     `json:"unproven"`
	Results    int     `json:"results"`
	Seconds    float64 `json:"seconds"`
}

// Judged says of one fault who caught it.
type Judged struct {
	Name         string           `json:"name"`
	Sentence     string           `json:"sentence"`
	Requirements []string         `json:"requirements"`
	Edition      register.Edition `json:"edition"`
	// Killed is set when a case fails for one of the requirements, or warns
	// where the edition says SHOULD.
	Killed bool `json:"killed"`
	// By are the cases that killed it.
	By []string `json:"by"`
	// Unexpected are cases that ended badly for a requirement that the fault
	// does not name, even beside one that it does, and every case in which the
	// harness itself was at a loss.
	Unexpected []string `json:"unexpected"`
	// Collateral are such cases that were named and justified beforehand.
	Collateral []string `json:"collateral,omitempty"`
	// Idle are requirements that the fault names and that no case failed for:
	// it does not break them, or nobody sees that. They are looked for when it
	// was killed, no case was left out, and none was lost.
	Idle []string `json:"idle,omitempty"`
	// Lost counts cases that nothing is known of. A fault that would survive
	// is undecided then.
	Lost int `json:"lost,omitempty"`
}

// Sound is the mock without faults, judged by one edition.
type Sound struct {
	Edition       register.Edition `json:"edition"`
	Cases         int              `json:"cases"`
	Passed        int              `json:"passed"`
	NotApplicable int              `json:"notApplicable"`
	// Wrong are the cases that neither passed nor do not apply.
	Wrong []string `json:"wrong"`
}

// Score judges what was seen. It leaves tool, seed and time to the caller.
func (p *Plan) Score(seen []Seen, col *Collateral) *Matrix {
	m := &Matrix{Scope: reports.ScopeFull, Editions: p.Editions, Faults: []Judged{}, Baseline: []Sound{},
		Unproven: []string{}, Stale: []string{}, Wrong: []Seen{}, Lost: []Seen{}, someFaults: p.SomeFaults}
	if p.SomeFaults || p.SomeCases {
		m.Scope = reports.ScopeFiltered
	}
	s := &scorer{plan: p, matrix: m, collateral: col, byFault: map[string][]Seen{}, proven: map[string]bool{},
		lost: map[string]bool{}, excused: map[*Entry]bool{}}
	for _, x := range seen {
		if x.Reason == ReasonLost {
			m.Lost = append(m.Lost, x)
			s.lost[x.Case], s.lost[x.Fault+" "+x.Case] = true, true
		}
		s.byFault[x.Fault] = append(s.byFault[x.Fault], x)
	}
	for _, e := range p.Editions {
		m.Baseline = append(m.Baseline, s.sound(e))
	}
	for _, f := range p.Faults {
		m.Faults = append(m.Faults, s.judge(f))
	}
	s.finish()
	m.Summary.Results = len(seen)
	return m
}

type scorer struct {
	plan       *Plan
	matrix     *Matrix
	collateral *Collateral
	byFault    map[string][]Seen
	proven     map[string]bool
	// lost holds cases, and "fault case", of which something is not known.
	lost    map[string]bool
	excused map[*Entry]bool
}

// sound judges the mock without faults.
func (s *scorer) sound(e register.Edition) Sound {
	b := Sound{Edition: e, Cases: len(s.plan.Cases[e]), Wrong: []string{}}
	for _, x := range s.byFault[""] {
		switch {
		case x.Edition != e || x.Reason == ReasonLost:
		case x.Outcome == reports.Pass:
			b.Passed++
		case x.Outcome == reports.NotApplicable:
			b.NotApplicable++
		default:
			b.Wrong = append(b.Wrong, x.Case)
			s.matrix.Wrong = append(s.matrix.Wrong, x)
		}
	}
	return b
}

// judge says what became of a fault.
func (s *scorer) judge(f fault.Fault) Judged {
	j := Judged{Name: f.Name, Sentence: f.Sentence, Requirements: f.Requirements, Edition: s.plan.home(f), By: []string{}, Unexpected: []string{}}
	var caught []string
	for _, x := range s.byFault[f.Name] {
		switch {
		case x.Reason == ReasonLost:
			j.Lost++
			continue
		case x.Outcome == reports.Fail || x.Outcome == reports.Warning:
			s.proven[x.Case] = true
		case x.Outcome != reports.HarnessError:
			continue
		}
		switch {
		case s.kills(f, x):
			j.By, caught = add(j.By, x.Case), add(caught, x.Missed)
		case s.excuse(f.Name, x.Case):
			j.Collateral = add(j.Collateral, x.Case)
		default:
			j.Unexpected = add(j.Unexpected, x.Case)
			s.matrix.Wrong = append(s.matrix.Wrong, x)
		}
	}
	j.Killed = len(j.By) > 0
	if j.Killed && j.Lost == 0 && !s.plan.SomeCases {
		j.Idle = slices.DeleteFunc(slices.Clone(f.Requirements), func(id string) bool { return slices.Contains(caught, id) })
	}
	return j
}

// excuse reports whether the collateral justifies a case, and remembers it.
func (s *scorer) excuse(faultName, id string) bool {
	e := s.collateral.find(faultName, id)
	if e != nil {
		s.excused[e] = true
	}
	return e != nil
}

// kills reports whether a case catches the fault: it fails for what the fault
// breaks, or warns where the edition says no more than SHOULD.
func (s *scorer) kills(f fault.Fault, x Seen) bool {
	if !slices.Contains(f.Requirements, x.Missed) {
		return false
	}
	level, _ := s.plan.register.Level(x.Missed, x.Edition)
	return x.Outcome == reports.Fail || x.Outcome == reports.Warning && level != register.MUST
}

// finish adds up.
func (s *scorer) finish() {
	m, p := s.matrix, s.plan
	all := map[string]bool{}
	for _, cases := range p.Cases {
		for _, c := range cases {
			all[c.ID] = true
		}
	}
	if !p.SomeFaults {
		for _, id := range slices.Sorted(maps.Keys(all)) {
			if !s.proven[id] && !s.lost[id] {
				m.Unproven = append(m.Unproven, id)
			}
		}
	}
	ran := map[string]bool{}
	for _, f := range p.Faults {
		ran[f.Name] = true
	}
	m.Stale = append(m.Stale, s.collateral.stale(func(e *Entry) bool {
		return !s.excused[e] && ran[e.Fault] && all[e.Case] && !s.lost[e.Fault+" "+e.Case]
	})...)
	sum := &m.Summary
	sum.Cases, sum.Unproven = len(all), len(m.Unproven)
	for _, j := range m.Faults {
		sum.Faults++
		sum.Unexpected += len(j.Unexpected)
		sum.Idle += len(j.Idle)
		switch {
		case j.Killed:
			sum.Killed++
		case j.Lost > 0:
			sum.Undecided++
		default:
			sum.Survivors++
		}
	}
	slices.SortStableFunc(m.Wrong, func(a, b Seen) int { return cmp.Compare(a.Fault, b.Fault) })
}

// ExitCode is 1 when the harness was shown to be wanting, 3 when children were
// lost and nothing else is wrong, else 0.
func (m *Matrix) ExitCode() int {
	s := m.Summary
	return reports.Exit{
		Failed: s.Survivors > 0 || s.Idle > 0 || len(m.Wrong) > 0 || len(m.Unproven) > 0 || len(m.Stale) > 0 || len(wrong(m.Degenerate)) > 0,
		Unsure: len(m.Lost) > 0,
	}.Code()
}

func add(list []string, id string) []string {
	if slices.Contains(list, id) {
		return list
	}
	return append(list, id)
}
