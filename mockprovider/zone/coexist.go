package zone

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// coexist refuses what DNS cannot hold whatever is removed before (ietf-05
// sections 10.2 step 4a and 10.4). It looks at the new records only: what
// they push out of the zone is a conflict.
func (p *planner) coexist() error {
	for key, group := range p.owners {
		for _, i := range group {
			f := &p.fresh[i]
			if err := atApex(f, key == ""); err != nil {
				return err
			}
			for _, j := range group {
				if why := excludes(f, &p.fresh[j]); why != "" {
					return cannot(f, "%s", why)
				}
			}
			if f.rec.Type == "NS" || f.rec.Type == "DNAME" {
				if err := p.hides(f); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// cannot is an error of class dc.ErrCoexist.
func cannot(f *fresh, format string, args ...any) error {
	return &dc.Error{Class: dc.ErrCoexist, Record: f.res.Index, Message: fmt.Sprintf(format, args...)}
}

// atApex refuses the types that only the zone's own operator sets there.
func atApex(f *fresh, apex bool) error {
	switch {
	case f.rec.Type == "SOA":
		return cannot(f, "a SOA cannot be applied: the zone has its own")
	case !apex:
		return nil
	case f.rec.Type == "CNAME":
		return cannot(f, "a CNAME cannot stand at %s, the zone apex, beside SOA and NS; apply to a host below it", f.rec.Owner)
	case f.rec.Type == "NS":
		return cannot(f, "an NS cannot be applied to %s, the zone apex, whose name servers are the provider's", f.rec.Owner)
	}
	return nil
}

// excludes says why two new records of one owner cannot both be written; empty
// when they can. Equal records are one.
func excludes(f, other *fresh) string {
	a, b := f.rec.Type, other.rec.Type
	same := a == b && f.entry.key == other.entry.key
	switch {
	case a == "CNAME" && b == "CNAME" && !same:
		return fmt.Sprintf("two CNAMEs at %s: a name has one canonical name", f.rec.Owner)
	case a == "CNAME" && b != "CNAME" && !besideCNAME(b):
		return fmt.Sprintf("a CNAME cannot stand beside %s at %s (RFC 1034 section 3.6.2)", b, f.rec.Owner)
	case a == "DNAME" && b == "DNAME" && !same:
		return fmt.Sprintf("two DNAMEs at %s: a name has one (RFC 6672 section 2.4)", f.rec.Owner)
	case extension(a) && takesHost(b) && !same:
		return fmt.Sprintf("%s at %s cannot stand beside %s there: both say where the host's traffic goes", a, f.rec.Owner, b)
	}
	return ""
}

// hides refuses new records that a new NS or DNAME would hide. Addresses at and
// below a delegation are glue, DS and NSEC belong to the upper side of the cut;
// a DNAME hides what is below it, not what is beside it.
func (p *planner) hides(by *fresh) error {
	for i := range p.fresh {
		f := &p.fresh[i]
		if !strings.HasPrefix(f.key, by.key) {
			continue
		}
		switch typ := f.rec.Type; {
		case by.rec.Type == "DNAME" && f.key == by.key:
		case by.rec.Type == "DNAME":
			return cannot(f, "%s %s would be hidden by the new DNAME of %s (RFC 6672 section 2.4)", f.rec.Owner, typ, by.rec.Owner)
		case typ == "A" || typ == "AAAA":
		case f.key == by.key && (typ == "NS" || typ == "DS" || typ == "NSEC" || typ == "RRSIG"):
		default:
			return cannot(f, "%s %s would be hidden by the new delegation of %s; only the addresses of its name servers may stand there",
				f.rec.Owner, typ, by.rec.Owner)
		}
	}
	return nil
}

// applicable refuses what the rest of the zone cannot hold. The conflict rules
// leave one case: no rule removes a DNAME, or anything for one, although the
// names below it cannot have records.
func (p *planner) applicable() error {
	for i := range p.fresh {
		f := &p.fresh[i]
		for key := range ancestors(f.key) {
			set := p.zone.find(key).set(dns.TypeDNAME)
			if set != nil && set.stays(p.out) {
				return cannot(f, "%s %s would be hidden by the DNAME of %s (RFC 6672 section 2.4); remove that first",
					f.rec.Owner, f.rec.Type, set.entries[0].rec.Owner)
			}
		}
		if f.rec.Type != "DNAME" {
			continue
		}
		if err := p.applicableDNAME(f); err != nil {
			return err
		}
	}
	return nil
}

// applicableDNAME looks for what stays at and below a new DNAME.
func (p *planner) applicableDNAME(f *fresh) (err error) {
	p.zone.under(f.key, func(key string, n *node) bool {
		for i := range n.sets {
			set := &n.sets[i]
			switch {
			case key != f.key && set.stays(p.out):
				err = cannot(f, "a DNAME at %s would hide %s %s (RFC 6672 section 2.4); remove that first",
					f.rec.Owner, n.owner, set.typ)
			case key == f.key && set.rrtype == dns.TypeDNAME && set.entries[0].key != f.entry.key:
				err = cannot(f, "%s has a DNAME to %s already, and can have only one (RFC 6672 section 2.4); remove that first",
					f.rec.Owner, set.entries[0].rec.Data)
			}
		}
		return err == nil
	})
	return err
}

// stays reports whether a record of the set is not in out.
func (s *rrset) stays(out map[*entry]bool) bool {
	stays := false
	s.kept(out, func(*entry) { stays = true })
	return stays
}
