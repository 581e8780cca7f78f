package admin

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/store"
)

func (a *api) listFaults(*http.Request) (any, error) {
	all := []Fault{}
	for _, f := range fault.All() {
		all = append(all, Fault{f.Name, f.Sentence, f.Requirements})
	}
	return map[string][]Fault{"faults": all}, nil
}

// faultNames is the body of what lists or sets the faults of a tenant.
type faultNames struct {
	Faults []string `json:"faults"`
}

func (a *api) showFaults(t *store.Tenant, _ *http.Request) (any, error) {
	return faultNames{t.Misbehaviours()}, nil
}

func (a *api) putFaults(t *store.Tenant, r *http.Request) (any, error) {
	var body faultNames
	if err := read(r, &body); err != nil {
		return nil, err
	}
	a.switching.Lock()
	defer a.switching.Unlock()
	if err := fault.Switch(t, body.Faults...); err != nil {
		return nil, err
	}
	return faultNames{t.Misbehaviours()}, nil
}

func (a *api) putFault(t *store.Tenant, r *http.Request) (any, error) {
	a.switching.Lock()
	defer a.switching.Unlock()
	name := r.PathValue("fault")
	names := t.Misbehaviours()
	if !slices.Contains(names, name) {
		names = append(names, name)
	}
	if err := fault.Switch(t, names...); err != nil {
		return nil, err
	}
	return faultNames{t.Misbehaviours()}, nil
}

func (a *api) deleteFault(t *store.Tenant, r *http.Request) (any, error) {
	name := r.PathValue("fault")
	if _, err := findFault(name); err != nil {
		return nil, err
	}
	a.switching.Lock()
	defer a.switching.Unlock()
	names := slices.DeleteFunc(t.Misbehaviours(), func(n string) bool { return n == name })
	if err := fault.Switch(t, names...); err != nil {
		return nil, err
	}
	return faultNames{t.Misbehaviours()}, nil
}

func (a *api) showScript(t *store.Tenant, _ *http.Request) (any, error) {
	steps := []Waiting{}
	for _, s := range t.Steps() {
		steps = append(steps, waiting(s))
	}
	return map[string][]Waiting{"steps": steps}, nil
}

func (a *api) addStep(t *store.Tenant, r *http.Request) (any, error) {
	var s Step
	if err := read(r, &s); err != nil {
		return nil, err
	}
	step := store.Step{Kind: s.Kind, Match: s.Match, Left: max(s.Times, 0), Reaction: store.Reaction{
		Delay: time.Duration(s.Delay), Status: s.Status, Body: s.Body, Close: s.Close,
	}}
	if s.Times == 0 {
		step.Left = 1
	}
	if s.Rcode != "" {
		code, ok := dns.StringToRcode[strings.ToUpper(s.Rcode)]
		if !ok || code == dns.RcodeSuccess {
			return nil, fmt.Errorf("%q is no DNS response code that says no: SERVFAIL, REFUSED and NXDOMAIN are", s.Rcode)
		}
		step.Rcode = code
	}
	if s.Fault != "" {
		f, err := findFault(s.Fault)
		if err != nil {
			return nil, err
		}
		m := f.Misbehaviour()
		step.Fault = &m
	}
	added, err := t.AddStep(step)
	if err != nil {
		return nil, err
	}
	return created{waiting(added)}, nil
}

// waiting is a step as the API has it.
func waiting(s store.Step) Waiting {
	w := Waiting{ID: s.ID, Left: s.Left, Step: Step{
		Kind: s.Kind, Match: s.Match, Delay: Duration(s.Delay), Status: s.Status, Body: s.Body, Close: s.Close,
	}}
	if s.Rcode != 0 {
		w.Rcode = dns.RcodeToString[s.Rcode]
	}
	if s.Fault != nil {
		w.Fault = s.Fault.Name
	}
	return w
}

func (a *api) clearScript(t *store.Tenant, _ *http.Request) (any, error) {
	t.ClearSteps()
	return nil, nil
}

const (
	// maxWait bounds wait and timeout.
	maxWait = time.Minute
	// settleTime is the timeout when none is given.
	settleTime = 10 * time.Second
	// eventLimit is the limit when none is given, and maxEvents the highest.
	eventLimit = 1000
	maxEvents  = 10_000
)

