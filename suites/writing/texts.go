package writing

import (
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 6.2: the data of a TXT.
var texts = []trial.Case{
	// Quotes around a single string may be left out, though there are spaces; a
	// semicolon begins no comment, and @ stands for nothing.
	{Key: "writing-text-plain", Title: "a text without quotes is one string, whatever is in it",
		Requirements: []string{"DC-APPLY-TXT-PRESENTATION"}, Templates: []string{"text-forms"},
		Body: func(t *trial.Trial) {
			r := t.Request("text-forms")
			t.Applies("DC-APPLY-TXT-PRESENTATION", r, r.Records()...)
		}},
	// dcspec-2.3 gives quotes no meaning.
	{Key: "writing-text-quoted", Title: "quotes around strings are no part of the text",
		Requirements: []string{"DC-APPLY-TXT-PRESENTATION"}, Templates: []string{"text-quoted"}, Editions: []register.Edition{register.IETF05},
		Body: func(t *trial.Trial) {
			r := t.Request("text-quoted")
			t.Applies("DC-APPLY-TXT-PRESENTATION", r, r.Records()...)
		}},
}
