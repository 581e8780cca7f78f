package template

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-POINTSTO", Title: "pointsTo is no name", Level: Error,
		Requirements: []string{"DC-TMPL-POINTSTO-SYNTAX"},
		Why:          "The value of CNAME, MX, NS and APEXCNAME is the name of a host. A URL, an address, or \"@\" inside a longer value is none.",
		Mend:         `Write a name such as mail.example.net, or "@" for the name that the template is applied to.`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				switch r.Type {
				case "CNAME", "MX", "NS", dc.TypeAPEXCNAME:
					if why := targetProblem(r.PointsTo); why != "" {
						p.record(r, "pointsTo", "pointsTo %s %s", quoted(r.PointsTo), why)
					} else if r.Type == dc.TypeAPEXCNAME && r.PointsTo == "@" {
						p.record(r, "pointsTo", "an APEXCNAME cannot point to itself")
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-POINTSTO-AT", Title: `"@" where only an address or a name server can stand`, Level: Error, DCTL: []string{"DCTL1034"}, Editions: ietf,
		Requirements: []string{"DC-TMPL-POINTSTO-NO-AT-ADDRESS"},
		Why:          "A, AAAA and NS cannot have the applied name for their value: it would be its own address or its own name server.",
		Mend:         "Write the address, or the name server.",
		Differs:      "The linter does not look at NS.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.PointsTo == "@" && (r.Type == "A" || r.Type == "AAAA" || r.Type == "NS") {
					f := p.record(r, "pointsTo", `pointsTo of the %s record is "@"`, r.Type)
					if r.Type == "NS" {
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-ADDRESS", Title: "pointsTo is no address of this family", Level: Error, DCTL: []string{"DCTL1034", "DCTL1035", "DCTL1036"},
		Requirements: []string{"DC-TMPL-FIELDS-PER-TYPE"},
		Why:          "A holds an IPv4 address, AAAA an IPv6 address, and providers refuse anything else.",
		Mend:         "Write the address, use the other type, or CNAME for a name.",
		Differs:      "The linter takes any value with two per cent signs, and an IPv4 address mapped into IPv6 on A; on AAAA, where it is legal, it refuses that.",
		check:        checkAddress,
	})
	declare(Rule{
		ID: "TMPL-SRV-TARGET", Title: "target of SRV is no name", Level: Error,
		Requirements: []string{"DC-TMPL-SRV-TARGET"},
		Why:          `The target of SRV is the name of a host, "@" for the applied name, or "." for a service that is not offered.`,
		Mend:         `Write a name such as sip.example.net, "@" or ".".`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type != "SRV" || r.Target == "." {
					return
				}
				if why := targetProblem(r.Target); why != "" {
					p.record(r, "target", "target %s %s", quoted(r.Target), why)
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-SRV-PROTOCOL", Title: "no protocol of SRV", Level: Error, DCTL: []string{"DCTL1015"}, Editions: ietf,
		Requirements: []string{"DC-TMPL-SRV-PROTOCOL"},
		Why:          "ietf-05 has _tcp, _udp, _sctp and _dccp; without the underscore a provider writes another name. Capital letters name the same protocol: information.",
		Mend:         "Write _tcp or _udp.",
		Differs:      "The linter takes _tls and anything with a per cent sign, and refuses _sctp and _dccp.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type != "SRV" || r.Protocol == "" || protocols[r.Protocol] {
					return
				}
				f := p.record(r, "protocol", "protocol is %s", quoted(r.Protocol))
				lower := strings.ToLower(r.Protocol)
				if protocols[lower] {
					f.Level = Info
				}
				if lower == "_tcp" || lower == "_udp" || lower == "_tls" || strings.Contains(lower, "%") {
					f.DCTL = ""
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-SRV-SERVICE", Title: "no service of SRV", Level: Error, Editions: ietf,
		Requirements: []string{"DC-TMPL-SRV-SERVICE"},
		Why:          "The service is one label with an underscore in front; without it the record lands at a name that nobody asks for.",
		Mend:         "Write one label such as _sip.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if _, ok := lone(r.Service); r.Type == "SRV" && r.Service != "" && !ok && !serviceForm.MatchString(filled(r.Service, "x")) {
					p.record(r, "service", "service is %s", quoted(r.Service))
				}
			})
		},
	})
}

var (
	protocols   = map[string]bool{"_tcp": true, "_udp": true, "_sctp": true, "_dccp": true}
	serviceForm = regexp.MustCompile(`^_[A-Za-z0-9_-]{1,62}$`)
)

// targetProblem says what keeps a value from being the name of a host; "" when
// nothing does, or when it is empty.
func targetProblem(value string) string {
	switch {
	case value == "" || value == "@":
		return ""
	case strings.Contains(value, "://"):
		return "is a URL"
	case strings.Contains(value, "/"):
		return "has a path"
	case strings.Contains(value, "*"):
		return "has an asterisk"
	case value == ".":
		return "is the root of DNS"
	}
	if a, err := netip.ParseAddr(strings.TrimSuffix(value, ".")); err == nil && (a.Is4() || !strings.HasSuffix(value, ".")) {
		return "is an address"
	}
	if why := hostProblem(value); why != "" && !strings.Contains(why, "outside ASCII") {
		return why
	}
	return ""
}

func checkAddress(p *pass) {
	p.each(func(r *dc.Record) {
		if r.Type != "A" && r.Type != "AAAA" || r.PointsTo == "" || r.PointsTo == "@" {
			return
		}
		four := r.Type == "A"
		if !literal(r.PointsTo) {
			if !canBeAddress(r.PointsTo, four) {
				p.record(r, "pointsTo", "pointsTo %s cannot become an address, whatever its variables bring", quoted(r.PointsTo)).DCTL = ""
			}
			return
		}
		a, err := netip.ParseAddr(r.PointsTo)
		switch {
		case err != nil || a.Zone() != "":
			f := p.record(r, "pointsTo", "pointsTo %s is not an address", quoted(r.PointsTo))
			if strings.Count(r.PointsTo, "%") > 1 {
				f.DCTL = ""
			}
		case four && !a.Is4():
			f := p.record(r, "pointsTo", "%s is an IPv6 address on an A record", quoted(r.PointsTo))
			f.DCTL = "DCTL1035"
			if a.Is4In6() {
				f.DCTL = ""
			}
		case !four && a.Is4():
			p.record(r, "pointsTo", "%s is an IPv4 address on an AAAA record", quoted(r.PointsTo)).DCTL = "DCTL1036"
		}
	})
}

// canBeAddress tries values of several lengths, since a variable can bring
// one part of an address or several.
func canBeAddress(value string, four bool) bool {
	tries := []string{"1", "1:1", "1::", "::1", "1::1", "1:1:1", ":1", "1:", "1.1.1.1", ""}
	if four {
		tries = []string{"1", "1.1", "1.1.1", "1.1.1.1", "1.", ".1", ""}
	}
	for _, try := range tries {
		if a, err := netip.ParseAddr(filled(value, try)); err == nil && a.Is4() == four {
			return true
		}
	}
	// Several variables can bring parts of different length.
	return len(variables(value)) > 1 && strings.Trim(filled(value, ""), "0123456789abcdefABCDEF:.") == ""
}
