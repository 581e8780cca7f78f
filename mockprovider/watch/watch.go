// Package watch says when files may have changed, and knows nothing of what is
// in them.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quiet is how long nothing has to happen before changes are told: an editor
// that saves, or a checkout, is many events.
const quiet = 100 * time.Millisecond

// Watch watches files, and folders with what is below them; not folders whose
// names begin with a dot.
type Watch struct {
	paths   []string
	watcher *fsnotify.Watcher
}

// New begins to watch. What is watched is the folder that a file is in, since
// many editors replace a file instead of writing to it. The caller ends it
// with Close.
func New(paths []string) (*Watch, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("files cannot be watched: %w", err)
	}
	w := &Watch{paths: paths, watcher: watcher}
	if err := w.add(); err != nil {
		return nil, errors.Join(err, watcher.Close())
	}
	return w, nil
}

// add watches every folder that is there now; watching one again does nothing.
func (w *Watch) add() error {
	for _, path := range w.paths {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			// A file that has been moved away may come back.
			if err := w.watcher.Add(filepath.Dir(path)); err != nil {
				return fmt.Errorf("%s cannot be watched: %w", filepath.Dir(path), err)
			}
			continue
		}
		err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // gone since
			case err != nil:
				return err
			case !d.IsDir():
				return nil
			case p != path && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			}
			if err := w.watcher.Add(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s cannot be watched: %w", path, err)
		}
	}
	return nil
}

// Run calls changed after each change, once for all that come together, until
// the context ends. Other files of a watched folder count as well, so that
// whoever is called looks for himself. failed is told when something cannot be
// watched; what could be watched before goes on to be.
func (w *Watch) Run(ctx context.Context, changed func(), failed func(error)) {
	var silence <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-w.watcher.Events:
			if !ok {
				return
			}
			silence = time.After(quiet)
		case err, ok := <-w.watcher.Errors:
			if !ok {
				return
			}
			// Events were lost: anything may have changed.
			silence = time.After(quiet)
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				failed(err)
			}
		case <-silence:
			silence = nil
			if err := w.add(); err != nil {
				failed(err)
			}
			changed()
		}
	}
}

// Close ends watching, and Run.
func (w *Watch) Close() error { return w.watcher.Close() }
