package variables

import (
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 9.2.1: values are strings, and what is put in is exactly what was
// given.
var values = slicesOf(
	verbatim("variables-string-values", "values that look like numbers or JSON are text", "DC-VAR-STRING-VALUES",
		"007", "1e3", "true", "null", "0x10", "1_000", "10.0"),
	verbatim("variables-exact-value", "a value is put in as it was given", "DC-VAR-EXACT-VALUE",
		"a  b", "MiXed", "$1", "&amp;", " padded "),
	// 8.3.2: values are in presentation format.
	trial.Case{Key: "variables-presentation-values", Title: "escapes in a value mean what they do in a master file",
		Requirements: []string{"DC-VAR-PRESENTATION-VALUES"}, Templates: []string{"escaped"},
		Body: func(t *trial.Trial) {
			r := t.Request("escaped")
			for _, v := range [][2]string{{`a\"b`, `a\"b`}, {`a\059b`, `a;b`}, {`a\\b`, `a\\b`}} {
				holds(t, "DC-VAR-PRESENTATION-VALUES", r.With("v", v[0]), `quoted 600 TXT "q=`+v[1]+`"`)
				t.ResetHost()
			}
		}},
	// An unescaped quote inside a quoted field: an error, or a quote; it never
	// ends the string that the template began.
	trial.Case{Key: "variables-quote-in-value", Title: "a quote in a value ends no string of the template",
		Requirements: []string{"DC-VAR-PRESENTATION-VALUES"}, Templates: []string{"escaped"},
		Body: func(t *trial.Trial) {
			r := t.Request("escaped").With("v", `x" "y`)
			e := t.Approve(r)
			if !e.Asked() {
				t.Note("reading", "a quote that is not escaped is refused")
				t.Require("DC-VAR-PRESENTATION-VALUES", e.Refused(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link, Actual: e.String()})
				t.Settled(r.With("v", "ordinary"), `quoted 600 TXT "q=ordinary"`)
				return
			}
			t.Note("reading", "a quote that is not escaped is a quote")
			t.HoldsAt("DC-VAR-PRESENTATION-VALUES", check.About{Sent: "GET " + e.Link + ", then Confirm"}, `quoted 600 TXT "q=x\" \"y"`)
		}},
	// 9.2.2: an empty value is one, a missing one is none.
	trial.Case{Key: "variables-empty-value", Title: "an empty value counts as given",
		Requirements: []string{"DC-VAR-EMPTY-VALUE"}, Templates: []string{"values", "text"},
		Body: func(t *trial.Trial) {
			r := t.Request("text")
			t.Refuses("DC-VAR-EMPTY-VALUE", r.Without("text"), r, r.Records()...)
			t.ResetHost()
			r = t.Request("values")
			holds(t, "DC-VAR-EMPTY-VALUE", r.With("v", ""), `value 600 TXT "v=;"`)
		}},
)

func slicesOf(cases ...trial.Case) []trial.Case { return cases }

// verbatim is a case that sends values and wants to see exactly them.
func verbatim(key, title, id string, list ...string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{id}, Templates: []string{"values"},
		Body: func(t *trial.Trial) {
			for _, v := range list {
				holds(t, id, t.Request("values").With("v", v), `value 600 TXT "v=`+v+`;"`)
				t.ResetHost()
			}
		}}
}
