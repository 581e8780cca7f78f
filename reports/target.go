package reports

import (
	"cmp"
	"strconv"
	"strings"
)

// group is what a result stands under where results are grouped: its template,
// or in a run about a target its chapter.
func (r *Run) group(res *Result) string {
	if r.Target == nil {
		return res.Template
	}
	return cmp.Or(res.Template, res.Scenario)
}

// place is where a result is from, in a word or two: template and scenario, or
// the whole id of a case that is about no template.
func (res *Result) place() string {
	if res.Template == "" {
		return res.ID
	}
	return strings.TrimSpace(res.Template + " " + res.Scenario)
}

func (t *Target) name() string {
	if t == nil {
		return ""
	}
	return t.Name
}

func (t *Target) settings() string {
	if t == nil {
		return ""
	}
	return t.Settings
}

func (t *Target) domains() []string {
	if t == nil {
		return nil
	}
	return t.Domains
}

func (t *Target) servers() []string {
	if t == nil {
		return nil
	}
	return t.Servers
}

// templatesFact is the number of templates, which a target has none of.
func templatesFact(r *Run) string {
	if r.Target != nil {
		return ""
	}
	return strconv.Itoa(len(r.Templates))
}

// titled is a word as a heading.
func titled(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
