package template

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-MEMBER-MISSING", Title: "a member that has to be there is not", Level: Error,
		DCTL: []string{"DCTL1005", "DCTL0008", "DCTL1013", "DCTL1015", "DCTL1030", "DCTL1034"},
		Requirements: []string{
			"DC-TMPL-REQUIRED-PROPS", "DC-TMPL-RECORDS-ARRAY", "DC-TMPL-FIELDS-PER-TYPE", "DC-TMPL-HOST-PRESENT", "DC-TMPL-TYPE-SYNTAX",
		},
		Why:     "Providers refuse the template, or fill in something of their own: a record without host lands at the apex, an MX without priority gets 0. null counts as absent.",
		Mend:    "Add the member.",
		Differs: "The linter does not miss ttl, nor host and data of types that it does not know, nor name of SRV. It says some things twice (data of TXT, target of SRV), here they are said once.",
		check:   checkMissing,
	})
	declare(Rule{
		ID: "TMPL-VALUE-EMPTY", Title: "a value is empty", Level: Error,
		DCTL:         []string{"DCTL0008", "DCTL1005", "DCTL1013", "DCTL1034"},
		Requirements: []string{"DC-TMPL-REQUIRED-PROPS", "DC-TMPL-POINTSTO-SYNTAX", "DC-TMPL-SRV-TARGET", "DC-TMPL-SRV-SERVICE", "DC-TMPL-SPFRULES-TERMS"},
		Why:          "There is no such record in DNS. An empty TXT can be written, but says nothing: a warning. In dcspec-2.3 an empty pointsTo of CNAME, MX and NS is the name that the template is applied to: a matter of information.",
		Mend:         "Write the value.",
		Differs:      "The linter says some of it twice, here it is said once.",
		check:        checkEmptyValues,
	})
	declare(Rule{
		ID: "TMPL-HOST-EMPTY", Title: "host is empty", Level: Warning, DCTL: []string{"DCTL1013"},
		Why:     `The empty host is legal and means the root of the scope, as "@" does, but the public repository refuses it.`,
		Mend:    `Write "@".`,
		Differs: "The linter has this as an error.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Has("host") && r.Host == "" && linterWantsHost(r.Type) {
					p.record(r, "host", `host is empty, where "@" is the usual way to name the root`)
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-MEMBER-NULL", Title: "a member is null", Level: Info,
		Requirements: []string{"DC-TMPL-BOOLEAN-MEMBERS"},
		Why:          "null means absent, but a strict reader takes it for a value of the wrong type. For a flag it is a warning.",
		Mend:         "Delete the member.",
		check:        checkNull,
	})
}

// needed lists the members that a record cannot do without.
func needed(r *dc.Record) []string {
	name, _, ok := dc.CanonicalType(r.Type)
	if !ok || name == r.Type || ownMembers[name] == nil {
		return dc.Required(r.Type)
	}
	// A type written by its number that has members of its own: either these
	// or data, and with them host.
	list := []string{"ttl"}
	switch {
	case !r.Has("pointsTo") && !r.Has("target"):
		return append(list, "host", "data")
	case name == "SRV":
		return append(append(list, "name"), ownMembers[name]...)
	}
	return append(append(list, "host"), ownMembers[name]...)
}

func checkMissing(p *pass) {
	for _, m := range []string{"providerId", "providerName", "serviceId", "serviceName", "records"} {
		if p.t.Has(m) {
			continue
		}
		f := p.member(m, "the template has no %s", m)
		f.Mend = `Add the member "` + m + `".`
		if m == "records" {
			f.DCTL = "DCTL1030"
		}
	}
	p.each(func(r *dc.Record) {
		list := needed(r)
		if !r.Has("type") || r.Type == "" {
			list = []string{"type"}
		}
		for _, m := range list {
			if r.Has(m) && m != "type" {
				continue
			}
			f := p.record(r, m, "the %s record has no %s", r.Type, m)
			if m == "type" {
				f.Message = "the record has no type"
			}
			f.Mend = `Add the member "` + m + `".`
			f.DCTL = linterEmpty(r.Type, m)
		}
	})
}

// linterWantsHost reports whether the linter refuses a record without host.
func linterWantsHost(recordType string) bool {
	switch recordType {
	case "A", "AAAA", "CNAME", "NS", "MX", "TXT", "SPFM":
		return true
	}
	return false
}

// linterEmpty is the linter's code for a member that is absent or empty.
func linterEmpty(recordType, member string) string {
	switch member {
	case "host":
		if linterWantsHost(recordType) {
			return "DCTL1013"
		}
		return ""
	case "ttl", "name":
		return ""
	case "type":
		return "DCTL1005"
	}
	switch recordType {
	case "CNAME", "NS":
		return "DCTL0008"
	case "MX":
		if member == "priority" {
			return "DCTL1015"
		}
		return "DCTL0008"
	case "A", "AAAA":
		return "DCTL1034"
	case "TXT", "SRV":
		return "DCTL1005"
	case "SPFM", dc.TypeAPEXCNAME, dc.TypeREDIR301, dc.TypeREDIR302:
		return "DCTL1013"
	}
	return ""
}

func checkEmptyValues(p *pass) {
	p.each(func(r *dc.Record) {
		members := ownMembers[r.Type]
		if generic(r) {
			members = []string{"data"}
		}
		for _, m := range members {
			if !r.Has(m) || strings.TrimSpace(r.Text(m)) != "" || misread(r, m) {
				continue
			}
			f := p.record(r, m, "%s of the %s record is empty", m, r.Type)
			f.DCTL = linterEmpty(r.Type, m)
			if r.Type == "TXT" {
				f.Level = Warning
			}
			if m == "pointsTo" && p.options.Edition == dc.DCSpec23 && (r.Type == "CNAME" || r.Type == "MX" || r.Type == "NS") {
				f.Level = Info
			}
		}
	})
}

// flags are the boolean members of a template.
var flags = []string{"syncBlock", "shared", "sharedProviderName", "sharedServiceName", "multiInstance", "hostRequired", "warnPhishing"}

func checkNull(p *pass) {
	isNull := func(raw []byte) bool { return string(raw) == "null" }
	for _, m := range flags {
		if isNull(p.t.Member(m)) {
			p.member(m, "%s is null", m).Level = Warning
		}
	}
	for _, m := range []string{
		"version", "logoUrl", "description", "variableDescription", "syncPubKeyDomain", "syncRedirectDomain", "crit", "templateSpecVersion",
	} {
		if isNull(p.t.Member(m)) {
			p.member(m, "%s is null", m)
		}
	}
	p.each(func(r *dc.Record) {
		for _, m := range append([]string{"crit"}, fieldNames...) {
			if isNull(r.Member(m)) {
				p.record(r, m, "%s is null", m)
			}
		}
	})
}
