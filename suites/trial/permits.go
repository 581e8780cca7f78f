package trial

import (
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
)

// Permits states that the provider does not abuse what id permits it. An abuse
// fails the case, though the requirement is only a MAY.
func (t *Trial) Permits(id string, fair bool, about check.About) {
	if !fair {
		t.Fail(id, about)
	}
	t.Require(id, fair, gomega.BeTrue(), about)
}
