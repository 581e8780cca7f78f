package async_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/async"
	"github.com/dcconform/dcconform/suites/selftest/prove"
)

func TestChapter(t *testing.T) { prove.Chapter(t, async.Chapter()) }
