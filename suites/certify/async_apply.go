package certify

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/match"
	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/observe"
)

// call asks the API to apply the template, or to take it back (async-00
// sections 6.6 and 6.7).
func (f *flow) call(c *check.Case, verb string, params []client.Param) oauthclient.Answer {
	at := f.party.client.Endpoint(f.t.ProviderID, f.t.ServiceID, verb)
	answer := f.party.client.Send(c.Context(), http.MethodPost, at, params, oauthclient.InQuery, f.party.access)
	recordExchange(c, verb, answer.Exchange)
	c.Interrupted(answer.Err)
	c.Broken(answer.Err)
	return answer
}

// expectGranted is expect at a provider that remembers what is applied.
func (f *flow) expectGranted(before *zone.Zone, applied []zone.Instance, groups []string) expectation {
	records, err := f.records(groups)
	if err != nil {
		return expectation{err: err}
	}
	identity, err := f.identity()
	if err != nil {
		return expectation{err: err}
	}
	rules := f.o.rules()
	rules.Stateful = f.remembers()
	var state *zone.State
	if rules.Stateful {
		state = &zone.State{Instances: applied, By: zone.Application{Identity: identity, Groups: groups, Multi: f.read().MultiInstance}}
	}
	change, conflicts, err := zone.Plan(before, records, state, rules)
	if err != nil {
		return expectation{err: err}
	}
	after, err := change.Apply(before)
	return expectation{err: err, change: change, conflicts: conflicts, after: after}
}

// identity is how the provider remembers the template.
func (f *flow) identity() (zone.Identity, error) {
	apex, err := resolve.FQDN(f.domain, "")
	if err != nil {
		return zone.Identity{}, err
	}
	fqdn, err := resolve.FQDN(f.domain, f.place.host)
	return zone.Identity{Provider: f.t.ProviderID, Service: f.t.ServiceID, Domain: strings.TrimSuffix(apex, "."),
		Host: strings.TrimSuffix(strings.TrimSuffix(fqdn, apex), ".")}, err
}

// read is the template as the run's profile reads it.
func (f *flow) read() *dc.Template {
	if f.behaviour == nil {
		return f.t
	}
	return f.behaviour.Template(f.t)
}

// remembers reports whether the mock keeps template state.
func (f *flow) remembers() bool { return f.behaviour == nil || !f.behaviour.Forgets() }

// applyGranted applies the template with the token: what is in conflict stays
// until the service provider asks for it with force.
func (f *flow) applyGranted(c *check.Case) {
	f.want = f.expectGranted(f.before, nil, f.place.groups)
	params := f.parameters(f.place.groups)
	answer := f.call(c, "apply", params)
	sent := "POST apply for " + f.t.ID().String() + " at " + f.fqdn()
	if f.want.err != nil {
		c.Control("DC-CONFLICT-ZONE-APPLICABILITY", answer.Good(), gomega.BeFalse(), check.About{Sent: sent,
			Actual: fmt.Sprintf("the mock applied what the reference refuses (status %d): %v", answer.Status(), f.want.err)})
		f.refused(c, f.want.err)
		return
	}
	if len(f.want.conflicts) > 0 {
		c.Control("DC-ASYNC-CONFLICT-ERROR", answer.Status(), gomega.Equal(http.StatusConflict), check.About{Sent: sent,
			Expected: []string{"status 409, since records of the zone are in conflict"}, Actual: said(answer)})
		answer = f.call(c, "apply", append(params, client.Param{Name: "force", Value: "1"}))
		c.Control("DC-ASYNC-FORCE", answer.Good(), isTrue, check.About{Sent: sent + " with force=1",
			Expected: []string{"a status of 2xx"}, Actual: said(answer)})
		c.Note("needs-force", fmt.Sprintf("status 409 for %d records in conflict; applied with force=1", len(f.want.conflicts)))
	} else {
		c.Control("DC-ASYNC-APPLY-ENDPOINT", answer.Good(), isTrue, check.About{Sent: sent,
			Expected: []string{"a status of 2xx"}, Actual: said(answer)})
	}
	f.applied = true
	f.party.applied = f.want.change.Instances
}

// said is what the API answered, in one line.
func said(a oauthclient.Answer) string {
	if a.Reply == nil {
		return "no answer"
	}
	return fmt.Sprintf("status %d, %s", a.Status(), strings.Join(strings.Fields(string(a.Reply.Body)), " "))
}

// revert takes the template back. Where nothing had to give way to it the zone
// is then what it was before; else it is what the reference leaves of it.
func (f *flow) revert(c *check.Case) {
	f.needApplied(c)
	place := []client.Param{{Name: "domain", Value: f.domain}, {Name: "host", Value: f.place.host}}
	answer := f.call(c, "revert", place)
	sent := "POST revert of " + f.t.ID().String() + " at " + f.fqdn()
	if f.behaviour != nil && f.behaviour.KeepsApplied() {
		c.Control("DC-REVERT-OPTIONAL-501", answer.Status(), gomega.Equal(http.StatusNotImplemented), check.About{Sent: sent,
			Expected: []string{"status 501"}, Actual: said(answer)})
		c.NotApplicable("no-revert", f.o.Profile+" does not take a template back on request: its users have to remove the records themselves")
	}
	c.Control("DC-REVERT-ENDPOINT", answer.Good(), isTrue, check.About{Sent: sent, Expected: []string{"a status of 2xx"}, Actual: said(answer)})
	want, err := f.reverted()
	c.Broken(err)
	c.Control("DC-REVERT-ACTIVE-RECORDS", f.transferred(c), match.Records(want...), check.About{Sent: sent + ", then AXFR " + f.domain,
		Expected: []string{"the zone without what the template wrote"}})
	again := f.call(c, "revert", place)
	c.Control("DC-REVERT-NOT-APPLIED-410", again.Status(), gomega.Equal(http.StatusGone), check.About{Sent: sent + " once more",
		Expected: []string{"status 410"}, Actual: said(again)})
	for _, r := range f.want.change.Remove {
		if seen, err := observe.Parse(r.String()); err == nil && !slices.Contains(want, seen.String()) {
			c.Note("not-restored", r.String())
		}
	}
}

// reverted are the lines of the zone once the template has been taken back. A
// zone in which nothing gave way is the one before, whatever the reference
// says.
func (f *flow) reverted() ([]string, error) {
	if len(f.want.change.Remove)+len(f.want.change.Retime) == 0 {
		return lines(f.before)
	}
	identity, err := f.identity()
	if err != nil {
		return nil, err
	}
	change, err := zone.Revert(f.want.after, f.party.applied, identity)
	if err != nil {
		return nil, err
	}
	left, err := change.Apply(f.want.after)
	if err != nil {
		return nil, err
	}
	return lines(left)
}
