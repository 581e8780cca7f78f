package spf

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 9.4: what cannot be merged.
var unmergeable = []trial.Case{
	obstacle("spf-two-records", "two records at one name", `"v=spf1 include:old1.example ~all"`, `"v=spf1 include:old2.example -all"`),
	obstacle("spf-redirect", "a record with redirect", `"v=spf1 redirect=old1.example"`),
	obstacle("spf-broken-record", "a record that is no SPF", `"v=spf1 foo:old1.example ip4:300.1.1.1 ~all"`),
	{Key: "spf-rules-validated", Title: "rules that are no SPF are refused",
		Requirements: []string{"DC-SPF-RULES-VALIDATED"}, Templates: []string{"spf"}, Editions: []register.Edition{register.IETF05},
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-RULES-VALIDATED"
			// How this provider writes the record, for the twin's sake: all of
			// another kind, or terms in another order, are its own affair.
			written, e := merge(t, id, "twin", at(t, "twin", rules), rules)
			if !written.has(rules) || !written.sound() {
				t.Inconclusive("control-twin", "the rules of the control twin did not lead to a record with them, which has cases of its own: "+sent(e).Sent)
			}
			var bad []trial.Variant
			for _, text := range []string{"", "foo:bar", "v=spf1", "-all", "ip4:300.1.1.1", rules + " foo:bar"} {
				bad = append(bad, trial.Variant{What: `"` + text + `"`, Request: at(t, "@", text)})
			}
			record := ` 3600 TXT "` + written.records[0] + `"`
			t.RefusesEach(id, at(t, "@", rules), []string{"twin" + record, "@" + record}, bad...)
		}},
}

// obstacle is the case of existing records that cannot be merged: they are
// shown as a conflict is, and after the user's approval nothing broken is
// there. A provider that makes one good record of them has merged after all.
func obstacle(key, what string, old ...string) trial.Case {
	return trial.Case{Key: key, Title: "the user decides about " + what,
		Requirements: []string{"DC-SPF-UNMERGEABLE-IS-CONFLICT"}, Templates: []string{"spf"}, Seeds: true, Names: []string{"twin"},
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-UNMERGEABLE-IS-CONFLICT"
			t.Seed(`twin 300 TXT "v=spf1 include:fine.example ~all"`)
			for _, text := range old {
				t.Seed("@ 300 TXT " + text)
			}
			if twin, _ := merge(t, id, "twin", at(t, "twin", rules), rules); !twin.has(rules, "include:fine.example") {
				t.Inconclusive("control-twin", "a record that is well-formed is not merged, which has a case of its own")
			}
			got, e := merge(t, id, "@", at(t, "@", rules), rules)
			about := sent(e)
			about.Expected, about.Actual = []string{"one SPF record that works, with " + rules}, got.String()
			t.Require(id, got.has(rules) && got.sound() && !strings.Contains(got.String(), "foo:"), gomega.BeTrue(), about)
			if got.has("include:old1.example") {
				t.Note("reading", "of "+what+" one is made")
				return
			}
			page, _ := e.Page()
			about.Expected, about.Actual = []string{"the consent page shows what goes: old1.example"}, "it was taken away, and the consent page does not show it"
			t.Require(id, page.Text, gomega.ContainSubstring("old1.example"), about)
		}}
}
