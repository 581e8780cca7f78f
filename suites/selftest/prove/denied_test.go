package prove

import (
	"net/http"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// beside finds nothing in the way, and leaves what is there beside what comes.
func beside(c *store.TenantConfig) {
	noConflicts(c)
	c.Hooks.Written = append(c.Hooks.Written, func(_ *zone.Zone, change zone.Change) zone.Change {
		change.Remove = nil
		return change
	})
}

// yielding finds nothing in the way, and writes nothing where something is.
func yielding(c *store.TenantConfig) {
	c.Hooks.Plan = append(c.Hooks.Plan, func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
		if len(p.Conflicts) > 0 {
			p.Conflicts, p.Change.Add, p.Change.Remove = nil, nil, nil
		}
		return err
	})
}

// selfConflicts has a call that changes the address of a template be told of a
// conflict.
func selfConflicts(c *store.TenantConfig) {
	noConflicts(c)
	statusOf(func(r *http.Request) bool { return r.URL.Query().Get("ip") == "192.0.2.2" }, http.StatusConflict)(c)
}

// A target that denies that it looks for what is in the way is held to that.
func TestDeniedConflicts(t *testing.T) {
	flow := denying(selftest.Options{Edition: register.IETF05, Kind: selftest.Async})
	older := denying(selftest.Options{Edition: register.DCSpec23, Kind: selftest.Stateful})
	// What is a template's own is known to one that remembers it alone.
	kept := denying(selftest.Options{Edition: register.IETF05, Kind: selftest.Stateful})
	liar := flow
	liar.Faults = []string{"conflict-despite-force"}
	const denied = "not-claimed"
	judge(t, []dud{
		{What: "none are looked for", Case: "async-conflict", Options: flow, Break: noConflicts, Outcome: reports.Pass},
		{What: "none are looked for", Case: "async-force", Options: flow, Break: noConflicts, Outcome: reports.Pass},
		{What: "none are looked for", Case: "async-own-records", Options: kept, Break: noConflicts, Outcome: reports.Pass},
		{What: "none are looked for", Case: "async-conflict-body", Options: flow, Break: noConflicts, Outcome: reports.NotApplicable, Reason: denied},
		{What: "none are looked for", Case: "async-force-values", Options: flow, Break: noConflicts, Outcome: reports.NotApplicable, Reason: denied},
		{What: "none are looked for, older", Case: "async-conflict", Options: older, Break: noConflicts, Outcome: reports.Pass},
		{What: "none are looked for, older", Case: "async-force", Options: older, Break: noConflicts, Outcome: reports.Pass},
		{What: "none are looked for, older", Case: "async-own-records", Options: older, Break: noConflicts, Outcome: reports.Pass},
		{What: "what is there stays", Case: "async-conflict", Options: flow, Break: beside, Outcome: reports.Pass},
		{What: "what is there stays", Case: "async-force", Options: flow, Break: beside, Outcome: reports.Pass},
		{What: "what is there stays", Case: "async-own-records", Options: kept, Break: beside, Outcome: reports.Pass},
		{What: "they are looked for all the same", Case: "async-conflict", Options: flow, Outcome: reports.Fail},
		{What: "they are looked for all the same, older", Case: "async-conflict", Options: older, Outcome: reports.Fail},
		{What: "they are looked for even with force", Case: "async-conflict", Options: liar, Outcome: reports.Fail},
		{What: "they are looked for even with force", Case: "async-force", Options: liar, Outcome: reports.Fail},
		{What: "nothing is written where something is", Case: "async-conflict", Options: flow, Break: yielding, Outcome: reports.Fail},
		{What: "nothing is written where something is", Case: "async-force", Options: flow, Break: yielding, Outcome: reports.Warning},
		{What: "nothing is written where something is, older", Case: "async-force", Options: older, Break: yielding, Outcome: reports.Fail},
		{What: "a template is in its own way", Case: "async-own-records", Options: kept, Break: selfConflicts, Outcome: reports.Warning},
		{What: "a template is in its own way", Case: "async-own-records", Options: older, Break: selfConflicts, Outcome: reports.Warning},
	})
}
