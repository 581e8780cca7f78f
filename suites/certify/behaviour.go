package certify

import (
	"fmt"
	"slices"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/profile"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/match"
	"github.com/dcconform/dcconform/suites/observe"
)

// behaviour is what the run's profile does to a template; nil is what the
// specification says. A template that the provider would not have is tried by
// the specification, so that the report says more than that.
func (o Options) behaviour(t *dc.Template) (*profile.Behaviour, error) {
	if o.Profile == "" {
		return nil, nil
	}
	p, err := profiles.Named(o.Profile)
	if err != nil {
		return nil, err
	}
	b := profile.Of(p, profile.Options{Proxied: o.Proxied})
	if !b.Onboards(t) {
		return nil, nil
	}
	return &b, nil
}

// blocked reports whether the mock refuses the synchronous flow of the
// template.
func (f *flow) blocked() bool {
	return f.t.SyncBlock && (f.behaviour == nil || f.behaviour.Template(f.t).SyncBlock)
}

// dropsState reports whether the mock gives no state back.
func (f *flow) dropsState() bool { return f.behaviour != nil && f.behaviour.DropsState() }

// expect is what the reference makes of the flow's template in a zone, as the
// run's profile reads and writes it.
func (f *flow) expect(before *zone.Zone) expectation {
	records, err := f.records(f.place.groups)
	if err != nil {
		return expectation{err: err}
	}
	return expectRecords(records, before, f.o.rules())
}

// records are what the reference makes of groups of the flow's template, nil
// for all of it, as the run's profile reads and writes them.
func (f *flow) records(groups []string) ([]dc.Resolved, error) {
	request := f.resolveRequest()
	request.Groups = groups
	if f.behaviour == nil {
		return resolve.Resolve(f.t, request, f.o.rules())
	}
	records, err := resolve.Resolve(f.behaviour.Template(f.t), request, f.o.rules())
	if err != nil {
		return nil, err
	}
	return f.behaviour.Records(f.domain, records), nil
}

// readEdge asks for a record that the provider answers for itself, and wants
// its edge there; false is a record that is answered as it was written.
func (f *flow) readEdge(c *check.Case, ns observe.Server, r zone.Record, asked map[string]bool) bool {
	if f.behaviour == nil || !f.behaviour.Edged(r.Type) {
		return false
	}
	name := r.Owner
	if asked[name+" edge"] {
		return true
	}
	asked[name+" edge"] = true
	for _, want := range []struct {
		qtype uint16
		data  string
	}{{dns.TypeA, profile.EdgeA}, {dns.TypeAAAA, profile.EdgeAAAA}, {dns.TypeCNAME, ""}} {
		answer, err := ns.Ask(c.Context(), name, want.qtype)
		c.Interrupted(err)
		if err != nil {
			c.Broken(fmt.Errorf("asking for %s %s: %w", name, dns.TypeToString[want.qtype], err))
		}
		c.Record("observation", name+" "+dns.TypeToString[want.qtype], []byte(answer.Observation().String()+"\n"))
		var got, expected []string
		for _, seen := range answer.Records {
			got = append(got, seen.String())
		}
		if want.data != "" {
			seen, err := observe.Parse(fmt.Sprintf("%s 300 IN %s %s", name, dns.TypeToString[want.qtype], want.data))
			c.Broken(err)
			expected = append(expected, seen.String())
		}
		c.Control("DC-APPLY-ALL-WRITTEN", slices.Clone(got), match.Records(expected...), check.About{
			Sent: name + " " + dns.TypeToString[want.qtype] + " at the authoritative server", Expected: expected})
	}
	what := "the " + r.Type
	if r.Type == dc.TypeAPEXCNAME {
		what = "the CNAME at the apex"
	}
	c.Note("edge-addresses", fmt.Sprintf("%s of the template at %s is not in the DNS at %s: resolvers see addresses of its edge. A verification of yours that looks for it there fails; fetch something from the name instead.",
		what, name, f.o.Profile))
	return true
}
