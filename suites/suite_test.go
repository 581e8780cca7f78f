// Package suites_test runs the cases of the harness as a Ginkgo suite, on the
// embedded templates at the mock provider:
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
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/run"
)

func TestSuites(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	world, err := certify.Start(context.Background(),
		certify.Options{Edition: register.IETF05, Consent: certify.ConsentForm, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := world.Close(); err != nil {
			t.Errorf("the world does not close: %v", err)
		}
	}()
	scenarios := world.Scenarios(embedded(t))
	specs := &run.Specs{Edition: register.IETF05, Register: reg}
	if err := specs.Add(scenarios); err != nil {
		t.Fatal(err)
	}
	var planned []reports.Planned
	for _, sc := range scenarios {
		planned = append(planned, sc.Planned(register.IETF05, reg)...)
	}
	ginkgo.ReportAfterSuite("every planned case has one result", func(r ginkgo.Report) {
		settle(planned, r)
	})
	ginkgo.RunSpecs(t, "dcconform")
}

func embedded(t *testing.T) []certify.Source {
	t.Helper()
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	var all []certify.Source
	for _, f := range files {
		all = append(all, certify.Source{File: f.Name, Data: f.Data})
	}
	certify.Name(all)
	return all
}

// settle holds what Ginkgo reports against the plan: with a filter set the
// rest is owed, and the suite says so instead of being green.
func settle(planned []reports.Planned, r ginkgo.Report) {
	if r.SuiteConfig.DryRun {
		return
	}
	book := reports.Run{Subject: reports.SubjectTemplate, Edition: string(register.IETF05), Scope: reports.ScopeFull}
	book.Begin(planned, r.StartTime)
	book.Results = run.Results(r)
	book.Finish(r.EndTime)
	gomega.Expect(book.Results).To(gomega.HaveLen(len(planned)))
	// Some embedded templates are odd on purpose: static rules warn of them.
	gomega.Expect(book.Verdict).To(gomega.Equal(reports.ConformantWithWarnings), book.Why)
}
