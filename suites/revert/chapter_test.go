package revert_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/revert"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, revert.Chapter()) }
