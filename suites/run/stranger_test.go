package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/target"
)

// bench is a mock in this process, which children reach over its ports.
func bench(t *testing.T) *selftest.Bench {
	t.Helper()
	b, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// stranger runs against the mock as somebody does who has its target.yaml and
// knows nothing else.
func stranger(t *testing.T, o selftest.Options, cases ...string) (int, *reports.Run, ProviderOptions) {
	t.Helper()
	file, closeWorld, err := bench(t).Stranger(t.Context(), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeWorld)
	f := flags(t)
	f.Cases, f.Jobs = cases, 2
	p := ProviderOptions{Flags: f, Target: file}
	code, r := provides(t, p)
	return code, r, p
}

// A stranger finds nothing wrong with the mock, and is told what he lacked for
// the rest: a key zone of his own, and a web server at the port that browsers
// ask. What he may have left is listed.
func TestAStrangerFindsNothingWrongWithTheMock(t *testing.T) {
	code, r, o := stranger(t, selftest.Options{Edition: register.IETF05})
	if code != 3 || r.Verdict != reports.Partial || r.Target.Name != "mock" {
		t.Errorf("exit %d, %s (%s), %v: %s", code, r.Verdict, r.Why, r.Counts, o.Stderr)
	}
	for _, res := range r.Results {
		switch {
		case res.Outcome == reports.Pass, res.Outcome == reports.NotApplicable, res.ID == "recordtypes/recordtypes-redirects":
		default:
			t.Errorf("%s %s: %s %s", res.Outcome, res.ID, res.Reason, res.Message)
		}
		if res.Owed && res.Reason != "no-key-zone" && res.Reason != "no-key-server" {
			t.Errorf("%s is owed: %s %s", res.ID, res.Reason, res.Message)
		}
	}
	if r.Counts[reports.Pass] < r.Planned/2 {
		t.Errorf("most cases do not apply: %v of %d", r.Counts, r.Planned)
	}
	left, err := target.Leftovers(o.Out)
	if err != nil || !slices.ContainsFunc(left, func(c target.Creation) bool { return c.Case == missing && c.Domain == "target.test" }) {
		t.Errorf("%d things are listed as created, %v", len(left), err)
	}
	err = filepath.WalkDir(o.Out, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), selftest.TargetPassword) {
			t.Errorf("%s holds the password", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What one run leaves does not change what the next one sees: providers run
// this on every build, in one zone.
func TestASecondRunSeesWhatTheFirstSaw(t *testing.T) {
	_, first, o := stranger(t, selftest.Options{Edition: register.IETF05})
	was := map[string]reports.Result{}
	for _, r := range first.Results {
		was[r.ID] = r
	}
	o.Out = t.TempDir()
	_, second := provides(t, o)
	for _, r := range second.Results {
		if r.Outcome != was[r.ID].Outcome {
			t.Errorf("%s: %s, and then %s: %s %s", r.ID, was[r.ID].Outcome, r.Outcome, r.Reason, r.Message)
		}
	}
	if len(second.Results) != len(was) || first.Counts[reports.Pass] == 0 {
		t.Errorf("%v, and then %v", first.Counts, second.Counts)
	}
}

// A stranger sees the fault, by the case that is there for it.
func TestAStrangerFindsAFault(t *testing.T) {
	code, r, _ := stranger(t, selftest.Options{Edition: register.DCSpec23, Faults: []string{unsigned}}, "signature/*")
	i := slices.IndexFunc(r.Results, func(res reports.Result) bool { return res.ID == missing })
	if code != reports.ExitNonConformant || r.Edition != "dcspec-2.3" || i < 0 || r.Results[i].Outcome != reports.Fail {
		t.Errorf("exit %d, %v by %s", code, r.Counts, r.Edition)
	}
}

// A failure about a signature says what is known about the link: of a sound
// one, how a provider comes to refuse it, of a broken one what is wrong with it.
// So does a case that cannot be judged because the link of its twin is refused.
func TestAFailedSignatureIsExplained(t *testing.T) {
	for _, test := range []struct{ fault, id, says string }{
		{"reencode-before-verify", "signature/signature-raw-query", "A provider refuses it that does one of these before it verifies: it decodes percent-encodings; it encodes the values anew;"},
		{"sha1-still-accepted", "signature/signature-other-schemes", "This link does not verify: another hash function than SHA-256 was used (SHA-1); mend: sign by RS256: RSASSA-PKCS1-v1_5 with SHA-256."},
		{"reencode-before-verify", "signature/signature-tampered-raw", "This link verifies with the published key, over the query as it was sent without sig and key. A provider refuses it that does one of these before it verifies: "},
		{unsigned, missing, "This link does not verify: the link has no sig; and the link has no key; mend: sign the query, and append sig and key;"},
	} {
		t.Run(test.fault, func(t *testing.T) {
			_, r, _ := stranger(t, selftest.Options{Edition: register.IETF05, Faults: []string{test.fault}}, test.id)
			i := slices.IndexFunc(r.Results, func(res reports.Result) bool { return res.ID == test.id })
			if i < 0 || r.Results[i].Outcome == reports.Pass {
				t.Fatalf("%v of %d results", r.Counts, len(r.Results))
			}
			var said []string
			for _, n := range r.Results[i].Notes {
				if n.Code == "signature" {
					said = append(said, n.Text)
				}
			}
			if len(said) != 1 || !strings.Contains(said[0], test.says) {
				t.Errorf("said %q of %s, want %q", said, reports.Headline(&r.Results[i]), test.says)
			}
		})
	}
}
