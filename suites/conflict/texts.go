package conflict

import (
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.2 and 10.4: the three modes of a TXT.
var texts = []trial.Case{
	{Key: "conflict-txt-none", Title: "a TXT without a mode joins the others",
		Requirements: []string{"DC-CONFLICT-TXT-NONE"}, Templates: []string{"text"}, Seeds: true,
		Body: func(t *trial.Trial) {
			t.Seed(`@ 300 TXT "first old"`, `@ 300 TXT "second old"`)
			e := t.Confirms("DC-CONFLICT-TXT-NONE", t.Request("text"))
			t.Holds("DC-CONFLICT-TXT-NONE", sent(e), `@ 300 TXT "first old"`, `@ 300 TXT "second old"`, `@ 600 TXT "plain"`)
		}},
	{Key: "conflict-txt-all", Title: "a TXT of mode All is alone at its name afterwards",
		Requirements: []string{"DC-CONFLICT-TXT-ALL"}, Templates: []string{"text-all"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-TXT-ALL", template: "text-all", new: []string{`@ 600 TXT "sole-value"`},
				gone:  []string{`@ 300 TXT "first old"`, `@ 300 TXT "second old"`},
				stays: []string{`www 300 TXT "elsewhere"`, "@ 300 MX 10 mx.old.example."}}.judge(t)
		}},
	// Values are compared decoded, joined and without quotes.
	{Key: "conflict-txt-prefix", Title: "a TXT of mode Prefix takes the place of those that begin with the prefix",
		Requirements: []string{"DC-CONFLICT-TXT-PREFIX"}, Templates: []string{"text-prefix"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-TXT-PREFIX", template: "text-prefix", new: []string{`@ 600 TXT "ms=new"`, `@ 600 TXT "v=DMARC1; p=new"`},
				gone:  []string{`@ 300 TXT "ms=1"`, `@ 300 TXT "v=DM" "ARC1; p=none"`},
				stays: []string{`@ 300 TXT "ms2=1"`, `@ 300 TXT "xms=1"`}}.judge(t)
		}},
	// ietf-05 does not say whether letter case counts.
	{Key: "conflict-txt-prefix-case", Title: "a text that begins with the prefix in other letter case is kept, or goes whole",
		Requirements: []string{"DC-CONFLICT-TXT-PREFIX"}, Templates: []string{"text-prefix"}, Seeds: true,
		Body: func(t *trial.Trial) {
			t.Seed(`@ 300 TXT "MS=upper"`)
			e := t.Confirms("DC-CONFLICT-TXT-PREFIX", t.Request("text-prefix"))
			fresh := []string{`@ 600 TXT "ms=new"`, `@ 600 TXT "v=DMARC1; p=new"`}
			t.Settle(fresh...)
			kept := len(t.Present(`@ 300 TXT "MS=upper"`)) > 0
			switch {
			case kept && t.World.Edition == "ietf-05":
				t.Note("reading", "a prefix is compared with regard to letter case")
			case !kept && t.World.Edition == "ietf-05":
				t.Note("reading", "a prefix is compared without regard to letter case")
			default:
				t.Require("DC-CONFLICT-TXT-PREFIX", kept, gomega.BeTrue(), check.About{Sent: sent(e).Sent,
					Expected: []string{"values are case-sensitive: the text stays"}, Actual: "it was taken away"})
			}
			t.Require("DC-CONFLICT-TXT-PREFIX", t.Missing(fresh...), gomega.BeEmpty(), check.About{Sent: sent(e).Sent, Expected: t.Records(fresh...)})
		}},
	// The mode that counts is the new record's.
	{Key: "conflict-txt-new-mode-counts", Title: "the mode of an existing TXT protects nobody and harms nobody",
		Requirements: []string{"DC-CONFLICT-TXT-NEW-MODE-COUNTS"}, Templates: []string{"text", "text-all"},
		Body: func(t *trial.Trial) {
			t.Given(t.Request("text-all"), `@ 600 TXT "sole-value"`)
			e := t.Confirms("DC-CONFLICT-TXT-NEW-MODE-COUNTS", t.Request("text"))
			t.Holds("DC-CONFLICT-TXT-NEW-MODE-COUNTS", sent(e), `@ 600 TXT "sole-value"`, `@ 600 TXT "plain"`)
			e = t.Confirms("DC-CONFLICT-TXT-NEW-MODE-COUNTS", t.Request("text-all").With("text", "alone again"))
			t.Holds("DC-CONFLICT-TXT-NEW-MODE-COUNTS", sent(e), `@ 600 TXT "alone again"`)
		}},
}
