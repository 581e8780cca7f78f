package prove

import (
	"testing"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// BenchmarkColumn is what every fault of the selftest costs: a world of its
// own, and all cases in it. The first one signs what the later ones repeat.
func BenchmarkColumn(b *testing.B) {
	bench, err := selftest.NewBench(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = bench.Close() })
	column := func() (cases int) {
		w, closeWorld, err := bench.World(selftest.Options{Edition: register.IETF05})
		if err != nil {
			b.Fatal(err)
		}
		defer closeWorld()
		kinds := selftest.KindsOfCases(w.Register)
		for _, sc := range provider.Scenarios(register.IETF05, w.Register, w) {
			if kinds[sc.ID(&sc.Checks[0])] != selftest.Plain {
				continue
			}
			for _, r := range selftest.Judge(b.Context(), w, sc) {
				if r.Outcome != reports.Pass {
					b.Fatalf("%s: %s %s", r.ID, r.Outcome, r.Message)
				}
				cases++
			}
		}
		return cases
	}
	column()
	cases := 0
	for b.Loop() {
		cases += column()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(cases), "µs/case")
}
