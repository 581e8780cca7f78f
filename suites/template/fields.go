package template

import (
	"slices"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-DATA-STRAY", Title: "data on a type with members of its own", Level: Error, DCTL: []string{"DCTL0009"},
		Requirements: []string{"DC-TMPL-DATA-ONLY-GENERIC"},
		Why:          "The value of this type stands in other members. A provider that prefers data writes another record.",
		Mend:         "Delete data.",
		Differs:      "The linter has this as information, and not for A, AAAA, SPFM and APEXCNAME.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type != "" && !generic(r) && r.Has("data") {
					f := p.record(r, "data", "%s has data, which belongs to TXT and generic types", r.Type)
					if !linterSeesStray(r, "data") {
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-FIELD-STRAY", Title: "a member that means nothing on this type", Level: Info, DCTL: []string{"DCTL0009"},
		Requirements: []string{"DC-TMPL-TXT-MODE-ENUM"},
		Why:          "Providers ignore the member; often the type or the member is another than was meant. A conflict mode on a type that knows none is a warning, because somebody expects protection by it.",
		Mend:         "Delete the member.",
		Differs:      "The linter looks at name, pointsTo, data and target alone, and not at A, AAAA, SPFM and APEXCNAME.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if name, _, ok := dc.CanonicalType(r.Type); !ok || name != r.Type {
					return
				}
				for _, m := range fieldNames {
					if r.Has(m) && m != "data" && !meaningful(r, m) {
						f := p.record(r, m, "%s means nothing on the type %s", m, r.Type)
						if !linterSeesStray(r, m) {
							f.DCTL = ""
						}
						if m == "txtConflictMatchingMode" {
							f.Level = Warning
						}
					}
				}
			})
		},
	})
}

// meaningful reports whether a provider reads the member on this type.
func meaningful(r *dc.Record, m string) bool {
	switch m {
	case "type", "groupId", "essential":
		return true
	case "host":
		return r.Type != "SRV"
	case "ttl":
		return r.Type != dc.TypeSPFM && !isRedirect(r.Type)
	case "name":
		return r.Type == "SRV"
	case "txtConflictMatchingMode", "txtConflictMatchingPrefix":
		return r.Type == "TXT"
	case "data":
		return generic(r)
	}
	return slices.Contains(ownMembers[r.Type], m)
}

// linterSeesStray reports whether the linter looks for the member on this
// type at all.
func linterSeesStray(r *dc.Record, m string) bool {
	if r.Text(m) == "" {
		return false
	}
	main := ""
	switch r.Type {
	case "CNAME", "NS", "MX":
		main = "pointsTo"
	case "TXT":
		main = "data"
	case "SRV":
		main = "target"
	case dc.TypeREDIR301, dc.TypeREDIR302:
		if r.Host == "" {
			return false
		}
		main = "target"
	default:
		return false
	}
	return m != main && slices.Contains([]string{"name", "pointsTo", "data", "target"}, m)
}
