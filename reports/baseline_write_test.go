package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func written(t testing.TB, b *Baseline) string {
	t.Helper()
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const baselineHead = `# Known failures. A run with --baseline and this file goes on while exactly
# these fail, and ends in exit code 4 when an entry no longer fits.
version: 1
`

func TestMakeBaseline(t *testing.T) {
	ported := result(must("b"), Fail)
	ported.Failure.Actual = "503\tfrom http://127.0.0.1:40123/v2/example.net/settings\nafter 2.5 s"
	odd := result(must(`c*\d: "x"`), Fail)
	odd.Failure.Requirement, odd.Failure.Actual = "DC-ODD", "ab"
	warned := result(planned("w", SubjectTemplate, SHOULD), Warning)
	warned.Message = "The logo is too large."
	other := planned("p", SubjectProvider, MUST)
	r := finish(result(must("a"), Fail), ported, odd, warned, result(other, Fail), result(must("e"), Pass), result(must("f"), HarnessError))
	b, err := r.MakeBaseline(BaselineDefaults{Owner: "dns-team", Link: "https://bugs.example/1", Expires: day("2027-02-01"), Warnings: true})
	if err != nil {
		t.Fatal(err)
	}
	tail := "  owner: dns-team\n  link: \"https://bugs.example/1\"\n  expires: \"2027-02-01\"\n"
	want := baselineHead + `known:
- case: a
  outcome: fail
  reason:
    requirement: DC-a
    actual: NXDOMAIN
` + tail + `- case: b
  outcome: fail
  reason:
    requirement: DC-b
    actual: "/v2/example.net/settings after"
` + tail + `- case: "c\\*\\\\d: \"x\""
  outcome: fail
  reason:
    requirement: DC-ODD
` + tail + `- case: w
  outcome: warning
  reason:
    requirement: DC-w
    actual: "The logo is too large."
` + tail
	if diff := cmp.Diff(want, written(t, b)); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
	// What it wrote covers the run that it was made of.
	read, err := ReadBaseline("known.yaml", []byte(written(t, b)), baselineDay)
	if err != nil {
		t.Fatal(err)
	}
	r.Plan = nil
	r.HoldAgainst(read, []Planned{must("a"), must("b"), must(`c*\d: "x"`), must("w")}, baselineDay)
	r.Finish(finished)
	if len(r.StaleBaseline) != 0 || r.Baseline.Known[Fail] != 3 || r.Baseline.Known[Warning] != 1 {
		t.Errorf("%q %v", r.StaleBaseline, r.Baseline.Known)
	}
	without, err := r.MakeBaseline(BaselineDefaults{Owner: "x"})
	if err != nil || len(without.Entries) != 4 {
		t.Errorf("an entry that still fits does not stay: %v, %+v", err, without)
	}
}

func TestMakeBaselineWithoutAnOwner(t *testing.T) {
	b, err := finish(result(must("a"), Fail)).MakeBaseline(BaselineDefaults{Expires: day("2027-02-01")})
	if err != nil {
		t.Fatal(err)
	}
	text := written(t, b)
	if !strings.Contains(text, "  owner: \"\" # who mends it? The file is refused until this is filled in.\n") {
		t.Error(text)
	}
	_, err = ReadBaseline("known.yaml", []byte(text), baselineDay)
	if err == nil || err.Error() != "known.yaml:10:3: owner is empty: name who mends it" {
		t.Errorf("error %v", err)
	}
}

// What still fits stays as somebody wrote it, what is stale goes, what is new
// comes.
func TestMakeBaselineFromABaseline(t *testing.T) {
	entries := knownEntry("a", "  note: as it was\n") + knownEntry("b", "") +
		strings.Replace(knownEntry("c", ""), "2026-12-31", "2026-11-01", 1)
	r := held(t, entries, result(must("a"), Fail), result(must("b"), Pass), result(must("c"), Fail), result(must("d"), Fail))
	b, err := r.MakeBaseline(BaselineDefaults{Owner: "new", Expires: day("2027-02-01")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range b.Entries {
		got = append(got, e.Case+" "+e.Owner+" "+e.Note)
	}
	if want := []string{"a dns-team as it was", "c new ", "d new "}; !cmp.Equal(want, got) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestMakeBaselineOfNothing(t *testing.T) {
	b, err := finish(result(must("a"), Pass), result(planned("w", SubjectTemplate, SHOULD), Warning)).MakeBaseline(BaselineDefaults{Owner: "me"})
	if err != nil {
		t.Fatal(err)
	}
	if text := written(t, b); text != baselineHead+"known: []\n" {
		t.Error(text)
	}
}

func TestMakeBaselineRefuses(t *testing.T) {
	filtered := finish(result(must("a"), Fail))
	filtered.Scope = ScopeFiltered
	stopped := newRun(must("a"), must("b"))
	stopped.Results = []Result{result(must("a"), Fail)}
	stopped.Interrupt()
	stopped.Finish(finished)
	for name, tc := range map[string]struct {
		run  *Run
		want string
	}{
		"filtered":    {filtered, "the run was filtered: a baseline of it would leave out what was not tried; run the whole plan"},
		"interrupted": {stopped, "the run did not come to its end: a baseline of it would leave out what was not tried"},
		"running":     {newRun(must("a")), "the run did not come to its end: a baseline of it would leave out what was not tried"},
	} {
		if b, err := tc.run.MakeBaseline(BaselineDefaults{}); err == nil || err.Error() != tc.want || b != nil {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
}

func TestLasting(t *testing.T) {
	for text, want := range map[string]string{
		"NXDOMAIN": "NXDOMAIN",
		"NODATA from 127.0.0.1:53123, asked 3 times":                           ", asked 3 times",
		"GET https://127.0.0.1:4443/dcconform/0123456789abcdef01234567 => 404": "GET https://",
		"no":                        "",
		"":                          "",
		"5f5e 2026-11-23T10:00:00Z": "",
		strings.Repeat("word ", 40): strings.TrimSpace(strings.Repeat("word ", 20)),
		"ä: the record is missing":  ": the record is missing",
	} {
		if got := lasting(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestYAMLText(t *testing.T) {
	for text, want := range map[string]string{
		"a/b-c.d,e=f": "a/b-c.d,e=f", "true": `"true"`, "No": `"No"`, "12": `"12"`, "": `""`, "a: b": `"a: b"`, "*": `"*"`,
		"a#b": `"a#b"`, "-": `"-"`, "<a&b>": `"<a&b>"`, "a\nb": `"a\nb"`, `\`: `"\\"`,
	} {
		if got := yamlText(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
