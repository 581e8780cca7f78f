package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func openStore(t *testing.T, red *Redactor) (string, *Store) {
	t.Helper()
	out := t.TempDir()
	s, err := OpenStore(out, red)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return out, s
}

// The digest over one piece of evidence, and over the same piece twice.
const (
	onePiece  = "0f94f518085b986f9244eb30a317c92adf9fe91669863db4c77dc3f1a6fd900e"
	twoPieces = "b00ac5ebaab5306476093ea0e443046222c6e2fccbb05c9926d3ad678b2cf3a5"
)

// The digest is over all pieces in their order, however many calls brought them.
func TestDigestOverAllThatIsNotKept(t *testing.T) {
	_, s := openStore(t, nil)
	piece := Item{Kind: "observation", Title: "www A", Content: []byte("192.0.2.1")}
	other := Item{Kind: "observation", Title: "www A", Content: []byte("192.0.2.2")}
	digest := func(calls ...[]Item) string {
		res := result(planned("a", SubjectTemplate, MUST), Pass)
		for _, items := range calls {
			if err := s.Keep(&res, items...); err != nil {
				t.Fatal(err)
			}
		}
		return res.EvidenceSHA256
	}
	if got := digest([]Item{piece, piece}); got != twoPieces {
		t.Errorf("two pieces: %s", got)
	}
	if got := digest([]Item{piece}, []Item{piece}); got != twoPieces {
		t.Errorf("two calls: %s", got)
	}
	if got := digest(); got != "" {
		t.Errorf("nothing: %s", got)
	}
	all := map[string]bool{}
	for _, items := range [][]Item{{piece}, {other}, {piece, other}, {other, piece},
		{{Kind: "zone", Title: "www A", Content: piece.Content}}, {{Kind: "observation", Title: "www B", Content: piece.Content}}} {
		all[digest(items)] = true
	}
	if len(all) != 6 {
		t.Errorf("%d digests for 6 sorts of evidence", len(all))
	}
}

func TestWhatIsKeptInFull(t *testing.T) {
	for _, tc := range []struct {
		outcome  Outcome
		exemplar bool
		full     bool
	}{
		{Pass, false, false}, {Pass, true, true},
		{NotApplicable, false, false}, {NotApplicable, true, true},
		{Blocked, false, false}, {Blocked, true, true},
		{Fail, false, true}, {Warning, false, true}, {Inconclusive, false, true}, {HarnessError, false, true},
	} {
		out, s := openStore(t, nil)
		p := planned("a", SubjectTemplate, MUST)
		p.Exemplar = tc.exemplar
		res := result(p, tc.outcome)
		if err := s.Keep(&res, Item{Kind: "observation", Title: "www A", Content: []byte("192.0.2.1")}); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte("192.0.2.1"))
		digest := hex.EncodeToString(sum[:])
		want := Evidence{Kind: "observation", Title: "www A", SHA256: digest, File: "evidence/" + digest + ".txt", Bytes: 9}
		switch {
		case tc.full && (len(res.Evidence) != 1 || res.Evidence[0] != want || res.EvidenceSHA256 != ""):
			t.Errorf("%s, exemplar %t: %+v, want %+v", tc.outcome, tc.exemplar, res, want)
		case !tc.full && (len(res.Evidence) != 0 || res.EvidenceSHA256 != onePiece):
			t.Errorf("%s, exemplar %t: %+v, want the digest alone", tc.outcome, tc.exemplar, res)
		}
		files := names(t, out)
		if tc.full {
			content, err := os.ReadFile(filepath.Join(out, "evidence", digest+".txt"))
			if err != nil || string(content) != "192.0.2.1" {
				t.Errorf("%s: content %q, %v", tc.outcome, content, err)
			}
		} else if len(files) != 0 {
			t.Errorf("%s, exemplar %t: files %v", tc.outcome, tc.exemplar, files)
		}
	}
}

