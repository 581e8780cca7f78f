package catalogue

import (
	"slices"
	"testing"

	"github.com/dcconform/dcconform/suites/register"
)

const toyRegister = `
- id: DC-SIG-A
  area: signature
  role: dns-provider
  text: The signature is verified.
  editions:
    ietf-05: {section: '8.3.4 (7), 6.4', level: MUST, basis: keyword}
    dcspec-2.3: {section: Digitally Sign Requests, level: MUST, basis: prose}
  check: provider-blackbox
  how: Flip a character.
  pair: the untouched request is accepted
  fault: 'no-verify: any signature will do'
- id: DC-SIG-B
  area: signature
  role: dns-provider
  text: A repeated sig is refused.
  editions:
    ietf-05: {section: 8.3.4, level: SHOULD, basis: derived}
  open: rejected, or the first counts
  check: provider-blackbox
  how: Send it twice.
  fault: 'last-sig: the last sig counts'
- id: DC-TMPL-A
  area: template
  role: template
  text: The template has ids.
  editions:
    ietf-05: {section: '6.1', level: MUST, basis: keyword}
  check: template-static
  how: Leave them out.
  fault: 'no-ids: a template without ids is accepted'
- id: DC-ASYNC-A
  area: async
  role: dns-provider
  text: The token is checked.
  editions:
    async-00: {section: '6.7', level: MUST, basis: keyword}
    ietf-05: {section: '10.2', level: MUST, basis: keyword}
  check: provider-blackbox
  needs: [async]
  how: Send a wrong one.
  fault: 'any-token: any token will do'
- id: DC-SEC-A
  area: security
  role: dns-provider
  text: People look at templates.
  editions:
    ietf-05: {section: '12.5', level: MUST, basis: keyword}
  check: untestable
  reason: it is between people
  how: Ask them.
  fault: 'nobody-looks: nobody looks'
`

func toyParts(t testing.TB) (*register.Register, []Case, []Fault, []Rule) {
	t.Helper()
	reg, err := register.Parse("toy.yaml", []byte(toyRegister))
	if err != nil {
		t.Fatal(err)
	}
	return reg, []Case{
			{Key: "signature-flip", Title: "a changed request is refused", Chapter: "signature", Suite: SuiteProvider, Requirements: []string{"DC-SIG-A"}},
			{Key: "apply", Title: "the template is applied", Chapter: "certify", Suite: SuiteCertify, Requirements: []string{"DC-SIG-B"}},
		}, []Fault{
			{Name: "no-verify", Sentence: "Any signature will do.", Requirements: []string{"DC-SIG-A"}},
			{Name: "last-sig", Sentence: "The last sig counts.", Requirements: []string{"DC-SIG-B"}},
		}, []Rule{
			{ID: "TMPL-IDS", Title: "an id is missing", Level: "error", DCTL: []string{"DCTL1005"}, Requirements: []string{"DC-TMPL-A"},
				Why: "Nobody can name the template.", Mend: "Add the ids."},
			{ID: "TMPL-STYLE", Title: "tabs", Level: "info", Why: "They look odd.", Mend: "Use spaces."},
		}
}

