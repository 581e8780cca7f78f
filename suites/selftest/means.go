package selftest

import (
	"context"
	"slices"
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
		List:    []observe.Server{{Addr: b.provider.DNSAddr(), Dial: b.dialer.DialContext}},
		Settled: func(context.Context) error { return nil },
	}
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
	_, err := s.tenant.Edit(domain, func(z *zone.Zone) (*zone.Zone, error) {
		var lines []string
		for r := range z.Records() {
			lines = append(lines, r.String())
		}
		return zone.Parse(z.Origin(), strings.NewReader(strings.Join(change(lines), "\n")+"\n"), "seed")
	})
	return err
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
