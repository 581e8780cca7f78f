package disclosure

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// A name that a request adds, and that is nowhere else.
const added = "Marker Orchid 7731"

// Section 10.6: the names of the service and its provider, and what a request
// may add to them.
var names = []trial.Case{
	{Key: "disclosure-service-named", Title: "the consent page names the service that is about to be enabled",
		Requirements: []string{"DC-CONS-NAMES-SERVICE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			tells(t, "DC-CONS-NAMES-SERVICE", t.Look(t.Request("plain")), "Conformance Plain Service", "the template's serviceName")
		}},
	{Key: "disclosure-names", Title: "the consent page shows the template's serviceName and providerName",
		Requirements: []string{"DC-CONS-SHOWS-TEMPLATE-NAMES"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			e := t.Look(t.Request("plain"))
			tells(t, "DC-CONS-SHOWS-TEMPLATE-NAMES", e, "Conformance Plain Service", "the template's serviceName")
			tells(t, "DC-CONS-SHOWS-TEMPLATE-NAMES", e, "Conformance Plain Provider", "the template's providerName")
		}},
	{Key: "disclosure-shared-provider", Title: "a providerName that the template lets a request add stands beside the template's own",
		Requirements: []string{"DC-CONS-SHARED-NAME-AUGMENTS", "DC-CONS-SHARED-NAME-KEEPS-ORIGINAL"}, Templates: []string{"shared-provider"},
		Body: func(t *trial.Trial) {
			e := t.Look(t.Request("shared-provider").With("providerName", added))
			tells(t, "DC-CONS-SHARED-NAME-AUGMENTS", e, added, "the request's providerName")
			tells(t, "DC-CONS-SHARED-NAME-KEEPS-ORIGINAL", e, "Conformance Reseller Provider", "the template's providerName")
		}},
	{Key: "disclosure-shared-service", Title: "a serviceName that the template lets a request add stands beside the template's own",
		Requirements: []string{"DC-CONS-SHARED-NAME-AUGMENTS", "DC-CONS-SHARED-NAME-KEEPS-ORIGINAL"}, Templates: []string{"shared-service"},
		Body: func(t *trial.Trial) {
			e := t.Look(t.Request("shared-service").With("serviceName", added))
			tells(t, "DC-CONS-SHARED-NAME-AUGMENTS", e, added, "the request's serviceName")
			tells(t, "DC-CONS-SHARED-NAME-KEEPS-ORIGINAL", e, "Conformance Catalogue Service", "the template's serviceName")
		}},
	{Key: "disclosure-names-gated", Title: "a name that the template does not let a request add is not shown",
		Requirements: []string{"DC-CONS-SHARED-NAME-GATED"}, Templates: []string{"plain", "shared-provider", "shared-service"},
		Body: func(t *trial.Trial) {
			for _, r := range []trial.Request{
				t.Request("plain").With("providerName", added),
				t.Request("plain").With("serviceName", added),
				t.Request("shared-provider").With("serviceName", added),
				t.Request("shared-service").With("providerName", added),
			} {
				e := t.Look(r)
				if !e.Asked() {
					t.Note("reading", "a request with a name that the template does not let it add is refused")
				}
				expected := about(e, "no page with "+added, "an error")
				expected.Actual = "the user reads: " + shown(e)
				t.Require("DC-CONS-SHARED-NAME-GATED", strings.Contains(shown(e), added), gomega.BeFalse(), expected)
			}
			consentPage(t, t.Look(t.Request("shared-provider").With("providerName", added)))
			consentPage(t, t.Look(t.Request("shared-service").With("serviceName", added)))
		}},
}
