package run

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/seed"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/target"
)

// site is a target of the mock's, and the file that describes it.
type site struct {
	*testing.T
	file   string
	config *target.Config
}

func newSite(t *testing.T, describe func(*target.Config)) *site {
	t.Helper()
	file, closeWorld, err := bench(t).Stranger(t.Context(), t.TempDir(), selftest.Options{Edition: register.IETF05, Describe: describe})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeWorld)
	c, err := target.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return &site{t, file, c}
}

// zone is everything in target.test but the SOA, whose serial counts changes.
func (s *site) zone() []string {
	s.Helper()
	return s.records("target.test")
}

func (s *site) records(domain string) []string {
	s.Helper()
	server := observe.Server{Addr: s.config.DNS.Servers[0]}
	records, err := server.Transfer(s.Context(), domain)
	if err != nil {
		s.Fatal(err)
	}
	var lines []string
	for _, r := range records {
		if r.Type != "SOA" {
			lines = append(lines, r.String())
		}
	}
	slices.Sort(lines)
	return lines
}

// neighbours puts records into the zone that no run may take away.
func (s *site) neighbours(records ...string) []string {
	s.Helper()
	if err := seed.New(s.config, nil).Seed(s.Context(), "target.test", records); err != nil {
		s.Fatal(err)
	}
	return s.zone()
}

// run runs cases and returns the report.
func (s *site) run(ctx context.Context, change func(*Flags), cases ...string) (int, *reports.Run, string) {
	s.Helper()
	f := flags(s.T)
	f.Cases = cases
	if change != nil {
		change(&f)
	}
	code, err := Provider(ctx, ProviderOptions{Flags: f, Target: s.file})
	if err != nil {
		s.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(f.Out, reports.ReportFile))
	if err != nil {
		s.Fatal(err)
	}
	r, err := reports.ReadJSON(bytes.NewReader(data))
	if err != nil {
		s.Fatal(err)
	}
	return code, r, f.Out
}

func (s *site) clean(dir string) string {
	s.Helper()
	var out bytes.Buffer
	if code, err := Clean(s.Context(), CleanOptions{Target: s.file, Dir: dir, Stdout: &out}); code != 0 || err != nil {
		s.Fatalf("exit %d, %v", code, err)
	}
	return out.String()
}

// others are what a run has nothing to do with, close to what it has.
var others = []string{
	"www.target.test. 300 IN A 203.0.113.1",
	"mail.target.test. 300 IN A 203.0.113.2",
	"dcc4999.target.test. 300 IN A 203.0.113.3",
	"below.bystander.target.test. 300 IN TXT \"not yours\"",
}

// interrupting ends a run as Ctrl-C does, after some results.
type interrupting struct {
	folder
	after int
	end   context.CancelFunc
}

func (i *interrupting) Append(r reports.Result) error {
	if i.after--; i.after == 0 {
		i.end()
	}
	return i.folder.Append(r)
}

// An interrupted run leaves a report and a list, and what is on the list can be
// taken away: that, and nothing else.
func TestCleaningUpAfterAnInterrupt(t *testing.T) {
	for name, describe := range map[string]func(*target.Config){
		"with transfers":    nil,
		"without transfers": func(c *target.Config) { c.DNS.AXFR = false },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, describe)
			before := s.neighbours(others...)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			code, r, out := s.run(ctx, func(f *Flags) {
				f.create = func(dir string, run *reports.Run, redactor *reports.Redactor) (folder, error) {
					d, err := reports.Create(dir, run, redactor)
					return &interrupting{folder: d, after: 12, end: cancel}, err
				}
			}, "hostname/*")
			if code != reports.ExitInconclusive || r.State != reports.StateInterrupted || r.Verdict != reports.VerdictInconclusive || r.Counts[reports.Pass] < 10 {
				t.Errorf("exit %d, %s, %s, %v", code, r.State, r.Verdict, r.Counts)
			}
			if left, err := target.Leftovers(out); err != nil || len(left) == 0 {
				t.Fatalf("%d things are listed, %v", len(left), err)
			}
			if slices.Equal(s.zone(), before) {
				t.Fatal("the run left nothing, so that nothing is shown")
			}
			if said := s.clean(out); !strings.HasPrefix(said, "target.test: what stood at ") {
				t.Errorf("said %q", said)
			}
			if diff := cmp.Diff(before, s.zone()); diff != "" {
				t.Errorf("-before +after\n%s", diff)
			}
			if said := s.clean(out); said != "Nothing is left of that run.\n" {
				t.Errorf("the second time: %q", said)
			}
		})
	}
}

