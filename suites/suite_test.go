// Package suites_test runs the cases of the harness as a Ginkgo suite: those
// about templates on the embedded ones, at the mock provider, and those about a
// DNS provider at the mock, or at the one that the target.yaml in DC_TARGET
// describes, with the form driver:
//
//	go test ./suites
//	ginkgo -p ./suites
//	DC_TARGET=/path/to/target.yaml go test ./suites
//
// Results travel as report entries, so that parallel Ginkgo processes lose
// none; the books are settled at the end as those of a run are.
package suites_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/run"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/target"
)

// targetVariable names the target.yaml of a provider to judge.
const targetVariable = "DC_TARGET"

// edition is what the mock is judged by; `dcconform selftest` judges by all.
const edition = register.IETF05

func TestSuites(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	// Some embedded templates are odd on purpose: static rules warn of them.
	books := []*book{{about: reports.SubjectTemplate, edition: edition, scenarios: templates(t),
		want: []reports.Verdict{reports.ConformantWithWarnings}}}
	if file := os.Getenv(targetVariable); file != "" {
		books = append(books, foreign(t, file))
	} else {
		books = append(books, &book{about: reports.SubjectProvider, edition: edition, scenarios: providers(t),
			want: []reports.Verdict{reports.Conformant}})
	}
	for _, b := range books {
		specs := &run.Specs{Edition: b.edition, Register: reg, Timeout: b.ceiling}
		if err := specs.Add(b.scenarios); err != nil {
			t.Fatal(err)
		}
		for _, sc := range b.scenarios {
			b.planned = append(b.planned, sc.Planned(b.edition, reg)...)
		}
	}
	ginkgo.ReportAfterSuite("every planned case has one result", func(r ginkgo.Report) {
		for _, b := range books {
			b.settle(r)
		}
	})
	ginkgo.RunSpecs(t, "dcconform")
}

// templates are the cases about the embedded templates.
func templates(t *testing.T) []*check.Scenario {
	t.Helper()
	world, err := certify.Start(context.Background(), certify.Options{Edition: edition, Consent: certify.ConsentForm, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Errorf("the world of the templates does not close: %v", err)
		}
	})
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	var all []certify.Source
	for _, f := range files {
		all = append(all, certify.Source{File: f.Name, Data: f.Data})
	}
	certify.Name(all)
	return world.Scenarios(all)
}

// providers are the cases about a DNS provider, at the mock as it should be.
func providers(t *testing.T) []*check.Scenario {
	t.Helper()
	bench, err := selftest.NewBench(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Errorf("the mock does not close: %v", err)
		}
	})
	world, closeWorld, err := bench.World(selftest.Options{Edition: edition})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeWorld)
	return provider.Scenarios(edition, world.Register, world)
}

// foreign are the cases about the provider that a target.yaml describes.
func foreign(t *testing.T, file string) *book {
	t.Helper()
	c, err := target.Load(file, target.WithEnv(os.LookupEnv))
	if err != nil {
		t.Fatal(err)
	}
	world, err := provider.Start(context.Background(), c, provider.Options{Consent: provider.ConsentForm}, c.Redactor())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Errorf("the world of %s does not close: %v", file, err)
		}
	})
	return &book{about: reports.SubjectProvider, edition: c.Edition, scenarios: world.Scenarios(), ceiling: c.Limits.Case,
		want: []reports.Verdict{reports.Conformant, reports.ConformantWithWarnings}}
}

// book is what the suite owes about one subject.
type book struct {
	about   reports.Subject
	edition register.Edition
	// want lists the verdicts that are good; ceiling bounds a case, 0 is a
	// minute.
	want      []reports.Verdict
	ceiling   time.Duration
	scenarios []*check.Scenario
	planned   []reports.Planned
}

// settle holds what Ginkgo reports against the plan: with a filter set the
// rest is owed, and the suite says so instead of being green.
func (b *book) settle(r ginkgo.Report) {
	if r.SuiteConfig.DryRun {
		return
	}
	mine := map[string]bool{}
	for _, p := range b.planned {
		mine[p.ID] = true
	}
	book := reports.Run{Subject: b.about, Edition: string(b.edition), Scope: reports.ScopeFull}
	book.Begin(b.planned, r.StartTime)
	for _, res := range run.Results(r) {
		if mine[res.ID] {
			book.Results = append(book.Results, res)
		}
	}
	book.Finish(r.EndTime)
	gomega.Expect(book.Results).To(gomega.HaveLen(len(b.planned)))
	gomega.Expect(book.Verdict).To(gomega.BeElementOf(b.want), book.Why)
}
