package run

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/reports"
)

// pageLimit is what a page about ten templates may have, in bytes: it goes by
// mail and into tickets.
const pageLimit = 2_000_000

func TestPageAboutTenTemplatesIsSmall(t *testing.T) {
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range files[:10] {
		path := filepath.Join(t.TempDir(), f.Name)
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	certifiesSmall(t, paths)
}

func TestPageAboutTenRealTemplatesIsSmall(t *testing.T) {
	dir := os.Getenv("DC_TEMPLATES")
	if dir == "" {
		t.Skip("DC_TEMPLATES is not set: the page about ten real templates is not measured")
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(found) < 10 {
		t.Fatalf("%d templates in %s, %v", len(found), dir, err)
	}
	size := map[string]int64{}
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		size[path] = info.Size()
	}
	// The largest ones, which have most to tell.
	slices.SortFunc(found, func(a, b string) int { return int(size[b] - size[a]) })
	certifiesSmall(t, found[:10])
}

// certifiesSmall judges templates for every provider, and measures the page.
func certifiesSmall(t *testing.T, paths []string) {
	t.Helper()
	o := options(t, paths...)
	o.Profiles, o.Jobs = []string{"all"}, 0
	code, r, err := certifies(t.Context(), t, o)
	if err != nil || code != reports.ExitConformant && code != reports.ExitNonConformant {
		t.Fatalf("exit %d, %v", code, err)
	}
	if len(r.Templates) != 10 || len(r.Judgements) < 100 {
		t.Fatalf("%d templates, %d judgements by profiles: this measures something else", len(r.Templates), len(r.Judgements))
	}
	info, err := os.Stat(filepath.Join(o.Out, reports.HTMLFile))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases, %d judgements: %s has %d bytes", r.Planned, len(r.Judgements), reports.HTMLFile, info.Size())
	if info.Size() > pageLimit {
		t.Errorf("%s has %d bytes, want at most %d", reports.HTMLFile, info.Size(), pageLimit)
	}
}
