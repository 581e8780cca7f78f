package groups

import (
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 10.3.1: groups that are added later.
var additive = []trial.Case{
	{Key: "groups-additive", Title: "applying one group leaves the records of another alone",
		Requirements: []string{"DC-GRP-ADDITIVE"}, Templates: template,
		Body: func(t *trial.Trial) {
			watch(t)
			t.Given(t.Request("groups").With("groupId", "g3"), base, three)
			e := t.Confirms("DC-GRP-ADDITIVE", t.Request("groups").With("groupId", "g2"))
			t.Holds("DC-GRP-ADDITIVE", check.About{Sent: "group g3 applied, then GET " + e.Link + ", then Confirm"}, base, three, two)
		}},
}
