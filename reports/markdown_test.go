package reports

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func markdown(t fataler, r *Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// certified is one template with something for each sort of answer.
func certified() *Run {
	var results []Result
	add := func(scenario, name, title string, o Outcome, change func(*Result)) {
		p := Planned{ID: "example.com.mail/" + scenario + "/" + name, Case: name, Title: title, Requirements: []string{"DC-" + name},
			Subject: SubjectTemplate, Level: MUST, Template: "example.com.mail", Scenario: scenario}
		res := result(p, o)
		if change != nil {
			change(&res)
		}
		results = append(results, res)
	}
	rule := func(id, dctl, actual string) func(*Result) {
		return func(r *Result) {
			r.Rule, r.DCTL, r.File, r.Line, r.Column, r.Requirements = id, dctl, "example.com.mail.json", 7, 3, []string{id}
			if actual != "" {
				r.Failure = &Failure{Requirement: id, Clause: "A rule.", Actual: actual, Mend: "mend it"}
				r.Rerun = "dcconform certify --static example.com.mail.json"
			}
		}
	}
	add("file", "parse", "the file is a template", Pass, nil)
	add("static", "rules", "no other static rule has anything against it", Pass, nil)
	add("static", "TMPL-BARE-VALUE", "", Pass, func(r *Result) {
		rule("TMPL-BARE-VALUE", "DCTL1040", "")(r)
		r.Notes = []Note{{"also", "line 9"}, {"info", "pointsTo is %v1% and nothing else"}}
	})
	add("static", "unsigned", "", Warning, rule("TMPL-UNSIGNED", "DCTL1029", "there is no syncPubKeyDomain"))
	add("static", "raw-spf", "", Fail, rule("TMPL-RAW-SPF", "DCTL1014", "record 2 is `v=spf1 include:%x% -all` for @team"))
	add("static", "raw-spf-2", "", Warning, rule("TMPL-RAW-SPF", "DCTL1014", "record 3 is SPF"))
	add("static", "host-var", "", Inconclusive, func(r *Result) { rule("TMPL-HOST-VARIABLE", "", "")(r); r.Message = "the reader gave up" })
	add("static", "code-alone", "", Warning, func(r *Result) {
		r.DCTL, r.Failure = "DCTL1028", &Failure{Clause: "A code.", Actual: "both are there"}
	})
	for _, scenario := range []string{"apex", "host", "apex,group=a"} {
		add(scenario, "apply", "the link is accepted", Pass, nil)
		add(scenario, "read-back", "every record is in DNS", map[string]Outcome{"apex": Pass, "host": Fail, "apex,group=a": NotApplicable}[scenario], nil)
	}
	add("apex", "return", "the user comes back", Pass, func(r *Result) { r.Notes = []Note{{"no-redirect", "the template has no syncRedirectDomain"}} })
	add("hosting-zone", "nothing-else", "nothing else changed", Pass, func(r *Result) {
		for i := range 12 {
			r.Notes = append(r.Notes, Note{"removes", fmt.Sprintf("www%d.example.net. 300 IN A 192.0.2.1", i)})
		}
	})
	add("apex", "exposure", "what an attacker could do", Warning, func(r *Result) { r.Notes = []Note{{"exposure", "record 1 (CNAME): %v1% chooses the whole name"}} })
	r := finish(results...)
	r.Templates = []Template{{Key: "example.com.mail", File: "example.com.mail.json", Version: 2, SHA256: sumOf(7)}}
	r.Command, r.Consent = []string{"dcconform", "certify", "example.com.mail.json"}, "form"
	return r
}

func TestGoldenMarkdown(t *testing.T) {
	golden(t, "report.md", []byte(markdown(t, certified())))
	golden(t, "report-sample.md", []byte(markdown(t, sample())))
}

// Each answer to the checklist has its one reason, and none comes by absence.
func TestChecklistAnswers(t *testing.T) {
	run := certified()
	var all []*Result
	for i := range run.Results {
		all = append(all, &run.Results[i])
	}
	got := answers(all)
	want := []string{"yes", "not judged", "yes", "warning", "warning", "look", "no", "yes", "look", "yes", "yes", "open", "part", "part"}
	for i, a := range got {
		if a.state() != want[i] {
			t.Errorf("%d. %s: %s, want %s", i+1, a.item.title, a.state(), want[i])
		}
	}
	if a := got[6]; len(a.against) != 2 || a.against[0].Outcome != Fail {
		t.Errorf("SPF: %d findings, the gravest is not first", len(a.against))
	}
	for i, a := range answers(nil) {
		if a.state() != "not judged" || !strings.HasPrefix(a.markdown(), "- [ ] ") {
			t.Errorf("%d. %s: %s without any result", i+1, a.item.title, a.state())
		}
	}
	other := result(planned("o", SubjectTemplate, MUST), Fail)
	other.Rule = "TMPL-UNHEARD-OF"
	for i, a := range answers([]*Result{&other}) {
		if (a.state() == "no") != (i == 0) {
			t.Errorf("a failure of a rule that no item names: %q is %s", a.item.title, a.state())
		}
	}
	other.DCTL = "DCTL1029" // of a rule, the code says no more than the rule does
	for i, a := range answers([]*Result{&other}) {
		if (a.state() == "no") != (i == 0) {
			t.Errorf("a code beside a rule: %q is %s", a.item.title, a.state())
		}
	}
	for _, item := range checklist {
		for _, id := range item.rules {
			fail := result(planned("f", SubjectTemplate, MUST), Fail)
			fail.Rule = id
			info := result(planned("i", SubjectTemplate, MAY), Pass)
			info.Rule, info.Notes = id, []Note{{"info", "good to know"}}
			silent := result(planned("s", SubjectTemplate, MAY), Pass)
			silent.Case = "rules"
			for _, tc := range []struct {
				res  Result
				want string
			}{{fail, "no"}, {info, "look"}} {
				for _, a := range answers([]*Result{&silent, &tc.res}) {
					if (a.state() == tc.want) != (a.item.title == item.title) {
						t.Errorf("%s of %s: %q is %s", tc.res.Outcome, id, a.item.title, a.state())
					}
				}
			}
		}
	}
}

func TestMarkdownTellsAFindingOnce(t *testing.T) {
	one, same, other := result(planned("a", SubjectTemplate, MUST), Fail), result(planned("b", SubjectTemplate, MUST), Fail), result(planned("c", SubjectTemplate, MUST), Fail)
	for i, res := range []*Result{&one, &same, &other} {
		res.Requirements = []string{"DC-ONE"}
		res.Failure = &Failure{Clause: "c", Actual: []string{"x", "x", "y"}[i]}
	}
	r := finish(one, same, other)
	r.Templates = []Template{{Key: "example.com.mail"}}
	if text := markdown(t, r); strings.Count(text, "- **fail** `DC-ONE`: x.") != 1 || strings.Count(text, "- **fail** `DC-ONE`: y.") != 1 {
		t.Errorf("findings:\n%s", text)
	}
}

// However many templates there are, it fits a comment, says what it left out,
// and keeps the notice about the editor's links.
func TestMarkdownFitsAComment(t *testing.T) {
	sizes := map[int]string{1: "### Checklist", 40: "## The other templates", 900: "| template |", 3000: " more templates; all of them are in report.html."}
	for n, want := range sizes {
		var results []Result
		var templates []Template
		for i := range n {
			key := fmt.Sprintf("provider%d.example.service", i)
			templates = append(templates, Template{Key: key, File: key + ".json"})
			p := planned(fmt.Sprintf("%s/apex/a", key), SubjectTemplate, MUST)
			p.Template = key
			o := Pass
			if n == 900 || n == 40 && i%10 == 0 {
				o = Fail
			}
			results = append(results, result(p, o))
		}
		r := finish(results...)
		r.Templates = templates
		text := markdown(t, r)
		if len(text) > 65_536 || !strings.Contains(text, want) || strings.Count(text, "links of the repository's online editor are still required") != 1 {
			t.Errorf("%d templates: %d octets, %q is in it: %t", n, len(text), want, strings.Contains(text, want))
		}
		shown := strings.Count(text, "| `provider") + strings.Count(text, "\n## `provider")
		if m := regexp.MustCompile(`And (\d+) more templates?;`).FindStringSubmatch(text); m != nil {
			var more int
			fmt.Sscan(m[1], &more)
			shown += more
		}
		if shown != n {
			t.Errorf("%d templates: %d are shown or counted", n, shown)
		}
		if n == 40 && strings.Count(text, "### Checklist") != 4 {
			t.Errorf("%d sections for the 4 that fail", strings.Count(text, "### Checklist"))
		}
	}
}

// Foreign texts stay what they are: no markup, no mention, no link, no new
// line, no other cell.
func TestForeignTextsInMarkdown(t *testing.T) {
	for in, want := range map[string]string{
		"a plain text, with 3 (three) words.": "a plain text, with 3 (three) words.",
		"ask @team or #12":                    "ask `@team` or `#12`",
		"<img src=x onerror=alert(1)>":        "`<img` `src=x` `onerror=alert(1)>`",
		"**bold** _it_ [a](b) ~~x~~":          "`**bold**` `_it_` `[a](b)` `~~x~~`",
		"see https://a.example www.b.example": "see `https://a.example` `www.b.example`",
		"one\n# two\n- three":                 "one `#` two `-` three",
		"a`b ``c``":                           "``a`b`` ``` ``c`` ```",
		"deadbeef1 facade :smile: GH-1":       "`deadbeef1` facade `:smile:` `GH-1`",
		"a\\b a|b $x$ \u202ex":                "`a\\b` `a|b` `$x$` `\\u202ex`",
		"":                                    "",
	} {
		if got := mdText(in); got != want {
			t.Errorf("%q became %s, want %s", in, got, want)
		}
	}
	if got := mdCell("a|b <c|d>"); got != "`a\\|b` `<c\\|d>`" {
		t.Errorf("in a cell: %s", got)
	}
}

// Outside of code nothing foreign may mean anything, whatever it is.
func TestNothingForeignIsMarkup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab7 `*_<>@#|[]()!~\n\\&:/.-é\u202e"))).Draw(t, "text")
		rest := outsideOfCode(mdText(text))
		if i := strings.IndexAny(rest, "`*_<>@#[]~\\&\n"); i >= 0 {
			t.Fatalf("%q became %q, where %q stands outside of code", text, mdText(text), rest[i])
		}
	})
}

// outsideOfCode takes out the code spans as CommonMark reads them: from a run
// of backticks to the next run of the same length.
func outsideOfCode(s string) string {
	runs := regexp.MustCompile("`+").FindAllStringIndex(s, -1)
	var b strings.Builder
	from := 0
	for i := 0; i < len(runs); i++ {
		for j := i + 1; j < len(runs); j++ {
			if runs[j][1]-runs[j][0] == runs[i][1]-runs[i][0] {
				b.WriteString(s[from:runs[i][0]])
				from, i = runs[j][1], j
				break
			}
		}
	}
	return b.String() + s[from:]
}
