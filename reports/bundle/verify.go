package bundle

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// Given is a template that a bundle is held against.
type Given struct {
	// Name is what messages call it, a path.
	Name string
	Data []byte
}

// Options say how a bundle is checked.
type Options struct {
	// Key is whose signature is wanted; nil takes any or none, and the bundle is
	// then self-asserted.
	Key *PublicKey
	// KeyName is what messages call it, a path.
	KeyName string
	// Reformatted accepts a template whose bytes have changed and whose
	// canonical JSON has not.
	Reformatted bool
}

// Checked is what the check of a bundle has found.
type Checked struct {
	Manifest *Manifest
	// Problems name what has changed; none is a sound bundle.
	Problems []string
	// Asserted says who stands behind the bundle, in a sentence.
	Asserted string
}

// Verify holds the bundle in a folder against its manifest and against
// templates. An error means that there is no bundle that could be checked.
func Verify(dir string, given []Given, o Options) (*Checked, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%s is no folder that a run has written (%w): name the --out folder of a run", dir, err)
	}
	defer func() { _ = root.Close() }()
	m, text, err := read(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	c := &Checked{Manifest: m}
	c.signature(root, text, o)
	if err := c.files(root); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	c.report(dir)
	c.templates(given, o.Reformatted)
	return c, nil
}

func (c *Checked) wrong(format string, args ...any) {
	c.Problems = append(c.Problems, fmt.Sprintf(format, args...))
}

// signature finds out who stands behind the manifest.
func (c *Checked) signature(root *os.Root, text []byte, o Options) {
	signed, err := root.ReadFile(SignatureFile)
	none := errors.Is(err, fs.ErrNotExist)
	c.Asserted = "Self-asserted: it is not signed, and anybody can make such a bundle."
	switch {
	case none && c.Manifest.Signer != nil:
		c.wrong("%s: the bundle says that it is signed, and there is no signature", SignatureFile)
		return
	case none && o.Key != nil:
		c.wrong("%s: the bundle is not signed, and a signature by %s is wanted", SignatureFile, o.KeyName)
		return
	case none:
		return
	case err != nil:
		c.wrong("%s: %v", SignatureFile, err)
		return
	case c.Manifest.Signer == nil:
		c.wrong("%s: there is a signature, and the bundle says that it has none", SignatureFile)
		return
	}
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(signed)))
	if err != nil {
		c.wrong("%s: not base64", SignatureFile)
		return
	}
	own, err := ownKey(c.Manifest.Signer)
	if err != nil {
		c.wrong("%s: signer: %v", File, err)
		return
	}
	by := own
	if o.Key != nil {
		by = o.Key
	}
	if !bytes.Equal(by.spki, own.spki) {
		c.wrong("%s: signed by another key (SHA-256 %s) than %s (SHA-256 %s)", SignatureFile, own.Fingerprint(), o.KeyName, by.Fingerprint())
		return
	}
	if !by.verify(text, signature) {
		c.wrong("%s: it is not the signature of %s by this key: one of the two has changed", SignatureFile, File)
		return
	}
	if o.Key != nil {
		c.Asserted = fmt.Sprintf("Signed by the key in %s (SHA-256 %s).", o.KeyName, by.Fingerprint())
		return
	}
	c.Asserted = fmt.Sprintf("Self-asserted: it is signed by a key that only the bundle itself names (SHA-256 %s), and anybody can make such a bundle; give the key that you trust with --key.", own.Fingerprint())
}

// ownKey is the key that a manifest names for itself.
func ownKey(s *Signer) (*PublicKey, error) {
	spki, err := base64.StdEncoding.DecodeString(s.PublicKey)
	if err != nil {
		return nil, errors.New("the public key is not base64")
	}
	key, err := parsePublic(spki)
	if err != nil {
		return nil, err
	}
	if key.algorithm != s.Algorithm {
		return nil, fmt.Errorf("the algorithm is %q, and the key is for %s", s.Algorithm, key.algorithm)
	}
	return key, nil
}

// files holds every file against its digest. A file more is a change, too.
func (c *Checked) files(root *os.Root) error {
	have, err := digests(root)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Manifest.Files)) {
		switch digest, ok := have[name]; {
		case !ok:
			c.wrong("%s: the file is gone", name)
		case digest != c.Manifest.Files[name]:
			c.wrong("%s: the file has changed", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := c.Manifest.Files[name]; !ok {
			c.wrong("%s: the file is not part of the bundle", name)
		}
	}
	return nil
}

// report holds what the manifest says of the report against the report.
func (c *Checked) report(dir string) {
	if _, ok := c.Manifest.Files[reports.ReportFile]; !ok {
		c.wrong("%s: the bundle does not bind it", reports.ReportFile)
		return
	}
	r, err := reports.Open(dir)
	if err != nil {
		c.wrong("%s: %v", reports.ReportFile, err)
		return
	}
	want := manifestOf(r)
	want.Files, want.Signer = c.Manifest.Files, c.Manifest.Signer
	if !reflect.DeepEqual(want, c.Manifest) {
		c.wrong("%s: it does not say what %s says", File, reports.ReportFile)
	}
	if r.Scope != reports.ScopeFull || r.State != reports.StateFinished {
		c.wrong("%s: %v", reports.ReportFile, ErrNotWhole)
	}
}

// templates holds the templates that were given against those of the report,
// each way: one that nobody gave has not been compared.
func (c *Checked) templates(given []Given, reformatted bool) {
	seen := map[string]bool{}
	for _, g := range given {
		digest := sum(g.Data)
		canonical, err := Digest(g.Data)
		if err != nil {
			canonical = ""
		}
		key, same := "", false
		for _, t := range c.Manifest.Templates {
			switch {
			case t.SHA256 == digest:
				key, same = t.Key, true
			case !same && canonical != "" && t.CanonicalSHA256 == canonical:
				key = t.Key
			}
		}
		switch {
		case key == "":
			c.wrong("%s: the report is not about this file, or the file has changed since", g.Name)
			continue
		case !same && !reformatted:
			c.wrong("%s: the bytes of the file have changed, though not what it says (its canonical JSON is the same); --reformatted accepts that", g.Name)
		}
		seen[key] = true
	}
	for _, t := range c.Manifest.Templates {
		if !seen[t.Key] {
			c.wrong("%s: the template is in the report and was not found among those given", t.Key)
		}
	}
}
