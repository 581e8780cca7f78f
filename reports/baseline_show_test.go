package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// knownSample is the sample run with a baseline that knows its failure, has an
// entry that has expired, and one for a case that passes.
func knownSample(t testing.TB) *Run {
	t.Helper()
	r := sample()
	plan := make([]Planned, 0, len(r.Results))
	for i := range r.Results {
		plan = append(plan, r.Results[i].Planned)
	}
	entry := func(id, outcome, requirement, expires string) string {
		return "- case: " + id + "\n  outcome: " + outcome + "\n  reason: {requirement: " + requirement + "}\n  owner: dns <team>\n" +
			"  link: https://bugs.example/7\n  expires: " + expires + "\n"
	}
	text := "version: 1\nknown:\n" +
		entry("example.com.mail/host/records-served", "fail", "DC-APPLY-ALL-WRITTEN", "2026-12-31") +
		entry("shop.example.web/static/logo", "warning", "DC-TMPL-LOGO", "2026-11-01") +
		entry("example.com.mail/apex/records-served", "fail", "DC-APPLY-RECORDS", "2026-12-31")
	r.HoldAgainst(readBaseline(t, text), plan, baselineDay)
	r.Finish(finished)
	return r
}

func TestKnownFailuresInTheReport(t *testing.T) {
	r := knownSample(t)
	want := []string{
		"known.yaml:9: shop.example.web/static/logo: expired on 2026-11-01 and still ends in warning; mend it, or agree on another day with dns <team>",
		"known.yaml:15: example.com.mail/apex/records-served: passes now; take the entry out",
	}
	if diff := cmp.Diff(want, r.StaleBaseline); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	text := mustJSON(t, r)
	if err := validate(t, compiledSchema(t), text); err != nil {
		t.Error(err)
	}
	for _, part := range []string{
		`"known":{"line":3,"owner":"dns <team>","link":"https://bugs.example/7","expires":"2026-12-31"}`,
		`"known":{"line":9,"owner":"dns <team>","link":"https://bugs.example/7","expires":"2026-11-01","lapsed":"expired"}`,
		"\"known\": {\n      \"fail\": 1\n    }",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("report.json lacks %s", part)
		}
	}
	back, err := ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if ExitCode(back, false) != ExitCode(r, false) || back.Verdict != r.Verdict || !cmp.Equal(back.StaleBaseline, r.StaleBaseline) {
		t.Errorf("read back: exit %d, %s", ExitCode(back, false), back.Verdict)
	}
}

func TestReadJSONRefusesWhatIsNotKnown(t *testing.T) {
	text := mustJSON(t, knownSample(t))
	for _, tc := range []struct{ from, to, want string }{
		{`"known": {` + "\n      \"fail\": 1", `"known": {` + "\n      \"fail\": 2", "report: the counts of known failures do not agree with the results"},
		{`"lapsed":"expired"`, `"lapsed":"forgiven"`, `report: result "shop.example.web/static/logo": unknown word "forgiven" in lapsed`},
		{`"outcome":"not-applicable",`, `"outcome":"not-applicable","known":{"line":1,"owner":"x","expires":"2026-12-31"},`,
			`report: result "shop.example.web/apex/groups": a result that ended in not-applicable cannot be known to a baseline`},
	} {
		changed := strings.Replace(text, tc.from, tc.to, 1)
		if changed == text {
			t.Fatalf("the report has no %s", tc.from)
		}
		if _, err := ReadJSON(strings.NewReader(changed)); err == nil || err.Error() != tc.want {
			t.Errorf("error %v, want %s", err, tc.want)
		}
	}
	without := knownSample(t)
	without.Baseline = nil
	if _, err := ReadJSON(strings.NewReader(mustJSON(t, without))); err == nil || err.Error() != "report: a baseline has entries for results, but no baseline is named" {
		t.Errorf("error %v", err)
	}
}

func TestGoldenSummaryWithABaseline(t *testing.T) {
	var b bytes.Buffer
	if err := WriteSummary(&b, knownSample(t), SummaryOptions{Report: "conformance-report"}); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary-known.txt", b.Bytes())
	b.Reset()
	r := held(t, knownEntry("a", ""), result(must("a"), Fail), result(must("b"), Pass))
	if err := WriteSummary(&b, r, SummaryOptions{Report: "conformance-report"}); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary-all-known.txt", b.Bytes())
}

