package conflict_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/conflict"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) {
	prove.Chapter(t, conflict.Chapter(),
		// The bystander of that case has the type of the new record.
		"zone-wide-type-conflict conflict-stateless-removes-all")
}
