package state

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 10.4.1.2, 10.5, 10.7 and 9.4: what goes when something of a
// template goes.
var removed = []trial.Case{
	{Key: "state-whole-template", Title: "a template whose essential record is in the way goes as a whole",
		Requirements: []string{"DC-CONFLICT-WHOLE-TEMPLATE"}, Templates: []string{"plain", "address", "text"},
		Body: func(t *trial.Trial) {
			t.Given(t.Request("text").With("text", "bystander"), `@ 600 TXT "bystander"`)
			t.Given(t.Request("plain"), `@ 600 TXT "bystander"`, "@ 600 A 192.0.2.1", `note 600 TXT "v=plain"`)
			e := t.Confirms("DC-CONFLICT-WHOLE-TEMPLATE", t.Request("address"))
			t.Holds("DC-CONFLICT-WHOLE-TEMPLATE", after("the plain template applied", e), "@ 600 A 192.0.2.10", `@ 600 TXT "bystander"`)
		}},
	{Key: "state-manual-record", Title: "a record of no template that is in the way goes by itself",
		Requirements: []string{"DC-CONFLICT-MANUAL-RECORD-STATEFUL"}, Templates: []string{"address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			t.Seed("@ 600 A 192.0.2.99", `@ 600 TXT "by hand"`)
			e := t.Confirms("DC-CONFLICT-MANUAL-RECORD-STATEFUL", t.Request("address"))
			t.Holds("DC-CONFLICT-MANUAL-RECORD-STATEFUL", after("an address and a text by hand", e), "@ 600 A 192.0.2.10", `@ 600 TXT "by hand"`)
		}},
	{Key: "state-shared-record", Title: "a record of two templates stays until both are gone",
		Requirements: []string{"DC-STATE-SHARED-RECORD-RETAINED"}, Templates: []string{"plain", "plain-mail", "address", "mail"},
		Body: func(t *trial.Trial) {
			const id = "DC-STATE-SHARED-RECORD-RETAINED"
			t.Given(t.Request("plain"), "@ 600 A 192.0.2.1", `note 600 TXT "v=plain"`)
			t.Given(t.Request("plain-mail"), "@ 600 A 192.0.2.1", "@ 600 MX 5 mx.service.example.", `note 600 TXT "v=plain"`)
			e := t.Confirms(id, t.Request("address"))
			t.Holds(id, after("two templates with one text in common applied", e), "@ 600 A 192.0.2.10", "@ 600 MX 5 mx.service.example.", `note 600 TXT "v=plain"`)
			e = t.Confirms(id, t.Request("mail").With("mx", "other.service.example"))
			t.Holds(id, after("one of two templates with one text in common gone", e), "@ 600 A 192.0.2.10", "@ 600 MX 5 other.service.example.")
		}},
	guard("state-essential-guard", "DC-STATE-ESSENTIAL-GUARD", "@", "a record that is essential (Always)"),
	guard("state-essential-default", "DC-STATE-ESSENTIAL-DEFAULT", "note", "a record without essential"),
	{Key: "state-onapply-removable", Title: "a record that is essential on apply can go by itself",
		Requirements: []string{"DC-STATE-ONAPPLY-REMOVABLE"}, Templates: []string{"essentials"}, Seeds: true,
		Body: func(t *trial.Trial) {
			const id = "DC-STATE-ONAPPLY-REMOVABLE"
			t.Given(t.Request("essentials"), trio...)
			t.Delete("once")
			missing := t.Missing(trio[:2]...)
			t.Abuse(id, len(missing) > 0, check.About{Sent: "the template applied, then its record with essential OnApply deleted by hand",
				Expected: t.Records(trio[:2]...), Actual: "gone with it: " + strings.Join(missing, ", ")})
			if len(missing) == 0 && len(t.Present(trio[2])) > 0 {
				t.Note("reading", "records of templates are not deleted by hand")
			}
		}},
	{Key: "state-spf-recalculated", Title: "the mail rules of a template that goes leave the merged record",
		Requirements: []string{"DC-SPF-RECALC-ON-REMOVAL"}, Templates: []string{"spf", "mailbox", "mail"},
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-RECALC-ON-REMOVAL"
			t.Given(t.Request("spf"), `@ 3600 TXT "v=spf1 include:spf.service.example ~all"`)
			t.Settled(t.Request("mailbox"), "box 600 MX 5 mx.service.example.")
			both := rules(t)
			if len(both) != 1 || !strings.Contains(both[0], "include:spf.service.example") || !strings.Contains(both[0], "include:box.service.example") {
				t.Inconclusive("control-twin", "the rules of two templates were not merged, which has cases of its own: "+strings.Join(both, " | "))
			}
			// Another mail server is in the way of the template's own.
			e := t.Confirms(id, t.Request("mail").With("host", "box.{host}").With("mx", "other.service.example"))
			about := after("two templates with mail rules applied, of which the second is then replaced", e)
			t.Holds(id, about, `@ 3600 TXT "v=spf1 include:spf.service.example ~all"`, "box 600 MX 5 other.service.example.")
		}},
	{Key: "state-spf-not-essential", Title: "a merged record that is deleted takes no template with it",
		Requirements: []string{"DC-SPF-NON-ESSENTIAL"}, Templates: []string{"mailbox"}, Seeds: true, Names: []string{"twin", "box.twin"},
		Body: func(t *trial.Trial) {
			const id = "DC-SPF-NON-ESSENTIAL"
			// The mail server of the same template is essential.
			t.Given(t.Request("mailbox").With("host", "twin.{host}"), mailbox("twin")...)
			t.Delete("box.twin")
			if left := t.Present(mailbox("twin")...); len(left) == 1 {
				t.Inconclusive("control-twin", "of a template whose essential record was deleted this stays: "+strings.Join(left, ", "))
			}
			t.Settled(t.Request("mailbox"), mailbox("")...)
			t.Delete("@")
			if left := t.Present(mailbox("")[1]); len(left) > 0 {
				t.Note("reading", "mail rules of templates are not deleted by hand")
				t.Inconclusive("control-twin", "the merged record is there though it was deleted, so that nothing had to go with it: "+strings.Join(left, ", "))
			}
			t.Stays(id, check.About{Sent: "a template with mail rules applied, then the merged record deleted by hand"}, mailbox("")[0])
		}},
}

