package state

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// remembers is what the cases about kept state need.
var remembers = []register.Need{register.NeedStateful}

// Sections 10.1, 10.2 and 10.4.1.1: an application replaces the one before it,
// unless the template says that both stay.
var kept = []trial.Case{
	{Key: "state-reapply-replaces", Title: "a template that is applied again replaces what it wrote before",
		Requirements: []string{"DC-STATE-REAPPLY-REPLACES"}, Templates: []string{"text", "several"}, Names: []string{"twin"},
		Body: func(t *trial.Trial) {
			twice(t, "several", "twin", `twin 600 TXT "first"`, `twin 600 TXT "second"`)
			t.Given(t.Request("text").With("text", "first"), `@ 600 TXT "first"`, `twin 600 TXT "first"`, `twin 600 TXT "second"`)
			e := t.Confirms("DC-STATE-REAPPLY-REPLACES", t.Request("text").With("text", "second"))
			t.Holds("DC-STATE-REAPPLY-REPLACES", again(e), `@ 600 TXT "second"`, `twin 600 TXT "first"`, `twin 600 TXT "second"`)
		}},
	{Key: "state-multi-kept", Title: "a multiInstance template that is applied again leaves what it wrote before",
		Requirements: []string{"DC-STATE-MULTI-KEPT"}, Templates: []string{"text", "several"}, Names: []string{"twin"},
		Body: func(t *trial.Trial) {
			twice(t, "text", "twin", `twin 600 TXT "second"`)
			t.Given(t.Request("several").With("text", "first"), `@ 600 TXT "first"`, `twin 600 TXT "second"`)
			e := t.Confirms("DC-STATE-MULTI-KEPT", t.Request("several").With("text", "second"))
			t.Holds("DC-STATE-MULTI-KEPT", again(e), `@ 600 TXT "first"`, `@ 600 TXT "second"`, `twin 600 TXT "second"`)
		}},
	{Key: "state-multi-conflicts", Title: "instances of one template conflict as others do",
		Requirements: []string{"DC-STATE-MULTI-CONFLICTS-CHECKED"}, Templates: []string{"state-flags", "several"}, Names: []string{"twin"},
		Body: func(t *trial.Trial) {
			twice(t, "several", "twin", `twin 600 TXT "first"`, `twin 600 TXT "second"`)
			r := t.Request("state-flags")
			t.Given(r, "@ 600 A 192.0.2.51", `once 600 TXT "set up"`, `twin 600 TXT "first"`, `twin 600 TXT "second"`)
			e := t.Confirms("DC-STATE-MULTI-CONFLICTS-CHECKED", r.With("ip", "192.0.2.52"))
			t.Holds("DC-STATE-MULTI-CONFLICTS-CHECKED", again(e), "@ 600 A 192.0.2.52", `once 600 TXT "set up"`, `twin 600 TXT "first"`, `twin 600 TXT "second"`)
		}},
	// 10.3.1: a group that is applied later joins the instance.
	{Key: "state-group-keeps-instance", Title: "a group that is applied later does not end what is there",
		Requirements: []string{"DC-GRP-INSTANCE-KEPT"}, Templates: []string{"rivals"}, Body: groupKeeps},
	{Key: "state-same-group-replaced", Title: "a group that is applied again replaces what it wrote before, and nothing else",
		Requirements: []string{"DC-GRP-SAME-GROUP-REPLACED"}, Templates: []string{"groups"}, Needs: remembers,
		Body: func(t *trial.Trial) {
			const id = "DC-GRP-SAME-GROUP-REPLACED"
			r := t.Request("groups")
			t.Settled(r.With("groupId", "g10").With("mark", "old"), `ten 600 TXT "ten old"`)
			t.Settled(r.With("groupId", "g1").With("mark", "old"), `one 600 TXT "one old"`, `ten 600 TXT "ten old"`)
			e := t.Confirms(id, r.With("groupId", "g1").With("mark", "new"))
			t.Includes(id, again(e), `one 600 TXT "one new"`)
			t.Gone(id, again(e), `one 600 TXT "one old"`)
			t.Stays(id, again(e), `ten 600 TXT "ten old"`)
			reading := "records of no group are replaced by a later group"
			if len(t.Present(`base 600 TXT "base old"`)) > 0 {
				reading = "records of no group stay when a group is applied again"
			}
			t.Note("reading", reading)
		}},
}

// again describes the second of two applications.
func again(e *trial.Ending) check.About {
	return check.About{Sent: "the template applied, then applied again: GET " + e.Link + ", then Confirm"}
}

// twice applies a template with a text two times at a name below the case's
// own: the control twin, which has to come out the other way.
func twice(t *trial.Trial, service, at string, records ...string) {
	r := t.Request(service).With("host", at+".{host}")
	t.Settled(r.With("text", "first"), at+` 600 TXT "first"`)
	t.Given(r.With("text", "second"), records...)
}

func groupKeeps(t *trial.Trial) {
	const id = "DC-GRP-INSTANCE-KEPT"
	r := t.Request("rivals")
	t.Given(r.With("groupId", "r1"), "@ 600 A 192.0.2.61", `one 600 TXT "one r"`)
	e := t.Confirms(id, r.With("groupId", "r2"))
	about := check.About{Sent: "one group applied, then another one: GET " + e.Link + ", then Confirm"}
	t.Includes(id, about, "@ 600 A 192.0.2.62")
	t.Includes(id, about, `two 600 TXT "two r"`)
	t.Stays(id, about, `one 600 TXT "one r"`)
	reading := "a record of another group that is in the way is removed"
	if len(t.Present("@ 600 A 192.0.2.61")) > 0 {
		reading = "a record of another group that is in the way stays"
	}
	t.Note("reading", reading)
	twin := t.Approve(r.Without("groupId").With("mark", "s"))
	want := []string{"@ 600 A 192.0.2.61", "@ 600 A 192.0.2.62", `one 600 TXT "one s"`, `two 600 TXT "two s"`}
	t.Settle(want...)
	left := t.Present(`one 600 TXT "one r"`, `two 600 TXT "two r"`)
	if !twin.Succeeded() || len(left) > 0 {
		t.Inconclusive("control-twin", "the whole template, applied again, did not replace what its groups had written: "+twin.String()+"; still there: "+strings.Join(left, ", "))
	}
}

// Section 10.6: what else would end.
var told = []trial.Case{
	{Key: "state-disabled-shown", Title: "the user is told which services end",
		Requirements: []string{"DC-STATE-DISABLED-SERVICES-SHOWN"}, Templates: []string{"plain", "address", "text"},
		Body: func(t *trial.Trial) {
			const id, name = "DC-STATE-DISABLED-SERVICES-SHOWN", "Conformance Plain Service"
			t.Given(t.Request("plain"), "@ 600 A 192.0.2.1", `note 600 TXT "v=plain"`)
			if twin := t.Twin(t.Request("text")); strings.Contains(read(twin), name) {
				t.Inconclusive("control-twin", "the consent page names the service where nothing happens to it: "+read(twin))
			}
			e := t.Twin(t.Request("address"))
			t.Require(id, read(e), gomega.ContainSubstring(name), check.About{Sent: "the plain template applied, then GET " + e.Link,
				Expected: []string{"the consent page names " + name + ", which would end"}, Actual: "the consent page says: " + read(e)})
		}},
}

// read is what the consent page says, on one line.
func read(e *trial.Ending) string {
	page, _ := e.Page()
	return strings.Join(strings.Fields(page.Title+" "+page.Text), " ")
}
