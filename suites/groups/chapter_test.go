package groups_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/groups"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, groups.Chapter()) }
