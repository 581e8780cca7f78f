package spf

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 9.4: what a merged record is.
var merging = []trial.Case{
	{Key: "spf-supported", Title: "a template with mail rules is known, and its rules are written",
		Requirements: []string{"DC-SPF-SUPPORTED"}, Templates: []string{"spf"}, Body: supported},
	{Key: "spf-one-record", Title: "new rules and those that are there become one record, each term once",
		Requirements: []string{"DC-SPF-MERGED-SINGLE"}, Templates: templates,
		Body: func(t *trial.Trial) {
			existing(t, "@", "v=spf1 include:old.service.example ip4:203.0.113.9 ~all")
			got, e := merge(t, "DC-SPF-MERGED-SINGLE", "@", at(t, "@", "ip4:203.0.113.9 "+rules), rules)
			union(t, got, sent(e), "include:old.service.example", rules, "ip4:203.0.113.9")
		}},
	// A term is compared whole: one that is part of another's text is not there.
	{Key: "spf-whole-terms", Title: "a term that is part of another one's text is added all the same",
		Requirements: []string{"DC-SPF-MERGED-SINGLE"}, Templates: templates,
		Body: func(t *trial.Trial) {
			existing(t, "@", "v=spf1 include:spf.service.example.net ~all")
			got, e := merge(t, "DC-SPF-MERGED-SINGLE", "@", at(t, "@", "a "+rules), rules)
			union(t, got, sent(e), "a", rules, "include:spf.service.example.net")
		}},
	{Key: "spf-all-last", Title: "the record ends in one all",
		Requirements: []string{"DC-SPF-ALL-TILDE"}, Templates: templates,
		Body: func(t *trial.Trial) {
			existing(t, "@", "v=spf1 mx -all")
			for _, name := range []string{"@", "fresh"} {
				got, e := merge(t, "DC-SPF-ALL-TILDE", name, at(t, name, rules), rules)
				about := sent(e)
				got.supported(t, rules)
				about.Expected, about.Actual = []string{"one all, behind every other mechanism"}, got.String()
				t.Require("DC-SPF-ALL-TILDE", got.closed(), gomega.BeTrue(), about)
				if last := got.terms[len(got.terms)-1]; last != "~all" {
					t.Note("reading", "a record that came of a merge may end in "+last)
				}
			}
		}},
	{Key: "spf-existing-kept", Title: "what the record said before it says still",
		Requirements: []string{"DC-SPF-EXISTING-KEPT"}, Templates: templates,
		Body: func(t *trial.Trial) {
			old := []string{"mx", "a:web.old.example", "ip4:203.0.113.0/24", "ip6:2001:db8::/32", "include:old.service.example"}
			existing(t, "@", "v=spf1 "+strings.Join(old, " ")+" ~all")
			got, e := merge(t, "DC-SPF-EXISTING-KEPT", "@", at(t, "@", rules), rules)
			about := sent(e)
			got.supported(t, rules)
			about.Expected, about.Actual = []string{"all terms of before: " + strings.Join(old, " ")}, got.String()
			t.Require("DC-SPF-EXISTING-KEPT", got.lacks(old...), gomega.BeEmpty(), about)
		}},
	// ? before ~ before -. What becomes of + is not said, but one remains.
	{Key: "spf-least-restrictive", Title: "of two qualifiers of one rule the less restrictive stays",
		Requirements: []string{"DC-SPF-LEAST-RESTRICTIVE"}, Templates: templates, Body: leastRestrictive},
	// Two strings of a text are one text (RFC 7208 section 3.3); receivers look
	// up ten names at most (section 4.6.4).
	{Key: "spf-beyond-255", Title: "a record of more than 255 octets is whole",
		Requirements: []string{"DC-SPF-LIMITS"}, Templates: templates,
		Body: func(t *trial.Trial) {
			old := strings.Fields("ip4:198.51.100.101 ip4:198.51.100.102 ip4:198.51.100.103 ip4:198.51.100.104 ip4:198.51.100.105 ip4:198.51.100.106 " +
				"ip4:198.51.100.107 ip4:198.51.100.108 ip4:198.51.100.109 ip4:198.51.100.110 ip4:198.51.100.111 ip4:198.51.100.112")
			twin, _ := merge(t, "DC-SPF-LIMITS", "twin", at(t, "twin", rules), rules)
			twin.supported(t, rules)
			existing(t, "@", "v=spf1 "+strings.Join(old, " ")+" ~all")
			got, e := merge(t, "DC-SPF-LIMITS", "@", at(t, "@", "ip6:2001:db8:1234:5678::/64 "+rules), append(old, rules)...)
			about := sent(e)
			want := append(old, "ip6:2001:db8:1234:5678::/64", rules)
			about.Expected = []string{"all terms, in strings that join to them: " + strings.Join(want, " ")}
			about.Actual = got.String()
			t.Require("DC-SPF-LIMITS", got.has(want...), gomega.BeTrue(), about)
		}},
	{Key: "spf-beyond-ten-names", Title: "a record that looks more than ten names up is whole, or refused",
		Requirements: []string{"DC-SPF-LIMITS"}, Templates: templates, Body: tenNames},
	// dcspec-2.3, Alternatives: where SPFM is onboarded as a plain TXT, its
	// rules are put in.
	{Key: "spf-no-placeholder", Title: "the name of the rules is not written in their place",
		Requirements: []string{"DC-SPF-TXT-FALLBACK"}, Templates: []string{"spf"},
		Body: func(t *trial.Trial) {
			e := t.Approve(at(t, "@", rules))
			got := await(t, "@", rules)
			texts := strings.Join(t.TextsAt("@"), " | ")
			t.Abuse("DC-SPF-TXT-FALLBACK", strings.Contains(strings.ToLower(texts), "%spfrules%"), check.About{Sent: sent(e).Sent,
				Expected: []string{"the rules of the request"}, Actual: "the text at the name is " + texts})
			if !strings.Contains(texts, "%") {
				got.supported(t, rules)
			}
		}},
}