// parameters reads a query string strictly.
type parameters struct {
	values url.Values
	err    error
}

func (p *parameters) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

func newParameters(r *http.Request, known ...string) *parameters {
	p := &parameters{values: r.URL.Query()}
	for name, values := range p.values {
		if !slices.Contains(known, name) {
			p.fail("the parameter %q is not known here: there are %s", name, strings.Join(known, ", "))
		} else if len(values) > 1 {
			p.fail("the parameter %q stands there twice", name)
		}
	}
	return p
}

func (p *parameters) number(name string, otherwise, least, most int) int {
	if !p.values.Has(name) {
		return otherwise
	}
	n, err := strconv.Atoi(p.values.Get(name))
	if err != nil || n < least || n > most {
		p.fail("the parameter %q is a number from %d to %d, not %q", name, least, most, p.values.Get(name))
	}
	return n
}

func (p *parameters) duration(name string, otherwise time.Duration) time.Duration {
	if !p.values.Has(name) {
		return otherwise
	}
	d, err := time.ParseDuration(p.values.Get(name))
	if err != nil || d < 0 || d > maxWait {
		p.fail("the parameter %q is a duration from 0s to %v, such as 500ms, not %q", name, maxWait, p.values.Get(name))
	}
	return d
}

// journal returns events from a number on. With wait, it holds an answer that
// would have none back until there is one, or the time is over.
func (a *api) journal(r *http.Request) (any, error) {
	p := newParameters(r, "since", "limit", "tenant", "kind", "wait")
	since, limit := p.number("since", 0, 0, math.MaxInt32), p.number("limit", eventLimit, 1, maxEvents)
	wait := p.duration("wait", 0)
	if p.err != nil {
		return nil, p.err
	}
	wanted := func(e store.Event) bool {
		tenant := p.values.Get("tenant")
		return (tenant == "" || tenant == e.Tenant || tenant == defaultTenant && e.Tenant == "") &&
			(!p.values.Has("kind") || p.values.Get("kind") == e.Kind)
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	for {
		page := a.page(since, limit, wanted)
		if len(page.Events) > 0 || a.Store.Journal().AwaitNumber(ctx, page.Next) != nil {
			return page, nil
		}
		since = page.Next
	}
}

// page is the part of the journal from an event on.
func (a *api) page(since, limit int, wanted func(store.Event) bool) Journal {
	journal := a.Store.Journal()
	events, next := journal.Since(since)
	page := Journal{Events: []Event{}, Next: next, Forgotten: journal.Forgotten()}
	for i, e := range events {
		if !wanted(e) {
			continue
		}
		number := next - len(events) + i
		if len(page.Events) == limit {
			page.Next = number
			break
		}
		page.Events = append(page.Events, eventOf(number, e))
	}
	return page
}

func eventOf(number int, e store.Event) Event {
	shown := Event{Number: number, Time: e.Time, Kind: e.Kind, Tenant: e.Tenant, Summary: e.Summary}
	if e.DNS.Name != "" {
		shown.DNS = &DNS{
			Network: e.DNS.Network, Client: e.DNS.Client.String(), Opcode: dns.OpcodeToString[e.DNS.Opcode],
			Name: e.DNS.Name, Type: dns.Type(e.DNS.Type).String(), Rcode: e.DNS.RcodeName(), Answers: e.DNS.Answers,
		}
	}
	return shown
}

// settled waits until nothing is in progress and, with quiet, nothing has
// happened for that long.
func (a *api) settled(r *http.Request) (any, error) {
	p := newParameters(r, "quiet", "timeout")
	quiet, timeout := p.duration("quiet", 0), p.duration("timeout", settleTime)
	if p.err != nil {
		return nil, p.err
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	journal := a.Store.Journal()
	if err := journal.Settled(ctx, quiet); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, problem(http.StatusGatewayTimeout, "after %v: %v", timeout, err)
		}
		return nil, problem(http.StatusServiceUnavailable, "%v", err)
	}
	_, next := journal.Since(math.MaxInt)
	return map[string]int{"next": next}, nil
}
