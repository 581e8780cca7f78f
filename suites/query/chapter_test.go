package query_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/query"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, query.Chapter()) }
