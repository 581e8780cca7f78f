package template

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-SPF-RULES", Title: "spfRules are no SPF terms", Level: Error, DCTL: []string{"DCTL1017"},
		Requirements: []string{"DC-TMPL-SPFRULES-TERMS"},
		Why:          "The provider puts the terms into the customer's policy, in front of its all. A version tag or an all of their own breaks the policy of every sender. A modifier that no standard defines is a warning: receivers ignore it.",
		Mend:         "Write mechanisms alone, as include:spf.example.net, without v=spf1 and without all.",
		Differs:      `The linter reports any text that ends in the letters "all", include:firewall too, refuses a/24 and mx/24, and does not look at arguments.`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type == "SPFM" && r.Has("spfRules") {
					for _, term := range strings.Fields(r.SPFRules) {
						checkTerm(p, r, term)
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-SPF-MODIFIER-TWICE", Title: "an SPF modifier stands twice", Level: Error, DCTL: []string{"DCTL1018"},
		Requirements: []string{"DC-TMPL-SPFRULES-TERMS"},
		Why:          "RFC 7208 allows redirect and exp once: with two the whole policy is an error to receivers.",
		Mend:         "Keep one.",
		Differs:      "The linter does not see a modifier with a variable.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				seen := map[string]bool{}
				for _, term := range strings.Fields(r.SPFRules) {
					m := spfModifier.FindStringSubmatch(strings.ToLower(term))
					if r.Type != "SPFM" || m == nil || m[1] != "redirect" && m[1] != "exp" {
						continue
					}
					if seen[m[1]] {
						f := p.record(r, "spfRules", "the modifier %s stands twice", m[1])
						if strings.Count(term, "%") > 1 {
							f.DCTL = ""
						}
					}
					seen[m[1]] = true
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-RAW-SPF", Title: "SPF as TXT", Level: Warning, DCTL: []string{"DCTL1014"},
		Requirements: []string{"DC-TMPL-SPF-NOT-TXT"},
		Why:          "A name has one SPF policy. A TXT stands beside the customer's own, and with two all mail fails; or it replaces it, and the customer's other senders fail. SPFM merges. Only dcspec-2.3 leaves providers their own text around %spfRules%.",
		Mend:         "Write an SPFM record with the mechanisms in spfRules.",
		Differs:      "The linter has this as information, finds the tag inside prose, and misses it in capitals.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type != "TXT" || !strings.HasPrefix(strings.ToLower(unquoted(r.Data)), "v=spf1") {
					return
				}
				if p.options.Edition == dc.DCSpec23 && r.Essential == "OnApply" && strings.EqualFold(unquoted(r.Data), "v=spf1 %spfRules% ~all") {
					return
				}
				f := p.record(r, "data", "the SPF policy %s is a TXT record", quoted(r.Data))
				if !strings.Contains(r.Data, "v=spf1") {
					f.DCTL = ""
				}
			})
		},
	})
}

var (
	spfModifier = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_.-]*)=`)
	spfLengths  = regexp.MustCompile(`^([^/]*)(/[0-9]{1,2})?(//[0-9]{1,3})?$`)
)

// checkTerm judges one term of spfRules. Terms whose kind a variable brings
// cannot be judged.
func checkTerm(p *pass, r *dc.Record, term string) {
	say := func(format string, args ...any) *Finding {
		f := p.record(r, "spfRules", format, args...)
		if strings.Count(term, "%") > 1 {
			f.DCTL = "" // to the linter such a term is a variable
		}
		return f
	}
	lower := strings.ToLower(term)
	if strings.HasPrefix(lower, "v=spf1") {
		say("spfRules have the version tag %s", term)
		return
	}
	if m := spfModifier.FindStringSubmatch(lower); m != nil {
		if m[1] != "redirect" && m[1] != "exp" {
			say("no standard defines the modifier %s", m[1]).Level = Warning
		}
		return
	}
	bareTerm := strings.TrimLeft(lower[:1], "+-~?") + lower[1:]
	end := strings.IndexAny(bareTerm, ":/")
	if end < 0 {
		end = len(bareTerm)
	}
	name, argument := bareTerm[:end], bareTerm[end:]
	if len(variables(name)) > 0 {
		return
	}
	switch name {
	case "all":
		say("spfRules have %s", term)
	case "include", "exists":
		if len(argument) < 2 || argument[0] != ':' {
			say("%s names no domain", term).DCTL = ""
		}
	case "ip4", "ip6":
		if !spfAddress(argument, name == "ip4") {
			say("%s names no network", term).DCTL = ""
		}
	case "a", "mx", "ptr":
		if literal(argument) && !spfLengths.MatchString(strings.TrimPrefix(argument, ":")) || argument == ":" {
			f := say("%s names no domain or no prefix length", term)
			if !strings.HasPrefix(argument, "/") {
				f.DCTL = "" // the linter refuses the slash alone
			}
		}
	default:
		say("%s is no SPF mechanism", term)
	}
}

// spfAddress reports whether an argument is an address or network of the
// family, or has a variable.
func spfAddress(argument string, four bool) bool {
	value, ok := strings.CutPrefix(argument, ":")
	if !ok || value == "" {
		return false
	}
	if !literal(value) {
		return true
	}
	if a, err := netip.ParseAddr(value); err == nil {
		return a.Is4() == four && a.Zone() == ""
	}
	n, err := netip.ParsePrefix(value)
	return err == nil && n.Addr().Is4() == four
}
