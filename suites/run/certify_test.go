package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/certify"
)

// template writes an embedded template to a folder and returns its path.
func template(t *testing.T, dir string) string {
	t.Helper()
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, files[0].Name)
	if err := os.WriteFile(path, files[0].Data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func options(t *testing.T, paths ...string) CertifyOptions {
	t.Helper()
	return CertifyOptions{Paths: paths, Flags: flags(t)}
}

func flags(t *testing.T) Flags {
	t.Helper()
	return Flags{Out: filepath.Join(t.TempDir(), "out"), Consent: certify.ConsentForm, Seed: 1, Jobs: 1,
		Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{},
		ToolVersion: "test", Command: []string{"dcconform", "certify"}, Child: as("sound")}
}

func certifies(ctx context.Context, t *testing.T, o CertifyOptions) (int, *reports.Run, error) {
	t.Helper()
	code, err := Certify(ctx, o)
	f, openErr := os.Open(filepath.Join(o.Out, reports.ReportFile))
	if openErr != nil {
		return code, nil, err
	}
	defer f.Close()
	r, readErr := reports.ReadJSON(f)
	if readErr != nil {
		t.Fatalf("the report does not read back: %v", readErr)
	}
	return code, r, err
}

func TestOneTemplateIsConformant(t *testing.T) {
	o := options(t, template(t, t.TempDir()))
	code, r, err := certifies(t.Context(), t, o)
	if code != 0 || err != nil {
		t.Fatalf("exit %d, %v; stderr %s", code, err, o.Stderr)
	}
	if r.Verdict != reports.Conformant || r.State != reports.StateFinished || len(r.Results) != r.Planned || r.Planned < 10 {
		t.Errorf("verdict %s, state %s, %d results for %d planned", r.Verdict, r.State, len(r.Results), r.Planned)
	}
	for _, res := range r.Results {
		if res.Outcome == reports.Pass && res.Assertions == 0 {
			t.Errorf("%s passed without a statement", res.ID)
		}
		want := "dcconform certify --consent form --case " + res.ID + " " + o.Paths[0]
		if res.Outcome == reports.Pass || res.Outcome == reports.NotApplicable {
			want = "" // the report leaves it out where there is nothing to run again for
		}
		if res.Rerun != want {
			t.Errorf("rerun %q, want %q", res.Rerun, want)
		}
	}
}

func TestInterruptLeavesAPartialReport(t *testing.T) {
	o := options(t, template(t, t.TempDir()))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Child = as("patient")
	o.Stderr = writerFunc(func(p []byte) (int, error) {
		// The first line of progress after a result: interrupt now.
		if bytes.Contains(p, []byte(" of ")) {
			cancel()
		}
		return len(p), nil
	})
	code, r, err := certifies(ctx, t, o)
	if code != reports.ExitInconclusive || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	if r.State != reports.StateInterrupted || r.Verdict == reports.Conformant {
		t.Errorf("state %s, verdict %s", r.State, r.Verdict)
	}
	if r.Counts[reports.Pass] != 5 {
		t.Errorf("what had passed is lost: %v", r.Counts)
	}
	if last := r.Results[len(r.Results)-1]; last.Outcome != reports.Inconclusive || last.Message != "the run was interrupted before this case" {
		t.Errorf("the last case: %s %s", last.Outcome, last.Message)
	}
	if r.Counts[reports.HarnessError] != 0 {
		t.Errorf("whoever interrupts is told of errors: %v", r.Counts)
	}
	if len(r.Next) != 1 || r.Next[0] != "Run it again: it was interrupted." {
		t.Errorf("next: %q", r.Next)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestBadInputNeverBecomesGreen(t *testing.T) {
	dir := t.TempDir()
	good := template(t, dir)
	empty := t.TempDir()
	missing := filepath.Join(dir, "no-such.json")
	values := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(values, []byte("alder.example.net.website:\n  nope: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		set   func(*CertifyOptions)
		code  int
		error string
	}{
		{"missing file", func(o *CertifyOptions) { o.Paths = []string{missing} }, reports.ExitUsage,
			missing + ": there is no such file or folder; name a template or a folder of templates"},
		{"missing file beside a good one", func(o *CertifyOptions) { o.Paths = []string{good, missing} }, reports.ExitUsage,
			missing + ": there is no such file or folder; name a template or a folder of templates"},
		{"empty folder", func(o *CertifyOptions) { o.Paths = []string{empty} }, reports.ExitNothing,
			"no template files: the folder " + empty + " holds no *.json file"},
		{"pattern without a match", func(o *CertifyOptions) { o.Cases = []string{"*/reed-back"} }, reports.ExitNothing,
			`--case "*/reed-back" matches no case`},
		{"one of two patterns without a match", func(o *CertifyOptions) { o.Cases = []string{"*/read-back", "x"} }, reports.ExitUsage,
			`--case "x" matches no case`},
		{"edition", func(o *CertifyOptions) { o.Edition = "ietf-04" }, reports.ExitUsage,
			`unknown edition "ietf-04": the editions are ietf-05 and dcspec-2.3`},
		{"consent", func(o *CertifyOptions) { o.Consent = "curl" }, reports.ExitUsage, "--consent curl: there are browser and form"},
		{"jobs", func(o *CertifyOptions) { o.Jobs = -1 }, reports.ExitUsage, "--jobs -1: a number from 1, or 0 for one per processor"},
		{"key file", func(o *CertifyOptions) { o.Key = missing }, reports.ExitUsage, "--key: open " + missing},
		{"key that is none", func(o *CertifyOptions) { o.Key = good }, reports.ExitUsage, good},
		{"values for an unknown variable", func(o *CertifyOptions) { o.Values = values }, reports.ExitUsage, values + ":2: "},
		{"a browser that is not there", func(o *CertifyOptions) { o.Consent, o.Browser = certify.ConsentBrowser, missing }, reports.ExitUsage, "--browser " + missing + ": "},
		{"a foreign folder as --out", func(o *CertifyOptions) { o.Out = dir }, reports.ExitUsage, "holds no report of dcconform"},
		{"a file as --out", func(o *CertifyOptions) { o.Out = good }, reports.ExitUsage, "name another one with --out"},
	} {
		o := options(t, good)
		c.set(&o)
		code, err := Certify(t.Context(), o)
		if code != c.code || err == nil || !strings.Contains(err.Error(), c.error) {
			t.Errorf("%s: exit %d, error %v\nwant %d, %s", c.name, code, err, c.code, c.error)
		}
		if out := fmt.Sprint(o.Stdout); out != "" {
			t.Errorf("%s: printed %q", c.name, out)
		}
	}
}

// The good templates are certified although another file is none.
func TestUnparsableAmongGoodOnes(t *testing.T) {
	dir := t.TempDir()
	template(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "zz-broken.json"), []byte("{\n  \"providerId\": 7,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t, dir)
	code, r, err := certifies(t.Context(), t, o)
	if code != reports.ExitNonConformant || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	if r.Counts[reports.Fail] != 1 || r.Counts[reports.Pass]+r.Counts[reports.NotApplicable] != r.Planned-1 {
		t.Errorf("counts %v of %d", r.Counts, r.Planned)
	}
	last := r.Results[len(r.Results)-1]
	if last.Outcome != reports.Fail || last.Line == 0 || !strings.HasSuffix(last.File, "zz-broken.json") {
		t.Errorf("the broken file: %+v", last)
	}
	if want := "dcconform certify --consent form --case " + last.ID + " " + last.File; last.Rerun != want {
		t.Errorf("rerun %q, want %q", last.Rerun, want)
	}
}

// Without a browser the cases that need one are inconclusive and say how to
// install it; the others run.
func TestMissingBrowser(t *testing.T) {
	o := options(t, template(t, t.TempDir()))
	o.Consent = certify.ConsentBrowser
	o.FindBrowser = func(string) (string, error) { return "", fmt.Errorf("no browser was found: install it") }
	code, r, err := certifies(t.Context(), t, o)
	if code != reports.ExitInconclusive || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	for _, res := range r.Results {
		if res.ID == "alder.example.net.website/apex/apply" {
			if res.Outcome != reports.Inconclusive || res.Reason != "no-browser" || res.Message != "no browser was found: install it" {
				t.Errorf("%s: %s %s %s", res.ID, res.Outcome, res.Reason, res.Message)
			}
		}
		if res.Scenario == "host" && res.Outcome != reports.Pass {
			t.Errorf("%s needs no browser and is %s", res.ID, res.Outcome)
		}
	}
	if r.Verdict != reports.VerdictInconclusive && r.Verdict != reports.Partial {
		t.Errorf("verdict %s", r.Verdict)
	}
}

func TestYesterdaysReportIsReplaced(t *testing.T) {
	dir := t.TempDir()
	o := options(t, template(t, dir))
	if code, err := Certify(t.Context(), o); code != 0 || err != nil {
		t.Fatal(code, err)
	}
	// The next run dies at once: what lies there must not be green.
	o.Child = as("unheard-of")
	code, r, _ := certifies(t.Context(), t, o)
	if code != reports.ExitInconclusive || r.Verdict == reports.Conformant || r.Counts[reports.Pass] != 0 {
		t.Errorf("exit %d, verdict %s, counts %v", code, r.Verdict, r.Counts)
	}
}

// The report does not depend on how many children there were.
func TestJobsDoNotChangeTheReport(t *testing.T) {
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files[:5] {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	failing, err := fixtures.Failing()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failing {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	for _, jobs := range []int{1, 3} {
		o := options(t, dir)
		o.Jobs = jobs
		_, r, err := certifies(t.Context(), t, o)
		if err != nil {
			t.Fatal(err)
		}
		projection, err := r.Projection()
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, string(projection))
	}
	if seen[0] != seen[1] {
		t.Errorf("one child:\n%s\nthree:\n%s", seen[0], seen[1])
	}
}

// fullDisk is a folder that takes a few results and no more.
type fullDisk struct {
	folder
	room int
}

var errFull = errors.New("results.jsonl cannot be written: no space left on device")

func (d *fullDisk) Append(r reports.Result) error {
	if d.room--; d.room < 0 {
		return errFull
	}
	return d.folder.Append(r)
}

func (d *fullDisk) Finish(r *reports.Run) error {
	if d.room < 0 {
		return errFull
	}
	return d.folder.Finish(r)
}

// A report that cannot be written ends the run and is never green.
func TestAFullDiskIsSaid(t *testing.T) {
	for _, room := range []int{0, 3} {
		var stderr bytes.Buffer
		o := options(t, template(t, t.TempDir()))
		o.Stderr = &stderr
		o.create = func(path string, r *reports.Run, redactor *reports.Redactor) (folder, error) {
			d, err := reports.Create(path, r, redactor)
			return &fullDisk{folder: d, room: room}, err
		}
		code, r, err := certifies(t.Context(), t, o)
		if code != reports.ExitInconclusive || err != nil {
			t.Errorf("exit %d, %v", code, err)
		}
		if !strings.Contains(stderr.String(), "dcconform certify: results.jsonl cannot be written: no space left on device") {
			t.Errorf("stderr: %s", stderr.String())
		}
		if r.Verdict == reports.Conformant || r.State != reports.StateRunning {
			t.Errorf("what lies in the folder is %s and %s", r.Verdict, r.State)
		}
	}
}
