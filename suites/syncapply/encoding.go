package syncapply

import "github.com/dcconform/dcconform/suites/trial"

// Section 8.3.2: the query is percent-encoded as RFC 3986 has it.
var encoding = []trial.Case{
	{Key: "syncapply-decoded-once", Title: "values are percent-decoded exactly once",
		Requirements: []string{"DC-REQ-PERCENT-DECODE"}, Templates: []string{"three-texts"},
		Body: func(t *trial.Trial) {
			r := t.Request("three-texts").Without("one", "two", "three")
			t.Applies("DC-REQ-PERCENT-DECODE", appended(r, "one=shm%3A1%3aHello", "two=a%2Bb", "three=%2541"),
				`one 600 TXT "shm:1:Hello"`, `two 600 TXT "a+b"`, `three 600 TXT "%41"`)
		}},
	{Key: "syncapply-names-decoded", Title: "an escaped name is the same name",
		Requirements: []string{"DC-REQ-PERCENT-DECODE"}, Templates: []string{"three-texts"},
		Body: func(t *trial.Trial) {
			r := t.Request("three-texts").Without("one", "two", "three", "domain")
			t.Applies("DC-REQ-PERCENT-DECODE", appended(r, "d%6Fmain="+t.Domain(), "%6Fne=first", "tw%6f=second", "three=third"),
				`one 600 TXT "first"`, `two 600 TXT "second"`, `three 600 TXT "third"`)
		}},
	{Key: "syncapply-plus-is-plus", Title: "a plus in the query is a plus",
		Requirements: []string{"DC-REQ-PLUS-LITERAL"}, Templates: []string{"three-texts"},
		Body: func(t *trial.Trial) {
			r := t.Request("three-texts").Without("one", "two", "three")
			t.Applies("DC-REQ-PLUS-LITERAL", appended(r, "one=a+b", "two=a%20b", "three=+Zm8+YmFy+"),
				`one 600 TXT "a+b"`, `two 600 TXT "a b"`, `three 600 TXT "+Zm8+YmFy+"`)
		}},
}
