package extensibility

import (
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.2: parameters of an apply request.
var parameters = []trial.Case{
	{Key: "extensibility-unknown-parameters", Title: "unknown parameters of an unsigned request are passed over",
		Requirements: []string{"DC-EXT-PARAM-UNKNOWN-IGNORED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) { unknownParameters(t, "plain") }},
	{Key: "extensibility-unknown-parameters-signed", Title: "unknown parameters of a signed request are passed over",
		Requirements: []string{"DC-EXT-PARAM-UNKNOWN-IGNORED"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) { unknownParameters(t, "signed") }},
	// The same request without crit is the twin.
	{Key: "extensibility-critical-parameter", Title: "a request with an unknown critical parameter is refused, in a redirect with state",
		Requirements: []string{"DC-EXT-PARAM-CRIT-REFUSED"}, Templates: []string{"plain"}, Body: criticalParameter},
	{Key: "extensibility-critical-parameter-page", Title: "so is one without a redirect_uri, on a page",
		Requirements: []string{"DC-EXT-PARAM-CRIT-REFUSED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain").Without("redirect_uri").And("vnd.example.dryRun", "1")
			t.Refuses("DC-EXT-PARAM-CRIT-REFUSED", r.And("crit", "vnd.example.dryRun"), r, r.Records()...)
		}},
	{Key: "extensibility-critical-parameter-absent", Title: "a critical parameter that is not there does no harm",
		Requirements: []string{"DC-EXT-PARAM-CRIT-ABSENT-NAME"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain").And("crit", "vnd.example.absent")
			t.Applies("DC-EXT-PARAM-CRIT-ABSENT-NAME", r, r.Records()...)
			t.ResetHost()
			t.Refuses("DC-EXT-PARAM-CRIT-ABSENT-NAME", r.And("vnd.example.absent", "1"), r, r.Records()...)
		}},
	{Key: "extensibility-critical-parameter-known", Title: "critical parameters that everybody knows do no harm",
		Requirements: []string{"DC-EXT-PARAM-CRIT-ABSENT-NAME"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain").And("crit", "domain,host")
			t.Applies("DC-EXT-PARAM-CRIT-ABSENT-NAME", r, r.Records()...)
		}},
	// An empty list: an error, or as if it were not there.
	{Key: "extensibility-critical-parameter-empty", Title: "an empty crit is refused, or treated as absent",
		Requirements: []string{"DC-EXT-PARAM-CRIT-ABSENT-NAME"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			t.RefusesOr("DC-EXT-PARAM-CRIT-ABSENT-NAME", r.And("crit", ""), "an empty crit is read as an absent one", r, r.Records()...)
		}},
}

func unknownParameters(t *trial.Trial, service string) {
	r := t.Request(service)
	t.Applies("DC-EXT-PARAM-UNKNOWN-IGNORED", r.And("vnd.example.foo", "1").And("dc.foo", "1").And("foo", "1"), r.Records()...)
}

func criticalParameter(t *trial.Trial) {
	const id = "DC-EXT-PARAM-CRIT-REFUSED"
	r := t.Request("plain").And("vnd.example.dryRun", "1").With("state", "order17")
	e := t.Refuses(id, r.And("crit", "vnd.example.dryRun"), r, r.Records()...)
	back, ok := e.Back()
	about := check.About{Sent: "GET " + e.Link, Expected: []string{"a redirect with error=invalid_request and the state that was sent"}, Actual: e.String()}
	t.Require(id, ok, gomega.BeTrue(), about)
	t.Require(id, e.ErrorCode(), gomega.Equal("invalid_request"), about)
	t.Require(id, back.Query().Get("state"), gomega.Equal("order17"), about)
}
