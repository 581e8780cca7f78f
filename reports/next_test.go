package reports

import (
	"slices"
	"strings"
	"testing"
)

// The next step and the report say one thing: what is to be mended first, and
// only then how to run it again.
func TestNextSteps(t *testing.T) {
	must, should := planned("m", SubjectTemplate, MUST), planned("s", SubjectTemplate, SHOULD)
	with := func(p Planned, o Outcome, change func(*Result)) *Run {
		res := result(p, o)
		res.Rerun = "dcconform certify --case " + p.ID
		if change != nil {
			change(&res)
		}
		return finish(res, result(planned("good", SubjectTemplate, MUST), Pass))
	}
	stale := with(must, Pass, nil)
	stale.StaleBaseline = []string{"m: expected to fail, passed"}
	filtered := with(must, Pass, nil)
	filtered.Scope = ScopeFiltered
	advised := with(must, Inconclusive, nil)
	advised.Next = []string{"Install a browser."}
	both := with(must, Fail, nil)
	both.Next = []string{"Install a browser."}
	lacking := with(must, Inconclusive, func(r *Result) { r.Message = "nobody can sign in" })
	lacking.Subject, lacking.Next = SubjectProvider, []string{"To judge more: x."}
	const again = "Then run it again alone: dcconform certify --case m"
	for _, tc := range []struct {
		name string
		run  *Run
		want []string
	}{
		{"nothing", finish(), []string{"Check the path and the --case pattern; `dcconform list` shows what there is."}},
		{"all good", with(must, Pass, nil), []string{"Nothing is left to do."}},
		{"fail", with(must, Fail, nil), []string{"Look at m in report.html.", again}},
		{"fail with a mend", with(must, Fail, func(r *Result) { r.Failure.Mend = "delete one of\nthem" }), []string{"example.com.mail: Delete one of them.", again}},
		{"fail without a command", with(must, Fail, func(r *Result) { r.Rerun = "" }), []string{"Look at m in report.html."}},
		{"no browser", with(must, Inconclusive, func(r *Result) { r.Message = "no browser was found; apt-get install chromium brings one" }),
			[]string{"No browser was found; apt-get install chromium brings one.", again}},
		{"a lost child", with(must, HarnessError, func(r *Result) { r.Reason, r.Message = ReasonNoResult, "The child ended." }), []string{"Look at m in report.html.", again}},
		{"warning", with(should, Warning, nil), []string{"Look at the warnings in report.html."}},
		{"stale baseline", stale, []string{"Mend the baseline: m: expected to fail, passed"}},
		{"filtered", filtered, []string{"Run the whole plan: leave the filters out."}},
		{"blocked alone", with(must, Blocked, func(r *Result) { r.BlockedBy = "?" }), []string{"The case is blocked by \"?\", of which this run has no result.", again}},
		{"advice of the caller", advised, []string{"Install a browser."}},
		{"advice of the caller beside a failure", both, []string{"Look at m in report.html.", again, "Install a browser."}},
		{"what a target lacks beside what could not be told", lacking, []string{"Nobody can sign in.", again, "To judge more: x."}},
	} {
		if got := nextSteps(tc.run); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	text := summary(t, both, SummaryOptions{Report: "out"})
	if !strings.Contains(text, "Next    Look at m in report.html.\n        Then run it again alone: dcconform certify --case m\n") {
		t.Errorf("the summary says something else:\n%s", text)
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "delete it": "Delete it.", "Delete it.": "Delete it.", "really?": "Really?",
		"syncPubKeyDomain is missing": "syncPubKeyDomain is missing.", "example.com is wrong": "example.com is wrong.",
		"two\n lines ": "Two lines.", "äh": "äh.",
	} {
		if got := sentence(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
