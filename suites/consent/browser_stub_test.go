package consent_test

import (
	"testing"

	"github.com/dcconform/dcconform/suites/consent"
)

func newBrowser(t *testing.T, s *stage) consent.Driver {
	t.Skip("no browser yet")
	return nil
}
