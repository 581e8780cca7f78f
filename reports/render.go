package reports

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Render writes formats of a report that was read back into the folder to,
// which is made when it is not there, and returns the paths of the files in
// their order. from is the folder that holds the evidence, or "": what is not
// there, or is no longer what its name says, the formats name without showing
// it. When to is another folder the evidence goes with the report; one with
// files in it and no report of ours is refused with a *NotOursError.
func Render(r *Run, from, to string, formats []Writer) ([]string, error) {
	target, err := renderInto(to)
	if err != nil {
		return nil, err
	}
	defer func() { _ = target.close() }()
	kept := target
	if from != "" && from != to {
		if kept, err = openFolder(from); err != nil {
			return nil, fmt.Errorf("the folder of the report cannot be opened: %w", err)
		}
		defer func() { _ = kept.close() }()
		if _, err := carry(kept, target, r.Results); err != nil {
			return nil, unwritable(to, "evidence", err)
		}
	}
	var done []string
	for _, w := range formats {
		err := writeAtomically(target, w.File, true, func(out io.Writer) error {
			buffered := bufio.NewWriterSize(out, 1<<16)
			if err := w.Write(buffered, r, kept.genuine); err != nil {
				return err
			}
			return buffered.Flush()
		})
		if err != nil {
			return done, unwritable(to, w.File, err)
		}
		done = append(done, filepath.Join(to, w.File))
	}
	return done, nil
}

// renderInto opens a folder that may be written to, and marks it as ours.
func renderInto(to string) (folder, error) {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return folder{}, fmt.Errorf("the folder for the report cannot be made: %w; name another one with --out", err)
	}
	f, err := openFolder(to)
	if err != nil {
		return folder{}, fmt.Errorf("the folder for the report cannot be opened: %w; name another one with --out", err)
	}
	d := &Dir{path: to, files: f}
	err = d.mayReplace()
	if err == nil && !f.exists(markerFile) {
		err = writeAtomically(f, markerFile, false, func(w io.Writer) error {
			_, err := io.WriteString(w, markerText)
			return err
		})
	}
	if err != nil {
		return folder{}, errors.Join(err, f.close())
	}
	return f, nil
}

// ErrNotGenuine is what reading evidence fails with whose content does not have
// the digest that its name says.
var ErrNotGenuine = errors.New("the file was changed: its content has not the digest that its name says")

// genuine reads evidence whose content is what its name says.
func (f folder) genuine(e Evidence) ([]byte, error) {
	if !evidenceFile(e.File) {
		return nil, fmt.Errorf("%q is no name of evidence", e.File)
	}
	content, err := f.read(e.File)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	if digest, _, _ := strings.Cut(path.Base(e.File), "."); digest != hex.EncodeToString(sum[:]) {
		return nil, fmt.Errorf("%s: %w", e.File, ErrNotGenuine)
	}
	return content, nil
}

// evidenceFile reports whether a report may name a file so.
func evidenceFile(name string) bool {
	dir, base := path.Split(name)
	return dir == EvidenceFolder+"/" && evidenceName.MatchString(base) && !strings.HasSuffix(base, ".tmp")
}

// carry copies the evidence of results that is not there yet. What cannot be
// read, or is not what its name says, is left behind and returned.
func carry(from, to folder, results []Result) (left []string, err error) {
	for _, res := range results {
		for _, e := range res.Evidence {
			if e.File == "" || slices.Contains(left, e.File) || evidenceFile(e.File) && to.exists(e.File) {
				continue
			}
			content, err := from.genuine(e)
			if err != nil {
				left = append(left, e.File)
				continue
			}
			if err := to.mkdir(EvidenceFolder); err != nil {
				return left, err
			}
			if err := writeUnder(to, e.File, e.File, content); err != nil && !errors.Is(err, fs.ErrExist) {
				return left, err
			}
		}
	}
	return left, nil
}

// Write leaves a finished run in a folder as a run does that ends, for a report
// that was put together from others. The evidence is taken from the folders in
// evidence; what none of them has, or is not what its name says, is returned.
func Write(to string, r *Run, evidence []string, also ...Writer) (left []string, err error) {
	begun := *r
	begun.Begin(nil, r.Started)
	d, err := Create(to, &begun, nil, also...)
	if err != nil {
		return nil, err
	}
	target, err := openFolder(to)
	if err != nil {
		return nil, err
	}
	defer func() { _ = target.close() }()
	for _, path := range evidence {
		from, err := openFolder(path)
		if err != nil {
			return nil, fmt.Errorf("the folder of a report cannot be opened: %w", err)
		}
		missing, err := carry(from, target, r.Results)
		if err := errors.Join(err, from.close()); err != nil {
			return nil, unwritable(to, "evidence", err)
		}
		left = missing
	}
	return left, d.Finish(r)
}
