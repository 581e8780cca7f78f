package compliance

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// rule is a named deviation: where our core answers otherwise, on purpose.
type rule struct {
	// name is what the report calls it, clause says where the specification
	// has it, and what the other engine does.
	name, clause string
	// predict turns the outcome so far into ours, when the rule bears on what
	// the case contains, and returns it unchanged otherwise.
	predict func(q question, o outcome) outcome
}

// refusal is our outcome when we refuse.
func refusal(class dc.ErrorClass) outcome { return outcome{class: string(class)} }

// rules are in the order in which they are applied: first those that refuse
// or accept a case as a whole, then those that change a result.
var rules = slices.Concat(wholeRules, refusalRules, mergeRules, resultRules)

// wholeRules decide about a case as a whole.
var wholeRules = []rule{
	{
		name:   "members-are-required",
		clause: "ietf-05 6.2, Table 1: a record that lacks a member of its type makes the template unusable; there some may be missing, or the value is called wrong.",
		predict: func(q question, o outcome) outcome {
			for _, r := range q.Input.TemplateRecords {
				for _, name := range required(q.text(r, "type")) {
					if r[name] == nil {
						return refusal(dc.ErrTemplate)
					}
				}
			}
			return o
		},
	},
	{
		name:   "types-are-upper-case",
		clause: "ietf-05 3, dc-type-name: a type is upper case by code point; there any case will do.",
		predict: func(q question, o outcome) outcome {
			for _, r := range q.Input.TemplateRecords {
				if typ := q.text(r, "type"); typ != strings.ToUpper(typ) && isType(strings.ToUpper(typ)) {
					return refusal(dc.ErrRecordType)
				}
			}
			return o
		},
	},
	{
		name:   "host-is-a-name",
		clause: "ietf-05 8.3.2: host is a relative name or empty; @ belongs to templates. There it is taken.",
		predict: func(q question, o outcome) outcome {
			if q.host == "@" {
				return refusal(dc.ErrRequest)
			}
			return o
		},
	},
	{
		name:   "unknown-groups-are-an-error",
		clause: "ietf-05 10.3: a groupId that no record carries is an error; there nothing is applied.",
		predict: func(q question, o outcome) outcome {
			if len(q.Input.GroupIDs) == 0 || slices.ContainsFunc(q.Input.TemplateRecords, func(r map[string]any) bool {
				group, _ := r["groupId"].(string)
				return slices.Contains(q.Input.GroupIDs, group)
			}) {
				return o
			}
			return refusal(dc.ErrGroup)
		},
	},
	{
		name:   "variables-have-case",
		clause: "dcspec-2.3, Case Sensitivity: names of variables compare with case; there they do not.",
		predict: func(q question, o outcome) outcome {
			for _, r := range q.active() {
				for _, value := range r {
					for _, m := range expression.FindAllStringSubmatch(fmt.Sprint(value), -1) {
						if _, ok := q.params[m[1]]; !ok && !slices.Contains([]string{"domain", "host", "fqdn"}, m[1]) && o.class == "" {
							return refusal(dc.ErrVariable)
						}
					}
				}
			}
			return o
		},
	},
	{
		name:    "single-percent-is-text",
		clause:  "ietf-05 9.2.2 and 3: what is no variable expression is text, which a name or an address may not hold; there a % without a partner is a broken template.",
		predict: singlePercent,
	},
	{
		name:   "addresses-are-whole",
		clause: "ietf-05 6.2, RFC 1035 3.4.1: an IPv4 address has four numbers; there fewer will do.",
		predict: func(q question, o outcome) outcome {
			for _, f := range q.fresh() {
				if f.typ != "A" && f.typ != "AAAA" {
					continue
				}
				if ip, err := netip.ParseAddr(f.data); o.class == "" && (err != nil || ip.Is4() != (f.typ == "A")) {
					return refusal(dc.ErrAddress)
				}
			}
			return o
		},
	},
	{
		name:    "apex-ns-is-the-providers",
		clause:  "ietf-05 10.4: an NS at the apex would replace the zone, and those that are there take no part; there a new one is written, and an address pushes out the old ones.",
		predict: apexNS,
	},
	{
		name:    "new-delegation-has-glue",
		clause:  "ietf-05 10.2, RFC 1034 4.2.1: records of one application do not conflict, and addresses at and below a new NS are its glue; there they are refused.",
		predict: delegationWithGlue,
	},
	{
		name:   "srv-owner-has-its-labels",
		clause: "RFC 2782: the owner of an SRV begins with service and protocol, so name @ is fine at the apex, and a CNAME at the name is no neighbour; there the name alone is the owner.",
		predict: func(q question, o outcome) outcome {
			list := q.fresh()
			return q.acceptSRV(o, func(f fresh) bool {
				beside := slices.ContainsFunc(list, func(c fresh) bool { return c.typ == "CNAME" && c.name == f.name })
				return (f.name == "@" || beside) && validTarget(f)
			})
		},
	},
	{
		name:   "srv-target-may-be-at",
		clause: "ietf-05 9.1.2: @ in target is the applied name; there it is refused.",
		predict: func(q question, o outcome) outcome {
			return q.acceptSRV(o, func(f fresh) bool { return q.text(f.old, "target") == "@" })
		},
	},
	{
		name:    "redirects-need-no-records",
		clause:  "dcspec-2.3, Redirection: what serves a redirect is the provider's business; there addresses of a redirect server are part of the template.",
		predict: redirectsAlone,
	},
	{
		name:    "redirect-targets-have-case",
		clause:  "RFC 3986 6.2.2.1: paths have case; there the targets of redirects are in lower case.",
		predict: redirectCase,
	},
	{
		name:   "types-by-number-are-types",
		clause: "RFC 3597 5: a type that has a mnemonic goes by its rules and form, also when it is written as TYPE and its number; there it stays a number.",
		predict: func(q question, o outcome) outcome {
			o = o.clone()
			for i, e := range o.records {
				if strings.HasPrefix(e.typ, "TYPE") {
					o.records[i] = byMnemonic(e)
				}
			}
			return o
		},
	},
}

