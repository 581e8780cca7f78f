package template

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

func init() {
	declare(Rule{
		ID: "TMPL-RECORDS-EMPTY", Title: "the template has no records", Level: Warning, DCTL: []string{"DCTL1030"},
		Requirements: []string{"DC-TMPL-RECORDS-ARRAY"},
		Why:          "An empty list is legal, and a provider then reports success with nothing written.",
		Mend:         "Add the records.",
		Differs:      "The linter has this as an error.",
		check: func(p *pass) {
			if raw := p.t.Member("records"); len(raw) > 0 && raw[0] == '[' && len(p.t.Records) == 0 {
				p.member("records", "the template has no records")
			}
		},
	})
	declare(Rule{
		ID: "TMPL-TYPE", Title: "no record type for templates", Level: Error, DCTL: []string{"DCTL1016"},
		Requirements: []string{"DC-TMPL-TYPE-SYNTAX"},
		Why:          `A provider refuses the whole template for one record of a type that it cannot have. Types are written in upper case: "txt" reaches no rule that TXT has. SOA, RRSIG and their like belong to the name server.`,
		Mend:         "Write an upper-case mnemonic, SPFM, or TYPE and decimal digits.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type == "" {
					return
				}
				one := &dc.Template{Records: []dc.Record{{Type: r.Type}}}
				if err := resolve.Supported(one, dc.Rules{}); err != nil {
					message := err.Error()
					if _, after, found := strings.Cut(message, "type: "); found {
						message = after
					}
					message, _, _ = strings.Cut(message, "; ") // the mend is the rule's
					f := p.record(r, "type", "%s", message)
					if len(variables(r.Type)) > 0 {
						f.Message = "type has a variable: " + quoted(r.Type)
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TYPE-GENERIC", Title: "a record type that not all providers take", Level: Info, DCTL: []string{"DCTL1016"},
		Why:     "ietf-05 gives templates every type of DNS by data, older providers know a closed list. A provider without the type refuses the whole template.",
		Mend:    "Ask your providers, or put the record into a template of its own.",
		Differs: "The linter says the same of types that cannot be in a template at all, which are errors here.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if _, _, ok := dc.CanonicalType(r.Type); ok && generic(r) && r.Type != "TXT" && resolve.Supported(&dc.Template{Records: []dc.Record{{Type: r.Type}}}, dc.Rules{}) == nil {
					p.record(r, "type", "%s is a generic type, which older providers do not take", r.Type)
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TYPE-NUMBER", Title: "a core type is written by its number", Level: Warning,
		Requirements: []string{"DC-TMPL-TYPE-SYNTAX"},
		Why:          "TYPE5 is CNAME, and conflicts as CNAME does; a provider or a linter that compares names does not see it, these rules among them.",
		Mend:         "Write the mnemonic.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if name, _, ok := dc.CanonicalType(r.Type); ok && name != r.Type && (ownMembers[name] != nil || name == "TXT") {
					p.record(r, "type", "%s is %s", r.Type, name)
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TYPE-EXTENSION", Title: "a record type outside DNS that few providers take", Level: Info, DCTL: []string{"DCTL1038", "DCTL5009"},
		Why:  "APEXCNAME, REDIR301 and REDIR302 are extensions; ietf-05 only reserves their names. A provider without them refuses the whole template.",
		Mend: "Use A and AAAA records, or put the record into a template of its own.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if isRedirect(r.Type) || r.Type == dc.TypeAPEXCNAME {
					p.record(r, "type", "%s is an extension, which few providers take", r.Type)
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-ESSENTIAL", Title: "essential is neither Always nor OnApply", Level: Error, DCTL: []string{"DCTL1005"},
		Requirements: []string{"DC-TMPL-ESSENTIAL-ENUM"},
		Why:          "Another word is read as Always: when the customer changes this record, the whole template goes. Another letter case of the two words is a warning in ietf-05, whose grammar allows it.",
		Mend:         `Write "OnApply" or "Always", or delete the member.`,
		Differs:      "The linter has another letter case as an error in every edition.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				e := r.Essential
				if e == "Always" || e == "OnApply" || e == "" {
					return
				}
				f := p.record(r, "essential", "essential is %s", quoted(e))
				if p.options.Edition == dc.IETF05 && (strings.EqualFold(e, "Always") || strings.EqualFold(e, "OnApply")) {
					f.Level = Warning
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-DUPLICATE-RECORD", Title: "two records say the same", Level: Warning, DCTL: []string{"DCTL1023"},
		Why:     "DNS holds a record once, so the second says nothing; often one of them was meant to be something else.",
		Mend:    "Delete one of the two, or correct it.",
		Differs: "The linter compares every member as text; here owner, type and value count, in any letter case where DNS ignores it, and records of different groups are no duplicates.",
		check:   checkDuplicates,
	})
}

func checkDuplicates(p *pass) {
	p.each(func(r *dc.Record) {
		p.beside(r, func(other *dc.Record) bool {
			if other.Type != r.Type || !sameValue(r, other) {
				return false
			}
			f := p.record(r, "", "the record says the same as record %d", other.Index+1)
			if slices.ContainsFunc(fieldNames, func(m string) bool { return r.Text(m) != other.Text(m) }) {
				f.DCTL = ""
			}
			return true
		})
	})
}

// sameValue compares what two records of one type put into DNS.
func sameValue(a, b *dc.Record) bool {
	for _, m := range substituted(a) {
		if m == "ttl" || m == "host" || m == "name" || m == "service" || m == "protocol" {
			continue
		}
		x, y := a.Text(m), b.Text(m)
		if m == "pointsTo" || m == "target" && !isRedirect(a.Type) {
			x, y = lowerLiteral(strings.TrimSuffix(x, ".")), lowerLiteral(strings.TrimSuffix(y, "."))
		}
		if x != y {
			return false
		}
	}
	return true
}

// groupForm is dc-id.
var groupForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,63}$`)

func init() {
	declare(Rule{
		ID: "TMPL-GROUPID", Title: "groupId cannot be asked for", Level: Error, DCTL: []string{"DCTL1009"},
		Requirements: []string{"DC-TMPL-GROUPID-SYNTAX"},
		Why:          "Requests list groups with commas between them; variables are not replaced in groupId. Other forms than that of ids are errors in ietf-05 alone.",
		Mend:         "Use up to 63 ASCII letters, digits, hyphens, underscores and dots.",
		Differs:      "The linter takes any two per cent signs for a variable, and knows no other mistake.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				switch g := r.GroupID; {
				case len(variables(g)) > 0:
					p.record(r, "groupId", "groupId %s has a variable", quoted(g))
				case g != "" && !groupForm.MatchString(g) && p.options.Edition == dc.IETF05:
					f := p.record(r, "groupId", "groupId %s has another form than groups have", quoted(g))
					if strings.Count(g, "%") < 2 {
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-GROUP-SINGLE", Title: "all records are in one group", Level: Info, DCTL: []string{"DCTL1031"},
		Why:     "With one group there is nothing to choose: asking for it and asking for nothing give the same.",
		Mend:    "Delete groupId.",
		Differs: "The linter says this of templates with one record too, where the id only names the record.",
		check: func(p *pass) {
			if len(p.t.Records) < 2 {
				return
			}
			first := p.t.Records[0].GroupID
			if first != "" && !slices.ContainsFunc(p.t.Records, func(r dc.Record) bool { return r.GroupID != first }) {
				p.record(&p.t.Records[0], "groupId", "all records are in the group %s", quoted(first))
			}
		},
	})
	declare(Rule{
		ID: "TMPL-GROUPS-MIXED", Title: "some records have a group, some have none", Level: Info, DCTL: []string{"DCTL1032"},
		Why:  "Records without a group are applied whatever groups are asked for: a sound design for a common base. Some providers drop them all the same.",
		Mend: "Check that the records without a group belong to every choice.",
		check: func(p *pass) {
			groups := p.t.Groups()
			i := slices.IndexFunc(p.t.Records, func(r dc.Record) bool { return r.GroupID == "" })
			if len(groups) > 0 && i >= 0 {
				p.record(&p.t.Records[i], "", "the record has no group, others are in %s", strings.Join(groups, ", "))
			}
		},
	})
}