func TestEvidenceIsKeptOnceAndOfItsKind(t *testing.T) {
	out, s := openStore(t, redactor(t, "hunter22"))
	res := result(planned("a", SubjectTemplate, MUST), Fail)
	jpeg := []byte("\xff\xd8\xff\xe0\x00\x10JFIF hunter22")
	if err := s.Keep(&res,
		Item{"link", "sent", []byte("https://a/?password=hunter22")},
		Item{"link", "sent again", []byte("https://a/?password=hunter22")},
		Item{"screenshot", "consent", picture(t)},
		Item{"screenshot", "result", jpeg},
		Item{"exchange", "body with hunter22", []byte("\x1f\x8b\x08\xff")},
	); err != nil {
		t.Fatal(err)
	}
	e := res.Evidence
	if e[0].SHA256 != e[1].SHA256 || e[0].File != e[1].File {
		t.Errorf("kept twice: %+v, %+v", e[0], e[1])
	}
	if sum := sha256.Sum256([]byte("https://a/?password=" + Redacted)); e[0].SHA256 != hex.EncodeToString(sum[:]) {
		t.Error("the digest is not of the text without the secret")
	}
	if !strings.HasSuffix(e[2].File, ".png") || !strings.HasSuffix(e[3].File, ".jpg") {
		t.Errorf("screenshots are %s, %s", e[2].File, e[3].File)
	}
	if e[4].File != "" || e[4].Title != "body with [redacted] (not text; digest only)" || e[4].Bytes != 4 {
		t.Errorf("binary content: %+v", e[4])
	}
	if files := names(t, out); len(files) != 3 {
		t.Errorf("files %v", files)
	}
	for _, ev := range e {
		if ev.File != "" && !evidenceName.MatchString(filepath.Base(ev.File)) {
			t.Errorf("%s would not be removed by the next run", ev.File)
		}
	}
}

func TestEvidenceThatIsRefused(t *testing.T) {
	_, s := openStore(t, redactor(t, "hunter22"))
	for want, item := range map[string]Item{
		`evidence "of [redacted]": unknown kind "movie"`:                  {"movie", "of hunter22", nil},
		`evidence "a [redacted]": the screenshot is neither PNG nor JPEG`: {"screenshot", "a hunter22", []byte("<html>hunter22")},
		`evidence "an empty one": the screenshot is neither PNG nor JPEG`: {"screenshot", "an empty one", nil},
	} {
		res := result(planned("a", SubjectTemplate, MUST), Fail)
		if err := s.Keep(&res, item); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if len(res.Evidence) != 0 {
			t.Errorf("%+v", res.Evidence)
		}
	}
	if _, err := OpenStore(filepath.Join(t.TempDir(), "nowhere"), nil); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "the folder for evidence cannot be opened: ") {
		t.Errorf("error %v", err)
	}
}

func TestBudget(t *testing.T) {
	out, s := openStore(t, nil)
	s.Budget = 10
	keep := func(text string) bool {
		res := result(planned("a", SubjectTemplate, MUST), Fail)
		if err := s.Keep(&res, Item{"zone", "z", []byte(text)}); err != nil {
			t.Fatal(err)
		}
		if len(res.Evidence[0].SHA256) != 64 {
			t.Errorf("no digest: %+v", res.Evidence[0])
		}
		return res.Evidence[0].File != ""
	}
	for _, step := range []struct {
		text string
		full bool
	}{{"123456", true}, {"12345", false}, {"123456", true}, {"1234", true}, {"x", false}} {
		if got := keep(step.text); got != step.full {
			t.Errorf("%s: kept in full %t, want %t", step.text, got, step.full)
		}
	}
	if s.Over() != 2 || len(names(t, out)) != 2 {
		t.Errorf("%d over, files %v", s.Over(), names(t, out))
	}
}

// Children of a run write into one folder, often the same content.
func TestManyStoresInOneFolder(t *testing.T) {
	out := t.TempDir()
	var wg sync.WaitGroup
	contents := []string{"one", "two", "three", strings.Repeat("long ", 100_000)}
	for range 8 {
		s, err := OpenStore(out, nil)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer s.Close()
			for _, text := range contents {
				res := result(planned("a", SubjectTemplate, MUST), Fail)
				if err := s.Keep(&res, Item{"zone", "z", []byte(text)}); err != nil || res.Evidence[0].File == "" {
					t.Errorf("%v, %+v", err, res.Evidence)
				}
			}
		})
	}
	wg.Wait()
	var got []string
	for _, name := range names(t, out) {
		content, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if want := "evidence/" + hex.EncodeToString(sum[:]) + ".txt"; name != want {
			t.Errorf("%s holds content of %s", name, want)
		}
		got = append(got, string(content))
	}
	slices.Sort(got)
	slices.Sort(contents)
	if !slices.Equal(got, contents) {
		t.Errorf("%d files", len(got))
	}
}

// The first failure stays: what comes later is not pretended to be kept.
func TestStoreThatFailedStaysFailed(t *testing.T) {
	out, disk := onFullDisk(t, "write", "evidence/")
	s := newStore(out, disk, nil)
	for i := range 2 {
		res := result(planned("a", SubjectTemplate, MUST), Fail)
		err := s.Keep(&res, Item{"zone", "z", bytes.Repeat([]byte("x"), i+2)})
		if want := out + ": cannot write evidence: write evidence/"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s…", err, want)
		}
		if res.Evidence[0].File != "" || res.Evidence[0].SHA256 == "" {
			t.Errorf("%+v", res.Evidence)
		}
		disk.call = "" // the disk has room again
	}
	if files := names(t, out); len(files) != 0 {
		t.Errorf("left: %v", files)
	}
}
