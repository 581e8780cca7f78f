package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// checklistItem is one item of the public template repository's checklist for
// pull requests, or one of its binding rules.
type checklistItem struct {
	title string
	// rules are static rules that judge it. A result of such a rule speaks
	// against the item, whatever its outcome: a rule that is silent has no
	// result of its own, and the case staticCase speaks for all of those.
	rules []string
	// codes are the official linter's, for findings that name no rule.
	codes []string
	// missed are requirements of the register: one that was missed is a
	// finding here, but a case that passed says nothing about the item.
	missed []string
	// cases judge it by trying the template.
	cases []string
	// notes are codes of notes that speak against it.
	notes []string
	// unjudged says why a run without results for it cannot tell.
	unjudged string
	// beyond is what no run can tell, whatever it found; with it the box of
	// the item stays open where part is set.
	beyond string
	// rest is set on the one item that hears of every rule which no item names.
	rest bool
	// part is set when the rules judge only a part of what is asked.
	part bool
}

// staticCase passes when every static rule was applied and those without a
// result of their own have nothing against the template.
const staticCase = "rules"

// noteInfo is what a rule has to say that is no more than good to know.
const noteInfo = "info"

const noStaticRules = "no result of a rule that reads the template for this"

// checklist is in the order in which the repository asks.
var checklist = []checklistItem{
	{title: "The file is a template: schema and rules for its members", cases: []string{"parse", staticCase}, rest: true,
		rules:  []string{"TMPL-JSON", "TMPL-JSON-TYPE", "TMPL-MEMBER-TWICE", "TMPL-MEMBER-NAME", "TMPL-FIELD-NAME", "TMPL-MEMBER-MISSING", "TMPL-VALUE-EMPTY", "TMPL-TYPE"},
		codes:  []string{"DCTL0003", "DCTL0008", "DCTL1005", "DCTL1013", "DCTL1016"},
		beyond: "The repository runs its own linter; this run does not start it."},
	{title: "The version is raised when the content changes", rules: []string{"TMPL-VERSION-UNCHANGED"}, missed: []string{"DC-TMPL-VERSION-CHANGES"},
		unjudged: "this run had no earlier state to compare with"},
	{title: "The file name is `<providerId>.<serviceId>.json` in lower case", rules: []string{"TMPL-FILE-NAME", "TMPL-ID-TWICE"}, codes: []string{"DCTL1003", "DCTL1004"},
		missed: []string{"DC-TMPL-FILE-NAME"}, unjudged: noStaticRules},
	{title: "`syncPubKeyDomain` is set", rules: []string{"TMPL-UNSIGNED", "TMPL-PUBKEY-DOMAIN", "TMPL-KEY-LABEL-DOUBLED"}, codes: []string{"DCTL1029"},
		missed: []string{"DC-TMPL-PUBKEYDOMAIN-SYNTAX"}, notes: []string{"unsigned"}, unjudged: noStaticRules},
	{title: "No `warnPhishing` beside `syncPubKeyDomain`", rules: []string{"TMPL-WARNPHISHING-SIGNED"}, codes: []string{"DCTL1028"}, unjudged: noStaticRules},
	{title: "`syncRedirectDomain` is set where `redirect_uri` is used", rules: []string{"TMPL-REDIRECT-MISSING", "TMPL-REDIRECT-DOMAIN"}, cases: []string{"return"},
		notes: []string{"no-redirect"}, unjudged: noStaticRules, beyond: "Only you know whether your service uses `redirect_uri`."},
	{title: "SPF is an SPFM record, not TXT", rules: []string{"TMPL-RAW-SPF"}, codes: []string{"DCTL1014"}, missed: []string{"DC-TMPL-SPF-NOT-TXT"}, unjudged: noStaticRules},
	{title: "`txtConflictMatchingMode` is set where a TXT must be unique", rules: []string{"TMPL-TXT-UNIQUE", "TMPL-TXT-MODE", "TMPL-TXT-PREFIX", "TMPL-TXT-PREFIX-MISSING"},
		missed: []string{"DC-TMPL-TXT-MODE-ENUM", "DC-TMPL-TXT-PREFIX-SYNTAX"}, unjudged: noStaticRules},
	{title: "No variable is a whole value", rules: []string{"TMPL-BARE-VALUE"}, missed: []string{"DC-TMPL-VARIABLE-MINIMAL"}, unjudged: noStaticRules},
	{title: "No variable is a whole host", rules: []string{"TMPL-HOST-BARE-VARIABLE"}, unjudged: noStaticRules},
	{title: "No variable stands for the sub-domain", rules: []string{"TMPL-HOST-SUBDOMAIN-VARIABLE", "TMPL-HOST-SHARED-VARIABLE"}, codes: []string{"DCTL1039"},
		missed: []string{"DC-TMPL-HOST-NO-SUBDOMAIN-VARIABLE"}, unjudged: noStaticRules},
	{title: "No `%host%`", rules: []string{"TMPL-HOST-VARIABLE", "TMPL-HOST-BESIDE-DOT"}, codes: []string{"DCTL1024"}, unjudged: noStaticRules},
	{title: "`essential` is `OnApply` where the user may edit the record", rules: []string{"TMPL-DMARC-ESSENTIAL", "TMPL-ESSENTIAL"}, unjudged: noStaticRules,
		beyond: "Which records your users may edit, only you know.", part: true},
	{title: "The logo can be fetched", rules: []string{"TMPL-LOGO"}, codes: []string{"DCTL1010"}, missed: []string{"DC-TMPL-LOGO-HTTPS"}, unjudged: noStaticRules,
		beyond: "This run reaches nothing outside the machine: whether the logo is there was not tried.", part: true},
}

