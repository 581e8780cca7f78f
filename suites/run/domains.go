package run

import (
	"slices"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/trial"
)

// shares are the cases of each domain, whose name stands for the prefix.
func (p *providing) shares(plan []reports.Planned, n int) []share {
	domains := p.domains()
	if n < 2 || len(domains) < 2 || !p.divisible() {
		domains = domains[:1]
	}
	apex := max(0, slices.IndexFunc(domains, func(d target.Domain) bool { return d.Apex }))
	shares := make([]share, len(domains))
	for i, d := range domains {
		shares[i].Prefix = d.Name
	}
	where := placesOfCases()
	for i, c := range plan {
		at := i % len(domains)
		switch place := where[c.ID]; {
		case place.keys:
			at = 0 // keys are published in one zone for all
		case place.apex, place.grants && len(p.target.Hooks.Revoke) > 0:
			// The hook takes back all that the user has allowed the client, so that
			// no other child may be at work with it then.
			at = apex
		}
		shares[at].Owes = append(shares[at].Owes, c.ID)
	}
	return shares
}

// domains are those that cases may write in as they like.
func (p *providing) domains() []target.Domain {
	return slices.DeleteFunc(slices.Clone(p.target.Domains), func(d target.Domain) bool { return d.Role != "" })
}

// divisible reports whether several children can judge the target at a time:
// nothing of it may be there for one only.
func (p *providing) divisible() bool {
	c := p.target
	roles := slices.ContainsFunc(c.Domains, func(d target.Domain) bool { return d.Role != "" })
	return !roles && !c.Consent.Manual && c.Callback.Listen == "" && c.KeyZone.Listen == "" && c.HTTP.Rate == 0
}

// placeOfCase says what binds a case to a domain.
type placeOfCase struct {
	apex, keys bool
	// grants is set for the cases of the asynchronous flow.
	grants bool
}

func placesOfCases() map[string]placeOfCase {
	places := map[string]placeOfCase{}
	for _, ch := range provider.Chapters() {
		for i := range ch.Cases {
			c := &ch.Cases[i]
			places[ch.Name+"/"+c.Key] = placeOfCase{apex: c.Where == trial.AtApex, keys: c.Keys, grants: slices.Contains([]string{"async", "revert"}, ch.Name)}
		}
	}
	return places
}
