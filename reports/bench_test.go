package reports

import (
	"fmt"
	"io"
	"testing"
)

// A run over a whole corpus: 20,000 results, some of them failures.
func corpus() (*Run, []Result) {
	var plan []Planned
	var results []Result
	for i := range 20_000 {
		p := planned(fmt.Sprintf("template-%d/apex/case-%d", i/20, i%20), SubjectTemplate, MUST)
		p.Template = fmt.Sprintf("provider.example.template-%d", i/20)
		p.Case, p.Requirements = fmt.Sprintf("case-%d", i%20), []string{fmt.Sprintf("DC-AREA-%d", i%20)}
		plan = append(plan, p)
		o := Pass
		if i%50 == 0 {
			o = Fail
		}
		res := result(p, o)
		res.Rerun = "dcconform certify --case " + p.ID + " template.json"
		results = append(results, res)
	}
	r := &Run{Subject: SubjectTemplate, Edition: "ietf-05", Scope: ScopeFull}
	r.Begin(plan, started)
	return r, results
}

func BenchmarkCorpus(b *testing.B) {
	r, results := corpus()
	plan := r.Plan
	b.Run("finish", func(b *testing.B) {
		for b.Loop() {
			r.Begin(plan, started)
			r.Results = clone(results)
			r.Finish(finished)
		}
	})
	if r.Verdict != NonConformant {
		b.Fatal(r.Verdict, r.Why)
	}
	b.Run("redact", func(b *testing.B) {
		for b.Loop() {
			new(Redactor).Run(r)
		}
	})
	for _, w := range Writers() {
		b.Run(w.Name, func(b *testing.B) {
			for b.Loop() {
				if err := w.Write(io.Discard, r, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("summary", func(b *testing.B) {
		for b.Loop() {
			if err := WriteSummary(io.Discard, r, SummaryOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("append", func(b *testing.B) {
		d, err := Create(b.TempDir(), r, nil)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := d.Append(results[0]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
