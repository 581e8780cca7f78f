package zone

import (
	"fmt"
	"strings"

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
			if f.rec.Type == "NS" {
				if err := p.delegates(f); err != nil {
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

// delegates refuses new records that the delegation would hide. Addresses at
// and below it are glue, DS and NSEC belong to the upper side of the cut.
func (p *planner) delegates(ns *fresh) error {
	for i := range p.fresh {
		f := &p.fresh[i]
		if !strings.HasPrefix(f.key, ns.key) {
			continue
		}
		switch typ := f.rec.Type; {
		case typ == "A" || typ == "AAAA":
		case f.key == ns.key && (typ == "NS" || typ == "DS" || typ == "NSEC" || typ == "RRSIG"):
		default:
			return cannot(f, "%s %s would be hidden by the new delegation of %s; only the addresses of its name servers may stand there",
				f.rec.Owner, typ, ns.rec.Owner)
		}
	}
	return nil
}
