package template

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-MULTI-SELF-CONFLICT", Title: "a second instance deletes the first", Level: Error, DCTL: []string{"DCTL1033"},
		Requirements: []string{"DC-TMPL-MULTIINSTANCE-NO-SELF-CONFLICT"},
		Why:          "multiInstance says that the template can be applied twice to one host. This record has the same owner in both and another value, and its type conflicts with itself, so the second removes the first.",
		Mend:         "Put a variable into host, use a type that can stand beside itself, or delete multiInstance.",
		Differs:      `The linter looks at CNAME at "@" alone.`,
		check:        checkSelfConflict,
	})
	declare(Rule{
		ID: "TMPL-MULTI-FIXED-CNAME", Title: "multiInstance with a fixed CNAME at the root", Level: Warning, DCTL: []string{"DCTL1033"},
		Why:   "Every instance on one host makes the same record: it is one instance, however often it is applied, and reverting one takes it from all.",
		Mend:  "Delete multiInstance.",
		check: checkFixedCNAME,
	})
}

func checkSelfConflict(p *pass) {
	if !p.t.MultiInstance {
		return
	}
	p.each(func(r *dc.Record) {
		name, host := hostField(r)
		if len(named(host)) > 0 || r.Type == "SRV" && len(named(r.Service+r.Protocol)) > 0 {
			return
		}
		varying := false
		for _, m := range substituted(r) {
			varying = varying || m != "ttl" && len(named(r.Text(m))) > 0
		}
		if why := selfConflict(r); varying && why != "" {
			f := p.record(r, name, "two instances write different %s records at %s, %s", r.Type, quoted(host), why)
			if r.Type != "CNAME" || host != "@" {
				f.DCTL = ""
			}
		}
	})
}

// selfConflict says why two different records of this kind at one owner
// cannot come from two instances; "" when they can (ietf-05 section 10.4).
func selfConflict(r *dc.Record) string {
	switch r.Type {
	case "CNAME", "A", "AAAA", "MX", "SRV", "NS", dc.TypeAPEXCNAME:
		return "and records of this type replace each other"
	case dc.TypeREDIR301, dc.TypeREDIR302:
		return "and a name redirects to one place"
	case "TXT":
		switch {
		case strings.EqualFold(r.TXTMode, "All"):
			return "and mode All removes every other"
		case strings.EqualFold(r.TXTMode, "Prefix") && r.TXTPrefix != "" && strings.HasPrefix(head(unquoted(r.Data)), r.TXTPrefix):
			return "and each has the prefix that removes the other"
		}
	}
	return ""
}

func checkFixedCNAME(p *pass) {
	if !p.t.MultiInstance {
		return
	}
	p.each(func(r *dc.Record) {
		if r.Type == "CNAME" && atRoot(r) && len(named(r.PointsTo)) == 0 {
			f := p.record(r, "host", "every instance makes the same CNAME at %s", quoted(r.Host))
			if r.Host != "@" {
				f.DCTL = ""
			}
		}
	})
}
