package catalogue

import (
	"fmt"
	"strings"

	"github.com/dcconform/dcconform/suites/register"
)

// page is an explanation as people read it: a heading, what it is in a line,
// and parts.
type page struct {
	title, kind string
	lead        string
	parts       []part
}

// part is a heading with paragraphs, or with entries of a list.
type part struct {
	heading string
	// paragraphs are wrapped; items are wrapped below a bullet; code stands as
	// it is.
	paragraphs, items, code []string
}

func (p *page) add(heading string, paragraphs ...string) {
	if text := strings.Join(paragraphs, ""); strings.TrimSpace(text) != "" {
		p.parts = append(p.parts, part{heading: heading, paragraphs: paragraphs})
	}
}

func (p *page) list(heading string, items []string) {
	if len(items) > 0 {
		p.parts = append(p.parts, part{heading: heading, items: items})
	}
}

func (p *page) code(heading string, commands []string) {
	if len(commands) > 0 {
		p.parts = append(p.parts, part{heading: heading, code: commands})
	}
}

// sentence begins and ends a text like a sentence.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// pageOf is the page of an explanation.
func (c *Catalogue) pageOf(x *Explanation) *page {
	switch {
	case x.Requirement != nil:
		return c.requirementPage(x.Requirement)
	case x.Case != nil:
		return c.casePage(x.Case)
	case x.Fault != nil:
		return c.faultPage(x.Fault)
	}
	return c.rulePage(x.Rule)
}

var roleText = map[register.Role]string{
	register.DNSProvider: "DNS providers", register.ServiceProvider: "service providers", register.TemplateAuthor: "templates",
}

func (c *Catalogue) requirementPage(q *RequirementView) *page {
	p := &page{title: q.ID, kind: fmt.Sprintf("requirement for %s, area %s, %s", roleText[q.Role], q.Area, q.State), lead: q.Text}
	var stands, expects []string
	for _, d := range q.Editions {
		stands = append(stands, fmt.Sprintf("%s: %s (%s). A miss %s.", d.Edition, d.Level, d.Basis, d.Miss))
		if d.Expect != "" {
			expects = append(expects, fmt.Sprintf("%s: %s", d.Edition, d.Expect))
		}
	}
	p.list("Where it stands", stands)
	p.add("Why it cannot be tested", q.Reason)
	p.add("On the wire", q.How)
	p.list("Where the editions differ", expects)
	p.add("Control twin", q.Pair)
	p.add("Passes as well", q.Open)
	p.list("Only for targets that claim", words(q.Needs...))
	p.add("What goes wrong", q.Mistake)
	p.add("Good to know", q.Note)
	p.list("Cases", c.casesText(q.Cases))
	p.list("Faults of the mock", c.faultsText(q.Faults))
	p.list("Static rules", c.rulesText(q.Rules))
	p.list("Mend", c.mends(q))
	p.code("Try it", c.tries(q.Cases, q.Faults))
	return p
}

// mends say what to do about a miss: a static rule's own mend, or to look for
// the usual mistake.
func (c *Catalogue) mends(q *RequirementView) []string {
	var mends []string
	for _, id := range q.Rules {
		if r, ok := c.Rule(id); ok {
			mends = append(mends, r.Mend)
		}
	}
	if _, mistake, _ := strings.Cut(q.Mistake, ": "); q.Check == register.ProviderBlackbox {
		mends = append(mends, "Look first whether this is so: "+mistake+".")
	}
	return mends
}

// tries are the commands that run cases, and that show faults and who catches
// them. They are not wrapped, so that they can be copied.
func (c *Catalogue) tries(cases, faults []string) []string {
	var commands []string
	for _, key := range cases {
		if x, _ := c.Case(key); x.Suite == SuiteProvider {
			commands = append(commands, runs(x))
		}
	}
	for _, name := range faults {
		commands = append(commands, "dcconform selftest --fault "+name)
	}
	return commands
}

// runs is the command that runs a case.
func runs(x Case) string {
	if x.Suite == SuiteProvider {
		return "dcconform provider --target target.yaml --case " + x.Key
	}
	return "dcconform certify --case " + x.Key + " my.template.json"
}

func (c *Catalogue) casePage(x *CaseView) *page {
	p := &page{title: x.Key, kind: fmt.Sprintf("case of %s, chapter %s", x.Suite, x.Chapter), lead: sentence(x.Title)}
	p.list("Judges", c.requirementsText(x.Requirements))
	p.list("Editions", words(x.Editions...))
	p.list("Only for targets that claim", words(x.Needs...))
	p.list("Conformance templates", x.Templates)
	p.list("Faults of the mock that it catches", c.faultsText(x.Faults))
	p.code("Try it", append([]string{runs(x.Case)}, c.tries(nil, x.Faults)...))
	return p
}

func (c *Catalogue) faultPage(x *FaultView) *page {
	p := &page{title: x.Name, kind: "fault of the mock provider", lead: x.Sentence}
	if x.Proposed {
		p.kind = "fault that the register proposes; the mock does not have it"
		p.lead = sentence(x.Sentence)
	}
	p.list("Breaks", c.requirementsText(x.Requirements))
	p.list("Cases that have to catch it", c.casesText(x.Cases))
	if !x.Proposed {
		p.code("Try it", c.tries(nil, []string{x.Name}))
	}
	return p
}

func (c *Catalogue) rulePage(r *Rule) *page {
	kind := "static rule, " + r.Level
	if len(r.DCTL) > 0 {
		kind += ", " + strings.Join(r.DCTL, " ") + " of the official linter"
	}
	p := &page{title: r.ID, kind: kind, lead: sentence(r.Title)}
	p.list("Editions", words(r.Editions...))
	if r.Profile != "" {
		p.add("Only with", "--profile "+r.Profile)
	}
	p.add("Why", r.Why)
	p.add("Mend", r.Mend)
	p.add("Where it differs from the linter", r.Differs)
	p.list("Stands for", c.requirementsText(r.Requirements))
	p.code("Try it", []string{"dcconform certify --static my.template.json"})
	return p
}

func (c *Catalogue) requirementsText(ids []string) []string {
	var list []string
	for _, id := range ids {
		if q, ok := c.register.Get(id); ok {
			list = append(list, id+" ("+levelText(q)+"): "+q.Text)
		}
	}
	return list
}

func (c *Catalogue) casesText(keys []string) []string {
	var list []string
	for _, key := range keys {
		x, _ := c.Case(key)
		list = append(list, key+" ("+x.Suite+"): "+x.Title)
	}
	return list
}

func (c *Catalogue) faultsText(names []string) []string {
	var list []string
	for _, name := range names {
		f, _ := c.Fault(name)
		list = append(list, name+": "+f.Sentence)
	}
	return list
}

func (c *Catalogue) rulesText(ids []string) []string {
	var list []string
	for _, id := range ids {
		r, _ := c.Rule(id)
		list = append(list, id+" ("+r.Level+"): "+r.Title)
	}
	return list
}
