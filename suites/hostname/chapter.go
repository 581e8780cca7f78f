// Package hostname judges where a DNS provider puts a template's records
// (ietf-05 sections 6.2, 6.3 and 9.3; dcspec-2.3, Host/Name in Template and
// PointsTo in Template).
package hostname

import (
	"slices"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "hostname", Title: "Names of records", Cases: slices.Concat(owners, scopes, refused, targets)}
}

// holds applies a request and states which record comes at one of the names of
// its template. Others, which have cases of their own, are not looked at.
func holds(t *trial.Trial, id string, r trial.Request, records ...string) {
	e := t.Confirms(id, r)
	for _, record := range records {
		t.Includes(id, check.About{Sent: "GET " + e.Link + ", then Confirm"}, record)
	}
}
