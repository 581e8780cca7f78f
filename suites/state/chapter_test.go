package state_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/selftest/prove"
	"github.com/dcconform/dcconform/suites/state"
)

func TestChapter(t *testing.T) { prove.Chapter(t, state.Chapter()) }