func TestGoldenMarkdownWithABaseline(t *testing.T) {
	var b bytes.Buffer
	if err := WriteMarkdown(&b, knownSample(t)); err != nil {
		t.Fatal(err)
	}
	golden(t, "report-known.md", b.Bytes())
}

// A build that may go on is green in junit.xml, and one that may not is not.
func TestJUnitWithABaseline(t *testing.T) {
	one := func(r *Run) (ciSuites, map[string]ciCase) {
		doc := consume(t, r)
		by := map[string]ciCase{}
		for _, s := range doc.Suites {
			for _, c := range s.Cases {
				by[c.Name] = c
			}
		}
		return doc, by
	}
	doc, by := one(held(t, knownEntry("a", "  note: soon\n"), result(must("a"), Fail), result(must("b"), Pass)))
	if doc.Failures != 0 || doc.Errors != 0 || doc.Skipped != 1 || doc.Tests != 2 {
		t.Errorf("all known: %+v", doc)
	}
	if s := by["case-a"].Skipped; len(s) != 1 || s[0].Message != "known failure, entry in line 3, owner dns-team, until 2026-12-31 (soon): The record is served (5.2). Got: NXDOMAIN" {
		t.Errorf("%+v", s)
	}
	doc, by = one(held(t, knownEntry("a", ""), result(must("a"), Pass)))
	if doc.Errors != 1 || len(by["verdict"].Error) != 1 || by["verdict"].Error[0].Message != "known.yaml:3: a: passes now; take the entry out" {
		t.Errorf("stale: %+v", doc)
	}
	expired := strings.Replace(knownEntry("a", ""), "2026-12-31", "2026-11-22", 1)
	if doc, by = one(held(t, expired, result(must("a"), Fail))); doc.Failures != 1 || len(by["case-a"].Failure) != 1 {
		t.Errorf("expired: %+v", doc)
	}
}

func TestHTMLWithABaseline(t *testing.T) {
	var b bytes.Buffer
	if err := WriteHTML(&b, knownSample(t), nil); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, part := range []string{
		`Known failures <span class="n">(1)</span>`,
		`The baseline names them, with an owner and a day until which they may stay.`,
		`✗</span> fail, known</span> host: Title of records-served`,
		`<dt>Baseline</dt><dd class="v">entry in line 3, owner dns &lt;team&gt;, until 2026-12-31, https://bugs.example/7</dd>`,
		`<dt>Baseline</dt><dd class="v">entry in line 9, owner dns &lt;team&gt;, until 2026-11-01, https://bugs.example/7; it has expired</dd>`,
		`3 entries, 2 of them stale; known are 1 fail</span>`,
		`<h3>Baseline entries that no longer fit</h3>`,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if strings.Contains(page, `> Failed <span`) {
		t.Error("a known failure stands among those to mend first")
	}
	b.Reset()
	if err := WriteHTML(&b, sample(), nil); err != nil {
		t.Fatal(err)
	}
	if page := b.String(); !strings.Contains(page, `> Failed <span`) || strings.Contains(page, ", known</span>") || strings.Contains(page, "Known failures") {
		t.Error("without a baseline something is known")
	}
}

// Owners and notes are people's words, and may hold what must not get out.
func TestBaselineTextsAreRedacted(t *testing.T) {
	r := held(t, knownEntry("a", "  note: password is hunter2hunter2\n"), result(must("a"), Fail))
	redactor(t, "hunter2hunter2").Run(r)
	if note := r.Results[0].Known.Note; strings.Contains(note, "hunter2") {
		t.Error(note)
	}
}

func TestNextStepWithABaseline(t *testing.T) {
	for name, tc := range map[string]struct {
		run  *Run
		want string
	}{
		"all known":    {held(t, knownEntry("a", ""), result(must("a"), Fail)), "Mend what the baseline knows before it expires: the entry in known.yaml:3 ends on 2026-12-31 (dns-team)."},
		"stale":        {held(t, knownEntry("a", ""), result(must("a"), Pass)), "Mend the baseline: known.yaml:3: a: passes now; take the entry out"},
		"known, stale": {held(t, knownEntry("a", "")+knownEntry("b", ""), result(must("a"), Fail), result(must("b"), Pass)), "Mend the baseline: known.yaml:8: b: passes now; take the entry out"},
		"unknown":      {held(t, knownEntry("a", ""), result(must("a"), Fail), result(must("b"), Fail)), "Look at b in report.html."},
	} {
		if got := NextSteps(tc.run); got[0] != tc.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
