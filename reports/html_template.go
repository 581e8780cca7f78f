package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// parts are the templates that need attention, and the others. What is about
// no template stands first when it needs attention.
func (b *htmlBook) parts() []htmlPart {
	bad := htmlPart{ID: "with-findings", Title: "With findings"}
	good := htmlPart{ID: "without-findings", Title: "Without findings"}
	for _, t := range b.templates {
		if t.Tone == "good" {
			good.Templates = append(good.Templates, t)
		} else {
			bad.Templates = append(bad.Templates, t)
		}
	}
	// Failures first; within them the order of the run.
	slices.SortStableFunc(bad.Templates, func(x, y *htmlTemplate) int { return cmp.Compare(x.Tone, y.Tone) })
	var parts []htmlPart
	for _, p := range []htmlPart{bad, good} {
		if len(p.Templates) > 0 {
			parts = append(parts, p)
		}
	}
	return parts
}

// fill says everything about a template.
func (b *htmlBook) fill(t *htmlTemplate, detailed map[*Result]bool) {
	counts, known := Counts{}, Counts{}
	brief := map[string]*htmlBrief{}
	good := map[string]*goodText{}
	var order []string
	at := map[*Result]*htmlResult{}
	for _, res := range t.results {
		counts[res.Outcome]++
		if res.known() {
			known[res.Outcome]++
		}
		switch {
		case res.leavesOut():
			if brief[res.Scenario] == nil {
				order = append(order, res.Scenario)
				brief[res.Scenario] = &htmlBrief{scenario: intern(b.scenarioAt, &b.data.Scenarios, cmp.Or(res.Scenario, "–"))}
				good[res.Scenario] = new(goodText)
			}
			b.brief(brief[res.Scenario], good[res.Scenario], res)
			if detailed[res] {
				t.Examples = append(t.Examples, b.detail(res))
			}
		case res.Outcome == Blocked:
			t.Blocked = append(t.Blocked, b.short(res))
		case detailed[res]:
			v := b.detail(res)
			at[res] = v
			t.Findings = append(t.Findings, v)
		case at[b.first[res]] != nil:
			s := b.short(res)
			s.What = ""
			v := at[b.first[res]]
			v.Same = append(v.Same, s)
		default:
			t.Short = append(t.Short, b.short(res))
		}
		t.notes(res)
	}
	briefs := []htmlBrief{}
	for _, scenario := range order {
		briefs = append(briefs, *brief[scenario])
		t.Good = append(t.Good, htmlGood{scenario, good[scenario].String()})
	}
	b.data.Good = append(b.data.Good, briefs)
	t.Tone = tone(counts, known)
	for _, o := range []Outcome{Fail, HarnessError, Inconclusive, Warning, Blocked, Pass, NotApplicable} {
		if counts[o] > 0 {
			t.Counts = append(t.Counts, htmlCount{o, symbols[o], counts[o]})
		}
	}
}

// tone leaves the strongest word to what the baseline does not know.
func tone(c, known Counts) string {
	switch {
	case c[Fail]-known[Fail]+c[HarnessError] > 0:
		return "bad"
	case c[Fail]+c[Warning]+c[Inconclusive]+c[Blocked] > 0:
		return "warn"
	}
	return "good"
}

// goodText says in short what passed and what does not apply.
type goodText struct{ pass, none []string }

func (g *goodText) String() string {
	var parts []string
	if len(g.pass) > 0 {
		parts = append(parts, "passed: "+strings.Join(g.pass, ", "))
	}
	if len(g.none) > 0 {
		parts = append(parts, "not applicable: "+strings.Join(g.none, ", "))
	}
	return strings.Join(parts, "; ")
}

func (b *htmlBook) brief(h *htmlBrief, text *goodText, res *Result) {
	check := b.check(res)
	if res.Outcome == Pass {
		h.pass = append(h.pass, check)
		text.pass = append(text.pass, res.Case)
		return
	}
	reason := cmp.Or(res.Message, res.Reason)
	h.none = append(h.none, [2]int{check, intern(b.reasonAt, &b.data.Reasons, reason)})
	text.none = append(text.none, res.Case+" ("+res.Reason+")")
}

