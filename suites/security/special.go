package security

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 12.3 and dcspec-2.3, Template Integrity: names that more depends on.
// They are looked at and never applied.
var special = []trial.Case{
	{Key: "security-underscore-host", Title: "a host with an underscore is presented with more care, and in full",
		Requirements: []string{"DC-SEC-UNDERSCORE-HOST"}, Templates: []string{"alias"},
		Body: func(t *trial.Trial) {
			const id = "DC-SEC-UNDERSCORE-HOST"
			r := t.Request("alias")
			ordinary := ordinaryPage(t, below(r, "ordinary"), "ordinary."+t.Root(), "ordinary")
			for _, label := range []string{"_acme-challenge", "_dmarc"} {
				e := t.Look(below(r, label))
				page, asked := e.Page()
				expected := about(e, "a consent page that shows "+label+"."+t.Root()+" and says more than that of an ordinary host", "a refusal that is the provider's declared policy")
				t.Require(id, asked, gomega.BeTrue(), expected)
				if !asked {
					continue
				}
				expected.Actual = "the consent page says: " + page.Text
				t.Require(id, strings.ToLower(page.Text), gomega.ContainSubstring(strings.ToLower(label+"."+t.Root())), expected)
				t.Require(id, ordinary.more(page.Text, label+"."+t.Root(), label), gomega.Not(gomega.BeEmpty()), expected)
			}
		}},
	{Key: "security-own-names", Title: "a template at the name of discovery is refused, or the user is warned",
		Requirements: []string{"DC-SEC-NAME-PROTECTION"}, Templates: []string{"text"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			r := t.Request("text")
			ordinary := ordinaryPage(t, r.With("host", "ordinary"), "ordinary."+t.Domain(), "ordinary")
			e := t.Look(r.With("host", "_domainconnect"))
			page, asked := e.Page()
			if !asked {
				t.Note("reading", "a template at _domainconnect is refused")
			}
			expected := about(e, "an error", "a consent page with a warning that an ordinary host comes without")
			expected.Actual += "; a consent page says: " + page.Text
			// What is there already is listed, which is no warning.
			more := ordinary.more(page.Text, "_domainconnect."+t.Domain(), "_domainconnect")
			warned := slices.ContainsFunc(more, func(line string) bool {
				return caution.MatchString(line) || slices.ContainsFunc(page.Alerts, func(alert string) bool { return strings.Contains(alert, line) })
			})
			t.Require("DC-SEC-NAME-PROTECTION", e.Refused() || warned, gomega.BeTrue(), expected)
		}},
}

// caution are words of which a warning has one.
var caution = regexp.MustCompile(`(?i)\b(warn\w*|caution\w*|beware|careful\w*|protect\w*|reserved|special|risk\w*|are you sure|only if you)\b`)

// lines are what the consent page of an ordinary host says, the host aside.
type lines []string

// ordinaryPage looks twice, so that what changes by itself counts for nothing.
func ordinaryPage(t *trial.Trial, r trial.Request, name, host string) lines {
	var all lines
	for range 2 {
		all = append(all, linesOf(shown(t, t.Look(r)), name, host)...)
	}
	return all
}

// more are the lines of another host's page that those of the ordinary one do
// not have.
func (l lines) more(page, name, host string) []string {
	return slices.DeleteFunc(linesOf(page, name, host), func(line string) bool { return slices.Contains(l, line) })
}

func linesOf(page, name, host string) []string {
	return strings.Split(strings.NewReplacer(name, "{name}", host, "{host}").Replace(page), "\n")
}
