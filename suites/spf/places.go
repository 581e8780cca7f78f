package spf

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 9.3 and 9.4: where a record is merged, and with what.
var places = []trial.Case{
	{Key: "spf-at-host", Title: "rules are merged at the name that the template is applied at, and at no other",
		Requirements: []string{"DC-SPF-HOST-RENDERED"}, Templates: templates,
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-HOST-RENDERED"
			existing(t, "@", "v=spf1 include:above.example ~all")
			existing(t, "bar", "v=spf1 include:old.service.example ~all")
			// The term is this case's own, since the apex is everybody's.
			term := "include:" + t.Host() + ".service.example"
			got, e := merge(t, id, "bar", at(t, "bar", term), term)
			about := sent(e)
			for _, name := range []string{"@", t.Domain() + "."} {
				about.Expected = []string{"the SPF record at no other name has them"}
				about.Actual = name + ": " + strings.Join(t.TextsAt(name), " | ")
				t.Require(id, strings.Contains(strings.Join(t.TextsAt(name), " "), term), gomega.BeFalse(), about)
			}
			got.supported(t, term)
			about.Expected, about.Actual = []string{"the rules at bar." + t.Root() + ""}, got.String()
			t.Require(id, got.has(term), gomega.BeTrue(), about)
		}},
	{Key: "spf-several-combined", Title: "several sets of rules for one name become one record",
		Requirements: []string{"DC-SPF-HOST-RENDERED"}, Templates: []string{"spf-several"},
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-HOST-RENDERED"
			got, e := merge(t, id, "@", t.Request("spf-several"), "include:one.service.example", "include:two.service.example")
			if !got.has("include:one.service.example") {
				got.supported(t, "include:two.service.example")
			}
			about := sent(e)
			about.Expected, about.Actual = []string{"one record with include:one.service.example and include:two.service.example"}, got.String()
			t.Require(id, got.others(), gomega.Equal([]string{"include:one.service.example", "include:two.service.example"}), about)
			t.Require(id, got.records, gomega.HaveLen(1), about)
			got = await(t, "news", "include:news.service.example")
			about.Expected, about.Actual = []string{"include:news.service.example alone at news." + t.Root()}, got.String()
			t.Require(id, got.others(), gomega.Equal([]string{"include:news.service.example"}), about)
		}},
	// v=spf1 as a whole word marks the record, in any letter case.
	{Key: "spf-other-texts", Title: "other texts at the name are left alone",
		Requirements: []string{"DC-SPF-OTHER-TXT-UNTOUCHED"}, Templates: []string{"spf"}, Seeds: true,
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-OTHER-TXT-UNTOUCHED"
			others := []string{"google-site-verification=abc", "v=spf10 include:x.example ~all"}
			t.Seed(`@ 300 TXT "google-site-verification=abc"`, `@ 300 TXT "v=spf10 include:x.example ~all"`, `@ 300 TXT "V=SPF1 a -all"`)
			got, e := merge(t, id, "@", at(t, "@", rules), rules)
			about := sent(e)
			got.supported(t, rules)
			texts := slices.DeleteFunc(t.TextsAt("@"), isSPF)
			about.Expected = []string{"these stay as they are: " + strings.Join(others, " | ")}
			about.Actual = "beside the SPF record there are: " + strings.Join(texts, " | ")
			t.Require(id, texts, gomega.Equal(others), about)
			about.Expected, about.Actual = []string{"one SPF record, with a and " + rules}, got.String()
			t.Require(id, len(got.records) == 1 && got.has("a", rules), gomega.BeTrue(), about)
		}},
}