// answer is what a run says about an item.
type answer struct {
	item *checklistItem
	// met is set when something judged the item and nothing spoke against it.
	met bool
	// against are the findings, the gravest first; open are results that
	// should have judged it and could not.
	against, open []*Result
	// noted are notes that speak against it.
	noted []string
	// by names the cases and rules that judged it.
	by []string
}

// answers holds the results of one template against the checklist.
func answers(results []*Result) []answer {
	all := make([]answer, len(checklist))
	for i := range checklist {
		a := answer{item: &checklist[i]}
		for _, res := range results {
			a.hear(res)
		}
		slices.SortStableFunc(a.against, func(x, y *Result) int {
			return cmp.Compare(slices.Index(outcomes, x.Outcome), slices.Index(outcomes, y.Outcome))
		})
		a.met = len(a.by) > 0 && len(a.against)+len(a.open)+len(a.noted) == 0
		all[i] = a
	}
	return all
}

// hear takes in what a result says about the item.
func (a *answer) hear(res *Result) {
	item := a.item
	ofRule := res.Rule != "" && slices.Contains(item.rules, res.Rule)
	for _, n := range res.Notes {
		if slices.Contains(item.notes, n.Code) || ofRule && n.Code == noteInfo {
			a.noted = appendNew(a.noted, n.Text)
		}
	}
	if ofRule && res.Outcome == Pass && len(a.noted) == 0 {
		a.noted = append(a.noted, res.Rule+": "+res.Title)
	}
	ofCase := slices.Contains(item.cases, res.Case) || item.unjudged == noStaticRules && res.Case == staticCase
	switch res.Outcome {
	case Fail, Warning:
		id := Missed(res)
		if ofRule || slices.Contains(item.missed, id) && !claimedRule(res.Rule) || res.Rule == "" && slices.Contains(item.codes, res.DCTL) ||
			ofCase && !claimed(id) || item.rest && res.Rule != "" && !claimedRule(res.Rule) {
			a.against = append(a.against, res)
		}
	case Pass:
		if ofCase {
			a.by = appendNew(a.by, res.Case)
		}
	case NotApplicable:
	default:
		if ofRule || ofCase {
			a.open = append(a.open, res)
		}
	}
}

// claimed reports whether another item of the checklist is about the id.
func claimed(id string) bool {
	return slices.ContainsFunc(checklist, func(i checklistItem) bool { return slices.Contains(i.rules, id) || slices.Contains(i.missed, id) })
}

// claimedRule reports whether the checklist knows the rule.
func claimedRule(rule string) bool {
	return rule != "" && slices.ContainsFunc(checklist, func(i checklistItem) bool { return slices.Contains(i.rules, rule) })
}

// state is the answer in a word or two.
func (a *answer) state() string {
	switch {
	case len(a.against) > 0:
		if a.against[0].Outcome == Warning {
			return "warning"
		}
		return "no"
	case len(a.noted) > 0:
		return "look"
	case len(a.open) > 0:
		return "open"
	case a.met && a.item.part:
		return "part"
	case a.met:
		return "yes"
	}
	return "not judged"
}

const mdFindings = 3 // of an item that are told

// markdown is the whole answer as an item of a task list.
func (a *answer) markdown() string {
	box, text := " ", ""
	switch a.state() {
	case "no", "warning":
		var parts []string
		for i, res := range a.against {
			if i == mdFindings {
				parts = append(parts, fmt.Sprintf("and %d more", len(a.against)-i))
				break
			}
			parts = append(parts, mdFinding(res))
		}
		text = "**" + map[string]string{"no": "No.", "warning": "Look at this."}[a.state()] + "** " + strings.Join(parts, " ")
	case "look":
		text = "**Look at this.** " + mdText(sentence(a.noted[0]))
	case "open":
		text = "**Not judged:** " + mdText(sentence(shorten(Headline(a.open[0]), 200)))
	case "part":
		text = "as far as rules can tell, yes, by " + mdCode(strings.Join(a.by, ", ")) + "."
	case "yes":
		box, text = "x", "yes, by "+mdCode(strings.Join(a.by, ", "))+"."
	default:
		text = "**Not judged by this run:** " + cmp.Or(a.item.unjudged, "no result") + "."
	}
	line := fmt.Sprintf("- [%s] %s: %s", box, a.item.title, text)
	if a.item.beyond != "" {
		line += " " + a.item.beyond
	}
	return line
}

// mdFinding tells a finding in a sentence or two.
func mdFinding(res *Result) string {
	what := Headline(res)
	mend := ""
	if f := res.Failure; f != nil {
		what = cmp.Or(f.Actual, f.Clause)
		mend = f.Mend
	}
	text := mdCode(strings.TrimSpace(Missed(res)+" "+res.DCTL)) + ": " + mdText(sentence(shorten(oneLine(what), 300)))
	if place := Place(res); place != "" {
		text += " At " + mdCode(place) + "."
	}
	if mend != "" {
		text += " Mend: " + mdText(sentence(shorten(mend, 200)))
	}
	return text
}
