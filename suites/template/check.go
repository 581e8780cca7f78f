package template

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Options choose what a template is judged by. The zero value is the newest
// edition, no profile.
type Options struct {
	Edition dc.Edition
	// Profile adds the rules of one provider; see Profiles.
	Profile string
}

// Source is a template file as read.
type Source struct {
	// File is the path as the user wrote it; "-" is standard input.
	File string
	Data []byte
}

// Check judges a template that has been parsed. Findings are in the order of
// the file; File is that of the template.
func Check(t *dc.Template, o Options) []Finding {
	p := &pass{t: t, options: o}
	p.owners = ownersOf(t)
	for _, rule := range ordered() {
		if rule.check == nil || !rule.Applies(o) {
			continue
		}
		p.rule = rule
		rule.check(p)
	}
	return p.sorted()
}

// CheckSource judges a file. One that is no template gets what keeps it from
// being one, and everything else that can be said about what could be read.
// The template is nil unless the file is a template.
func CheckSource(s Source, o Options) ([]Finding, *dc.Template) {
	t, problems := dc.Examine(s.File, s.Data)
	findings := fromProblems(problems, t, o)
	if t != nil {
		findings = append(findings, Check(t, o)...)
		sortFindings(findings)
	}
	if len(problems) > 0 {
		return findings, nil
	}
	return findings, t
}

// CheckAll judges several files, each alone and all of them together: ids
// that stand twice. Findings are in the order of the sources.
func CheckAll(sources []Source, o Options) []Finding {
	var findings []Finding
	seen := clashes{}
	for _, s := range sources {
		of, t := CheckSource(s, o)
		if t != nil {
			of = append(of, seen.check(t, o)...)
			sortFindings(of)
		}
		findings = append(findings, of...)
	}
	return findings
}

// ordered lists the rules by id, with the last resorts at the end.
var ordered = sync.OnceValue(func() []*Rule {
	rules := slices.Clone(registry)
	slices.SortFunc(rules, func(a, b *Rule) int {
		switch {
		case a.lastResort && !b.lastResort:
			return 1
		case b.lastResort && !a.lastResort:
			return -1
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return rules
})

// pass is one look at one template. It carries the rule that is at work.
type pass struct {
	t        *dc.Template
	options  Options
	rule     *Rule
	owners   ownership
	findings []*Finding
}

// member reports a member of the template; one that is absent is reported
// where the template begins.
func (p *pass) member(name, format string, args ...any) *Finding {
	at := p.t.Position(name)
	if at.Line == 0 {
		at = dc.Position{Line: 1, Column: 1}
	}
	return p.add(at, Finding{Field: name, Message: fmt.Sprintf(format, args...)})
}

// record reports a member of a record; one that is absent, or "", is reported
// where the record begins.
func (p *pass) record(r *dc.Record, field, format string, args ...any) *Finding {
	at := r.Position(field)
	if at.Line == 0 {
		at = r.Pos
	}
	return p.add(at, Finding{Record: r.Index + 1, Field: field, Message: fmt.Sprintf(format, args...)})
}

func (p *pass) add(at dc.Position, f Finding) *Finding {
	f.Rule, f.Level, f.Mend = p.rule.ID, p.rule.Level, p.rule.Mend
	f.File, f.Line, f.Column = p.t.File, at.Line, at.Column
	if len(p.rule.DCTL) > 0 {
		f.DCTL = p.rule.DCTL[0]
	}
	p.findings = append(p.findings, &f)
	return &f
}

// condemned reports whether an error about the record has been found.
func (p *pass) condemned(r *dc.Record) bool {
	return slices.ContainsFunc(p.findings, func(f *Finding) bool { return f.Level == Error && f.Record == r.Index+1 })
}

// each calls a function for every record.
func (p *pass) each(f func(r *dc.Record)) {
	for i := range p.t.Records {
		f(&p.t.Records[i])
	}
}

func (p *pass) sorted() []Finding {
	findings := make([]Finding, len(p.findings))
	for i, f := range p.findings {
		findings[i] = *f
	}
	sortFindings(findings)
	return findings
}

func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule))
	})
}
