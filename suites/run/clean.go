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
	"github.com/dcconform/dcconform/suites/provider"
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
	options := []target.Option{provider.Profiles()}
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
	var errs []error
	for _, domain := range slices.Sorted(maps.Keys(byDomain)) {
		// What cannot be done in one domain does not keep another as it is.
		if err := sweepDomain(ctx, o, c, zones, domain, byDomain[domain], seeder, ledger); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", domain, err))
		}
	}
	return errors.Join(errs...)
}

func sweepDomain(ctx context.Context, o CleanOptions, c *target.Config, zones observe.Servers, domain string, left []target.Creation, seeder seed.Seeder, ledger *target.Ledger) error {
	names, err := leftNames(ctx, c, zones, domain, left)
	if err != nil {
		return err
	}
	said := fmt.Sprintf("what stood at %d names was removed", len(names))
	if err := seeder.Reset(ctx, domain, names); err != nil {
		if !empty(ctx, zones, names) {
			return err
		}
		// Most of what is sent to a zone that is not the user's is refused, and
		// a hook need not reach that zone.
		said = fmt.Sprintf("nothing stands at %d names", len(names))
	}
	var ids []string
	for _, l := range left {
		ids = append(ids, l.ID)
	}
	if err := ledger.Cleaned(ids...); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Stdout, "%s: %s\n", domain, said)
	return err
}

// empty reports whether the name servers have nothing at names.
func empty(ctx context.Context, zones observe.Servers, names []string) bool {
	if len(names) == 0 {
		return true
	}
	seen, err := zones.Snapshot(ctx, names, []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeMX, dns.TypeTXT, dns.TypeNS, dns.TypeSRV, dns.TypeCAA})
	return err == nil && len(seen.Records) == 0
}

// leftNames are the names of a domain that a run may have written at. At a host
// of the run's own that is everything at and below it, as far as the zone can
// be transferred, and the names that the list has; at an apex, which is not the
// run's alone, it is the names that the list has.
func leftNames(ctx context.Context, c *target.Config, zones observe.Servers, domain string, left []target.Creation) ([]string, error) {
	names, roots := map[string]bool{}, map[string]bool{}
	for _, l := range left {
		root := rootOf(l)
		if l.Host != "" {
			roots[root] = true
			names[root] = true
		}
		noted, err := notedNames(l)
		if err != nil {
			return nil, err
		}
		for _, name := range noted {
			if ours(c, l, name) {
				names[name] = true
			}
		}
	}
	if !c.DNS.AXFR || len(zones.List) == 0 || len(roots) == 0 {
		return slices.Sorted(maps.Keys(names)), nil
	}
	records, err := zones.List[0].Transfer(ctx, domain)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		for root := range roots {
			if dns.IsSubDomain(root, r.Owner) {
				names[r.Owner] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// ours reports whether a noted name is one that the run had to itself: it
// belongs to no other domain of the target and, for a case with a host, its
// first label below the domain begins as those of the run do.
func ours(c *target.Config, l target.Creation, name string) bool {
	domain := dns.CanonicalName(l.Domain)
	if !dns.IsSubDomain(domain, name) {
		return false
	}
	for _, other := range c.Domains {
		if o := dns.CanonicalName(other.Name); o != domain && dns.IsSubDomain(domain, o) && dns.IsSubDomain(o, name) {
			return false
		}
	}
	if l.Host == "" {
		return true
	}
	labels := dns.SplitDomainName(strings.TrimSuffix(name, domain))
	return len(labels) > 0 && strings.HasPrefix(labels[len(labels)-1], strings.ToLower(c.Hosts.Prefix))
}

// notedNames are the names of a creation, absolute: as they were noted, or
// those of its template.
func notedNames(l target.Creation) ([]string, error) {
	if len(l.Names) > 0 {
		var names []string
		for _, name := range l.Names {
			names = append(names, dns.CanonicalName(name))
		}
		return names, nil
	}
	templates, err := fixtures.ConformanceTemplates()
	if err != nil {
		return nil, err
	}
	names := []string{rootOf(l)}
	for _, t := range templates {
		if t.Service != l.Template {
			continue
		}
		for _, r := range t.Records {
			if owner, _, _ := strings.Cut(r, " "); owner != "@" && !strings.ContainsAny(owner, "{}.*") {
				names = append(names, dns.CanonicalName(owner+"."+rootOf(l)))
			}
		}
	}
	return names, nil
}

// rootOf is the name that a template was applied at, absolute.
func rootOf(l target.Creation) string {
	if l.Host == "" {
		return dns.CanonicalName(l.Domain)
	}
	return dns.CanonicalName(l.Host + "." + l.Domain)
}

// namesOf are the names that templates were applied at, absolute, each once.
func namesOf(left []target.Creation) []string {
	names := map[string]bool{}
	for _, l := range left {
		names[rootOf(l)] = true
	}
	return slices.Sorted(maps.Keys(names))
}
