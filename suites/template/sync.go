package template

import (
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"
)

func init() {
	declare(Rule{
		ID: "TMPL-PUBKEY-DOMAIN", Title: "syncPubKeyDomain is no domain name", Level: Error, DCTL: []string{"DCTL1022", "DCTL1005"},
		Requirements: []string{"DC-TMPL-PUBKEYDOMAIN-SYNTAX"},
		Why:          "Providers look up the key below this name. Where the name is none, no signature verifies; an empty one makes some providers demand a signature that nobody can give.",
		Mend:         "Write the domain name alone, as keys.example.com: no scheme, no path, no variable, no trailing dot.",
		Differs:      "The linter looks at the top-level domain alone, so that spaces, wildcards and variables pass.",
		check: func(p *pass) {
			if !p.t.Has("syncPubKeyDomain") || !isString(p.t.Member("syncPubKeyDomain")) {
				return
			}
			name := p.t.SyncPubKeyDomain
			why := domainProblem(name, true)
			if why == "" && !strings.Contains(name, ".") {
				why = "has one label only"
			}
			if why == "" {
				return
			}
			f := p.member("syncPubKeyDomain", "syncPubKeyDomain %s %s", quoted(name), why)
			switch {
			case len(name) > 255:
				f.DCTL = "DCTL1005"
			case !linterRefusesDomain(name):
				f.DCTL = ""
			}
		},
	})
	declare(Rule{
		ID: "TMPL-KEY-LABEL-DOUBLED", Title: "syncPubKeyDomain looks like the place of the key itself", Level: Warning,
		Requirements: []string{"DC-TMPL-PUBKEYDOMAIN-SYNTAX"},
		Why:          "The name of the key record is the key parameter of the request, a dot, and syncPubKeyDomain. When the label stands in both, the look-up doubles it and finds nothing; this is one of the most common failures in the field.",
		Mend:         "Leave the label out here. If the key is really published one level deeper, all is well.",
		check: func(p *pass) {
			if label := keyLabel(p.t.SyncPubKeyDomain); label != "" {
				p.member("syncPubKeyDomain", "syncPubKeyDomain %s begins with %s, which looks like the label of a key: with key=%s the key would be looked up at %s.%s",
					quoted(p.t.SyncPubKeyDomain), quoted(label), label, label, p.t.SyncPubKeyDomain)
			}
		},
	})
	declare(Rule{
		ID: "TMPL-REDIRECT-DOMAIN", Title: "syncRedirectDomain is no list of domain names", Level: Error, DCTL: []string{"DCTL1022"},
		Requirements: []string{"DC-TMPL-REDIRECTDOMAIN-SYNTAX"},
		Why:          "A provider compares the host of redirect_uri with this list. What is no host name never matches, and the customer does not come back. An empty value says nothing: a warning.",
		Mend:         "Write domain names with commas between them: no scheme, no port, no path, no wildcard.",
		Differs:      "The linter looks at the top-level domain alone, so that spaces and wildcards pass, and empty members do too.",
		check:        checkRedirectDomain,
	})
	declare(Rule{
		ID: "TMPL-REDIRECT-SPACES", Title: "syncRedirectDomain has spaces", Level: Info, DCTL: []string{"DCTL1026"},
		Requirements: []string{"DC-TMPL-REDIRECTDOMAIN-SYNTAX"},
		Why:          "ietf-05 allows spaces around the commas, dcspec-2.3 is silent; a provider that compares without trimming never finds the member.",
		Mend:         "Delete the spaces.",
		Differs:      "The linter has this as a warning that never counts.",
		check: func(p *pass) {
			for member := range strings.SplitSeq(p.t.SyncRedirectDomain, ",") {
				if member != strings.TrimSpace(member) {
					p.member("syncRedirectDomain", "syncRedirectDomain has spaces around %s", quoted(strings.TrimSpace(member)))
					return
				}
			}
		},
	})
	declare(Rule{
		ID: "TMPL-REDIRECT-MISSING", Title: "the template names no redirect domain", Level: Info,
		Why:  "A provider that does not verify the signature, or gets none, must not send the customer back to a host that is not listed. The public repository asks for it whenever redirect_uri is used.",
		Mend: "List the hosts of your redirect_uri in syncRedirectDomain.",
		check: func(p *pass) {
			if !p.t.Has("syncRedirectDomain") && !p.t.SyncBlock {
				p.member("syncRedirectDomain", "the template has no syncRedirectDomain")
			}
		},
	})
	declare(Rule{
		ID: "TMPL-DOMAIN-NOT-PUBLIC", Title: "a domain has no public top-level domain", Level: Warning, DCTL: []string{"DCTL1022"},
		Why:     "Providers look the name up in the public DNS, and customers' browsers go there.",
		Mend:    "Name a domain that the world can reach. Ignore this for a template that stays inside one network.",
		Differs: "The linter has this as an error. Its list is of the day it was built, as ours is, so a new top-level domain can be missing from either; arpa is public here, bit is not.",
		check: func(p *pass) {
			for _, m := range []struct{ name, list string }{
				{"syncPubKeyDomain", p.t.SyncPubKeyDomain}, {"syncRedirectDomain", p.t.SyncRedirectDomain},
			} {
				for member := range strings.SplitSeq(m.list, ",") {
					name := strings.TrimSpace(member)
					if domainProblem(name, true) == "" && strings.Contains(name, ".") && !public(name) {
						p.member(m.name, "%s has %s, whose top-level domain is not public", m.name, quoted(name))
						break
					}
				}
			}
		},
	})
}

