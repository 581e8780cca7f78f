package template

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// reserved are the parameter names of the protocol (ietf-05 section 9.1.2);
// forgotten are those that its closed list leaves out.
var (
	reserved = []string{
		"providerId", "serviceId", "redirect_uri", "state", "providerName", "serviceName", "groupId", "sig", "key", "crit",
		"client_id", "response_type", "scope",
	}
	forgotten = []string{"instanceId", "force", "code", "properties"}
)

func init() {
	declare(Rule{
		ID: "TMPL-VARIABLE-SYNTAX", Title: "a per cent sign that is no variable", Level: Warning, DCTL: []string{"DCTL1019", "DCTL1020"},
		Requirements: []string{"DC-TMPL-VARIABLE-SYNTAX"},
		Why:          "A variable is a name of letters, digits, hyphens and underscores between two per cent signs. Everything else stays in the record as it stands: %a.b% goes into DNS literally at one provider and is always missing at another.",
		Mend:         "Correct the name, or close the variable.",
		Differs:      `The linter reports percent-encoding (%2F), "100%" and SPF macros (%{i}) too, and not the empty variable %%.`,
		check:        checkVariableSyntax,
	})
	declare(Rule{
		ID: "TMPL-VARIABLE-RESERVED", Title: "a variable has the name of a parameter", Level: Error, Editions: ietf,
		Requirements: []string{"DC-TMPL-VARIABLE-RESERVED"},
		Why:          "The parameter is taken for the protocol's: a variable called key is cut out of what is signed and out of the values. instanceId, force, code and properties are parameters that the closed list forgets: warnings.",
		Mend:         "Give the variable another name.",
		check: func(p *pass) {
			p.eachVariable(func(r *dc.Record, m, v string) {
				switch {
				case slices.Contains(reserved, v):
					p.record(r, m, "the variable %%%s%% has the name of a parameter of the protocol", v)
				case slices.Contains(forgotten, v):
					p.record(r, m, "the variable %%%s%% has the name of a parameter that some requests have", v).Level = Warning
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-BARE-VALUE", Title: "a variable is the whole value", Level: Warning, DCTL: []string{"DCTL1040"},
		Requirements: []string{"DC-TMPL-VARIABLE-MINIMAL"},
		Why:          "Whoever makes the link chooses the whole value. Where the template is not signed that is anybody: any text, any mail server, any place for the customer's visitors. For an address nothing smaller exists, so A and AAAA of a signed template are information.",
		Mend:         "Put the fixed part of the value into the template: s%n%.example.net and not %server%, svc-verify=%token% and not %text%.",
		Differs:      "The linter says it only on demand (merge-or-fail), as an error, of pointsTo alone, and takes the built-in variables for bare ones too.",
		check: func(p *pass) {
			open := !p.t.SyncBlock && p.t.SyncPubKeyDomain == ""
			p.each(func(r *dc.Record) {
				for _, m := range []string{"pointsTo", "target", "data", "spfRules"} {
					if !meaningful(r, m) || !bare(strings.TrimSuffix(r.Text(m), ".")) {
						continue
					}
					f := p.record(r, m, "%s is %s and nothing else", m, r.Text(m))
					if open {
						f.Message += ", and the template is not signed: anybody can choose it"
					} else if r.Type == "A" || r.Type == "AAAA" {
						f.Level = Info
					}
					if m != "pointsTo" || !bare(r.PointsTo) {
						f.DCTL = ""
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-AT-FIELD", Title: `"@" where it means nothing`, Level: Error,
		Requirements: []string{"DC-TMPL-AT-ONLY-ALLOWED-FIELDS"},
		Why:          `"@" alone means the applied name in host, name, pointsTo and target, and nowhere else. In the data of TXT the texts contradict each other: dcspec-2.3 reads it as the name, ietf-05 has it in one place and not in the other, so there it is information.`,
		Mend:         "Write %fqdn%.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				for _, m := range []string{"spfRules", "service", "protocol", "data"} {
					if r.Text(m) != "@" || !meaningful(r, m) {
						continue
					}
					if m == "data" && (r.Type == "TXT" || p.options.Edition == dc.DCSpec23) {
						if p.options.Edition == dc.IETF05 {
							p.record(r, m, `data of the %s record is "@"`, r.Type).Level = Info
						}
						continue
					}
					p.record(r, m, `%s of the %s record is "@"`, m, r.Type)
				}
			})
		},
	})
}

var (
	percentEncoded = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	spfMacro       = regexp.MustCompile(`%(\{[^}]*\}|%|_|-)`)
	percentage     = regexp.MustCompile(`(^|[^A-Za-z0-9])[0-9]+([.,][0-9]+)? ?%`)
)

func checkVariableSyntax(p *pass) {
	p.each(func(r *dc.Record) {
		for _, m := range substituted(r) {
			text := r.Text(m)
			if !strings.Contains(text, "%") {
				continue
			}
			left := filled(text, "")
			if m == "spfRules" || m == "data" && strings.HasPrefix(strings.ToLower(unquoted(text)), "v=spf1") {
				left = spfMacro.ReplaceAllString(left, "")
			}
			if m == "data" || m == "target" && isRedirect(r.Type) {
				left = percentEncoded.ReplaceAllString(left, "")
			}
			if m == "data" {
				left = percentage.ReplaceAllString(left, "")
			}
			if !strings.Contains(left, "%") {
				continue
			}
			f := p.record(r, m, "%s %s has a per cent sign that is no part of a variable", m, quoted(text))
			f.DCTL = linterScan(text)
			switch m {
			case "ttl", "priority", "weight", "port", "protocol":
				f.DCTL = "" // the linter does not look there
			}
		}
	})
}

// linterScan is the linter's walk over a field: every per cent sign opens or
// closes a variable.
func linterScan(text string) string {
	inside := false
	for i := range len(text) {
		switch {
		case text[i] == '%':
			inside = !inside
		case inside && !isNameByte(text[i]):
			return "DCTL1019"
		}
	}
	switch {
	case strings.Contains(text, "%host%"):
		return "DCTL1024"
	case inside:
		return "DCTL1020"
	}
	return ""
}
