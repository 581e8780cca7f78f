package syncapply_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/selftest/prove"
	"github.com/dcconform/dcconform/suites/syncapply"
)

func TestChapter(t *testing.T) { prove.Chapter(t, syncapply.Chapter()) }
