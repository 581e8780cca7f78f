package reports

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// However much there is, the page stays small, and every finding has an
// example with its evidence before any has a second one.
func TestBudgetOfThePage(t *testing.T) {
	var results []Result
	content := map[string]string{}
	for i := range 5000 {
		p := planned(fmt.Sprintf("c%d", i), SubjectTemplate, MUST)
		p.Template, p.Requirements = fmt.Sprintf("t%d", i/6), []string{fmt.Sprintf("DC-%d", i/250)}
		res := result(p, Fail)
		res.Failure.Actual = fmt.Sprint(i, strings.Repeat("x", 500))
		sum := fmt.Sprintf("%064x", i+1)
		res.Evidence = []Evidence{{Kind: "exchange", Title: "e", SHA256: sum, File: "evidence/" + sum + ".txt", Bytes: 60 << 10}}
		content[sum] = strings.Repeat("é", 30<<10)
		results = append(results, res)
	}
	last := result(planned("last", SubjectTemplate, SHOULD), Warning)
	results = append(results, last)
	r := finish(results...)
	for i := range 5000/6 + 1 {
		r.Templates = append(r.Templates, Template{Key: fmt.Sprintf("t%d", i)})
	}
	source, doc := pageOf(t, r, fromMemory(content))
	if id := byID(doc, "r-last"); id == nil || id.Data != "article" {
		t.Error("the only warning is not told in detail, because of the many failures")
	}
	if len(source) > 20_000_000 {
		t.Errorf("%d bytes", len(source))
	}
	if n := len(elements(doc, "article")); n != htmlDetails {
		t.Errorf("%d findings in detail, want %d", n, htmlDetails)
	}
	shown, cut := map[string]bool{}, 0
	for _, pre := range elements(doc, "pre") {
		article := pre.Parent
		for article.Data != "article" {
			article = article.Parent
		}
		for i := range results {
			if id, _ := attr(article, "id"); id == "r-"+results[i].ID {
				shown[results[i].Requirements[0]] = true
			}
		}
		if strings.Contains(textOf(pre.Parent), "The rest is in evidence/") {
			cut++
		}
	}
	if len(shown) != 20 {
		t.Errorf("%d of 20 findings show evidence", len(shown))
	}
	if want := (htmlText - htmlText/htmlPassText) / htmlTextPiece; cut != want {
		t.Errorf("%d pieces, each cut, want %d", cut, want)
	}
	short := 0
	for _, li := range elements(doc, "li") {
		if id, ok := attr(li, "id"); ok && strings.HasPrefix(id, "r-c") && regexp.MustCompile(`^✗ fail apex case-c\d+: DC-\d+, \d+x+…$`).MatchString(strings.TrimSpace(textOf(li))) {
			short++
		}
	}
	if want := len(results) - htmlDetails; short != want {
		t.Errorf("%d findings in a line, want %d", short, want)
	}
	if wrong := soundPage(doc); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// A page about a provider, or ten templates, goes by mail and into tickets:
// whatever 400 cases have seen, and however they end, it stays under 2 MB.
func TestPageOfAProviderIsSmall(t *testing.T) {
	const pieces = 12
	exchange, shot := strings.Repeat("<a>", 2<<10), string(picture(t))+strings.Repeat("\x00", 90<<10)
	for _, outcome := range []Outcome{Pass, Fail} {
		var results []Result
		content := map[string]string{}
		for i := range 400 {
			p := planned(fmt.Sprintf("case-%d", i), SubjectProvider, MUST)
			p.Exemplar = true
			res := result(p, outcome)
			if outcome == Fail {
				res.Failure.Actual = fmt.Sprint(i, strings.Repeat("x", 300))
			}
			for n := range pieces {
				sum := fmt.Sprintf("%064x", i*100+n+1)
				e := Evidence{Kind: "exchange", Title: "GET https://provider.example/" + strings.Repeat("a", 1<<10), SHA256: sum, File: "evidence/" + sum + ".txt", Bytes: 6 << 10}
				if n == pieces-1 {
					e = Evidence{Kind: "screenshot", Title: "consent page", SHA256: sum, File: "evidence/" + sum + ".png", Bytes: 90 << 10}
					content[sum] = shot
				} else {
					content[sum] = exchange
				}
				res.Evidence = append(res.Evidence, e)
			}
			results = append(results, res)
		}
		source, doc := pageOf(t, finish(results...), fromMemory(content))
		if len(source) > 2_000_000 {
			t.Errorf("%s: %d bytes", outcome, len(source))
		}
		if n := len(elements(doc, "pre")); n < 5 {
			t.Errorf("%s: %d texts of evidence: the page shows next to nothing", outcome, n)
		}
		const named, want = htmlFewPieces, 400
		article := elements(doc, "article")[0]
		if text := oneLine(textOf(article)); !strings.Contains(text, fmt.Sprintf("And %d pieces between them, in report.json.", pieces-named)) {
			t.Errorf("%s: what is not named is not counted: %s", outcome, text)
		}
		if n := len(elements(doc, "article")); n != want {
			t.Errorf("%s: %d cases in detail, want %d", outcome, n, want)
		}
	}
}

// What passed takes no room from what failed, even where it stands first.
func TestPassesLeaveRoomForFindings(t *testing.T) {
	var results []Result
	content := map[string]string{}
	add := func(i int, outcome Outcome) {
		p := planned(fmt.Sprintf("c%d", i), SubjectProvider, MUST)
		p.Exemplar = true
		res := result(p, outcome)
		sum := sumOf(i + 1)
		res.Evidence = []Evidence{{Kind: "exchange", Title: "e", SHA256: sum, File: "evidence/" + sum + ".txt", Bytes: 30 << 10}}
		content[sum] = strings.Repeat("y", 30<<10)
		if outcome == Fail {
			res.Failure.Actual = fmt.Sprint("finding ", i)
		}
		results = append(results, res)
	}
	for i := range 30 {
		add(i, Pass)
	}
	for i := 30; i < 40; i++ {
		add(i, Fail)
	}
	_, doc := pageOf(t, finish(results...), fromMemory(content))
	shown := map[string]int{}
	for _, article := range elements(doc, "article") {
		class, _ := attr(article, "class")
		shown[class] += len(elements(article, "pre"))
	}
	if shown["r fail"] != 10 || shown["r pass"] != 4 {
		t.Errorf("shown of each: %v; want the evidence of all 10 failures, and of the 4 passes that have room", shown)
	}
}
