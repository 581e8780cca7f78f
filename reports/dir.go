package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The files of a report's folder that are not a Writer's.
const (
	// ReportFile is the report itself.
	ReportFile = "report.json"
	// ResultsFile takes the results as they come, one JSON object a line, and
	// goes when the report is final.
	ResultsFile = "results.jsonl"
	// EvidenceFolder holds evidence under the digest of its content.
	EvidenceFolder = "evidence"
	// markerFile says that the folder is ours to replace.
	markerFile = ".dcconform"
)

// otherFiles are what a run of other formats, or of another version, may have
// left: a badge of yesterday beside the report of today would be a lie.
var otherFiles = []string{"report.sarif", "badge.svg", "bundle.json", "bundle.sig"}

const markerText = "This folder holds a report of dcconform; the next run with the same --out replaces it.\n"

var evidenceName = regexp.MustCompile(`^[0-9a-f]{64}\.[a-z]+(\.[0-9a-f]+)?(\.tmp)?$`)

// NotOursError is returned by Create for a folder with files in it that no run
// of this program left there.
type NotOursError struct {
	Path string
	// Found is one of the files.
	Found string
}

func (e *NotOursError) Error() string {
	return fmt.Sprintf("%s: the folder is not empty and holds no report of %s (it has %q); name an empty or a new folder with --out", e.Path, Tool, e.Found)
}

// Dir is the folder that a run leaves its report in. Its methods may be called
// from several goroutines.
type Dir struct {
	path     string
	files    files
	redactor *Redactor
	store    *Store
	writers  []Writer

	mu      sync.Mutex
	results file
	err     error // the first failure of Append; Finish returns it
}

// Create makes the folder for a run, with its parents, and writes report.json
// as r stands, which is running and inconclusive after Begin. A report of an
// earlier run is replaced: its files are removed, and files that are not ours
// are left alone. A folder with files in it and no report of ours is refused
// with a *NotOursError before anything is touched.
//
// Everything that Dir writes goes through redactor, which may be nil; r itself
// is redacted in place. Finish writes the formats in also beside those of this
// package.
func Create(path string, r *Run, redactor *Redactor, also ...Writer) (*Dir, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("the folder for the report cannot be made: %w; name another one with --out", err)
	}
	root, err := openFolder(path)
	if err != nil {
		return nil, fmt.Errorf("the folder for the report cannot be opened: %w; name another one with --out", err)
	}
	d, err := create(path, root, r, redactor, also...)
	if err != nil {
		_ = root.close()
		return nil, err
	}
	return d, nil
}

func create(path string, f files, r *Run, redactor *Redactor, also ...Writer) (*Dir, error) {
	d := &Dir{path: path, files: f, redactor: redactor, store: newStore(path, f, redactor), writers: append(slices.Clone(also), writers...)}
	if err := d.mayReplace(); err != nil {
		return nil, err
	}
	err := writeAtomically(f, markerFile, false, func(w io.Writer) error {
		_, err := io.WriteString(w, markerText)
		return err
	})
	if err != nil {
		return nil, unwritable(path, "the first file", err)
	}
	redactor.Run(r)
	// report.json first: from here on nobody can take yesterday's for today's.
	if err := d.write(jsonWriter, r); err != nil {
		return nil, err
	}
	if err := d.clear(); err != nil {
		return nil, err
	}
	if d.results, err = f.append(ResultsFile); err != nil {
		return nil, unwritable(path, ResultsFile, err)
	}
	return d, nil
}

// mayReplace holds the folder's content against the marker.
func (d *Dir) mayReplace() error {
	entries, err := d.files.list(".")
	if err != nil {
		return fmt.Errorf("%s: the folder for the report cannot be read: %w", d.path, err)
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == markerFile }) || d.hasReport() {
		return nil
	}
	for _, e := range entries {
		if e.Name() != markerFile+".tmp" {
			return &NotOursError{Path: d.path, Found: e.Name()}
		}
	}
	return nil
}

// hasReport recognises a report that lost its marker: archives of CI systems
// leave out files whose name begins with a dot.
func (d *Dir) hasReport() bool {
	data, err := d.files.read(ReportFile)
	if err != nil {
		return false
	}
	var head struct {
		Tool string `json:"tool"`
	}
	return json.Unmarshal(data, &head) == nil && head.Tool == Tool
}

