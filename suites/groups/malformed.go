package groups

import (
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 10.3: lists that select nothing, or are none.
var malformed = []trial.Case{
	// When no record carries any of the listed groups the request is an error,
	// though there are records without a group.
	{Key: "groups-no-match", Title: "a list that no record matches is refused",
		Requirements: []string{"DC-GRP-NO-MATCH-ERROR"}, Templates: template,
		Body: func(t *trial.Trial) {
			watch(t)
			r := t.Request("groups")
			t.Refuses("DC-GRP-NO-MATCH-ERROR", r.With("groupId", "nope").With("mark", "bad"), r.With("groupId", "g2"), base, two)
		}},
	// One match is enough.
	{Key: "groups-partial-match", Title: "an unknown group beside a known one does no harm",
		Requirements: []string{"DC-GRP-PARTIAL-MATCH"}, Templates: template,
		Body: func(t *trial.Trial) {
			e := t.Confirms("DC-GRP-PARTIAL-MATCH", t.Request("groups").With("groupId", "g2,nope"))
			t.Settle(two)
			t.Require("DC-GRP-PARTIAL-MATCH", t.Missing(two), gomega.BeEmpty(), check.About{Sent: "GET " + e.Link + ", then Confirm",
				Expected: []string{"the records of the known group"}, Actual: "the records of the known group are not there"})
		}},
	// An empty value is outside the grammar (section 8.3.2): an error, or as if
	// it were not there, and never a subset.
	{Key: "groups-empty", Title: "an empty groupId does not select a subset",
		Requirements: []string{"DC-GRP-EMPTY-PARAM"}, Templates: template,
		Body: func(t *trial.Trial) {
			watch(t)
			r := t.Request("groups")
			t.RefusesOr("DC-GRP-EMPTY-PARAM", r.With("groupId", ""), "an empty groupId is read as an absent one", r, base, one, two, three, upper, ten)
		}},
}
