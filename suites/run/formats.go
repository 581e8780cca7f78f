package run

import (
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/reports/badge"
	"github.com/dcconform/dcconform/reports/sarif"
)

// also are the formats of a run beside those that package reports has itself.
var also = []reports.Writer{sarif.Writer, badge.Writer}

// Formats lists everything that a run leaves behind; report.json is the last.
func Formats() []reports.Writer {
	return append(append([]reports.Writer{}, also...), reports.Writers()...)
}
