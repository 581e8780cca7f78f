package template

import (
	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	declare(Rule{
		ID: "TMPL-SHARED-OLD-FLAG", Title: "sharedProviderName without shared", Level: Info, DCTL: []string{"DCTL1008"},
		Requirements: []string{"DC-TMPL-SHARED-COMPANION"},
		Why:          "Providers older than 2.2 read shared alone and drop the name. ietf-05 recommends the old flag in one place and deprecates it in another, so that both ways are right.",
		Mend:         `Write "shared": true too, for old providers.`,
		check: func(p *pass) {
			if p.t.SharedProviderName && !p.t.Shared {
				p.member("sharedProviderName", "sharedProviderName is set and shared is not")
			}
		},
	})
	declare(Rule{
		ID: "TMPL-SHARED-OLD-ALONE", Title: "shared without sharedProviderName", Level: Warning, DCTL: []string{"DCTL1007"},
		Why:     "shared is deprecated and newer providers do not read it: the caller's provider name is not shown.",
		Mend:    `Write "sharedProviderName": true too.`,
		Differs: "The linter has this as an error.",
		check: func(p *pass) {
			if p.t.Shared && !p.t.SharedProviderName {
				p.member("shared", "shared is set and sharedProviderName is not")
			}
		},
	})
	declare(Rule{
		ID: "TMPL-WARNPHISHING-SIGNED", Title: "warnPhishing on a signed template", Level: Error, DCTL: []string{"DCTL1028"},
		Requirements: []string{"DC-TMPL-WARNPHISHING-LEGACY"},
		Why:          "The flag says that the template cannot be signed, syncPubKeyDomain says that it always is: customers are warned of a safe template.",
		Mend:         "Delete warnPhishing.",
		check: func(p *pass) {
			if p.t.WarnPhishing && p.t.SyncPubKeyDomain != "" {
				p.member("warnPhishing", "warnPhishing is set although the template is signed")
			}
		},
	})
	declare(Rule{
		ID: "TMPL-WARNPHISHING-RESERVED", Title: "warnPhishing is reserved", Level: Warning, Editions: ietf,
		Requirements: []string{"DC-TMPL-WARNPHISHING-UNSET"},
		Why:          "ietf-05 deprecates the member: a provider warns of every unsigned template by itself. In a template that is written to it (templateSpecVersion or crit stands in it) the member is an error, in others a warning.",
		Mend:         "Delete the member and sign the template.",
		check: func(p *pass) {
			if p.t.Has("warnPhishing") {
				f := p.member("warnPhishing", "warnPhishing is deprecated")
				if p.t.Has("templateSpecVersion") || p.t.Has("crit") {
					f.Level = Error
				}
			}
		},
	})
	declare(Rule{
		ID: "TMPL-WARNPHISHING-MISSING", Title: "an unsigned template with variables does not say so", Level: Error, Editions: dcspec,
		Requirements: []string{"DC-TMPL-WARNPHISHING-LEGACY"},
		Why:          "Anybody can make a link with values of their own. dcspec-2.3 wants customers warned of it, and its providers warn only by this flag.",
		Mend:         `Sign the template (syncPubKeyDomain); if that cannot be, write "warnPhishing": true or "syncBlock": true.`,
		check: func(p *pass) {
			if p.t.WarnPhishing || p.t.SyncBlock || p.t.SyncPubKeyDomain != "" {
				return
			}
			for i := range p.t.Records {
				for _, m := range substituted(&p.t.Records[i]) {
					if v := named(p.t.Records[i].Text(m)); len(v) > 0 {
						p.member("warnPhishing", "the template is unsigned, has the variable %%%s%% and no warnPhishing", v[0])
						return
					}
				}
			}
		},
	})
	declare(Rule{
		ID: "TMPL-UNSIGNED", Title: "the template is not signed", Level: Warning, DCTL: []string{"DCTL1029"},
		Why:     "Anybody can make a link that applies the template, with values of their own. The public repository asks every template for a key; several large providers take no other.",
		Mend:    "Publish a public key and name its domain in syncPubKeyDomain; or allow only the OAuth flow by syncBlock.",
		Differs: "The linter has this as information. Neither takes warnPhishing for an excuse.",
		check: func(p *pass) {
			if !p.t.SyncBlock && p.t.SyncPubKeyDomain == "" {
				p.member("syncPubKeyDomain", "the template has neither syncPubKeyDomain nor syncBlock")
			}
		},
	})
	declare(Rule{
		ID: "TMPL-HOSTREQUIRED-POINTLESS", Title: "hostRequired without a record at the root", Level: Info, DCTL: []string{"DCTL1037"},
		Why:     "The flag keeps a template off the domain itself. With no record at the root of its scope it protects nothing there, and customers cannot use the template for their domain.",
		Mend:    "Delete hostRequired, unless the service works below a sub-domain only.",
		Differs: `The linter asks for a CNAME or NS at the root; here any record at the root, "%fqdn%." included, is reason enough, since a service can be for sub-domains with A, MX or TXT too.`,
		check: func(p *pass) {
			if !p.t.HostRequired || len(p.t.Records) == 0 {
				return
			}
			for i := range p.t.Records {
				if atRoot(&p.t.Records[i]) {
					return
				}
			}
			p.member("hostRequired", "hostRequired is set and no record stands at the root of the scope")
		},
	})
}

// atRoot reports whether a record stands at the name that the template is
// applied to.
func atRoot(r *dc.Record) bool {
	_, host := hostField(r)
	return host == "" || host == "@" || host == "%fqdn%."
}
