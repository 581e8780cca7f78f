package certify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Source is one template file as read.
type Source struct {
	// File is the path as the user would write it; "-" is standard input.
	File string `json:"file"`
	// Key is what results refer to; see Name.
	Key string `json:"key"`
	// Data is the content.
	Data []byte `json:"data"`
}

// maxFileBytes bounds what is read at all; the parser has a tighter limit of
// its own with a better message.
const maxFileBytes = 16 << 20

// ErrNoTemplates says that a path was readable and held no template: nothing
// to judge, which is never a success.
var ErrNoTemplates = errors.New("no template files")

// Read reads the templates that the paths name: files, folders (their *.json,
// with sub-folders, in order of path), and "-" for in.
func Read(paths []string, in io.Reader) ([]Source, error) {
	var sources []Source
	for _, path := range paths {
		if path == "-" {
			data, err := readAll(in)
			if err != nil {
				return nil, fmt.Errorf("standard input: %w", err)
			}
			sources = append(sources, Source{File: "-", Data: data})
			continue
		}
		found, err := readPath(path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, found...)
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("%w: no path was given", ErrNoTemplates)
	}
	return sources, nil
}

func readPath(path string) ([]Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: there is no such file or folder; name a template or a folder of templates", path)
	}
	if !info.IsDir() {
		s, err := readFile(path)
		return []Source{s}, err
	}
	var files []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != path && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case !d.IsDir() && strings.EqualFold(filepath.Ext(p), ".json"):
			files = append(files, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: the folder %s holds no *.json file", ErrNoTemplates, path)
	}
	sort.Strings(files)
	sources := make([]Source, 0, len(files))
	for _, f := range files {
		s, err := readFile(f)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

func readFile(path string) (Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return Source{}, err
	}
	defer f.Close()
	data, err := readAll(f)
	if err != nil {
		return Source{}, fmt.Errorf("%s: %w", path, err)
	}
	return Source{File: path, Data: data}, nil
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("larger than %d bytes, which no template is", maxFileBytes)
	}
	return data, nil
}

// Name gives every source its key: the template's ids joined by a dot, or the
// file's path when it is no template; a second file with the same ids gets its
// path added, so that keys are unique.
func Name(sources []Source) {
	seen := map[string]bool{}
	for i := range sources {
		s := &sources[i]
		key := filepath.ToSlash(s.File)
		if t, err := dc.Parse(s.File, s.Data); err == nil {
			key = t.ID().String()
		}
		if seen[key] {
			key += "@" + filepath.ToSlash(s.File)
		}
		for n := 2; seen[key]; n++ {
			key = fmt.Sprintf("%s#%d", strings.TrimRight(key, "#0123456789"), n)
		}
		seen[key] = true
		s.Key = key
	}
}
