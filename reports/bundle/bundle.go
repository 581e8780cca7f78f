// Package bundle binds a report to what it is about, so that a reviewer can
// tell whether a byte of it, or of a template, has changed since the run.
//
// A bundle is a report's folder with a manifest in it: the digest of every
// file, and of the canonical JSON (RFC 8785) of every template. The manifest may
// be signed. It proves that nothing was changed, and who signed; not that the
// run took place as it says: whoever has the tool can make a bundle.
package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gowebpki/jcs"

	"github.com/dcconform/dcconform/reports"
)

// The files that make a bundle of a report's folder.
const (
	// File is the manifest, in canonical JSON.
	File = "bundle.json"
	// SignatureFile holds the signature over the bytes of File in base64.
	SignatureFile = "bundle.sig"
)

// SchemaVersion is the version of the manifest.
const SchemaVersion = 1

// SelfAsserted is what every manifest says of itself.
const SelfAsserted = "self-asserted: whoever ran the tool made this bundle; nobody else has checked it"

// outside are files of the folder that are not part of the report: the bundle
// itself, the mark of the folder, and the ledger of what a run left at a
// provider, which goes on changing while that is cleaned up.
var outside = []string{File, SignatureFile, ".dcconform", "created.jsonl"}

// Manifest is what a bundle is about. Every member is covered by the signature.
type Manifest struct {
	Schema      int             `json:"schema"`
	Tool        string          `json:"tool"`
	ToolVersion string          `json:"toolVersion"`
	Subject     reports.Subject `json:"subject"`
	Edition     string          `json:"edition"`
	Profile     string          `json:"profile"`
	Scope       reports.Scope   `json:"scope"`
	Verdict     reports.Verdict `json:"verdict"`
	// Selftest is the score of the build in the fault matrix; nil where the
	// build does not know it.
	Selftest  *reports.Score `json:"selftest"`
	Templates []Template     `json:"templates"`
	// Files has the SHA-256 of each file in hexadecimal, by its slash-separated
	// path.
	Files     map[string]string `json:"files"`
	Assertion string            `json:"assertion"`
	// Signer is nil on a bundle without a signature.
	Signer *Signer `json:"signer"`
}

// Template binds a template.
type Template struct {
	Key string `json:"key"`
	// SHA256 is over the bytes of the file, CanonicalSHA256 over its canonical
	// JSON; "" when it has none.
	SHA256          string `json:"sha256"`
	CanonicalSHA256 string `json:"canonicalSHA256"`
}

// Signer says with what a manifest was signed.
type Signer struct {
	Algorithm string `json:"algorithm"`
	// PublicKey is the SubjectPublicKeyInfo in base64.
	PublicKey string `json:"publicKey"`
}

// ErrNotWhole is returned by Seal for a run that was filtered or did not come
// to its end.
var ErrNotWhole = errors.New("only a finished run of the whole plan can be bundled")

// Digest is the SHA-256 over the canonical JSON of a template, in hexadecimal.
func Digest(data []byte) (string, error) {
	canonical, err := jcs.Transform(data)
	if err != nil {
		return "", err
	}
	return sum(canonical), nil
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}

// Seal makes a bundle of the finished report in a folder, signed when key is
// not nil. A bundle that is there already is replaced.
func Seal(dir string, key *Key) (err error) {
	r, err := reports.Open(dir)
	if err != nil {
		return err
	}
	if r.Scope != reports.ScopeFull || r.State != reports.StateFinished {
		return ErrNotWhole
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	m := manifestOf(r)
	if m.Files, err = digests(root); err != nil {
		return err
	}
	if key != nil {
		m.Signer = key.signer()
	}
	text, err := canonical(m)
	if err != nil {
		return err
	}
	if err := root.Remove(SignatureFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if key != nil {
		signature, err := key.sign(text)
		if err != nil {
			return fmt.Errorf("the bundle cannot be signed: %w", err)
		}
		if err := root.WriteFile(SignatureFile, []byte(base64.StdEncoding.EncodeToString(signature)+"\n"), 0o644); err != nil {
			return err
		}
	}
	return root.WriteFile(File, text, 0o644)
}

// manifestOf is what a report says of itself.
func manifestOf(r *reports.Run) *Manifest {
	m := &Manifest{Schema: SchemaVersion, Tool: r.Tool, ToolVersion: r.ToolVersion, Subject: r.Subject, Edition: r.Edition, Profile: r.Profile,
		Scope: r.Scope, Verdict: r.Verdict, Selftest: r.Selftest, Templates: []Template{}, Assertion: SelfAsserted}
	for _, t := range r.Templates {
		m.Templates = append(m.Templates, Template{t.Key, t.SHA256, t.CanonicalSHA256})
	}
	return m
}

func canonical(m *Manifest) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(text)
}

// digests reads every file of the report. What is no file, such as a symbolic
// link, cannot be bound.
func digests(root *os.Root) (map[string]string, error) {
	files := map[string]string{}
	err := fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() || slices.Contains(outside, name):
			return nil
		case !e.Type().IsRegular():
			return fmt.Errorf("%s: no plain file; take it out of the folder", name)
		}
		data, err := root.ReadFile(filepath.FromSlash(name))
		files[name] = sum(data)
		return err
	})
	return files, err
}

// read takes a manifest from a folder, with its bytes.
func read(root *os.Root) (*Manifest, []byte, error) {
	data, err := root.ReadFile(File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("there is no %s: only a finished run of the whole plan leaves one", File)
	} else if err != nil {
		return nil, nil, err
	}
	var head struct {
		Schema int    `json:"schema"`
		Tool   string `json:"tool"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, nil, fmt.Errorf("%s: not JSON: %w", File, err)
	}
	if head.Tool != reports.Tool {
		return nil, nil, fmt.Errorf("%s: the tool is %q; only bundles of %s can be checked", File, head.Tool, reports.Tool)
	}
	if head.Schema != SchemaVersion {
		return nil, nil, fmt.Errorf("%s: schema version %d; this version of %s reads %d", File, head.Schema, reports.Tool, SchemaVersion)
	}
	m := new(Manifest)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, nil, fmt.Errorf("%s: %s", File, strings.TrimPrefix(err.Error(), "json: "))
	}
	return m, data, nil
}
