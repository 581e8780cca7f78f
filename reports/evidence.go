package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"unicode/utf8"
)

// DefaultBudget is how many bytes of evidence one Store keeps in full.
const DefaultBudget = 256 << 20

// evidenceKinds maps the kinds of evidence to extensions. The DOM of a foreign
// page is kept as text, so that nobody runs its scripts by opening it.
var evidenceKinds = map[string]string{
	"exchange": "txt", "observation": "txt", "screenshot": "png", "zone": "txt",
	"link": "txt", "dom": "txt", "console": "txt",
}

// Item is a piece of evidence before it is recorded.
type Item struct {
	// Kind is exchange, observation, screenshot, zone, link, dom or console.
	Kind string
	// Title says what it shows, in one line.
	Title string
	// Content is text in UTF-8, or PNG or JPEG for a screenshot.
	Content []byte
}

// Store records evidence under the digest of its content, without secrets.
// Several stores, also of several processes, may share one folder. Its methods
// may be called from several goroutines.
type Store struct {
	// Budget is how many bytes are kept in full; 0 means DefaultBudget. What
	// comes later is kept as a digest.
	Budget int64

	path     string
	files    files
	redactor *Redactor

	mu    sync.Mutex
	have  map[string]bool
	spent int64
	over  int
	temp  int
	err   error
}

// OpenStore opens the store below the folder of a report, which must be there.
// A child process uses it; the parent has Dir.Store.
func OpenStore(out string, redactor *Redactor) (*Store, error) {
	root, err := openFolder(out)
	if err != nil {
		return nil, fmt.Errorf("the folder for evidence cannot be opened: %w", err)
	}
	return newStore(out, root, redactor), nil
}

func newStore(path string, f files, redactor *Redactor) *Store {
	return &Store{path: path, files: f, redactor: redactor, have: map[string]bool{}}
}

// Close releases the folder.
func (s *Store) Close() error { return s.files.close() }

// Keep records what belongs to res and puts the references into res.Evidence.
// The content is kept in full when the result is a finding or could not be
// told (fail, warning, inconclusive, harness-error) and for the exemplar of
// each case. Of the rest nothing is kept: one digest over all of it, in
// res.EvidenceSHA256, tells whether two runs saw the same. Digests are of the
// content without secrets. An error, of a full disk for instance, is returned by this
// and every later call; the reference then has no File.
func (s *Store) Keep(res *Result, items ...Item) error {
	res.SawSHA256 = saw(res.SawSHA256, items)
	full := res.Exemplar
	switch res.Outcome {
	case Fail, Warning, Inconclusive, HarnessError:
		full = true
	}
	for _, item := range items {
		e, err := s.keep(item, full)
		if err != nil {
			return err
		}
		if full {
			res.Evidence = append(res.Evidence, e)
		} else {
			res.EvidenceSHA256 = chain(res.EvidenceSHA256, e)
		}
	}
	return s.failed()
}

// maxEvidenceTitle bounds a title, in characters: a case may send a URL of a
// megabyte, which the content holds.
const maxEvidenceTitle = 300

// chain adds a piece of evidence to a digest over those before it: SHA-256 of
// the digest so far, the kind, the title and the piece's own digest, a line each.
func chain(before string, e Evidence) string {
	sum := sha256.Sum256([]byte(before + "\n" + e.Kind + "\n" + e.Title + "\n" + e.SHA256 + "\n"))
	return hex.EncodeToString(sum[:])
}

func (s *Store) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Over returns how many items were kept as a digest because the budget was
// used up.
func (s *Store) Over() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

func (s *Store) keep(item Item, full bool) (Evidence, error) {
	e := Evidence{Kind: item.Kind, Title: shorten(s.redactor.Text(item.Title), maxEvidenceTitle)}
	ext, ok := evidenceKinds[item.Kind]
	if !ok {
		return Evidence{}, fmt.Errorf("evidence %q: unknown kind %q", e.Title, item.Kind)
	}
	content := item.Content
	switch {
	case item.Kind == "screenshot":
		switch http.DetectContentType(content) {
		case "image/png":
		case "image/jpeg":
			ext = "jpg"
		default:
			return Evidence{}, fmt.Errorf("evidence %q: the screenshot is neither PNG nor JPEG", e.Title)
		}
	case !utf8.Valid(content):
		// Compressed or binary: nobody can see whether it holds a secret.
		full = false
		e.Title += " (not text; digest only)"
	default:
		content = []byte(s.redactor.Text(string(content)))
	}
	sum := sha256.Sum256(content)
	e.SHA256, e.Bytes = hex.EncodeToString(sum[:]), len(content)
	if full {
		if name := EvidenceFolder + "/" + e.SHA256 + "." + ext; s.save(name, content) {
			e.File = name
		}
	}
	return e, nil
}

// save writes content unless it is there, and reports whether it is now.
func (s *Store) save(name string, content []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have[name] {
		return true
	}
	budget := s.Budget
	if budget == 0 {
		budget = DefaultBudget
	}
	switch {
	case s.err != nil:
		return false
	case s.spent+int64(len(content)) > budget:
		s.over++
		return false
	}
	s.temp++
	// The name tells this process and this write from others that may be at
	// the same content.
	unique := fmt.Sprintf("%s.%x%04x", name, os.Getpid(), s.temp)
	err := s.files.mkdir(EvidenceFolder)
	if err == nil && !s.files.exists(name) {
		err = writeUnder(s.files, unique, name, content)
	}
	// Another process may have been quicker; Windows then refuses the rename.
	if err != nil && !s.files.exists(name) {
		s.err = unwritable(s.path, "evidence", err)
		return false
	}
	s.have[name] = true
	s.spent += int64(len(content))
	return true
}

func writeUnder(f files, temp, name string, content []byte) error {
	out, err := f.create(temp + ".tmp")
	if err != nil {
		return err
	}
	n, err := out.Write(content)
	if err == nil && n < len(content) {
		err = io.ErrShortWrite
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = f.rename(temp+".tmp", name)
	}
	if err != nil {
		_ = f.remove(temp + ".tmp")
	}
	return err
}
