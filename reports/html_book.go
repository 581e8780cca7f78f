package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The codes of notes that have a place of their own on the page.
const (
	// noteRemoves names a record that a customer loses.
	noteRemoves = "removes"
	// noteExposure says what somebody without the key controls.
	noteExposure = "exposure"
)

// htmlBook gathers a run for the page.
type htmlBook struct {
	run       *Run
	templates []*htmlTemplate
	checks    []htmlCheck
	data      htmlData
	byFinding map[findingKey][]*Result
	// first is the result that tells what a later one of its template says again.
	first    map[*Result]*Result
	anchor   map[string]string // by result id
	evidence *htmlEvidence

	checkAt       map[string]int
	requirementAt map[string]int
	scenarioAt    map[string]int
	reasonAt      map[string]int
}

type findingKey struct {
	outcome Outcome
	id      string
	known   bool
}

// htmlTemplate is all that is said about one template, or about none.
type htmlTemplate struct {
	ID, Name, Tone string
	// Index is the place in htmlData.Good.
	Index    int
	Counts   []htmlCount
	Facts    string
	Findings []*htmlResult
	Short    []htmlShort
	Blocked  []htmlShort
	Exposure []string
	Losses   []htmlLoss
	Remarks  []string
	Good     []htmlGood
	Examples []*htmlResult

	results []*Result
}

// htmlLoss is what one scenario removes.
type htmlLoss struct {
	Scenario string
	Texts    []string
}

// htmlGood is what passed in one scenario, in short.
type htmlGood struct{ Scenario, Text string }

// htmlShort is a finding in a line.
type htmlShort struct {
	Anchor, Where, What, By, Symbol string
	Outcome                         Outcome
	Case, Missed                    int
}

// htmlResult is a finding, or an example of a pass, in detail.
type htmlResult struct {
	Anchor, Scenario, Title, Headline, Symbol string
	Outcome                                   Outcome
	Case, Missed                              int
	Lines, After                              []htmlLine
	Known                                     bool
	Expected                                  []string
	Evidence                                  []htmlPiece
	// Unnamed says how many more pieces there are; "" when all are named.
	Unnamed string
	// Same are results of the template that say the same.
	Same []htmlShort
}

type htmlCheck struct {
	Name, Title, Anchor string
	Subject             Subject
	Requirements        []string
}

// htmlData is what the page's script knows beyond the page.
type htmlData struct {
	Total        int           `json:"total"`
	Requirements []string      `json:"requirements"`
	Scenarios    []string      `json:"scenarios"`
	Reasons      []string      `json:"reasons"`
	Checks       []htmlJudges  `json:"checks"`
	Good         [][]htmlBrief `json:"good"`
}

type htmlJudges struct {
	Name         string `json:"name"`
	Title        string `json:"title"`
	Requirements []int  `json:"requirements"`
}

// htmlBrief is a scenario, the checks that passed in it, and those that do not
// apply with their reasons.
type htmlBrief struct {
	scenario int
	pass     []int
	none     [][2]int
}

func (h htmlBrief) MarshalJSON() ([]byte, error) {
	b := append([]byte("["), strconv.Itoa(h.scenario)...)
	b = append(b, ",["...)
	for i, n := range h.pass {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	b = append(b, "],["...)
	for i, n := range h.none {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, "[%d,%d]", n[0], n[1])
	}
	return append(b, "]]"...), nil
}

// htmlDetails is how many findings the page tells in detail; the others get a
// line each.
const htmlDetails = 1000

func newHTMLBook(r *Run, kept Kept) *htmlBook {
	b := &htmlBook{
		run: r, byFinding: map[findingKey][]*Result{}, first: map[*Result]*Result{}, anchor: make(map[string]string, len(r.Results)),
		checkAt: map[string]int{}, requirementAt: map[string]int{}, scenarioAt: map[string]int{}, reasonAt: map[string]int{},
		data: htmlData{Total: len(r.Results), Requirements: []string{}, Scenarios: []string{}, Reasons: []string{}, Checks: []htmlJudges{}, Good: [][]htmlBrief{}},
	}
	b.name()
	inDetail := b.choose()
	b.evidence = newHTMLEvidence(kept)
	b.evidence.spend(inDetail, len(r.Templates))
	detailed := make(map[*Result]bool, len(inDetail))
	for _, res := range inDetail {
		detailed[res] = true
	}
	for _, t := range b.templates {
		b.fill(t, detailed)
	}
	return b
}

