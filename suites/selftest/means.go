package selftest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/observe"
)

// nameServers observe the mock's zones. What the mock writes shows before it
// answers, so that a wait is settled from the beginning.
func (b *Bench) nameServers() observe.Servers {
	return observe.Servers{
		List:    []observe.Server{{Addr: b.provider.DNSAddr(), TrustNXDOMAIN: true, Dial: b.dialer.DialContext}},
		Settled: func(context.Context) error { return nil },
	}
}

// seeder edits zones as their user would. Where templates are remembered, an
// edit has the consequences that the specification gives it.
type seeder struct {
	tenant *store.Tenant
	kept   bool
}

func (seeder) Available() bool { return true }

func (s seeder) Seed(_ context.Context, domain string, records []string) error {
	return s.edit(domain, func(z *zone.Zone) (c zone.Change, err error) {
		wanted, err := zone.Parse(z.Origin(), strings.NewReader(strings.Join(records, "\n")+"\n"), "seed")
		if err != nil {
			return c, err
		}
		for r := range wanted.Records() {
			if !holds(z, r) {
				c.Add = append(c.Add, r)
			}
		}
		return c, nil
	})
}

// holds reports whether a zone has a record, whatever its TTL.
func holds(z *zone.Zone, r zone.Record) bool {
	for other := range z.At(r.Owner) {
		if other.Type == r.Type && other.Data == r.Data {
			return true
		}
	}
	return false
}

func (s seeder) Reset(_ context.Context, domain string, names []string) error {
	return s.edit(domain, func(z *zone.Zone) (c zone.Change, err error) {
		for _, name := range names {
			for r := range z.At(name) {
				if r.Owner != z.Origin() || r.Type != "SOA" && r.Type != "NS" {
					c.Remove = append(c.Remove, r)
				}
			}
		}
		return c, nil
	})
}

// edit changes a zone by little, since a run seeds it a thousand times.
func (s seeder) edit(domain string, plan func(*zone.Zone) (zone.Change, error)) error {
	if s.kept {
		snapshot, _, ok := s.tenant.Snapshot(domain)
		if !ok {
			return store.ErrNoZone
		}
		c, err := plan(snapshot.Zone)
		if err == nil {
			_, err = s.tenant.EditRecords(domain, c.Remove, c.Add, nil)
		}
		return err
	}
	_, err := s.tenant.Edit(domain, func(z *zone.Zone) (*zone.Zone, error) {
		c, err := plan(z)
		if err != nil {
			return nil, err
		}
		return c.Apply(z)
	})
	return err
}

// revoker takes back what a user has allowed, as the mock's own page does.
func revoker(tenant *store.Tenant) func(context.Context, string) error {
	return func(_ context.Context, user string) error {
		grants := tenant.Grants()
		for _, g := range grants.Grants(user) {
			if !grants.Revoke(user, g.ID) {
				return fmt.Errorf("the grant %s of %s cannot be revoked", g.ID, user)
			}
		}
		return nil
	}
}

// silence is how long the mock waits for an answer that is held back on
// purpose: it comes never, and a real provider's patience would be the run's.
const silence = 20 * time.Millisecond

// AskKeys has tenants look keys up at another key server than the bench's own,
// until the next World or Stranger.
func (b *Bench) AskKeys(server *client.KeyServer) { b.asked.Store(server) }

// lookUp is how the mock finds keys at the run's key server.
func (b *Bench) lookUp(ctx context.Context, name string) ([][]string, error) {
	keys := b.asked.Load()
	if keys.Troubled(name) == client.KeySilent {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, silence)
		defer cancel()
	}
	return mockprovider.KeysAt(keys.Addr())(ctx, name)
}
