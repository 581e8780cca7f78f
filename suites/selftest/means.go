package selftest

import (
	"context"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/observe"
)

// nameServer observes the mock's zones. What the mock writes shows before it
// answers, so that one look is all the waiting there is.
type nameServer struct{ bench *Bench }

func (n nameServer) server() observe.Server {
	return observe.Server{Addr: n.bench.provider.DNSAddr(), Dial: n.bench.dialer.DialContext}
}

func (n nameServer) Snapshot(ctx context.Context, names []string, types []uint16) ([]string, error) {
	seen := map[string]bool{}
	for _, name := range names {
		for _, typ := range types {
			a, err := n.server().Ask(ctx, name, typ)
			if err != nil {
				return nil, err
			}
			for _, r := range a.Records {
				if r.Owner == dns.CanonicalName(name) {
					seen[r.String()] = true
				}
			}
		}
	}
	var lines []string
	for l := range seen {
		lines = append(lines, l)
	}
	slices.Sort(lines)
	return lines, nil
}

func (n nameServer) WaitFor(ctx context.Context, names []string, types []uint16, _ func([]string) bool) ([]string, error) {
	return n.Snapshot(ctx, names, types)
}

func (n nameServer) Whole(ctx context.Context, name string) ([]string, bool, error) {
	records, err := n.server().Transfer(ctx, name)
	if err != nil {
		return nil, true, err
	}
	records = slices.DeleteFunc(records, func(r observe.Record) bool { return r.Type == "SOA" })
	return observe.Lines(records), true, nil
}

// seeder edits zones as their user would.
type seeder struct{ tenant *store.Tenant }

func (seeder) Available() bool { return true }

func (s seeder) Seed(_ context.Context, domain string, records []string) error {
	return s.edit(domain, func(lines []string) []string { return append(lines, records...) })
}

func (s seeder) Reset(_ context.Context, domain string, names []string) error {
	apex := strings.ToLower(domain) + "."
	return s.edit(domain, func(lines []string) []string {
		return slices.DeleteFunc(lines, func(l string) bool {
			f := strings.Fields(l)
			own := slices.Contains(names, f[0])
			return own && (f[0] != apex || f[3] != "SOA" && f[3] != "NS")
		})
	})
}

func (s seeder) edit(domain string, change func([]string) []string) error {
	_, err := s.tenant.Update(domain, func(z *zone.Zone) (*zone.Zone, error) {
		var lines []string
		for r := range z.Records() {
			lines = append(lines, r.String())
		}
		return zone.Parse(z.Origin(), strings.NewReader(strings.Join(change(lines), "\n")+"\n"), "seed")
	})
	return err
}

// publisher publishes keys in the mock's own key zone.
type publisher struct{ bench *Bench }

func (p publisher) PublishKey(_ context.Context, name string, txt []string) error {
	return p.bench.provider.PublishKey(name, txt)
}
