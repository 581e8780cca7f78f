package variables_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/selftest/prove"
	"github.com/dcconform/dcconform/suites/variables"
)

func TestChapter(t *testing.T) { prove.Chapter(t, variables.Chapter()) }
