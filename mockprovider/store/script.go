package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// The kinds of requests that a step can wait for.
const (
	// RequestSettings is a call of the settings; its subject is the domain.
	RequestSettings = "settings"
	// RequestQuery is a template query; its subject is providerId/serviceId.
	RequestQuery = "query"
	// RequestApply is the start of an apply flow; its subject is
	// providerId/serviceId.
	RequestApply = "apply"
	// RequestAuthorize is the start of an asynchronous flow; its subject is the
	// providerId.
	RequestAuthorize = "authorize"
	// RequestToken is a call of the token end-point, without a subject.
	RequestToken = "token"
	// RequestCall is a call to apply or to revert a template; its subject is
	// providerId/serviceId/apply or providerId/serviceId/revert.
	RequestCall = "call"
	// RequestDNS is a DNS question about a zone of the tenant, zone transfers
	// included; its subject is the name without a dot at its end, a space,
	// and the type: "_domainconnect.example.com TXT".
	RequestDNS = "dns"
)

// RequestKinds are all kinds, in the order of a flow.
func RequestKinds() []string {
	return []string{RequestDNS, RequestSettings, RequestQuery, RequestApply, RequestAuthorize, RequestToken, RequestCall}
}

const (
	// MaxDelay is the longest delay of a step.
	MaxDelay = time.Minute
	// MaxSteps is how many steps may wait at one tenant.
	MaxSteps = 1000
	// maxStepTimes and maxStepBody bound one step.
	maxStepTimes = 1_000_000
	maxStepBody  = 64 << 10
)

// Step says what happens to the next requests of a kind. The steps of a tenant
// are its script: a request is met by the first step that fits it, which has
// one time less then, and is gone when it has none left.
type Step struct {
	// ID counts the steps of a tenant from 1, in the order in which they were
	// added.
	ID int
	// Kind is one of RequestKinds.
	Kind string
	// Match is a pattern for the subject of the request: * stands for any
	// text, ? for one character, and letter case does not count. "" fits all.
	Match string
	// Left is how many requests the step is still for.
	Left int
	Reaction
}

// Reaction is what happens to a request. A delay may come before any other;
// of the others a step has one, or none.
type Reaction struct {
	// Delay passes before the request is looked at, at most MaxDelay.
	Delay time.Duration
	// Status answers with this HTTP status, 200 to 599, and Body; nothing else
	// is done. 0 is no such answer.
	Status int
	Body   string
	// Rcode answers a DNS question with this response code and no data. 0 is
	// no such answer.
	Rcode int
	// Fault is set for this request alone; at the start of an apply flow, for
	// the whole flow.
	Fault *Misbehaviour
	// Close ends the connection without an answer; over UDP, where there is
	// none, there is no answer.
	Close bool
}

// String says what happens, as in "after 2s: status 503".
func (r Reaction) String() string {
	what := "answered as always"
	switch {
	case r.Status != 0:
		what = fmt.Sprintf("status %d", r.Status)
	case r.Rcode != 0:
		what = rcode(r.Rcode)
	case r.Fault != nil:
		what = "fault " + r.Fault.Name
	case r.Close:
		what = "connection closed"
	}
	if r.Delay > 0 {
		return fmt.Sprintf("after %v: %s", r.Delay, what)
	}
	return what
}

// check says what is wrong with a step that is to be added.
func (s Step) check() error {
	overDNS := s.Kind == RequestDNS
	ways := 0
	for _, set := range []bool{s.Status != 0, s.Rcode != 0, s.Fault != nil, s.Close} {
		if set {
			ways++
		}
	}
	switch {
	case !slices.Contains(RequestKinds(), s.Kind):
		return fmt.Errorf("unknown kind of request %q: the kinds are %s", s.Kind, strings.Join(RequestKinds(), ", "))
	case s.Left < 1 || s.Left > maxStepTimes:
		return fmt.Errorf("a step is for 1 to %d requests, not for %d", maxStepTimes, s.Left)
	case s.Delay < 0 || s.Delay > MaxDelay:
		return fmt.Errorf("a delay of %v: it is between 0 and %v", s.Delay, MaxDelay)
	case ways > 1:
		return errors.New("a step does one thing: a status, an rcode, a fault, or closing the connection; a delay may come before it")
	case ways == 0 && s.Delay == 0:
		return errors.New("the step does nothing: give it a delay, a status, an rcode, a fault, or let it close the connection")
	case s.Status != 0 && overDNS:
		return errors.New("a DNS answer has no HTTP status: give the step an rcode, such as SERVFAIL")
	case s.Rcode != 0 && !overDNS:
		return errors.New("only a DNS answer has an rcode: give the step a status, such as 503")
	case s.Rcode < 0 || s.Rcode > 0xfff:
		return fmt.Errorf("rcode %d: it is between 0 and 4095", s.Rcode)
	case s.Status != 0 && (s.Status < 200 || s.Status > 599):
		return fmt.Errorf("status %d: it is between 200 and 599", s.Status)
	case s.Body != "" && s.Status == 0:
		return errors.New("a body needs a status that it is sent with")
	case len(s.Body) > maxStepBody:
		return fmt.Errorf("a body of %d octets: at most %d", len(s.Body), maxStepBody)
	}
	return nil
}

