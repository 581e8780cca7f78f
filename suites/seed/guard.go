package seed

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

// guard lets through what stays within the target's domains, and remembers
// what was written. It trusts nobody: cases compute names from what a provider
// says.
type guard struct {
	domains []target.Domain
	to      writer

	mu sync.Mutex
	// written has the types of the records by zone and owner.
	written map[string]map[string][]uint16
}

func newGuard(domains []target.Domain, to writer) *guard {
	return &guard{domains: slices.Clone(domains), to: to, written: map[string]map[string][]uint16{}}
}

// Available is true.
func (g *guard) Available() bool { return true }

// Seed parses the records, refuses all if one is out of bounds, and adds them.
func (g *guard) Seed(ctx context.Context, zone string, records []string) error {
	d, err := g.domain(zone)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	zone = dns.Fqdn(d.Name)
	var rrs []dns.RR
	for _, line := range records {
		rr, err := parse(line)
		if err == nil {
			err = g.admit(d, rr.Header().Name)
		}
		if err == nil {
			err = writable(zone, rr)
		}
		if err != nil {
			return fmt.Errorf("seed of %s: record %q: %w", zone, line, err)
		}
		rrs = append(rrs, rr)
	}
	if len(rrs) == 0 {
		return fmt.Errorf("seed of %s: there is no record to add", zone)
	}
	// What may have been written is remembered before: a failure may have
	// come after a part of it.
	g.remember(zone, rrs)
	return g.to.add(ctx, zone, rrs)
}

// Reset refuses all names if one is out of bounds, and clears them and what
// was written below them.
func (g *guard) Reset(ctx context.Context, zone string, names []string) error {
	d, err := g.domain(zone)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	zone = dns.Fqdn(d.Name)
	var clean []string
	for _, name := range names {
		c, err := canonical(name)
		if err == nil {
			err = g.admit(d, c)
		}
		if err != nil {
			return fmt.Errorf("reset of %s: name %q: %w", zone, name, err)
		}
		clean = append(clean, c)
	}
	if len(clean) == 0 {
		return fmt.Errorf("reset of %s: there is no name to clear", zone)
	}
	all := g.below(d, clean)
	if err := g.to.clear(ctx, zone, all); err != nil {
		return err
	}
	g.forget(zone, all)
	return nil
}

// domain finds the zone among the target's domains.
func (g *guard) domain(zone string) (target.Domain, error) {
	name := strings.TrimSuffix(dns.CanonicalName(zone), ".")
	for _, d := range g.domains {
		if dns.CanonicalName(d.Name) != name+"." {
			continue
		}
		if d.Role == target.RoleAbsent {
			return d, fmt.Errorf("the provider does not hold %s: its role is absent", d.Name)
		}
		return d, nil
	}
	return target.Domain{}, fmt.Errorf("%q is none of the target's domains: nothing else is touched", zone)
}

// admit refuses a canonical name that is not in the domain, is in another one
// below it, or is its apex where that is not permitted.
func (g *guard) admit(d target.Domain, name string) error {
	zone := dns.CanonicalName(d.Name)
	if !dns.IsSubDomain(zone, name) {
		return fmt.Errorf("it is outside %s: nothing else is touched", zone)
	}
	for _, other := range g.domains {
		if o := dns.CanonicalName(other.Name); o != zone && dns.IsSubDomain(zone, o) && dns.IsSubDomain(o, name) {
			return fmt.Errorf("it belongs to %s, a zone of its own", o)
		}
	}
	if name == zone && !d.Apex {
		return fmt.Errorf("the apex of %s is not permitted: set apex: true for the domain in target.yaml", zone)
	}
	return nil
}

// noTTL is no TTL that a record can have (RFC 2181 section 8).
const noTTL = 1<<32 - 1

