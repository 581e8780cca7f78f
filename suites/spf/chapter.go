// Package spf judges what a DNS provider makes of the mail rules of a template
// (SPFM) and of those that the domain has already (ietf-05 sections 6.2 and
// 9.4; dcspec-2.3, SPF Record Merging). Neither the order of terms nor the TTL
// is bound, so that records are compared term by term.
package spf

import (
	"slices"

	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "spf", Title: "Mail rules (SPF)", Cases: slices.Concat(merging, places, unmergeable, later)}
}

// The templates that most cases need: the rules, and a text to find there.
var templates = []string{"spf", "text"}

// rules are those of the ordinary request.
const rules = "include:spf.service.example"