// script is the steps of a tenant.
type script struct {
	mu     sync.Mutex
	steps  []Step
	added  int
	closed bool
}

// AddStep puts a step at the end of the tenant's script and returns it with
// its ID. The error says what is wrong with the step.
func (t *Tenant) AddStep(s Step) (Step, error) {
	if err := s.check(); err != nil {
		return Step{}, err
	}
	t.script.mu.Lock()
	defer t.script.mu.Unlock()
	switch {
	case t.script.closed:
		return Step{}, fmt.Errorf("tenant %q was removed: no step can be added to its script", t.name)
	case len(t.script.steps) >= MaxSteps:
		return Step{}, fmt.Errorf("%d steps wait already, which is as many as may: let requests come, or clear the script", MaxSteps)
	}
	t.script.added++
	s.ID = t.script.added
	t.script.steps = append(t.script.steps, s)
	t.store.scripted.Add(1)
	return s, nil
}

// Steps returns what is left of the tenant's script, in order.
func (t *Tenant) Steps() []Step {
	t.script.mu.Lock()
	defer t.script.mu.Unlock()
	return slices.Clone(t.script.steps)
}

// ClearSteps takes all steps out of the tenant's script.
func (t *Tenant) ClearSteps() { t.dropSteps(false) }

func (t *Tenant) dropSteps(forGood bool) {
	t.script.mu.Lock()
	defer t.script.mu.Unlock()
	t.store.scripted.Add(-int64(len(t.script.steps)))
	t.script.steps = nil
	t.script.closed = t.script.closed || forGood
}

// Scripted reports whether any tenant has a step left. It spares those who
// answer many requests a closer look.
func (s *Store) Scripted() bool { return s.scripted.Load() > 0 }

// NextStep takes one time off the first step that fits a request, and enters
// that in the journal. It returns the reaction, and false when no step fits.
// The subject is that of the kind.
func (t *Tenant) NextStep(kind, subject string) (Reaction, bool) {
	if !t.store.Scripted() {
		return Reaction{}, false
	}
	t.script.mu.Lock()
	defer t.script.mu.Unlock()
	at := slices.IndexFunc(t.script.steps, func(s Step) bool { return s.Kind == kind && fits(s.Match, subject) })
	if at < 0 {
		return Reaction{}, false
	}
	step := &t.script.steps[at]
	step.Left--
	reaction := step.Reaction
	t.store.journal.Add(Event{Kind: KindScript, Tenant: t.name, Summary: fmt.Sprintf("%s %s: step %d, %s (%d left)",
		kind, subject, step.ID, reaction, step.Left)})
	if step.Left == 0 {
		t.script.steps = slices.Delete(t.script.steps, at, at+1)
		t.store.scripted.Add(-1)
	}
	return reaction, true
}

// DNSSubject is the subject of a question.
func DNSSubject(q dns.Question) string {
	name := strings.TrimSuffix(q.Name, ".")
	if name == "" {
		name = "."
	}
	return name + " " + dns.Type(q.Qtype).String()
}

// fits reports whether a pattern covers a subject.
func fits(pattern, subject string) bool {
	p, s := strings.ToLower(pattern), strings.ToLower(subject)
	if p == "" {
		return true
	}
	// star is where the last * stands, and taken what it covers so far.
	at, star, taken := 0, -1, 0
	for i := 0; i < len(s); {
		switch {
		case at < len(p) && p[at] == '*':
			star, taken = at, i
			at++
		case at < len(p) && (p[at] == '?' || p[at] == s[i]):
			at++
			i++
		case star >= 0:
			taken++
			at, i = star+1, taken
		default:
			return false
		}
	}
	return strings.Trim(p[at:], "*") == ""
}
