package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ofChapters is a run about a target with a case of each kind.
func ofChapters() *Run {
	p := func(chapter, id string) Planned {
		x := planned(chapter+"/"+id, SubjectProvider, MUST)
		x.Template, x.Scenario = "", chapter
		return x
	}
	all := []Result{
		result(p("spf", "merged"), Pass), result(p("spf", "twice"), Pass), result(p("spf", "owed"), NotApplicable),
		result(p("sig|nature", "forged"), Fail), result(p("sig|nature", "late"), Warning), result(p("sig|nature", "down"), HarnessError), result(p("sig|nature", "none"), NotApplicable),
		result(p("groups", "known"), Fail),
		result(p("spf", "last"), Pass),
	}
	all[2].Owed, all[2].Reason, all[6].Reason = true, "no-key-zone", "not-claimed"
	for i := range all {
		if all[i].Outcome == Fail || all[i].Outcome == Warning {
			all[i].Failure = &Failure{Clause: "It holds.", Actual: "no"}
		}
	}
	r := newRun()
	r.Subject, r.Target = SubjectProvider, &Target{Name: "p.example"}
	var plan []Planned
	for _, res := range all {
		plan = append(plan, res.Planned)
	}
	r.Begin(plan, started)
	r.Results = all
	r.Finish(finished)
	for i := range r.Results {
		if r.Results[i].ID == "groups/known" {
			r.Results[i].Known = &Known{Line: 1, Owner: "o", Expires: "2026-12-31"}
		}
	}
	return r
}

func TestTargetByChapter(t *testing.T) {
	r := ofChapters()
	want := []chapterRow{
		{Name: "spf", N: []int{3, 0, 0, 1, 0}, Tone: "warn"},
		{Name: "sig|nature", N: []int{0, 1, 1, 1, 1}, Tone: "bad"},
		{Name: "groups", N: []int{0, 1, 0, 0, 0}, Tone: "warn"},
	}
	if diff := cmp.Diff(want, r.chapterRows()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	table := "\n| chapter | passed | failed | warnings | no verdict | not applicable |\n|---|---:|---:|---:|---:|---:|\n" +
		"| spf | 3 | | | 1 | |\n| `sig\\|nature` | | 1 | 1 | 1 | 1 |\n| groups | | 1 | | | |\n"
	if diff := cmp.Diff(table, r.chapterTable()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var md strings.Builder
	if err := WriteMarkdown(&md, r); err != nil || !strings.Contains(md.String(), table) {
		t.Errorf("%v\n%s", err, md.String())
	}
	_, doc := pageOf(t, r, nil)
	for _, a := range elements(byID(doc, "matrix"), "a") {
		to, _ := attr(a, "href")
		if at := byID(doc, strings.TrimPrefix(to, "#")); at == nil || !strings.Contains(textOf(at), textOf(a)) {
			t.Errorf("the link %s leads nowhere", to)
		}
	}
	if bad := soundPage(doc); len(bad) > 0 {
		t.Errorf("%q", bad)
	}
	// A run about templates has no chapters.
	if _, doc := pageOf(t, sample(), nil); byID(doc, "matrix") != nil || sample().chapterTable() != "" {
		t.Error("chapters of a run about templates")
	}
}
