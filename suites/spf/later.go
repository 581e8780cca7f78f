package spf

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 9.4: what can be done with the record afterwards.
var later = []trial.Case{
	// 10.1: nothing is added that is there already.
	{Key: "spf-applied-twice", Title: "applying the same rules twice leaves the record as it is",
		Requirements: []string{"DC-SPF-REAPPLY-IDEMPOTENT"}, Templates: []string{"spf", "text", "spf-several"},
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-REAPPLY-IDEMPOTENT"
			existing(t, "news", "v=spf1 include:old.service.example ~all")
			first, _ := merge(t, id, "news", at(t, "news", rules), rules)
			first.supported(t, rules)
			second, e := merge(t, id, "news", at(t, "news", rules), rules)
			about := sent(e)
			about.Sent = "twice " + about.Sent
			about.Expected, about.Actual = []string{first.String()}, second.String()
			t.Require(id, second.records, gomega.Equal(first.records), about)
			// The twin, other rules, is the barrier: it is seen, and with it
			// whatever the second time has done.
			third, e := merge(t, id, "news", t.Request("spf-several"), "include:news.service.example")
			third.supported(t, "include:news.service.example")
			want := []string{"include:news.service.example", "include:old.service.example", rules}
			about.Sent += ", then " + sent(e).Sent
			about.Expected, about.Actual = []string{"these terms, each once: " + strings.Join(want, " ")}, third.String()
			t.Require(id, third.others(), gomega.Equal(want), about)
		}},
	{Key: "spf-user-editable", Title: "the user can change the record afterwards",
		Requirements: []string{"DC-SPF-USER-EDITABLE"}, Templates: []string{"spf"}, Seeds: true,
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-USER-EDITABLE"
			const own = "v=spf1 include:mine.example -all"
			// The hook works: it changes a name that no template has touched.
			t.Seed(`mine 300 TXT "before"`)
			t.Broken(t.Edit(`mine 300 TXT "after"`))
			got, e := merge(t, id, "@", at(t, "@", rules), rules)
			got.supported(t, rules)
			err := t.Edit(`@ 300 TXT "` + own + `"`)
			about := check.About{Sent: sent(e).Sent + `, then by the provider's own means TXT "` + own + `" in the place of the record`,
				Expected: []string{"the user's own record"}}
			if err != nil {
				about.Actual = "the change is refused: " + err.Error()
			}
			if t.Require(id, err, gomega.BeNil(), about) {
				got = await(t, "@", "include:mine.example")
				about.Actual = got.String()
				t.Require(id, got.records, gomega.Equal([]string{own}), about)
			}
		}},
}