func toy(t testing.TB) *Catalogue {
	t.Helper()
	c, err := New(toyParts(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewRefuses(t *testing.T) {
	reg, cases, faults, rules := toyParts(t)
	for want, parts := range map[string]struct {
		cases  []Case
		faults []Fault
		rules  []Rule
	}{
		"case signature-flip stands twice: names are unique":                                   {append(cases, cases[0]), faults, rules},
		"fault last-sig stands twice: names are unique":                                        {cases, append(faults, faults[1]), rules},
		"rule TMPL-IDS stands twice: names are unique":                                         {cases, faults, append(rules, rules[0])},
		`case new: not in the register: "DC-SIG-C" (did you mean DC-SIG-A?)`:                   {append(cases, Case{Key: "new", Requirements: []string{"DC-SIG-C"}}), faults, rules},
		"case new: no requirement id given: every case names at least one id of the register":  {append(cases, Case{Key: "new"}), faults, rules},
		"fault new: no requirement id given: every case names at least one id of the register": {cases, append(faults, Fault{Name: "new"}), rules},
		`rule TMPL-NEW: not in the register: "DC-TMPL-B" (did you mean DC-TMPL-A?)`:            {cases, faults, append(rules, Rule{ID: "TMPL-NEW", Requirements: []string{"DC-TMPL-B"}})},
	} {
		if c, err := New(reg, parts.cases, parts.faults, parts.rules); err == nil || err.Error() != want || c != nil {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestWhatBelongsTogether(t *testing.T) {
	c := toy(t)
	f, _ := c.Fault("no-verify")
	if got := c.CasesAgainst(f); !slices.Equal(got, []string{"signature-flip"}) {
		t.Errorf("cases against no-verify: %q", got)
	}
	last, _ := c.Fault("last-sig")
	if got := c.CasesAgainst(last); got != nil {
		t.Errorf("certify's check is said to catch a provider's fault: %q", got)
	}
	x, _ := c.Case("signature-flip")
	if got := c.FaultsFor(x); !slices.Equal(got, []string{"no-verify"}) {
		t.Errorf("faults for signature-flip: %q", got)
	}
	if _, ok := c.Case("signature-flop"); ok {
		t.Error("a case is found that is not there")
	}
}

func TestStates(t *testing.T) {
	c := toy(t)
	for id, want := range map[string]State{
		"DC-SIG-A": Tested, "DC-SIG-B": Open /* certify only */, "DC-TMPL-A": Tested, "DC-ASYNC-A": Open, "DC-SEC-A": NotTestable,
	} {
		q, _ := c.Register().Get(id)
		if got := c.State(q); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	// A case that is limited to another edition judges nothing in this one.
	reg, cases, faults, rules := toyParts(t)
	cases[0].Editions = []register.Edition{register.DCSpec23}
	limited, err := New(reg, cases, faults, rules)
	if err != nil {
		t.Fatal(err)
	}
	q, _ := reg.Get("DC-SIG-A")
	if got := limited.StateIn(q, register.IETF05); got != Open {
		t.Errorf("ietf-05: %s", got)
	}
	if got := limited.StateIn(q, register.DCSpec23); got != Tested {
		t.Errorf("dcspec-2.3: %s", got)
	}
}

func TestCoverage(t *testing.T) {
	v := toy(t).Coverage()
	ietf := v.Editions[0]
	if got := *ietf.Total.Levels[register.MUST]; got != (Count{Tested: 2, NotTestable: 1, Open: 1}) {
		t.Errorf("MUSTs of ietf-05: %+v", got)
	}
	if got := *ietf.Total.Levels[register.SHOULD]; got != (Count{Open: 1}) {
		t.Errorf("SHOULDs of ietf-05: %+v", got)
	}
	var sections []string
	for _, r := range ietf.Sections {
		sections = append(sections, r.Name)
	}
	if !slices.Equal(sections, []string{"6.1", "8.3.4", "10.2", "12.5"}) {
		t.Errorf("sections %q", sections)
	}
	// The asynchronous one is open, and no MUST of the synchronous protocol.
	if v.OpenMusts != nil || v.MustsWithoutFault != nil || v.CasesWithoutFault != nil || !slices.Equal(v.FaultsWithoutCase, []string{"last-sig"}) {
		t.Errorf("%+v", v)
	}
	reg, _, _, rules := toyParts(t)
	bare, err := New(reg, nil, nil, rules)
	if err != nil {
		t.Fatal(err)
	}
	if v := bare.Coverage(); !slices.Equal(v.OpenMusts, []string{"DC-SIG-A"}) {
		t.Errorf("open %q", v.OpenMusts)
	}
	_, cases, _, _ := toyParts(t)
	unproven, err := New(reg, cases, nil, rules)
	if err != nil {
		t.Fatal(err)
	}
	v = unproven.Coverage()
	if !slices.Equal(v.CasesWithoutFault, []string{"signature-flip"}) || !slices.Equal(v.MustsWithoutFault, []string{"DC-SIG-A"}) || !slices.Equal(v.Proposed, []string{"no-verify"}) {
		t.Errorf("%+v", v)
	}
}

// What the program declares can be joined, and holds together.
func TestLoad(t *testing.T) {
	c := loaded(t)
	suites := map[string]int{}
	for _, x := range c.cases {
		suites[x.Suite]++
		if x.Title == "" || x.Chapter == "" {
			t.Errorf("%s has no title or chapter", x.Key)
		}
	}
	if suites[SuiteProvider] == 0 || suites[SuiteCertify] < 20 || len(c.faults) == 0 || len(c.rules) < 50 {
		t.Errorf("cases %v, %d faults, %d rules", suites, len(c.faults), len(c.rules))
	}
	if _, ok := c.Case("read-back"); !ok {
		t.Error("certify's read-back is missing")
	}
	if _, ok := c.Case("TMPL-TTL"); ok {
		t.Error("a static rule is taken for a case")
	}
}
