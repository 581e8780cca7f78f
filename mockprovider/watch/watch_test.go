package watch_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dcconform/dcconform/mockprovider/watch"
)

// watching runs a watch in the background of a test.
func watching(t *testing.T, paths ...string) (changed chan struct{}) {
	t.Helper()
	w, err := watch.New(paths)
	if err != nil {
		t.Fatal(err)
	}
	changed = make(chan struct{}, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(t.Context(), func() { changed <- struct{}{} }, func(err error) { t.Error(err) })
	}()
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return changed
}

func await(t *testing.T, changed chan struct{}, what string) {
	t.Helper()
	select {
	case <-changed:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s was not seen", what)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A file is seen to change however an editor saves it, again and again.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	file, other := filepath.Join(dir, "a.json"), filepath.Join(dir, ".a.json.new")
	write(t, file, "1")
	changed := watching(t, file)
	write(t, file, "2")
	await(t, changed, "a write")
	for range 2 {
		write(t, other, "3")
		if err := os.Rename(other, file); err != nil {
			t.Fatal(err)
		}
		await(t, changed, "a file that was put in its place")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	await(t, changed, "its end")
	write(t, file, "4")
	await(t, changed, "its return")
}

// Folders that come later are watched as well.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	changed := watching(t, dir)
	below := filepath.Join(dir, "new", "newer")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	await(t, changed, "a folder")
	write(t, filepath.Join(below, "a.json"), "1")
	await(t, changed, "a file in it")
}

// A folder that is not there cannot be watched.
func TestNowhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "a.json")
	if _, err := watch.New([]string{path}); err == nil {
		t.Error("no error")
	}
}
