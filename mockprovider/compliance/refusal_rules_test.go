package compliance

import (
	"regexp"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// refusalRules are about what the other engine takes and we refuse, or the
// other way round, because of one record or one pair of records.
var refusalRules = []rule{
	{
		name:   "types-are-registered",
		clause: "ietf-05 3, RFC 3597 5: a type is a mnemonic of DNS, or TYPE and a number of 16 bits; there any word will do.",
		predict: refuseWhere(dc.ErrRecordType, func(q question, f fresh) bool {
			return f.rules == "" && !isType(f.typ)
		}),
	},
	{
		name:   "conflict-modes-are-checked",
		clause: "ietf-05 6.2: txtConflictMatchingMode is None, All or Prefix, and Prefix has a prefix; there anything else counts as None.",
		predict: refuseWhere(dc.ErrTemplate, func(_ question, f fresh) bool {
			known := slices.ContainsFunc([]string{"", "None", "All", "Prefix"}, func(mode string) bool { return strings.EqualFold(mode, f.mode) })
			return f.typ == "TXT" && f.rules == "" && (!known || strings.EqualFold(f.mode, "Prefix") && f.prefix == "")
		}),
	},
	{
		name:    "at-is-an-expression",
		clause:  "ietf-05 6.2, 9.1.2: @ as a target is an expression of the template, for CNAME, MX and SRV; there NS and values may bring it too.",
		predict: refuseWhere(dc.ErrName, strayAt),
	},
	{
		name:   "wildcards-stand-first",
		clause: "RFC 4592 2.1.1: an asterisk is the first label of an owner, and that of an SRV begins with service and protocol; there the name * alone is the owner.",
		predict: refuseWhere(dc.ErrName, func(_ question, f fresh) bool {
			return f.typ == "SRV" && strings.HasPrefix(f.name, "*")
		}),
	},
	{
		name:   "spf-rules-hold-terms",
		clause: "ietf-05 6.2, 9.4: spfRules are terms without version, all and redirect, and at least one; there they are text.",
		predict: refuseWhere(dc.ErrSPF, func(q question, f fresh) bool {
			if strings.ToUpper(q.text(f.old, "type")) != "SPFM" {
				return false
			}
			words := strings.Fields(strings.ToLower(f.rules))
			return len(words) == 0 || slices.ContainsFunc(words, func(word string) bool {
				return strings.Trim(word, "+-~?") == "all" || word == "v=spf1" || strings.HasPrefix(word, "redirect=")
			})
		}),
	},
	{
		name:    "data-is-of-its-type",
		clause:  "ietf-05 6.2, RFC 3597 5: data is the presentation form of its type; there it is text.",
		predict: refuseWhere(dc.ErrData, wrongData),
	},
	{
		name:    "new-records-fit-together",
		clause:  "ietf-05 10.2 (4a), RFC 1034 3.6.2: a CNAME has no neighbours; dcspec-2.3, Extensions: one record says where a host's traffic goes; there some such pairs are written.",
		predict: refuseWhere(dc.ErrCoexist, unfit),
	},
	{
		name:   "text-may-be-empty",
		clause: "RFC 1035 3.3.14: a character-string may be empty; there a TXT without text is refused.",
		predict: func(q question, o outcome) outcome {
			if o.class != "reference InvalidData" {
				return o
			}
			for _, f := range q.fresh() {
				if q.text(f.old, "type") == "TXT" && f.data == "" {
					return q.plain()
				}
			}
			return o
		},
	},
}

// refuseWhere is a prediction that we refuse what the other engine takes, when
// a new record is of the kind.
func refuseWhere(class dc.ErrorClass, kind func(question, fresh) bool) func(question, outcome) outcome {
	return func(q question, o outcome) outcome {
		if o.class == "" && slices.ContainsFunc(q.fresh(), func(f fresh) bool { return kind(q, f) }) {
			return refusal(class)
		}
		return o
	}
}

var numberedType = regexp.MustCompile(`^TYPE([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$`)

// isType reports whether an upper-case word is a type: one of DNS, by name or
// number, or one that only Domain Connect has.
func isType(word string) bool {
	return dns.StringToType[word] != 0 || isPseudo(word) || word == "SPFM" || numberedType.MatchString(word)
}

// strayAt finds an @ that is no expression: one for an NS, or brought by a
// variable.
func strayAt(q question, f fresh) bool {
	field := "pointsTo"
	if f.typ == "SRV" {
		field = "target"
	}
	switch f.typ {
	case "NS":
		return q.text(f.old, field) == "@"
	case "CNAME", "MX", "SRV":
		return q.text(f.old, field) == "@" && f.old[field] != "@"
	}
	return false
}

// wrongData finds data that cannot be that of its type, for the types that have
// their value in data alone.
func wrongData(_ question, f fresh) bool {
	if len(required(f.typ)) != 3 || f.old["data"] == nil || f.typ == "TXT" || !isType(f.typ) {
		return false
	}
	rr, err := dns.NewRR(". 0 IN " + f.typ + " " + f.data)
	return err != nil || rr == nil
}

// unfit finds a new record that cannot stand beside another.
func unfit(q question, f fresh) bool {
	takes := func(typ string) bool { return typ == "A" || typ == "AAAA" || isPseudo(typ) }
	return slices.ContainsFunc(q.fresh(), func(other fresh) bool {
		if f.name != other.name || f.typ == "SRV" || other.typ == "SRV" || f.sameData(other.entry) {
			return false
		}
		return f.typ == "CNAME" || isPseudo(f.typ) && takes(other.typ)
	})
}
