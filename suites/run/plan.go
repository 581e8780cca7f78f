package run

import (
	"errors"
	"slices"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
)

// makePlan lists what the run owes, and what of it was asked for.
func (c *conduct) makePlan() error {
	reg, err := register.Load()
	if err != nil {
		return err
	}
	scenarios, err := c.kind.scenarios()
	if err != nil {
		return err
	}
	all, err := planned(scenarios, c.kind.edition(), reg)
	if err != nil {
		return err
	}
	scope := reports.ScopeFull
	c.plan = all
	if len(c.flags.Cases) > 0 {
		ids, err := selectCases(scenarios, c.flags.Cases)
		if err != nil {
			return err
		}
		c.plan = slices.DeleteFunc(slices.Clone(all), func(p reports.Planned) bool { return !ids[p.ID] })
		scope = reports.ScopeFiltered
	}
	if len(c.plan) == 0 {
		return nothingError{errors.New("nothing is selected: the plan is empty")}
	}
	// Exemplars are those of all shards together, so that joined they are the
	// same as in one run.
	reports.MarkExemplars(c.plan)
	shard, whole, err := c.cut(scenarios, scope)
	if err != nil {
		return err
	}
	if shard != nil {
		scope = reports.ScopeFiltered
	}
	c.run = reports.Run{Shard: shard, WholePlan: whole, Selftest: c.flags.Selftest, ToolVersion: c.flags.ToolVersion, Command: c.flags.Command, Edition: string(c.kind.edition()),
		Consent: c.flags.Consent, Seed: c.flags.Seed, Scope: scope}
	c.kind.header(&c.run)
	return c.holdAgainst(all)
}

// cut leaves of the plan what --shard asks for, and returns what all shards
// owe together; nil without --shard.
func (c *conduct) cut(scenarios []*check.Scenario, scope reports.Scope) (*reports.Shard, []reports.Planned, error) {
	shard, err := parseShard(c.flags.Shard)
	if shard == nil || err != nil {
		return nil, nil, err // the flag has been read before
	}
	shard.Scope = scope
	whole := c.plan
	if c.plan, err = shardOf(shard, scenarios, whole); err != nil {
		return nil, nil, usageError{err}
	}
	return shard, whole, nil
}

// planned lists what scenarios owe, and refuses what could be green without
// saying why.
func planned(scenarios []*check.Scenario, edition register.Edition, reg *register.Register) ([]reports.Planned, error) {
	var all []reports.Planned
	for _, sc := range scenarios {
		if err := Validate(sc, reg); err != nil {
			return nil, err
		}
		all = append(all, sc.Planned(edition, reg)...)
	}
	return all, nil
}
