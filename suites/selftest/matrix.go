package selftest

import (
	"slices"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
)

// Fault is a misbehaviour of the mock.
type Fault = fault.Fault

// Faults lists the misbehaviours of the mock, sorted by name.
func Faults() []Fault { return fault.All() }

// Plan is what a matrix of faults and cases owes.
type Plan struct {
	// Editions are judged by in turn; the mock without faults by each, a fault
	// by the one that asks most of what it breaks.
	Editions []register.Edition
	// Cases are the provider cases of each edition.
	Cases map[register.Edition][]reports.Planned
	// Faults are the columns.
	Faults []fault.Fault
	// SomeFaults and SomeCases are set when a filter left others out.
	SomeFaults, SomeCases bool

	register *register.Register
	kinds    map[string]Kind
}

// NewPlan makes a plan of the cases of each edition.
func NewPlan(reg *register.Register, editions []register.Edition, cases map[register.Edition][]reports.Planned, faults []fault.Fault) *Plan {
	return &Plan{Editions: editions, Cases: cases, Faults: faults, register: reg, kinds: KindsOfCases(reg)}
}

// Column is a mock that cases are run at.
type Column struct {
	// Fault is the misbehaviour, "" the mock as it should be.
	Fault   string           `json:"fault,omitempty"`
	Edition register.Edition `json:"edition"`
	// Kind is what the mock is beside.
	Kind Kind `json:"kind,omitempty"`
	// Cases are the ids to run.
	Cases []string `json:"-"`
}

// Columns lists the mocks: without faults for each edition and kind, then with
// each fault.
func (p *Plan) Columns() []Column {
	var all []Column
	for _, e := range p.Editions {
		for _, k := range kinds {
			all = append(all, Column{Edition: e, Kind: k, Cases: p.of(k, p.Cases[e])})
		}
	}
	for _, f := range p.Faults {
		all = append(all, p.columnsOf(f)...)
	}
	return slices.DeleteFunc(all, func(c Column) bool { return len(c.Cases) == 0 })
}

// columnsOf has every case judge a fault by its home edition, at mocks of the
// kinds that cases about what it breaks are run at. Such cases that only
// another edition has are run there.
func (p *Plan) columnsOf(f fault.Fault) []Column {
	home := p.home(f)
	var columns []Column
	for _, k := range p.kindsOf(f, home) {
		columns = append(columns, Column{Fault: f.Name, Edition: home, Kind: k, Cases: p.of(k, p.Cases[home])})
	}
	for _, e := range p.Editions {
		if e == home {
			continue
		}
		var only []reports.Planned
		for _, c := range p.Cases[e] {
			if overlap(c.Requirements, f.Requirements) && !slices.Contains(ids(p.Cases[home]), c.ID) {
				only = append(only, c)
			}
		}
		for _, k := range kinds {
			columns = append(columns, Column{Fault: f.Name, Edition: e, Kind: k, Cases: p.of(k, only)})
		}
	}
	return columns
}

// kindsOf are the kinds of mock that an edition's cases about a fault are run
// at; without such a case it is the plain one.
func (p *Plan) kindsOf(f fault.Fault, e register.Edition) []Kind {
	var list []Kind
	for _, k := range kinds {
		if slices.ContainsFunc(p.Cases[e], func(c reports.Planned) bool { return p.kinds[c.ID] == k && overlap(c.Requirements, f.Requirements) }) {
			list = append(list, k)
		}
	}
	if len(list) == 0 {
		return []Kind{Plain}
	}
	return list
}

// of are the ids of the cases that are run at a kind of mock.
func (p *Plan) of(k Kind, cases []reports.Planned) []string {
	return ids(slices.DeleteFunc(slices.Clone(cases), func(c reports.Planned) bool { return p.kinds[c.ID] != k }))
}

// home is the edition that asks most of what the fault breaks and has a case
// about it; the first of several.
func (p *Plan) home(f fault.Fault) register.Edition {
	best, most := p.Editions[0], -1
	for _, e := range p.Editions {
		weight := 0
		for _, c := range p.Cases[e] {
			for _, id := range c.Requirements {
				if slices.Contains(f.Requirements, id) {
					weight = max(weight, p.weight(id, e))
				}
			}
		}
		if weight > most {
			best, most = e, weight
		}
	}
	return best
}

// weight is how much an edition asks by a requirement.
func (p *Plan) weight(id string, e register.Edition) int {
	level, _ := p.register.Level(id, e)
	switch level {
	case register.MUST:
		return 3
	case register.SHOULD:
		return 2
	case register.MAY:
		return 1
	}
	return 0
}

func ids(planned []reports.Planned) []string {
	list := make([]string, 0, len(planned))
	for _, c := range planned {
		list = append(list, c.ID)
	}
	return list
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// Seen is what became of one case in one column.
type Seen struct {
	Fault   string           `json:"fault,omitempty"`
	Edition register.Edition `json:"edition"`
	Case    string           `json:"case"`
	Outcome reports.Outcome  `json:"outcome"`
	// Missed is the requirement that a failure or warning is about.
	Missed string `json:"requirement,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Message is one sentence; empty on a pass.
	Message string `json:"message,omitempty"`
}

// ReasonLost marks a case whose child process died.
const ReasonLost = "lost"

// Compact is what a matrix needs of a result.
func Compact(c Column, r reports.Result) Seen {
	s := Seen{Fault: c.Fault, Edition: c.Edition, Case: r.ID, Outcome: r.Outcome, Reason: r.Reason, Message: r.Message}
	if r.Failure != nil {
		s.Missed = r.Failure.Requirement
	}
	return s
}