// clear removes what an earlier run left, except report.json, which has been
// replaced already.
func (d *Dir) clear() error {
	names := append([]string{ResultsFile}, otherFiles...)
	for _, w := range d.writers {
		if w.File != ReportFile {
			names = append(names, w.File)
		}
		names = append(names, w.File+".tmp")
	}
	names = append(names, markerFile+".tmp")
	old, err := d.files.list(EvidenceFolder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the old report cannot be removed: %w", d.path, err)
	}
	for _, e := range old {
		if evidenceName.MatchString(e.Name()) {
			names = append(names, EvidenceFolder+"/"+e.Name())
		}
	}
	for _, name := range names {
		if err := d.files.remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: the old report cannot be removed: %w", d.path, err)
		}
	}
	_ = d.files.remove(EvidenceFolder) // stays when somebody else's files are in it
	return nil
}

// Path is the folder as it was given to Create.
func (d *Dir) Path() string { return d.path }

// Report is the path of report.json, for people.
func (d *Dir) Report() string { return filepath.Join(d.path, ReportFile) }

// Store is where evidence goes. A failure of it is returned by Finish.
func (d *Dir) Store() *Store { return d.store }

// Append writes a result to the end of results.jsonl, redacted, so that a run
// that dies leaves what it had found. It returns the first error that it ever
// met, which Finish returns, too.
func (d *Dir) Append(res Result) error {
	res = d.redactor.Result(res)
	line, err := json.Marshal(res)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.err != nil:
		return d.err
	case err != nil:
		d.err = fmt.Errorf("%s: result %q: %w", ResultsFile, res.ID, err)
	case d.results == nil:
		return fmt.Errorf("%s: result %q came after the report was closed", ResultsFile, res.ID)
	default:
		if _, err := d.results.Write(append(line, '\n')); err != nil {
			d.err = unwritable(d.path, ResultsFile, err)
		}
	}
	return d.err
}

// Results reads back what Append wrote. A last line without an end, as a kill
// or a full disk leaves it, is no result.
func (d *Dir) Results() ([]Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	data, err := d.files.read(ResultsFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.path, err)
	}
	return readResults(data)
}

func readResults(data []byte) ([]Result, error) {
	var all []Result
	whole, _, _ := cutLast(data)
	for n, line := range slices.Collect(bytes.Lines(whole)) {
		var res Result
		if err := decodeStrictly(line, &res); err != nil {
			return nil, fmt.Errorf("%s: result %d: %w", ResultsFile, n+1, err)
		}
		all = append(all, res)
	}
	return all, nil
}

// cutLast parts the whole lines from a torn one.
func cutLast(data []byte) (whole, torn []byte, found bool) {
	i := bytes.LastIndexByte(data, '\n')
	return data[:i+1], data[i+1:], i >= 0
}

// Finish writes every format, report.json as the last one, and removes
// results.jsonl. r is redacted in place, so that what is printed of it later
// holds no secret, either. When anything could not be written, report.json
// stays as it was (running and inconclusive), the error says why, and the
// caller's exit code is 3 unless a subject failed.
func (d *Dir) Finish(r *Run) error {
	d.redactor.Run(r)
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() { _ = d.files.close() }()
	if err := d.closeResults(); err != nil {
		return err
	}
	if err := d.store.failed(); err != nil {
		return err
	}
	for _, w := range d.writers {
		if err := d.write(w, r); err != nil {
			return err
		}
	}
	if err := d.files.remove(ResultsFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", d.path, err)
	}
	return nil
}

// closeResults returns the first error of Append, or that of closing.
func (d *Dir) closeResults() error {
	if d.results == nil {
		return d.err
	}
	err := d.results.Close()
	d.results = nil
	if d.err == nil && err != nil {
		d.err = unwritable(d.path, ResultsFile, err)
	}
	return d.err
}

func (d *Dir) write(w Writer, r *Run) error {
	err := writeAtomically(d.files, w.File, true, func(out io.Writer) error {
		buffered := bufio.NewWriterSize(out, 1<<16)
		if err := w.Write(buffered, r, d.kept); err != nil {
			return err
		}
		return buffered.Flush()
	})
	if err != nil {
		return unwritable(d.path, w.File, err)
	}
	return nil
}

// kept reads evidence back for a format that shows it.
func (d *Dir) kept(e Evidence) ([]byte, error) { return d.files.read(e.File) }

// Open reads the report in a folder, or at the path of a report.json. Of a run
// that was killed it settles what is there: the results that reached the disk,
// and a harness-error for each case that is owed. When it ended nobody knows, so
// Finished is then equal to Started.
func Open(path string) (*Run, error) {
	file := path
	if !strings.HasSuffix(path, ".json") {
		file = filepath.Join(path, ReportFile)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r, err := ReadJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if r.State != StateRunning {
		return r, nil
	}
	streamed, err := os.ReadFile(filepath.Join(filepath.Dir(file), ResultsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if r.Results, err = readResults(streamed); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Dir(file), err)
	}
	r.Interrupt()
	r.Owe(r.Plan, "The run was killed before this case.")
	r.Finish(r.Started)
	return r, nil
}