func isString(raw []byte) bool { return len(raw) > 0 && raw[0] == '"' }

func checkRedirectDomain(p *pass) {
	const member = "syncRedirectDomain"
	list := p.t.SyncRedirectDomain
	if !p.t.Has(member) || !isString(p.t.Member(member)) {
		return
	}
	if strings.TrimSpace(list) == "" {
		f := p.member(member, "syncRedirectDomain is empty")
		f.Level, f.DCTL, f.Mend = Warning, "", "Delete the member, or list your hosts."
		return
	}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		why := domainProblem(name, false)
		if why == "" && !strings.Contains(name, ".") {
			why = "has one label only"
		}
		if why == "" {
			continue
		}
		f := p.member(member, "the member %s of syncRedirectDomain %s", quoted(name), why)
		if name == "" {
			f.Message = "syncRedirectDomain has an empty member"
		}
		if name == "" || !linterRefusesDomain(name) {
			f.DCTL = ""
		}
	}
}

// linterRefusesDomain tells the broken names that the linter refuses from
// those that it lets pass: it looks for a URL's characters and then at the
// last label.
func linterRefusesDomain(name string) bool {
	name = strings.TrimSpace(name)
	return name != "" && (strings.ContainsAny(name, `/@:\`) || !strings.Contains(name, ".") || !publicLabel(name[strings.LastIndexByte(name, '.')+1:]))
}

// public reports whether a name ends in a top-level domain of the public DNS.
func public(name string) bool { return publicLabel(name[strings.LastIndexByte(name, '.')+1:]) }

func publicLabel(label string) bool {
	label = strings.ToLower(label)
	if label == "" {
		return false
	}
	// The list has no rule for za itself, only below it.
	_, icann := publicsuffix.PublicSuffix(label)
	return icann || label == "za" || publicBelow(label)
}

// publicBelow covers top-level domains whose own label has no rule in the
// list, while names below it have.
func publicBelow(label string) bool {
	_, icann := publicsuffix.PublicSuffix("co." + label)
	return icann
}

// keyWords are what labels of keys are made of, often with a number behind.
var keyWords = regexp.MustCompile(`^_?(domainconnect|(dck|dckey|dcpubkey|dcpubkeyv|domainconnectkey|key|pubkey|publickey|sig|selector)-?[0-9]+)$`)

// keyLabel returns the first label of a name that looks like the label of a
// key and stands in front of a registrable domain; "" when there is none.
func keyLabel(name string) string {
	lower := strings.ToLower(name)
	label, rest, found := strings.Cut(lower, ".")
	if !found || !keyWords.MatchString(label) {
		return ""
	}
	if registrable, err := publicsuffix.EffectiveTLDPlusOne(lower); err != nil || registrable == lower {
		return ""
	}
	if !strings.Contains(rest, ".") {
		return ""
	}
	return label
}
