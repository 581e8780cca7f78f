package spf_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/selftest/prove"
	"github.com/dcconform/dcconform/suites/spf"
)

func TestChapter(t *testing.T) { prove.Chapter(t, spf.Chapter()) }
