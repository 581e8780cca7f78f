package certify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/match"
)

// MaxOrders is in how many orders the groups of a template are applied: in
// every order of three, and in as many of more.
const MaxOrders = 6

// orders are permutations of the groups, at most MaxOrders, and how many there
// are of them. Of more than three groups these are the order of the template,
// its reverse, and rotations, so that several groups come first and last.
func orders(groups []string) (tried [][]string, of string) {
	n := len(groups)
	if n <= 3 {
		tried = permutations(groups)
		return tried, fmt.Sprint(len(tried))
	}
	reverse := slices.Clone(groups)
	slices.Reverse(reverse)
	tried = [][]string{groups, reverse}
	for i := 1; i < n && len(tried) < MaxOrders; i++ {
		tried = append(tried, slices.Concat(groups[i:], groups[:i]))
	}
	return tried, fmt.Sprintf("%d!", n)
}

func permutations(list []string) [][]string {
	if len(list) < 2 {
		return [][]string{list}
	}
	var all [][]string
	for i, first := range list {
		rest := slices.Concat(list[:i:i], list[i+1:])
		for _, p := range permutations(rest) {
			all = append(all, append([]string{first}, p...))
		}
	}
	return all
}

// byGroup lists the checks of the order of groups.
func (f *flow) byGroup(s Source) *check.Scenario {
	checks := append(f.permitted(),
		check.Check{Key: "group-orders", Title: "the groups can be applied one by one, in any order", Subject: reports.SubjectTemplate,
			Requirements: []string{"DC-GRP-ADDITIVE", "DC-GRP-LISTED-ONLY", "DC-GRP-INSTANCE-KEPT"},
			Needs:        []string{"token"}, Reference: true, Body: f.groupOrders})
	return &check.Scenario{Name: f.place.name, Template: f.key, File: s.File,
		Setup: f.setupBriefly, Teardown: f.teardown, World: f, Checks: checks}
}

// groupOrders applies the groups one by one in several orders, each time to
// the zone as it was. Groups that are not in each other's way add up to the
// whole template in any order (ietf-05 section 10.3.1).
func (f *flow) groupOrders(c *check.Case) {
	tried, of := orders(f.t.Groups())
	var whole []string
	if all := f.expectGranted(f.before, nil, nil); all.err == nil {
		var err error
		whole, err = lines(all.after)
		c.Broken(err)
	}
	rivals := 0
	for i, order := range tried {
		if i > 0 {
			c.Broken(f.tenant.Reset(f.domain, nil, func(*zone.Zone) (*zone.Zone, error) { return f.before, nil }))
		}
		end, free := f.inOrder(c, order)
		if !free {
			rivals++
			continue
		}
		if whole != nil {
			c.Control("DC-GRP-ADDITIVE", end, match.Records(whole...), check.About{Sent: "the groups " + strings.Join(order, ", ") + " one after another",
				Expected: []string{"the zone that the whole template makes at once"}})
		}
	}
	c.Note("orders", fmt.Sprintf("the %d groups were applied one by one in %d of %s orders", len(f.t.Groups()), len(tried), of))
	if rivals > 0 {
		c.Note("groups-in-conflict", fmt.Sprintf("in %d of these orders a group stood in the way of one that came later: what is left depends on the order", rivals))
	}
}

// inOrder applies the groups one by one and returns the zone as transferred;
// free is set when none stood in the way of another.
func (f *flow) inOrder(c *check.Case, order []string) (end []string, free bool) {
	at, applied := f.before, []zone.Instance(nil)
	free = true
	for i, group := range order {
		want := f.expectGranted(at, applied, []string{group})
		answer := f.call(c, "apply", append(f.parameters([]string{group}), client.Param{Name: "force", Value: "1"}))
		sent := fmt.Sprintf("POST apply with groupId=%s, after %q", group, order[:i])
		c.Control("DC-GRP-LISTED-ONLY", answer.Good(), gomega.Equal(want.err == nil), check.About{Sent: sent,
			Expected: []string{"what the reference says: " + reason(want.err)}, Actual: said(answer)})
		if want.err != nil {
			free = false
			continue
		}
		free = free && len(want.conflicts) == 0
		at, applied = want.after, want.change.Instances
	}
	want, err := lines(at)
	c.Broken(err)
	end = f.transferred(c)
	c.Control("DC-GRP-INSTANCE-KEPT", end, match.Records(want...), check.About{Sent: "the groups " + strings.Join(order, ", ") + " one after another, then AXFR " + f.domain,
		Expected: []string{"the zone as the reference leaves it"}})
	return end, free
}
