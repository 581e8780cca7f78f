package catalogue

import (
	"slices"

	"github.com/dcconform/dcconform/suites/register"
)

// RequirementView is a requirement with all that belongs to it.
type RequirementView struct {
	ID       string        `json:"id"`
	Area     string        `json:"area"`
	Role     register.Role `json:"role"`
	Text     string        `json:"text"`
	Editions []DemandView  `json:"editions"`
	// Check is how it can be checked, State whether it is; Reason says why it
	// cannot be.
	Check  register.Check  `json:"check"`
	State  State           `json:"state"`
	Reason string          `json:"reason,omitempty"`
	Needs  []register.Need `json:"needs,omitempty"`
	// How is what goes over the wire, and when it passes; Pair the control
	// twin; Open what passes, too, since the texts leave it open.
	How  string `json:"how"`
	Pair string `json:"pair,omitempty"`
	Open string `json:"open,omitempty"`
	Note string `json:"note,omitempty"`
	// Mistake is the deviation that the check has to catch.
	Mistake string   `json:"mistake"`
	Cases   []string `json:"cases"`
	Faults  []string `json:"faults"`
	Rules   []string `json:"rules"`
}

// DemandView is what one edition says.
type DemandView struct {
	Edition register.Edition `json:"edition"`
	Section string           `json:"section"`
	Level   register.Level   `json:"level"`
	Basis   register.Basis   `json:"basis"`
	// Miss words what a miss is: "violates section 8.3.4 of ietf-05 (MUST)".
	Miss string `json:"miss"`
	// Expect is where the edition's pass condition is its own.
	Expect string `json:"expect,omitempty"`
}

// CaseView is a case with the faults that it has to catch.
type CaseView struct {
	Case
	Faults []string `json:"faults"`
}

// FaultView is a fault with the cases that have to catch it.
type FaultView struct {
	Fault
	Cases []string `json:"cases"`
	// Proposed is set where only the register names the fault: the mock does
	// not have it.
	Proposed bool `json:"proposed,omitempty"`
}

func (c *Catalogue) viewOf(q *register.Requirement) RequirementView {
	v := RequirementView{ID: q.ID, Area: q.Area, Role: q.Role, Text: q.Text, Check: q.Check, State: c.State(q), Reason: q.Reason,
		Needs: slices.Clone(q.Needs), How: q.How, Pair: q.Pair, Open: q.Open, Note: q.Note, Mistake: q.Fault.String(),
		Cases: orEmpty(c.CasesOf(q.ID)), Faults: orEmpty(c.FaultsOf(q.ID)), Rules: orEmpty(c.RulesOf(q.ID))}
	for _, e := range []register.Edition{register.IETF05, register.DCSpec23, register.Async00} {
		if d, ok := q.Editions[e]; ok {
			v.Editions = append(v.Editions, DemandView{Edition: e, Section: d.Section, Level: d.Level, Basis: d.Basis,
				Miss: c.register.Breach(q.ID, e), Expect: q.Expect[e]})
		}
	}
	return v
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
