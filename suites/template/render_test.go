package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

var hostile = []Finding{
	{Rule: "TMPL-RAW-SPF", Level: Error, DCTL: "DCTL1014", File: "a,b:c%d\n.json", Line: 3, Column: 7, Record: 2, Field: "data",
		Message: "50% \r\n::error::x \x1b[31m \u202e\u2028\u2029\u0085\u2066", Mend: "Mend\nit."},
	{Rule: "TMPL-LOGO", Level: Info, File: "b.json", Line: 1, Column: 1, Message: "m", Mend: "n."},
}

func written(t *testing.T, format string, findings []Finding) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, 2, findings, Options{Profile: ProfileCloudflare}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What a template holds must not end a line or a command, or drive a
// terminal.
func TestWriteEscapes(t *testing.T) {
	text := "a,b:c%d\n.json:3:7: error: record 2: 50% \ufffd\ufffd::error::x \ufffd[31m \ufffd\ufffd\ufffd\ufffd\ufffd [TMPL-RAW-SPF, DCTL1014]\n    Mend\ufffdit.\n" +
		"b.json:1:1: info: m [TMPL-LOGO]\n    n.\n2 files: 1 error, no warnings, 1 info\n"
	text = strings.Replace(text, "%d\n.json", "%d\ufffd.json", 1)
	if got := written(t, "text", hostile); got != text {
		t.Errorf("text is\n%q\nwant\n%q", got, text)
	}
	github := "::error file=a%2Cb%3Ac%25d%0A.json,line=3,col=7,title=TMPL-RAW-SPF (DCTL1014)::record 2: 50%25 \ufffd\ufffd::error::x \ufffd[31m \ufffd\ufffd\ufffd\ufffd\ufffd%0AMend\ufffdit.\n" +
		"::notice file=b.json,line=1,col=1,title=TMPL-LOGO::m%0An.\n"
	if got := written(t, "github", hostile); got != github {
		t.Errorf("github is\n%q\nwant\n%q", got, github)
	}
	var report struct {
		Edition, Profile string
		Summary          Summary
		Findings         []map[string]any
	}
	if err := json.Unmarshal([]byte(written(t, "json", hostile)), &report); err != nil {
		t.Fatal(err)
	}
	if report.Edition != "ietf-05" || report.Profile != "cloudflare" || report.Summary != (Summary{Files: 2, Errors: 1, Infos: 1}) ||
		len(report.Findings) != 2 || report.Findings[0]["message"] != hostile[0].Message || report.Findings[0]["level"] != "error" ||
		report.Findings[0]["record"] != 2.0 || report.Findings[1]["record"] != nil {
		t.Errorf("json is %+v", report)
	}
}

func TestWriteNothing(t *testing.T) {
	for format, want := range map[string]string{
		"text": "2 files: no errors, no warnings, no infos\n", "github": "",
		"json": "{\n  \"edition\": \"ietf-05\",\n  \"profile\": \"cloudflare\",\n  \"summary\": {\n    \"files\": 2,\n    \"errors\": 0,\n    \"warnings\": 0,\n    \"infos\": 0\n  },\n  \"findings\": []\n}\n",
	} {
		if got := written(t, format, nil); got != want {
			t.Errorf("%s is %q, want %q", format, got, want)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestWriteErrors(t *testing.T) {
	for _, format := range Formats() {
		if err := Write(brokenWriter{}, format, 1, hostile, Options{}); err == nil || !strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("%s: %v", format, err)
		}
	}
	err := Write(&bytes.Buffer{}, "xml", 1, nil, Options{})
	if err == nil || err.Error() != `unknown format "xml": the formats are text, json, github` {
		t.Errorf("an unknown format: %v", err)
	}
}

func TestSummary(t *testing.T) {
	for _, test := range []struct {
		s    Summary
		want string
	}{
		{Summary{}, "no files: no errors, no warnings, no infos"},
		{Summary{1, 1, 1, 1}, "1 file: 1 error, 1 warning, 1 info"},
		{Summary{3, 2, 0, 4}, "3 files: 2 errors, no warnings, 4 infos"},
	} {
		if got := test.s.String(); got != test.want {
			t.Errorf("%+v is %q, want %q", test.s, got, test.want)
		}
	}
}
