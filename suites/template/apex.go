package template

import "github.com/dcconform/dcconform/mockprovider/dc"

func init() {
	const differs = `The linter looks at "@" alone; here the empty host and "%fqdn%." are the same name, and "%domain%." is the zone's apex whatever hostRequired says.`
	declare(Rule{
		ID: "TMPL-CNAME-APEX", Title: "a CNAME can land at the zone's apex", Level: Error, DCTL: []string{"DCTL1012"},
		Requirements: []string{"DC-TMPL-APEX-CNAME-HOSTREQUIRED"},
		Why:          "The apex has SOA and NS records, beside which DNS has no CNAME. Some providers put addresses in its place, the others refuse the template.",
		Mend:         "Set hostRequired, or use A and AAAA records.",
		Differs:      differs,
		check:        func(p *pass) { atApex(p, "CNAME") },
	})
	declare(Rule{
		ID: "TMPL-NS-APEX", Title: "an NS can land at the zone's apex", Level: Error, DCTL: []string{"DCTL1012"},
		Requirements: []string{"DC-TMPL-APEX-NS-HOSTREQUIRED"},
		Why:          "The NS records at the apex delegate the whole zone; a template that replaces them takes it away from its provider.",
		Mend:         "Set hostRequired, or delegate a sub-domain.",
		Differs:      differs,
		check:        func(p *pass) { atApex(p, "NS") },
	})
	declare(Rule{
		ID: "TMPL-CNAME-SELF", Title: "a CNAME points to itself", Level: Error,
		Requirements: []string{"DC-TMPL-POINTSTO-SYNTAX"},
		Why:          "The name is its own alias: nobody can resolve it.",
		Mend:         "Point to the name of the service.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type != "CNAME" || !atRoot(r) {
					return
				}
				switch r.PointsTo {
				case "@", "%fqdn%", "%fqdn%.":
					p.record(r, "pointsTo", "the CNAME at %s points to %s, which is the same name", quoted(r.Host), quoted(r.PointsTo))
				}
			})
		},
	})
}

func atApex(p *pass, recordType string) {
	p.each(func(r *dc.Record) {
		switch {
		case r.Type != recordType || !r.Has("host"):
		case r.Host == "%domain%.":
			p.record(r, "host", "the %s stands at the zone's apex", recordType).DCTL = ""
		case atRoot(r) && !p.t.HostRequired:
			f := p.record(r, "host", "the %s at %s lands at the zone's apex when no host is given", recordType, quoted(r.Host))
			if r.Host != "@" {
				f.DCTL = ""
			}
		}
	})
}
