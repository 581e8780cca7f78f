package run

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
)

var shardPattern = regexp.MustCompile(`^([1-9][0-9]{0,5})/([1-9][0-9]{0,5})$`)

// parseShard reads --shard; nil is the whole plan.
func parseShard(text string) (*reports.Shard, error) {
	if text == "" {
		return nil, nil
	}
	parts := shardPattern.FindStringSubmatch(text)
	if parts == nil {
		return nil, fmt.Errorf("--shard %s: write which one of how many, counted from 1, such as 1/4", text)
	}
	index, errIndex := strconv.Atoi(parts[1])
	of, errOf := strconv.Atoi(parts[2])
	if errIndex != nil || errOf != nil || index > of {
		return nil, fmt.Errorf("--shard %s: there are only %d shards, counted from 1", text, of)
	}
	return &reports.Shard{Index: index, Of: of}, nil
}

// shardOf is what a shard has to run of a plan: every n-th scenario, so that
// cases which need each other stay together, the shares are about equal, and
// every machine comes to the same cut without asking another one.
func shardOf(s *reports.Shard, scenarios []*check.Scenario, plan []reports.Planned) ([]reports.Planned, error) {
	owed := make(map[string]bool, len(plan))
	for _, p := range plan {
		owed[p.ID] = true
	}
	mine := map[string]bool{}
	units := 0
	for _, sc := range scenarios {
		var ids []string
		for i := range sc.Checks {
			if id := sc.ID(&sc.Checks[i]); owed[id] {
				ids = append(ids, id)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if units%s.Of == s.Index-1 {
			for _, id := range ids {
				mine[id] = true
			}
		}
		units++
	}
	if s.Of > units {
		return nil, fmt.Errorf("--shard %s: the plan has only %d parts that can run apart; use at most --shard %d/%d", s, units, units, units)
	}
	return slices.DeleteFunc(slices.Clone(plan), func(p reports.Planned) bool { return !mine[p.ID] }), nil
}
