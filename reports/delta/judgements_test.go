package delta

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
)

// judgedRun is a run of which profiles said this to its one template, as
// "profile verdict".
func judgedRun(said ...string) *reports.Run {
	r := runOf([][2]string{{"a", "pass"}})
	for _, s := range said {
		name, verdict, _ := strings.Cut(s, " ")
		r.Profiles = append(r.Profiles, reports.Profile{Name: name})
		j := reports.Judgement{Template: "t", Profile: name, Verdict: reports.ProfileVerdict(verdict), Reasons: []reports.Reason{{Kind: reports.ReasonHint, Text: "a hint"}}}
		switch j.Verdict {
		case reports.ProfileRefused:
			j.Reasons = append(j.Reasons, reports.Reason{Kind: reports.ReasonRefuses, Text: "no APEXCNAME <b>"}, reports.Reason{Kind: reports.ReasonRefuses, Text: "no CAA"})
		case reports.ProfileUnknown:
			j.Reasons = append(j.Reasons, reports.Reason{Kind: reports.ReasonUnknown, Text: "nobody says"})
		}
		r.Judgements = append(r.Judgements, j)
	}
	return r
}

func TestJudgements(t *testing.T) {
	for _, c := range []struct {
		old, now   string // "" is no judgement
		way        string // "" is no change
		regression bool
	}{
		{"accepted", "accepted", "", false},
		{"accepted", "ignores", "accepted before, ignores now", false},
		{"accepted", "unknown", "accepted before, unknown now", true},
		{"accepted", "refused", "accepted before, refused now", true},
		{"ignores", "accepted", "ignores before, accepted now", false},
		{"ignores", "unknown", "ignores before, unknown now", true},
		{"ignores", "refused", "ignores before, refused now", true},
		{"unknown", "accepted", "unknown before, accepted now", false},
		{"unknown", "ignores", "unknown before, ignores now", false},
		{"unknown", "refused", "unknown before, refused now", true},
		{"refused", "refused", "", false},
		{"refused", "unknown", "refused before, unknown now", false},
		{"refused", "accepted", "refused before, accepted now", false},
		{"accepted", "", "accepted before, not judged now", true},
		{"ignores", "", "ignores before, not judged now", true},
		{"unknown", "", "unknown before, not judged now", false},
		{"refused", "", "refused before, not judged now", false},
		{"", "accepted", "not judged before, accepted now", false},
		{"", "refused", "not judged before, refused now", false},
	} {
		run := func(verdict string) *reports.Run {
			if verdict == "" {
				return judgedRun()
			}
			return judgedRun("plesk " + verdict)
		}
		d := compare(t, run(c.old), run(c.now))
		way, regression := "", false
		if len(d.Judgements) == 1 {
			way, regression = d.Judgements[0].way(), d.Judgements[0].Regression
		}
		if way != c.way || regression != c.regression || d.Regressed() != c.regression || d.SameJudgements+len(d.Judgements) != 1 {
			t.Errorf("%q to %q: %q, regression %v; want %q, %v: %+v", c.old, c.now, way, regression, c.way, c.regression, d)
		}
	}
}

func TestJudgementsInEveryFormat(t *testing.T) {
	d := compare(t, judgedRun("plesk accepted", "ionos refused", "vercel refused", "cloudflare accepted", "wix accepted"),
		judgedRun("plesk ignores", "ionos refused", "vercel accepted", "cloudflare refused"))
	for format, want := range map[string]string{
		"text": `Worse: 2 regressions.

old  old: conformant (1 pass)
new  new/report.json: conformant (1 pass)

NOT THE SAME CIRCUMSTANCES:
  profiles asked: plesk, ionos, vercel, cloudflare, wix before, plesk, ionos, vercel, cloudflare now

What providers would say (4)
  ! t by cloudflare: accepted before, refused now
      no APEXCNAME <b>; no CAA
  ! t by wix: accepted before, not judged now
    t by plesk: accepted before, ignores now
    t by vercel: refused before, accepted now

1 of 1 cases are as they were.
1 of 5 judgements of providers are as they were.
`,
		"markdown": "\n## What providers would say (4)\n\n" +
			"- `t` by cloudflare: accepted before, refused now. no APEXCNAME `<b>;` no CAA\n" +
			"- `t` by wix: accepted before, not judged now\n" +
			"- `t` by plesk: accepted before, ignores now\n" +
			"- `t` by vercel: refused before, accepted now\n" +
			"\n1 of 1 cases are as they were.\n1 of 5 judgements of providers are as they were.\n",
		"json": `  "changes": [],
  "same": 1,
  "judgements": [
    {
      "template": "t",
      "profile": "cloudflare",
      "old": "accepted",
      "new": "refused",
      "text": "no APEXCNAME <b>; no CAA",
      "regression": true
    },
    {
      "template": "t",
      "profile": "wix",
      "old": "accepted",
      "regression": true
    },
`,
	} {
		var b strings.Builder
		if err := d.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		if format == "text" {
			if diff := cmp.Diff(want, b.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		} else if !strings.Contains(b.String(), want) {
			t.Errorf("%s lacks\n%s\nin\n%s", format, want, b.String())
		}
	}
	if text := compare(t, judgedRun("plesk accepted"), judgedRun("plesk ignores")).text(); !strings.HasPrefix(text, "No regression.\n") {
		t.Errorf("nothing has changed, it says: %s", text)
	}
}
