package disclosure_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/disclosure"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, disclosure.Chapter()) }
