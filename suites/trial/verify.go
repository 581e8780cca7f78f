package trial

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
)

// Reaches states that the user is asked for consent, which is what id asks for
// this request.
func (t *Trial) Reaches(id string, r Request, expected ...string) *Ending {
	e := t.Look(r)
	t.Require(id, e.Asked(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link,
		Expected: append([]string{"the user is asked for consent"}, expected...), Actual: e.String()})
	return e
}

// Applies states that the user is asked, confirms, is told of success, and
// that the zone comes to hold exactly the records at the case's names.
func (t *Trial) Applies(id string, r Request, records ...string) *Ending {
	t.watchRecords(records)
	e := t.Confirms(id, r)
	t.Holds(id, check.About{Sent: "GET " + e.Link + ", then Confirm"}, records...)
	return e
}

// Confirms states that the user is asked, confirms, and is told of success.
func (t *Trial) Confirms(id string, r Request) *Ending {
	e := t.Approve(r)
	t.Require(id, e.Asked(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link,
		Expected: []string{"the user is asked for consent"}, Actual: e.String()})
	t.Require(id, e.Succeeded(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link + ", then Confirm",
		Expected: []string{"the user comes back without an error", "a page that tells of success"}, Actual: e.String()})
	return e
}

// Given applies a request that is not what the case is about: earlier state,
// or a control twin. When it does not work the case cannot be judged, and is
// inconclusive; what is wrong with it has cases of its own.
func (t *Trial) Given(r Request, records ...string) *Ending {
	t.watchRecords(records)
	e := t.Approve(r)
	if !e.Succeeded() {
		t.twinEnded("a request that has to work, and differs only in the tested point", e)
	}
	t.watchRecords(records)
	want := withoutTTL(t.Records(records...))
	got, problem := t.World.wait(t, func(lines []string) bool { return slices.Equal(withoutTTL(lines), want) })
	if problem != nil {
		t.Inconclusive("control-twin", "a request that has to work, and differs only in the tested point, did not lead to its records: "+difference(want, withoutTTL(got)))
	}
	return e
}

// Refuses states that the provider refuses bad: the user is not asked for
// consent, comes back with an error or is left on a page that says so, and
// nothing is written. good is its control twin: it differs only in the tested
// point, has to be applied, and leads to the records. It is sent to a host
// beside the case's own wherever that can be, so that what bad did shows when
// the twin's own change is seen, and is not covered by it.
func (t *Trial) Refuses(id string, bad, good Request, records ...string) *Ending {
	b := t.barrier(good, records)
	// The user who follows the link does everything to have it applied.
	e := t.Approve(bad)
	about := check.About{Sent: "GET " + e.Link, Expected: []string{"an error page", "an error redirect, where one is permitted"}, Actual: e.String()}
	asked := e.Asked()
	after := t.Zone()
	twin := t.Approve(b.request)
	if !twin.Succeeded() {
		t.twinFailed(id, asked, about, twin)
	}
	t.Require(id, asked, gomega.BeFalse(), about)
	t.Require(id, e.Refused(), gomega.BeTrue(), about)
	about.Expected = []string{"the zone stays as it was"}
	about.Actual = "the zone has changed: " + difference(b.before, after)
	t.Require(id, after, gomega.Equal(b.before), about)
	t.held(id, check.About{Sent: about.Sent + ", then the control twin " + twin.Link}, b)
	return e
}

// twinFailed ends a case whose twin did not work. A user who was asked about
// the bad request is a failure all the same.
func (t *Trial) twinFailed(id string, asked bool, about check.About, twin *Ending) {
	if asked {
		t.Require(id, asked, gomega.BeFalse(), about)
	}
	t.twinEnded("the control twin, which has to work and differs only in the tested point", twin)
}

// RefusesOr states that the provider refuses a request which the text leaves
// open, as Refuses does, or takes it as reading says, which leads to the
// records. Which of the two it was is noted.
func (t *Trial) RefusesOr(id string, r Request, reading string, good Request, records ...string) *Ending {
	b := t.barrier(good, records)
	e := t.Approve(r)
	if e.Asked() {
		t.unwatch(b.names)
		t.Note("reading", reading)
		about := check.About{Sent: "GET " + e.Link + ", then Confirm", Expected: []string{"the request is refused", reading}, Actual: e.String()}
		t.Require(id, e.Succeeded(), gomega.BeTrue(), about)
		about.Actual = ""
		t.Holds(id, about, records...)
		return e
	}
	t.Note("reading", "the request is refused")
	about := check.About{Sent: "GET " + e.Link, Expected: []string{"an error page or an error redirect", reading}, Actual: e.String()}
	t.Require(id, e.Refused(), gomega.BeTrue(), about)
	about.Expected = []string{"the zone stays as it was"}
	after := t.Zone()
	about.Actual = "the zone has changed: " + difference(b.before, after)
	t.Require(id, after, gomega.Equal(b.before), about)
	twin := t.Approve(b.request)
	if !twin.Succeeded() {
		t.twinFailed(id, false, about, twin)
	}
	t.held(id, check.About{Sent: about.Sent + ", then the control twin " + twin.Link}, b)
	return e
}

// Settled applies a request that is earlier state, and waits for some of its
// records. Where they do not come the case cannot be judged.
func (t *Trial) Settled(r Request, records ...string) *Ending {
	e := t.Approve(r)
	if e.Succeeded() {
		t.Settle(records...)
	}
	if missing := t.Missing(records...); len(missing) > 0 {
		t.Inconclusive("control-twin", "a request that has to work did not: "+e.String()+"; missing: "+strings.Join(missing, ", "))
	}
	return e
}
