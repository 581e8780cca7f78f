package run

import (
	"fmt"
	"os"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/reports/bundle"
)

// readSigner reads the key of --sign; nil is none.
func readSigner(file string) (*bundle.Key, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--sign: %w", err)
	}
	key, err := bundle.ReadKey(data)
	if err != nil {
		return nil, fmt.Errorf("--sign: %s: %w", file, err)
	}
	return key, nil
}

// seal makes a bundle of a report where it can be one: a filtered or
// interrupted run leaves none, and says so when it was to be signed.
func seal(dir string, r *reports.Run, key *bundle.Key) error {
	if r.Scope != reports.ScopeFull || r.State != reports.StateFinished {
		if key != nil {
			return fmt.Errorf("--sign: %w; this report is not signed", bundle.ErrNotWhole)
		}
		return nil
	}
	if err := bundle.Seal(dir, key); err != nil {
		return fmt.Errorf("the bundle cannot be written: %w", err)
	}
	return nil
}
