package github

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
)

// Why a profile refuses a template stands beside the line, when it is the one
// that was asked for.
func TestRefusals(t *testing.T) {
	judged := func(profile string) string {
		res := result("a", reports.Pass, 0)
		res.Failure = nil
		r := finished(res)
		r.Profile = profile
		r.Profiles = []reports.Profile{{Name: "cloudflare", Title: "Cloudflare"}}
		r.Judgements = []reports.Judgement{{Template: "t", Profile: "cloudflare", Verdict: reports.ProfileRefused, Reasons: []reports.Reason{
			{Kind: reports.ReasonRefuses, Fact: "types.APEXCNAME", Text: "100% no:\n", Line: 7},
			{Kind: reports.ReasonIgnores, Fact: "fields.essential", Text: "ignored", Line: 8},
			{Kind: reports.ReasonRefuses, Text: "the file is no template"},
		}}}
		r.Finish(r.Started)
		var b strings.Builder
		if err := Annotate(&b, r); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	want := "::error file=dir/t.json,line=7,col=1,title=refused by cloudflare::100%25 no:%0A\n" +
		"::error file=dir/t.json,line=1,col=1,title=refused by cloudflare::the file is no template\n" +
		"::error title=dcconform%3A non-conformant::The profile cloudflare refuses 1 template.\n"
	if diff := cmp.Diff(want, judged("cloudflare")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := judged(""); got != "" {
		t.Errorf("one of several speaks: %s", got)
	}
}
