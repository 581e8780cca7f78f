// Package discovery judges how a DNS provider is found: the _domainconnect
// record and the names that settings are given for (ietf-05 sections 4.3 and
// 7; dcspec-2.3, DNS Provider Discovery).
package discovery

import (
	"slices"

	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "discovery", Title: "Discovery", Cases: slices.Concat(record, names, version)}
}
