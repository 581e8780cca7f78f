package conflict

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 10.2, 10.4 and 10.5: the set of new records as a whole.
var whole = []trial.Case{
	{Key: "conflict-not-within-template", Title: "records of one application do not push each other out",
		Requirements: []string{"DC-CONFLICT-NOT-WITHIN-TEMPLATE"}, Templates: []string{"company"}, Seeds: true,
		Body: func(t *trial.Trial) {
			r := t.Request("company")
			replaces{id: "DC-CONFLICT-NOT-WITHIN-TEMPLATE", template: "company", new: r.Records(),
				gone: []string{"@ 300 MX 10 mx.old.example."}}.judge(t)
		}},
	// Records that DNS cannot hold together are refused before anything is
	// applied.
	{Key: "conflict-cname-at-apex", Title: "a CNAME at the apex is refused, or flattened where that is claimed",
		Requirements: []string{"DC-CONFLICT-ZONE-APPLICABILITY"}, Templates: []string{"apex-alias"},
		Body: func(t *trial.Trial) {
			r := t.Request("apex-alias")
			if t.World.Target.Claims["cname-flattening"] {
				t.NotApplicable("cname-flattening", "the target claims to flatten a CNAME at the apex")
			}
			if !t.Place().Apex {
				// Who takes the request would break a zone that was not given for it.
				t.Lacking("no-apex", "the domain does not permit cases at its apex: set apex: true where it does")
			}
			t.Refuses("DC-CONFLICT-ZONE-APPLICABILITY", r.Without("host"), r, "@ 600 CNAME apex.service.example.")
		}},
	{Key: "conflict-cname-and-address", Title: "a CNAME and an address at one name are refused",
		Requirements: []string{"DC-CONFLICT-ZONE-APPLICABILITY"}, Templates: []string{"alias-and-address", "address"},
		Body: func(t *trial.Trial) {
			t.Watch("both")
			t.Refuses("DC-CONFLICT-ZONE-APPLICABILITY", t.Request("alias-and-address"), t.Request("address"), "@ 600 A 192.0.2.10")
		}},
	{Key: "conflict-stateless-removes-all", Title: "a provider without template state takes away every conflicting record",
		Requirements: []string{"DC-CONFLICT-STATELESS-REMOVES-ALL"}, Templates: []string{"address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-STATELESS-REMOVES-ALL", template: "address", new: []string{"@ 600 A 192.0.2.10"},
				gone:  []string{"@ 300 A 203.0.113.1", "@ 300 A 203.0.113.2", "@ 300 A 203.0.113.3"},
				stays: []string{"beside 300 A 203.0.113.4"}}.judge(t)
		}},
	{Key: "conflict-nothing-else-removed", Title: "nothing is taken away but what conflicts",
		Requirements: []string{"DC-CONFLICT-NOTHING-ELSE-REMOVED"}, Templates: []string{"address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-NOTHING-ELSE-REMOVED", template: "address", new: []string{"@ 600 A 192.0.2.10"},
				gone: []string{"@ 300 AAAA 2001:db8::1"},
				stays: []string{"@ 300 MX 10 mx.old.example.", `@ 300 TXT "stays"`, "@ 300 SRV 1 2 3 srv.old.example.",
					`@ 300 CAA 0 issue "ca.old.example"`, `below 300 TXT "stays too"`, "_sip._tcp 300 SRV 1 2 3 srv.old.example."}}.judge(t)
		}},
	// What is removed was offered for approval before.
	{Key: "conflict-precalculated", Title: "what is taken away was on the consent page",
		Requirements: []string{"DC-CONFLICT-PRECALCULATED"}, Templates: []string{"address"}, Seeds: true,
		Body: precalculated},
}

// precalculated compares the consent page with what the zone lacks afterwards.
func precalculated(t *trial.Trial) {
	const id = "DC-CONFLICT-PRECALCULATED"
	seeded := []string{"@ 300 A 203.0.113.1", "@ 300 AAAA 2001:db8::1", "@ 300 MX 10 mx.old.example.", `below 300 TXT "stays too"`}
	t.Seed(seeded...)
	before := t.Zone()
	e := t.Confirms(id, t.Request("address"))
	t.Settle("@ 600 A 192.0.2.10")
	after := t.Zone()
	page, _ := e.Page()
	// A page that lists nothing of what goes is no breach here;
	// DC-CONS-CONFLICTS-SHOWN judges that.
	named := func(line string) bool {
		return strings.Contains(page.Text, strings.Trim(line[strings.LastIndex(line, " ")+1:], `".`))
	}
	lists := slices.ContainsFunc(before, func(l string) bool { return !slices.Contains(after, l) && named(l) })
	if !lists {
		t.Note("reading", "the consent page lists none of the records that are taken away")
	}
	for _, line := range before {
		if !lists || slices.Contains(after, line) {
			continue
		}
		value := line[strings.LastIndex(line, " ")+1:]
		t.Require(id, page.Text, gomega.ContainSubstring(strings.Trim(value, `".`)), check.About{Sent: sent(e).Sent,
			Expected: []string{"every record that is taken away was on the consent page"}, Actual: "this one was not: " + line})
	}
	t.Require(id, slices.Equal(before, after), gomega.BeFalse(), check.About{Sent: sent(e).Sent, Actual: "nothing was taken away"})
}
