package register

import (
	"testing"

	"github.com/dcconform/dcconform/fixtures"
)

// The worked examples name requirements; a misspelt id would claim coverage
// that is not there.
func TestVectorsNameRequirements(t *testing.T) {
	r, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := fixtures.Vectors()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, v := range vectors {
		for _, id := range v.Requirements {
			if _, ok := r.Get(id); !ok {
				t.Errorf("%s names %s, which is no requirement", v.Name, id)
			}
			named[id] = true
		}
	}
	if len(named) < 60 {
		t.Errorf("the vectors name %d requirements, at least 60 are expected", len(named))
	}
	t.Logf("%d vectors bear on %d requirements", len(vectors), len(named))
}
