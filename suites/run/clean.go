package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/seed"
	"github.com/dcconform/dcconform/suites/target"
)

// CleanOptions are the flags of provider --clean.
type CleanOptions struct {
	// Target is the target.yaml, Dir the report's folder with the list of what
	// was created.
	Target, Dir string
	// Env looks environment variables up for secrets; nil has none.
	Env    func(name string) (string, bool)
	Stdout io.Writer
}

// Clean takes down what a run has left at the provider, by the target's hooks,
// and returns the exit code of DESIGN section 7. Nothing but the names that
// the run's list has is touched.
func Clean(ctx context.Context, o CleanOptions) (int, error) {
	usage := reports.Exit{Usage: true}.Code()
	var options []target.Option
	if o.Env != nil {
		options = append(options, target.WithEnv(o.Env))
	}
	c, err := target.Load(o.Target, options...)
	if err != nil {
		return usage, err
	}
	left, err := target.Leftovers(o.Dir)
	if err != nil {
		return usage, err
	}
	if len(left) == 0 {
		_, err := fmt.Fprintln(o.Stdout, "Nothing is left of that run.")
		return 0, err
	}
	dialer := c.Dialer("")
	seeder := seed.New(c, dialer.DialContext)
	if !seeder.Available() {
		return usage, fmt.Errorf("%s: no hook takes records down: give hooks.reset or hooks.update, or remove the records at these names by hand: %s",
			o.Target, strings.Join(namesOf(left), ", "))
	}
	ledger, err := target.OpenLedger(o.Dir, "clean")
	if err != nil {
		return usage, err
	}
	err = sweep(ctx, o, c, left, seeder, ledger)
	return reports.Exit{Unsure: err != nil}.Code(), errors.Join(err, ledger.Close())
}

// sweep removes what stands at the names of each domain, and notes it.
func sweep(ctx context.Context, o CleanOptions, c *target.Config, left []target.Creation, seeder seed.Seeder, ledger *target.Ledger) error {
	byDomain := map[string][]target.Creation{}
	for _, l := range left {
		byDomain[l.Domain] = append(byDomain[l.Domain], l)
	}
	zones := observe.Of(c, c.Dialer("").DialContext)
	for _, domain := range slices.Sorted(maps.Keys(byDomain)) {
		names, err := leftNames(ctx, c, zones, domain, byDomain[domain])
		if err != nil {
			return err
		}
		if err := seeder.Reset(ctx, domain, names); err != nil {
			return fmt.Errorf("%s: %w", domain, err)
		}
		var ids []string
		for _, l := range byDomain[domain] {
			ids = append(ids, l.ID)
		}
		if err := ledger.Cleaned(ids...); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(o.Stdout, "%s: what stood at %d names was removed\n", domain, len(names)); err != nil {
			return err
		}
	}
	return nil
}

// leftNames are the names that a run may have written in a domain: its hosts,
// what the conformance templates put below them, and, where the zone can be
// transferred, everything else below.
func leftNames(ctx context.Context, c *target.Config, zones observe.Servers, domain string, left []target.Creation) ([]string, error) {
	templates, err := fixtures.ConformanceTemplates()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, root := range namesOf(left) {
		names[root] = true
		for _, t := range templates {
			for _, r := range t.Records {
				owner, _, _ := strings.Cut(r, " ")
				if owner != "@" && !strings.ContainsAny(owner, "{}.*") {
					names[owner+"."+root] = true
				}
			}
		}
	}
	if !c.DNS.AXFR || len(zones.List) == 0 {
		return slices.Sorted(maps.Keys(names)), nil
	}
	records, err := zones.List[0].Transfer(ctx, domain)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, r := range records {
		for root := range names {
			if root != dns.CanonicalName(domain) && dns.IsSubDomain(root, r.Owner) {
				found[r.Owner] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// namesOf are the names that templates were applied at, absolute, each once.
func namesOf(left []target.Creation) []string {
	names := map[string]bool{}
	for _, l := range left {
		name := l.Domain
		if l.Host != "" {
			name = l.Host + "." + l.Domain
		}
		names[dns.CanonicalName(name)] = true
	}
	return slices.Sorted(maps.Keys(names))
}
