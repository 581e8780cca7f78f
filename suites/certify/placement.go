package certify

import (
	"errors"
	"strings"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/values"
)

// hostLabel is the sub-domain that templates are applied to.
const hostLabel = "sub"

// placement is where, and which part of, a template is applied.
type placement struct {
	// name is the scenario's name: apex, host, or either with a group.
	name string
	host string
	// groups is nil for the whole template.
	groups []string
	// zone names the zone of package fixtures that it is applied to; "" is a
	// fresh one.
	zone string
	// brief placements look at the result alone: the way there has been judged
	// by the full ones.
	brief bool
}

// placements are the flows that a template goes through: at the apex, unless
// it requires a host, and at a sub-domain; whole, or each group on its own
// where the groups are alternatives to each other. Then, more briefly: in
// zones that have been lived in, below a host of several labels, and each
// group alone where they can also be applied together.
func placements(t *dc.Template, o Options, key string) []placement {
	bases := []placement{{name: "apex"}, {name: "host", host: hostLabel}}
	if t.HostRequired {
		bases = bases[1:]
	}
	choice := alternatives(t, o, key)
	all := bases
	if choice {
		all = perGroup(t, bases, false)
	}
	all = append(all, livedIn(t, choice)...)
	deep := placement{name: "deep-host", host: "a.b." + hostLabel, brief: true}
	if choice {
		return append(all, perGroup(t, []placement{deep}, true)...)
	}
	all = append(all, deep)
	if len(t.Groups()) > 1 {
		all = append(all, perGroup(t, bases[:1], true)...)
	}
	return all
}

// perGroup places each group alone.
func perGroup(t *dc.Template, bases []placement, brief bool) []placement {
	var each []placement
	for _, base := range bases {
		for _, g := range t.Groups() {
			each = append(each, placement{name: base.name + ",group=" + g, host: base.host,
				groups: []string{g}, zone: base.zone, brief: brief})
		}
	}
	return each
}

// livedInZones are zones with something in the way, and the host to which a
// template that needs one is applied there.
var livedInZones = []struct{ zone, host string }{{"hosting", "shop"}, {"mail", "www"}, {"delegated", "lab"}}

// livedIn places a template, or each of its alternative groups, in every
// lived-in zone.
func livedIn(t *dc.Template, choice bool) []placement {
	var all []placement
	for _, z := range livedInZones {
		p := placement{name: z.zone + "-zone", zone: z.zone, brief: true}
		if t.HostRequired {
			p.host = z.host
		}
		if choice {
			all = append(all, perGroup(t, []placement{p}, true)...)
			continue
		}
		all = append(all, p)
	}
	return all
}

// alternatives reports whether DNS cannot hold all groups of the template at
// once: then they are meant to be chosen from, and only one at a time is
// applied. Judged at a sub-domain, where a CNAME at the root of the scope is
// legal, with everything else about the template being as in the flow.
func alternatives(t *dc.Template, o Options, key string) bool {
	if len(t.Groups()) < 2 {
		return false
	}
	p := placement{name: "host", host: hostLabel}
	domain := domainOf(o.Seed, key, p.name)
	set, err := inventValues(t, o, p, domain)
	if err != nil {
		return false
	}
	z, err := seededZone("", domain, "provider.test")
	if err != nil {
		return false
	}
	var refusal *dc.Error
	e := expect(t, request(p, domain, set), z, o.rules())
	return errors.As(e.err, &refusal) && refusal.Class == dc.ErrCoexist
}

// domainOf is the zone that one scenario has to itself. DNS questions name
// nothing but the zone, so that no two scenarios may share one.
func domainOf(seed uint64, key, scenario string) string {
	return "z" + invented(seed, "domain", key, scenario) + ".test"
}

func request(p placement, domain string, set values.Set) resolve.Request {
	return resolve.Request{Domain: domain, Host: p.host, Groups: p.groups, Variables: set}
}

// inventValues takes given values where there are some and invents the rest.
func inventValues(t *dc.Template, o Options, p placement, domain string) (values.Set, error) {
	given, err := o.given()
	if err != nil {
		return nil, err
	}
	return values.Complete(t, p.groups, domain, p.host, o.Seed, given.For(t))
}

// seededZone is one of the project's zones under a domain, with the record
// that says where its Domain Connect provider is, and with two neighbours that
// no template has business with: their loss would show.
func seededZone(name, domain, discovery string) (*zone.Zone, error) {
	if name == "" {
		name = "fresh"
	}
	seed, err := fixtures.Zone(name)
	if err != nil {
		return nil, err
	}
	text := seed.Master(domain) +
		"bystander-4f1c A 203.0.113.77\n" +
		"bystander-4f1c TXT \"not yours\"\n" +
		"_domainconnect TXT \"" + discovery + "\"\n"
	return zone.Parse(domain, strings.NewReader(text), name+".zone")
}

// expectation is what the reference says that applying does.
type expectation struct {
	// err is why it must be refused, a *dc.Error.
	err       error
	change    zone.Change
	conflicts []zone.Conflict
	// after is the zone afterwards; the SOA serial is the provider's affair.
	after *zone.Zone
}

func expect(t *dc.Template, req resolve.Request, before *zone.Zone, rules dc.Rules) expectation {
	records, err := resolve.Resolve(t, req, rules)
	if err != nil {
		return expectation{err: err}
	}
	return expectRecords(records, before, rules)
}

// expectRecords is what writing the records does to a zone.
func expectRecords(records []dc.Resolved, before *zone.Zone, rules dc.Rules) expectation {
	change, conflicts, err := zone.Plan(before, records, nil, rules)
	if err != nil {
		return expectation{err: err}
	}
	after, err := change.Apply(before)
	return expectation{err: err, change: change, conflicts: conflicts, after: after}
}
