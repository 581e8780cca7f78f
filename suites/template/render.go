package template

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/dcconform/dcconform/reports/github"
)

// Formats are the forms that Write knows.
func Formats() []string { return []string{"text", "json", "github"} }

// String is one line: "file:line:column: level: message [rule, linter's
// code]", which compilers write and editors read.
func (f Finding) String() string {
	where := fmt.Sprintf("%s:%d:%d: %s: ", oneLine(f.File), f.Line, f.Column, f.Level)
	if f.Record > 0 {
		where += fmt.Sprintf("record %d: ", f.Record)
	}
	id := f.Rule
	if f.DCTL != "" {
		id += ", " + f.DCTL
	}
	return where + oneLine(f.Message) + " [" + id + "]"
}

// oneLine keeps what a template holds from breaking a line of output.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c <= 0x9f || c == 0x2028 || c == 0x2029 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return '\uFFFD'
		}
		return c
	}, s)
}

// Summary counts findings.
type Summary struct {
	Files    int `json:"files"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
}

// Summarize counts findings by level.
func Summarize(files int, findings []Finding) Summary {
	s := Summary{Files: files}
	for _, f := range findings {
		switch f.Level {
		case Error:
			s.Errors++
		case Warning:
			s.Warnings++
		default:
			s.Infos++
		}
	}
	return s
}

// String is a sentence: "3 files: 1 error, 2 warnings, no info".
func (s Summary) String() string {
	count := func(n int, word, plural string) string {
		switch n {
		case 0:
			return "no " + plural
		case 1:
			return "1 " + word
		}
		return fmt.Sprintf("%d %s", n, plural)
	}
	return fmt.Sprintf("%s: %s, %s, %s", count(s.Files, "file", "files"),
		count(s.Errors, "error", "errors"), count(s.Warnings, "warning", "warnings"), count(s.Infos, "info", "infos"))
}

// Write prints findings in one of Formats. Text is a line for each with its
// mend below; json is one object; github is a workflow command for each.
func Write(w io.Writer, format string, files int, findings []Finding, o Options) error {
	switch format {
	case "text":
		return writeText(w, files, findings)
	case "json":
		return writeJSON(w, files, findings, o)
	case "github":
		return writeGitHub(w, findings)
	}
	return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(Formats(), ", "))
}

func writeText(w io.Writer, files int, findings []Finding) error {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s\n    %s\n", f, oneLine(f.Mend))
	}
	fmt.Fprintf(&b, "%s\n", Summarize(files, findings))
	_, err := io.WriteString(w, b.String())
	return err
}

// jsonReport is what --format json prints.
type jsonReport struct {
	Edition  string    `json:"edition"`
	Profile  string    `json:"profile,omitempty"`
	Summary  Summary   `json:"summary"`
	Findings []Finding `json:"findings"`
}

func writeJSON(w io.Writer, files int, findings []Finding, o Options) error {
	if findings == nil {
		findings = []Finding{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(jsonReport{o.Edition.String(), o.Profile, Summarize(files, findings), findings})
}

func writeGitHub(w io.Writer, findings []Finding) error {
	var b strings.Builder
	for _, f := range findings {
		command := "notice"
		switch f.Level {
		case Error:
			command = "error"
		case Warning:
			command = "warning"
		}
		message := oneLine(f.Message)
		if f.Record > 0 {
			message = fmt.Sprintf("record %d: %s", f.Record, message)
		}
		title := f.Rule
		if f.DCTL != "" {
			title += " (" + f.DCTL + ")"
		}
		b.WriteString(github.Annotation{Level: command, File: f.File, Line: f.Line, Column: f.Column, Title: title, Text: message + "\n" + oneLine(f.Mend)}.String())
	}
	_, err := io.WriteString(w, b.String())
	return err
}
