// Package syncapply judges what a DNS provider makes of an apply request of the
// synchronous flow before anybody is asked: its address, its length, its
// parameters and the template that it names (ietf-05 sections 6.1, 8.3.1 to
// 8.3.3 and 9.2; dcspec-2.3, The Synchronous Flow).
package syncapply

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "syncapply", Title: "The apply request",
		Cases: slices.Concat(address, length, encoding, parameters, domains, hosts, lists, templates)}
}

// about begins the description of a statement about a flow.
func about(e *trial.Ending, expected ...string) check.About {
	return check.About{Sent: "GET " + e.Link, Expected: expected, Actual: e.String()}
}

// appended puts pairs behind the query, octet by octet as they stand here.
func appended(r trial.Request, pairs ...string) trial.Request {
	return r.Raw(func(query string) string { return query + "&" + strings.Join(pairs, "&") })
}

// below is a request at a name below the case's own host.
func below(r trial.Request, name string) trial.Request { return r.With("host", name+".{host}") }

// includes states that a request is carried out and leads to the records,
// whatever else there is.
func includes(t *trial.Trial, id string, r trial.Request, records ...string) {
	e := t.Confirms(id, r)
	t.Settle(records...)
	missing := t.Missing(records...)
	t.Require(id, missing, gomega.BeEmpty(), check.About{Sent: "GET " + e.Link + ", then Confirm",
		Expected: t.Records(records...), Actual: "missing: " + strings.Join(missing, ", ") + "; there are: " + strings.Join(t.Zone(), ", ")})
}
