// Package writing judges what a DNS provider writes once the user has
// approved: everything or nothing, at some time to live, and texts as they
// are meant (ietf-05 sections 5.2, 6.2, 8.4, 10.2 and 10.7; dcspec-2.3,
// Template Record, Disclosure of Changes and Conflicts).
package writing

import (
	"slices"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "writing", Title: "Writing the records", Cases: slices.Concat(totality, times, texts, promises)}
}

// sent words what was done, for a statement about what came of it.
func sent(e *trial.Ending) check.About { return check.About{Sent: "GET " + e.Link + ", then Confirm"} }
