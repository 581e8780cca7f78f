package prove

import (
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/selftest"
)

// dud is a mock that is out of order where a case has its controls, and what
// the case has to make of it.
type dud struct {
	// What says what is special about the mock.
	What string
	// Case is the key of the case.
	Case string
	// Options are those of the mock, Break is what is wrong with it; nil is
	// nothing beside the faults of the options.
	Options selftest.Options
	Break   func(*store.TenantConfig)
	// Outcome and Reason are what becomes of the case.
	Outcome reports.Outcome
	Reason  string
	// Tell changes what target.yaml says of the mock; nil changes nothing.
	Tell func(*selftest.World)
	// Says is how the message begins; "" is not looked at.
	Says string
}

// judge runs cases at mocks that are out of order.
func judge(t *testing.T, duds []dud) {
	t.Helper()
	bench, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, d := range duds {
		t.Run(d.What+"/"+d.Case, func(t *testing.T) {
			d.Options.Prepare = d.Break
			w, closeWorld, err := bench.World(d.Options)
			if err != nil {
				t.Fatal(err)
			}
			defer closeWorld()
			if d.Tell != nil {
				d.Tell(w)
			}
			for _, sc := range provider.Scenarios(d.Options.Edition, w.Register, w) {
				if sc.Checks[0].Key != d.Case {
					continue
				}
				if r := selftest.Judge(t.Context(), w, sc)[0]; r.Outcome != d.Outcome || r.Reason != d.Reason || !strings.HasPrefix(r.Message, d.Says) {
					t.Errorf("want %s %s, got %s", d.Outcome, d.Reason, story(r))
				}
				return
			}
			t.Errorf("there is no case %s", d.Case)
		})
	}
}
