package template

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func init() {
	for _, r := range []Rule{
		{
			ID: "TMPL-CF-SYNCBLOCK", Title: "Cloudflare has the synchronous flow alone", Level: Error, DCTL: []string{"DCTL5000"},
			Why:   "syncBlock forbids the only flow that Cloudflare has.",
			Mend:  "Delete syncBlock.",
			check: flagSet("syncBlock", "syncBlock is set", func(t *dc.Template) bool { return t.SyncBlock }),
		},
		{
			ID: "TMPL-CF-UNSIGNED", Title: "Cloudflare wants every link signed", Level: Error, DCTL: []string{"DCTL5001"},
			Why:   "Cloudflare onboards no template without syncPubKeyDomain.",
			Mend:  "Publish a public key and name its domain in syncPubKeyDomain.",
			check: flagSet("syncPubKeyDomain", "the template has no syncPubKeyDomain", func(t *dc.Template) bool { return t.SyncPubKeyDomain == "" }),
		},
		{
			ID: "TMPL-CF-SHARED-SERVICE", Title: "Cloudflare ignores sharedServiceName", Level: Info, DCTL: []string{"DCTL5002"},
			Why:   "The customer reads the template's own serviceName.",
			Mend:  "Do not rely on it.",
			check: flagSet("sharedServiceName", "sharedServiceName is set", func(t *dc.Template) bool { return t.SharedService }),
		},
		{
			ID: "TMPL-CF-REDIRECT", Title: "Cloudflare ignores syncRedirectDomain", Level: Info, DCTL: []string{"DCTL5003"},
			Why:   "Every link is signed there, and a signed redirect_uri is followed wherever it leads.",
			Mend:  "Keep it for other providers.",
			check: flagSet("syncRedirectDomain", "syncRedirectDomain is given", func(t *dc.Template) bool { return t.SyncRedirectDomain != "" }),
		},
		{
			ID: "TMPL-CF-MULTI", Title: "Cloudflare ignores multiInstance", Level: Info, DCTL: []string{"DCTL5004"},
			Why:   "Applied again, the template replaces what it wrote.",
			Mend:  "Do not rely on it.",
			check: flagSet("multiInstance", "multiInstance is set", func(t *dc.Template) bool { return t.MultiInstance }),
		},
		{
			ID: "TMPL-CF-WARNPHISHING", Title: "Cloudflare ignores warnPhishing", Level: Info, DCTL: []string{"DCTL5005"},
			Why:   "Links that are not signed are refused there, so there is nothing to warn of.",
			Mend:  "Sign the template.",
			check: flagSet("warnPhishing", "warnPhishing is set", func(t *dc.Template) bool { return t.WarnPhishing }),
		},
		{
			ID: "TMPL-CF-HOSTREQUIRED", Title: "Cloudflare ignores hostRequired", Level: Info, DCTL: []string{"DCTL5006"},
			Why:   "The template can be applied to the domain itself there.",
			Mend:  "Always name host in the request.",
			check: flagSet("hostRequired", "hostRequired is set", func(t *dc.Template) bool { return t.HostRequired }),
		},
		{
			ID: "TMPL-CF-APEX-CNAME", Title: "Cloudflare flattens a CNAME at the apex", Level: Info, DCTL: []string{"DCTL5007"},
			Why:     "Resolvers see addresses in place of the alias.",
			Mend:    "Expect addresses when you verify; elsewhere set hostRequired.",
			Differs: `The linter says it of NS too, which cannot be flattened, and looks at "@" alone. With -cloudflare it drops the error for other providers; here that stays.`,
			check: func(p *pass) {
				p.each(func(r *dc.Record) {
					if r.Type == "CNAME" && r.Has("host") && atRoot(r) {
						f := p.record(r, "host", "the CNAME at %s is flattened when no host is given", quoted(r.Host))
						if r.Host != "@" {
							f.DCTL = ""
						}
					}
				})
			},
		},
		{
			ID: "TMPL-CF-TXT-MODE", Title: "Cloudflare ignores conflict modes of TXT", Level: Info, DCTL: []string{"DCTL5008"},
			Why:     "Only an identical text conflicts there, so the customer's old record stays.",
			Mend:    "Do not rely on it.",
			Differs: "The linter says it of None too, which is what Cloudflare does.",
			check: func(p *pass) {
				p.each(func(r *dc.Record) {
					switch {
					case r.Type != "TXT":
					case r.TXTMode != "" && !isMode(r, "None"):
						p.record(r, "txtConflictMatchingMode", "txtConflictMatchingMode is %s", quoted(r.TXTMode))
					case r.TXTPrefix != "":
						p.record(r, "txtConflictMatchingPrefix", "txtConflictMatchingPrefix is given")
					}
				})
			},
		},
		{
			ID: "TMPL-CF-APEXCNAME", Title: "Cloudflare has no APEXCNAME", Level: Error, DCTL: []string{"DCTL5009"},
			Why:     "Cloudflare onboards no template with this type.",
			Mend:    `Write a CNAME at "@", which is flattened there.`,
			Differs: "With -cloudflare the linter drops the hint for other providers; here that stays.",
			check:   eachRecord("type", "APEXCNAME is not taken", func(r *dc.Record) bool { return r.Type == dc.TypeAPEXCNAME }),
		},
		{
			ID: "TMPL-CF-TTL-ZERO", Title: "Cloudflare has no TTL of 0", Level: Info, DCTL: []string{"DCTL5010"},
			Why:     "The TTL becomes another.",
			Mend:    "Write a positive ttl.",
			Differs: "The linter takes a variable for 0.",
			check: eachRecord("ttl", "ttl is 0", func(r *dc.Record) bool {
				return r.Has("ttl") && digitsForm.MatchString(r.TTL) && strings.Trim(r.TTL, "0") == ""
			}),
		},
		{
			ID: "TMPL-CF-ESSENTIAL", Title: "Cloudflare ignores essential", Level: Info, DCTL: []string{"DCTL5011"},
			Why:   "Changing one record does not remove the others there.",
			Mend:  "Do not rely on it.",
			check: eachRecord("essential", "essential is given", func(r *dc.Record) bool { return r.Essential != "" }),
		},
	} {
		r.Profile = ProfileCloudflare
		declare(r)
	}
}

func flagSet(member, message string, is func(t *dc.Template) bool) func(p *pass) {
	return func(p *pass) {
		if is(p.t) {
			p.member(member, "%s", message)
		}
	}
}

func eachRecord(member, message string, is func(r *dc.Record) bool) func(p *pass) {
	return func(p *pass) {
		p.each(func(r *dc.Record) {
			if is(r) {
				p.record(r, member, "%s", message)
			}
		})
	}
}
