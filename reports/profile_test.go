package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// profiled is a run whose cases all pass, judged for providers.
func profiled(profile string, verdicts ...ProfileVerdict) *Run {
	p := Planned{ID: "t/apex/c", Case: "c", Title: "C", Requirements: []string{"DC-X"}, Subject: SubjectTemplate, Level: MUST, Template: "t", Scenario: "apex"}
	r := &Run{ToolVersion: "0.1.0", Subject: SubjectTemplate, Edition: "ietf-05", Profile: profile, Consent: "form", Seed: 1, Scope: ScopeFull,
		Templates: []Template{{Key: "t", File: "t.json"}}}
	for i, v := range verdicts {
		name := word(i)
		r.Profiles = append(r.Profiles, Profile{Name: name, Title: strings.ToUpper(name), Mail: name + "@example.net",
			Facts: []ProfileFact{{Fact: "types.CAA", Answer: "no", Source: "Its page", URL: "https://example.net/", Date: "2026-10-09", Note: "<b>"}}})
		kind := map[ProfileVerdict]ReasonKind{ProfileRefused: ReasonRefuses, ProfileUnknown: ReasonUnknown, ProfileIgnores: ReasonIgnores}[v]
		j := Judgement{Template: "t", Profile: name, Verdict: v}
		hint := Reason{Kind: ReasonHint, Fact: "zone.proxied", Text: "look at the edge"}
		if kind != "" {
			j.Reasons = []Reason{{Kind: kind, Fact: "types.CAA", Text: "CAA in record 1 <i>", Line: 3}}
		}
		j.Reasons = append(j.Reasons, hint)
		r.Judgements = append(r.Judgements, j)
	}
	r.Begin([]Planned{p}, started)
	r.Results = []Result{{Planned: p, Outcome: Pass, Assertions: 1}}
	r.Finish(finished)
	return r
}

// What one profile refuses speaks for a run that asked for that one; of several
// none does.
func TestProfileSpeaks(t *testing.T) {
	for _, c := range []struct {
		profile  string
		verdicts []ProfileVerdict
		verdict  Verdict
		why      string
		exit     int
		meaning  string
	}{
		{"alfa", []ProfileVerdict{ProfileRefused}, NonConformant, "The profile alfa refuses 1 template.", 1, "the profile alfa refuses 1 template"},
		{"alfa", []ProfileVerdict{ProfileUnknown}, Conformant, "", 0, "conformant"},
		{"alfa", []ProfileVerdict{ProfileIgnores}, Conformant, "", 0, "conformant"},
		{"alfa", []ProfileVerdict{ProfileAccepted}, Conformant, "", 0, "conformant"},
		{"", []ProfileVerdict{ProfileRefused, ProfileRefused}, Conformant, "", 0, "conformant"},
	} {
		r := profiled(c.profile, c.verdicts...)
		if r.Verdict != c.verdict || r.Why != c.why || ExitCode(r, false) != c.exit || r.Meaning(false) != c.meaning {
			t.Errorf("%q %v: %s, %q, %d, %q; want %s, %q, %d, %q", c.profile, c.verdicts, r.Verdict, r.Why, ExitCode(r, false), r.Meaning(false),
				c.verdict, c.why, c.exit, c.meaning)
		}
	}
	var screen bytes.Buffer
	if err := WriteSummary(&screen, profiled("alfa", ProfileIgnores), SummaryOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := "For ALFA: works, but ignores: CAA in record 1 <i>\n  look at the edge\n"; !strings.Contains(screen.String(), want) {
		t.Errorf("no %q in\n%s", want, screen.String())
	}
	long := profiled("alfa", ProfileAccepted)
	long.Judgements[0].Reasons[0].Text = strings.Repeat("the edge answers ", 8) + "to a verification"
	screen.Reset()
	if err := WriteSummary(&screen, long, SummaryOptions{Width: 40}); err != nil {
		t.Fatal(err)
	}
	if want := "the edge answers to a verification\n"; !strings.Contains(screen.String(), want) {
		t.Errorf("the hint is cut:\n%s", screen.String())
	}
	r := profiled("alfa", ProfileRefused)
	r.Results[0].Outcome, r.Results[0].Failure = Fail, &Failure{Clause: "C.", Actual: "a"}
	r.Finish(finished)
	if want := "1 of 1 check failed; The profile alfa refuses 1 template."; r.Why != want {
		t.Errorf("%q, want %q", r.Why, want)
	}
}

func TestProfilesInEveryFormat(t *testing.T) {
	r := profiled("", ProfileAccepted, ProfileIgnores, ProfileUnknown, ProfileRefused)
	text := mustJSON(t, r)
	if err := validate(t, compiledSchema(t), text); err != nil {
		t.Error(err)
	}
	back, err := ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Profiles, back.Profiles); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(r.Judgements, back.Judgements); diff != "" {
		t.Error(diff)
	}
	var md, html, screen bytes.Buffer
	if err := WriteMarkdown(&md, back); err != nil {
		t.Fatal(err)
	}
	if err := WriteHTML(&html, back, nil); err != nil {
		t.Fatal(err)
	}
	if err := WriteSummary(&screen, back, SummaryOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		got  string
		want []string
	}{
		"markdown": {md.String(), []string{"| ALFA | 1 | 0 | 0 | 0 |", "| DELTA | 0 | 0 | 0 | 1 |", "- **ALFA**: accepted\n",
			"- **BRAVO**: works, but ignores: CAA in record 1 `<i>`\n  - look at the edge\n", "- **CHARLIE**: unknown: CAA in record 1 `<i>`\n", "- **DELTA**: refused: CAA in record 1 `<i>`\n"}},
		"html": {html.String(), []string{`<a href="#profiles">Providers</a>`, `<td class="p-ignores">ignores</td>`, `<summary>t at DELTA: refused</summary>`,
			"<li><b>refuses</b> CAA in record 1 &lt;i&gt; <span class=\"hint\">(Its page, 2026-10-09: &lt;b&gt;)</span></li>", "<td>bravo@example.net</td>"}},
		"screen": {screen.String(), []string{"For ALFA: accepted\n", "For BRAVO: works, but ignores: CAA in record 1 <i>\n", "For DELTA: refused: CAA in record 1 <i>\n"}},
	} {
		for _, want := range c.want {
			if !strings.Contains(c.got, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, c.got)
			}
		}
	}
}

