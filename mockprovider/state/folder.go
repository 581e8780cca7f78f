// Package state keeps what a mock provider knows in a folder, so that it is
// there again after a restart: zones, users, templates and which of them are
// under test, tenants and published keys. The journal, faults, scripts, sessions and the certificate are not
// kept: they belong to a run.
package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofrs/flock"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// The files of a folder.
const (
	// FileName is the state. It is readable by its owner alone.
	FileName = "state.json"
	// LockName is held by the process that keeps its state here.
	LockName = "lock"
	// partName is how a file begins that is being written.
	partName = ".state-"
)

// Folder is a folder that a mock keeps its state in. One process has it at a
// time.
type Folder struct {
	path string
	lock *flock.Flock
	// read is what was there when the folder was opened; nil is nothing.
	read *File

	// stop ends keeping; nil while nothing is kept.
	stop   chan struct{}
	keeper sync.WaitGroup
	// last writes once more at the end.
	last func() error
}

// Open takes a folder for this process and reads the state that is in it. A
// folder that is not there is made. A state file that is cut off, is no state
// file or comes from a newer version is an error, and is left as it is.
func Open(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the folder cannot be made: %w", err)
	}
	f := &Folder{path: path, lock: flock.New(filepath.Join(path, LockName), flock.SetPermissions(0o600))}
	mine, err := f.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("%s: the folder cannot be locked: %w", path, err)
	}
	if !mine {
		return nil, &BusyError{Path: path}
	}
	if err := f.open(); err != nil {
		return nil, errors.Join(err, f.lock.Close())
	}
	return f, nil
}

// BusyError says that another process keeps its state in the folder.
type BusyError struct{ Path string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s: another mock provider keeps its state here; end that one, or name another folder", e.Path)
}

// FileError says why a state file was not read. The file is as it was.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s: %v; it is left as it is: move it away to begin anew, or name another folder", e.File, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

func (f *Folder) open() error {
	if err := f.sweep(); err != nil {
		return err
	}
	text, err := os.ReadFile(f.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if f.read, err = decode(text); err != nil {
		return &FileError{f.file(), err}
	}
	return nil
}

// sweep takes away what a process that was killed has left half-written.
func (f *Folder) sweep() error {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), partName) {
			if err := os.Remove(filepath.Join(f.path, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Folder) file() string { return filepath.Join(f.path, FileName) }

// Found reports whether there was a state when the folder was opened.
func (f *Folder) Found() bool { return f.read != nil }

// Restore fills an empty store with what was found. authority is the mock's
// own host:port now.
func (f *Folder) Restore(s *store.Store, authority string) error {
	if f.read == nil {
		return nil
	}
	for i := range f.read.Tenants {
		if err := f.restoreTenant(s, &f.read.Tenants[i], authority); err != nil {
			return &FileError{f.file(), fmt.Errorf("tenant %q: %w", f.read.Tenants[i].Name, err)}
		}
	}
	for i := range f.read.Keys {
		z, err := f.read.Keys[i].parse()
		if err == nil {
			err = s.HostKeys(z)
		}
		if err != nil {
			return &FileError{f.file(), fmt.Errorf("keys: %w", err)}
		}
	}
	return nil
}

func (f *Folder) restoreTenant(s *store.Store, kept *Tenant, authority string) error {
	c, err := kept.config(f.read.Authority, authority)
	if err != nil {
		return err
	}
	discovery := c.Discovery
	if discovery == "" {
		discovery = authority + c.Prefix()
	}
	// The zones have what they had: one whose _domainconnect record was taken
	// out gets no new one.
	c.Discovery = store.NoDiscovery
	t, err := s.NewTenant(c)
	if err != nil {
		return err
	}
	return t.Reconfigure(func(c *store.TenantConfig) { c.Discovery = discovery })
}

// Keep writes the store's state now and after each change of it until Close;
// changes that come while one is written are written together. failed is told
// of each attempt to write that failed after this one; the next change tries
// again.
func (f *Folder) Keep(s *store.Store, authority string, failed func(error)) error {
	var written uint64
	write := func() error {
		number, _ := s.Generation()
		if err := f.write(take(s, authority)); err != nil {
			return err
		}
		written = number
		return nil
	}
	if err := write(); err != nil {
		return err
	}
	f.stop = make(chan struct{})
	f.last = func() error {
		if number, _ := s.Generation(); number == written {
			return nil
		}
		return write()
	}
	f.keeper.Go(func() {
		for {
			number, next := s.Generation()
			if number != written {
				if err := write(); err != nil {
					failed(err)
				} else {
					continue
				}
			}
			select {
			case <-next:
			case <-f.stop:
				return
			}
		}
	})
	return nil
}

// Close writes what has not been written, and gives the folder free.
func (f *Folder) Close() error {
	var err error
	if f.stop != nil {
		close(f.stop)
		f.keeper.Wait()
		f.stop = nil
		err = f.last()
	}
	return errors.Join(err, f.lock.Close())
}

// write replaces the state file. Whoever reads it, after whatever has
// happened, sees the file before or after.
func (f *Folder) write(state *File) error {
	text, err := json.Marshal(state, jsontext.WithIndent("  "))
	if err != nil {
		return fmt.Errorf("the state cannot be written: %w", err)
	}
	part, err := os.CreateTemp(f.path, partName+"*.json") // 0600
	if err != nil {
		return fmt.Errorf("the state cannot be written: %w", err)
	}
	_, err = part.Write(append(text, '\n'))
	if err == nil {
		err = part.Sync()
	}
	err = errors.Join(err, part.Close())
	if err == nil {
		err = os.Rename(part.Name(), f.file())
	}
	if err != nil {
		return fmt.Errorf("the state cannot be written: %w", errors.Join(err, os.Remove(part.Name())))
	}
	return f.settle()
}

// settle has the file system remember the new name. Windows has no such call
// for a folder, and does so by itself.
func (f *Folder) settle() error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("the state cannot be written: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("the state cannot be written: %w", err)
	}
	return nil
}
