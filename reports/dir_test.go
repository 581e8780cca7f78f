package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// names lists the files below a folder, with slashes.
func names(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, relErr := filepath.Rel(path, file)
			all = append(all, filepath.ToSlash(rel))
			return relErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readReport(t *testing.T, path string) *Run {
	t.Helper()
	f, err := os.Open(filepath.Join(path, ReportFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustCreate(t *testing.T, path string, r *Run) *Dir {
	t.Helper()
	d, err := Create(path, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.files.close() })
	return d
}

func TestReportFolderFromBeginToEnd(t *testing.T) {
	out := filepath.Join(t.TempDir(), "deep", "out")
	a, b := planned("a", SubjectTemplate, MUST), planned("b", SubjectTemplate, MUST)
	r := newRun(a, b)
	d := mustCreate(t, out, r)
	if got := readReport(t, out); got.State != StateRunning || got.Verdict != VerdictInconclusive || len(got.Plan) != 2 {
		t.Errorf("at the start: %s, %s, %d planned", got.State, got.Verdict, len(got.Plan))
	}
	if got := names(t, out); !slices.Equal(got, []string{".dcconform", "report.json", "results.jsonl"}) {
		t.Errorf("at the start: %v", got)
	}
	for _, p := range []Planned{a, b} {
		res := result(p, Pass)
		if err := d.Store().Keep(&res, Item{Kind: "zone", Title: "after", Content: []byte("www 300 IN A 192.0.2.1\n")}); err != nil {
			t.Fatal(err)
		}
		if err := d.Append(res); err != nil {
			t.Fatal(err)
		}
		r.Results = append(r.Results, res)
	}
	streamed, err := d.Results()
	if err != nil || len(streamed) != 2 || streamed[1].ID != "b" || streamed[1].Outcome != Pass {
		t.Errorf("streamed: %+v, %v", streamed, err)
	}
	r.Finish(finished)
	if err := d.Finish(r); err != nil {
		t.Fatal(err)
	}
	if got := readReport(t, out); got.State != StateFinished || got.Verdict != Conformant || len(got.Results) != 2 {
		t.Errorf("at the end: %s, %s, %d results", got.State, got.Verdict, len(got.Results))
	}
	if got := names(t, out); !slices.Equal(got, []string{".dcconform", "junit.xml", "report.html", "report.json", "report.md"}) {
		t.Errorf("at the end: %v", got)
	}
	if d.Path() != out || d.Report() != filepath.Join(out, "report.json") {
		t.Errorf("paths %s, %s", d.Path(), d.Report())
	}
	if err := d.Append(result(a, Pass)); err == nil || err.Error() != `results.jsonl: result "a" came after the report was closed` {
		t.Errorf("Append after Finish: %v", err)
	}
}

// Yesterday's report goes, whatever of it is there, and nothing else does.
func TestYesterdaysReportIsReplaced(t *testing.T) {
	digest := strings.Repeat("0a", 32)
	for _, marker := range []bool{true, false} {
		out := t.TempDir()
		if marker {
			write(t, filepath.Join(out, ".dcconform"), markerText)
		}
		write(t, filepath.Join(out, "report.json"), mustJSON(t, sample()))
		write(t, filepath.Join(out, "junit.xml"), "<testsuites/>")
		write(t, filepath.Join(out, "junit.xml.tmp"), "<tests")
		write(t, filepath.Join(out, "results.jsonl"), `{"id":"old"}`+"\n")
		write(t, filepath.Join(out, "evidence", digest+".txt"), "old")
		write(t, filepath.Join(out, "evidence", digest+".png.1f20001.tmp"), "old")
		write(t, filepath.Join(out, "notes.txt"), "the user's own")
		write(t, filepath.Join(out, "evidence", "mine.txt"), "the user's own")
		d := mustCreate(t, out, newRun(planned("a", SubjectTemplate, MUST)))
		if got := names(t, out); !slices.Equal(got, []string{".dcconform", "evidence/mine.txt", "notes.txt", "report.json", "results.jsonl"}) {
			t.Errorf("marker %t: left %v", marker, got)
		}
		if got, err := d.Results(); err != nil || len(got) != 0 {
			t.Errorf("marker %t: old results %v, %v", marker, got, err)
		}
		if got := readReport(t, out); got.Verdict != VerdictInconclusive || got.State != StateRunning {
			t.Errorf("marker %t: yesterday's verdict %s", marker, got.Verdict)
		}
	}
}

func TestFolderOfSomebodyElseIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"thesis.tex":  "years of work",
		"report.json": `{"tool":"another"}`,
		"junit.xml":   "<testsuites/>",
	} {
		out := t.TempDir()
		write(t, filepath.Join(out, name), text)
		_, err := Create(out, newRun(), nil)
		var notOurs *NotOursError
		want := fmt.Sprintf("%s: the folder is not empty and holds no report of dcconform (it has %q); name an empty or a new folder with --out", out, name)
		if !errors.As(err, &notOurs) || err.Error() != want {
			t.Errorf("error %v\nwant  %s", err, want)
		}
		if got := names(t, out); !slices.Equal(got, []string{name}) {
			t.Errorf("touched: %v", got)
		}
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	for _, out := range []string{file, filepath.Join(file, "below")} {
		_, err := Create(out, newRun(), nil)
		if err == nil || !strings.HasPrefix(err.Error(), "the folder for the report cannot be made: ") || !strings.HasSuffix(err.Error(), "; name another one with --out") {
			t.Errorf("%s: error %v", out, err)
		}
	}
}

// A link that lies in the folder leads no removal and no writing outside.
func TestLinksLeadNowhere(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege on Windows")
	}
	outside := t.TempDir()
	victim := strings.Repeat("0a", 32) + ".txt"
	write(t, filepath.Join(outside, victim), "not ours")
	write(t, filepath.Join(outside, "target.json"), "not ours")
	out := t.TempDir()
	write(t, filepath.Join(out, ".dcconform"), markerText)
	if err := errors.Join(
		os.Symlink(outside, filepath.Join(out, "evidence")),
		os.Symlink(filepath.Join(outside, "target.json"), filepath.Join(out, "report.json")),
		os.Symlink(filepath.Join(outside, "target.json"), filepath.Join(out, "report.json.tmp")),
	); err != nil {
		t.Fatal(err)
	}
	_, err := Create(out, newRun(), nil)
	if err == nil {
		t.Error("a folder whose evidence leads outside was taken")
	}
	for _, name := range []string{victim, "target.json"} {
		if text, err := os.ReadFile(filepath.Join(outside, name)); err != nil || string(text) != "not ours" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// fullDisk is a folder that fails at one kind of call for names with a prefix.
type fullDisk struct {
	files
	call, prefix string
}

func (f *fullDisk) fails(call, name string) error {
	if f.call == call && strings.HasPrefix(name, f.prefix) {
		return &fs.PathError{Op: call, Path: name, Err: errFull}
	}
	return nil
}

func (f *fullDisk) create(name string) (file, error) {
	if err := f.fails("create", name); err != nil {
		return nil, err
	}
	out, err := f.files.create(name)
	return fullFile{out, f, name}, err
}

func (f *fullDisk) append(name string) (file, error) {
	if err := f.fails("append", name); err != nil {
		return nil, err
	}
	out, err := f.files.append(name)
	return fullFile{out, f, name}, err
}

func (f *fullDisk) rename(from, to string) error {
	return errors.Join(f.fails("rename", to), f.files.rename(from, to))
}

func (f *fullDisk) remove(name string) error {
	if err := f.fails("remove", name); err != nil {
		return err
	}
	return f.files.remove(name)
}

func (f *fullDisk) mkdir(name string) error {
	if err := f.fails("mkdir", name); err != nil {
		return err
	}
	return f.files.mkdir(name)
}

type fullFile struct {
	file
	disk *fullDisk
	name string
}

func (f fullFile) Write(b []byte) (int, error) {
	if err := f.disk.fails("write", f.name); err != nil {
		n, _ := f.file.Write(b[:len(b)/2]) // as a full disk does
		return n, err
	}
	return f.file.Write(b)
}

func (f fullFile) Sync() error  { return errors.Join(f.disk.fails("sync", f.name), f.file.Sync()) }
func (f fullFile) Close() error { return errors.Join(f.file.Close(), f.disk.fails("close", f.name)) }

// onFullDisk opens an empty folder in which one thing fails once start is called.
func onFullDisk(t *testing.T, call, prefix string) (string, *fullDisk) {
	t.Helper()
	out := t.TempDir()
	real, err := openFolder(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = real.close() })
	return out, &fullDisk{real, call, prefix}
}

func TestDiskFullAtTheStart(t *testing.T) {
	for _, tc := range []struct{ call, name, what string }{
		{"create", ".dcconform", "the first file"},
		{"write", ".dcconform", "the first file"},
		{"create", "report.json", "report.json"},
		{"write", "report.json", "report.json"},
		{"sync", "report.json", "report.json"},
		{"close", "report.json", "report.json"},
		{"append", "results.jsonl", "results.jsonl"},
	} {
		t.Run(tc.call+" "+tc.name, func(t *testing.T) {
			out, disk := onFullDisk(t, tc.call, tc.name)
			_, err := create(out, disk, newRun(planned("a", SubjectTemplate, MUST)), nil)
			prefix := out + ": cannot write " + tc.what + ": "
			suffix := "no space left on device; free some space there, or name another folder with --out"
			if err == nil || !strings.HasPrefix(err.Error(), prefix) || !strings.HasSuffix(err.Error(), suffix) || !errors.Is(err, errFull) {
				t.Errorf("error %v\nwant  %s… %s", err, prefix, suffix)
			}
			for _, name := range names(t, out) {
				if strings.HasSuffix(name, ".tmp") {
					t.Errorf("%s is left", name)
				}
			}
		})
	}
}

// Whatever cannot be written in the course of a run, the report on the disk
// stays running and inconclusive, and the error is told.
func TestDiskFullInMidRun(t *testing.T) {
	for _, tc := range []struct{ call, name, what string }{
		{"write", "results.jsonl", "results.jsonl"},
		{"close", "results.jsonl", "results.jsonl"},
		{"create", "evidence/", "evidence"},
		{"write", "evidence/", "evidence"},
		{"close", "evidence/", "evidence"},
		{"mkdir", "evidence", "evidence"},
		{"create", "junit.xml", "junit.xml"},
		{"write", "junit.xml", "junit.xml"},
		{"create", "report.json", "report.json"},
		{"write", "report.json", "report.json"},
		{"sync", "report.json", "report.json"},
	} {
		t.Run(tc.call+" "+tc.name, func(t *testing.T) {
			out, disk := onFullDisk(t, "", tc.name)
			must := planned("a", SubjectTemplate, MUST)
			r := newRun(must)
			d, err := create(out, disk, r, nil)
			if err != nil {
				t.Fatal(err)
			}
			disk.call = tc.call
			res := result(must, Fail)
			keepErr := d.Store().Keep(&res, Item{Kind: "zone", Title: "zone", Content: []byte("a zone")})
			if (keepErr != nil) != (tc.what == "evidence") {
				t.Errorf("Keep: %v", keepErr)
			}
			appendErr := d.Append(res)
			if (appendErr != nil) != (tc.call == "write" && tc.what == "results.jsonl") {
				t.Errorf("Append: %v", appendErr)
			}
			r.Results = []Result{res}
			r.Finish(finished)
			err = d.Finish(r)
			prefix := out + ": cannot write " + tc.what + ": "
			if err == nil || !strings.HasPrefix(err.Error(), prefix) || !errors.Is(err, errFull) {
				t.Errorf("Finish: error %v\nwant %s…", err, prefix)
			}
			if got := readReport(t, out); got.State != StateRunning || got.Verdict != VerdictInconclusive {
				t.Errorf("the report says %s, %s", got.State, got.Verdict)
			}
			for _, name := range names(t, out) {
				if strings.HasSuffix(name, ".tmp") {
					t.Errorf("%s is left", name)
				}
			}
		})
	}
}

// The same on a device that is full in truth.
func TestDeviceFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no /dev/full here, so a full device was not tried: %v", err)
	}
	defer full.Close()
	for _, w := range Writers() {
		if err := w.Write(full, many(), nil); err == nil || !strings.Contains(err.Error(), "no space left on device") {
			t.Errorf("%s: error %v", w.Name, err)
		}
	}
}

