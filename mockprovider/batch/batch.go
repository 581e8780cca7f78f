// Package batch answers planning questions: what would applying this template
// to this zone do? A question is a Case, an answer an Answer; Run reads and
// writes them as JSON Lines, so that a DNS provider in any language can hold
// its own engine against the protocol core.
package batch

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/instance"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Case is one question.
type Case struct {
	// ID is any JSON value; the answer repeats it.
	ID json.RawMessage
	// Template is the template as JSON text.
	Template []byte
	// File names the template in messages; empty is "template".
	File string
	// Zone is the zone before, in presentation format; ZoneFile names it in
	// messages.
	Zone, ZoneFile string
	// Domain is the zone's apex, Host the sub-domain; an empty host is the apex.
	Domain, Host string
	// Groups is the groupId list; nil means that the parameter is absent.
	Groups []string
	// Variables are the values, decoded.
	Variables map[string]string
	// Rules are edition and state; the zero value is ietf-05, stateless.
	Rules dc.Rules
	// Instances are the templates applied before, InstanceID names the one that
	// is applied or reverted; both are for a provider with state.
	Instances  []zone.Instance
	InstanceID string
	// Revert takes the template out of the zone again instead of applying it. Of
	// the template nothing but its ids is looked at.
	Revert bool
}

// Answer is what applying the template does. In JSON a good answer has all five
// lists, empty ones too, and a bad one has none.
type Answer struct {
	ID json.RawMessage `json:"id,omitempty"`
	OK bool            `json:"ok"`
	// Add, Remove and Zone are DNS records in presentation format, sorted by
	// owner, type and data, names in lower case. Zone is the zone afterwards.
	// A record that only gets another TTL stands in Zone alone.
	Add    []string `json:"add,omitzero"`
	Remove []string `json:"remove,omitzero"`
	Zone   []string `json:"zone,omitzero"`
	// Pseudo are the records of the zone afterwards that are no DNS types.
	Pseudo []Pseudo `json:"pseudo,omitzero"`
	// Conflicts are the existing records that the template pushes out. They
	// are removed in Zone: it is the state after the user has agreed.
	Conflicts []Conflict `json:"conflicts,omitzero"`
	// Warnings are sentences for the person who consents.
	Warnings []string `json:"warnings,omitempty"`
	// Instances are all applied templates afterwards, Removed those that go. An
	// answer without state has neither.
	Instances []instance.Instance `json:"instances,omitzero"`
	Removed   []RemovedInstance   `json:"removedInstances,omitzero"`
	// Error is set when OK is not.
	Error *Error `json:"error,omitempty"`
}

// Pseudo is an APEXCNAME, REDIR301 or REDIR302.
type Pseudo struct {
	Type string `json:"type"`
	// Host is relative to the domain, @ for the apex.
	Host string `json:"host"`
	// Target is the name in lower case, or the URL with its case kept.
	Target string `json:"target"`
}

// Conflict is an existing record that conflicts.
type Conflict struct {
	Type string `json:"type"`
	// Host is relative to the domain, @ for the apex.
	Host string `json:"host"`
	Data string `json:"data"`
	// Reason is one word of package zone.
	Reason string `json:"reason"`
}

// Error says why there is no plan.
type Error struct {
	// Class is one of the classes of package dc.
	Class dc.ErrorClass `json:"class"`
	// Message is for a person.
	Message string `json:"message"`
	// Line is the input line of a question that could not be read, else 0.
	Line int `json:"line,omitempty"`
}

// Plan is the answer to one question in terms of the core, for callers that
// look at records and not at text.
type Plan struct {
	Before, After *zone.Zone
	Change        zone.Change
	Conflicts     []zone.Conflict
}

