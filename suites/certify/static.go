package certify

import (
	"fmt"
	"slices"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	rules "github.com/dcconform/dcconform/suites/template"
)

// staticScenario judges a template by reading it: one case for each rule that
// has something against it, and one for all the others. What the rules say
// follows from the file alone, so that parent and child plan the same.
func staticScenario(s Source, o Options) *check.Scenario {
	judge := rules.Options{Edition: o.rules().Edition}
	findings, _ := rules.CheckSource(rules.Source{File: s.File, Data: s.Data}, judge)
	byRule := map[string][]rules.Finding{}
	for _, f := range findings {
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	var checks []check.Check
	var silent []string
	for _, r := range rules.Rules() {
		if !r.Applies(judge) || severalFiles[r.ID] {
			continue
		}
		if found := byRule[r.ID]; len(found) > 0 {
			checks = append(checks, findingCheck(r, found))
			continue
		}
		silent = append(silent, r.ID)
	}
	checks = append(checks, check.Check{Key: "rules", Title: "no other static rule has anything against it",
		Subject: reports.SubjectTemplate, Level: reports.MUST, Requirements: []string{"DC-TMPL-REQUIRED-PROPS"},
		Body: func(c *check.Case) {
			again, _ := rules.CheckSource(rules.Source{File: s.File, Data: s.Data}, judge)
			for _, f := range again {
				c.Control("DC-TMPL-REQUIRED-PROPS", slices.Contains(silent, f.Rule), gomega.BeFalse(),
					check.About{Actual: "a rule spoke now and not when the run was planned: " + f.String()})
			}
			c.Control("DC-TMPL-REQUIRED-PROPS", len(silent), gomega.BeNumerically(">", 0), check.About{Actual: "no rule was applied"})
			c.Note("rules", fmt.Sprintf("%d rules applied, %d of them had something to say", len(silent)+len(byRule), len(byRule)))
		}})
	return &check.Scenario{Name: "static", Template: s.Key, File: s.File, Checks: checks}
}

// severalFiles are the rules that one file alone cannot show.
var severalFiles = map[string]bool{"TMPL-ID-TWICE": true, "TMPL-VERSION-UNCHANGED": true}

// findingCheck states what one rule has against the template.
func findingCheck(r rules.Rule, found []rules.Finding) check.Check {
	worst := found[0]
	for _, f := range found[1:] {
		if f.Level > worst.Level {
			worst = f
		}
	}
	return check.Check{Key: r.ID, Title: r.Title, Subject: reports.SubjectTemplate, Level: levelOf(worst.Level),
		Requirements: requirementsOf(r), Body: func(c *check.Case) {
			more := ""
			if n := len(found) - 1; n > 0 {
				more = fmt.Sprintf("; and at %d more places", n)
			}
			for _, f := range found {
				if f != worst {
					c.Note("also", fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Message))
				}
			}
			c.Rule(check.RuleFinding{Rule: worst.Rule, DCTL: worst.DCTL, Level: levelOf(worst.Level),
				File: worst.File, Line: worst.Line, Column: worst.Column, Record: worst.Record,
				Why: r.Why, Message: worst.Message + more, Mend: worst.Mend})
		}}
}

// levelOf translates the levels of rules: an error fails a template, a warning
// warns, an info is noted.
func levelOf(l rules.Level) reports.Level {
	switch l {
	case rules.Error:
		return reports.MUST
	case rules.Warning:
		return reports.SHOULD
	}
	return reports.MAY
}

// requirementsOf is the rule, whose id counts as a requirement's, and what it
// stands for in the register.
func requirementsOf(r rules.Rule) []string {
	return append([]string{r.ID}, r.Requirements...)
}
