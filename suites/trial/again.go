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

// Nothing states that a request that was sent led to none of the records: the
// user was not told of success, and they are not there.
func (t *Trial) Nothing(id string, e *Ending, about check.About, records ...string) {
	t.Require(id, e.Succeeded(), gomega.BeFalse(), about)
	about.Actual = "records of it were written: " + strings.Join(t.Present(records...), ", ")
	t.Require(id, t.Present(records...), gomega.BeEmpty(), about)
}
