package discovery_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/discovery"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, discovery.Chapter()) }
