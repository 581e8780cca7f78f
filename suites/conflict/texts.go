package conflict

import (
	"github.com/dcconform/dcconform/suites/register"
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
			if t.World.Edition != register.IETF05 {
				return
			}
			// This edition does not say whether letter case counts.
			t.ResetHost()
			t.Seed(`@ 300 TXT "MS=upper"`)
			t.Confirms("DC-CONFLICT-TXT-PREFIX", t.Request("text-prefix"))
			t.Settle(`@ 600 TXT "ms=new"`)
			if len(t.Present(`@ 300 TXT "MS=upper"`)) > 0 {
				t.Note("reading", "a prefix is compared with regard to letter case")
				return
			}
			t.Note("reading", "a prefix is compared without regard to letter case")
		}},
	// dcspec-2.3 has all values case-sensitive; ietf-05 does not say.
	{Key: "conflict-txt-prefix-case", Title: "a text that begins with the prefix in other letter case stays",
		Requirements: []string{"DC-CONFLICT-TXT-PREFIX"}, Templates: []string{"text-prefix"}, Seeds: true, Editions: []register.Edition{register.DCSpec23},
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-TXT-PREFIX", template: "text-prefix", new: []string{`@ 600 TXT "ms=new"`, `@ 600 TXT "v=DMARC1; p=new"`},
				stays: []string{`@ 300 TXT "MS=upper"`}}.judge(t)
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
