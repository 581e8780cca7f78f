package async

import (
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/trial"
)

// detects reports whether the target is to be judged as one that looks for what
// is in the way. Both texts leave it to the provider what a conflict is; one
// that denies the claim is held to its denial.
func detects(t *trial.Trial) bool {
	return t.World.Target.Claim(target.ClaimConflictDetection) != target.Unsupported
}

// needsDetection ends a case that has nothing to judge where the target denies
// that it looks for what is in the way.
func needsDetection(t *trial.Trial) {
	if !detects(t) {
		t.NotApplicable("not-claimed", "the target does not claim "+string(target.ClaimConflictDetection))
	}
}

// nothingInTheWay is expected of a target that denies conflict-detection.
var nothingInTheWay = "nothing is in the way: target.yaml says " + string(target.ClaimConflictDetection) + ": false"

// carriedOut states that the records that a call is to write are there, be it
// beside others: what becomes of those is left to a provider that does not look
// for them.
func carriedOut(t *trial.Trial, id string, r trial.Reply, records ...string) {
	about := check.About{Sent: r.Sent(), Expected: []string{"a status of 2xx", nothingInTheWay}, Actual: r.String()}
	t.Require(id, r.Good(), isTrue, about)
	for _, record := range records {
		t.Includes(id, check.About{Sent: r.Sent()}, record)
	}
}

// deniedConflict is async-conflict where the target denies the claim: the call
// is carried out, as status 409 would contradict that.
func deniedConflict(t *trial.Trial) {
	g := t.Allowed("plain")
	t.Wrote(g.Apply("plain").Below("twin"), plain("twin")...)
	t.Seed("@ 600 A 203.0.113.50")
	carriedOut(t, "DC-ASYNC-CONFLICT-ERROR", g.Apply("plain").Send(), plain("")...)
}

// deniedForce is async-force where the target denies the claim: force=1 holds
// of it as well, whatever it takes for a conflict.
func deniedForce(t *trial.Trial) {
	g := t.Allowed("plain")
	t.Wrote(g.Apply("plain").Below("twin"), plain("twin")...)
	t.Seed("@ 600 A 203.0.113.53")
	r := g.Apply("plain").With("force", "1").Send()
	t.Require("DC-ASYNC-FORCE-NO-409", r.Status, gomega.Not(gomega.Equal(409)), check.About{Sent: r.Sent(), Expected: []string{"a status of 2xx"}, Actual: r.String()})
	carriedOut(t, "DC-ASYNC-FORCE", r, plain("")...)
}