// name gives every template and every result its anchor and puts results
// under their templates, which stand in the order of the run.
func (b *htmlBook) name() {
	ids := map[string]bool{}
	for _, taken := range []string{"f-text", "f-outcome", "f-template", "f-requirement", "f-hint", "f-count"} {
		ids[taken] = true
	}
	at := map[string]*htmlTemplate{}
	add := func(key, name string) *htmlTemplate {
		t := &htmlTemplate{ID: slug(ids, "t-", name), Name: name, Index: len(b.templates)}
		at[key] = t
		b.templates = append(b.templates, t)
		return t
	}
	for i := range b.run.Templates {
		t := &b.run.Templates[i]
		if at[t.Key] == nil {
			add(t.Key, cmp.Or(strings.TrimSpace(t.Key), "a template without a name")).Facts = facts(t)
		}
	}
	for i := range b.run.Results {
		res := &b.run.Results[i]
		group := b.run.group(res)
		t := at[group]
		if t == nil {
			t = add(group, cmp.Or(strings.TrimSpace(group), "about no template"))
		}
		t.results = append(t.results, res)
		b.anchor[res.ID] = slug(ids, "r-", res.ID)
	}
}

// facts tell a template apart from others, in a line.
func facts(t *Template) string {
	var parts []string
	if t.File != "" {
		parts = append(parts, t.File)
	}
	if t.Version != 0 {
		parts = append(parts, fmt.Sprintf("version %d", t.Version))
	}
	if t.SHA256 != "" {
		parts = append(parts, "SHA-256 "+t.SHA256)
	}
	return strings.Join(parts, ", ")
}

// slug makes an anchor of a name and takes it: letters, digits, dots and
// hyphens, with a number where another name gave the same.
func slug(taken map[string]bool, prefix, name string) string {
	id := prefix + strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return '-'
	}, shorten(name, 120))
	for n, unique := 2, id; ; n++ {
		if !taken[unique] {
			taken[unique] = true
			return unique
		}
		unique = fmt.Sprintf("%s--%d", id, n)
	}
}

// choose lists the results that are told in detail: the first result of every
// finding, then the examples of passes, then the others, failures before
// warnings and each finding's second result before another one's third.
func (b *htmlBook) choose() []*Result {
	type candidate struct {
		res         *Result
		rank, grave int
	}
	var all []candidate
	told := map[string]*Result{}
	for i := range b.run.Results {
		res := &b.run.Results[i]
		grave := slices.Index([]Outcome{Fail, HarnessError, Inconclusive, Warning}, res.Outcome)
		switch {
		case grave >= 0:
			key := findingKey{res.Outcome, Missed(res), res.known()}
			b.byFinding[key] = append(b.byFinding[key], res)
			text := sameText(res)
			if first := told[text]; first != nil {
				b.first[res] = first
				continue
			}
			told[text] = res
			all = append(all, candidate{res, len(b.byFinding[key]) - 1, grave})
		case res.Exemplar && len(res.Evidence) > 0:
			all = append(all, candidate{res, 0, 4})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(min(a.rank, 1), min(b.rank, 1)), cmp.Compare(a.grave, b.grave), cmp.Compare(a.rank, b.rank))
	})
	list := make([]*Result, 0, min(len(all), htmlDetails))
	for _, c := range all[:min(len(all), htmlDetails)] {
		list = append(list, c.res)
	}
	return list
}

// sameText is equal for results of one template that say the same.
func sameText(res *Result) string {
	parts := []string{res.Template, string(res.Outcome), Missed(res), res.Reason, res.Message, Place(res)}
	if res.Known != nil {
		parts = append(parts, res.Known.String())
	}
	if f := res.Failure; f != nil {
		parts = append(parts, f.Clause, f.Actual, f.Mend)
		parts = append(parts, f.Expected...)
	}
	return strings.Join(parts, "\x00")
}

// check is the place of the result's check in the tables of the page. Checks
// of one name that differ in what they judge have places of their own.
func (b *htmlBook) check(res *Result) int {
	key := res.Case + "\x00" + res.Title + "\x00" + strings.Join(res.Requirements, "\x00")
	if at, ok := b.checkAt[key]; ok {
		return at
	}
	at := len(b.checks)
	b.checkAt[key] = at
	b.checks = append(b.checks, htmlCheck{Name: res.Case, Title: res.Title, Subject: res.Subject, Requirements: res.Requirements})
	judges := htmlJudges{Name: show(res.Case), Title: show(res.Title), Requirements: []int{}}
	for _, id := range res.Requirements {
		judges.Requirements = append(judges.Requirements, intern(b.requirementAt, &b.data.Requirements, id))
	}
	b.data.Checks = append(b.data.Checks, judges)
	return at
}

// intern is the place of a text in a list, to which it is added when new, as
// it is shown.
func intern(at map[string]int, list *[]string, text string) int {
	if i, ok := at[text]; ok {
		return i
	}
	at[text] = len(*list)
	*list = append(*list, show(text))
	return len(*list) - 1
}
