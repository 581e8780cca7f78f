package spf

import (
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// found is what a name has of SPF (RFC 7208).
type found struct {
	// records are the SPF records, as they stand.
	records []string
	// terms are those of all of them, in lower case and without a plus in front.
	// An include of a name in the domain itself is replaced by what is there:
	// a provider may spread a long record over several.
	terms []string
}

// isSPF reports whether a text is an SPF record: v=spf1 as a whole word, in
// any letter case, marks one.
func isSPF(text string) bool {
	text = strings.ToLower(text)
	return text == "v=spf1" || strings.HasPrefix(text, "v=spf1 ")
}

// read picks the SPF records out of the texts of a name.
func read(t *trial.Trial, texts []string) found {
	f := found{records: slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return !isSPF(s) })}
	for _, r := range f.records {
		f.terms = append(f.terms, termsOf(t, r, 3)...)
	}
	return f
}

func termsOf(t *trial.Trial, text string, depth int) []string {
	var terms []string
	for _, word := range strings.Fields(strings.ToLower(text))[1:] {
		word = strings.TrimPrefix(word, "+")
		name, ours := strings.CutPrefix(word, "include:")
		name = strings.TrimSuffix(name, ".")
		if ours = ours && strings.HasSuffix(name, "."+t.Domain()); !ours || depth == 0 {
			terms = append(terms, word)
			continue
		}
		for _, r := range t.Answers(name + `. 0 TXT ""`)[0].Records {
			if isSPF(r.Text()) {
				inner := termsOf(t, r.Text(), depth-1)
				terms = append(terms, slices.DeleteFunc(inner, isAll)...)
			}
		}
	}
	return terms
}

// isAll reports whether a term is the one that matches everybody.
func isAll(term string) bool { return strings.TrimLeft(term, "+-~?") == "all" }

// has reports whether all of the terms are there.
func (f found) has(terms ...string) bool { return len(f.lacks(terms...)) == 0 }

// lacks are those of the terms that are not there.
func (f found) lacks(terms ...string) []string {
	return slices.DeleteFunc(slices.Clone(terms), func(want string) bool { return slices.Contains(f.terms, want) })
}

// others are the terms but for all, sorted.
func (f found) others() []string {
	return slices.Sorted(slices.Values(slices.DeleteFunc(slices.Clone(f.terms), isAll)))
}

// sound reports whether mail receivers can make sense of it: one record, one
// all, behind everything else, and no redirect, which would have no effect.
func (f found) sound() bool {
	return len(f.records) == 1 && f.closed() && !strings.Contains(f.String(), "redirect=")
}

// closed reports whether there is one all, behind every other mechanism.
// Modifiers may follow.
func (f found) closed() bool {
	mechanisms := slices.DeleteFunc(slices.Clone(f.terms), func(s string) bool { return strings.Contains(s, "=") })
	return slices.IndexFunc(mechanisms, isAll) == len(mechanisms)-1 && len(mechanisms) > 0
}

// String is the records, for messages.
func (f found) String() string {
	if len(f.records) == 0 {
		return "there is no SPF record"
	}
	return strings.Join(f.records, " | ")
}

// at is a request for rules at a name below the case's root; "@" is the root.
func at(t *trial.Trial, name, rules string) trial.Request {
	r := t.Request("spf").With("rules", rules)
	if name != "@" {
		r = r.With("host", name+".{host}")
	}
	return r
}

// existing makes the name have a text before, by the template of one.
func existing(t *trial.Trial, name, text string) {
	r := t.Request("text").With("text", text)
	if name != "@" {
		r = r.With("host", name+".{host}")
	}
	t.Settled(r, name+` 3600 TXT "`+text+`"`)
}

// merge applies a request, waits until terms are seen at a name, and returns
// what is there. A user who is not asked, or not told of success, breaks id.
func merge(t *trial.Trial, id, name string, r trial.Request, terms ...string) (found, *trial.Ending) {
	e := t.Confirms(id, r)
	return await(t, name, terms...), e
}

// sent words what was done, for a statement about what came of it.
func sent(e *trial.Ending) check.About { return check.About{Sent: "GET " + e.Link + ", then Confirm"} }

// await waits until terms are seen at a name.
func await(t *trial.Trial, name string, terms ...string) found {
	texts := t.AwaitTexts(name, func(texts []string) bool { return read(t, texts).has(terms...) })
	return read(t, texts)
}

// supported ends the case when the rules are nowhere: whether they are written
// at all has a case of its own.
func (f found) supported(t *trial.Trial, terms ...string) {
	if len(f.lacks(terms...)) > 0 {
		t.Inconclusive("prerequisite", "no rules are written at all, which spf/spf-supported judges")
	}
}