// Work answers one question in terms of the core. The error is a *dc.Error;
// problems of the template file make one of class dc.ErrTemplate that wraps
// nothing, with all of them in its message.
func Work(c Case) (Plan, error) {
	origin, err := resolve.FQDN(c.Domain, "")
	if err != nil {
		return Plan{}, err
	}
	file := c.File
	if file == "" {
		file = "template"
	}
	template, err := dc.Parse(file, c.Template)
	if err != nil {
		return Plan{}, &dc.Error{Class: dc.ErrTemplate, Record: -1, Message: err.Error()}
	}
	before, err := zone.Parse(origin, strings.NewReader(c.Zone), c.ZoneFile)
	if err != nil {
		return Plan{}, err
	}
	state, err := c.state(template, origin)
	if err != nil {
		return Plan{}, err
	}
	if c.Revert {
		change, err := zone.Revert(before, state.Instances, state.By.Identity)
		return planned(before, change, nil, err)
	}
	request := resolve.Request{Domain: c.Domain, Host: c.Host, Groups: c.Groups, Variables: c.Variables}
	records, err := resolve.Resolve(template, request, c.Rules)
	if err != nil {
		return Plan{}, err
	}
	change, conflicts, err := zone.Plan(before, records, state, c.Rules)
	return planned(before, change, conflicts, err)
}

// planned applies a change.
func planned(before *zone.Zone, change zone.Change, conflicts []zone.Conflict, err error) (Plan, error) {
	if err != nil {
		return Plan{}, err
	}
	after, err := change.Apply(before)
	if err != nil {
		return Plan{}, err
	}
	return Plan{Before: before, After: after, Change: change, Conflicts: conflicts}, nil
}

// Decide answers one question.
func Decide(c Case) Answer {
	plan, err := Work(c)
	if err != nil {
		return Answer{ID: c.ID, Error: describe(err)}
	}
	a := Answer{ID: c.ID, OK: true, Conflicts: []Conflict{}, Warnings: plan.Change.Warnings}
	a.Add, _ = split(plan.Change.Add, "")
	a.Remove, _ = split(plan.Change.Remove, "")
	a.Zone, a.Pseudo = split(slices.Collect(plan.After.Records()), plan.After.Origin())
	if c.Rules.Stateful {
		a.Instances, a.Removed = instancesOf(plan.Change.Instances), removedOf(plan.Change.InstancesRemoved)
	}
	for _, conflict := range plan.Conflicts {
		r := conflict.Record
		a.Conflicts = append(a.Conflicts, Conflict{
			Type: r.Type, Host: relative(r.Owner, plan.After.Origin()), Data: lowerNames(r).Data, Reason: string(conflict.Reason)})
	}
	return a
}

// describe finds the class of an error.
func describe(err error) *Error {
	if refused, ok := errors.AsType[*dc.Error](err); ok {
		return &Error{Class: refused.Class, Message: err.Error()}
	}
	return &Error{Class: dc.ErrInput, Message: err.Error()}
}

// split sorts records into text and pseudo-records.
func split(records []zone.Record, origin string) (text []string, pseudo []Pseudo) {
	text, pseudo = []string{}, []Pseudo{}
	records = slices.Clone(records)
	for i := range records {
		records[i] = lowerNames(records[i])
	}
	slices.SortFunc(records, func(a, b zone.Record) int {
		return compareFields(a.Owner, b.Owner, a.Type, b.Type, a.Data, b.Data)
	})
	for _, r := range records {
		switch r.Type {
		case dc.TypeAPEXCNAME, dc.TypeREDIR301, dc.TypeREDIR302:
			pseudo = append(pseudo, Pseudo{Type: r.Type, Host: relative(r.Owner, origin), Target: r.Data})
		default:
			text = append(text, r.String())
		}
	}
	return text, pseudo
}

// compareFields compares pairs in turn.
func compareFields(pairs ...string) int {
	for i := 0; i < len(pairs); i += 2 {
		if order := strings.Compare(pairs[i], pairs[i+1]); order != 0 {
			return order
		}
	}
	return 0
}

// lowerNames puts the names in the data of a record into lower case, for the
// types whose data is nothing but names and numbers (RFC 4034 section 6.2
// names them). Others may hold text, whose case counts.
func lowerNames(r zone.Record) zone.Record {
	switch r.Type {
	case "CNAME", "NS", "MX", "SRV", "SOA", "PTR", "DNAME", "AFSDB", "RP", "RT", "KX", "PX", dc.TypeAPEXCNAME:
		r.Data = strings.ToLower(r.Data)
	}
	return r
}

// relative is an owner below the origin, @ for the origin itself.
func relative(owner, origin string) string {
	if owner == origin {
		return "@"
	}
	return strings.TrimSuffix(owner, "."+origin)
}

// errInput makes an error about the question itself.
func errInput(format string, args ...any) error {
	return &dc.Error{Class: dc.ErrInput, Record: -1, Message: fmt.Sprintf(format, args...)}
}
