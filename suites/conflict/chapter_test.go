package conflict_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/conflict"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) {
	prove.Chapter(t, conflict.Chapter())
}