// What a case writes in another zone of the target is on the list, too.
func TestCleaningUpInAnotherZone(t *testing.T) {
	s := newSite(t, nil)
	if err := seed.New(s.config, nil).Seed(t.Context(), "foreign.test", []string{"dcc4999.foreign.test. 300 IN A 203.0.113.3"}); err != nil {
		t.Fatal(err)
	}
	before := s.records("foreign.test")
	_, _, out := s.run(t.Context(), nil, "disclosure/disclosure-zone-ownership")
	left, err := target.Leftovers(out)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(left, func(c target.Creation) bool { return c.Domain == "foreign.test" })
	if i < 0 {
		t.Fatalf("the list has nothing in foreign.test: %+v", left)
	}
	// As if the provider had written what it refuses.
	name := left[i].Host + ".foreign.test."
	if err := seed.New(s.config, nil).Seed(t.Context(), "foreign.test", []string{name + " 600 IN A 192.0.2.1", "note." + name + " 600 IN TXT \"late\""}); err != nil {
		t.Fatal(err)
	}
	said := s.clean(out)
	if !strings.HasPrefix(said, "foreign.test: what stood at ") || !strings.Contains(said, "\ntarget.test: what stood at ") {
		t.Errorf("said %q", said)
	}
	if diff := cmp.Diff(before, s.records("foreign.test")); diff != "" {
		t.Errorf("-before +after\n%s", diff)
	}
}

// Without a hook nothing is removed, and the names are told.
func TestCleaningUpWithoutAHook(t *testing.T) {
	s := newSite(t, func(c *target.Config) { c.Hooks.Update = nil })
	_, _, out := s.run(t.Context(), nil, missing)
	after := s.zone()
	code, err := Clean(t.Context(), CleanOptions{Target: s.file, Dir: out})
	want := s.file + ": no hook takes records down: give hooks.reset or hooks.update, or remove the records at these names by hand: "
	if code != reports.ExitUsage || err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), ".target.test.") {
		t.Errorf("exit %d, %v\nwant %s", code, err, want)
	}
	if !slices.Equal(s.zone(), after) {
		t.Error("the zone has changed")
	}
	if code, err := Clean(t.Context(), CleanOptions{Target: s.file, Dir: t.TempDir()}); code != reports.ExitUsage || err == nil {
		t.Errorf("without a list: exit %d, %v", code, err)
	}
}

// What is removed of a line of the list.
func TestNamesOfALine(t *testing.T) {
	c := &target.Config{Domains: []target.Domain{{Name: "target.test"}, {Name: "child.target.test", Role: "child"}}, Hosts: target.Hosts{Prefix: "dcc"}}
	for _, l := range []struct {
		line target.Creation
		want string
	}{
		{target.Creation{Domain: "target.test", Host: "dcc7", Names: []string{"dcc7.target.test.", "WWW.dcc7.target.test.", "target.test.", "www.target.test.", "dcc7-2.target.test.", "a.child.target.test.", "other.test."}},
			"dcc7-2.target.test. dcc7.target.test. www.dcc7.target.test."},
		{target.Creation{Domain: "target.test", Names: []string{"target.test.", "www.target.test.", "a.child.target.test.", "other.test."}},
			"target.test. www.target.test."},
		{target.Creation{Domain: "target.test", Host: "dcc7", Template: "plain"}, "dcc7.target.test. note.dcc7.target.test."},
		{target.Creation{Domain: "target.test", Template: "no-such"}, "target.test."},
	} {
		got, err := leftNames(t.Context(), c, observe.Servers{}, "target.test", []target.Creation{l.line})
		if text := strings.Join(got, " "); err != nil || text != l.want {
			t.Errorf("%+v: %s, %v\nwant %s", l.line, text, err, l.want)
		}
	}
}

// A case at an apex that an earlier one has used is not judged without a hook,
// and is not told that somebody else's records are in its way. Those of another
// run are.
func TestApexCasesWithoutAHook(t *testing.T) {
	s := newSite(t, func(c *target.Config) { c.Hooks.Update = nil })
	ends := func(r *reports.Run) map[string]string {
		m := map[string]string{}
		for _, res := range r.Results {
			m[res.ID] = strings.TrimSpace(string(res.Outcome) + " " + res.Reason + " " + res.Message)
		}
		return m
	}
	cases := []string{"hostname/hostname-apex-by-domain", "hostname/hostname-empty-equals-absent"}
	code, r, _ := s.run(t.Context(), nil, cases...)
	want := map[string]string{
		cases[0]: "pass",
		cases[1]: "not-applicable no-seed an earlier case has left records at target.test, and the target has no hook that removes them: give hooks.reset or hooks.update",
	}
	if diff := cmp.Diff(want, ends(r)); diff != "" || code != reports.ExitInconclusive || r.Verdict != reports.Partial {
		t.Errorf("exit %d, %s, -want +got\n%s", code, r.Verdict, diff)
	}
	_, r, _ = s.run(t.Context(), nil, cases[0])
	if got := ends(r)[cases[0]]; !strings.HasPrefix(got, "inconclusive dirty-zone records are in the way that this run did not make; remove them, or choose another hosts.prefix: target.test. ") {
		t.Errorf("the next run: %s", got)
	}
}
