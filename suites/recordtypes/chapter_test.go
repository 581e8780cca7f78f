package recordtypes_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/recordtypes"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, recordtypes.Chapter()) }
