package template

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-TXT-MODE", Title: "no txtConflictMatchingMode", Level: Error, DCTL: []string{"DCTL1005"},
		Requirements: []string{"DC-TMPL-TXT-MODE-ENUM"},
		Why:          "The mode decides which of the customer's records are deleted, so a provider must refuse a word that it does not know. Another letter case is a warning in ietf-05, whose grammar allows it.",
		Mend:         "Write None, All or Prefix, or delete the member, which means None.",
		Differs:      "The linter has another letter case as an error in every edition.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				switch m := r.TXTMode; {
				case r.Type != "TXT" || m == "None" || m == "All" || m == "Prefix" || m == "" && !r.Has("txtConflictMatchingMode"):
				case m == "":
					p.record(r, "txtConflictMatchingMode", "txtConflictMatchingMode is empty").DCTL = ""
				default:
					f := p.record(r, "txtConflictMatchingMode", "txtConflictMatchingMode is %s", quoted(m))
					if p.options.Edition == dc.IETF05 && (isMode(r, "None") || isMode(r, "All") || isMode(r, "Prefix")) {
						f.Level = Warning
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TXT-PREFIX", Title: "no txtConflictMatchingPrefix", Level: Error, DCTL: []string{"DCTL1009"},
		Requirements: []string{"DC-TMPL-TXT-PREFIX-SYNTAX"},
		Why:          "The prefix decides which of the customer's records are deleted. Were it a variable, whoever makes the link would choose. Spaces, the empty prefix and characters outside ASCII are errors in ietf-05 alone.",
		Mend:         "Write the fixed start of your own value, printable ASCII without spaces.",
		Differs:      "The linter takes any two per cent signs for a variable, and knows no other mistake.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				prefix := r.TXTPrefix
				switch {
				case r.Type != "TXT" || !r.Has("txtConflictMatchingPrefix"):
				case len(variables(prefix)) > 0:
					p.record(r, "txtConflictMatchingPrefix", "txtConflictMatchingPrefix %s has a variable", quoted(prefix))
				case p.options.Edition != dc.IETF05:
				case prefix == "" && !isMode(r, "Prefix"):
					p.record(r, "txtConflictMatchingPrefix", "txtConflictMatchingPrefix is empty").DCTL = ""
				case strings.IndexFunc(prefix, func(c rune) bool { return c <= ' ' || c > '~' }) >= 0:
					f := p.record(r, "txtConflictMatchingPrefix", "txtConflictMatchingPrefix %s has a space or a character outside ASCII", quoted(prefix))
					if strings.Count(prefix, "%") < 2 {
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TXT-PREFIX-MISSING", Title: "mode Prefix without a prefix", Level: Error, DCTL: []string{"DCTL1013"},
		Requirements: []string{"DC-TMPL-TXT-PREFIX-SYNTAX"},
		Why:          "Every text begins with the empty prefix: a provider that takes it at its word deletes all TXT records of the name.",
		Mend:         "Write txtConflictMatchingPrefix, or another mode.",
		Differs:      "The linter does not say it with -cloudflare.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type == "TXT" && isMode(r, "Prefix") && r.TXTPrefix == "" {
					f := p.record(r, "txtConflictMatchingMode", "mode Prefix has no txtConflictMatchingPrefix")
					if r.TXTMode != "Prefix" {
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TXT-PREFIX-UNUSED", Title: "a prefix without mode Prefix", Level: Warning,
		Requirements: []string{"DC-TMPL-TXT-PREFIX-SYNTAX"},
		Why:          "The prefix is not looked at, so that the record conflicts with more or with less than was meant.",
		Mend:         `Write "txtConflictMatchingMode": "Prefix", or delete the prefix.`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if r.Type == "TXT" && r.TXTPrefix != "" && !isMode(r, "Prefix") {
					p.record(r, "txtConflictMatchingPrefix", "txtConflictMatchingPrefix means nothing with the mode %s", modeName(r))
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-TXT-PREFIX-FOREIGN", Title: "the prefix is not that of the record's own value", Level: Warning,
		Requirements: []string{"DC-TMPL-TXT-PREFIX-SYNTAX"},
		Why:          "Applied again, the template does not replace its own record, and it deletes somebody else's. Where a variable stands at the start of the value nobody can tell: information.",
		Mend:         "Write the fixed start of the value into the prefix.",
		check:        checkForeignPrefix,
	})
	declare(Rule{
		ID: "TMPL-TXT-UNIQUE", Title: "a text that must be alone has no conflict mode", Level: Warning,
		Why:  "Of DMARC, MTA-STS, TLS-RPT and BIMI policies a name has one; with two, receivers ignore both. Without a mode the customer's old one stays beside the new one. The public repository asks for a mode here.",
		Mend: `Write "txtConflictMatchingMode": "Prefix" with a prefix such as v=DMARC1.`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if tag := uniqueTag(r); tag != "" && (r.TXTMode == "" || isMode(r, "None")) {
					p.record(r, "data", "a name has one %s text, and the record has no conflict mode", tag)
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-DMARC-ESSENTIAL", Title: "a DMARC policy that customers change is essential", Level: Info,
		Why:  "Customers edit their DMARC policy. Where essential is Always, the default, a provider that keeps state then removes the whole template.",
		Mend: `Write "essential": "OnApply".`,
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if uniqueTag(r) == "v=DMARC1" && !strings.EqualFold(r.Essential, "OnApply") {
					p.record(r, "essential", "the DMARC policy is essential to the template")
				}
			})
		},
	})
}

