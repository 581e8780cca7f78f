package settings_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/selftest/prove"
	"github.com/dcconform/dcconform/suites/settings"
)

func TestChapter(t *testing.T) { prove.Chapter(t, settings.Chapter()) }
