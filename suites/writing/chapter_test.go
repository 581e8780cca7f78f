package writing_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/selftest/prove"
	"github.com/dcconform/dcconform/suites/writing"
)

func TestChapter(t *testing.T) { prove.Chapter(t, writing.Chapter()) }
