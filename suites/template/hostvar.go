package template

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-HOST-BARE-VARIABLE", Title: "a variable is the whole host", Level: Warning, DCTL: []string{"DCTL1040"},
		Requirements: []string{"DC-TMPL-HOST-NO-SUBDOMAIN-VARIABLE"},
		Why:          "Whoever makes the link chooses the name: any name in the zone. The public repository does not merge such a template by itself.",
		Mend:         `Write "@" and let the host parameter choose the sub-domain, or put fixed text around the variable.`,
		Differs:      "The linter says it only on demand (merge-or-fail), as an error, and takes the built-in variables for bare ones too.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if name, host := hostField(r); bare(host) {
					f := p.record(r, name, "%s is %s and nothing else", name, host)
					if name != "host" {
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-HOST-SUBDOMAIN-VARIABLE", Title: "a variable chooses the sub-domain", Level: Warning,
		Requirements: []string{"DC-TMPL-HOST-NO-SUBDOMAIN-VARIABLE"},
		Why:          "Applied again with another value, a provider that keeps state removes the first sub-domain, and consent shows another name than is written. In a CNAME or TXT the variable is often the label by which a service proves ownership, which dcspec-2.3 tolerates: there it is not reported, in ietf-05 it is information.",
		Mend:         "Leave the sub-domain to the host parameter.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				name, host := hostField(r)
				v := named(host)
				if len(v) == 0 || bare(host) {
					return
				}
				label := r.Type == "CNAME" || r.Type == "TXT"
				if label && p.options.Edition == dc.DCSpec23 {
					return
				}
				f := p.record(r, name, "%s %s has the variable %%%s%%", name, quoted(host), v[0])
				if label {
					f.Level = Info
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-HOST-SHARED-VARIABLE", Title: "every host ends in the same variable", Level: Info, DCTL: []string{"DCTL1039"},
		Requirements: []string{"DC-TMPL-HOST-NO-SUBDOMAIN-VARIABLE"},
		Why:          "The variable does what the host parameter is for.",
		Mend:         "Delete the variable from every host; requests name the sub-domain by host.",
		Differs:      "The linter says it of a single record too, where the variable is usually a label of verification; a later record whose variable is not at the end does not stop it, and the variable of one file is carried into the next.",
		check: func(p *pass) {
			shared := ""
			for i := range p.t.Records {
				_, host := hostField(&p.t.Records[i])
				v := lastLabel(host)
				if v == "" || i > 0 && v != shared {
					return
				}
				shared = v
			}
			if len(p.t.Records) > 1 {
				p.record(&p.t.Records[0], "host", "every host ends in %%%s%%", shared)
			}
		},
	})
}

// lastLabel is the variable that is the whole last label of a host.
func lastLabel(host string) string {
	label := host[strings.LastIndexByte(host, '.')+1:]
	v, ok := lone(label)
	if !ok || builtIn(v) {
		return ""
	}
	return v
}
