package selftest

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Judge runs one scenario on the spot, without Ginkgo, and returns what became
// of its checks.
func Judge(ctx context.Context, w *trial.World, sc *check.Scenario) []reports.Result {
	if sc.Teardown != nil {
		defer sc.Teardown()
	}
	var results []reports.Result
	for i, planned := range sc.Planned(w.Edition, w.Register) {
		cs := check.New(ctx, planned, w.Edition, w.Register, nil)
		results = append(results, cs.Close(guard(func() {
			if i == 0 && sc.Setup != nil {
				cs.Broken(sc.Setup(cs))
			}
			sc.Checks[i].Body(cs)
		})))
	}
	return results
}

// guard runs f and returns what it panicked with, unless that is a case's own
// way of ending.
func guard(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil, check.Stop:
		default:
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	f()
	return nil
}
