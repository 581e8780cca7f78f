package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/selftest"
)

func demoOptions() DemoOptions {
	return DemoOptions{Format: "json", Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, ToolVersion: "test", Child: as("sound")}
}

// demos runs a demo and reads what it printed as JSON.
func demos(t *testing.T, o DemoOptions) (int, *Demo) {
	t.Helper()
	code, err := ShowDemo(t.Context(), o)
	if err != nil {
		t.Fatalf("exit %d: %v", code, err)
	}
	var d Demo
	if err := json.Unmarshal([]byte(fmt.Sprint(o.Stdout)), &d); err != nil {
		t.Fatalf("%v\n%s", err, o.Stdout)
	}
	return code, &d
}

// The demo is green, green and red, and red for what the fault breaks.
func TestDemo(t *testing.T) {
	o := demoOptions()
	o.Out = filepath.Join(t.TempDir(), "report")
	code, d := demos(t, o)
	if code != 0 || !d.AsExpected || len(d.Problems) != 0 || len(d.Steps) != 3 || d.Tool != "dcconform" || d.ToolVersion != "test" || d.Seconds <= 0 {
		t.Fatalf("exit %d, %+v", code, d)
	}
	first, sound, broken := d.Steps[0], d.Steps[1], d.Steps[2]
	if first.Verdict != reports.Conformant || first.Counts[reports.Pass] != 39 || first.Counts[reports.Fail] != 0 || first.Report != o.Out {
		t.Errorf("certify: %+v", first)
	}
	if sound.Verdict != reports.Conformant || sound.Counts[reports.Pass] != 6 || len(sound.Results) != 6 || sound.Fault != "" {
		t.Errorf("sound: %+v", sound)
	}
	if broken.Verdict != reports.NonConformant || broken.Counts[reports.Pass] != 4 || broken.Counts[reports.Fail] != 2 || broken.Fault != "mismatch-only-logged" {
		t.Errorf("broken: %+v", broken)
	}
	var failed []string
	for _, r := range broken.Results {
		if r.Outcome == reports.Fail {
			failed = append(failed, r.ID)
			if r.Failure == nil || r.Failure.Requirement != "DC-SIG-TAMPER-VALUE" || r.Failure.Clause == "" || r.Failure.Sent == "" || len(r.Failure.Expected) == 0 || r.Failure.Actual == "" {
				t.Errorf("%s does not say what it found: %+v", r.ID, r.Failure)
			}
		}
	}
	if got := strings.Join(failed, " "); got != "signature/signature-tampered-variable signature/signature-tampered-place" {
		t.Errorf("failed: %s", got)
	}
	if _, err := os.Stat(filepath.Join(o.Out, "report.html")); err != nil {
		t.Error(err)
	}
}

// What is printed for people says what was done, what failed and how to go on.
func TestDemoText(t *testing.T) {
	o := demoOptions()
	o.Format = ""
	if code, err := ShowDemo(t.Context(), o); code != 0 || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	text := fmt.Sprint(o.Stdout)
	for _, want := range []string{
		"\n1  A template, birch.example.net.mailbox, at a mock DNS provider that does\n",
		"\n   GREEN  conformant; 39 pass, 1 not-applicable; ",
		"\n2  The mock itself, judged as a DNS provider by 6 of the provider cases.\n",
		"\n   GREEN  conformant; 6 pass; ",
		"\n   mismatch-only-logged: A signature that does not verify is logged, and the\n   request goes on.\n",
		"\n   fail  signature-tampered-variable\n         a request whose variables were changed is refused\n",
		"\n   RED  non-conformant; 4 pass, 2 fail; ",
		"\n   clause    A request changed after signing is rejected. A miss violates\n             section 8.3.4 (7) of ietf-05 (MUST).\n   sent      GET\n             https://127.0.0.1:",
		"\n   expected  an error page\n   or        an error redirect, where one is permitted\n   actual    ip changed: the user was asked for consent and came back to\n",
		"\nNext\n   dcconform certify my.template.json\n",
		"\n   dcconform explain DC-SIG-TAMPER-VALUE\n",
		"\nAs expected, in ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > longestWord+20 || len(line) > demoWidth+1 && !strings.Contains(line, "https://") {
			t.Errorf("the line is too long: %s", line)
		}
	}
}

// A demo that does not come out as it has to says so and is no success.
func TestDemoThatGoesWrong(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*DemoOptions)
		want   string
	}{
		"a harness that is blind for the fault": {
			func(o *DemoOptions) {
				o.cases = []string{"discovery-txt-form", "signature-rs256", "signature-missing"}
			},
			"step broken had to be red and is conformant: these cases do not see the fault mismatch-only-logged",
		},
		"a harness that fails in everything": {
			func(o *DemoOptions) { o.cases = []string{"signature-tampered-variable"} },
			"step broken is red in every case: that is no judgement of one fault",
		},
		"a template that does not work": {
			func(o *DemoOptions) {
				o.template = &fixtures.TemplateFile{Name: "a.example.s.json", Data: []byte(`{"providerId":"a.example"}`)}
			},
			"step certify had to be green and is non-conformant",
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := demoOptions()
			tc.change(&o)
			code, d := demos(t, o)
			if code != 3 || d.AsExpected || strings.Join(d.Problems, "\n") != tc.want {
				t.Errorf("exit %d, as expected %v, problems %q", code, d.AsExpected, d.Problems)
			}
			text := d.text()
			if !strings.Contains(text, "NOT as expected; do not trust this build:") || strings.Contains(text, "\nAs expected") {
				t.Errorf("the text says\n%s", text)
			}
		})
	}
}

// Red for something else than the fault is not the red that was to be shown.
func TestDemoRedForAnotherReason(t *testing.T) {
	d := &demo{fault: selftest.Fault{Name: "f", Requirements: []string{"DC-A"}}}
	step := DemoStep{Name: "broken", Expected: demoRed, Fault: "f", Verdict: reports.NonConformant, Counts: reports.Counts{reports.Fail: 1, reports.Pass: 1},
		Results: []reports.Result{{Outcome: reports.Fail, Failure: &reports.Failure{Requirement: "DC-B"}}}}
	if got := d.problem(step); got != "step broken is red, and not for what the fault f breaks" {
		t.Error(got)
	}
	step.Results[0].Failure.Requirement = "DC-A"
	if got := d.problem(step); got != "" {
		t.Error(got)
	}
}

// A child that dies leaves no demo.
func TestDemoWithoutChild(t *testing.T) {
	for mode, want := range map[string]string{
		"dies-at:signature/signature-missing": "the child process that judges was lost: ",
		"unknown: exits":                      "the child process that judges was lost: ",
	} {
		o := demoOptions()
		o.Child = as(mode)
		code, err := ShowDemo(t.Context(), o)
		if code != 3 || err == nil || !strings.HasPrefix(err.Error(), want) || fmt.Sprint(o.Stdout) != "" {
			t.Errorf("%s: exit %d, %v\n%s", mode, code, err, o.Stdout)
		}
	}
}

func TestDemoRefusesAnUnknownFormat(t *testing.T) {
	o := demoOptions()
	o.Format = "yaml"
	if code, err := ShowDemo(t.Context(), o); code != 2 || err == nil || err.Error() != "--format yaml: there are text and json" {
		t.Errorf("exit %d, %v", code, err)
	}
}
