// Package fault is the catalogue of the mock provider's deliberate
// misbehaviours. Each has a name that never changes and a default of off; it
// only sets what the store, the core's Rules or a server's hook already know.
//
// Those of the asynchronous flow (async-00) are in files by what they break:
// async.go what is around all of it, oauth.go the request for a grant, oauth_grant.go the
// page and what was granted, token.go the token end-point, call.go the calls,
// revert.go taking a template back, kept.go and state.go what is remembered of
// it, lost.go calls at the same time.
package fault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// Fault is a named misbehaviour.
type Fault struct {
	// Name is words in lower case with hyphens. Where the register of
	// requirements names the fault that violates one, it is that name.
	Name string
	// Sentence says what the provider does wrong, in the present tense.
	Sentence string
	// Requirements are the ids of the requirements that it breaks; never
	// empty. A suite that judges the provider has to miss one of them.
	Requirements []string
	// Apply switches it on for a tenant that is yet to be made.
	Apply func(*store.TenantConfig)
}

// all is the catalogue, sorted by name.
var all = sorted(slices.Concat(
	pages,
	discoveries,
	publicKeys,
	signatures,
	groups,
	conflicts,
	states,
	keeps,
	redirects,
	endings,
	variables,
	contradictions,
	extensions,
	hostnames,
	documents,
	members,
	queries,
	disclosures,
	approvals,
	mailRules,
	writes,
	applies,
	recordTypes,
	securities,
	authorizing,
	tokens,
	bearers,
	calls,
	reverts,
	asyncs,
))

// pages are misbehaviours of the sign-in and consent pages.
var pages = []Fault{
	{"csrf-approve", "A foreign page approves the template: the consent form takes no token.",
		[]string{"DC-SEC-CSRF-APPROVAL"}, func(c *store.TenantConfig) { c.Faults.NoCSRF = true }},
	{"consent-xss", "Text from templates and requests runs as script on the pages: nothing is escaped, and no policy stops it.",
		[]string{"DC-SEC-ESCAPED-OUTPUT"}, func(c *store.TenantConfig) { c.Faults.NoEscape = true }},
	{"framed-consent", "Another site can overlay the consent page: it may be framed.",
		[]string{"DC-SEC-CLICKJACKING"}, func(c *store.TenantConfig) { c.Faults.AllowFraming = true }},
	{"open-redirector", "The flow ends at any redirect_uri, listed and signed or not.",
		[]string{"DC-REDIR-OPEN-REDIRECT", "DC-REDIR-NO-LIST-UNSIGNED"}, func(c *store.TenantConfig) { c.Faults.OpenRedirect = true }},
	{"session-fixation", "The session keeps the id that it had before the sign-in, so whoever planted it is signed in too.",
		[]string{"DC-CONS-USER-AUTHENTICATED"}, func(c *store.TenantConfig) { c.Faults.KeepSessionID = true }},
	{"any-zone", "Whoever is signed in can change every zone, not only those in the account.",
		[]string{"DC-CONS-ZONE-OWNERSHIP", "DC-ASYNC-USER-AND-ZONE"}, func(c *store.TenantConfig) { c.Faults.AnyZone = true }},
	{"state-appended-raw", "The redirect carries state as decoded, so that it can add parameters of its own.",
		[]string{"DC-REDIR-STATE-SUCCESS", "DC-REDIR-STATE-ERROR"}, func(c *store.TenantConfig) { c.Faults.RawState = true }},
	{"header-injection", "Line breaks in state reach the response header and add fields to it.",
		[]string{"DC-SEC-CONTROL-CHARACTERS"}, func(c *store.TenantConfig) { c.Faults.SplitHeader = true }},
}

func sorted(faults []Fault) []Fault {
	slices.SortFunc(faults, func(a, b Fault) int { return cmp.Compare(a.Name, b.Name) })
	return faults
}

// All returns the catalogue, sorted by name.
func All() []Fault { return slices.Clone(all) }

// Names returns the names, sorted.
func Names() []string {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.Name
	}
	return names
}

// UnknownError says that no fault has a name.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string {
	if like := alike(e.Name); len(like) > 0 {
		return fmt.Sprintf("unknown fault %q: did you mean %s?", e.Name, strings.Join(like, ", "))
	}
	return fmt.Sprintf("unknown fault %q: there are %d, from %s to %s", e.Name, len(all), all[0].Name, all[len(all)-1].Name)
}

// alike are the names that share a word with a wrong one, those with the most
// first, at most four.
func alike(name string) []string {
	words := strings.Split(strings.ToLower(name), "-")
	shared := map[string]int{}
	var like []string
	for _, f := range all {
		for _, w := range strings.Split(f.Name, "-") {
			if slices.Contains(words, w) {
				shared[f.Name]++
			}
		}
		if shared[f.Name] > 0 {
			like = append(like, f.Name)
		}
	}
	slices.SortStableFunc(like, func(a, b string) int { return shared[b] - shared[a] })
	return like[:min(4, len(like))]
}

// Find returns the fault of a name; the error of an unknown one is an
// *UnknownError.
func Find(name string) (Fault, error) {
	for _, f := range all {
		if f.Name == name {
			return f, nil
		}
	}
	return Fault{}, &UnknownError{Name: name}
}

// Apply switches faults on by name, all or, when one is unknown, none.
func Apply(c *store.TenantConfig, names ...string) error {
	faults := make([]Fault, len(names))
	for i, name := range names {
		f, err := Find(name)
		if err != nil {
			return err
		}
		faults[i] = f
	}
	for _, f := range faults {
		f.Apply(c)
	}
	return nil
}