// required are the members of a type.
func required(typ string) []string {
	switch typ {
	case "A", "AAAA", "CNAME", "NS":
		return []string{"host", "pointsTo", "ttl"}
	case "MX":
		return []string{"host", "pointsTo", "ttl", "priority"}
	case "SRV":
		return []string{"name", "target", "ttl", "priority", "weight", "port", "protocol", "service"}
	case "APEXCNAME":
		return []string{"pointsTo", "ttl"}
	case "REDIR301", "REDIR302":
		return []string{"target"}
	case "SPFM":
		return []string{"host", "spfRules"}
	}
	if typ != strings.ToUpper(typ) || strings.Trim(typ, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return nil // no type at all
	}
	return []string{"host", "data", "ttl"}
}

// validTarget reports whether an SRV's target is a name.
func validTarget(f fresh) bool {
	_, ok := dns.IsDomainName(f.data)
	return ok && regexp.MustCompile(`^[0-9]+ [0-9]+ [0-9]+ [A-Za-z0-9._-]+ \[`).MatchString(f.data)
}

// singlePercent takes a % without a partner for text.
func singlePercent(q question, o outcome) outcome {
	if o.class != "reference InvalidTemplate" {
		return o
	}
	for _, r := range q.active() {
		for _, name := range []string{"host", "name", "pointsTo", "target", "spfRules", "data"} {
			if strings.Count(fmt.Sprint(r[name]), "%")%2 == 0 {
				continue
			}
			switch typ := q.text(r, "type"); {
			case name == "data":
				return q.plain()
			case name == "spfRules":
				return refusal(dc.ErrSPF)
			case name == "pointsTo" && (typ == "A" || typ == "AAAA"):
				return refusal(dc.ErrAddress)
			case !strings.HasPrefix(typ, "REDIR"):
				return refusal(dc.ErrName)
			}
		}
	}
	return o
}