func supported(t *trial.Trial) {
	const id = "DC-SPF-SUPPORTED"
	e := t.Approve(at(t, "@", rules))
	got := await(t, "@", rules)
	about := sent(e)
	about.Expected, about.Actual = []string{"an SPF record with " + rules}, e.String()+"; "+got.String()
	t.Require(id, got.has(rules), gomega.BeTrue(), about)
}

// union states that there is one record, with exactly the terms beside all.
func union(t *trial.Trial, got found, about check.About, terms ...string) {
	const id = "DC-SPF-MERGED-SINGLE"
	about.Expected, about.Actual = []string{"one SPF record"}, got.String()
	if t.Require(id, got.records, gomega.HaveLen(1), about) {
		about.Expected = []string{"these terms, each once: " + strings.Join(terms, " ")}
		t.Require(id, got.others(), gomega.Equal(terms), about)
	}
}

func leastRestrictive(t *trial.Trial) {
	const id = "DC-SPF-LEAST-RESTRICTIVE"
	existing(t, "@", "v=spf1 -include:one.example ?include:two.example ~include:three.example ~include:four.example ~all")
	got, e := merge(t, id, "@", at(t, "@", "~include:one.example -include:two.example ?include:three.example include:four.example "+rules), rules)
	about := sent(e)
	got.supported(t, rules)
	about.Actual = got.String()
	for _, want := range []string{"~include:one.example", "?include:two.example", "?include:three.example"} {
		about.Expected = []string{want + ", and no other term about the same"}
		t.Require(id, got.about(want), gomega.Equal([]string{want}), about)
	}
	plain := got.about("include:four.example")
	about.Expected = []string{"include:four.example once, with one of the two qualifiers"}
	if t.Require(id, plain, gomega.HaveLen(1), about) {
		t.Note("reading", "of + and ~ the one that stays is that of "+plain[0])
	}
}

// about are the terms that differ from one in the qualifier at most.
func (f found) about(term string) []string {
	var same []string
	for _, word := range f.terms {
		if strings.TrimLeft(word, "-~?") == strings.TrimLeft(term, "-~?") {
			same = append(same, word)
		}
	}
	return same
}

func tenNames(t *trial.Trial) {
	const id = "DC-SPF-LIMITS"
	old := strings.Fields("include:a.example.net include:b.example.net include:c.example.net include:d.example.net include:e.example.net " +
		"include:f.example.net include:g.example.net include:h.example.net include:i.example.net include:j.example.net")
	twin, _ := merge(t, id, "twin", at(t, "twin", rules), rules)
	twin.supported(t, rules)
	existing(t, "@", "v=spf1 "+strings.Join(old, " ")+" ~all")
	e := t.Approve(at(t, "@", rules))
	about := check.About{Sent: "GET " + e.Link + ", then Confirm", Expected: []string{"the whole record, with or without a warning", "a refusal, and the record as it was"}}
	if !e.Asked() {
		t.Note("reading", "rules that would make a record look more than ten names up are refused")
	} else {
		t.Note("reading", "a record that looks more than ten names up is written when the user confirms")
		old = append(old, rules)
	}
	got := await(t, "@", old...)
	about.Actual = e.String() + "; " + got.String()
	t.Require(id, got.has(old...), gomega.BeTrue(), about)
}