// parse reads exactly one record: no directive, no second record behind a line
// break, nothing left to defaults.
func parse(line string) (dns.RR, error) {
	if strings.ContainsAny(line, "\r\n") {
		return nil, fmt.Errorf("it is more than one line")
	}
	p := dns.NewZoneParser(strings.NewReader(line+"\n"), "", "")
	p.SetDefaultTTL(noTTL)
	rr, ok := p.Next()
	if err := p.Err(); err != nil {
		return nil, fmt.Errorf("it is no record in presentation format, absolute and with TTL: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("it is no record")
	}
	if _, more := p.Next(); more {
		return nil, fmt.Errorf("it is more than one record")
	}
	if rr.Header().Ttl == noTTL {
		return nil, fmt.Errorf("it has no TTL")
	}
	name, err := canonical(rr.Header().Name)
	if err != nil {
		return nil, err
	}
	rr.Header().Name = name
	return rr, nil
}

// canonical is a name in lower case as it reads once it went over the wire, so
// that no spelling of a name escapes a comparison and no control character
// gets into what a command reads.
func canonical(name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("it is empty")
	}
	name = dns.CanonicalName(name)
	if _, ok := dns.IsDomainName(name); !ok {
		return "", fmt.Errorf("it is no domain name")
	}
	wire := make([]byte, 256)
	end, err := dns.PackDomainName(name, wire, 0, nil, false)
	if err != nil {
		return "", fmt.Errorf("it is no domain name: %w", err)
	}
	plain, _, err := dns.UnpackDomainName(wire[:end], 0)
	if err != nil {
		return "", fmt.Errorf("it is no domain name: %w", err)
	}
	return dns.CanonicalName(plain), nil
}

// writable refuses records that are not for us to write.
func writable(zone string, rr dns.RR) error {
	h := rr.Header()
	switch {
	case h.Class != dns.ClassINET:
		return fmt.Errorf("its class is %s, not IN", dns.Class(h.Class))
	case h.Rrtype == dns.TypeSOA, h.Rrtype == dns.TypeNS && h.Name == zone:
		return fmt.Errorf("the SOA and NS records at the apex stay as they are")
	case h.Rrtype == dns.TypeNone, h.Rrtype == dns.TypeOPT, h.Rrtype >= 128 && h.Rrtype <= 255:
		return fmt.Errorf("%s is no type that a zone holds", dns.Type(h.Rrtype))
	}
	return nil
}

func (g *guard) remember(zone string, rrs []dns.RR) {
	g.mu.Lock()
	defer g.mu.Unlock()
	owners := g.written[zone]
	if owners == nil {
		owners = map[string][]uint16{}
		g.written[zone] = owners
	}
	for _, rr := range rrs {
		h := rr.Header()
		if !slices.Contains(owners[h.Name], h.Rrtype) {
			owners[h.Name] = append(owners[h.Name], h.Rrtype)
		}
	}
}

// atApex are the types that are cleared at an apex, beside those that were
// written there: what templates hold and people have. All but these are the
// name server's own business, and without SOA and NS there is no zone.
var atApex = []uint16{
	dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeMX, dns.TypeTXT, dns.TypeSRV, dns.TypeCAA, dns.TypeSPF,
	dns.TypeHTTPS, dns.TypeSVCB, dns.TypeTLSA, dns.TypeNAPTR, dns.TypePTR, dns.TypeDNAME, dns.TypeSSHFP, dns.TypeURI,
}

// below are the names and what was written below them, sorted; names below
// another domain are never among them, since nothing can be written there.
func (g *guard) below(d target.Domain, names []string) []clearing {
	g.mu.Lock()
	defer g.mu.Unlock()
	zone := dns.Fqdn(d.Name)
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
		for owner := range g.written[zone] {
			if dns.IsSubDomain(name, owner) {
				set[owner] = true
			}
		}
	}
	var all []clearing
	for name := range set {
		c := clearing{name: name}
		if name == zone {
			c.types = slices.Concat(atApex, g.written[zone][name])
			slices.Sort(c.types)
			c.types = slices.Compact(c.types)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b clearing) int { return strings.Compare(a.name, b.name) })
	return all
}

func (g *guard) forget(zone string, cleared []clearing) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range cleared {
		delete(g.written[zone], c.name)
	}
}
