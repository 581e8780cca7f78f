package syncapply

import "github.com/dcconform/dcconform/suites/trial"

// Section 8.3.2: the query is percent-encoded as RFC 3986 has it.
var encoding = []trial.Case{
	{Key: "syncapply-decoded-once", Title: "values are percent-decoded exactly once",
		Requirements: []string{"DC-REQ-PERCENT-DECODE"}, Templates: []string{"three-texts"},
		Body: func(t *trial.Trial) {
			r := twin(t).Without("one", "two", "three")
			includes(t, "DC-REQ-PERCENT-DECODE", appended(r, "one=shm%3A1%3aHello", "two=a%2Bb", "three=%2541"),
				`one 600 TXT "shm:1:Hello"`, `two 600 TXT "a+b"`, `three 600 TXT "%41"`)
		}},
	{Key: "syncapply-names-decoded", Title: "an escaped name is the same name",
		Requirements: []string{"DC-REQ-PERCENT-DECODE"}, Templates: []string{"three-texts"},
		Body: func(t *trial.Trial) {
			r := twin(t).Without("one", "two", "three", "domain")
			includes(t, "DC-REQ-PERCENT-DECODE", appended(r, "d%6Fmain="+t.Domain(), "%6Fne=first", "tw%6f=second", "three=third"),
				`one 600 TXT "first"`, `two 600 TXT "second"`, `three 600 TXT "third"`)
		}},
	{Key: "syncapply-plus-is-plus", Title: "a plus in the query is a plus",
		Requirements: []string{"DC-REQ-PLUS-LITERAL"}, Templates: []string{"three-texts"},
		Body: func(t *trial.Trial) {
			r := twin(t).Without("one", "two", "three")
			includes(t, "DC-REQ-PLUS-LITERAL", appended(r, "one=a+b", "two=x%20y", "three=+Zm8+YmFy+"),
				`one 600 TXT "a+b"`, `two 600 TXT "x y"`, `three 600 TXT "+Zm8+YmFy+"`)
		}},
}

// twin is the ordinary request for three texts, which was seen to work at
// another name.
func twin(t *trial.Trial) trial.Request {
	r := t.Request("three-texts")
	t.Given(below(r, "twin"), `one.twin 600 TXT "first"`, `two.twin 600 TXT "second"`, `three.twin 600 TXT "third"`)
	return r
}
