package profile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
)

// TestCorpus judges every template of $DC_TEMPLATES for every profile, prints
// the counts, and holds what follows from a template alone.
func TestCorpus(t *testing.T) {
	folder := os.Getenv("DC_TEMPLATES")
	if folder == "" {
		t.Skip("DC_TEMPLATES is not set, so no real template is judged")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no templates: %v", folder, err)
	}
	all, err := profiles.All()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]map[reports.ProfileVerdict]int{}
	read := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tmpl, err := dc.Parse(filepath.Base(file), data)
		if err != nil {
			continue
		}
		read++
		for _, p := range all {
			j := Judge(tmpl, p)
			if counts[p.Name] == nil {
				counts[p.Name] = map[reports.ProfileVerdict]int{}
			}
			counts[p.Name][j.Verdict]++
			unsigned := tmpl.SyncPubKeyDomain == ""
			if unsigned && p.Fact(profiles.SignedAlways).Is == profiles.Yes && j.Verdict != reports.ProfileRefused {
				t.Errorf("%s: unsigned, and %s at %s", file, j.Verdict, p.Name)
			}
			if j.Verdict != reports.ProfileAccepted && len(j.Reasons) == 0 {
				t.Errorf("%s: %s at %s for no reason", file, j.Verdict, p.Name)
			}
		}
	}
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, "\n%-16s", p.Name)
		sum := 0
		for _, v := range reports.ProfileVerdicts() {
			fmt.Fprintf(&b, "%6d %s", counts[p.Name][v], v)
			sum += counts[p.Name][v]
		}
		if sum != read {
			t.Errorf("%s has judged %d of %d", p.Name, sum, read)
		}
	}
	t.Logf("%d templates of %d files%s", read, len(files), b.String())
}
