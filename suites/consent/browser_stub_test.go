package consent_test

import (
	"os/exec"
	"testing"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

func newBrowser(t *testing.T, s *stage) *consent.Browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("SKIPPED ALOUD: no browser")
	}
	b := &consent.Browser{
		Path: path, Allow: map[string]string{s.Listener.Addr().String(): ""}, Fallback: s.back.Addr(),
		Pins: []string{target.Pin(s.Certificate()), s.back.Pin()},
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}
