package redirect_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/redirect"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, redirect.Chapter()) }
