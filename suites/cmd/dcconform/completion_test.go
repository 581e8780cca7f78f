package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// completed is what the program offers for a command line that is not
// finished: the last word is the one to complete.
func completed(t *testing.T, words ...string) (offers []string, directive string) {
	t.Helper()
	root := newRootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&bytes.Buffer{})
	root.SetArgs(append([]string{"__complete"}, words...))
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[:len(lines)-1], lines[len(lines)-1]
}

// What stands at a place is offered there, and no file where none can be.
func TestCompletion(t *testing.T) {
	const noFiles, files, folders = ":4", ":0", ":16"
	for _, tc := range []struct {
		words     []string
		want      string // one of the offers, "" for none at all
		not       string
		directive string
	}{
		{[]string{"ser"}, "serve\tRun the mock DNS provider until interrupted", "certify", noFiles},
		{[]string{""}, "completion\tPrint a script that completes command lines in your shell", "run-child", noFiles},
		{[]string{"serve", "--fau"}, "--fault\t`name` of a deliberate misbehaviour; repeatable", "", noFiles},
		{[]string{"serve", "--fault", "mismatch"}, "mismatch-only-logged\tA signature that does not verify is logged, and the request goes on.", "open-redirector", noFiles},
		{[]string{"selftest", "--fault", "open-redir"}, "open-redirector\tThe flow ends at any redirect_uri, listed and signed or not.", "", noFiles},
		{[]string{"provider", "--case", "signature-mis"}, "signature-missing\ta request without sig and key is refused", "parse", noFiles},
		{[]string{"selftest", "--case", "signature-mis"}, "signature-missing\ta request without sig and key is refused", "", noFiles},
		{[]string{"certify", "--case", "read-b"}, "read-back\t", "signature-missing", noFiles},
		{[]string{"certify", "--profile", "cloud"}, "cloudflare\tCloudflare", "", noFiles},
		{[]string{"certify", "--consent", ""}, "form\ta driver that runs no script", "", noFiles},
		{[]string{"certify", "--edition", ""}, "dcspec-2.3", "async-00", noFiles},
		{[]string{"list", "requirements", "--edition", ""}, "async-00", "", noFiles},
		{[]string{"list", ""}, "requirements", "", noFiles},
		{[]string{"list", "requirements", "--level", ""}, "SHOULD", "", noFiles},
		{[]string{"explain", "DC-SIG-RAW"}, "DC-SIG-RAW-QUERY", "DC-SIG-REQUIRED", noFiles},
		{[]string{"explain", "mismatch"}, "mismatch-only-logged", "", noFiles},
		{[]string{"explain", "signature-mis"}, "signature-missing", "", noFiles},
		{[]string{"explain", "DCTL10"}, "DCTL1029", "", noFiles},
		{[]string{"explain", "DCTL1029", ""}, "", "", noFiles},
		{[]string{"completion", ""}, "powershell", "", noFiles},
		{[]string{"demo", "--format", ""}, "json", "", noFiles},
		{[]string{"key", "txt", "--format", ""}, "zone", "", noFiles},
		{[]string{"report", "diff", "--format", ""}, "markdown", "", noFiles},
		{[]string{"report", "render", "--format", ""}, "junit", "", noFiles},
		{[]string{"serve", "--state", ""}, "", "", folders},
		{[]string{"certify", "--out", ""}, "", "", folders},
		{[]string{"provider", "--target", ""}, "yaml", "", ":8"},
		{[]string{"certify", "my"}, "", "", files},
	} {
		t.Run(strings.Join(tc.words, " "), func(t *testing.T) {
			offers, directive := completed(t, tc.words...)
			found := false
			for _, o := range offers {
				found = found || strings.HasPrefix(o, tc.want)
				if tc.not != "" && strings.HasPrefix(o, tc.not) {
					t.Errorf("%s is offered", o)
				}
			}
			if tc.want == "" && len(offers) > 0 || tc.want != "" && !found || directive != tc.directive {
				t.Errorf("directive %s, offers\n%s", directive, strings.Join(offers, "\n"))
			}
		})
	}
}

// The scripts are those of cobra; bash takes its one.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range shells {
		root := newRootCommand()
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetArgs([]string{"completion", shell})
		if err := root.Execute(); err != nil || !strings.Contains(out.String(), "dcconform") || out.Len() < 1000 {
			t.Errorf("%s: %v, %d octets", shell, err, out.Len())
		}
		if shell != "bash" {
			continue
		}
		bash, err := exec.LookPath("bash")
		if err != nil {
			t.Log("bash is not installed, so that its script was not tried")
			continue
		}
		cmd := exec.Command(bash, "-n")
		cmd.Stdin = &out
		if said, err := cmd.CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("bash -n: %v\n%s", err, said)
		}
	}
}
