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
}

// placements are the flows that a template goes through: at the apex, unless
// it requires a host, and at a sub-domain; whole, or each group on its own
// where the groups are alternatives to each other.
func placements(t *dc.Template, o Options, key string) []placement {
	bases := []placement{{name: "apex"}, {name: "host", host: hostLabel}}
	if t.HostRequired {
		bases = bases[1:]
	}
	if !alternatives(t, o, key) {
		return bases
	}
	var each []placement
	for _, base := range bases {
		for _, g := range t.Groups() {
			each = append(each, placement{name: base.name + ",group=" + g, host: base.host, groups: []string{g}})
		}
	}
	return each
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
	z, err := freshZone(domain, "provider.test")
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

// freshZone is a zone as a registrar makes it, with the record that says
// where its Domain Connect provider is, and with two neighbours that no
// template has business with: their loss would show.
func freshZone(domain, discovery string) (*zone.Zone, error) {
	fresh, err := fixtures.Zone("fresh")
	if err != nil {
		return nil, err
	}
	text := fresh.Master(domain) +
		"bystander-4f1c A 203.0.113.77\n" +
		"bystander-4f1c TXT \"not yours\"\n" +
		"_domainconnect TXT \"" + discovery + "\"\n"
	return zone.Parse(domain, strings.NewReader(text), "fresh.zone")
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
	change, conflicts, err := zone.Plan(before, records, nil, rules)
	if err != nil {
		return expectation{err: err}
	}
	after, err := change.Apply(before)
	return expectation{err: err, change: change, conflicts: conflicts, after: after}
}
