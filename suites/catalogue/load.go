package catalogue

import (
	"slices"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/template"
)

// Load joins what this program has: the built-in register, every chapter of
// the provider suite, the checks of certify, the mock provider's faults and
// the static rules.
func Load() (*Catalogue, error) {
	reg, err := register.Load()
	if err != nil {
		return nil, err
	}
	checks, err := certifyCases()
	if err != nil {
		return nil, err
	}
	return New(reg, append(providerCases(), checks...), mockFaults(), staticRules())
}

func providerCases() []Case {
	var cases []Case
	for _, ch := range provider.Chapters() {
		for i := range ch.Cases {
			x := &ch.Cases[i]
			cases = append(cases, Case{Key: x.Key, Title: x.Title, Chapter: ch.Name, Suite: SuiteProvider,
				Requirements: x.Requirements, Needs: x.Needs, Editions: x.Editions, Templates: x.Templates})
		}
	}
	return cases
}

// certifyCases are the checks that certify plans for the embedded templates. A
// check that comes in several scenarios is one case, with the requirements of
// all of them; a static rule's finding is that rule and no case.
func certifyCases() ([]Case, error) {
	files, err := fixtures.Templates()
	if err != nil {
		return nil, err
	}
	sources := make([]certify.Source, len(files))
	for i, f := range files {
		sources[i] = certify.Source{File: f.Name, Data: f.Data}
	}
	certify.Name(sources)
	at := map[string]int{}
	var cases []Case
	for _, e := range []register.Edition{register.IETF05, register.DCSpec23} {
		for _, sc := range certify.Scenarios(certify.Options{Edition: e, Consent: certify.ConsentForm, Seed: 1, KeyServer: "a name server"}, sources, nil) {
			for _, check := range sc.Checks {
				if _, isRule := template.Find(check.Key); isRule {
					continue
				}
				i, ok := at[check.Key]
				if !ok {
					i = len(cases)
					at[check.Key] = i
					cases = append(cases, Case{Key: check.Key, Title: check.Title, Chapter: SuiteCertify, Suite: SuiteCertify})
				}
				for _, id := range check.Requirements {
					if !slices.Contains(cases[i].Requirements, id) {
						cases[i].Requirements = append(cases[i].Requirements, id)
					}
				}
			}
		}
	}
	return cases, nil
}

func mockFaults() []Fault {
	var faults []Fault
	for _, f := range fault.All() {
		faults = append(faults, Fault{Name: f.Name, Sentence: f.Sentence, Requirements: f.Requirements})
	}
	return faults
}

func staticRules() []Rule {
	var rules []Rule
	for _, r := range template.Rules() {
		rule := Rule{ID: r.ID, Title: r.Title, Level: r.Level.String(), DCTL: r.DCTL, Requirements: r.Requirements,
			Profile: r.Profile, Why: r.Why, Mend: r.Mend, Differs: r.Differs}
		for _, e := range r.Editions {
			rule.Editions = append(rule.Editions, register.Edition(e.String()))
		}
		rules = append(rules, rule)
	}
	return rules
}
