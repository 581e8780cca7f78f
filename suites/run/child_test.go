package run

import (
	"testing"

	"github.com/dcconform/dcconform/suites/check"
)

// A child that kept what its flows have seen would grow with every template:
// on a checkout of the public repository by half a gigabyte.
func TestAChildForgetsWhatIsDone(t *testing.T) {
	owed := make([]*check.Scenario, 2*batchSize+1)
	for i := range owed {
		owed[i] = &check.Scenario{}
	}
	done := 0
	err := inBatches(t.Context(), owed, func(batch []*check.Scenario) error {
		for i, sc := range owed {
			if i < done && sc != nil || i >= done && sc == nil {
				t.Fatalf("after %d scenarios, number %d is kept: %v", done, i+1, sc != nil)
			}
		}
		done += len(batch)
		return nil
	})
	if err != nil || done != len(owed) {
		t.Errorf("%d of %d, %v", done, len(owed), err)
	}
}
