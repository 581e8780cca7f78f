package target

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func ledger(t *testing.T, dir, writer string) *Ledger {
	t.Helper()
	l, err := OpenLedger(dir, writer)
	if err != nil {
		t.Fatal(err)
	}
	l.Now = func() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }
	return l
}

func left(t *testing.T, dir string) []string {
	t.Helper()
	all, err := Leftovers(dir)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestLedger(t *testing.T) {
	dir := t.TempDir()
	l := ledger(t, dir, "parent")
	var ids []string
	for _, c := range []Creation{
		{Domain: "customer.test", Host: "dcc1", Template: "spf", Case: "DC-SPF-MERGE"},
		{Domain: "customer.test", Template: "web", Groups: []string{"a", "b"}},
		{Domain: "customer.test", Host: "dcc2"},
	} {
		id, err := l.Will(c)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	// It is in the file before anything else happens.
	if diff := cmp.Diff([]string{"parent-1", "parent-2", "parent-3"}, left(t, dir)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if err := l.Cleaned(ids[1], ids[0]); err != nil {
		t.Fatal(err)
	}
	got, err := l.Leftovers()
	if err != nil {
		t.Fatal(err)
	}
	want := []Creation{{ID: "parent-3", Time: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Domain: "customer.test", Host: "dcc2"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "created.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := `{"id":"parent-1","time":"2026-11-23T10:00:00Z","domain":"customer.test","host":"dcc1","template":"spf","case":"DC-SPF-MERGE"}
{"id":"parent-2","time":"2026-11-23T10:00:00Z","domain":"customer.test","host":"","template":"web","groups":["a","b"]}
{"id":"parent-3","time":"2026-11-23T10:00:00Z","domain":"customer.test","host":"dcc2"}
{"cleaned":"parent-2","time":"2026-11-23T10:00:00Z"}
{"cleaned":"parent-1","time":"2026-11-23T10:00:00Z"}
`
	if diff := cmp.Diff(lines, string(data)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// A second opening goes on and takes no id twice.
	l = ledger(t, dir, "parent")
	defer l.Close()
	if id, err := l.Will(Creation{Domain: "customer.test"}); err != nil || id != "parent-4" {
		t.Errorf("%s, %v", id, err)
	}
	if _, err := l.Will(Creation{Host: "dcc"}); err == nil || err.Error() != "ledger: a creation without its domain cannot be cleaned up" {
		t.Errorf("%v", err)
	}
}

func TestLedgerOfAKilledRun(t *testing.T) {
	dir := t.TempDir()
	l := ledger(t, dir, "a")
	if _, err := l.Will(Creation{Domain: "customer.test", Host: "one", Groups: []string{"{}", "}"}, Case: "}"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, LedgerFile)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) - 1 {
		if err := os.WriteFile(name, append(append([]byte{}, whole...), whole[:cut]...), 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a-1"}, left(t, dir)); diff != "" {
			t.Fatalf("cut after %d octets, -want +got\n%s", cut, diff)
		}
		// Whoever goes on writes a line of its own.
		again := ledger(t, dir, "a")
		if _, err := again.Will(Creation{Domain: "customer.test", Host: "two"}); err != nil {
			t.Fatal(err)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a-1", "a-2"}, left(t, dir)); diff != "" {
			t.Fatalf("cut after %d octets and gone on, -want +got\n%s", cut, diff)
		}
	}
}

func TestLedgerOfSeveralWriters(t *testing.T) {
	dir := t.TempDir()
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			l, err := OpenLedger(dir, fmt.Sprintf("child-%d", w))
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 100 {
				id, err := l.Will(Creation{Domain: "customer.test", Host: strings.Repeat("x", i)})
				if err == nil && i%2 == 0 {
					err = l.Cleaned(id)
				}
				if err != nil {
					t.Error(err)
				}
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	if got := left(t, dir); len(got) != 200 {
		t.Errorf("%d leftovers", len(got))
	}
}

func TestLedgerRefuses(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, LedgerFile)
	if _, err := Leftovers(dir); err == nil || err.Error() != "ledger: the file "+name+" is not there" {
		t.Errorf("%v", err)
	}
	good := `{"id":"a-1","time":"2026-11-23T10:00:00Z","domain":"customer.test","host":""}` + "\n"
	for line, want := range map[string]string{
		`{"id":"a-1","time":"2026-11-23T10:00:00Z","domain":"customer.test","shost":""}`: `json: unknown field "shost"`,
		`{"id":"a-1","time":"2026-11-23T10:00:00Z","host":""}`:                           "it names neither what was created nor what was cleaned",
		`{}`:           "it names neither what was created nor what was cleaned",
		`a note of me`: "invalid character 'a' looking for beginning of value",
	} {
		if err := os.WriteFile(name, []byte(good+line+"\n"+good), 0o600); err != nil {
			t.Fatal(err)
		}
		want = name + ":2: no line of a ledger: " + want
		if _, err := Leftovers(dir); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", line, err, want)
		}
		if _, err := OpenLedger(dir, "a"); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", line, err, want)
		}
	}
	if _, err := OpenLedger(filepath.Join(dir, "no"), "a"); err == nil {
		t.Error("a ledger in a folder that is not there")
	}
}