// A summary of many profiles stays on its screen.
func TestManyProfilesInTheSummary(t *testing.T) {
	r := profiled("", ProfileAccepted, ProfileIgnores, ProfileUnknown, ProfileRefused, ProfileRefused)
	var one, two bytes.Buffer
	if err := WriteSummary(&one, r, SummaryOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := "accepted: alfa\nwork with parts ignored: bravo\nunknown: charlie\nrefused: delta, echo\n"; !strings.Contains(one.String(), want) {
		t.Errorf("no %q in\n%s", want, one.String())
	}
	r.Templates = append(r.Templates, Template{Key: "u", File: "u.json"})
	if err := WriteSummary(&two, r, SummaryOptions{}); err != nil {
		t.Fatal(err)
	}
	want := "  alfa              1    0    0    0  bravo             0    1    0    0\n" +
		"  charlie           0    0    1    0  delta             0    0    0    1\n" +
		"  echo              0    0    0    1\n"
	if !strings.Contains(two.String(), want) {
		t.Errorf("no\n%s in\n%s", want, two.String())
	}
}

func TestReadRefusesJudgements(t *testing.T) {
	for want, spoil := range map[string]func(*Run){
		`report: a judgement is about "u", which is no template of the run`:                func(r *Run) { r.Judgements[0].Template = "u" },
		`report: a judgement is by "x", which is no profile of the run`:                    func(r *Run) { r.Judgements[0].Profile = "x" },
		`report: the judgement of "t" by alfa is the unknown word "fine"`:                  func(r *Run) { r.Judgements[0].Verdict = "fine" },
		`report: the judgement of "t" by bravo has a reason of the unknown kind "because"`: func(r *Run) { r.Judgements[1].Reasons[0].Kind = "because" },
		`report: "t" is judged twice by alfa`:                                              func(r *Run) { r.Judgements[1] = r.Judgements[0] },
		`report: there are 1 judgement, but 1 templates and 2 profiles`:                    func(r *Run) { r.Judgements = r.Judgements[:1] },
		`report: the verdict is "conformant", but the results give "non-conformant"`:       func(r *Run) { r.Profile = "bravo" },
	} {
		r := profiled("", ProfileAccepted, ProfileRefused)
		spoil(r)
		if _, err := ReadJSON(strings.NewReader(mustJSON(t, r))); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
