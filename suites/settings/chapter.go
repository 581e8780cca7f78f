// Package settings judges what a DNS provider says about a domain (ietf-05
// section 7.2; dcspec-2.3, DNS Provider Discovery), by the JSON text as it was
// sent.
package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "settings", Title: "Settings", Cases: slices.Concat(document, identity, urls, optional, extensions)}
}

// rule is what is asked of members of every settings document.
type rule struct {
	// id is the requirement.
	id string
	// member is what has to be there for the rule to say something; "" is
	// always there.
	member string
	// expected and mend go into a failure.
	expected, mend string
	// problems are what is wrong with one document, as it is read.
	problems func(d trial.Document) []string
}

// judge states that the settings of every domain keep to a rule. When no
// document has the member, the case does not apply.
func (r rule) judge(t *trial.Trial) {
	found := false
	for _, d := range t.Documents() {
		if r.member != "" && !d.Object.Has(r.member) {
			continue
		}
		found = true
		problems := r.problems(d)
		t.Require(r.id, problems, gomega.BeEmpty(), check.About{Sent: d.Reply.Sent(),
			Expected: []string{r.expected}, Actual: strings.Join(problems, "; "), Mend: r.mend})
	}
	if !found {
		t.NotApplicable("absent", "the settings have no member "+r.member)
	}
}

// values is a rule's problems for each value that a member has; a repeated
// member is judged as often as it stands.
func values(member string, problem func(v jsontext.Value) string) func(trial.Document) []string {
	return func(d trial.Document) []string {
		var all []string
		for _, v := range d.Object.All(member) {
			if what := problem(v); what != "" {
				all = append(all, fmt.Sprintf("%s is %s: %s", member, shorten(v), what))
			}
		}
		return all
	}
}

// texts is values for members that are strings; other kinds of value are for
// the rule that asks for a string.
func texts(member string, problem func(s string) string) func(trial.Document) []string {
	return values(member, func(v jsontext.Value) string {
		if s, ok := trial.Text(v); ok {
			return problem(s)
		}
		return ""
	})
}

func shorten(v jsontext.Value) string {
	const most = 200
	if len(v) > most {
		return strings.ToValidUTF8(string(v[:most]), "") + "…"
	}
	return string(v)
}
