package template

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-CNAME-NOT-ALONE", Title: "a CNAME with other records at its name", Level: Error, DCTL: []string{"DCTL1011"},
		Requirements: []string{"DC-TMPL-APEX-CNAME-HOSTREQUIRED"},
		Why:          "DNS holds a CNAME alone at its name. The records are applied together, so every provider refuses the template, or loses a part of it.",
		Mend:         "Move one of them to another host, or into a group of its own.",
		Differs:      `The linter compares with the nearest earlier record of the same group and the same text in host; here "@", the empty host and "%fqdn%." are one name, letter case does not count, records without group are in every group, SRV stands at its service and protocol, and the same CNAME twice is a duplicate and no conflict.`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				p.beside(r, func(other *dc.Record) bool {
					if !collide(r, other) {
						return false
					}
					name, host := hostField(r)
					f := p.record(r, name, "the %s at %s stands beside the %s of record %d", r.Type, quoted(host), other.Type, other.Index+1)
					if r.GroupID != other.GroupID || r.Host != other.Host || r.Type != "CNAME" && other.Type != "CNAME" {
						f.DCTL = ""
					}
					return true
				})
			})
		},
	})
	declare(Rule{
		ID: "TMPL-GROUPS-ALTERNATIVE", Title: "groups that exclude each other", Level: Info,
		Why:  "The records of two groups cannot be in one zone. As alternatives that is sound, but a request without groupId asks for all of them and is refused.",
		Mend: "Name groupId in every request.",
		check: func(p *pass) {
			for i := range p.t.Records {
				r := &p.t.Records[i]
				for _, other := range p.owners.records[p.owners.key[r.Index]] {
					if other.Index < r.Index && !together(r, other) && collide(r, other) {
						p.record(r, "groupId", "the groups %s and %s exclude each other: %s and %s at %s",
							quoted(other.GroupID), quoted(r.GroupID), other.Type, r.Type, quoted(r.Host))
						return
					}
				}
			}
		},
	})
	declare(Rule{
		ID: "TMPL-BELOW-DELEGATION", Title: "a record at or below a delegated name", Level: Warning,
		Why:   "The NS records of the template give the name and everything below it to other servers; what else the template writes there is never served.",
		Mend:  "Put the record into the zone that is delegated.",
		check: checkDelegation,
	})
}

// collide reports whether DNS cannot hold both records at one name: a CNAME
// or APEXCNAME beside anything else. Redirects need addresses, SPFM is a TXT.
func collide(a, b *dc.Record) bool {
	alias := func(r *dc.Record) bool { return r.Type == "CNAME" }
	switch {
	case a.Type == dc.TypeAPEXCNAME || b.Type == dc.TypeAPEXCNAME:
		replaced := func(r *dc.Record) bool {
			switch r.Type {
			case "A", "AAAA", "CNAME", dc.TypeAPEXCNAME, dc.TypeREDIR301, dc.TypeREDIR302:
				return true
			}
			return false
		}
		return replaced(a) && replaced(b) && !(a.Type == b.Type && sameValue(a, b))
	case alias(a) && alias(b):
		return !sameValue(a, b)
	}
	return alias(a) || alias(b)
}

func checkDelegation(p *pass) {
	cuts := map[string][]*dc.Record{}
	p.each(func(r *dc.Record) {
		if key := p.owners.key[r.Index]; r.Type == "NS" && key != root {
			cuts[key] = append(cuts[key], r)
		}
	})
	if len(cuts) == 0 {
		return
	}
	p.each(func(r *dc.Record) {
		key := p.owners.key[r.Index]
		for name := key; ; {
			for _, cut := range cuts[name] {
				at := name == key && (r.Type == "NS" || r.Type == "DS")
				glue := (r.Type == "A" || r.Type == "AAAA") && name != key
				if !at && !glue && together(r, cut) {
					p.record(r, "", "the %s at %s is at or below the name that record %d delegates", r.Type, quoted(key), cut.Index+1)
					return
				}
			}
			_, above, found := strings.Cut(name, ".")
			if !found {
				return
			}
			name = above
		}
	})
}