// isMode compares a record's mode in any letter case; another rule judges
// that.
func isMode(r *dc.Record, mode string) bool { return strings.EqualFold(r.TXTMode, mode) }

func modeName(r *dc.Record) string {
	if r.TXTMode == "" {
		return "None"
	}
	return r.TXTMode
}

// unquoted is the text of TXT data without the quotes around it.
func unquoted(data string) string {
	data = strings.TrimLeft(data, " ")
	if inner, ok := strings.CutPrefix(data, `"`); ok {
		return strings.TrimSuffix(inner, `"`)
	}
	return data
}

func checkForeignPrefix(p *pass) {
	p.each(func(r *dc.Record) {
		if r.Type != "TXT" || !isMode(r, "Prefix") || r.TXTPrefix == "" || len(variables(r.TXTPrefix)) > 0 || r.Data == "" {
			return
		}
		text := unquoted(r.Data)
		start := head(text)
		switch {
		case strings.HasPrefix(start, r.TXTPrefix):
		case strings.HasPrefix(r.TXTPrefix, start) && !literal(text):
			f := p.record(r, "txtConflictMatchingPrefix", "whether the value begins with the prefix %s depends on a variable", quoted(r.TXTPrefix))
			f.Level, f.Mend = Info, "Write the prefix into data, in front of the variable."
		default:
			p.record(r, "txtConflictMatchingPrefix", "the value %s does not begin with the prefix %s", quoted(r.Data), quoted(r.TXTPrefix))
		}
	})
}

// uniqueTag is the version tag of a text of which a name has one; "" for
// others. SPF has a rule of its own.
func uniqueTag(r *dc.Record) string {
	if r.Type != "TXT" {
		return ""
	}
	text := strings.ToLower(unquoted(r.Data))
	for _, tag := range []string{"v=DMARC1", "v=STSv1", "v=TLSRPTv1", "v=BIMI1"} {
		if strings.HasPrefix(text, strings.ToLower(tag)) {
			return tag
		}
	}
	host := strings.ToLower(r.Host)
	if (host == "_dmarc" || strings.HasPrefix(host, "_dmarc.")) && head(text) == "" {
		return "v=DMARC1"
	}
	return ""
}
