package template

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

var (
	digitsForm    = regexp.MustCompile(`^[0-9]+$`)
	plainNumber   = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
	signedInteger = regexp.MustCompile(`^[+-]?[0-9]+$`)
)

func init() {
	declare(Rule{
		ID: "TMPL-TTL", Title: "ttl is no number of seconds", Level: Error, DCTL: []string{"DCTL1015"},
		Requirements: []string{"DC-TMPL-TTL-SYNTAX"},
		Why:          `"1h" is read as 1 by one provider and refused by another. Over 2147483647 providers take the largest TTL that DNS has: a warning.`,
		Mend:         "Write the seconds in digits, or one variable alone.",
		Differs:      `The linter reports numbers from 2147483648 to 4294967295 alone; "abc", -1 and 1.5 pass there.`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if !meaningful(r, "ttl") || !r.Has("ttl") || misread(r, "ttl") {
					return
				}
				if _, ok := lone(r.TTL); ok {
					return
				}
				n, err := strconv.ParseUint(r.TTL, 10, 64)
				switch {
				case !digitsForm.MatchString(r.TTL):
					p.record(r, "ttl", "ttl is %s", quoted(r.TTL)).DCTL = ""
				case err != nil || n > 1<<31-1:
					f := p.record(r, "ttl", "ttl %s is over 2147483647", r.TTL)
					f.Level = Warning
					if err != nil || n > 1<<32-1 || !plainNumber.MatchString(r.TTL) {
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TTL-VARIABLE", Title: "ttl is a variable", Level: Warning,
		Requirements: []string{"DC-TMPL-TTL-NO-VARIABLE"},
		Why:          "Providers without variables in numbers refuse the template, and the caller chooses how long a mistake lasts.",
		Mend:         "Write a constant.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if v, ok := lone(r.TTL); ok && meaningful(r, "ttl") {
					p.record(r, "ttl", "ttl is the variable %%%s%%", v)
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TTL-MIXED", Title: "two TTLs in one RRset", Level: Warning,
		Requirements: []string{"DC-TMPL-RRSET-TTL-EQUAL"},
		Why:          "DNS has one TTL for all records of a name and type; providers take one of them, or refuse the zone.",
		Mend:         "Write the same ttl.",
		check:        checkMixedTTL,
	})
	declare(Rule{
		ID: "TMPL-NUMBER", Title: "priority, weight or port is no number up to 65535", Level: Error, DCTL: []string{"DCTL1015", "DCTL1005"},
		Requirements: []string{"DC-TMPL-UINT16-SYNTAX"},
		Why:          `DNS has 16 bits for it. A variable with text around it makes another number than the caller sent: "1%p%" with 0 is 10. Leading zeros pass the grammar and can be read as octal: information.`,
		Mend:         "Write digits from 0 to 65535, or one variable alone.",
		Differs:      "The linter takes priorities and weights up to 2147483647, every integer for a port, and text around a variable.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				for _, m := range []string{"priority", "weight", "port"} {
					if meaningful(r, m) && r.Has(m) && !misread(r, m) && strings.TrimSpace(r.Text(m)) != "" {
						checkNumber(p, r, m)
					}
				}
			})
		},
	})
}

// misread reports whether the member is of a JSON type that it must not have;
// reading the file has said so.
func misread(r *dc.Record, m string) bool {
	raw := r.Member(m)
	number := m == "ttl" || m == "priority" || m == "weight" || m == "port"
	return len(raw) > 0 && !isString(raw) && !(number && numeric(raw))
}

func checkNumber(p *pass, r *dc.Record, m string) {
	text := r.Text(m)
	if _, ok := lone(text); ok {
		return
	}
	n, err := strconv.ParseUint(text, 10, 64)
	var f *Finding
	switch {
	case len(variables(text)) > 0:
		f = p.record(r, m, "%s %s has text around a variable", m, quoted(text))
	case !digitsForm.MatchString(text):
		f = p.record(r, m, "%s is %s", m, quoted(text))
	case err != nil || n > 1<<16-1:
		f = p.record(r, m, "%s %s is over 65535", m, text)
	case !plainNumber.MatchString(text):
		f = p.record(r, m, "%s %s has a leading zero", m, text)
		f.Level, f.Mend = Info, "Write it without the zero."
	default:
		return
	}
	if !linterBadNumber(m, text) {
		f.DCTL = ""
	}
}

// linterBadNumber is the linter's reading of priority, weight and port.
func linterBadNumber(m, text string) bool {
	if strings.Count(text, "%") > 1 {
		return false
	}
	if m == "port" {
		_, err := strconv.ParseInt(text, 10, 64)
		return !signedInteger.MatchString(text) || err != nil
	}
	text = strings.Trim(text, " \t\r\n")
	n, err := strconv.ParseUint(text, 10, 64)
	return !plainNumber.MatchString(text) || err != nil || n > 1<<31-1
}

func checkMixedTTL(p *pass) {
	p.each(func(r *dc.Record) {
		if !meaningful(r, "ttl") || !digitsForm.MatchString(r.TTL) {
			return
		}
		p.beside(r, func(other *dc.Record) bool {
			if other.Type != r.Type || !digitsForm.MatchString(other.TTL) || strings.TrimLeft(other.TTL, "0") == strings.TrimLeft(r.TTL, "0") {
				return false
			}
			p.record(r, "ttl", "ttl is %s, and %s in record %d of the same RRset", r.TTL, other.TTL, other.Index+1)
			return true
		})
	})
}
