package catalogue

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/register"
)

var update = flag.Bool("update", false, "write suites/COVERAGE.md anew")

func loaded(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The page is what the program says: whoever adds a case or a fault sees what
// it closes, and whoever takes one away what it opens.
func TestTheCoveragePageIsUpToDate(t *testing.T) {
	const file = "../COVERAGE.md"
	var b bytes.Buffer
	if err := loaded(t).WriteCoverage(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./suites/catalogue -update writes it", err)
	}
	if diff := cmp.Diff(string(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))), b.String()); diff != "" {
		t.Errorf("suites/COVERAGE.md is out of date; go test ./suites/catalogue -update writes it anew: -page +program\n%s", diff)
	}
}

func TestMainSection(t *testing.T) {
	for _, tc := range []struct {
		edition       register.Edition
		section, want string
	}{
		{register.IETF05, "8.3.2.1, 8.3.4", "8.3.2.1"},
		{register.IETF05, "8.3.4 (6), 11.3", "8.3.4"},
		{register.IETF05, "7.2 Table 2", "7.2"},
		{register.IETF05, "A.6", "A.6"},
		{register.DCSpec23, "Template Definition, Digitally Sign Requests", "Template Definition"},
		{register.DCSpec23, "Apply, Re-apply, and Multi-Instance", "Apply, Re-apply, and Multi-Instance"},
		{register.DCSpec23, "OAuth Flow: Setup", "OAuth Flow: Setup"},
	} {
		if got := MainSection(tc.edition, tc.section); got != tc.want {
			t.Errorf("%s %q: %q, want %q", tc.edition, tc.section, got, tc.want)
		}
	}
}

func TestSectionsAreInTheirOrder(t *testing.T) {
	order := []string{"3", "6.1", "6.1.1", "6.2", "9.4", "10.2", "10.4", "10.4.1.1", "12.1", "A.6"}
	for i := range order {
		for j := range order {
			got := compareSections(order[i], order[j])
			if (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%s and %s: %d", order[i], order[j], got)
			}
		}
	}
}
