package reports

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"
)

func summary(t fataler, r *Run, o SummaryOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteSummary(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGoldenSummary(t *testing.T) {
	green := finish(result(planned("a", SubjectTemplate, MUST), Pass), result(planned("b", SubjectTemplate, SHOULD), NotApplicable))
	green.Templates = []Template{{Key: "example.com.mail", File: "m.json"}}
	filtered := finish(result(planned("a", SubjectTemplate, MUST), Pass))
	filtered.Scope = ScopeFiltered
	warned := finish(result(planned("a", SubjectTemplate, MUST), Pass), result(planned("b", SubjectTemplate, SHOULD), Warning))
	for _, tc := range []struct {
		name string
		run  *Run
		o    SummaryOptions
	}{
		{"sample", sample(), SummaryOptions{}},
		{"color", sample(), SummaryOptions{Color: true}},
		{"many", many(), SummaryOptions{}},
		{"narrow", many(), SummaryOptions{Width: 60}},
		{"green", green, SummaryOptions{}},
		{"filtered", filtered, SummaryOptions{}},
		{"strict", warned, SummaryOptions{Strict: true}},
		{"nothing", finish(), SummaryOptions{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.o.Report = "conformance-report"
			got := strings.ReplaceAll(summary(t, tc.run, tc.o), `conformance-report\report.html`, "conformance-report/report.html")
			golden(t, "summary-"+tc.name+".txt", []byte(got))
		})
	}
}

// Whatever happened, it is one screen, and no foreign text reaches the
// terminal as a command to it.
func TestSummaryFitsTheScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := finish(anyResults(t)...)
		if rapid.IntRange(0, 3).Draw(t, "many") == 0 {
			r = many()
		}
		messages := rapid.SliceOfN(rapid.StringN(0, 200, -1), 3, 3).Draw(t, "messages")
		for i := range r.Results {
			r.Results[i].Message = messages[i%3]
			r.Results[i].Template = []string{"", "a", "例え\x1b[2J"}[i%3]
		}
		width := rapid.IntRange(60, 200).Draw(t, "width")
		height := rapid.IntRange(24, 60).Draw(t, "height")
		text := summary(t, r, SummaryOptions{Width: width, Height: height, Report: "r"})
		rows := 0
		for line := range strings.Lines(text) {
			n := runewidth.StringWidth(strings.TrimSuffix(line, "\n"))
			if n > width && !strings.HasPrefix(line, "Next    ") && !strings.HasPrefix(line, "        ") {
				t.Fatalf("%d columns on a screen of %d: %s", n, width, line)
			}
			rows += max(1, (n+width-1)/width)
		}
		if rows >= height {
			t.Fatalf("%d lines on a screen of %d:\n%s", rows, height, text)
		}
		if i := strings.IndexFunc(text, func(c rune) bool { return c < 0x20 && c != '\n' || c == 0x7f }); i >= 0 {
			t.Fatalf("control character in the summary: %q", text[i:])
		}
		if !strings.Contains(text, strings.ToUpper(string(r.Verdict))) || !strings.Contains(text, "\nExit    ") {
			t.Fatalf("verdict or exit code is missing:\n%s", text)
		}
	})
}

func TestSummaryReportsAWriterThatFails(t *testing.T) {
	if err := WriteSummary(brokenWriter{}, sample(), SummaryOptions{}); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

var errFull = errors.New("no space left on device")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errFull }
