package groups

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 10.3: which records are active.
var selection = []trial.Case{
	// (3) Without groupId all records are.
	{Key: "groups-none-given", Title: "without groupId every record is applied",
		Requirements: []string{"DC-GRP-NONE-GIVEN"}, Templates: template,
		Body: func(t *trial.Trial) {
			t.Applies("DC-GRP-NONE-GIVEN", t.Request("groups"), base, one, two, three, upper, ten)
		}},
	// (2) A grouped record is when its group is listed.
	{Key: "groups-one-listed", Title: "of the grouped records those of the listed group are applied",
		Requirements: []string{"DC-GRP-LISTED-ONLY"}, Templates: template,
		Body: func(t *trial.Trial) { only(t, "DC-GRP-LISTED-ONLY", "g2", two) }},
	{Key: "groups-two-listed", Title: "of two listed groups the records of both are applied",
		Requirements: []string{"DC-GRP-LISTED-ONLY"}, Templates: template,
		Body: func(t *trial.Trial) { only(t, "DC-GRP-LISTED-ONLY", "g2,g3", two, three) }},
	{Key: "groups-order-and-repeats", Title: "neither the order nor a repeat in the list makes a difference",
		Requirements: []string{"DC-GRP-LISTED-ONLY"}, Templates: template,
		Body: func(t *trial.Trial) { only(t, "DC-GRP-LISTED-ONLY", "g3,g2,g3", two, three) }},
	// (1) A record without a group is whatever is listed.
	{Key: "groups-ungrouped-always", Title: "records of no group are applied whichever groups are listed",
		Requirements: []string{"DC-GRP-UNGROUPED-ALWAYS"}, Templates: template,
		Body: func(t *trial.Trial) {
			e := t.Confirms("DC-GRP-UNGROUPED-ALWAYS", t.Request("groups").With("groupId", "g2"))
			t.Settle(base, two)
			t.Require("DC-GRP-UNGROUPED-ALWAYS", t.Missing(base), gomega.BeEmpty(), check.About{Sent: "GET " + e.Link + ", then Confirm",
				Expected: []string{"the record of no group beside those of the listed one"}, Actual: "the record of no group is not there"})
		}},
	// (2) The match is exact and with case.
	{Key: "groups-exact-match", Title: "a group is matched whole and with case",
		Requirements: []string{"DC-GRP-EXACT-MATCH"}, Templates: template,
		Body: func(t *trial.Trial) {
			watch(t)
			e := t.Confirms("DC-GRP-EXACT-MATCH", t.Request("groups").With("groupId", "g1"))
			t.Settle(one)
			surplus := strings.Join(t.Present(upper, ten), ", ")
			t.Require("DC-GRP-EXACT-MATCH", surplus, gomega.BeEmpty(), check.About{Sent: "GET " + e.Link + ", then Confirm",
				Expected: []string{"records of the group g1, and of no other"}, Actual: "records of other groups were written: " + surplus})
			// The twin: all three can be selected.
			t.Given(t.Request("groups").With("groupId", "g1,G1,g10"), base, one, upper, ten)
		}},
	// Filtering comes before anything else: an inactive record is in nobody's
	// way, and not shown.
	{Key: "groups-inactive-takes-no-part", Title: "a record of an unlisted group conflicts with nothing and is not shown",
		Requirements: []string{"DC-GRP-FILTER-FIRST"}, Templates: template, Seeds: true,
		Body: func(t *trial.Trial) {
			watch(t)
			const old = "two 600 A 203.0.113.2"
			t.Seed(old)
			e := t.Confirms("DC-GRP-FILTER-FIRST", t.Request("groups").With("groupId", "g3"))
			page, _ := e.Page()
			for _, text := range []string{"two.service.example", "203.0.113.2"} {
				t.Require("DC-GRP-FILTER-FIRST", page.Text, gomega.Not(gomega.ContainSubstring(text)), check.About{Sent: "GET " + e.Link,
					Expected: []string{"a consent page without records of unlisted groups and without conflicts with them"}, Actual: "the consent page shows " + text})
			}
			t.Settle(three)
			t.Require("DC-GRP-FILTER-FIRST", t.Missing(old), gomega.BeEmpty(), check.About{Sent: "GET " + e.Link + ", then Confirm",
				Expected: []string{"a record in the way of an unlisted group's stays"}, Actual: "it was removed"})
			// The twin: with its group listed the record takes the other's place.
			t.Given(t.Request("groups").With("groupId", "g2"), base, two, three)
		}},
}
