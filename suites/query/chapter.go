// Package query judges what a DNS provider says about a template (ietf-05
// section 8.2; dcspec-2.3, Query Supported Template).
package query

import (
	"slices"

	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "query", Title: "Template query", Cases: slices.Concat(status, body, agreement)}
}

// asked sends the query for the plain template, the control twin of queries
// that are to find nothing. Without it the case is blocked.
func asked(t *trial.Trial) trial.Reply {
	r := t.Get(t.QueryURL("plain"))
	if !r.Good() {
		t.Note("query", r.Sent()+": "+r.String())
		t.Blocked("query/query-supported")
	}
	return r
}
