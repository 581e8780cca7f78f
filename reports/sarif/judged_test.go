package sarif

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
)

// The one profile that was asked about decides; of several none does.
func TestJudgements(t *testing.T) {
	for profile, want := range map[string][]string{
		"plesk": {
			"error PROFILE-plesk a.json:7 Plesk refuses the template: APEXCNAME in record 1.",
			"warning PROFILE-plesk a.json:1 Plesk ignores a part: Essential is ignored.",
			"note PROFILE-plesk a.json:9 Plesk does not say: Nobody says.",
			"note PROFILE-ionos a.json:3 IONOS refuses the template: The file.",
		},
		"": {
			"note PROFILE-plesk a.json:7 Plesk refuses the template: APEXCNAME in record 1.",
			"note PROFILE-ionos a.json:3 IONOS refuses the template: The file.",
		},
	} {
		r := &reports.Run{ToolVersion: "1.0.0", Subject: reports.SubjectTemplate, Edition: "ietf-05", Consent: "form", Scope: reports.ScopeFull, Profile: profile,
			Templates: []reports.Template{{Key: "a", File: "a.json"}},
			Profiles:  []reports.Profile{{Name: "plesk", Title: "Plesk"}, {Name: "ionos", Title: "IONOS"}},
			Judgements: []reports.Judgement{
				{Template: "a", Profile: "plesk", Verdict: reports.ProfileRefused, Reasons: []reports.Reason{
					{Kind: reports.ReasonHint, Text: "a hint"},
					{Kind: reports.ReasonIgnores, Text: "essential is ignored"},
					{Kind: reports.ReasonUnknown, Text: "nobody says", Line: 9},
					{Kind: reports.ReasonRefuses, Fact: "types.APEXCNAME", Text: "APEXCNAME in record 1", Line: 7},
				}},
				{Template: "a", Profile: "ionos", Verdict: reports.ProfileRefused, Reasons: []reports.Reason{
					{Kind: reports.ReasonUnknown, Text: "nor here"}, {Kind: reports.ReasonRefuses, Text: "the file", Line: 3}}},
			}}
		p := planned("a/c", "a", reports.MUST)
		r.Begin([]reports.Planned{p}, day)
		r.Results = []reports.Result{{Planned: p, Outcome: reports.Pass, Assertions: 1}}
		r.Finish(day)
		var b strings.Builder
		if err := Write(&b, r); err != nil {
			t.Fatal(err)
		}
		if err := valid(t, official(t), b.String()); err != nil {
			t.Error(err)
		}
		var file log
		if err := json.Unmarshal([]byte(b.String()), &file); err != nil {
			t.Fatal(err)
		}
		var got, prints []string
		for _, x := range file.Runs[0].Results {
			at := x.Locations[0].Physical
			if id := file.Runs[0].Tool.Driver.Rules[x.RuleIndex].ID; id != x.RuleID {
				t.Errorf("the rule of %s is %s", x.RuleID, id)
			}
			got = append(got, strings.Join([]string{x.Level, x.RuleID, at.Artifact.URI + ":" + string(rune('0'+at.Region.StartLine)), x.Message.Text}, " "))
			prints = append(prints, x.Fingerprints["dcconformCase/v1"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", profile, diff)
		}
		slices.Sort(prints)
		if len(slices.Compact(prints)) != len(want) {
			t.Errorf("%q: two findings have one fingerprint: %q", profile, prints)
		}
	}
}
