package reports

import (
	"cmp"
	"fmt"
	"strings"
)

// Headline says in one line what became of a case, for a person who knows
// neither the harness nor its ids.
func Headline(res *Result) string {
	var text string
	switch {
	case res.Failure != nil && (res.Outcome == Fail || res.Outcome == Warning):
		text = res.Failure.Clause
		if res.Failure.Actual != "" {
			text += " Got: " + res.Failure.Actual
		}
	case res.Outcome == Blocked:
		text = "blocked by " + res.BlockedBy
	case res.Message != "":
		text = res.Message
	case res.Reason != "":
		text = res.Reason
	default:
		text = res.Title
	}
	return oneLine(text)
}

// Explain tells a result so that it reads without the source of the harness:
// the clause, what was sent, every acceptable outcome, what came back, the
// evidence, and the command that runs this case again. A plain pass is its
// title.
func Explain(res *Result) string {
	var b strings.Builder
	line := func(label, text string) {
		if text = strings.TrimSpace(text); text != "" {
			fmt.Fprintf(&b, "%-12s %s\n", label, strings.ReplaceAll(text, "\n", "\n             "))
		}
	}
	b.WriteString(res.Title + "\n")
	line("outcome:", string(res.Outcome))
	line("reason:", res.Reason)
	line("message:", res.Message)
	line("blocked:", res.BlockedBy)
	if f := res.Failure; f != nil {
		line("missed:", f.Requirement)
		line("clause:", f.Clause)
		line("sent:", f.Sent)
		for i, want := range f.Expected {
			label := "expected:"
			if i > 0 {
				label = "  or:"
			}
			line(label, want)
		}
		line("got:", f.Actual)
		line("mend:", f.Mend)
	}
	if res.Known != nil {
		line("known:", res.Known.String())
	}
	line("expected-by:", res.ExpectedBy)
	line("place:", Place(res))
	line("checks:", strings.Join(res.Requirements, ", "))
	for _, n := range res.Notes {
		line("note:", n.Code+": "+n.Text)
	}
	for _, e := range res.Evidence {
		if e.File != "" {
			line("evidence:", e.File+" ("+e.Title+")")
		}
	}
	line("again:", res.Rerun)
	return b.String()
}

// Missed is the id that a result is about when it is no pass: the rule or
// requirement that was not met, and where the result does not say which one,
// the first of those that it judges.
func Missed(res *Result) string {
	id := res.Rule
	if res.Failure != nil {
		id = cmp.Or(id, res.Failure.Requirement)
	}
	if len(res.Requirements) > 0 {
		id = cmp.Or(id, res.Requirements[0])
	}
	return cmp.Or(id, res.Case)
}

// Place names the file, line, column and record of a static finding, or "".
func Place(res *Result) string {
	place := res.File
	if place != "" && res.Line > 0 {
		place += fmt.Sprintf(":%d", res.Line)
		if res.Column > 0 {
			place += fmt.Sprintf(":%d", res.Column)
		}
	}
	if res.Record > 0 {
		place = strings.TrimSpace(fmt.Sprintf("%s record %d", place, res.Record))
	}
	return place
}

// oneLine folds white space, so that the text fits a table cell or an attribute.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
