package reports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// files is what a report needs of the folder it lives in. The tests put a full
// disk behind it.
type files interface {
	// create opens a file for writing and empties it.
	create(name string) (file, error)
	// append opens a file for writing at its end.
	append(name string) (file, error)
	rename(from, to string) error
	remove(name string) error
	read(name string) ([]byte, error)
	exists(name string) bool
	list(name string) ([]fs.DirEntry, error)
	mkdir(name string) error
	// settle makes renames durable, where the system can.
	settle() error
	close() error
}

type file interface {
	io.WriteCloser
	Sync() error
}

// folder is a real folder. os.Root keeps a symbolic link that somebody left in
// it from leading a write or a removal outside.
type folder struct{ root *os.Root }

func openFolder(path string) (folder, error) {
	root, err := os.OpenRoot(path)
	return folder{root}, err
}

func (f folder) create(name string) (file, error) {
	return f.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
}

func (f folder) append(name string) (file, error) {
	return f.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
}

func (f folder) rename(from, to string) error {
	return f.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to))
}

func (f folder) remove(name string) error { return f.root.Remove(filepath.FromSlash(name)) }

func (f folder) read(name string) ([]byte, error) { return f.root.ReadFile(filepath.FromSlash(name)) }

func (f folder) exists(name string) bool {
	info, err := f.root.Lstat(filepath.FromSlash(name))
	return err == nil && info.Mode().IsRegular()
}

func (f folder) list(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.root.FS(), name) }

func (f folder) mkdir(name string) error {
	err := f.root.Mkdir(filepath.FromSlash(name), 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// settle syncs the folder itself. Windows and some file systems cannot; a
// report that is there after a power cut is worth an attempt, not an error.
func (f folder) settle() error {
	if d, err := f.root.Open("."); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

func (f folder) close() error { return f.root.Close() }

// writeAtomically writes a whole file or leaves the old one as it was: under a
// temporary name first, made durable, then renamed.
func writeAtomically(f files, name string, durable bool, write func(io.Writer) error) error {
	temp := name + ".tmp"
	out, err := f.create(temp)
	if err != nil {
		return err
	}
	err = write(out)
	if err == nil && durable {
		err = out.Sync()
	}
	if closing := out.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = f.rename(temp, name)
	}
	if err != nil {
		_ = f.remove(temp)
		return err
	}
	if durable {
		return f.settle()
	}
	return nil
}

// unwritable says which folder failed and what to do, and keeps the cause.
func unwritable(path, what string, err error) error {
	return fmt.Errorf("%s: cannot write %s: %w; free some space there, or name another folder with --out", path, what, err)
}
