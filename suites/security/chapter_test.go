package security_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/security"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, security.Chapter()) }
