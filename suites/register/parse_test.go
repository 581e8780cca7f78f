package register

import (
	"strings"
	"testing"
)

const good = `- id: DC-A-ONE
  area: spf
  role: dns-provider
  text: One sentence.
  editions:
    ietf-05: {section: '9.4', level: MUST, basis: keyword}
  check: provider-blackbox
  how: Do and look.
  fault: 'name: what it does'
`

func TestParseAcceptsTheSmallestEntry(t *testing.T) {
	r, err := Parse("r.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if r.Len() != 1 {
		t.Fatalf("%d entries", r.Len())
	}
}

func TestParseRefuses(t *testing.T) {
	edit := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the good entry has no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "r.yaml: holds no requirement"},
		{"comment only", "# nothing\n", "r.yaml: holds no requirement"},
		{"empty list", "[]\n", "r.yaml: holds no requirement"},
		{"mapping", "id: DC-A\n", "r.yaml:1: a register is a list of requirements"},
		{"two documents", good + "---\n" + good, "r.yaml: holds 2 documents: a register is one list"},
		{"duplicate id", good + good, "r.yaml:10: id DC-A-ONE is already used in line 1: ids are unique"},
		{"lower-case id", edit("DC-A-ONE", "dc-a"), `r.yaml:1: dc-a: id "dc-a": an id is DC and further upper-case words joined by hyphens`},
		{"no id", edit("id: DC-A-ONE", "note: x"), `r.yaml:1: entry: id "": an id is DC and further upper-case words joined by hyphens`},
		{"no text", edit("text: One sentence.", "text: ''"), "r.yaml:4: DC-A-ONE: text is missing"},
		{"no how", edit("  how: Do and look.\n", ""), "r.yaml:1: DC-A-ONE: how is missing"},
		{"no fault", edit("  fault: 'name: what it does'\n", ""), "r.yaml:1: DC-A-ONE: fault is missing"},
		{"fault without a text", edit("name: what it does", "name: "), `r.yaml:9: DC-A-ONE: fault is a name and a text, "the-name: what is wrong", the name in lower case with hyphens`},
		{"fault without a name", edit("name: what it does", "What it does"), `r.yaml:9: DC-A-ONE: fault is a name and a text, "the-name: what is wrong", the name in lower case with hyphens`},
		{"fault of two words", edit("name: what", "two words: what"), `r.yaml:9: DC-A-ONE: fault is a name and a text, "the-name: what is wrong", the name in lower case with hyphens`},
		{"fault twice", good + strings.Replace(good, "DC-A-ONE", "DC-A-TWO", 1), "r.yaml:10: DC-A-TWO: fault name is that of DC-A-ONE already: fault names are unique"},
		{"need twice", good + "  needs: [spfm, spfm]\n", `r.yaml:10: DC-A-ONE: needs "spfm" stands twice`},
		{"area", edit("area: spf", "area: spam"), `r.yaml:2: DC-A-ONE: area "spam" is not one of apply, apply-request, async, conflict, consent, discovery, extensibility, groups, host-rendering, public-key, record-types, redirect, revert, security, settings, signature, spf, state, template, template-query, variables, verification`},
		{"role", edit("dns-provider", "registrar"), `r.yaml:3: DC-A-ONE: role "registrar" is not one of dns-provider, service-provider, template`},
		{"check", edit("provider-blackbox", "manual"), `r.yaml:7: DC-A-ONE: check "manual" is not one of provider-blackbox, template-static, client-observed, untestable`},
		{"needs", good + "  needs: [luck]\n", `r.yaml:10: DC-A-ONE: needs "luck" is not one of async, revert, stateful, stateless, spfm, ns, generic-types, numeric-variables, shared-names, ext-types, onboarding, browser`},
		{"untestable without reason", edit("provider-blackbox", "untestable"), "r.yaml:7: DC-A-ONE: reason goes with check untestable, and only with it"},
		{"reason without untestable", good + "  reason: none\n", "r.yaml:7: DC-A-ONE: reason goes with check untestable, and only with it"},
		{"no edition", edit("  editions:\n    ietf-05: {section: '9.4', level: MUST, basis: keyword}\n", ""), "r.yaml:1: DC-A-ONE: editions is missing: a requirement stands in at least one"},
		{"edition", edit("ietf-05:", "ietf-04:"), `r.yaml:5: DC-A-ONE: editions "ietf-04" is not one of ietf-05, dcspec-2.3, async-00`},
		{"level", edit("MUST", "MUST NOT"), `r.yaml:5: DC-A-ONE: level "MUST NOT" is not one of MUST, SHOULD, MAY`},
		{"basis", edit("keyword", "rumour"), `r.yaml:5: DC-A-ONE: basis "rumour" is not one of keyword, prose, lower-case, derived`},
		{"section", edit("section: '9.4', ", ""), "r.yaml:5: DC-A-ONE: section is missing for ietf-05"},
		{"expect", good + "  expect: {dcspec-2.3: other}\n", "r.yaml:10: DC-A-ONE: expect names dcspec-2.3, which editions does not list"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("r.yaml", []byte(c.in))
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Error() != c.want {
				t.Errorf("\n got %s\nwant %s", err, c.want)
			}
		})
	}
}

// The YAML library words these; what matters is that they are refused and say
// where.
func TestParseRefusesWithPlace(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"unknown key", good + "  sevrity: high\n", []string{"r.yaml: entry in line 1: ", "[10:3]", `unknown field "sevrity"`}},
		{"unknown key below editions", strings.Replace(good, "basis:", "bias:", 1), []string{"r.yaml: entry in line 1: ", "[6:", `unknown field "bias"`}},
		{"duplicate key", good + "  how: again\n", []string{"r.yaml: ", "[10:3]", `"how" already defined`}},
		{"wrong type", good + "  needs: {a: b}\n", []string{"r.yaml: entry in line 1: ", "[10:"}},
		{"entry is text", "- text\n", []string{"r.yaml: entry in line 1: "}},
		{"not YAML", "- id: 'open\n", []string{"r.yaml: not YAML: ", "[1:"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("r.yaml", []byte(c.in))
			if err == nil {
				t.Fatal("accepted")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in\n%s", w, err)
				}
			}
		})
	}
}
