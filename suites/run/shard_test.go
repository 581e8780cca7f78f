package run

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
)

func TestShardFlag(t *testing.T) {
	for text, want := range map[string]string{
		"":          "<nil>",
		"1/1":       "1/1",
		"2/3":       "2/3",
		"0/2":       "--shard 0/2: write which one of how many, counted from 1, such as 1/4",
		"2":         "--shard 2: write which one of how many, counted from 1, such as 1/4",
		"1/0":       "--shard 1/0: write which one of how many, counted from 1, such as 1/4",
		"-1/2":      "--shard -1/2: write which one of how many, counted from 1, such as 1/4",
		"1/2/3":     "--shard 1/2/3: write which one of how many, counted from 1, such as 1/4",
		" 1/2":      "--shard  1/2: write which one of how many, counted from 1, such as 1/4",
		"3/2":       "--shard 3/2: there are only 2 shards, counted from 1",
		"1/9999999": "--shard 1/9999999: write which one of how many, counted from 1, such as 1/4",
	} {
		got, err := parseShard(text)
		if said := fmt.Sprint(got); err != nil && err.Error() != want || err == nil && said != want {
			t.Errorf("%q: %s, %v", text, said, err)
		}
	}
}

// Cases that need each other stay together, and every case is in one shard.
func TestEveryCaseIsInOneShard(t *testing.T) {
	var scenarios []*check.Scenario
	var plan []reports.Planned
	for i := range 7 {
		sc := &check.Scenario{Name: fmt.Sprint("s", i), Checks: []check.Check{{Key: "first"}, {Key: "second"}}}
		scenarios = append(scenarios, sc)
		for j := range sc.Checks {
			if i != 3 { // a filter has left it out
				plan = append(plan, reports.Planned{ID: sc.ID(&sc.Checks[j])})
			}
		}
	}
	var got []string
	for i := range 4 {
		share, err := shardOf(&reports.Shard{Index: i + 1, Of: 4}, scenarios, plan)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, p := range share {
			ids = append(ids, p.ID)
		}
		got = append(got, strings.Join(ids, " "))
	}
	want := []string{"s0/first s0/second s5/first s5/second", "s1/first s1/second s6/first s6/second", "s2/first s2/second", "s4/first s4/second"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := shardOf(&reports.Shard{Index: 1, Of: 7}, scenarios, plan); err == nil || err.Error() != "--shard 1/7: the plan has only 6 parts that can run apart; use at most --shard 6/6" {
		t.Error(err)
	}
}

// The same seed: one run, and three shards of it joined, leave the same report,
// and the pages that are made of it show the same evidence.
func TestShardsJoinedAreTheRun(t *testing.T) {
	path := template(t, t.TempDir())
	o := options(t, path)
	code, _, err := certifies(t.Context(), t, o)
	if err != nil || code != 0 {
		t.Fatalf("exit %d, %v", code, err)
	}
	m := MergeOptions{Out: filepath.Join(t.TempDir(), "joined"), Stdout: o.Stdout, Stderr: o.Stderr}
	for i := range 3 {
		part := options(t, path)
		part.Shard = fmt.Sprintf("%d/3", i+1)
		code, r, err := certifies(t.Context(), t, part)
		if err != nil || code != 0 || r.Scope != reports.ScopeFiltered || r.Planned == 0 || len(r.WholePlan) <= r.Planned {
			t.Fatalf("shard %d: exit %d, %v, %+v", i+1, code, err, r)
		}
		m.Dirs = append(m.Dirs, part.Out)
	}
	if code, err := Merge(m); code != 0 || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	if diff := cmp.Diff(projection(t, o.Out), projection(t, m.Out)); diff != "" {
		t.Errorf("-one run +joined\n%s", diff)
	}
	if said := fmt.Sprint(o.Stderr); strings.Contains(said, "pieces of evidence") {
		t.Error(said)
	}
	joined, err := reports.Open(m.Out)
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, res := range joined.Results {
		for _, e := range res.Evidence {
			if e.File != "" {
				files++
			}
		}
	}
	if held, err := filepath.Glob(filepath.Join(m.Out, reports.EvidenceFolder, "*")); err != nil || files == 0 || len(held) == 0 || len(held) > files {
		t.Errorf("%d files of evidence for %d pieces, %v", len(held), files, err)
	}
	// Without one of them nothing is green, and it is said what to run.
	m.Dirs = m.Dirs[:2]
	if code, err := Merge(m); code != reports.ExitInconclusive || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	part, err := reports.Open(m.Out)
	if err != nil {
		t.Fatal(err)
	}
	if part.Planned != joined.Planned || part.Counts[reports.HarnessError] == 0 || len(part.Next) != 1 || part.Next[0] != "Run the shards that are missing (3 of 3), and merge again." {
		t.Errorf("%d planned, %v, %q", part.Planned, part.Counts, part.Next)
	}
}

func projection(t *testing.T, dir string) string {
	t.Helper()
	r, err := reports.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Projection()
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}
