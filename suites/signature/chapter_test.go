package signature_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/selftest/prove"
	"github.com/dcconform/dcconform/suites/signature"
)

func TestChapter(t *testing.T) { prove.Chapter(t, signature.Chapter()) }
