// Package signature judges how a DNS provider verifies signed apply requests
// (ietf-05 sections 8.3.2 to 8.3.4).
package signature

import (
	"slices"

	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "signature", Title: "Signed requests", Cases: slices.Concat(required)}
}