func TestOldReportThatCannotBeRemoved(t *testing.T) {
	out, disk := onFullDisk(t, "remove", "junit.xml")
	write(t, filepath.Join(out, ".dcconform"), markerText)
	_, err := create(out, disk, newRun(), nil)
	if want := out + ": the old report cannot be removed: remove junit.xml: no space left on device"; err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

// A run that was killed is settled from what reached the disk.
func TestOpenSettlesAKilledRun(t *testing.T) {
	a, b, c := planned("a", SubjectTemplate, MUST), planned("b", SubjectTemplate, MUST), planned("c", SubjectTemplate, MUST)
	for _, tc := range []struct {
		outcome Outcome
		verdict Verdict
		code    int
	}{{Pass, VerdictInconclusive, 3}, {Fail, NonConformant, 1}} {
		out := t.TempDir()
		d := mustCreate(t, out, newRun(a, b, c))
		if err := errors.Join(d.Append(result(b, tc.outcome)), d.Append(result(a, Pass))); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(result(c, Pass))
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(filepath.Join(out, ResultsFile), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(line[:len(line)-3]); err != nil { // killed in mid-line
			t.Fatal(err)
		}
		f.Close()
		r, err := Open(out)
		if err != nil {
			t.Fatal(err)
		}
		if r.State != StateInterrupted || r.Verdict != tc.verdict || ExitCode(r, false) != tc.code || len(r.Results) != 3 {
			t.Errorf("%s, %s, exit %d, %d results", r.State, r.Verdict, ExitCode(r, false), len(r.Results))
		}
		if got := only(t, r, "c"); got.Outcome != HarnessError || got.Message != "The run was killed before this case." {
			t.Errorf("the torn result: %+v", got)
		}
	}
}

func TestOpen(t *testing.T) {
	out := t.TempDir()
	write(t, filepath.Join(out, "report.json"), mustJSON(t, sample()))
	for _, path := range []string{out, filepath.Join(out, "report.json")} {
		if r, err := Open(path); err != nil || r.Verdict != NonConformant || len(r.Results) != 8 {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Open(filepath.Join(out, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	write(t, filepath.Join(out, "report.json"), "{}")
	want := filepath.Join(out, "report.json") + `: report: the tool is ""; only reports of dcconform can be read`
	if _, err := Open(out); err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
	write(t, filepath.Join(out, "report.json"), mustJSON(t, newRun()))
	write(t, filepath.Join(out, "results.jsonl"), "{}\n{\"zebra\":1}\n")
	if _, err := Open(out); err == nil || !strings.HasPrefix(err.Error(), out+`: results.jsonl: result 2: line 1: unknown member "zebra"`) {
		t.Errorf("error %v", err)
	}
}

func TestAppendFromManyGoroutines(t *testing.T) {
	out := t.TempDir()
	var plan []Planned
	for i := range 200 {
		plan = append(plan, planned(fmt.Sprint(i), SubjectTemplate, MUST))
	}
	r := newRun(plan...)
	d := mustCreate(t, out, r)
	var wg sync.WaitGroup
	for _, p := range plan {
		wg.Go(func() {
			res := result(p, Pass)
			res.Message = strings.Repeat("long ", 2000)
			if err := d.Append(res); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	results, err := d.Results()
	if err != nil || len(results) != 200 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	r.Results = results
	r.Finish(finished)
	if r.Verdict != Conformant {
		t.Errorf("verdict %s, %s", r.Verdict, r.Why)
	}
	if err := d.Finish(r); err != nil {
		t.Error(err)
	}
}

func TestWritersAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range Writers() {
		if w.Name == "" || w.File == "" || w.Write == nil || seen[w.Name] || seen[w.File] || strings.ContainsAny(w.File, `/\:`) {
			t.Errorf("writer %+v", w)
		}
		seen[w.Name], seen[w.File] = true, true
	}
	all := Writers()
	if all[len(all)-1].File != ReportFile {
		t.Errorf("the last writer is %s: report.json has to come when all the rest is there", all[len(all)-1].Name)
	}
	var first, second bytes.Buffer
	run := sample()
	for _, w := range all {
		if err := errors.Join(w.Write(&first, run, nil), w.Write(&second, run, nil)); err != nil {
			t.Error(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("a writer changes the run, or writes it differently the second time")
	}
}