// notes puts a result's notes where people look for them. Those of a finding
// that is told in detail stand with it, too.
func (t *htmlTemplate) notes(res *Result) {
	for _, n := range res.Notes {
		switch n.Code {
		case noteRemoves:
			i := slices.IndexFunc(t.Losses, func(l htmlLoss) bool { return l.Scenario == res.Scenario })
			if i < 0 {
				i = len(t.Losses)
				t.Losses = append(t.Losses, htmlLoss{Scenario: res.Scenario})
			}
			t.Losses[i].Texts = appendNew(t.Losses[i].Texts, n.Text)
		case noteExposure:
			t.Exposure = appendNew(t.Exposure, n.Text)
		default:
			if !res.leavesOut() {
				continue
			}
			text := n.Text
			if res.Rule != "" {
				text = strings.TrimSpace(res.Rule+" "+Place(res)) + ": " + text
			}
			t.Remarks = appendNew(t.Remarks, text)
		}
	}
}

func appendNew(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// missed is the place of the missed requirement among those of the page, or -1.
func (b *htmlBook) missed(res *Result) int {
	if res.leavesOut() || res.Outcome == Blocked {
		return -1
	}
	return intern(b.requirementAt, &b.data.Requirements, Missed(res))
}

func (b *htmlBook) short(res *Result) htmlShort {
	s := htmlShort{Anchor: b.anchor[res.ID], Outcome: res.Outcome, Symbol: symbols[res.Outcome], Case: b.check(res), Missed: b.missed(res),
		Where: strings.TrimPrefix(res.Scenario+" "+res.Case, " "), What: shorten(Headline(res), 300)}
	if res.Failure != nil && res.Failure.Actual != "" {
		s.What = Missed(res) + ", " + shorten(oneLine(res.Failure.Actual), 300)
	}
	if res.Outcome == Blocked {
		s.What, s.By = res.BlockedBy, b.anchor[res.BlockedBy]
		if by, ok := strings.CutPrefix(res.BlockedBy, res.Template+"/"); ok {
			s.What = by
		}
	} else if place := Place(res); place != "" {
		s.Where += " (" + place + ")"
	}
	return s
}

// detail is a finding as it reads without the source of the harness.
func (b *htmlBook) detail(res *Result) *htmlResult {
	v := &htmlResult{Anchor: b.anchor[res.ID], Scenario: res.Scenario, Title: cmp.Or(strings.TrimSpace(res.Title), res.Case, "a case without a name"), Outcome: res.Outcome, Symbol: symbols[res.Outcome],
		Case: b.check(res), Missed: b.missed(res), Known: res.known(), Evidence: b.evidence.of(res)}
	if more := len(res.Evidence) - len(v.Evidence); more > 0 {
		v.Unnamed = fmt.Sprintf("And %s between them, in %s.", count(more, "piece", "pieces"), ReportFile)
	}
	check := &b.checks[v.Case]
	if check.Anchor == "" && len(res.Evidence) > 0 {
		check.Anchor = v.Anchor
	}
	add := func(list *[]htmlLine, name, value string, code bool) {
		if value = strings.TrimSpace(value); value != "" {
			*list = append(*list, htmlLine{name, value, code})
		}
	}
	if res.Message != "" && (res.Failure == nil || strings.TrimSpace(res.Message) != strings.TrimSpace(res.Failure.Actual)) {
		v.Headline = res.Message
	}
	if res.Outcome == Pass {
		add(&v.Lines, "Case", res.ID, true)
		return v
	}
	add(&v.Lines, "Missed", strings.TrimSpace(Missed(res)+" "+res.DCTL)+", a "+string(res.Level)+" about the "+string(res.Subject), false)
	if f := res.Failure; f != nil {
		add(&v.Lines, "Clause", f.Clause, false)
		add(&v.Lines, "Sent", f.Sent, true)
		v.Expected = f.Expected
		add(&v.After, "Came back", f.Actual, false)
		add(&v.After, "Mend", f.Mend, false)
	}
	if res.Known != nil {
		add(&v.After, "Baseline", res.Known.String(), false)
	}
	add(&v.After, "Place", Place(res), true)
	add(&v.After, "Reason", res.Reason, false)
	for _, n := range res.Notes {
		if n.Code != noteRemoves && n.Code != noteExposure {
			add(&v.After, "Note", n.Text, false)
		}
	}
	if res.ExpectedBy != "" {
		add(&v.After, "Expected by", "the "+res.ExpectedBy+", computed from the template", false)
	}
	add(&v.After, "Run again", res.Rerun, true)
	add(&v.After, "Case", res.ID, true)
	return v
}
