package variables

import "github.com/dcconform/dcconform/suites/trial"

// Section 9.2.2: what is replaced, and how often.
var substitution = []trial.Case{
	{Key: "variables-json-decode-first", Title: "a per cent sign that is escaped in JSON is one",
		Requirements: []string{"DC-VAR-JSON-DECODE-FIRST"}, Templates: []string{"escaped"},
		Body: func(t *trial.Trial) {
			holds(t, "DC-VAR-JSON-DECODE-FIRST", t.Request("escaped").With("v", "decoded"), `json 600 TXT "j=decoded"`)
		}},
	// 10.3: only active records are looked at. With the other group the same
	// request lacks a variable.
	{Key: "variables-active-only", Title: "a variable of an unlisted group need not be given",
		Requirements: []string{"DC-VAR-ACTIVE-ONLY"}, Templates: []string{"alternatives"},
		Body: func(t *trial.Trial) {
			r := t.Request("alternatives").Without("v")
			t.Watch("fancy")
			t.Reaches("DC-VAR-ACTIVE-ONLY", r)
			t.Refuses("DC-VAR-ACTIVE-ONLY", r.With("groupId", "fancy"), r, `plain 600 TXT "plain"`)
		}},
	{Key: "variables-single-pass", Title: "what was put in is not searched again",
		Requirements: []string{"DC-VAR-SINGLE-PASS"}, Templates: []string{"values"},
		Body: func(t *trial.Trial) {
			r := t.Request("values")
			holds(t, "DC-VAR-SINGLE-PASS", r.With("a", "%b%").With("b", "X"), `chain 600 TXT "%b%X-%b%"`)
			t.ResetHost()
			holds(t, "DC-VAR-SINGLE-PASS", r.With("a", "X").With("b", "%a%"), `chain 600 TXT "X%a%-X"`)
			t.ResetHost()
			holds(t, "DC-VAR-SINGLE-PASS", r.With("a", "%a%").With("b", "2"), `chain 600 TXT "%a%2-%a%"`)
		}},
	// A value that looks like an expression is text; the template's own
	// expression without a value is an error.
	{Key: "variables-expression-in-value", Title: "a value that looks like an expression is text",
		Requirements: []string{"DC-VAR-EXPRESSION-IN-RESULT-KEPT"}, Templates: []string{"values", "text"},
		Body: func(t *trial.Trial) {
			r := t.Request("text")
			t.Refuses("DC-VAR-EXPRESSION-IN-RESULT-KEPT", r.Without("text"), r, r.Records()...)
			r = t.Request("values")
			for _, v := range []string{"%zzz%", "@"} {
				t.ResetHost()
				holds(t, "DC-VAR-EXPRESSION-IN-RESULT-KEPT", r.With("v", v), `value 600 TXT "v=`+v+`;"`)
			}
		}},
	{Key: "variables-all-occurrences", Title: "every expression of a field is replaced",
		Requirements: []string{"DC-VAR-ALL-OCCURRENCES"}, Templates: []string{"values"},
		Body: func(t *trial.Trial) {
			holds(t, "DC-VAR-ALL-OCCURRENCES", t.Request("values"), `chain 600 TXT "12-1"`)
		}},
	{Key: "variables-literal-percent", Title: "text between per cent signs that is no name is text",
		Requirements: []string{"DC-VAR-LITERAL-PERCENT"}, Templates: []string{"values"},
		Body: func(t *trial.Trial) {
			holds(t, "DC-VAR-LITERAL-PERCENT", t.Request("values"), `percent 600 TXT "100% is text, 50% off %{i}._spf.%{d}, %%"`)
		}},
	// 6.2: groupId takes no variable: the template is refused, or the text is
	// what it says and no caller chooses the group.
	{Key: "variables-none-in-group", Title: "the group of a record takes no variable",
		Requirements: []string{"DC-VAR-NO-SUBSTITUTION-ELSEWHERE"}, Templates: []string{"variable-group", "text"},
		Body: noneInGroup},
}
