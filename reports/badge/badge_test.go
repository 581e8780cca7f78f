package badge

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
)

var update = flag.Bool("update", false, "write the golden file of this package anew")

func runOf(v reports.Verdict, scope reports.Scope, state reports.State) *reports.Run {
	return &reports.Run{Subject: reports.SubjectTemplate, Edition: "ietf-05", Verdict: v, Scope: scope, State: state,
		CountsBy: map[reports.Subject]reports.Counts{reports.SubjectTemplate: {reports.Pass: 70, reports.Warning: 1, reports.Fail: 3, reports.NotApplicable: 9}, reports.SubjectHarness: {reports.Fail: 50}}}
}

func drawn(t *testing.T, r *reports.Run) string {
	t.Helper()
	var b strings.Builder
	if err := Writer.Write(&b, r, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Green is only what has been shown in full.
func TestWhatIsGreen(t *testing.T) {
	for _, c := range []struct {
		verdict reports.Verdict
		scope   reports.Scope
		state   reports.State
		colour  string
		title   string
	}{
		{reports.Conformant, reports.ScopeFull, reports.StateFinished, green, "conformant · 70 of 74 passed"},
		{reports.Conformant, reports.ScopeFiltered, reports.StateFinished, grey, "conformant · 70 of 74 passed (filtered)"},
		{reports.ConformantWithWarnings, reports.ScopeFull, reports.StateFinished, olive, "conformant · 1 warning"},
		{reports.ConformantWithWarnings, reports.ScopeFiltered, reports.StateFinished, grey, "conformant · 1 warning (filtered)"},
		{reports.Partial, reports.ScopeFull, reports.StateFinished, orange, "partial · 70 of 74 passed"},
		{reports.NonConformant, reports.ScopeFull, reports.StateFinished, red, "non-conformant · 3 failed"},
		{reports.NonConformant, reports.ScopeFiltered, reports.StateFinished, red, "non-conformant · 3 failed (filtered)"},
		{reports.VerdictInconclusive, reports.ScopeFull, reports.StateInterrupted, grey, "inconclusive · 70 of 74 passed (interrupted)"},
		{reports.Conformant, reports.ScopeFull, reports.StateRunning, grey, "conformant · 70 of 74 passed (running)"},
	} {
		svg := drawn(t, runOf(c.verdict, c.scope, c.state))
		want := "<title>Domain Connect conformance: " + c.title + ", edition ietf-05</title>"
		if !strings.Contains(svg, want) || !strings.Contains(svg, `fill="`+c.colour+`"`) {
			t.Errorf("%s %s: want %s in %s\n%s", c.verdict, c.scope, want, c.colour, svg)
		}
		if c.colour != green && strings.Contains(svg, green) {
			t.Errorf("%s %s is green", c.verdict, c.scope)
		}
	}
}

func TestGolden(t *testing.T) {
	r := runOf(reports.Conformant, reports.ScopeFull, reports.StateFinished)
	r.Edition = `<script>"&`
	got := drawn(t, r)
	file := filepath.Join("testdata", "badge.svg")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./reports/badge -update writes it", err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	d := xml.NewDecoder(strings.NewReader(got))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "script" {
			t.Error("a foreign text is markup")
		}
	}
}

// A run in which nothing failed but the profile refuses says who.
func TestRefused(t *testing.T) {
	for fails, want := range map[int]string{0: "non-conformant · refused by plesk", 2: "non-conformant · 2 failed"} {
		r := runOf(reports.NonConformant, reports.ScopeFull, reports.StateFinished)
		r.CountsBy[reports.SubjectTemplate][reports.Fail] = fails
		r.Profile = "plesk"
		r.Judgements = []reports.Judgement{{Template: "t", Profile: "plesk", Verdict: reports.ProfileRefused}}
		if got := words(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
