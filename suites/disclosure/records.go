package disclosure

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 10.6: the records.
var records = []trial.Case{
	{Key: "disclosure-records", Title: "the user can see every record: its owner, its type and its value",
		Requirements: []string{"DC-CONS-RECORDS-AVAILABLE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			lists(t, "DC-CONS-RECORDS-AVAILABLE", t.Look(t.Request("plain").With("text", "tulip")), "192.0.2.1", "v=tulip")
		}},
}

// lists states that the consent page has the two records of the plain template
// and its likes, with these values.
func lists(t *trial.Trial, id string, e *trial.Ending, address, text string) {
	page := strings.ToLower(consentPage(t, e))
	var missing []string
	for _, want := range []string{t.Host(), "note." + t.Host(), "txt", address, text} {
		if !strings.Contains(page, want) {
			missing = append(missing, want)
		}
	}
	expected := about(e, t.Root()+" A "+address+", and note."+t.Root()+" TXT "+text+", each with its owner, type and value")
	expected.Actual = "missing: " + strings.Join(missing, ", ") + "; the consent page says: " + page
	t.Require(id, missing, gomega.BeEmpty(), expected)
}

// Section 10.6: what stands in the way.
var conflicts = []trial.Case{
	{Key: "disclosure-conflicts", Title: "a record that will be removed is shown",
		Requirements: []string{"DC-CONS-CONFLICTS-SHOWN"}, Templates: []string{"plain"}, Seeds: true,
		Body: func(t *trial.Trial) {
			const id, old = "DC-CONS-CONFLICTS-SHOWN", "198.51.100.77"
			r := t.Request("plain")
			free := t.Look(r)
			without := consentPage(t, free)
			expected := about(free, "no conflict where there is none")
			expected.Actual = "the consent page says: " + without
			t.Require(id, strings.Contains(without, old), gomega.BeFalse(), expected)
			t.Seed("@ 600 A " + old)
			tells(t, id, t.Look(r), old, "the address that is in the way")
		}},
	{Key: "disclosure-conflict-choice", Title: "with a record in the way the user can go on or abort",
		Requirements: []string{"DC-CONS-CONFLICT-OVERRIDE"}, Templates: []string{"plain", "text"}, Seeds: true,
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-CONFLICT-OVERRIDE"
			const old = "@ 600 A 198.51.100.77"
			r := t.Request("plain")
			t.Seed(old)
			e := t.Cancel(r)
			t.Require(id, e.Outcome.Pressed, gomega.BeTrue(), about(e, "the user is asked, and can abort"))
			// Whatever the cancel did shows when this is seen.
			works(t, t.Approve(twin(t)), `@ 600 TXT "twin"`)
			stays(t, id, e, []string{old}, r.Records())
			e = t.Approve(r)
			t.Require(id, e.Succeeded(), gomega.BeTrue(), about(e, "the user is asked, and can go on"))
			t.Settle(r.Records()...)
			stays(t, id, e, r.Records(), []string{old})
		}},
}

// stays states that some records are there, and others are not.
func stays(t *trial.Trial, id string, e *trial.Ending, here, gone []string) {
	expected := about(e, "present: "+strings.Join(here, ", ")+"; absent: "+strings.Join(gone, ", "))
	expected.Actual = "missing: " + strings.Join(t.Missing(here...), ", ") + "; not expected: " + strings.Join(t.Present(gone...), ", ")
	t.Require(id, append(t.Missing(here...), t.Present(gone...)...), gomega.BeEmpty(), expected)
}
