package template

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// The forms of member names (ietf-05 section 3).
var (
	unprefixedName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
	vendorName     = regexp.MustCompile(`^vnd(\.[A-Za-z]+)+$`)
	standardName   = regexp.MustCompile(`^dc(\.[A-Za-z]+)+$`)
)

// knownMembers are the template's own, in every edition.
var knownMembers = append([]string{
	"providerId", "providerName", "serviceId", "serviceName", "version", "logoUrl", "description", "variableDescription",
	"syncPubKeyDomain", "syncRedirectDomain", "records", "crit", "templateSpecVersion",
}, flags...)

func init() {
	declare(Rule{
		ID: "TMPL-MEMBER-NAME", Title: "the template has a member that nobody defines", Level: Error, DCTL: []string{"DCTL0003"},
		Requirements: []string{"DC-TMPL-PROPERTY-NAMESPACE"},
		Why:          "Providers ignore it, and a later edition can give the name a meaning. In dcspec-2.3, which is silent, a warning. The public repository refuses the template.",
		Mend:         "Correct the spelling, or begin a private name with vnd. and your label, as vnd.example.colour.",
		Differs:      "The linter takes members in any letter case; the specification does not.",
		check: func(p *pass) {
			for _, name := range slices.Sorted(maps.Keys(p.t.Unknown)) {
				if legalExtension(name, p.options) {
					continue
				}
				f := p.member(name, "nobody defines the member %s", quoted(name))
				likely(f, name, knownMembers)
				if p.options.Edition == dc.DCSpec23 {
					f.Level = Warning
				}
			}
		},
	})
	declare(Rule{
		ID: "TMPL-FIELD-NAME", Title: "a record has a member that nobody defines", Level: Error, DCTL: []string{"DCTL0003"},
		Requirements: []string{"DC-TMPL-RECORD-FIELD-NAMES"},
		Why:          "Providers ignore it. A name with other than letters and digits is an error; an alphanumeric one can belong to a type, so it is a warning, as everything is in dcspec-2.3. The public repository refuses the template.",
		Mend:         "Correct the spelling, or begin a private name with vnd. and your label, as vnd.example.proxied.",
		Differs:      "The linter takes members in any letter case; the specification does not.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				for _, name := range slices.Sorted(maps.Keys(r.Unknown)) {
					if slices.Contains(fieldNames, name) || legalExtension(name, p.options) {
						continue
					}
					f := p.record(r, name, "nobody defines the member %s of a record", quoted(name))
					likely(f, name, append([]string{"crit"}, fieldNames...))
					if unprefixedName.MatchString(name) || p.options.Edition == dc.DCSpec23 {
						f.Level = Warning
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-VENDOR-LABEL", Title: "a vendor's member does not name the vendor", Level: Warning, Editions: ietf,
		Requirements: []string{"DC-TMPL-VND-VENDOR-LABEL"},
		Why:          "Two vendors who both use vnd.proxied mean different things by it.",
		Mend:         "Put a label of your own behind vnd., as vnd.example.proxied.",
		check: func(p *pass) {
			for _, name := range slices.Sorted(maps.Keys(p.t.Unknown)) {
				if vendorName.MatchString(name) && strings.Count(name, ".") == 1 {
					p.member(name, "the member %s has no vendor label", quoted(name))
				}
			}
			p.each(func(r *dc.Record) {
				for _, name := range slices.Sorted(maps.Keys(r.Unknown)) {
					if vendorName.MatchString(name) && strings.Count(name, ".") == 1 {
						p.record(r, name, "the member %s has no vendor label", quoted(name))
					}
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-CRIT", Title: "crit is not a list of member names", Level: Error, Editions: ietf,
		DCTL:         []string{"DCTL0003"},
		Requirements: []string{"DC-TMPL-CRIT-FORM", "DC-TMPL-RECORD-CRIT-FORM"},
		Why:          "A provider that reads crit refuses the template when it does not understand a name in it; a name that cannot exist can never be understood.",
		Mend:         "List at least one member name, or delete crit.",
		check:        checkCrit,
	})
	declare(Rule{
		ID: "TMPL-NEW-MEMBER", Title: "a member of the newest edition", Level: Info, DCTL: []string{"DCTL0003"},
		Why:  "crit, templateSpecVersion and vnd. members are legal in ietf-05. Providers of older editions ignore them, crit included, and the official linter stops at the first one, so that the public repository refuses the template.",
		Mend: "Leave it out of templates for the public repository, until its linter knows it.",
		check: func(p *pass) {
			for _, name := range []string{"crit", "templateSpecVersion"} {
				if p.t.Member(name) != nil {
					p.member(name, "%s is read by providers of ietf-05 only", name)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(p.t.Unknown)) {
				if legalExtension(name, p.options) {
					p.member(name, "%s is read by providers that know it only", name)
				}
			}
			p.each(func(r *dc.Record) {
				if r.Member("crit") != nil {
					p.record(r, "crit", "crit is read by providers of ietf-05 only")
				}
				for _, name := range slices.Sorted(maps.Keys(r.Unknown)) {
					if legalExtension(name, p.options) {
						p.record(r, name, "%s is read by providers that know it only", name)
					}
				}
			})
		},
	})
}

// legalExtension reports whether a name that no edition defines may stand in
// a template.
func legalExtension(name string, o Options) bool {
	return o.Edition == dc.IETF05 && (vendorName.MatchString(name) || standardName.MatchString(name))
}

// likely adds the known name that differs in letter case alone.
func likely(f *Finding, name string, known []string) {
	for _, k := range known {
		if strings.EqualFold(k, name) {
			f.Message += "; it is spelt " + k
			f.Mend = `Write "` + k + `".`
			f.DCTL = "" // the linter takes it
		}
	}
}

func checkCrit(p *pass) {
	critProblems(p.t.Crit, p.t.Member("crit"), func(format string, args ...any) { p.member("crit", format, args...) })
	p.each(func(r *dc.Record) {
		critProblems(r.Crit, r.Member("crit"), func(format string, args ...any) { p.record(r, "crit", format, args...) })
	})
}

func critProblems(crit []string, raw json.RawMessage, report func(format string, args ...any)) {
	var members []json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return // absent, null, or reported while reading
	}
	if len(members) == 0 {
		report("crit is empty")
	}
	for _, name := range crit {
		if !unprefixedName.MatchString(name) && !vendorName.MatchString(name) && !standardName.MatchString(name) {
			report("crit lists %s, which cannot be the name of a member", quoted(name))
		}
	}
}
