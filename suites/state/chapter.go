// Package state judges what keeping, or not keeping, track of applied
// templates means for the synchronous flow (ietf-05 sections 9.4, 10.1, 10.2,
// 10.3.1, 10.4.1, 10.5 and 10.7; dcspec-2.3, Template State in DNS).
package state

import (
	"slices"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "state", Title: "Template state", Cases: slices.Concat(cases, kept, told, removed)}
}

var cases = []trial.Case{
	// 10.1: a provider may keep track of applied templates; it does so for all
	// of them or for none.
	{Key: "state-kept-evenly", Title: "applied templates are kept track of, all or none",
		Requirements: []string{"DC-STATE-KEPT"}, Templates: []string{"text", "plain"}, Body: keptEvenly},
	// 10.1, 6.3.1: the same template at another host is another instance.
	{Key: "state-per-host", Title: "a template can be applied at several hosts",
		Requirements: []string{"DC-STATE-PER-HOST"}, Templates: []string{"text"}, Names: []string{"sub1", "sub2"},
		Body: func(t *trial.Trial) {
			const id = "DC-STATE-PER-HOST"
			r := t.Request("text")
			t.Given(r.With("host", "sub1.{host}").With("text", "first"), `sub1 600 TXT "first"`)
			e := t.Confirms(id, r.With("host", "sub2.{host}").With("text", "second"))
			t.Holds(id, check.About{Sent: "the template applied at sub1, then GET " + e.Link + ", then Confirm"},
				`sub1 600 TXT "first"`, `sub2 600 TXT "second"`)
		}},
	// 6.2, 10.4.1.1: without state, essential and multiInstance do nothing.
	{Key: "state-flags-inert", Title: "essential and multiInstance do not disturb a provider without state",
		Requirements: []string{"DC-STATE-FLAGS-INERT-STATELESS"}, Templates: []string{"state-flags"},
		Body: func(t *trial.Trial) {
			r := t.Request("state-flags")
			t.Applies("DC-STATE-FLAGS-INERT-STATELESS", r, r.Records()...)
			e := t.Confirms("DC-STATE-FLAGS-INERT-STATELESS", r.With("ip", "192.0.2.52"))
			t.Holds("DC-STATE-FLAGS-INERT-STATELESS", check.About{Sent: "the template applied, then with another address GET " + e.Link + ", then Confirm"},
				"@ 600 A 192.0.2.52", `once 600 TXT "set up"`)
		}},
	// 10.4.1.2: OnApply is about later, not about whether it is written.
	{Key: "state-onapply-written", Title: "a record that is essential on apply is written",
		Requirements: []string{"DC-STATE-ONAPPLY-WRITTEN"}, Templates: []string{"state-flags"},
		Body: func(t *trial.Trial) {
			e := t.Confirms("DC-STATE-ONAPPLY-WRITTEN", t.Request("state-flags"))
			t.Settle("@ 600 A 192.0.2.51")
			t.Require("DC-STATE-ONAPPLY-WRITTEN", t.Missing(`once 600 TXT "set up"`), gomega.BeEmpty(), check.About{Sent: "GET " + e.Link + ", then Confirm",
				Expected: t.Records(`once 600 TXT "set up"`), Actual: "the record with essential OnApply is not there"})
		}},
}

// keptEvenly applies two templates twice each, with other values, and sees for
// both whether the first value is gone: a text in conflict with no other goes
// only where the template's earlier instance is known.
func keptEvenly(t *trial.Trial) {
	const id = "DC-STATE-KEPT"
	t.Given(t.Request("text").With("text", "old"), `@ 600 TXT "old"`)
	e := t.Confirms(id, t.Request("text").With("text", "new"))
	t.Settle(`@ 600 TXT "new"`)
	one := len(t.Present(`@ 600 TXT "old"`)) == 0
	other := t.Request("plain").With("host", "other.{host}")
	t.Watch("other", "note.other")
	t.Settled(other.With("text", "old"), "other 600 A 192.0.2.1", `note.other 600 TXT "v=old"`)
	t.Settled(other.With("text", "new"), `note.other 600 TXT "v=new"`)
	two := len(t.Present(`note.other 600 TXT "v=old"`)) == 0
	if one {
		t.Note("reading", "the target keeps track of applied templates")
	} else {
		t.Note("reading", "the target does not keep track of applied templates")
	}
	t.Abuse(id, one != two, check.About{Sent: "GET " + e.Link + ", then Confirm", Expected: []string{"the same for all templates"},
		Actual: "the earlier text of one template is gone when it is applied again, that of another is not"})
}
