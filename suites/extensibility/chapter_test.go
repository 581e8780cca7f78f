package extensibility_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/extensibility"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, extensibility.Chapter()) }
