package hostname_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/hostname"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, hostname.Chapter()) }
