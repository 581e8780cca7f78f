package trial

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
)

// ResetHost empties the case's names, so that a second request of the same
// case starts anew. Where nothing can be removed by other means the case goes
// on below another host of its own.
func (t *Trial) ResetHost() {
	if t.World.Seeder.Available() {
		t.Broken(t.World.Seeder.Reset(t.Context(), t.Domain(), t.watched))
		if left, _ := t.World.wait(t, func(lines []string) bool { return len(lines) == 0 }); len(left) > 0 {
			t.Inconclusive("not-reset", "records that were removed are still answered: "+strings.Join(left, ", "))
		}
		return
	}
	if t.host == "" {
		t.Lacking("no-seed", "the target has no hook that takes records down at an apex: give hooks.reset or hooks.update")
	}
	t.turns++
	host := fmt.Sprintf("%s-%d", t.base, t.turns+1)
	if err := t.World.use(host); err != nil {
		t.Lacking("host-limit", err.Error()+", or give hooks.reset or hooks.update, with which a case keeps to one host")
	}
	t.host = host
	t.watched = nil
	t.Watch("@")
}

// HoldsAt states that the name and type of a record come to hold exactly it,
// TTLs aside, whatever else the case's names hold.
func (t *Trial) HoldsAt(id string, about check.About, record string) {
	t.watchRecords([]string{record})
	want := withoutTTL(t.Records(record))
	of := func(lines []string) []string {
		f := strings.Fields(want[0])
		var same []string
		for _, l := range withoutTTL(lines) {
			if g := strings.Fields(l); g[0] == f[0] && g[3] == f[3] {
				same = append(same, l)
			}
		}
		return same
	}
	t.compare(id, about, want, of)
}

// Supports asks whether the provider says that it supports a conformance
// template.
func (t *Trial) Supports(service string) bool {
	service = t.Template(service).Service
	api := t.Settings().URLAPI
	t.spared(t.World.patience.allow(wayRequest))
	_, exchange, err := t.World.Client.QueryTemplate(t.Context(), api, t.World.identity().ProviderID, service, "")
	if exchange != nil && exchange.Status != 0 {
		t.World.patience.answered(wayRequest)
	} else {
		t.World.patience.note(t.Context(), wayRequest, err)
	}
	t.Interrupted(err)
	if exchange == nil {
		t.Inconclusive("no-answer", "the template query was not answered: "+err.Error())
	}
	t.Record("exchange", "template query", []byte(exchange.Text()))
	return exchange.Status >= http.StatusOK && exchange.Status < http.StatusMultipleChoices
}

// Includes states that the watched names come to hold a record, TTL aside,
// whatever else they hold.
func (t *Trial) Includes(id string, about check.About, record string) {
	t.watchRecords([]string{record})
	want := withoutTTL(t.Records(record))[0]
	t.compare(id, about, []string{want}, func(lines []string) []string {
		var found []string
		for _, l := range withoutTTL(lines) {
			if l == want {
				found = append(found, l)
			}
		}
		return found
	})
}

// Leaves states that a request leads to nothing: the user is not told of
// success, and no record comes. good is its control twin as that of Refuses is,
// and leads to the records; how the request ends otherwise is left open.
func (t *Trial) Leaves(id string, bad, good Request, expected []string, records ...string) *Ending {
	b := t.barrier(good, records)
	e := t.Approve(bad)
	about := check.About{Sent: "GET " + e.Link, Expected: expected, Actual: e.String()}
	t.Require(id, e.Succeeded(), gomega.BeFalse(), about)
	twin := t.Approve(b.request)
	if !twin.Succeeded() {
		t.twinFailed(id, false, about, twin)
	}
	t.held(id, check.About{Sent: about.Sent + ", then the control twin " + twin.Link}, b)
	return e
}
