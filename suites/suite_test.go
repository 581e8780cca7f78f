// Package suites_test runs the cases of the harness as a Ginkgo suite, at the
// mock provider: those about templates on the embedded ones, and those about a
// DNS provider:
//
//	go test ./suites
//	ginkgo -p ./suites
//
// Results travel as report entries, so that parallel Ginkgo processes lose
// none; the books are settled at the end as those of a run are.
package suites_test

import (
	"context"
	"testing"

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
)

// The suite judges by one edition; `dcconform selftest` judges by all.
const edition = register.IETF05

func TestSuites(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	specs := &run.Specs{Edition: edition, Register: reg}
	books := []*book{
		// Some embedded templates are odd on purpose: static rules warn of them.
		{about: reports.SubjectTemplate, want: reports.ConformantWithWarnings, scenarios: templates(t)},
		{about: reports.SubjectProvider, want: reports.Conformant, scenarios: providers(t)},
	}
	for _, b := range books {
		if err := specs.Add(b.scenarios); err != nil {
			t.Fatal(err)
		}
		for _, sc := range b.scenarios {
			b.planned = append(b.planned, sc.Planned(edition, reg)...)
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

// book is what the suite owes about one subject.
type book struct {
	about     reports.Subject
	want      reports.Verdict
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
	book := reports.Run{Subject: b.about, Edition: string(edition), Scope: reports.ScopeFull}
	book.Begin(b.planned, r.StartTime)
	for _, res := range run.Results(r) {
		if mine[res.ID] {
			book.Results = append(book.Results, res)
		}
	}
	book.Finish(r.EndTime)
	gomega.Expect(book.Results).To(gomega.HaveLen(len(b.planned)))
	gomega.Expect(book.Verdict).To(gomega.Equal(b.want), book.Why)
}
