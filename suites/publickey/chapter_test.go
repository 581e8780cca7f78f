package publickey_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/publickey"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, publickey.Chapter()) }
