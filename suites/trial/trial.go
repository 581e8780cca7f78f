package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/target"
)

// Trial is a case in progress.
type Trial struct {
	*check.Case
	// World is what all cases share.
	World *World

	spec   *Case
	domain target.Domain
	host   string
	token  string
	// base is the host that the case began with, turns counts those after it.
	base  string
	turns int
	// asides counts the hosts beside that control twins were sent to.
	asides int
	// watched are names that belong to the case, absolute.
	watched []string
	// types are observed at each of them.
	types []uint16
	// seen is what the name servers had when they were last asked.
	seen []string
	// asked says that the provider was sent a request, which may have written
	// whatever it was.
	asked bool
	// noted is what the case announced to write.
	noted []target.Creation
	// published are the key names that the case has put something at.
	published []string
	// told are the domains whose settings are in the evidence.
	told map[string]bool
	// signedOut gives every flow cookies of its own.
	signedOut bool
	// questions is how many questions the key server had before the case.
	questions int
	// keyTexts are the TXT records that the case has published, by name; signed
	// are those for each signed link that was sent.
	keyTexts, signed map[string][]string
	// twin is the link of a control twin that did not work.
	twin string
}

func (w *World) begin(cs *check.Case, spec *Case, index int) (*Trial, error) {
	t := &Trial{Case: cs, World: w, spec: spec, types: observed, told: map[string]bool{}}
	if slices.Contains(spec.AllNeeds(w.Register), register.NeedAsync) && w.Target.OAuth.Client != "" {
		// Users come back to what was registered, whatever the case.
		t.token = target.RedirectToken(w.Target.OAuth.Redirect)
		w.Callback.Collect(t.token)
	} else {
		t.token = w.Callback.NewToken()
	}
	return t, t.place(index)
}

// place finds the domain and the host.
func (t *Trial) place(index int) error {
	var ok bool
	t.domain, ok = t.World.domain("")
	if !ok {
		return fmt.Errorf("%s names no ordinary domain", t.World.Target.File)
	}
	var err error
	switch t.spec.Where {
	case AtApex:
		for _, d := range t.World.Target.Domains {
			if d.Apex && d.Role == "" {
				t.domain = d
			}
		}
	case AtHost:
		t.host, err = t.World.host(index)
		t.base = t.host
	}
	if server, ok := t.World.Keys.(*client.KeyServer); ok {
		t.questions = server.Questions()
	}
	t.Watch("@")
	return err
}

func (t *Trial) end() {
	if t != nil {
		t.leave()
		t.takeDownKeys()
		t.World.Callback.Forget(t.token)
	}
}

// run judges, once it is clear that the target is one to judge.
func (t *Trial) run(cs *check.Case) {
	t.Case = cs
	// A body that fails leaves early.
	defer t.explain()
	t.applicable()
	if t.spec.Where != ReadOnly {
		t.clean()
	}
	t.spec.Body(t)
}

// Onboarded ends a case that cannot go on without a template which it said it
// has something to say about where the target does not have it.
func (t *Trial) Onboarded(service string) {
	if t.World.missing(service) {
		t.Lacking("template-missing", fmt.Sprintf("the target does not have the conformance template %s", service))
	}
}

// applicable ends the case where the target has not what it needs.
func (t *Trial) applicable() {
	for _, need := range t.spec.AllNeeds(t.World.Register) {
		claimed, said := t.World.Target.Claims[need]
		switch {
		case !said:
			t.Lacking("claim-missing", fmt.Sprintf("the target does not say whether it has %s: state it under claims", need))
		case !claimed:
			t.NotApplicable("not-claimed", fmt.Sprintf("the target does not claim %s", need))
		}
	}
	for _, need := range t.spec.Denies {
		claimed, said := t.World.Target.Claims[need]
		switch {
		case !said:
			t.Lacking("claim-missing", fmt.Sprintf("the target does not say whether it has %s: state it under claims", need))
		case claimed:
			t.NotApplicable("claimed", fmt.Sprintf("the target claims %s", need))
		}
	}
	for _, service := range t.spec.Templates {
		if _, ok := t.World.Templates[service]; !ok {
			t.Broken(fmt.Errorf("there is no conformance template %q", service))
		}
		if !slices.Contains(t.spec.Unonboarded, service) {
			t.Onboarded(service)
		}
	}
	switch {
	case t.spec.Seeds && !t.World.Seeder.Available():
		t.Lacking("no-seed", "the target has no hook that puts records into a zone: give hooks.seed or hooks.update")
	case t.spec.Keys && t.World.Keys == nil:
		t.Lacking("no-key-zone", "keys cannot be published during the run: give keyZone.listen or keyZone.update")
	case t.spec.Where == AtApex && !t.domain.Apex:
		t.Lacking("no-apex", "no domain of the target permits cases at its apex: set apex: true where one does")
	}
}

// Domain is the zone that the case works in, without a dot at the end.
func (t *Trial) Domain() string { return t.domain.Name }

// Place is the domain as target.yaml describes it.
func (t *Trial) Place() target.Domain { return t.domain }

// Host is the case's host parameter; "" at the apex.
func (t *Trial) Host() string { return t.host }

// Root is the full name that templates are applied at, without a dot at the
// end.
func (t *Trial) Root() string {
	if t.host == "" {
		return t.Domain()
	}
	return t.host + "." + t.Domain()
}

// Other is the name of a domain of another role; the case does not apply where
// the target has none.
func (t *Trial) Other(role string) target.Domain {
	d, ok := t.World.domain(role)
	switch {
	case ok:
	case role == "brand":
		// Most providers have one brand, and then nothing is owed.
		t.NotApplicable("no-brand-domain", "the target names no domain of another brand")
	default:
		t.Lacking("no-"+role+"-domain", fmt.Sprintf("the target names no domain of the role %s", role))
	}
	return d
}

// Has is a domain of another role, where the target has one.
func (t *Trial) Has(role string) (target.Domain, bool) { return t.World.domain(role) }

// Template is a conformance template by its service id.
func (t *Trial) Template(service string) fixtures.Conformance {
	c, ok := t.World.Templates[service]
	if !ok || !slices.Contains(t.spec.Templates, service) {
		t.Broken(fmt.Errorf("case %s applies the template %q without naming it among its templates", t.spec.Key, service))
	}
	return c
}

// expand replaces {domain}, {host} and {root}.
func (t *Trial) expand(s string) string {
	if !strings.Contains(s, "{") {
		return s // as nearly all are
	}
	return strings.NewReplacer("{domain}", t.Domain(), "{host}", t.host, "{root}", t.Root()).Replace(s)
}
