// Package register is the list of what the Domain Connect specifications
// require, as data: one entry per requirement, with its section, level and
// basis in every edition that has it. Every case of the harness names the ids
// of the requirements that it checks; ids never change.
//
// The header of register.yaml explains the fields and the words used in them.
package register

import (
	_ "embed"
	"sort"
	"sync"
)

// Edition is a version of the specification, or an extension of one.
type Edition string

// The editions. Async00 extends IETF05: an asynchronous target is judged by
// both.
const (
	IETF05   Edition = "ietf-05"
	DCSpec23 Edition = "dcspec-2.3"
	Async00  Edition = "async-00"
)

// Level is how much an edition asks: missing a MUST is a failure, missing a
// SHOULD a warning; a MAY is a permission.
type Level string

// The levels of BCP 14. MUST also stands for MUST NOT, SHALL and REQUIRED,
// SHOULD for RECOMMENDED, MAY for OPTIONAL.
const (
	MUST   Level = "MUST"
	SHOULD Level = "SHOULD"
	MAY    Level = "MAY"
)

// Basis is how firmly an edition says a requirement. It changes the wording of
// a finding, never its outcome.
type Basis string

// The bases, from the firmest to the least.
const (
	// Keyword is an upper-case BCP 14 word.
	Keyword Basis = "keyword"
	// Prose is a plain statement, table, default or URI template.
	Prose Basis = "prose"
	// LowerCase is must, should or may in lower case, without BCP 14 force.
	LowerCase Basis = "lower-case"
	// Derived is not written down for this role; it follows from other rules.
	Derived Basis = "derived"
)

// Role is who has to meet a requirement.
type Role string

// The roles.
const (
	DNSProvider     Role = "dns-provider"
	ServiceProvider Role = "service-provider"
	TemplateAuthor  Role = "template"
)

// Check is how a requirement can be checked.
type Check string

// The ways of checking.
const (
	// ProviderBlackbox: by what a DNS provider does on the wire.
	ProviderBlackbox Check = "provider-blackbox"
	// TemplateStatic: by reading a template.
	TemplateStatic Check = "template-static"
	// ClientObserved: by what a client does against the mock provider.
	ClientObserved Check = "client-observed"
	// Untestable: not at all; Reason says why.
	Untestable Check = "untestable"
)

// Need is a capability that a target claims; without it a requirement is not
// applicable, never met.
type Need string

// The capabilities.
const (
	NeedAsync            Need = "async"
	NeedRevert           Need = "revert"
	NeedStateful         Need = "stateful"
	NeedStateless        Need = "stateless"
	NeedSPFM             Need = "spfm"
	NeedNS               Need = "ns"
	NeedGenericTypes     Need = "generic-types"
	NeedNumericVariables Need = "numeric-variables"
	NeedSharedNames      Need = "shared-names"
	NeedExtTypes         Need = "ext-types"
	NeedOnboarding       Need = "onboarding"
	NeedBrowser          Need = "browser"
)

// Demand is what one edition says of a requirement.
type Demand struct {
	// Section is a section number, or several, for ietf-05 and async-00, and a
	// heading for dcspec-2.3, whose numbering is switched off part-way.
	Section string `yaml:"section"`
	Level   Level  `yaml:"level"`
	Basis   Basis  `yaml:"basis"`
}

// Requirement is one statement of the specifications, paraphrased.
type Requirement struct {
	// ID is a word id: DC-SIG-RAW-QUERY.
	ID string `yaml:"id"`
	// Area is the chapter.
	Area string `yaml:"area"`
	Role Role   `yaml:"role"`
	// Text is the requirement in one sentence, worded for all its editions.
	Text string `yaml:"text"`
	// Editions has an entry for each edition with such a rule; in any other
	// there is no verdict.
	Editions map[Edition]Demand `yaml:"editions"`
	Check    Check              `yaml:"check"`
	// Reason says why an untestable requirement is; else it is empty.
	Reason string `yaml:"reason"`
	// Needs are the claims of the target that the check rests on.
	Needs []Need `yaml:"needs"`
	// How is stimulus and pass condition.
	How string `yaml:"how"`
	// Pair is the control twin of a negative check; empty on plain successes.
	Pair string `yaml:"pair"`
	// Expect refines How where the editions differ.
	Expect map[Edition]string `yaml:"expect"`
	// Open lists outcomes that all pass, because the text contradicts itself
	// or is silent.
	Open string `yaml:"open"`
	// Fault is one deviation that the check has to catch.
	Fault Fault `yaml:"fault"`
	// Note holds contradictions and field experience.
	Note string `yaml:"note"`
	// Line is where the entry starts in the register.
	Line int `yaml:"-"`
}

// Register is the list of requirements. It does not change once loaded and
// may be used by several goroutines.
type Register struct {
	list []*Requirement
	byID map[string]*Requirement
}

//go:embed register.yaml
var embedded []byte

var load = sync.OnceValues(func() (*Register, error) {
	return Parse("register.yaml", embedded)
})

// Load returns the register that is built in. It is read once; further calls
// are free.
func Load() (*Register, error) { return load() }

// All returns the requirements in the order of the file.
func (r *Register) All() []*Requirement { return append([]*Requirement(nil), r.list...) }

// Len counts the requirements.
func (r *Register) Len() int { return len(r.list) }

// Get finds a requirement by id.
func (r *Register) Get(id string) (*Requirement, bool) {
	q, ok := r.byID[id]
	return q, ok
}

// Areas lists the chapters, sorted.
func (r *Register) Areas() []string {
	seen := map[string]bool{}
	var areas []string
	for _, q := range r.list {
		if !seen[q.Area] {
			seen[q.Area] = true
			areas = append(areas, q.Area)
		}
	}
	sort.Strings(areas)
	return areas
}

// Level says how much an edition asks by a requirement; false when the id is
// unknown or the edition has no such rule. async-00 extends ietf-05: what only
// the extension asks is asked of a target of ietf-05, too, whose claims say
// whether it has the extension.
func (r *Register) Level(id string, edition Edition) (Level, bool) {
	d, _, ok := r.demand(id, edition)
	return d.Level, ok
}

// demand is what an edition asks by a requirement, and the text that says so:
// the edition itself, or the extension to it.
func (r *Register) demand(id string, edition Edition) (Demand, Edition, bool) {
	q, ok := r.byID[id]
	if !ok {
		return Demand{}, edition, false
	}
	d, ok := q.Editions[edition]
	if !ok && edition == IETF05 {
		edition = Async00
		d, ok = q.Editions[edition]
	}
	return d, edition, ok
}
