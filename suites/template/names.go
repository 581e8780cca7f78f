package template

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-PROVIDERID-DOMAIN", Title: "providerId is no domain name", Level: Warning,
		Requirements: []string{"DC-TMPL-PROVIDERID-DOMAIN"},
		Why:          "Ids are unique only because everybody uses a domain of their own. With a plain word two companies collide, and the later template replaces the earlier one.",
		Mend:         "Use a domain name of the service provider.",
		check: func(p *pass) {
			if id := p.t.ProviderID; id != "" && (!strings.Contains(id, ".") || domainProblem(id, false) != "") {
				p.member("providerId", "providerId %s is not a domain name", quoted(id))
			}
		},
	})
	declare(Rule{
		ID: "TMPL-DISPLAY-NAME", Title: "a display name is too long, or has characters that no text has", Level: Error,
		DCTL:         []string{"DCTL1005"},
		Requirements: []string{"DC-TMPL-DISPLAY-NAMES", "DC-TMPL-REQUIRED-PROPS"},
		Why:          "A provider may refuse or cut the name. Line breaks and tabs are allowed and upset the layout of a consent page: a warning. The length is a rule of ietf-05 alone.",
		Mend:         "Write 1 to 255 characters of text.",
		Differs:      "The linter's limit for providerName is 64.",
		check: func(p *pass) {
			checkText(p, "providerName", p.t.ProviderName, 1, 255, true)
			checkText(p, "serviceName", p.t.ServiceName, 1, 255, true)
		},
	})
	declare(Rule{
		ID: "TMPL-DESCRIPTION", Title: "a description is too long, or has characters that no text has", Level: Error,
		Editions: ietf, Requirements: []string{"DC-TMPL-DESCRIPTION-LENGTH"},
		Why:  "A provider may refuse or cut the text.",
		Mend: "Write up to 2048 characters of text.",
		check: func(p *pass) {
			checkText(p, "description", p.t.Description, 0, 2048, false)
			checkText(p, "variableDescription", p.t.VariableDescription, 0, 2048, false)
		},
	})
	declare(Rule{
		ID: "TMPL-NAME-VARIABLE", Title: "a display name has a variable", Level: Error, DCTL: []string{"DCTL1009"},
		Why:     "Variables are replaced in records only. The customer reads the per cent signs.",
		Mend:    "Write the name out; the providerName and serviceName parameters of a request change it where the template allows it.",
		Differs: `The linter takes any two per cent signs for a variable, so that "50% or 60%" is one; here it takes a name between them.`,
		check: func(p *pass) {
			for _, m := range []struct{ name, value string }{{"providerName", p.t.ProviderName}, {"serviceName", p.t.ServiceName}} {
				if v := variables(m.value); len(v) > 0 {
					p.member(m.name, "%s has the variable %%%s%%", m.name, v[0])
				}
			}
		},
	})
	declare(Rule{
		ID: "TMPL-LOGO", Title: "logoUrl is no https URL", Level: Error, DCTL: []string{"DCTL1005"},
		Editions: ietf, Requirements: []string{"DC-TMPL-LOGO-HTTPS"},
		Why:     "A consent page is served over https and shows no image from http; javascript: and data: URLs are an attack on it.",
		Mend:    "Write an absolute URL with https, or delete the member.",
		Differs: "The linter lets http and the empty string pass, and refuses nothing that a browser could not load either.",
		check:   checkLogo,
	})
}

// checkText judges the length and the characters of a text.
func checkText(p *pass, member, text string, least, most int, display bool) {
	if !p.t.Has(member) {
		return
	}
	n := utf8.RuneCountInString(text)
	switch {
	case n < least && string(p.t.Member(member)) == `""`:
		p.member(member, "%s is empty", member)
	case n > most && p.options.Edition == dc.IETF05:
		p.member(member, "%s has %d characters, the limit is %d", member, n, most)
	}
	for _, c := range text {
		switch {
		case c == '\t' || c == '\n' || c == '\r':
			if !display {
				continue
			}
			f := p.member(member, "%s has the control character %U", member, c)
			f.Level, f.DCTL = Warning, ""
			return
		case !assignable(c):
			p.member(member, "%s has %U, which is no character of a text", member, c).DCTL = ""
			return
		}
	}
}

// assignable is the set of RFC 9839 section 4.3: no controls but tab, line
// feed and carriage return, no surrogates, no noncharacters. A surrogate that
// a JSON escape brought has become U+FFFD by now, which is one.
func assignable(c rune) bool {
	switch {
	case c < ' ', c >= 0x7f && c <= 0x9f:
		return false
	case c >= 0xfdd0 && c <= 0xfdef, c&0xfffe == 0xfffe:
		return false
	}
	return true
}

func checkLogo(p *pass) {
	if !p.t.Has("logoUrl") {
		return
	}
	logo := p.t.LogoURL
	u, err := url.Parse(logo)
	switch {
	case logo == "":
		f := p.member("logoUrl", "logoUrl is empty")
		f.DCTL, f.Mend = "", "Delete the member, or write an absolute URL with https."
	case err != nil:
		p.member("logoUrl", "logoUrl %s is not a URL", quoted(logo))
	case u.Scheme == "http" && u.Host != "":
		p.member("logoUrl", "logoUrl %s is fetched without TLS", quoted(logo)).DCTL = ""
	case u.Scheme != "https" || u.Host == "":
		p.member("logoUrl", "logoUrl %s is not an absolute https URL", quoted(logo))
	case strings.ContainsAny(logo, " <>\""):
		p.member("logoUrl", "logoUrl %s has characters that a URL has percent-encoded", quoted(logo)).DCTL = ""
	}
}

// domainProblem says what keeps a text from being a domain name, "" when
// nothing does. Underscore labels are allowed in front where under is set.
func domainProblem(name string, under bool) string {
	if name == "" {
		return "is empty"
	}
	if len(name) > 253 {
		return "is longer than 253 characters"
	}
	labels := strings.Split(name, ".")
	host := !under
	for i, label := range labels {
		switch {
		case label == "" && i == len(labels)-1:
			return "ends in a dot"
		case label == "":
			return "has an empty label"
		case len(label) > 63:
			return fmt.Sprintf("has a label of %d characters, the limit is 63", len(label))
		case label[0] == '-' || label[len(label)-1] == '-':
			return "has the label " + quoted(label) + " that starts or ends with a hyphen"
		}
		if label[0] != '_' {
			host = true
		}
		for j := range len(label) {
			c := label[j]
			if c == '_' && (!host || under && j > 0) || c != '_' && isNameByte(c) {
				continue
			}
			return fmt.Sprintf("has the character %q", runeAt(label, j))
		}
	}
	return ""
}

func runeAt(s string, i int) rune {
	c, _ := utf8.DecodeRuneInString(s[i:])
	return c
}
