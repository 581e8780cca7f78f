// Package async judges the asynchronous flow: the permission of a user, the
// tokens that the service provider gets for it, and what it may have applied by
// them (async-00 section 6; dcspec-2.3, Asynchronous Flow: OAuth).
package async

import (
	"slices"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "async", Title: "The asynchronous flow",
		Cases: slices.Concat(offered, permission, scopes, returning, tokens, exchanges, applying, bounds, conflicts, forced)}
}

// flow is what all cases need.
var flow = []register.Need{register.NeedAsync}

// about begins the description of a statement about a flow.
func about(e *trial.Ending, expected ...string) check.About {
	return check.About{Sent: "GET " + e.Link, Expected: expected, Actual: e.String()}
}

// errorCodes are those of RFC 6749, section 4.1.2.1.
var errorCodes = []string{"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope", "server_error", "temporarily_unavailable"}

// plain are the records of the plain template at a name below the case's own;
// "" is the case's own.
func plain(below string) []string {
	if below == "" {
		return []string{"@ 600 A 192.0.2.1", `note 600 TXT "v=plain"`}
	}
	return []string{below + " 600 A 192.0.2.1", "note." + below + ` 600 TXT "v=plain"`}
}

// codeless states that a request for permission ends without a code, be it
// beside an error.
func codeless(t *trial.Trial, id string, e *trial.Ending, expected ...string) {
	t.Require(id, e.AnyCode() == "", isTrue, about(e, append([]string{"no code"}, expected...)...))
}