// apexNS refuses an NS for the apex, and keeps those that are there.
func apexNS(q question, o outcome) outcome {
	if o.class != "" {
		return o
	}
	for _, f := range q.fresh() {
		if f.typ == "NS" && f.name == "@" {
			return refusal(dc.ErrCoexist)
		}
	}
	o = o.clone()
	for _, r := range q.Input.ZoneRecords {
		if e := q.zoneEntry(r); e.typ == "NS" && e.name == "@" && !slices.ContainsFunc(o.records, e.sameData) {
			o.records = append(o.records, e)
			o.delete--
		}
	}
	return o
}

// acceptSRV is the plain outcome when the other engine refuses an SRV that is
// of the kind.
func (q question) acceptSRV(o outcome, kind func(fresh) bool) outcome {
	list := q.fresh()
	if o.class != "reference InvalidData" || !slices.ContainsFunc(list, func(f fresh) bool { return f.typ == "SRV" && kind(f) }) {
		return o
	}
	if slices.ContainsFunc(list, func(f fresh) bool {
		_, word, _ := strings.Cut(strings.TrimSuffix(f.data, "]"), "/")
		return f.typ == "SRV" && !slices.Contains([]string{"tcp", "udp", "tls"}, word)
	}) {
		return o
	}
	return q.plain()
}

// delegationWithGlue finds new addresses at or below a new NS.
func delegationWithGlue(q question, o outcome) outcome {
	list := q.fresh()
	glue := false
	for _, n := range list {
		for _, f := range list {
			if n.typ != "NS" || n.name == "@" || f.typ == "NS" && f.name == n.name || !below(f.name, n.name) {
				continue
			}
			if f.typ != "A" && f.typ != "AAAA" {
				if o.class == "" {
					return refusal(dc.ErrCoexist)
				}
				return o
			}
			glue = true
		}
	}
	if glue && o.class == "reference InvalidData" {
		return q.plain()
	}
	return o
}

// redirectsAlone takes the records of the redirect server out again.
func redirectsAlone(q question, o outcome) outcome {
	list := q.fresh()
	redirects := slices.DeleteFunc(slices.Clone(list), func(f fresh) bool { return !strings.HasPrefix(f.typ, "REDIR") })
	if len(redirects) == 0 {
		return o
	}
	if o.class == "reference InvalidTemplate" && len(q.Input.RedirectRecords) == 0 {
		for _, f := range redirects {
			if f.data == "" {
				return refusal(dc.ErrURL)
			}
		}
		return q.plain()
	}
	if o.class != "" {
		return o
	}
	o = o.clone()
	for _, f := range redirects {
		for _, backing := range q.Input.RedirectRecords {
			want := q.freshOf(backing)
			want.name = f.name
			if i := slices.IndexFunc(o.records, want.sameData); i >= 0 {
				o.records = slices.Delete(o.records, i, i+1)
				o.new--
			}
		}
	}
	return o
}

// redirectCase gives the targets of redirects their case.
func redirectCase(q question, o outcome) outcome {
	o = o.clone()
	var written []entry
	for _, f := range q.fresh() {
		written = append(written, f.entry)
	}
	for _, r := range q.Input.ZoneRecords {
		written = append(written, q.zoneEntry(r))
	}
	for i, e := range o.records {
		for _, w := range written {
			if strings.HasPrefix(e.typ, "REDIR") && e.name == w.name && e.typ == w.typ && strings.EqualFold(e.data, w.data) {
				o.records[i].data = w.data
				break
			}
		}
	}
	return o
}

// byMnemonic is a record of a type written by number as its type writes it.
func byMnemonic(e entry) entry {
	var code uint16
	if _, err := fmt.Sscanf(e.typ, "TYPE%d", &code); err != nil {
		return e
	}
	name, ok := dns.TypeToString[code]
	if !ok {
		return e
	}
	rr, err := dns.NewRR(fmt.Sprintf(". 0 IN %s %s", name, e.data))
	if err != nil || rr == nil {
		return e
	}
	e.typ, e.data = name, canonicalData(name, strings.TrimPrefix(rr.String(), rr.Header().String()))
	return e
}
