package certify

import (
	"slices"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
)

// Scenarios lists what a world owes for the sources, in their order.
func (w *World) Scenarios(sources []Source) []*check.Scenario {
	return Scenarios(w.options, sources, w)
}

// Scenarios plans: for every file that it can be read, and for every template
// a flow per placement. Without a world (nil) the scenarios are for planning
// only and must not be run.
func Scenarios(o Options, sources []Source, w *World) []*check.Scenario {
	var all []*check.Scenario
	for _, s := range sources {
		t, err := dc.Parse(s.File, s.Data)
		all = append(all, fileScenario(s, err))
		if err != nil {
			continue
		}
		all = append(all, staticScenario(s, o))
		var first *flow
		for i, p := range placements(t, o, s.Key) {
			f := &flow{w: w, o: o, t: t, key: s.Key, place: p, first: first,
				inBrowser: i == 0 && o.Consent == ConsentBrowser}
			if i == 0 {
				first = f
			}
			if p.brief {
				all = append(all, f.briefly(s))
				continue
			}
			all = append(all, f.scenario(s, i == 0))
		}
		all = append(all, asynchronous(o, s, t, w, first)...)
	}
	return all
}

// scenario lists the checks of a flow; the first flow of a template also
// tries what must be refused.
func (f *flow) scenario(s Source, first bool) *check.Scenario {
	checks := []check.Check{
		{Key: "discovery", Title: "the domain's DNS provider is found and answers", Subject: reports.SubjectHarness,
			Requirements: discoveryRequirements, Body: f.discovery},
		{Key: "template-query", Title: "the provider says whether it supports the template", Subject: reports.SubjectTemplate,
			Requirements: queryRequirements, Needs: []string{"discovery"}, Reference: true, Body: f.query},
		{Key: "variables", Title: "the template's variables can be given valid values", Subject: reports.SubjectTemplate,
			Requirements: variableRequirements, Needs: []string{"template-query"}, Reference: true, Body: f.variables},
	}
	before := []string{"variables"}
	if f.t.SyncPubKeyDomain != "" {
		checks = append(checks, check.Check{Key: "published-key", Title: "the service provider's key can be published",
			Subject: reports.SubjectTemplate, Requirements: []string{"DC-TMPL-PUBKEYDOMAIN-SYNTAX"}, Body: f.publishedKey})
		before = append(before, "published-key")
	}
	if first && f.t.SyncPubKeyDomain != "" && f.o.KeyServer != "" {
		checks = append(checks, check.Check{Key: "key-in-dns", Title: "DNS providers find the service provider's key, and links verify by it",
			Subject: reports.SubjectTemplate, Requirements: publishedRequirements, Body: f.keyInDNS})
	}
	if first {
		exposureNeeds := slices.Clone(before)
		if f.t.SyncPubKeyDomain != "" {
			exposureNeeds = append(exposureNeeds, "attack-unsigned", "attack-other-key")
		}
		checks = append(checks, f.attacks(before)...)
		checks = append(checks,
			check.Check{Key: "exposure", Title: "what somebody without the key could do with the template", Subject: reports.SubjectTemplate,
				Requirements: []string{"DC-TMPL-VARIABLE-MINIMAL"}, Needs: exposureNeeds, Body: f.exposure},
			check.Check{Key: "cancel", Title: "the user can cancel, and nothing changes", Subject: reports.SubjectHarness,
				Requirements: cancelRequirements, Needs: before, Body: f.cancel})
	}
	checks = append(checks,
		check.Check{Key: "apply", Title: "the apply link is accepted and the user can confirm", Subject: reports.SubjectTemplate,
			Requirements: applyRequirements, Needs: before, Reference: true, Body: f.apply},
		check.Check{Key: "consent-page", Title: "the consent page tells what is about to happen", Subject: reports.SubjectHarness,
			Requirements: consentRequirements, Needs: []string{"apply"}, Reference: true, Body: f.consentPage},
		check.Check{Key: "return", Title: "the user comes back as the template provides", Subject: reports.SubjectTemplate,
			Requirements: returnRequirements, Needs: []string{"apply"}, Body: f.comeBack},
		check.Check{Key: "read-back", Title: "every record of the template is in DNS", Subject: reports.SubjectTemplate,
			Requirements: []string{"DC-APPLY-ALL-WRITTEN"}, Needs: []string{"apply"}, Reference: true, Body: f.readBack},
		check.Check{Key: "nothing-else", Title: "nothing else in the zone has changed", Subject: reports.SubjectTemplate,
			Requirements: []string{"DC-CONFLICT-NOTHING-ELSE-REMOVED"}, Needs: []string{"apply"}, Reference: true, Body: f.nothingElse},
	)
	if first {
		checks = append(checks, check.Check{Key: "again", Title: "applying it once more changes nothing", Subject: reports.SubjectTemplate,
			Requirements: []string{"DC-APPLY-REAPPLY-SAME-ZONE"}, Needs: []string{"nothing-else"}, Reference: true, Body: f.again})
	}
	return &check.Scenario{Name: f.place.name, Template: f.key, File: s.File,
		Setup: f.setup, Teardown: f.teardown, World: f, Checks: checks}
}

// briefly lists the checks of a brief flow.
func (f *flow) briefly(s Source) *check.Scenario {
	checks := []check.Check{
		{Key: "apply", Title: "the template is applied here", Subject: reports.SubjectTemplate,
			Requirements: union(applyRequirements, variableRequirements), Reference: true, Body: f.applyBriefly},
		{Key: "nothing-else", Title: "the zone is what it was, with the template's change and no other", Subject: reports.SubjectTemplate,
			Requirements: []string{"DC-CONFLICT-NOTHING-ELSE-REMOVED"}, Needs: []string{"apply"}, Reference: true, Body: f.nothingElse},
	}
	if f.place.zone != "" {
		checks = slices.Insert(checks, 1, check.Check{Key: "conflicts-shown", Title: "the consent page shows what the user would lose",
			Subject: reports.SubjectHarness, Requirements: []string{"DC-CONS-CONFLICTS-SHOWN"}, Needs: []string{"apply"},
			Reference: true, Body: f.conflictsShown})
	}
	return &check.Scenario{Name: f.place.name, Template: f.key, File: s.File,
		Setup: f.setupBriefly, Teardown: f.teardown, World: f, Checks: checks}
}

// union is a and what b has beyond it.
func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
