package syncapply

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.1: where the flow starts.
var address = []trial.Case{
	{Key: "syncapply-endpoint", Title: "the flow starts at v2/domainTemplates below the whole of urlSyncUX",
		Requirements: []string{"DC-REQ-ENDPOINT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			t.Reaches("DC-REQ-ENDPOINT", t.Request("plain"), "or to sign in first, at the path of urlSyncUX followed by /v2/domainTemplates/providers/{providerId}/services/{serviceId}/apply")
		}},
	// 8.3.2, 8.3.5: without a template there is no list of redirect domains.
	{Key: "syncapply-unknown-template", Title: "a request for an unknown template ends on an error page",
		Requirements: []string{"DC-REQ-UNKNOWN-TEMPLATE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-UNKNOWN-TEMPLATE"
			r := t.Request("plain")
			provider := t.World.Target.Templates.ProviderID
			for _, ids := range [][2]string{
				{provider, "there-is-no-such-service"},
				{"there-is-no-such-provider.example", "plain"},
				{provider, "a/b"},
				{"a/b", "plain"},
				{provider, "../plain"},
				{provider, "pla in"},
				{provider, strings.Repeat("x", 300)},
				{strings.Repeat("x", 300) + ".example", "plain"},
			} {
				e := t.Approve(r.Of(ids[0], ids[1]))
				expected := about(e, "a page with status 404 or 400", "another page with a status below 500 that says so")
				t.Require(id, e.SentTo(), gomega.BeEmpty(), about(e, "no redirect: no template permits one"))
				t.Require(id, e.Refused(), gomega.BeTrue(), expected)
				if last, ok := e.Outcome.Last(); ok && last.Status != 404 && last.Status != 400 {
					t.Note("reading", fmt.Sprintf("an unknown template is answered with status %d", last.Status))
				}
			}
			t.Twin(r)
		}},
}
