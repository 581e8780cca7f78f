package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// judged is a run about a target with one case of each kind.
func judged() *Run {
	p := func(chapter, key, requirement string, level Level) Planned {
		return Planned{ID: chapter + "/" + key, Case: key, Title: "Title of " + key, Requirements: []string{requirement},
			Subject: SubjectProvider, Level: level, Scenario: chapter}
	}
	good, bad := p("signature", "signature-accepted", "DC-SIG-RAW-QUERY", MUST), p("signature", "signature-missing", "DC-SIG-REQUIRED", MUST)
	soft, skipped := p("settings", "settings-size", "DC-SET-SIZE", SHOULD), p("async", "async-token", "DC-ASYNC-TOKEN", MUST)
	r := &Run{ToolVersion: "0.1.0", Command: []string{"dcconform", "provider", "--target", "target.yaml"},
		Subject: SubjectProvider, Edition: "ietf-05", Consent: "form", Seed: 1, Scope: ScopeFull,
		Target: &Target{Name: "Example DNS (staging)", Settings: "staging.example.com/dc", Domains: []string{"one.example.com", "two.example.com"}, Servers: []string{"192.0.2.53:53"}}}
	r.Begin(exemplars(good, bad, soft, skipped), started)
	r.Results = []Result{
		{Planned: good, Outcome: Pass, Assertions: 1},
		{Planned: bad, Outcome: Fail, Assertions: 1, Failure: &Failure{Requirement: "DC-SIG-REQUIRED", Clause: "A request without a signature is refused.", Actual: "asked for consent"},
			Notes: []Note{{Code: "signature", Text: "This link verifies with the published key after one change: + was signed as %20."}},
			Rerun: "dcconform provider --target target.yaml --case signature/signature-missing"},
		{Planned: soft, Outcome: Warning, Assertions: 1, Failure: &Failure{Requirement: "DC-SET-SIZE", Clause: "width and height are given.", Actual: "no width"}},
		{Planned: skipped, Outcome: NotApplicable, Reason: "not-claimed", Message: "the target does not claim async"},
	}
	r.Finish(finished)
	return r
}

func TestTargetInMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := WriteMarkdown(&b, judged()); err != nil {
		t.Fatal(err)
	}
	golden(t, "target.md", b.Bytes())
	if strings.Contains(b.String(), "online editor") || strings.Contains(b.String(), "checklist") {
		t.Error("a target is told about the checklist for templates")
	}
}

// However many cases fail, the page fits a comment and says what it leaves out.
func TestTargetMarkdownIsBounded(t *testing.T) {
	r := judged()
	bad := r.Results[1]
	for range 3000 {
		r.Results = append(r.Results, bad)
	}
	r.Counts[Fail] += 3000
	var b bytes.Buffer
	if err := WriteMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if b.Len() > markdownLimit || !strings.Contains(text, "## Failures (3001)") || !strings.Contains(text, "more; all of them are in report.html") ||
		!strings.HasSuffix(text, "report.html has the exchanges and the zones.\n") {
		t.Errorf("%d octets, end: %s", b.Len(), text[max(0, len(text)-400):])
	}
}

func TestTargetInSummary(t *testing.T) {
	var b strings.Builder
	if err := WriteSummary(&b, judged(), SummaryOptions{Report: "out"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"target Example DNS (staging), 4 cases, ietf-05, consent by form, seed 1", "DC-SIG-REQUIRED  MUST, 1 case: ", "    e.g. signature/signature-missing: asked for consent\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestTargetInHTML(t *testing.T) {
	var b bytes.Buffer
	if err := WriteHTML(&b, judged(), nil); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"<h1>Conformance report: Example DNS (staging)</h1>", "Planned: 4 cases of target Example DNS (staging).", `<a href="#templates">Chapters</a>`,
		`data-many="chapters"`, `<label for="f-template">Chapter</label>`, `<h4>signature</h4>`, `<h4>settings</h4>`, "staging.example.com/dc", "one.example.com, two.example.com", "192.0.2.53:53"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, unwanted := range []string{"0 templates", "about no template", ">Templates<"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page of a target says %s", unwanted)
		}
	}
}

func TestTargetInJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJUnit(&b, judged()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<testsuite name="signature" tests="2"`, `<testsuite name="settings" tests="1"`, `<testsuite name="async" tests="1"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
}

func TestTargetInJSON(t *testing.T) {
	schema := compiledSchema(t)
	for name, target := range map[string]*Target{"whole": judged().Target, "bare": {Name: "x"}} {
		r := judged()
		r.Target = target
		var b bytes.Buffer
		if err := WriteJSON(&b, r); err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, b.String()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		back, err := ReadJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		want := *target
		want.Domains, want.Servers = orEmpty(want.Domains), orEmpty(want.Servers)
		if diff := cmp.Diff(&want, back.Target); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// What a target is called may hold a secret, and the caller's own copy stays.
func TestTargetIsRedacted(t *testing.T) {
	r := judged()
	own := r.Target
	own.Settings = "hunter22.example.com"
	var d Redactor
	if err := d.Add("hunter22"); err != nil {
		t.Fatal(err)
	}
	d.Run(r)
	if r.Target.Settings != Redacted+".example.com" || own.Settings != "hunter22.example.com" {
		t.Errorf("redacted %q, own %q", r.Target.Settings, own.Settings)
	}
}
