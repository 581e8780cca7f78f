package selftest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// A provider that takes sig as the last parameter only, and says so, is judged
// in everything that is not about where sig stands.
func TestSigLast(t *testing.T) {
	bench, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	const about = "signature/signature-pair-positions"
	for name, c := range map[string]struct {
		faults    []string
		declared  bool
		positions string
		good      bool
	}{
		"declared": {[]string{"sig-must-be-last"}, true,
			"not-applicable sig-last target.yaml says that the target takes sig as the last parameter only (links.sigLast), and so it does", true},
		"declared in vain": {nil, true, "pass", true},
		"not declared":     {[]string{"sig-must-be-last"}, false, "fail", false},
	} {
		t.Run(name, func(t *testing.T) {
			w, closeWorld, err := bench.World(selftest.Options{Edition: register.IETF05, Faults: c.faults})
			if err != nil {
				t.Fatal(err)
			}
			defer closeWorld()
			w.Target.Links.SigLast = c.declared
			wrong, host := 0, 0
			for _, chapter := range provider.Chapters() {
				for i := range chapter.Cases {
					spec := &chapter.Cases[i]
					if !slices.Contains(spec.Templates, "signed") || !spec.Judges(w.Edition, w.Register) || selftest.KindOf(spec.AllNeeds(w.Register)) != selftest.Plain {
						continue
					}
					host++
					r := selftest.Judge(t.Context(), w, spec.Scenario(chapter.Name, host, w))[0]
					if said := strings.TrimSpace(string(r.Outcome) + " " + r.Reason + " " + r.Message); r.ID == about {
						if !strings.HasPrefix(said, c.positions) {
							t.Errorf("%s: %s, want %s", r.ID, said, c.positions)
						}
						if c.good == (r.Outcome == reports.Fail) {
							t.Errorf("%s: %s", r.ID, said)
						}
					} else if r.Outcome != reports.Pass {
						wrong++
						if c.good {
							t.Errorf("%s: %s", r.ID, said)
						}
					}
				}
			}
			if !c.good && wrong < 10 {
				t.Errorf("%d cases cannot be judged, so that the option does nothing", wrong)
			}
		})
	}
}
