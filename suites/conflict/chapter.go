// Package conflict judges which existing records a DNS provider takes away for
// those of a template, and that it takes no others (ietf-05 sections 10.4 and
// 10.5; dcspec-2.3, Record Types and Conflicts).
package conflict

import (
	"slices"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "conflict", Title: "Conflicts with existing records",
		Cases: slices.Concat(names, aliases, delegations, types, texts, identical, whole)}
}

// replaces states what applying a template does to existing records: those of
// gone are taken away, and were on the consent page; those of stays are not.
type replaces struct {
	id, template string
	gone, stays  []string
	// new are the records that come.
	new []string
	// variables replace those of the ordinary request.
	variables map[string]string
}

// judge seeds, applies and compares.
func (x replaces) judge(t *trial.Trial) *trial.Ending {
	t.Seed(append(slices.Clone(x.gone), x.stays...)...)
	r := t.Request(x.template)
	for name, value := range x.variables {
		r = r.With(name, value)
	}
	e := t.Confirms(x.id, r)
	about := check.About{Sent: "GET " + e.Link + ", then Confirm"}
	t.Settle(x.new...)
	t.Require(x.id, t.Missing(x.new...), gomega.BeEmpty(), check.About{Sent: about.Sent,
		Expected: t.Records(x.new...), Actual: "the template's own records are not there"})
	t.Gone(x.id, about, x.gone...)
	t.Stays(x.id, about, x.stays...)
	return e
}