// trio are the records of the template with every kind of essential.
var trio = []string{"@ 600 A 192.0.2.81", `note 600 TXT "v=essentials"`, `once 600 TXT "once essentials"`}

// after describes a request that came after something else.
func after(before string, e *trial.Ending) check.About {
	return check.About{Sent: before + ", then GET " + e.Link + ", then Confirm"}
}

// guard is the case of an essential record that a user deletes by hand: the
// template goes with it, or stays as a whole. The record that is essential on
// apply alone is the control twin.
func guard(key, id, at, what string) trial.Case {
	return trial.Case{Key: key, Title: what + " is not deleted from under its template",
		Requirements: []string{id}, Templates: []string{"essentials"}, Seeds: true, Names: []string{"twin", "note.twin", "once.twin"},
		Body: func(t *trial.Trial) {
			twin := []string{"twin 600 A 192.0.2.81", `note.twin 600 TXT "v=essentials"`, `once.twin 600 TXT "once essentials"`}
			t.Given(t.Request("essentials").With("host", "twin.{host}"), twin...)
			t.Delete("once.twin")
			if missing := t.Missing(twin[:2]...); len(missing) > 0 || len(t.Present(twin[2])) > 0 {
				t.Inconclusive("control-twin", "a record that is essential on apply alone did not go by itself; missing: "+strings.Join(missing, ", "))
			}
			t.Settled(t.Request("essentials"), trio...)
			t.Delete(at)
			left := t.Present(trio...)
			switch len(left) {
			case 0:
				t.Note("reading", "a template goes with its essential record")
			case len(trio):
				t.Note("reading", "an essential record cannot be deleted by hand")
			}
			t.Require(id, len(left) == 0 || len(left) == len(trio), gomega.BeTrue(), check.About{
				Sent:     "the template applied, then " + what + " deleted by hand",
				Expected: []string{"no record of the template", "all of them: " + strings.Join(t.Records(trio...), ", ")},
				Actual:   "there are: " + strings.Join(left, ", ")})
		}}
}

// mailbox are the records of the template with a mail server and mail rules,
// at a name below the case's own; "" is the case's own.
func mailbox(below string) []string {
	if below == "" {
		return []string{"box 600 MX 5 mx.service.example.", `@ 3600 TXT "v=spf1 include:box.service.example ~all"`}
	}
	return []string{"box." + below + " 600 MX 5 mx.service.example.", below + ` 3600 TXT "v=spf1 include:box.service.example ~all"`}
}

// rules are the SPF records at the case's root.
func rules(t *trial.Trial) []string {
	var list []string
	for _, l := range t.Zone() {
		if f := strings.Fields(l); f[3] == "TXT" && strings.Contains(l, "v=spf1") {
			list = append(list, l)
		}
	}
	return list
}
